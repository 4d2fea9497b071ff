"""One nurse's changes walked at random in the database beside the oracle; both are compared after every act."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson

from db.store.engine import Database
from rules.application import State, Step
from rules.departure import DepartureReason
from rules.errors import RegistryError
from rules.information_change import ChangeStep
from rules.information_form import InformationForm
from rules.nurse import Department, Title
from tests.support.authority_stage import put
from tests.support.information import PAPER, Desk
from tests.support.information_oracle import PLACES, Act, Oracle, Refused
from tests.support.story import NOW, Clock
from tests.support.world import Cast, Person, World
from workflow.application import COMMANDS
from workflow.departure import DepartureReport
from workflow.information_change import InformationChangeRequest
from workflow.information_edit import InformationEdit, InformationEditWithProof
from workflow.information_lapse import lapse, take_effect
from workflow.step import take

VALUES: Final = {
    "school": ("北京大学", "清华大学", "复旦大学"),
    "title": ("NURSE", "SENIOR_NURSE", "CHIEF_NURSE"),
    "department": ("WARD", "EMERGENCY", "INTENSIVE_CARE"),
    "workHistory": ("北京", "上海", "广州"),
}
STEPS: Final = ("answer", "withdraw", "escalate", "object", "approve", "reject", "return")
OFTEN: Final = ("request", "request", "edit", "prove", *STEPS, "approve", "object", "object", "return", "answer")
RARELY: Final = ("wait", "wait", "leave", "move")
"""What is done, by how often it is tried."""
ALSO_LATE: Final = 0.07
"""The share of the steps that are taken on an older version than there is."""
CODES: Final = {
    ChangeStep.APPROVE: lambda act: {"accepted_fields": act.fields or None, "originals_seen": True, "opinion": "部分"},
    ChangeStep.REJECT: lambda act: {"opinion": "与证书不符"},
    ChangeStep.RETURN: lambda act: {"marked_fields": act.fields, "opinion": "请核对"},
    ChangeStep.OBJECT: lambda act: {"text": "不属实"},
    ChangeStep.ANSWER: lambda act: {"form": form_of(act.values)},
}


def form_of(values: dict[str, str]) -> InformationForm:
    """The form that asks for these values."""
    typed: dict[str, Any] = {"work_history": values.get("workHistory"), "school": values.get("school")}
    typed["title"] = Title(values["title"]) if "title" in values else None
    typed["department"] = Department(values["department"]) if "department" in values else None
    return InformationForm(**typed)


@dataclass
class Walk:
    """One walk: here, there, and the story so far."""

    it: Desk
    clock: Clock
    chance: Random
    oracle: Oracle
    people: dict[str, Person]
    places: dict[str, UUID]
    ids: dict[str, UUID] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)
    seen: int = 0
    family: str = "information"
    """The events that are compared."""

    async def step(self) -> tuple[str, bool]:
        """Somebody does something; then both are compared. Gives what it was, and whether it was done."""
        act = self._act()
        act.key = act.key or f"c{len(self.story)}"
        return act.what, await self.tries(act)

    async def tries(self, act: Act) -> bool:
        """One act here and there; then both are compared. Gives whether it was done."""
        refused = None
        try:
            self.oracle.do(act)
        except Refused as refusal:
            refused = str(refusal)
        self.story.append(f"{act} -> {refused or 'done'}")
        assert await self.refused(act) == refused, self.report()
        await self._compare()
        return refused is None

    def report(self) -> str:
        """The walk as it went, to be read by whoever looks for the fault."""
        return "\n".join(self.story)

    def _act(self) -> Act:
        chance = self.chance
        what = chance.choice(RARELY if chance.random() < 0.2 else OFTEN)
        names = chance.sample([*VALUES], chance.randint(1, 3))
        desk = f"O{(self.oracle.inst or 'H1')[1:]}"
        usual = {**dict.fromkeys(("request", "answer", "escalate", "object"), "N"), "edit": desk, "prove": desk}
        usual |= {"leave": desk}
        who = usual.get(what) or chance.choice(("N", desk, f"R{self.oracle.auth[1]}"))
        if chance.random() < 0.1 and what not in ("wait", "move"):
            who = chance.choice([*self.people])
        if what in ("edit", "prove") and chance.random() < 0.8:
            allowed = ("department", "workHistory") if what == "edit" else ("school", "title")
            names = chance.sample(allowed, chance.randint(1, 2))
        act = Act(who, what, values={name: chance.choice(VALUES[name]) for name in names})
        return self._onto(act) if what in STEPS else self._elsewhere(act)

    def _onto(self, act: Act) -> Act:
        """A step on a change: mostly on one that is open."""
        changes = [*self.oracle.changes.values()]
        if not changes:
            return Act("N", "request", values=act.values)
        open_ones = [one for one in changes if one.open] or changes
        change = self.chance.choice(open_ones if self.chance.random() < 0.8 else changes)
        act.key, act.late = change.key, self.chance.random() < ALSO_LATE
        act.fields = tuple(sorted(self.chance.sample([*change.asked], self.chance.randint(1, len(change.asked)))))
        if act.what == "answer":
            marked = change.marked & {*act.values}
            act.values = {**change.asked, **{name: act.values[name] for name in marked}}
        return act

    def _elsewhere(self, act: Act) -> Act:
        if act.what == "wait":
            act.to = str(self.chance.choice((1, 2, 4, 9, 16, 32)))
        if act.what == "move":
            act.to = self.chance.choice([one for one in PLACES if one != self.oracle.inst])
            act.values = {"department": self.chance.choice(VALUES["department"])}
        return act

    async def refused(self, act: Act) -> str | None:
        """How an act is refused here; None where it is done."""
        try:
            await self._do(act)
        except RegistryError as refusal:
            return type(refusal).__name__
        return None

    async def _do(self, act: Act) -> None:
        db, nurse_id = self.it.db, self.it.cast.nurse_id
        session = self.people[act.who].session
        if act.what == "request":
            self.ids[act.key] = await take(db, session, InformationChangeRequest(form_of(act.values)))
        elif act.what == "edit":
            self.ids[act.key] = await take(db, session, InformationEdit(nurse_id, form_of(act.values)))
        elif act.what == "prove":
            wish = InformationEditWithProof(nurse_id, form_of(act.values), PAPER)
            self.ids[act.key] = await take(db, session, wish)
        elif act.what == "wait":
            self.clock.now = self.oracle.now
            assert (await lapse(db, 1000))["FAILED"] + (await take_effect(db, 1000))["FAILED"] == 0
        elif act.what == "leave":
            await take(db, session, DepartureReport(nurse_id, DepartureReason.RESIGNED, self.clock.now.date()))
        elif act.what == "move":
            await self._move(act)
        else:
            step, key = ChangeStep[act.what.upper()], self.ids[act.key]
            version = (await self.it.row(key))["version"] - act.late
            said = CODES[step](act) if step in CODES else {}
            await self.it.go(self.people[act.who], step, key, **said, expected_version=version)

    async def _move(self, act: Act) -> None:
        """A change of her registration is approved where she goes."""
        assert act.to is not None
        auth, now = PLACES[act.to], self.clock.now
        there = Cast(**{**vars(self.it.cast), "hospital": self.places[act.to], "district": self.places[auth]})
        form = orjson.dumps({**act.values, "changeReason": "工作调动"}).decode()
        when = dict.fromkeys(("submitted_at", "queued_at", "forwarded_at", "accepted_at"), now)
        by = self.people[f"R{auth[1]}"].account_id
        due = {"due_on": now.date() + timedelta(days=20), "recommender_id": by}
        key = await put(self.it.world, there, State.ACCEPTED, kind="CHANGE", form=form, **when, **due)
        await take(self.it.db, self.people[f"A{auth[1]}"].session, COMMANDS[Step.APPROVE](key, 1))

    async def _compare(self) -> None:
        """The record, where she is, each change, the rows of history, and the events of this act."""
        owner, nurse_id, oracle = self.it.world.owner, self.it.cast.nurse_id, self.oracle
        names = {name: "work_history" if name == "workHistory" else name for name in VALUES}
        nurse = await owner.fetchrow("select * from nurse where id = $1", nurse_id)
        assert {name: nurse[column] for name, column in names.items()} == oracle.record, self.report()
        entry = await owner.fetchrow("select * from registration where nurse_id = $1", nurse_id)
        at = (self.places.get(oracle.inst or ""), self.places[oracle.auth])
        assert (entry["institution_id"], entry["authority_id"]) == at, self.report()
        rows = await owner.fetch("select * from information_change where nurse_id = $1 order by id", nurse_id)
        assert {row["id"]: _shown(row) for row in rows} == {
            self.ids[key]: _expected(one) for key, one in oracle.changes.items()
        }, self.report()
        history = "select field, before, after from nurse_change where nurse_id = $1 and field = any($2) order by id"
        kept = [tuple(row) for row in await owner.fetch(history, nurse_id, [*names.values()])]
        assert kept == oracle.history, self.report()
        assert await self._events() == oracle.events, self.report()

    async def _events(self) -> Counter[tuple[str, str]]:
        """What was told since the last look; nothing but this walk tells these places."""
        names = {**{key: name for name, key in self.places.items()}, self.it.cast.nurse_id: "N"}
        sql = "select scope, type from event where scope = any($1) and type like $3 || '.%' and body->>'nurse' = $2"
        rows = await self.it.world.owner.fetch(sql, [*names], str(self.it.cast.nurse_id), self.family)
        every = Counter((names[row["scope"]], row["type"].removeprefix(f"{self.family}.")) for row in rows)
        new = every - self.before
        self.before = every
        return new

    before: Counter[tuple[str, str]] = field(default_factory=Counter)


def _shown(row: Any) -> tuple[Any, ...]:
    filed_by = {"NURSE": "N", "INSTITUTION": "I"}[row["filed_by"]]
    return (
        *(filed_by, row["state"], row["version"], orjson.loads(row["asked"]), {*row["marked_fields"]}),
        *({*row["superseded_fields"]}, row["escalated_at"] is not None, row["objected_at"] is not None),
    )


def _expected(one: Any) -> tuple[Any, ...]:
    return (one.by, one.stands, one.version, one.asked, {*one.marked}, {*one.gone}, one.up, one.objected)


@dataclass
class Country:
    """Two hospitals under two authorities, with their people: all walks of a run share it."""

    db: Database
    world: World
    clock: Clock
    places: dict[str, UUID]
    people: dict[str, Person]
    casts: dict[str, Cast]

    async def walk(self, seed: int, days: list[date]) -> Walk:
        """A nurse of her own, at the first hospital."""
        world, first = self.world, self.casts["H1"]
        # The register counts by the real day, and the clock of the test goes on for months.
        until = date(2035, 1, 1)
        nurse_id = await world.nurse(first.hospital, first.district, valid_until=until)
        nurse = await world.person(first.nurse.actor.party, nurse_id, *first.nurse.actor.roles)  # type: ignore[arg-type]
        cast = Cast(**{**vars(first), "nurse_id": nurse_id, "nurse": nurse})
        record = {"school": None, "title": "NURSE", "department": "WARD", "workHistory": None}
        self.clock.now = datetime.combine(NOW.date(), NOW.timetz())
        oracle = Oracle(days, self.clock.now, {**record})
        return Walk(
            Desk(self.db, world, cast), self.clock, Random(seed), oracle, {**self.people, "N": nurse}, self.places
        )


async def country(db: Database, world: World, clock: Clock) -> Country:
    """The places of a run."""
    one, two = await world.cast(), await world.cast()
    places = {"H1": one.hospital, "D1": one.district, "H2": two.hospital, "D2": two.district}
    people = {
        **{"O1": one.operator, "R1": one.reviewer, "A1": one.decider},
        **{"O2": two.operator, "R2": two.reviewer, "A2": two.decider},
    }
    return Country(db, world, clock, places, people, {"H1": one, "H2": two})
