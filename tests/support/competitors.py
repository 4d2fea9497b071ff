"""Who competes for an application, read off the table of moves, and where each can try: at one hospital and district."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from db import application as applications
from db.account import sealed
from db.store.engine import Database
from rules.application import State, Step
from rules.form import form_to_json
from rules.forms import DeregistrationForm
from rules.hold import Pause
from rules.kinds import Kind
from rules.moves import MOVES
from rules.nurse import DeregistrationReason
from rules.people import PARTY_OF, SYSTEM, Party, Role
from rules.privacy import mask_id_number
from tests.support.authority_stage import put
from tests.support.kinds import first_field, forms, marked
from tests.support.orders import Order, take_order
from tests.support.people import resident
from tests.support.story import NOW, SAYS
from tests.support.world import Cast, Person, World
from workflow import claim as claims
from workflow.application import COMMANDS
from workflow.application_step import ApplicationStep
from workflow.claim import ApplicationClaimByIdNumber
from workflow.counter import ApplicationFileAtCounter
from workflow.filing import ApplicationWithdraw
from workflow.step import Underway, carry_out, take
from workflow.suspension import RegistrationRevoke

SORTS: Final = 8
"""How many there are of each sort of people."""
FORMS: Final = forms(NOW.date())
DEATH: Final = DeregistrationForm(DeregistrationReason.DEATH, proof="死亡证明2026-118")
I, N = Party.INSTITUTION, Party.NURSE  # noqa: E741
Competitor = tuple[Step, Party | None]
"""A step, and the end of the system that takes it; the system's scheduler is none."""
PREFERRED: Final = (Kind.RENEWAL, Kind.CHANGE, Kind.DEREGISTRATION)
NEEDS: Final[Mapping[Competitor, dict[str, Any]]] = {
    (Step.CLAIM_BY_ID_NUMBER, I): {"addressed": False},
    **{(step, I): {"addressed": True} for step in (Step.TAKE, Step.PUT_BACK, Step.REASSIGN, Step.FORWARD)},
    **{(step, I): {"addressed": True} for step in (Step.RETURN, Step.DECLINE)},
    **{(step, N): {"addressed": True} for step in (Step.REJECT_CLAIM, Step.ESCALATE)},
    (Step.ESCALATE, None): {"addressed": True},
    (Step.HOLD, Party.AUTHORITY): {"on_hold": False},
    (Step.RESUME, Party.AUTHORITY): {"on_hold": True},
    (Step.EXTEND, Party.AUTHORITY): {"on_hold": False},
    (Step.REJECT, Party.AUTHORITY): {"on_hold": False},
    (Step.APPROVE, Party.AUTHORITY): {"on_hold": False, "objected": False, "blocked": False},
    (Step.OBJECT, N): {"objected": False, "filed_by": I},
    (Step.OBJECT, Party.AUTHORITY): {"objected": False, "filed_by": I},
    (Step.ANSWER_OBJECTION, Party.AUTHORITY): {"objected": True, "filed_by": I},
    (Step.WITHDRAW, N): {"filed_by": N},
    (Step.WITHDRAW, I): {"filed_by": I},
    (Step.SUPPLEMENT, Party.AUTHORITY): {"filed_by": Party.AUTHORITY},
    (Step.REQUIRE_CORRECTION, Party.AUTHORITY): {"fresh": True},
    (Step.DEEM, None): {"fresh": False, "blocked": False},
    (Step.BLOCK, None): {"blocked": False},
    (Step.UNBLOCK, None): {"blocked": True},
    (Step.PASS_UP, None): {"officers": False},
}
"""How an application stands for whom a step is open to: two that want opposites are never open at once."""
# An institution that ends sends all it has back: raced in test_merger. Two persons void: raced in test_void.
ELSEWHERE: Final = {(Step.RETURN, None), (Step.VOID, Party.AUTHORITY)}


@dataclass(frozen=True)
class Pair:
    """Two competitors, and an application that both may move."""

    state: State
    kind: Kind
    one: Competitor
    other: Competitor
    needs: Mapping[str, Any]

    def __str__(self) -> str:
        """Its name among the tests."""
        names = (f"{step.lower()}-{(party or 'SYSTEM').lower()}" for step, party in (self.one, self.other))
        return f"{self.state.lower()}:{'/'.join(names)}"


