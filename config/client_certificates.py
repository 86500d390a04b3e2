"""Rules for the settings about client certificates (RFC 8705). Pure apart from reading the named file."""

from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from pydantic import SecretStr

SECRET_MIN = 32
Given = str | Path | SecretStr | None


def fault(given: Given) -> str | None:
    """Say what is wrong with a setting, None if nothing is."""
    if given is None:
        return None
    if isinstance(given, SecretStr):
        is_long = len(given.get_secret_value()) >= SECRET_MIN and given.get_secret_value().isascii()
        return None if is_long else f"at least {SECRET_MIN} characters of random ASCII text are needed"
    if isinstance(given, Path):
        return _ca_fault(given)
    return _url_fault(given)


def _url_fault(url: str) -> str | None:
    """Say what is wrong with a base URL: https always, as there is no client certificate without TLS."""
    try:
        parts = urlsplit(url)
        is_origin = bool(parts.hostname) and parts.port != 0 and url == f"https://{parts.netloc}" and "@" not in url
    except ValueError:
        is_origin = False
    return None if is_origin else "https, host and port are needed, such as https://idp.example:8443"


def _ca_fault(path: Path) -> str | None:
    """Say what is wrong with a bundle of authorities."""
    try:
        x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        return f"{error.strerror}: {path}"
    except ValueError:
        return f"no certificates in PEM: {path}"
    return None
