"""Days in three boxes 年／月／日; a whole date pasted into the first one is taken as well (DOMAIN §4.1)."""

from collections.abc import Mapping


def joined(form: Mapping[str, str], name: str) -> str:
    """Return a day as one text, right or wrong, so that nothing of what was typed is lost."""
    year, month, day = (form.get(f"{name}_{part}", "").strip() for part in "ymd")
    if not month and not day:
        return year
    return f"{year}/{month}/{day}"


def parts(typed: str) -> tuple[str, str, str]:
    """Return what stands in each of the boxes."""
    pieces = typed.split("/")
    year, month, day = pieces if len(pieces) == 3 else (typed, "", "")
    return year, month, day
