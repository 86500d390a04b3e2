"""Logs as JSON lines with a request id. They name ids, never values.

Authlib's debug lines, which print tokens, are off.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import has_request_context, request

_SECRET = re.compile(
    r"(?i)\b(password|client_secret|code|access_token|refresh_token|id_token|code_verifier|authorization|cookie)"
    r"([\"']?\s*[=:]\s*[\"']?(?:(?:bearer|basic)\s+)?)([^\s&\"',}]+)"
)
# PostgreSQL shows the values of the row that it refuses; a value may have lines of its own.
_ROW = re.compile(r"(?ms)^(DETAIL:).*?(?=^(?:HINT:|CONTEXT:|\[SQL: |The above exception )|\Z)")


def redact(text: str) -> str:
    """Blank what looks like a secret or a row of the database; the last net, not a licence to log one."""
    return _ROW.sub(r"\1 [redacted]\n", _SECRET.sub(r"\1\2[redacted]", text))


def _redact_all(value: object) -> object:
    """Blank the texts in a field, however deep they lie."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _redact_all(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_all(part) for part in value]
    return value


class JsonFormatter(logging.Formatter):
    """One JSON object a line: UTC time, level, logger, message, request id, and what ``extra={"fields": …}`` gives."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if has_request_context():
            line |= {
                "request_id": request.environ.get("roaming.request_id"),
                "method": request.method,
                "path": request.path,
            }
        for name, value in getattr(record, "fields", {}).items():
            line[name] = _redact_all(value)
        if record.exc_info:
            line["exception"] = redact("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(line, ensure_ascii=False, default=str)


def init_logs() -> None:
    """Send everything to standard error as JSON lines; safe to call again."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JsonFormatter) for handler in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        root.addHandler(handler)
        root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # else each command tells which database it found
    logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it prints whole token responses
