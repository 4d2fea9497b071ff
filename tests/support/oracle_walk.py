"""A small country in a database of its own, walked at random beside the oracle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from db.account import sealed
from db.store.engine import SHANGHAI, Database
from rules.departure import DepartureReason
from rules.errors import RegistryError
from rules.hold import Pause
from rules.kinds import Kind
from rules.moves import Step
from rules.nurse import DeregistrationReason
from rules.people import Party, Role
from rules.privacy import mask_id_number
from rules.proposal import VoidGround
from rules.reasons import Reason
from tests.support.kinds import first_field, marked
from tests.support.oracle import Act, Nurse, Register, Who
from tests.support.orders import Order, draft_of, order_of, take_order
from tests.support.papers import LAW, hand_in
from tests.support.people import NEVER, resident
from tests.support.story import SAYS, Clock
from tests.support.world import Person, World
from workflow import claim
from workflow.counter import ApplicationFileAtCounter
from workflow.departure import DepartureReport, DepartureWithdraw
from workflow.deregistration import ApplicationFileDeregistration
from workflow.proposal import DeregistrationPropose, ProposalConfirm, ProposalReject
from workflow.step import Command, take
from workflow.suspension import RegistrationLift, RegistrationRevoke, RegistrationSuspend
from workflow.void import VoidPropose

NUMBER: Final = "卫医罚〔2024〕17号"
ROLES: Final = {
    **{"IO": Role.OPERATOR, "IM": Role.MANAGER, "IV": Role.VIEWER, "N": Role.NURSE, "AR": Role.REVIEWER},
    **{"AD": Role.DECIDER, "AS": Role.SUPERVISOR, "PA": Role.PROVINCIAL_ADMIN},
}
DISTRICTS: Final = ("D1", "D2", "D3")
PEOPLE: Final[dict[str, tuple[str, ...]]] = {
    **{"P": ("PA", "PA", "AR AD", "AD"), "D": ("AR", "AD", "AD", "AS", "AR AD"), "H": ("IO", "IO", "IM", "IV")},
    **{"D3": ("AR AD",), "H5": ()},
}
"""Who works where: the clinic H5 has only nurses of its own, and D3 one officer for everything."""
PARTIES: Final = {"N": Party.NURSE, "I": Party.INSTITUTION, "A": Party.AUTHORITY}
STAYS: Final = {step: SAYS[step] for step in (Step.DECLINE, Step.REFUSE_INTAKE, Step.RECOMMEND, Step.REJECT)}


@dataclass
class Country:
    """The places, people and nurses of one walk: by name in the oracle, by id in the database."""

    world: World
    db: Database
    clock: Clock
    chance: Random
    r: Register
    ids: dict[str, UUID] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    async def settle(self) -> None:
        """A province, three districts and six places of work: one suspended, a clinic without staff of its own.

        The province and two districts want two persons, and one district has a single officer.
        """
        world, ids = self.world, self.ids
        nation = await world.authority()
        ids["P"] = await world.authority(nation, two_persons="P" in self.r.places.two_persons)
        code = await world.division()
        await world.owner.execute("update authority set level = 'PROVINCE', code = $2 where id = $1", ids["P"], code)
        for district in DISTRICTS:
            ids[district] = await world.authority(ids["P"], two_persons=district in self.r.places.two_persons)
        for hospital, district in self.r.places.licensed_by.items():
            state = "ACTIVE" if hospital in self.r.places.active else "SUSPENDED"
            ids[hospital] = await world.institution(ids[district], state=state)
        for (hospital, kind), to in self.r.places.route.items():
            sql = "update approval_setting set authority_id = $3 where institution_id = $1 and kind = $2"
            await world.owner.execute(sql, ids[hospital], kind, ids[to] if to else None)
        for place in ("P", *DISTRICTS, *self.r.places.licensed_by):
            await self._staff(place)

    async def _staff(self, place: str) -> None:
        for nth, roles in enumerate(PEOPLE.get(place, PEOPLE[place[0]])):
            held = frozenset(roles.split()) | ({"IO"} if roles == "IM" else set())
            name = f"{place}-{roles.replace(' ', '+')}{nth}"
            await self.person(Who(name, "I" if place[0] == "H" else "A", place, held))

    async def person(self, who: Who) -> None:
        """Somebody with an account, here and in the oracle."""
        roles = [ROLES[role] for role in sorted(who.roles) if (role, "IM" in who.roles) != ("IO", True)]
        own = self.ids[who.nurse] if who.nurse and who.party != "N" else None
        person = await self.world.person(PARTIES[who.party], self.ids[who.place], *roles, self_nurse=own)
        self.persons[who.name], self.r.people[who.name] = person, who

    async def newcomer(self) -> None:
        """A nurse as there are many, with her account; now and then she works where she is registered."""
        key, day, chance = f"N{len(self.r.nurses) + 1}", self.r.today, self.chance
        inst = chance.choice([*self.r.places.licensed_by])
        auth, days = self.r.places.licensed_by[inst], chance.randint(-5, 100)
        profile = chance.choice(("near", "near", "near", "far", "first", "never", "ended", "expired"))
        nurse = Nurse(key, "VALID", day + timedelta(days=days), inst, auth, "RENEWAL")
        match profile:
            case "far":
                nurse.until = day + timedelta(days=900)
            case "expired":
                nurse.until = day - timedelta(days=30)
            case "first" | "never":
                nurse = Nurse(key, "NEVER", exam=profile == "first")
            case "ended":
                nurse.status, nurse.inst, nurse.reason = "DEREGISTERED", None, "OTHER"
        await self._enter(nurse)
        self.r.nurses[key] = nurse
        await self.person(Who(key, "N", key, frozenset({"N"}), key))
        if nurse.inst and chance.random() < 0.3:
            await self.person(Who(f"{nurse.inst}-{key}", "I", nurse.inst, frozenset({"IO"}), key))

    async def _enter(self, nurse: Nurse) -> None:
        entry: dict[str, Any] = {"status": nurse.status, "valid_until": nurse.until}
        entry |= {"deregistration_reason": nurse.reason, **(NEVER if nurse.status == "NEVER" else {})}
        inst, auth = (self.ids[place] if place else None for place in (nurse.inst, nurse.auth))
        self.ids[nurse.key] = await self.world.nurse(inst, auth, **entry)  # type: ignore[arg-type]
        number = self.numbers[nurse.key] = resident()
        columns: dict[str, Any] = sealed(self.world.keyring, "id_number", number, mask_id_number)
        if nurse.exam:
            columns["exam_passed_on"] = self.r.today - timedelta(days=100)
        settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
        await self.world.owner.execute(
            f"update nurse set {settings} where id = $1", self.ids[nurse.key], *columns.values()
        )

    async def tick(self, days: int = 0) -> None:
        """A minute goes by, or days."""
        now = self.clock.now + timedelta(minutes=1)
        if days:
            now = datetime.combine(now.date() + timedelta(days=days), time(8), SHANGHAI)
        self.clock.now = self.r.now = now

    async def refusal(self, act: Act) -> RegistryError | None:
        """How an act is refused in the database; None where it is done."""
        try:
            await self._do(act)
        except RegistryError as refused:
            return refused
        return None

    async def _do(self, act: Act) -> None:
        session, given = self.persons[act.who.name].session, act.given
        inst = self.ids[given["inst"]] if given.get("inst") else None
        match act.step:
            case "CREATE_DRAFT":
                draft = draft_of(session, given["form"], institution_id=inst)
                key = self.ids[given["key"]] = await take_order(self.db, draft)
                by = self.persons[act.who.name].account_id
                await hand_in(self.world, key, by, *LAW.get(given["kind"], ()))
            case "FILE_DEREGISTRATION" | "FILE_AT_COUNTER":
                assert act.nurse is not None
                nurse, form = self.ids[act.nurse.key], given["form"]
                filing = (
                    ApplicationFileAtCounter(nurse, form, identity_seen=True, institution_id=inst, by_document=True)
                    if act.step == "FILE_AT_COUNTER"
                    else ApplicationFileDeregistration(nurse, form)
                )
                key = self.ids[given["key"]] = await take(self.db, session, filing)
                codes = [*LAW.get(given["kind"], ()), *(["PROOF"] if given.get("proven") else [])]
                await hand_in(self.world, key, self.persons[act.who.name].account_id, *codes)
            case "CLAIM_BY_ID_NUMBER":
                assert act.app is not None
                await claim.claim(self.db, session, claim.ApplicationClaimByIdNumber(self.numbers[act.app.nurse]))
            case "VOID" | "strike off":
                await self._by_two(act)
            case step if step.isupper():
                await take_order(self.db, self._order(act))
            case _:
                await self._on_entry(act)

    def _order(self, act: Act) -> Order:
        app, step, given = act.app, Step[act.step], act.given
        assert app is not None
        values: dict[str, Any] = {**STAYS.get(step, {})}
        match step:
            case Step.SAVE_DRAFT | Step.SUBMIT:
                named = {"institution_id": self.ids[given["inst"]]} if given.get("inst") else {}
                values |= {"form": given["form"], **named}
            case Step.RETURN | Step.REQUIRE_CORRECTION:
                values |= marked(Kind(app.kind))
            case Step.RESUBMIT | Step.SUPPLEMENT:
                values |= {"form": app.form, "confirmed_fields": (first_field(Kind(app.kind)),)}
                if step is Step.RESUBMIT and (given.get("inst") or given.get("names")):
                    values["institution_id"] = self.ids[given["inst"]] if given.get("inst") else None
                if given.get("names"):
                    values["confirmed_fields"] = ()
            case Step.ACCEPT:
                values["originals_seen"] = frozenset([*LAW.get(app.kind, ()), *(["PROOF"] if app.proven else [])])
            case Step.REFUSE_INTAKE | Step.REJECT if given.get("false"):
                values["reasons"] = (Reason.FALSE_MATERIAL,)
            case Step.TRANSFER:
                values["authority_id"] = self.ids[given["to"]]
            case Step.REASSIGN:
                values["to"] = self.persons[given["to"]].account_id
            case Step.HOLD:
                values |= {"kind": Pause.HEARING, "reason": "听证"}
            case Step.EXTEND:
                values |= {"working_days": given["days"], "reason": "案情复杂"}
            case Step.OBJECT | Step.ANSWER_OBJECTION:
                values |= {"text": "请核实", **({"identity_seen": True} if step is Step.OBJECT else {})}
        version = app.version - bool(given.get("stale"))
        return order_of(self.persons[act.who.name].session, step, self.ids[app.key], version, **values)

    async def _by_two(self, act: Act) -> None:
        first, second = self.persons[act.given["by"]].session, self.persons[act.who.name].session
        if act.app is not None:
            undoing = VoidPropose(self.ids[act.app.key], VoidGround.PROCEDURE, NUMBER)
            key = await take(self.db, first, undoing)
        else:
            assert act.nurse is not None
            reason = DeregistrationReason[act.given["reason"]]
            wish = DeregistrationPropose(self.ids[act.nurse.key], reason, NUMBER, remarks="依职权")
            key = await take(self.db, first, wish)
        try:
            await take(self.db, second, ProposalConfirm(key))
        except RegistryError:
            # Whoever proposed it takes it back: nothing waits from one act to the next.
            await take(self.db, first, ProposalReject(key))
            raise

    async def _on_entry(self, act: Act) -> None:
        assert act.nurse is not None
        nurse, session = self.ids[act.nurse.key], self.persons[act.who.name].session
        if act.step == "come back":
            newest = "select id from departure where nurse_id = $1 order by id desc limit 1"
            key = await self.world.owner.fetchval(newest, nurse)
            await take(self.db, session, DepartureWithdraw(key or nurse))
            return
        steps: dict[str, Command] = {
            "depart": DepartureReport(nurse, DepartureReason.RESIGNED, self.r.today),
            "suspend": RegistrationSuspend(nurse, 12, NUMBER),
            "lift": RegistrationLift(nurse, NUMBER),
            "revoke": RegistrationRevoke(nurse, NUMBER),
        }
        await take(self.db, session, steps[act.step])
