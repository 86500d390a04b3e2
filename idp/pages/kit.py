"""The button kit: the log-in button for partner sites, with its rules of use; open to everybody."""

from flask import Blueprint, render_template, url_for

blueprint = Blueprint("kit", __name__)
BUTTONS = (("zh", "light"), ("zh", "dark"), ("en", "light"), ("en", "dark"))
TEXTS = {"zh": "以教師進修網帳號登入", "en": "Sign in with the In-service Teacher Network"}


@blueprint.get("/kit")
def show() -> str:
    """Show the buttons, their rules and what to paste."""
    shown = [
        (language, look, url_for("static", filename=f"kit/{language}-{look}.svg"), TEXTS[language])
        for language, look in BUTTONS
    ]
    return render_template("kit.html", buttons=shown)