def kinds_of(state: State, competitor: Competitor) -> frozenset[Kind]:
    """For which kinds somebody may take a step from a state."""
    step, party = competitor
    fit = [m.kinds for m in MOVES if (m.step, m.source, PARTY_OF[m.role]) == (step, state, party)]
    return frozenset().union(*fit)


def wants(state: State, competitor: Competitor) -> dict[str, Any]:
    """What must be so for the step to be open."""
    unclaimed = {"addressed": False} if (competitor[0], state) == (Step.LAPSE, State.INSTITUTION_REVIEW) else {}
    officers = {"officers": True} if competitor[1] is Party.AUTHORITY else {}
    return {**officers, **NEEDS.get(competitor, {}), **unclaimed}


def pairs() -> list[Pair]:
    """All of them, as the table has them."""
    found = []
    for state in State:
        competitors = {(m.step, PARTY_OF[m.role]): None for m in MOVES if m.source is state}
        for one, other in itertools.combinations_with_replacement([*competitors], 2):
            first, second = wants(state, one), wants(state, other)
            opposed = any(first[name] != second[name] for name in {*first} & {*second})
            both = {**first, **second}
            kinds = kinds_of(state, one) & kinds_of(state, other)
            kinds &= {Kind.DEREGISTRATION} if both.get("filed_by") is I else {*Kind}
            if kinds and not opposed and not {one, other} & ELSEWHERE:
                found.append(Pair(state, next(kind for kind in PREFERRED if kind in kinds), one, other, both))
    return found


@dataclass
class Contest:
    """The people of all rounds: eight of each sort, at one hospital and one district."""

    db: Database
    world: World
    cast: Cast
    origin: UUID
    bare: UUID
    """An authority without officers, below one that has some."""
    managers: list[Person]
    officers: list[Person]
    numbers: dict[UUID, str] = field(default_factory=dict)
    deaths: dict[UUID, UUID] = field(default_factory=dict)

    async def stand(self, pair: Pair) -> tuple[UUID, Cast]:
        """An application of a nurse of its own that both may move."""
        fresh, needs, today = pair.needs.get("fresh", False), pair.needs, NOW.date()
        expired = pair.kind is Kind.RENEWAL and pair.state is not State.DRAFT and not fresh
        hospital = self.origin if pair.kind is Kind.CHANGE else self.cast.hospital
        until = today + timedelta(days=-1 if expired else 60)
        nurse_id = await self.world.nurse(hospital, self.cast.district, valid_until=until)
        nurse = await self.world.person(N, nurse_id, Role.NURSE)
        cast = Cast(**{**vars(self.cast), "nurse_id": nurse_id, "nurse": nurse})
        early = NOW - timedelta(days=0 if fresh else 40)
        row: dict[str, Any] = {"kind": pair.kind, "form": orjson.dumps(form_to_json(FORMS[pair.kind])).decode()}
        row |= {"on_hold": needs.get("on_hold", False), "objected": needs.get("objected", False), "moved_at": early}
        row |= {"filed_by": needs.get("filed_by", N), "due_on": today + timedelta(days=20)}
        if pair.state is not State.DRAFT:
            row |= {"submitted_at": early, "queued_at": early}
            row |= {} if pair.state in (State.INSTITUTION_REVIEW, State.RETURNED) else {"forwarded_at": early}
        if not needs.get("addressed", True):
            row["institution_id"] = None
        if not needs.get("officers", True):
            row["authority_id"] = self.bare
        if pair.state in (State.RETURNED, State.CORRECTION_REQUIRED):
            row["marked_fields"] = [first_field(pair.kind)]
        if Step.PUT_BACK in (pair.one[0], pair.other[0]):
            holder = self.managers[0] if pair.state is State.INSTITUTION_REVIEW else self.officers[0]
            row |= {"holder_id": holder.account_id, "held_until": NOW + timedelta(minutes=30)}
        if needs.get("blocked", False):
            row["blocked_by_id"] = self.deaths[nurse_id] = await self._death(cast)
        key = await put(self.world, cast, pair.state, **row)
        if Step.CLAIM_BY_ID_NUMBER in (pair.one[0], pair.other[0]):
            await self._number(nurse_id)
        return key, cast

    async def _death(self, cast: Cast) -> UUID:
        """A filing of the hospital's that she has died."""
        form = orjson.dumps(form_to_json(DEATH)).decode()
        return await put(self.world, cast, State.AUTHORITY_INTAKE, kind=Kind.DEREGISTRATION, filed_by=I, form=form)

    async def _number(self, nurse_id: UUID) -> None:
        number = self.numbers[nurse_id] = resident()
        columns = sealed(self.world.keyring, "id_number", number, mask_id_number)
        settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
        await self.world.owner.execute(f"update nurse set {settings} where id = $1", nurse_id, *columns.values())

    async def go(self, pair: Pair, competitor: Competitor, nth: int, key: UUID, cast: Cast) -> None:
        """One competitor's try; who holds it tries again and again, otherwise each is somebody else."""
        step, party = competitor
        nth = 0 if Step.PUT_BACK in (pair.one[0], pair.other[0]) else nth
        if party is None:
            await self._by_others(step, key, cast, nth)
            return
        who = self.who(party, cast, nth)
        if step is Step.CLAIM_BY_ID_NUMBER:
            await claims.claim(self.db, who.session, ApplicationClaimByIdNumber(self.numbers[cast.nurse_id]))
            return
        await take_order(self.db, Order(who.session, self.command(pair, step, key, who)))

    def who(self, party: Party, cast: Cast, nth: int) -> Person:
        """The nth who takes steps for one end of the system; the nurse is one."""
        return {N: cast.nurse, I: self.managers[nth]}.get(party, self.officers[nth])

    def command(self, pair: Pair, step: Step, key: UUID, who: Person) -> ApplicationStep:
        """A step of somebody's on an application that has not moved yet."""
        return COMMANDS[step](key, 1, **_says(step, pair.kind, self, who))

    async def _by_others(self, step: Step, key: UUID, cast: Cast, nth: int) -> None:
        """What a step on her entry, or on another application, does to this one; or the system's scheduler."""
        officer, nurse_id = self.officers[nth].session, cast.nurse_id
        match step:
            case Step.END_REGISTRATION:
                await take(self.db, officer, RegistrationRevoke(nurse_id, "卫医罚〔2024〕17号"))
            case Step.BLOCK:
                await take(self.db, officer, ApplicationFileAtCounter(nurse_id, DEATH, identity_seen=True))
            case Step.UNBLOCK:
                await take(self.db, self.managers[nth].session, ApplicationWithdraw(self.deaths[nurse_id], 1))
            case _:
                await self._by_itself(step, key)

    async def _by_itself(self, step: Step, key: UUID) -> None:
        async with self.db.begin() as tx:
            await tx.ask_time()
            found = await applications.lock(tx, key)
            await carry_out(Underway(tx, SYSTEM, by_itself(step, key, found.version), key))


