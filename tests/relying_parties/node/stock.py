"""Drive `sign_in.mjs` from a test."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
SECONDS = 30


def installed() -> bool:
    """Whether `npm ci` has run in this folder."""
    return (FOLDER / "node_modules" / "openid-client").is_dir()


def sign_in(request: Mapping[str, Any], browse: Callable[[str], str]) -> dict[str, Any]:
    """Let the relying party sign in; `browse` takes the authorization URL and gives the callback's."""
    command = ["node", "sign_in.mjs"]
    with subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError
        try:
            process.stdin.write(f"{json.dumps(request)}\n")
            process.stdin.flush()
            first: dict[str, Any] = json.loads(process.stdout.readline() or '{"error": "no answer"}')
            if "authorization_url" not in first:
                return first
            output, complaints = process.communicate(f"{browse(first['authorization_url'])}\n", timeout=SECONDS)
        finally:
            process.kill()
    if complaints:
        raise RuntimeError(complaints)
    last: dict[str, Any] = json.loads(output)
    return last
