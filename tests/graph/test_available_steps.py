"""The steps that are offered are exactly those that would not be refused (F35), by plan and by executor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from db import session as sessions
from db.store.engine import Database
from graph.context import Services
from graph.offered import offered as offering
from graph.schema.node import global_id
from rules.application import Step
from rules.errors import RegistryError, WrongState
from rules.hold import Pause
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS
from rules.nurse import DeregistrationReason
from rules.people import Party, Role
from tests.support.application_story import OpenApplication
from tests.support.kinds import first_field, forms, marked, move
from tests.support.orders import draft_of, order_of, take_order
from tests.support.papers import LAW, ask_for, hand_in
from tests.support.plan_and_executor import Both
from tests.support.story import SAYS
from tests.support.world import TODAY, Person, World
from workflow.application import COMMANDS
from workflow.application_step import ApplicationStep
from workflow.step import Underway, carry_out

DAY: Final = TODAY
FORMS: Final = forms(DAY)
STEPS: Final = [step for step in COMMANDS if step not in (Step.LAPSE, Step.DEEM)]
SHOWN: Final = "query($id: ID!) { application(id: $id) { availableSteps } }"
FILED, SENT = (Step.SUBMIT,), (Step.SUBMIT, Step.FORWARD)
TAKEN_IN, RETURNED = (*SENT, Step.ACCEPT), (Step.SUBMIT, Step.RETURN)
CORRECTED = (*SENT, Step.REQUIRE_CORRECTION)


class Undone(Exception):
    """Nothing of what was tried stays."""


@dataclass
class Tried(OpenApplication):
    """An application of today, on which everybody tries everything."""

    people: dict[str, Person]
    proven: bool = False
    goes_to: UUID | None = None
    """The hospital where she wants to go by now, if it is another."""

    def said(self, step: Step, who: Person) -> dict[str, Any]:  # noqa: PLR0911
        """The right values to a step."""
        goes_to = self.goes_to or self.move.target.hospital
        named = {"institution_id": goes_to} if self.kind in CLAIMED_KINDS else {}
        field = first_field(self.kind)
        match step:
            case Step.SAVE_DRAFT | Step.SUBMIT:
                return {"form": FORMS[self.kind], **named}
            case Step.RETURN | Step.REQUIRE_CORRECTION:
                return marked(self.kind)
            case Step.RESUBMIT:
                return {"form": FORMS[self.kind], "confirmed_fields": (field,), **named}
            case Step.SUPPLEMENT:
                return {"form": FORMS[self.kind], "confirmed_fields": (field,)}
            case Step.ACCEPT:
                return {"originals_seen": frozenset(["PROOF"] if self.proven else LAW.get(self.kind, ()))}
            case Step.TRANSFER:
                own = self.move.province if who.actor.party_id != self.move.province else self.reviewers.district
                return {"authority_id": own}
            case Step.HOLD:
                return {"kind": Pause.HEARING, "reason": "听证"}
            case Step.EXTEND:
                return {"working_days": 5, "reason": "案情复杂"}
            case Step.REASSIGN:
                return {"to": who.account_id}
            case Step.OBJECT:
                return {"text": "请核实", "identity_seen": True}
            case Step.ANSWER_OBJECTION:
                return {"text": "请核实"}
        return SAYS.get(step, {})

    async def go(self, step: Step) -> None:
        """Take a step as its usual taker."""
        who = self.people["supervisor"] if step is Step.EXTEND else self.taker(step)
        version = (await self.row())["version"]
        await take_order(self.db, order_of(who.session, step, self.id, version, **self.said(step, who)))

    async def allows(self, step: Step, who: Person) -> bool | tuple[Step, ...]:
        """Whether a step with right values would be taken; nothing of it stays. From the wrong state: what is open."""
        row = await self.row()
        version = row["version"]
        # Who has said it may change her mind.
        changed = row["recommender_id"] == who.account_id and not row["recommended_against"]
        more = {"agrees": not changed} if step is Step.RECOMMEND else {}
        command: ApplicationStep = COMMANDS[step](self.id, version, **{**self.said(step, who), **more})
        try:
            async with self.db.begin() as tx:
                actor = await sessions.require(tx, who.session)
                await carry_out(Underway(tx, actor, command, self.id))
                raise Undone
        except Undone:
            return True
        except WrongState as refusal:
            return tuple(offering(refusal.open_steps))
        except RegistryError:
            return False

    async def set(self, assignments: str, *values: Any) -> None:
        """Change the application's row."""
        await self.world.owner.execute(f"update application set {assignments} where id = $1", self.id, *values)

    async def entry_is(self, assignments: str, *values: Any) -> None:
        """Change the nurse's entry in the register."""
        sql = f"update registration set {assignments} where nurse_id = $1"
        await self.world.owner.execute(sql, self.move.cast.nurse_id, *values)


