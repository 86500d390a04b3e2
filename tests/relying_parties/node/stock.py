"""Drive the relying parties of this folder from a test; how they talk is written in `talk.mjs`."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
SECONDS = 30
OPENID_CLIENT_6, OPENID_CLIENT_5, OAUTH4WEBAPI = "openid_client_6", "openid_client_5", "oauth4webapi"
LIBRARIES = (OPENID_CLIENT_6, OPENID_CLIENT_5, OAUTH4WEBAPI)


def installed() -> bool:
    """Whether `npm ci` has run in this folder since its packages were chosen."""
    wanted = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return all((FOLDER / "node_modules" / name).is_dir() for name in wanted)


def sign_in(
    request: Mapping[str, Any], browse: Callable[[str], str], relying_party: str = OPENID_CLIENT_6
) -> dict[str, Any]:
    """Let the relying party sign in; `browse` takes the authorization URL and gives the callback's."""
    command = ["node", f"{relying_party}.mjs"]
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
