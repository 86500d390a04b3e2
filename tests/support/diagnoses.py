"""What was kept for partners' engineers, as tests read it."""

from flask import Flask
from sqlalchemy import select

from clients.diagnoses import ClientDiagnosis
from config.database import db


def kept(app: Flask, client_id: str | None = None) -> list[ClientDiagnosis]:
    """Return the diagnoses of a client, or of all, oldest first."""
    query = select(ClientDiagnosis).order_by(ClientDiagnosis.id)
    if client_id is not None:
        query = query.where(ClientDiagnosis.client_id == client_id)
    with app.app_context(), db.session.begin():
        return list(db.session.scalars(query))


def codes(app: Flask, client_id: str | None = None) -> list[str]:
    """Return their codes."""
    return [one.code for one in kept(app, client_id)]
