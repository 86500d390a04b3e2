"""What was typed into a field of several lines."""

from collections.abc import Mapping


def lines_of(form: Mapping[str, str], name: str) -> str:
    """Return it with the line ends that the browser counted (one sign each), not those that it sends (two)."""
    return form.get(name, "").replace("\r\n", "\n")
