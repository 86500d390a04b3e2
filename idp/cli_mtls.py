"""The options of ``idp serve`` for client certificates, judged before anything starts."""

from pathlib import Path

import click
from OpenSSL import SSL

from config.settings import Settings
from idp.mtls.beside import Place
from idp.mtls.tls import server_context
from idp.running import Refused
from idp.serving import is_free


def mtls_place(port: int | None, certfile: Path | None, keyfile: Path | None, *, is_plain: bool) -> Place | None:
    """Return where to ask for client certificates, None if nowhere."""
    if (certfile is None) != (keyfile is None):
        raise click.UsageError("--certfile and --keyfile belong together")
    if port is None:
        if is_plain:
            raise click.UsageError("--plain-http goes with --mtls-port")
        return None
    if certfile is None or keyfile is None:
        raise click.UsageError("--mtls-port needs --certfile and --keyfile")
    return Place(port, certfile, keyfile, is_plain)


def check_mtls(rules: Settings, place: Place) -> None:
    """Refuse what could not work: one of us ends the TLS of partners, the listener or a proxy."""
    if rules.mtls_proxy_secret is not None:
        raise Refused("--mtls-port or ROAMING_MTLS_PROXY_SECRET: the listener has a secret of its own")
    if place.port == rules.port or not is_free(rules.host, place.port):
        raise Refused(f"port {place.port} of {rules.host} is taken or not ours; choose another by --mtls-port")
    try:
        server_context(place.certfile, place.keyfile)
    except SSL.Error as error:
        raise Refused("--certfile and --keyfile are no certificate in PEM with its key") from error
