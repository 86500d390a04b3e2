"""A site with python-social-auth: its generic OpenID Connect backend, unmodified.

Around it stand a strategy and a storage in memory, which every framework must bring.
"""

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of what it imports for OpenID 2.0
    from social_core.backends.open_id_connect import OpenIdConnectAuth
    from social_core.storage import AssociationMixin, BaseStorage, NonceMixin
    from social_core.strategy import BaseStrategy

PIPELINE = ("social_details", "social_uid", "auth_allowed")


class Nonces(NonceMixin):
    """States that were given out and have not come back."""

    kept: ClassVar[set[tuple[str, int, str]]] = set()

    @classmethod
    def use(cls, server_url: str, timestamp: int, salt: str) -> bool:
        """Keep one."""
        cls.kept.add((server_url, timestamp, salt))
        return True

    @classmethod
    def consume(cls, server_url: str, timestamp: int, salt: str) -> bool:
        """Take one back, once."""
        fits = (server_url, timestamp, salt) in cls.kept
        cls.kept.discard((server_url, timestamp, salt))
        return fits


@dataclass
class Association(AssociationMixin):
    """A nonce of the ID token, as the backend keeps it."""

    id: int
    server_url: str
    handle: str
    issued: int
    lifetime: int
    assoc_type: str

    kept: ClassVar[dict[int, "Association"]] = {}

    @classmethod
    def store(cls, server_url: str, association: Any) -> None:
        """Keep one."""
        key = time.monotonic_ns()
        facts = {name: getattr(association, name) for name in ("handle", "issued", "lifetime", "assoc_type")}
        cls.kept[key] = cls(key, server_url, **facts)

    @classmethod
    def get(cls, server_url: str | None = None, handle: str | None = None) -> list["Association"]:
        """Find what fits."""
        return [one for one in cls.kept.values() if (one.server_url, one.handle) == (server_url, handle)]

    @classmethod
    def remove(cls, ids_to_delete: list[int]) -> None:
        """Forget."""
        for key in ids_to_delete:
            del cls.kept[key]


class Storage(BaseStorage):
    """What the backend needs to keep between request and answer."""

    nonce = Nonces
    association = Association  # type: ignore[assignment]  # a data class; the library calls three of its methods


class Site(BaseStrategy[str]):
    """One visitor of the site: its session is a dictionary, its request the query that came last."""

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(Storage)
        steps = [f"social_core.pipeline.social_auth.{step}" for step in PIPELINE]
        self.settings = {"SOCIAL_AUTH_OIDC_PIPELINE": [*steps, f"{__name__}.remember"], **settings}
        self.session: dict[str, Any] = {}
        self.query: dict[str, str] = {}

    def start(self, callback: str) -> str:
        """Give the authorization URL."""
        return OpenIdConnectAuth(self, redirect_uri=callback).start()

    def complete(self, address: str) -> Any:
        """Take the answer and return the user."""
        self.query = dict(parse_qsl(urlsplit(address).query))
        return OpenIdConnectAuth(self, redirect_uri=address.partition("?")[0]).complete()

    def redirect(self, url: str) -> str:
        """Send the browser there."""
        return url

    def get_setting(self, name: str) -> object:
        """Look a setting up."""
        return self.settings[name]

    def get_request_data(self, merge: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002  # the library's
        """Give the query."""
        return self.query

    def build_absolute_uri(self, path: str | None = None) -> str:
        """Give the address itself, which is absolute."""
        return path or ""

    def session_get(self, name: str, default: object = None) -> Any:
        """Read the session."""
        return self.session.get(name, default)

    def session_set(self, name: str, value: object) -> None:
        """Write the session."""
        self.session[name] = value

    def session_pop(self, name: str) -> Any:
        """Take from the session."""
        return self.session.pop(name, None)


def remember(backend: OpenIdConnectAuth[str], uid: str, details: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """Last step of the pipeline: the user as the site knows her, with what ID token and UserInfo said."""
    user = SimpleNamespace(id=uid, details=details, claims=backend.id_token, userinfo=rest["response"])
    return {"user": user}
