"""The sign-in that brought a browser to a page."""

from idp.errors import ErrorPage
from idp.interactions import Interaction, InteractionLost, open_interaction


def interaction_of(blob: str | None) -> Interaction | None:
    """Return the sign-in, None if there was none; one that is lost gets the page that says so."""
    if not blob:
        return None
    try:
        return open_interaction(blob)
    except InteractionLost as error:
        raise ErrorPage("invalid_request", "lost") from error
