"""The WSGI application that Granian loads."""

from idp.app import create_app

app = create_app()