async def begun(db: Database, world: World, kind: Kind, *steps: Step) -> Tried:
    """An application of today that has come so far, and all who might have to do with it."""
    where = await move(world, kind, DAY)
    target = where.target.hospital if kind in CLAIMED_KINDS else None
    key = await take_order(db, draft_of(where.nurse.session, FORMS[kind], institution_id=target))
    await hand_in(world, key, where.nurse.account_id, *LAW.get(kind, ()))
    cast = where.target if kind in CLAIMED_KINDS else where.cast
    other = where.cast if kind in CLAIMED_KINDS else where.target
    herself = where.cast.nurse_id
    people = {
        "nurse": where.nurse,
        **{name: getattr(cast, name) for name in ("operator", "manager", "reviewer", "decider")},
        "colleague": await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR),
        "supervisor": await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR),
        "second": await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, Role.DECIDER),
        "at her hospital": await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR, self_nurse=herself),
        "at her authority": await world.person(Party.AUTHORITY, cast.district, Role.DECIDER, self_nurse=herself),
        "other reviewer": other.reviewer,
        "other decider": other.decider,
    }
    it = Tried(db, world, where, kind, key, people)
    for step in steps:
        if kind is not Kind.REISSUE or step is not Step.FORWARD:
            await it.go(step)
    return it


async def require_exact(services: Services, it: Tried) -> dict[str, list[str]]:
    """What each is offered is what each may do."""
    both, offered = Both(services), {}
    for name, person in it.people.items():
        shown = (await both.data(SHOWN, person, id=global_id("Application", it.id)))["application"]
        offered[name] = [] if shown is None else shown["availableSteps"]
        found = {step: await it.allows(step, person) for step in STEPS}
        assert sorted(offered[name]) == sorted(step for step, one in found.items() if one is True), name
        # A refusal for the state names the very same.
        assert {one for one in found.values() if isinstance(one, tuple)} <= {(*offered[name],)}, name
    return offered


PATHS: Final = {
    "draft": (),
    "filed": FILED,
    "returned": RETURNED,
    "at intake": SENT,
    "to be corrected": CORRECTED,
    "accepted": TAKEN_IN,
    "held": (*TAKEN_IN, Step.HOLD),
    "extended": (*TAKEN_IN, Step.EXTEND),
    "recommended": (*TAKEN_IN, Step.RECOMMEND),
    "granted": (*TAKEN_IN, Step.RECOMMEND, Step.APPROVE),
    "refused": (*TAKEN_IN, Step.REJECT),
    "withdrawn": (*SENT, Step.WITHDRAW),
}


@pytest.mark.feature("I17")
@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.CHANGE, Kind.DEREGISTRATION, Kind.REISSUE])
@pytest.mark.parametrize("path", PATHS)
async def test_in_every_state_each_is_offered_what_she_may_do(
    services: Services, world: World, kind: Kind, path: str
) -> None:
    steps = PATHS[path]
    if kind is Kind.REISSUE and Step.RETURN in steps:
        return  # no institution has it
    if kind is Kind.CHANGE and Step.EXTEND in steps:
        return  # a change is not extended
    await require_exact(services, await begun(services.db, world, kind, *steps))


Spoilt = Callable[[Tried], Awaitable[None]]


def row(assignments: str, *values: Any) -> Spoilt:
    """The application's row is another."""
    return lambda it: it.set(assignments, *values)


def entry(assignments: str, *values: Any) -> Spoilt:
    """The nurse's entry is another."""
    return lambda it: it.entry_is(assignments, *values)


def held_by(name: str) -> Spoilt:
    """Somebody works on it."""
    return lambda it: it.set("holder_id = $2, held_until = now() + interval '20 minutes'", it.people[name].account_id)


