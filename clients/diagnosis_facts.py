"""What a diagnosis may keep of a request: short, and nothing that could be a secret, a token or personal data. Pure.

A partner may put anything anywhere: the secret into ``scope``, the state into ``redirect_uri``. So of what came only
those parts are kept that look like words, or that are registered anyway.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

FACT_MAX = 300
LEFT_OUT = "…"
_RUN = re.compile(r"[A-Za-z0-9_\-+/=]{16,}")
_TWO_CASES = re.compile(r"[0-9]|[a-z].*[A-Z]|[A-Z].*[a-z]")
_PAIR = re.compile(r"[^&;]+")


class Ours(str):
    """A text that we made ourselves: it names a key or an algorithm, and is kept as it is."""

    __slots__ = ()


def bounded(facts: Mapping[str, object]) -> dict[str, str]:
    """Return the facts as they may be kept. ``expected`` is our own text; what of it came back is no secret either."""
    expected = str(facts.get("expected") or "")
    kept = {}
    for name, fact in facts.items():
        if fact is not None and str(fact):
            as_is = name == "expected" or isinstance(fact, Ours)
            kept[name] = _short(str(fact) if as_is else shown(str(fact), expected))
    return kept


def shown(text: str, known: str = "") -> str:
    """Return a text of somebody else's without what may be a secret; what stands in ``known`` as well is none."""
    return " ".join(word if word in known.split() else _word(word, known) for word in text.split())


def _word(word: str, known: str) -> str:
    return _uri(word, known) if "://" in word else _plain(word, known)


def _plain(text: str, known: str) -> str:
    """Leave out runs that look random: sixteen signs and more with a digit, or upper and lower case mixed."""
    return _RUN.sub(lambda run: run[0] if run[0] in known or not _TWO_CASES.search(run[0]) else LEFT_OUT, text)


def _uri(uri: str, known: str) -> str:
    """Keep scheme, host and path; of the query the names, of user part and fragment nothing."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return LEFT_OUT
    host = parts.netloc.rpartition("@")[2]
    user = f"{LEFT_OUT}@" if "@" in parts.netloc else ""
    path = "/".join(_plain(segment, known) for segment in parts.path.split("/"))
    query = _PAIR.sub(lambda pair: _pair(pair[0], known), parts.query)
    mark = "?" if "?" in uri.partition("#")[0] else ""
    fragment = f"#{LEFT_OUT}" if "#" in uri else ""
    return f"{_plain(parts.scheme, known)}://{user}{host}{path}{mark}{query}{fragment}"


def _pair(pair: str, known: str) -> str:
    name, equals, _ = pair.partition("=")
    if pair in _PAIR.findall(known.replace("?", "&").replace(" ", "&")):
        return pair
    return f"{_plain(name, known)}={LEFT_OUT}" if equals else LEFT_OUT


def _short(text: str) -> str:
    """Cut to `FACT_MAX` signs; what does not print (changes of direction, line breaks) is marked."""
    plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
    return plain if len(plain) <= FACT_MAX else plain[: FACT_MAX - 1] + LEFT_OUT
