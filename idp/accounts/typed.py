"""What people type into forms and on command lines: schools. Pure."""

from collections.abc import Mapping

from scopes.service import School


def find_school(text: str, schools: Mapping[str, School]) -> str | None:
    """Return the code of the school that was typed as code, as name, or as both, as the lists offer it."""
    plain = " ".join(text.split())
    code, _, name = plain.partition(" ")
    if code in schools and name in {"", schools[code].name}:
        return code
    named = [code for code, school in schools.items() if school.name == plain]
    return named[0] if len(named) == 1 else None