async def misled(it: Tried) -> None:
    """It lies with an authority that may not decide it."""
    elsewhere = it.people["other decider"].actor.party_id
    await it.set("authority_id = $2", elsewhere)


async def works_there(it: Tried) -> None:
    """She practises by now where she wanted to go."""
    await it.entry_is("institution_id = $2", it.move.target.hospital)
    it.goes_to = await it.world.institution(it.move.target.district)
    await it.world.person(Party.INSTITUTION, it.goes_to, Role.OPERATOR)


def hospital(assignments: str) -> Spoilt:
    """The hospital's row is another."""

    async def spoil(it: Tried) -> None:
        sql = f"update institution set {assignments} where id = $1"
        await it.world.owner.execute(sql, it.reviewers.hospital)

    return spoil


async def nobody_set(it: Tried) -> None:
    """Nobody is set who decides."""
    await it.world.owner.execute("delete from approval_setting where institution_id = $1", it.reviewers.hospital)


async def papers_taken_back(it: Tried) -> None:
    """What was handed in was taken back."""
    await it.world.owner.execute("update material set removed_at = now() where application_id = $1", it.id)


async def more_is_asked(it: Tried) -> None:
    """Another paper is asked for where it goes."""
    await ask_for(it.world, it.reviewers.district, "PROOF_OF_LIFE", kind=it.kind, valid_from=DAY - timedelta(days=9))


async def something_open(it: Tried) -> None:
    """Something else of hers is open."""
    draft = draft_of(it.move.nurse.session, FORMS[Kind.REISSUE])
    await it.set("state = 'WITHDRAWN'")
    other = await take_order(it.db, draft)
    await take_order(it.db, order_of(it.move.nurse.session, Step.SUBMIT, other, 1))
    await it.set("state = 'DRAFT'")


async def suspended(it: Tried) -> None:
    """She is suspended."""
    row = {"nurse_id": it.move.cast.nurse_id, "kind": "SUSPENSION", "starts_on": DAY, "reason": "罚"}
    await it.world.insert("registration_span", **row)


def proven(seen: bool, handed_in: bool = True) -> Spoilt:
    """It is a death, with or without its proof."""

    async def spoil(it: Tried) -> None:
        it.proven = True
        form = {"reason": DeregistrationReason.DEATH.value, "proof": "死亡证明2026-118"}
        await it.world.owner.execute(
            "update application set form = form || jsonb_build_object('reason', $2::text, 'proof', $3::text),"
            " filed_by = 'INSTITUTION' where id = $1",
            *(it.id, form["reason"], form["proof"]),
        )
        if handed_in:
            await hand_in(it.world, it.id, it.people["operator"].account_id, "PROOF")
        if seen:
            by = {"seen_by": it.people["reviewer"].account_id}
            await it.world.insert("material_check", application_id=it.id, code="PROOF", **by)

    return spoil