def by_itself(step: Step, key: UUID, version: int) -> ApplicationStep:
    """A step of the system's scheduler."""
    by_law = {"opinion": "许可法"} if step in (Step.ACCEPT, Step.DEEM) else {}
    return COMMANDS[step](key, version, **by_law)


def _says(step: Step, kind: Kind, contest: Contest, who: Person) -> dict[str, Any]:  # noqa: PLR0911
    match step:
        case Step.SAVE_DRAFT:
            return {"form": FORMS[kind]}
        case Step.RETURN | Step.REQUIRE_CORRECTION:
            return marked(kind)
        case Step.RESUBMIT | Step.SUPPLEMENT:
            return {"form": FORMS[kind], "confirmed_fields": (first_field(kind),)}
        case Step.HOLD:
            return {"kind": Pause.HEARING, "reason": "听证"}
        case Step.EXTEND:
            return {"working_days": 5, "reason": "案情复杂"}
        case Step.REASSIGN:
            return {"to": who.account_id}
        case Step.TRANSFER:
            return {"authority_id": contest.cast.nation}
        case Step.OBJECT:
            return {"text": "请核实", "identity_seen": True}
        case Step.ANSWER_OBJECTION:
            return {"text": "请核实"}
    return SAYS.get(step, {})


async def open_contest(db: Database, world: World) -> Contest:
    """One hospital, one district where nobody needs a second person, and where those come from who change."""
    cast = await world.cast()
    await world.owner.execute("update authority set two_persons = false where id = $1", cast.district)
    origin = await world.institution(cast.district)
    managers = [await world.person(I, cast.hospital, Role.MANAGER) for _ in range(SORTS)]
    roles = (Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR)
    officers = [await world.person(Party.AUTHORITY, cast.district, *roles) for _ in range(SORTS)]
    bare = await world.authority(cast.nation)
    for role in (Role.REVIEWER, Role.DECIDER):
        await world.person(Party.AUTHORITY, cast.nation, role)
    return Contest(db, world, cast, origin, bare, managers, officers)
