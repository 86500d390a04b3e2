"""A site with Django and mozilla-django-oidc, configured as the manual says; started as a script by the test.

Of the library's own class only what the manual asks for is replaced: users are known by ``sub``, for there is no email.
"""

import os
import sys
from socketserver import TCPServer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from django.conf import settings

ISSUER, PORT = os.environ["OIDC_ISSUER"], int(os.environ["SITE_PORT"])
settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    AUTHENTICATION_BACKENDS=[f"{__name__}.Teachers"],
    SESSION_COOKIE_NAME="django_site",  # browsers share cookies between the ports of a host
    LOGIN_REDIRECT_URL="/",
    LOGIN_REDIRECT_URL_FAILURE="/?failed",
    OIDC_OP_AUTHORIZATION_ENDPOINT=f"{ISSUER}/oidc/authorize",
    OIDC_OP_TOKEN_ENDPOINT=f"{ISSUER}/oidc/token",
    OIDC_OP_USER_ENDPOINT=f"{ISSUER}/oidc/userinfo",
    OIDC_OP_JWKS_ENDPOINT=f"{ISSUER}/oidc/jwks",
    OIDC_RP_CLIENT_ID=os.environ["OIDC_CLIENT_ID"],
    OIDC_RP_CLIENT_SECRET=os.environ["OIDC_CLIENT_SECRET"],
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_RP_SCOPES="openid profile inservice_school_code",
    OIDC_USE_PKCE=True,
    OIDC_USERNAME_ALGO=f"{__name__}.username",
)
django.setup()

# Django must be set up before these; neither it nor the library comes with types.
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from mozilla_django_oidc.auth import OIDCAuthenticationBackend  # noqa: E402


def username(_email: str | None, claims: dict[str, str]) -> str:
    """A user is called by her identifier."""
    return claims["sub"]


class Teachers(OIDCAuthenticationBackend):  # type: ignore[misc]  # of no type
    """Finds her by her identifier, and notes her name each time."""

    def filter_users_by_claims(self, claims: dict[str, str]) -> Any:
        """Find her."""
        return self.UserModel.objects.filter(username=claims["sub"])

    def create_user(self, claims: dict[str, str]) -> Any:
        """Make her known."""
        return self.update_user(super().create_user(claims), claims)

    def update_user(self, user: Any, claims: dict[str, str]) -> Any:
        """Note her name."""
        user.first_name = claims["name"]
        user.save()
        return user


def home(request: HttpRequest) -> JsonResponse:
    """Say who is signed in."""
    user = request.user
    known = {"id": user.pk, "username": user.username, "name": user.first_name} if user.is_authenticated else None
    return JsonResponse({"user": known, "failed": "failed" in request.GET})


urlpatterns = [path("", home), path("oidc/", include("mozilla_django_oidc.urls"))]


class Quiet(WSGIRequestHandler):
    """Says nothing: addresses hold codes."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by the library
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    sys.modules["django_site"] = sys.modules[__name__]
    call_command("migrate", verbosity=0)
    TCPServer.allow_reuse_address = True
    with WSGIServer(("127.0.0.1", PORT), Quiet) as server:
        server.set_app(get_wsgi_application())
        server.serve_forever()


if __name__ == "__main__":
    main()
