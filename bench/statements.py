"""Count the statements of each operation, in this process and on the same database."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import event

from bench.partner import Partner
from config.database import close_connections
from config.settings import load_settings
from idp.app import create_app


def statements_of(url: str, folder: Path, demo: dict[str, Any], cookies: dict[str, str]) -> dict[str, str]:
    """Return reads and writes per operation for the teacher whose cookies these are."""
    issuer = demo["issuer"]
    app = create_app(load_settings(env="development", issuer=issuer, database_url=url, var_dir=folder))
    seen: list[str] = []
    found: dict[str, str] = {}
    partner = Partner("", 0, demo["clients"][0])
    browser, back_channel = app.test_client(), app.test_client(use_cookies=False)
    for name, value in cookies.items():
        browser.set_cookie(name, value, domain=urlsplit(issuer).hostname or "")

    def note(name: str) -> None:
        reads = seen.count("SELECT")
        found[name] = f"{reads} + {len(seen) - reads}"
        seen.clear()

    for _ in range(2):  # the first round fills the snapshots
        answer = browser.get(partner.authorization_path(), base_url=issuer)
        if not found:
            with app.app_context():
                event.listen(
                    app.extensions["hot_engine"],
                    "before_cursor_execute",
                    lambda *facts: seen.append(facts[2].split()[0]),
                )
        note("authorize")
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        body = {"grant_type": "authorization_code", "code": code, "code_verifier": partner.verifier}
        body["redirect_uri"] = demo["clients"][0]["redirect_uris"][0]
        token = back_channel.post("/oidc/token", data=body, headers=partner.basic, base_url=issuer).get_json()
        note("token")
        header = {"Authorization": f"Bearer {token['access_token']}"}
        back_channel.get("/oidc/userinfo", headers=header, base_url=issuer)
        note("userinfo")
        for name, path in (("discovery", "/.well-known/openid-configuration"), ("jwks", "/oidc/jwks")):
            back_channel.get(path, base_url=issuer)
            note(name)
    with app.app_context():
        close_connections()
    return found
