"""What this site is told from outside, and the headers that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_SCOPE = "openid profile inservice_school_code inservice_school_name inservice_title_name"
DEFAULT_SITE_URL = "http://127.0.0.1:8001"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the provider gave this site at registration, and where the site is."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    site_url: str
    scope: str

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the environment; ValueError or OSError says what is wrong with it."""
        secret = environ.get("OIDC_CLIENT_SECRET", "")
        if not secret and environ.get("OIDC_CLIENT_SECRET_FILE"):
            secret = Path(environ["OIDC_CLIENT_SECRET_FILE"]).read_text(encoding="utf-8").strip()
        given = {name: environ.get(name, "") for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID")}
        if missing := [name for name, value in {**given, "OIDC_CLIENT_SECRET": secret}.items() if not value]:
            raise ValueError(f"not set: {', '.join(missing)}")
        scope = environ.get("OIDC_SCOPE") or DEFAULT_SCOPE
        if "openid" not in scope.split():
            raise ValueError("OIDC_SCOPE must contain openid")
        site_url = environ.get("SITE_URL", "").rstrip("/") or DEFAULT_SITE_URL
        if origin_of(site_url) != site_url:
            raise ValueError("SITE_URL must be scheme, host and port only")
        origin_of(given["OIDC_ISSUER"])
        return cls(given["OIDC_ISSUER"], given["OIDC_CLIENT_ID"], secret, site_url, scope)


def origin_of(url: str) -> str:
    """Return scheme, host and port of a web address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"not a web address: {url!r}")
    return f"{parts.scheme}://{parts.netloc}"


def security_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every page. Forms may lead to the provider: browsers apply form-action to redirects too."""
    policy = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "form-action": f"'self' {origin_of(settings.issuer)}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.site_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers
