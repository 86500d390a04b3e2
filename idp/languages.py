"""Language of a page: zh-TW first, English second; both complete."""

from datetime import date, datetime

from flask import Flask, request, url_for
from flask_babel import Babel, get_locale

from idp.sessions import cookie_name
from scopes.roc import TAIPEI, format_roc, taipei_day

LANGUAGES = {"zh-TW": "zh_Hant_TW", "en": "en"}
DEFAULT = "zh-TW"
COOKIE_SECONDS = 365 * 86400
_FORMS = {
    "login.passkey": "login.form",
    "login.submit": "login.form",
    "second_factor.submit": "second_factor.form",
    "recovery.ask": "recovery.forgot",
    "recovery.set_password": "recovery.reset",
    "security.change": "security.password",
    "security.passkey_enrol": "security.passkey_form",
    "security.totp_enrol": "security.totp_form",
    "profile.change": "profile.form",
    "admin.ask_reset": "admin.account",
    "apply.submit": "apply.form",
    "approvals.decide": "approvals.detail",
    "business.correct": "business.status",
    "business.submit": "business.form",
    "cases.attach": "cases.files",
    "cases.change_contact": "cases.duties",
    "cases.confirm": "cases.duties",
    "cases.invite": "cases.show",
    "cases.new_secret": "cases.technical",
    "cases.note_test": "cases.tests",
    "cases.save": "cases.section",
    "cases.save_sheet": "cases.sheet",
    "cases.take_step": "cases.step",
    "cases.take_up": "cases.join",
    "cases.write": "cases.conversation",
    "partners.verified": "partners.verify",
    "device.submit": "device.enter",
}
"""Posts that show their form again, and where that form is."""


def init_languages(app: Flask) -> None:
    """Attach Flask-Babel; message ids are the Chinese texts, English is the one catalogue."""
    babel = Babel()
    babel.init_app(
        app, default_locale=LANGUAGES[DEFAULT], locale_selector=_locale, default_translation_directories="translations"
    )
    app.jinja_env.globals |= {"language": language, "this_page": this_page}
    app.jinja_env.filters |= {"day": show_day, "moment": show_moment}


def _locale() -> str:
    return LANGUAGES[chosen()]


def chosen() -> str:
    """Return the language: what the person chose, else what the partner asks for, else what the browser prefers."""
    picked = request.cookies.get(cookie_name("language"), "")
    if picked in LANGUAGES:
        return picked
    wished = request.args.get("ui_locales", "").split()
    browser = [tag for tag, _ in request.accept_languages]
    return _match(wished) or _match(browser) or DEFAULT


def _match(wished: list[str]) -> str | None:
    """Return the first wish that we can meet; any Chinese is met with zh-TW, any English with en."""
    for tag in wished[:20]:
        primary = tag.lower().replace("_", "-").split("-")[0]
        found = {"zh": "zh-TW", "en": "en"}.get(primary)
        if found:
            return found
    return None


def language() -> str:
    """Return the tag of this page, for ``lang``."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else DEFAULT


def this_page() -> str:
    """Return where a change of language leads back to; a form that failed is shown again, by its own values."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    if request.endpoint in _FORMS and not request.environ.get("roaming.fault"):
        kept = {name: request.form[name] for name in ("a", "i", "next", "s", "t", "user_code") if name in request.form}
        return url_for(_FORMS[request.endpoint], **(request.view_args or {}), **kept)  # type: ignore[arg-type]  # only texts
    return url_for("site.index")


def show_day(day: date | datetime) -> str:
    """Show a day, or the Taipei day of an instant: 民國 in Chinese, ISO in English (DOMAIN §0.3)."""
    if isinstance(day, datetime):
        day = taipei_day(day)
    return day.isoformat() if language() == "en" else format_roc(day)


def show_moment(instant: datetime) -> str:
    """Show an instant in Taipei time, to the minute."""
    local = instant.astimezone(TAIPEI)
    return f"{show_day(local.date())} {local:%H:%M}"
