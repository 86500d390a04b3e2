"""The ways in which service data change: commands, the console's forms, and SCIM by PATCH or PUT."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from idp.accounts import service, service_corrections
from idp.accounts.service import ServiceRefused
from idp.accounts.service_corrections import Facts
from scopes.service import AssignmentKind, EndReason
from tests.acceptance.oracle import Row
from tests.scim.support import ASSIGNMENTS, TEACHER, Scim, assignments, entry, op, patch_of, token_of
from tests.support.console import Keeper
from tests.support.office import Office, change

New = Mapping[str, Any]


def _correct(row: Row, new: New) -> None:
    facts = Facts(new["title"], kind_of(primary=new["primary"]), new["start"], None)
    service_corrections.correct(row.id, facts, change())


COMMANDS: Mapping[str, Callable[[Row, New], None]] = {
    "confirm": lambda row, _: service.confirm(row.id, change()),
    "refuse": lambda row, _: service.refuse(row.id, change()),
    "correct": _correct,
    "end": lambda row, new: service.end(row.id, new["end"], EndReason.DEPARTED, change()),
    "reopen": lambda row, _: service_corrections.reopen(row.id, change()),
    "suspend": lambda row, new: service.suspend(row.id, new["suspended"][0], new["suspended"][1], change()),
    "lift": lambda row, new: service_corrections.lift(row.id, new["suspended"][1], change()),
    "unsuspend": lambda row, _: service_corrections.unsuspend(row.id, change()),
}


def kind_of(*, primary: bool) -> AssignmentKind:
    """Return 主聘 or 兼任."""
    return AssignmentKind.PRIMARY if primary else AssignmentKind.ADDITIONAL


def typed(action: str, new: New) -> dict[str, str]:
    """Return what somebody at the console types."""
    if action == "end":
        return {"last_day": new["end"].isoformat(), "cause": "departed"}
    if action == "suspend":
        return {"first_day": new["suspended"][0].isoformat(), "until": _text(new["suspended"][1]) or ""}
    if action == "lift":
        return {"lifted": new["suspended"][1].isoformat()}
    if action == "correct":
        kind = kind_of(primary=new["primary"])
        return {"title": new["title"], "kind": kind, "started": new["start"].isoformat(), "note": ""}
    return {}


def stated(action: str, new: New) -> dict[str, Any]:
    """Return what another system states over SCIM; None: no more."""
    if action == "confirm":
        return {"confirmed": True}
    if action in {"end", "reopen"}:
        return {"endDate": _text(new["end"]), "endReason": "departed" if new["end"] else None}
    first, last = new["suspended"] or (None, None)
    return {"suspendedFrom": _text(first), "suspendedUntil": _text(last)}


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


@dataclass
class Channels:
    """All ways in, for one teacher; ``renew`` when tokens and sessions have become too old."""

    office: Office
    person: dict[str, Any]
    scim: Scim
    ident: str = field(init=False)
    keeper: Keeper | None = None

    def __post_init__(self) -> None:
        """Look up who she is there."""
        self.renew()
        self.ident = self.scim.find(self.person["account"])["id"]

    def renew(self) -> None:
        """Begin anew as a caller and at the console."""
        self.scim.token, self.keeper = token_of(self.scim.rp), None

    def user(self) -> dict[str, Any]:
        """Return what SCIM says about her."""
        return self.scim.get(self.ident)

    def add(self, by: str, row: Row) -> int:
        """Add an assignment and return its id."""
        if by == "command":
            facts: dict[str, Any] = {"title": row.title, "kind": kind_of(primary=row.primary)}
            return self.office.add(self.person, row.school, row.start, confirmed=row.confirmed, **facts)
        told = {"titleCode": row.title, "kind": kind_of(primary=row.primary), "confirmed": row.confirmed}
        new = entry(row.school, row.start.isoformat(), **told)
        if by == "patch":
            self.scim.patch(self.ident, op("add", ASSIGNMENTS, [new]))
        else:
            self.scim.ok("PUT", f"/Users/{self.ident}", self._with([*assignments(self.user()), new]))
        return max(one.id for one in self.office.services(self.person))

    def do(self, by: str, action: str, row: Row, new: New) -> bool:
        """Change an assignment, and return whether anything was changed."""
        if by == "command":
            return self._command(action, row, new)
        if by == "console":
            return self._console(action, row, new)
        return self._push(by, action, row, new)

    def _command(self, action: str, row: Row, new: New) -> bool:
        with self.office.app.app_context():
            try:
                COMMANDS[action](row, new)
            except ServiceRefused:
                return False
        return True

    def _console(self, action: str, row: Row, new: New) -> bool:
        self.keeper = self.keeper or Keeper(self.office.app, "natadm01")
        page = self.keeper.act(row.id, action, **typed(action, new))
        assert page.status in {200, 400, 409}, page.html
        return page.status == 200 and page.has("done")

    def _push(self, by: str, action: str, row: Row, new: New) -> bool:
        before = assignments(self.user())
        number = [one.id for one in self._counting()].index(row.id) if not row.refused else None
        if number is None:
            return False  # what was refused is not there over SCIM
        if by == "patch":
            operations = self._operations(action, before[number], new)
            body, method = patch_of(*operations), "PATCH"
        else:
            kept = before[:number] + before[number + 1 :]
            if action != "refuse":
                changed = before[number] | stated(action, new)
                kept.append({name: value for name, value in changed.items() if value is not None})
            body, method = self._with(kept), "PUT"
        answer = self.scim.send(method, f"/Users/{self.ident}", body)
        assert answer.status_code in {200, 400}, answer.get_data(as_text=True)
        after = assignments(self.user())
        assert answer.status_code == 200 or after == before
        return after != before

    def _operations(self, action: str, one: dict[str, Any], new: New) -> list[dict[str, Any]]:
        path = f'{ASSIGNMENTS}[id eq "{one["id"]}"]'
        if action == "refuse":
            return [op("remove", path)]
        facts = stated(action, new)
        put = {name: value for name, value in facts.items() if value is not None}
        operations = [op("replace", path, put)] if put else []
        return operations + [op("remove", f"{path}.{name}") for name, value in facts.items() if value is None]

    def _counting(self) -> list[Any]:
        """Return her assignments in the order in which SCIM lists them."""
        return [one for one in self.office.services(self.person) if one.refused_at is None]

    def _with(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        return self.user() | {TEACHER: {"assignments": entries}}