MONTH, YEARS = timedelta(days=30), timedelta(days=900)
SPOILT: Final[dict[str, tuple[Kind, tuple[Step, ...], Spoilt]]] = {
    "papers are missing": (Kind.FIRST, (), papers_taken_back),
    "more is asked for": (Kind.RENEWAL, (), more_is_asked),
    "too early": (Kind.RENEWAL, (), entry("valid_until = $2", DAY + YEARS)),
    "run out": (Kind.RENEWAL, (), entry("valid_until = $2", DAY - MONTH)),
    "suspended": (Kind.RENEWAL, (), suspended),
    "without a hospital": (Kind.RENEWAL, (), entry("institution_id = null")),
    "barred": (Kind.REREGISTRATION, (), entry("bar_until = $2", DAY + MONTH)),
    "something else is open": (Kind.RENEWAL, (), something_open),
    "a draft to where she is": (Kind.CHANGE, (), works_there),
    "the hospital is suspended": (Kind.RENEWAL, FILED, hospital("state = 'SUSPENDED'")),
    "nobody is set": (Kind.CHANGE, FILED, nobody_set),
    "nobody claimed it": (Kind.CHANGE, FILED, row("institution_id = null")),
    "the hospital was silent": (Kind.RENEWAL, FILED, row("queued_at = now() - interval '40 days'")),
    "ten days, but not ten working days": (Kind.RENEWAL, FILED, row("queued_at = now() - interval '11 days'")),
    "a colleague reviews it": (Kind.RENEWAL, FILED, held_by("colleague")),
    "she reviews it herself": (Kind.RENEWAL, FILED, held_by("operator")),
    "returned, papers taken back": (Kind.FIRST, RETURNED, papers_taken_back),
    "returned from where she is": (Kind.CHANGE, RETURNED, works_there),
    "too late for a correction": (Kind.RENEWAL, SENT, row("forwarded_at = now() - interval '30 days'")),
    "corrected once": (Kind.RENEWAL, SENT, row("corrections = 1")),
    "at intake elsewhere": (Kind.CHANGE, SENT, misled),
    "to be corrected, papers taken back": (Kind.FIRST, CORRECTED, papers_taken_back),
    "accepted elsewhere": (Kind.CHANGE, TAKEN_IN, misled),
    "accepted, she is there": (Kind.CHANGE, TAKEN_IN, works_there),
    "accepted, it is suspended": (Kind.FIRST, TAKEN_IN, hospital("state = 'SUSPENDED'")),
    "accepted, run out since": (Kind.RENEWAL, TAKEN_IN, entry("valid_until = $2", DAY - timedelta(days=1))),
    "accepted, off the register": (
        *(Kind.RENEWAL, TAKEN_IN),
        entry("status = 'DEREGISTERED', deregistration_reason = 'OTHER', institution_id = null"),
    ),
    "accepted, suspended": (Kind.RENEWAL, TAKEN_IN, suspended),
    "accepted, overdue": (Kind.RENEWAL, TAKEN_IN, row("due_on = $2", DAY - MONTH)),
    "accepted, objected to": (
        *(Kind.DEREGISTRATION, TAKEN_IN),
        row("filed_by = 'INSTITUTION', objected = true, objection = '未死亡'"),
    ),
    "a colleague decides": (Kind.RENEWAL, TAKEN_IN, held_by("second")),
    "blocked": (Kind.RENEWAL, TAKEN_IN, row("blocked_by_id = $1")),
    "a death without proof": (Kind.DEREGISTRATION, SENT, proven(seen=False, handed_in=False)),
    "a death with proof": (Kind.DEREGISTRATION, SENT, proven(seen=False)),
    "an accepted death that nobody saw": (Kind.DEREGISTRATION, TAKEN_IN, proven(seen=False)),
    "an accepted death that was seen": (Kind.DEREGISTRATION, TAKEN_IN, proven(seen=True)),
}


@pytest.mark.feature("I17")
@pytest.mark.parametrize("case", SPOILT)
async def test_what_would_be_refused_is_not_offered(services: Services, world: World, case: str) -> None:
    kind, steps, spoil = SPOILT[case]
    it = await begun(services.db, world, kind, *steps)
    await spoil(it)
    await require_exact(services, it)


@pytest.mark.feature("I17")
@pytest.mark.parametrize("two_persons", [False, True])
async def test_who_recommended_is_offered_to_decide_where_one_person_is_enough(
    services: Services, world: World, two_persons: bool
) -> None:
    it = await begun(services.db, world, Kind.RENEWAL, *TAKEN_IN)
    sql = "update authority set two_persons = $2 where id = $1"
    await world.owner.execute(sql, it.reviewers.district, two_persons)
    await it.set("recommender_id = $2", it.people["second"].account_id)
    offered = await require_exact(services, it)
    assert ("APPROVE" in offered["second"], "APPROVE" in offered["decider"]) == (not two_persons, True)


@pytest.mark.feature("I17")
async def test_in_a_list_each_row_has_its_own(services: Services, world: World) -> None:
    first = await begun(services.db, world, Kind.CHANGE, *TAKEN_IN)
    other = replace(first, id=(await begun(services.db, world, Kind.CHANGE, *TAKEN_IN)).id)
    await other.set("institution_id = $2, authority_id = $3", first.reviewers.hospital, first.reviewers.district)
    await first.entry_is("institution_id = $2", first.move.target.hospital)
    for one in (first, other):
        await one.set("recommender_id = $2", first.people["reviewer"].account_id)
    shown = await Both(services).data(
        "{ pendingReviews(first: 5) { nodes { id availableSteps } } }", first.people["decider"]
    )
    steps = {one["id"]: "APPROVE" in one["availableSteps"] for one in shown["pendingReviews"]["nodes"]}
    assert steps == {global_id("Application", first.id): False, global_id("Application", other.id): True}
