"""What the machine of changes of information should do, written from the rights' prose and never from `rules/`.

Plain memory: no database, no locks. `tests/support/information_walk.py` takes the same acts here and there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

PLACES: Final = {"H1": "D1", "H2": "D2"}
"""Two hospitals, and the authority of each."""
AT_WORK: Final = ("department", "workHistory")
OF_PLACE: Final = ("department",)
BY_PAPER: Final = ("school", "title")


@dataclass
class Change:
    """One change, as it should stand."""

    key: str
    by: str
    stands: str
    asked: dict[str, str]
    was: dict[str, str | None]
    made: datetime
    waits_since: datetime
    paper: bool = False
    up: bool = False
    marked: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    objected: bool = False
    version: int = 1

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.stands in ("PENDING", "RETURNED", "ANNOUNCED", "DISPUTED")


@dataclass
class Act:
    """Who does what, to which change, with what."""

    who: str
    what: str
    key: str = ""
    values: dict[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    late: bool = False
    to: str | None = None

    def __str__(self) -> str:
        return f"{self.who} {self.what} {self.key} {self.values or ''}{self.fields or ''}{self.to or ''}"


class Refused(Exception):
    """The act is refused; the sort of refusal."""


@dataclass
class Oracle:
    """One nurse's record, her place, and all that was asked for or written."""

    days: list[date]
    now: datetime
    record: dict[str, str | None]
    inst: str | None = "H1"
    auth: str = "D1"
    changes: dict[str, Change] = field(default_factory=dict)
    history: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    events: Counter[tuple[str, str]] = field(default_factory=Counter)

    def do(self, act: Act) -> None:
        """One act; Refused leaves everything as it was."""
        self.events = Counter()
        getattr(self, f"_{act.what}")(act)

    # What she asks for.

    def _request(self, act: Act) -> None:
        if act.who != "N":
            raise Refused("NotAllowed")
        asked = self._differs(act.values)
        if any(one.by == "N" and one.open for one in self.changes.values()):
            raise Refused("Conflict")
        self._put(act, asked, "N", "PENDING")
        self._tell("requested", self._desk())

    def _answer(self, act: Act) -> None:
        change = self._hers(act, "RETURNED")
        asked = self._differs(act.values)
        if any(asked.get(name) != change.asked.get(name) for name in {*asked, *change.asked} - change.marked):
            raise Refused("Invalid")
        change.asked, change.was = asked, {name: self.record[name] for name in asked}
        change.marked, change.waits_since = frozenset(), self.now
        self._to(change, "PENDING", "requested")

    def _withdraw(self, act: Act) -> None:
        change = self._found(act)
        if change.by == "N":
            self._hers(act, "PENDING", "RETURNED")
        elif act.who == "N":
            raise Refused("NotAllowed")
        else:
            if self.inst is None or act.who != f"O{self.inst[1]}":
                raise Refused("NotFound")
            self._ready(act, change, "ANNOUNCED", "DISPUTED")
        self._to(change, "WITHDRAWN", "withdrawn")

    def _escalate(self, act: Act) -> None:
        change = self._hers(act, "PENDING")
        if change.up or self.inst is None or self._left(change.waits_since, 10):
            raise Refused("NotAllowed")
        change.up, change.waits_since = True, self.now
        self._to(change, "PENDING", "requested")

    # What others say to it.

    def _approve(self, act: Act) -> None:
        change = self._reviewed(act, "PENDING", "DISPUTED")
        chosen = act.fields or tuple(change.asked)
        if not {*chosen} <= {*change.asked}:
            raise Refused("Invalid")
        self._to(change, "APPROVED", "decided")
        self._write({name: change.asked[name] for name in chosen})

    def _reject(self, act: Act) -> None:
        self._to(self._reviewed(act, "PENDING", "DISPUTED"), "REJECTED", "decided")

    def _return(self, act: Act) -> None:
        change = self._reviewed(act, "PENDING")
        if not {*act.fields} <= {*change.asked}:
            raise Refused("Invalid")
        change.marked, change.waits_since = frozenset(act.fields), self.now
        self._to(change, "RETURNED", "returned")

    # What her institution writes.

    def _edit(self, act: Act) -> None:
        asked = self._written(act, AT_WORK)
        self._put(act, asked, "I", "APPROVED")
        self._tell("edited", self.inst)
        self._write(asked)

    def _prove(self, act: Act) -> None:
        asked = self._written(act, BY_PAPER)
        self._put(act, asked, "I", "ANNOUNCED", paper=True)
        self._tell("announced", self.inst)

    def _written(self, act: Act, allowed: tuple[str, ...]) -> dict[str, str]:
        if self.inst is None or act.who != f"O{self.inst[1]}":
            raise Refused("NotFound")
        asked = self._differs(act.values)
        waits = {name for one in self.changes.values() if one.stands in ("ANNOUNCED", "DISPUTED") for name in one.asked}
        if waits & {*asked} or not {*asked} <= {*allowed}:
            raise Refused("Invalid")
        return asked

    def _object(self, act: Act) -> None:
        change = self._found(act)
        if act.who != "N":
            raise Refused("NotFound")
        at_once = change.by == "I" and not change.paper and change.stands == "APPROVED" and not change.objected
        self._ready(act, change, "ANNOUNCED", *(["APPROVED"] if at_once else []))
        there = [name for name, value in change.asked.items() if not at_once or self.record[name] == value]
        if not self._left(change.made, 5) or not there:
            raise Refused("NotAllowed")
        if at_once:
            self._set({name: change.was[name] for name in there})
        change.gone |= {*change.asked} - {*there}
        change.asked = {name: change.asked[name] for name in there}
        change.objected = change.up = True
        change.waits_since = self.now
        self._to(change, "DISPUTED", "disputed")

    # What time and the register do.

    def _wait(self, act: Act) -> None:
        self.now += timedelta(days=int(act.to or 1))
        for change in [one for one in self.changes.values() if one.open]:
            if change.stands == "RETURNED" and self.now - change.waits_since > timedelta(days=30):
                self._to(change, "LAPSED", "lapsed")
        for change in [one for one in self.changes.values() if one.stands == "ANNOUNCED"]:
            if change.stands == "ANNOUNCED" and not self._left(change.made, 5):
                self._to(change, "APPROVED", "decided")
                self._write(change.asked)

    def _leave(self, act: Act) -> None:
        if self.inst is None or act.who != f"O{self.inst[1]}":
            raise Refused("NotFound")
        self._goes(None, self.auth, {})

    def _move(self, act: Act) -> None:
        assert act.to is not None
        self._goes(act.to, PLACES[act.to], act.values)

    def _goes(self, inst: str | None, auth: str, values: dict[str, str]) -> None:
        where = {key: self._desk(one) for key, one in self.changes.items()}
        edits_at = self.inst
        self._set(values)
        moves = inst != self.inst
        for change in [one for one in self.changes.values() if one.open]:
            self._supersede(change, values, OF_PLACE if moves else (), edits_at)
        self.inst, self.auth = inst, auth
        for key, change in self.changes.items():
            desk = self._desk(change)
            if moves and change.open and change.stands != "ANNOUNCED" and desk != where[key]:
                self.events[desk, "requested"] += 1

    # The small words.

    def _desk(self, change: Change | None = None) -> str:
        """Whoever reviews it."""
        return self.auth if self.inst is None or (change is not None and change.up) else self.inst

    def _tell(self, what: str, *places: str | None) -> None:
        for place in {"N", *places} - {None}:
            self.events[place or "", what] += 1

    def _to(self, change: Change, state: str, what: str) -> None:
        change.stands, change.version = state, change.version + 1
        self._tell(what, self._desk(change), self.inst if change.by == "I" else None)

    def _put(self, act: Act, asked: dict[str, str], by: str, state: str, *, paper: bool = False) -> None:
        was = {name: self.record[name] for name in asked}
        self.changes[act.key] = Change(act.key, by, state, asked, was, self.now, self.now, paper)

    def _set(self, values: dict[str, str] | dict[str, str | None]) -> None:
        for name in sorted(values, key=_column):
            if self.record[name] != values[name]:
                self.history.append((_column(name), self.record[name], values[name]))
                self.record[name] = values[name]

    def _write(self, values: dict[str, str]) -> None:
        self._set(values)
        for change in [one for one in self.changes.values() if one.open]:
            self._supersede(change, values, (), self.inst)

    def _supersede(self, change: Change, values: dict[str, str], ends: tuple[str, ...], at: str | None) -> None:
        newer = {name for name, value in values.items() if change.was.get(name) != value}
        gone = {name for name in change.asked if name in newer or name in ends}
        if not gone:
            return
        left = {name: value for name, value in change.asked.items() if name not in gone}
        change.gone |= gone
        change.marked = frozenset(change.marked & {*left})
        change.version += 1
        if not left:
            change.stands = "SUPERSEDED"
        elif change.stands == "RETURNED" and not change.marked:
            change.stands = "PENDING"
        change.asked = left or change.asked
        self._tell("superseded", self._desk(change), at if change.by == "I" else None)

    def _differs(self, values: dict[str, str]) -> dict[str, str]:
        asked = {name: value for name, value in values.items() if self.record[name] != value}
        if not asked:
            raise Refused("Invalid")
        return asked

    def _found(self, act: Act) -> Change:
        return self.changes[act.key]

    def _hers(self, act: Act, *states: str) -> Change:
        change = self._found(act)
        if act.who != "N":
            raise Refused("NotFound")
        return self._ready(act, change, *states)

    def _reviewed(self, act: Act, *states: str) -> Change:
        change = self._found(act)
        if act.who not in (f"O{(self.inst or ' ')[1:]}", f"R{self.auth[1]}", f"A{self.auth[1]}"):
            raise Refused("NotFound")
        if act.who[0] == "A":
            raise Refused("NotAllowed")
        if (act.who[0] == "R") is not (change.up or self.inst is None):
            raise Refused("NotAllowed")
        return self._ready(act, change, *states)

    def _ready(self, act: Act, change: Change, *states: str) -> Change:
        if not change.open and change.stands not in states:
            raise Refused("Conflict")
        if act.late:
            raise Refused("Conflict")
        if change.stands not in states:
            raise Refused("NotAllowed")
        return change

    def _left(self, since: datetime, days: int) -> bool:
        """Whether so many working days after a day are not over yet."""
        first = bisect_right(self.days, since.date())
        return bisect_left(self.days, self.now.date()) < first + days


def _column(name: str) -> str:
    return "work_history" if name == "workHistory" else name
