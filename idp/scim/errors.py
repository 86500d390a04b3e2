"""SCIM error messages (RFC 7644 §3.12): short, in our own words, never the text of an accident."""

import json
from http import HTTPStatus

from flask import Response
from werkzeug.exceptions import HTTPException

MEDIA_TYPE = "application/scim+json"
ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"


def answer(body: object, status: int = 200) -> Response:
    """Return a SCIM message."""
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype=MEDIA_TYPE)


def message(status: int, detail: str, scim_type: str | None = None) -> dict[str, object]:
    """Return the body of an error."""
    named = {"scimType": scim_type} if scim_type else {}
    return {"schemas": [ERROR_URN], "status": str(status), **named, "detail": detail}


def http_error(error: HTTPException) -> Response:
    """Word an error of routing, of the limits in ``idp.http``, or of ours that nobody expected."""
    status = error.code or 500
    response = answer(message(status, HTTPStatus(status).phrase), status)
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(allowed)
    return response
