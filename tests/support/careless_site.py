"""A partner's site that does what partners do when nobody checks: started as a script, for the robot to find it out.

It believes every ID token without looking at signature, issuer, audience, time or nonce, crashes on errors, and logs out
only itself.
"""

import base64
import json
import os
import secrets
from urllib.parse import urlencode

import requests
from flask import Flask, redirect, request, session
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

ISSUER, CLIENT = os.environ["OIDC_ISSUER"], os.environ["OIDC_CLIENT_ID"]
SECRET, SITE = os.environ["OIDC_CLIENT_SECRET"], os.environ["SITE_URL"]
VERIFIER = "a-verifier-of-forty-three-characters-or-more-in-length"
app = Flask("careless")
app.secret_key = secrets.token_hex(16)
app.config["SESSION_COOKIE_NAME"] = "careless"  # cookies know no ports: it shares its host with the provider


@app.get("/")
def home() -> str:
    """Show who is signed in."""
    if "sub" in session:
        return '<p id="signed-in">in</p><form method="post" action="/logout"><button id="out">out</button></form>'
    return "<p>out</p>"


@app.get("/login")
def login() -> Response:
    """Go to the provider."""
    query = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": f"{SITE}/callback",
        "scope": os.environ["OIDC_SCOPE"],
        "state": "always-the-same",
        "nonce": "always-the-same",
        "code_challenge": os.environ["CHALLENGE"],
        "code_challenge_method": "S256",
    }
    return redirect(f"{ISSUER}/oidc/authorize?{urlencode(query)}")


@app.get("/callback")
def callback() -> Response:
    """Believe whatever comes."""
    body = {"grant_type": "authorization_code", "code": request.args["code"], "redirect_uri": f"{SITE}/callback"}
    answer = requests.post(
        f"{ISSUER}/oidc/token", body | {"code_verifier": VERIFIER}, auth=(CLIENT, SECRET), timeout=10
    )
    payload = answer.json()["id_token"].split(".")[1]
    session["sub"] = json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]
    return redirect("/")


@app.post("/logout")
def logout() -> Response:
    """Sign out here and nowhere else."""
    session.clear()
    return redirect("/")


@app.errorhandler(KeyError)
@app.errorhandler(400)
def crash(_: Exception) -> tuple[str, int]:
    """What an unhandled error looks like."""
    return "Internal Server Error", 500


if __name__ == "__main__":
    make_server("127.0.0.1", int(SITE.rpartition(":")[2]), app, threaded=True).serve_forever()
