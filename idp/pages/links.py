"""Where a page may lead: only to places on this site."""

from urllib.parse import urlsplit

from flask import url_for

from config.settings import settings


def local_path(target: str | None, default: str) -> str:
    """Return ``target`` if it is a path on this site, else ``default``; no open redirect."""
    if (
        not target
        or not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
        or not target.isprintable()
    ):
        return default
    url = urlsplit(target)
    return default if url.scheme or url.netloc else target


def external(endpoint: str, **values: str) -> str:
    """Return a page's whole address, for mail; the issuer is a setting, whatever the request said."""
    return settings().issuer + url_for(endpoint, **values)  # type: ignore[arg-type]  # only texts


def verify_link(token: str) -> str:
    """Return the address of the page that confirms an e-mail address."""
    return external("recovery.verify", t=token)
