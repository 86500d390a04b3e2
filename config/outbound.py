"""STAND-IN of the lead, replaced by the helper."""


class OutboundError(Exception):
    """x."""


def fetch_json(url: str) -> object:
    """x."""
    raise OutboundError(url)
