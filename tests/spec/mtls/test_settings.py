"""The settings about client certificates, and the options of ``idp serve``."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import SettingsError, load_settings
from idp.cli import main
from tests.support.demo import run_idp
from tests.support.postgres import free_port
from tests.support.tls import Authority, Issued

pytestmark = pytest.mark.no_database


def faults(name: str, value: object) -> list[str]:
    """Return the faults of settings with this one."""
    try:
        load_settings(env="development", **{name: value})
    except SettingsError as error:
        return error.faults
    return []


@pytest.mark.parametrize(
    "url",
    [
        *("", "idp.example", "http://idp.example:8443", "https://", "https://idp.example/", "https://idp.example/a"),
        *("https://u@idp.example", "https://idp.example?a", "https://idp.example:x", "https://idp.example:0"),
        "https://[::1",
    ],
)
def test_the_base_url_is_an_https_origin(url: str) -> None:
    """There is no client certificate without TLS, on development machines neither."""
    (fault,) = faults("mtls_base_url", url)
    assert fault.startswith("ROAMING_MTLS_BASE_URL: https, host and port are needed")


def test_good_ones_are_taken() -> None:
    """With and without a port, and none at all."""
    for url in ("https://idp.example", "https://idp.example:8443", "https://[::1]:8443", None):
        assert faults("mtls_base_url", url) == []


def test_the_secret_is_long() -> None:
    """32 characters of ASCII or more, from a file as well; the fault does not repeat it."""
    for secret in ("", "s" * 31, "字" * 40):
        (fault,) = faults("mtls_proxy_secret", secret)
        assert fault == "ROAMING_MTLS_PROXY_SECRET: at least 32 characters of random ASCII text are needed"
    assert faults("mtls_proxy_secret", "s" * 32) == []


def test_the_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every secret."""
    (tmp_path / "secret").write_text("f" * 40 + "\n")
    monkeypatch.setenv("ROAMING_MTLS_PROXY_SECRET_FILE", str(tmp_path / "secret"))
    secret = load_settings(env="development").mtls_proxy_secret
    assert secret is not None
    assert secret.get_secret_value() == "f" * 40


def test_the_bundle_holds_certificates(tmp_path: Path, authority: Authority) -> None:
    """It is read at boot, so that no sign-in finds out."""
    for name, content in (("empty", b""), ("text", b"certificates"), ("broken", authority.own.pem[:-50])):
        (tmp_path / name).write_bytes(content)
        (fault,) = faults("mtls_ca_file", tmp_path / name)
        assert fault.startswith("ROAMING_MTLS_CA_FILE: no certificates in PEM")
    (fault,) = faults("mtls_ca_file", tmp_path / "absent")
    assert fault.startswith("ROAMING_MTLS_CA_FILE: No such file")
    (tmp_path / "good").write_bytes(authority.own.pem * 2)
    assert faults("mtls_ca_file", tmp_path / "good") == []


def test_the_header_is_one_of_two() -> None:
    """Exactly as they are called."""
    assert faults("mtls_proxy_header", "X-SSL-Client-Cert") == []
    assert len(faults("mtls_proxy_header", "X-Client-Cert")) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mtls-port", "8443"], "--mtls-port needs --certfile and --keyfile"),
        (["--plain-http"], "--plain-http goes with --mtls-port"),
        (["--certfile", "{file}"], "--certfile and --keyfile belong together"),
        (["--mtls-port", "0"], "--mtls-port"),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, options: list[str], said: str) -> None:
    """Usage errors, exit code 2."""
    file = tmp_path / "file"
    file.touch()
    done = CliRunner().invoke(main, ["serve", *(option.format(file=file) for option in options)])
    assert done.exit_code == 2
    assert said in done.output


def test_what_could_not_work_is_refused(tmp_path: Path, own: Issued, authority: Authority) -> None:
    """Two secrets, a port that is taken, a key of another certificate: one line each, exit code 1."""
    environment = {"PORT": str(free_port()), "VAR_DIR": str(tmp_path)}
    assert run_idp(environment, "db", "upgrade").returncode == 0
    cert, key = (str(path) for path in own.files(tmp_path, "server"))
    other = str(authority.own.files(tmp_path, "other")[1])
    for port, keyfile, more, said in (
        (str(free_port()), key, {"ROAMING_MTLS_PROXY_SECRET": "s" * 32}, "the listener has a secret of its own"),
        (environment["PORT"], key, {}, "choose another by --mtls-port"),
        (str(free_port()), other, {}, "no certificate in PEM with its key"),
    ):
        options = ("--mtls-port", port, "--certfile", cert, "--keyfile", keyfile)
        done = run_idp(environment | more, "serve", *options)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert said in done.stderr
