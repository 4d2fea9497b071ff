"""A nurse has left (离职报告, I9): her institution says so, she may dispute it, and it may be taken back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from db import departure as departures
from db import eligibility
from db import registration as registrations
from db.registration import Entry
from rules.chronology import require_since_registered
from rules.departure import (
    Departure,
    DepartureReason,
    come_back,
    leave,
    require_may_dispute,
    require_not_left,
    require_retirable,
    require_still_there,
)
from rules.errors import NotFound, Together, WrongState
from rules.institution import InstitutionState
from rules.other import remark_on, said
from rules.own_nurse import require_own_nurse
from rules.people import Party, Role
from rules.wording import wording
from workflow.ending import news
from workflow.information_carry import follow
from workflow.nurse_case import NurseCommand, entry, heard
from workflow.step import USUAL, Command, Lock, Underway, read


@read()
async def came_on(step: Underway[DepartureReport]) -> date | None:
    """The day since which she has been registered where she practises; None where history does not say."""
    return await departures.came_on(step.tx, step.command.nurse_id)


@read()
async def left_already(step: Underway[DepartureReport]) -> bool:
    """True where she is registered nowhere, since the actor's institution has reported that she left."""
    by, her = step.actor, step[entry].registration
    if her.institution_id is not None or by.party is not Party.INSTITUTION:
        return False
    with suppress(NotFound):
        report = await departures.get(step.tx, await departures.standing(step.tx, her.nurse_id, by.party_id))
        return not report.registered_since
    return False


@dataclass(frozen=True, slots=True, repr=False)
class DepartureReport(NurseCommand):
    """An institution's word that a nurse of its own has left; gives the report."""

    reason: DepartureReason
    left_on: date
    remarks: str | None = None
    refuses = USUAL | {WrongState}
    reads = (entry, came_on, left_already)
    writes = frozenset({"departure", "registration", "registration_history", "registration_span", "information_change"})

    async def take(self, step: Underway[DepartureReport]) -> None:
        """She is registered nowhere from now on, and hears of it."""
        tx, before, by = step.tx, step[entry].registration, step.actor.account_id
        require_not_left(step.actor, before, left=step[left_already])
        require_own_nurse(step.actor, before, Role.OPERATOR)
        with Together() as each:
            after = each(lambda: leave(before, self.left_on, tx.today))
            each(lambda: require_since_registered("leftOn", self.left_on, before.first_registered_on, step[came_on]))
            born = step[entry].life.birth_date
            each(lambda: require_retirable(self.reason, born, self.left_on))
            remarks = each(lambda: remark_on(self.reason, "remarks", self.remarks))
        row = {"id": step.key, "nurse_id": self.nurse_id, "institution_id": before.institution_id, "remarks": remarks}
        await departures.insert(tx, **row, reason=self.reason, left_on=self.left_on, reported_by=by)
        why = f"离职报告（{said(self.reason, remarks)}），离职日期{self.left_on}"
        await registrations.change(tx, after, account_id=by, reason=why, business=False)
        step.detail = {"departure": step.key, "reason": self.reason}
        heard(step, "registration.departed")
        step.news += await follow(tx, step[entry], after, step.actor)


@dataclass(frozen=True, slots=True, repr=False)
class DepartureAnswer(Command):
    """Somebody's wish to say something to a report; gives the report."""

    departure_id: UUID

    @property
    def subject(self) -> UUID:
        """The report."""
        return self.departure_id


@read(Lock.NURSE)
async def her_entry(step: Underway[DepartureAnswer]) -> Entry:
    """The entry of the nurse whom the report is about, locked; whom it is about never changes."""
    return await registrations.lock(step.tx, await departures.nurse_of(step.tx, step.command.departure_id))


@read(Lock.NURSE)
async def report(step: Underway[DepartureAnswer]) -> Departure:
    """The report: locked with the nurse."""
    return await departures.get(step.tx, step.command.departure_id)


@read(Lock.PLACE)
async def left(step: Underway[DepartureAnswer]) -> InstitutionState:
    """The state of the institution that she has left, held."""
    return await eligibility.lock_target(step.tx, step[report].institution_id)


@dataclass(frozen=True, slots=True, repr=False)
class DepartureDispute(DepartureAnswer):
    """The nurse's word that she has not left (离职异议)."""

    text: str
    reads = (her_entry, report)
    writes = frozenset({"departure"})

    async def take(self, step: Underway[DepartureDispute]) -> None:
        """Keep what she says; her authority looks into it."""
        require_may_dispute(step.actor, step[report])
        text = wording("text", self.text)
        await departures.write(step.tx, self.departure_id, dispute=text, disputed_at=step.tx.now)
        _record(step, "registration.departure_disputed")


@dataclass(frozen=True, slots=True, repr=False)
class DepartureWithdraw(DepartureAnswer):
    """A wish to take a report back (撤回离职报告).

    By the institution; by a reviewer of her 注册机关, who finds that what she says to it is so.
    """

    reads = (her_entry, report, left)
    writes = frozenset({"departure", "registration", "registration_history", "registration_span", "information_change"})

    async def take(self, step: Underway[DepartureWithdraw]) -> None:
        """She is registered there as before."""
        after = come_back(step.actor, step[report], step[her_entry].registration)
        require_still_there(step[left])
        await departures.write(step.tx, self.departure_id, withdrawn_at=step.tx.now)
        by, upheld = step.actor.account_id, step.actor.party is Party.AUTHORITY
        why = "离职异议成立，离职报告撤销" if upheld else "撤回离职报告"
        await registrations.change(step.tx, after, account_id=by, reason=why, business=False)
        _record(step, "registration.moved_in")
        step.news += await follow(step.tx, step[her_entry], after, step.actor)


def _record(step: Underway[DepartureAnswer], type: str) -> None:
    her, found = step[her_entry], step[report]
    step.nurse_id, step.detail = found.nurse_id, {"departure": found.id}
    places = (found.institution_id, her.registration.authority_id)
    step.news = news(type, her, step.actor, *places)
