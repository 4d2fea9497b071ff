"""Suspended from practice (暂停执业), allowed again (解除), struck off (吊销): by a decision with a number."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from db import certificate as certificates
from db import conduct as conducts
from db import registration as registrations
from db import reminder
from db import suspension as suspensions
from db.practice_alert import SUSPENSION_ENDED
from rules import suspension as rules
from rules.conduct import ConductSource, WithdrawalGround
from rules.errors import Together, WrongState
from rules.nurse import DeregistrationReason
from rules.nurse_event import DEREGISTERED
from rules.own_nurse import require_own_nurse
from rules.people import Role
from rules.suspension import Span
from rules.wording import decision_number, remark
from workflow.ending import end_registration
from workflow.information_carry import follow
from workflow.nurse_case import NurseCommand, decider, entry, heard, under_way
from workflow.step import USUAL, Underway, read


@read()
async def suspended(step: Underway[NurseCommand]) -> Span | None:
    """The suspension that runs today: locked with the nurse."""
    return await suspensions.running(step.tx, step.command.nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class RegistrationSuspend(NurseCommand):
    """A decider's wish to forbid her to practise from today for some months; gives the span."""

    months: int
    decision_number: str
    reason: str | None = None
    refuses = USUAL | {WrongState}
    reads = (entry, suspended, decider)
    writes = frozenset({"registration_span", "registration", "registration_history", "conduct_record"})

    async def take(self, step: Underway[RegistrationSuspend]) -> None:
        """Her authority forbids it, from today on."""
        before = step[entry].registration
        require_own_nurse(step[decider], before, Role.DECIDER)
        with Together() as each:
            days = each(lambda: rules.suspend(before, step[suspended], self.months, step.tx.today))
            number = each(lambda: decision_number(self.decision_number, step.tx.today))
            reason = each(lambda: remark("reason", self.reason))
        columns = {"nurse_id": self.nurse_id, "by": step.actor.account_id}
        await suspensions.insert(step.tx, step.key, **columns, days=days, number=number, reason=reason)
        await _noted(step, f"暂停执业，{days[0]}至{days[1]}，决定书文号：{number}", number)
        await _on_record(step, step.key, ConductSource.SUSPENSION, f"暂停执业，{days[0]}至{days[1]}", number)
        heard(step, "registration.suspended")


@dataclass(frozen=True, slots=True, repr=False)
class RegistrationLift(NurseCommand):
    """A decider's wish to end a suspension before its time; gives the span.

    Where the decision to suspend her was undone (撤销), its bad record is withdrawn; one that is only lifted stays.
    """

    decision_number: str
    annulled: WithdrawalGround | None = None
    refuses = USUAL | {WrongState}
    reads = (entry, suspended, decider)
    writes = frozenset({"registration_span", "registration", "registration_history", "conduct_record", "reminder"})

    async def take(self, step: Underway[RegistrationLift]) -> None:
        """Her authority allows her to practise again."""
        before = step[entry].registration
        require_own_nurse(step[decider], before, Role.DECIDER)
        number = decision_number(self.decision_number, step.tx.today)
        ended, last = rules.lift(before, step[suspended], step.tx.today)
        step.key = ended.id
        await suspensions.end(step.tx, ended.id, last)
        if last < step.tx.today:
            # Otherwise she is back tomorrow, and that is told then.
            await reminder.first_time(step.tx, ended.id, SUSPENSION_ENDED)
        await _noted(step, f"解除暂停执业，决定书文号：{number}", number)
        if self.annulled is not None:
            await conducts.undo(step.tx, ended.id, self.annulled, number)
        heard(step, "registration.lifted")


async def _on_record(step: Underway[NurseCommand], key: UUID, source: ConductSource, text: str, number: str) -> None:
    """The bad record of the decision (不良记录, 条例 11), in its own transaction (F26)."""
    her = step[entry].registration
    whose = (her.nurse_id, her.authority_id)
    await conducts.decided(step.tx, key, source, *whose, text=text, number=number)


async def _noted(step: Underway[NurseCommand], why: str, number: str) -> None:
    """A row of history, so that the entry's version rises: whoever judges it later knows that it has changed."""
    step.detail = {"decision_number": number}
    by = step.actor.account_id
    await registrations.change(step.tx, step[entry].registration, account_id=by, reason=why, business=False)


@dataclass(frozen=True, slots=True, repr=False)
class RegistrationRevoke(NurseCommand):
    """A decider's wish to strike her off (吊销); gives the nurse."""

    decision_number: str
    reason: str | None = None
    refuses = USUAL | {WrongState}
    reads = (under_way, entry, decider)
    writes = frozenset(
        {
            *(
                "registration",
                "registration_history",
                "registration_span",
                "certificate",
                "application",
                "activation_code",
            ),
            *("information_change", "conduct_record"),
        }
    )

    @property
    def subject(self) -> UUID:
        """The nurse."""
        return self.nurse_id

    async def take(self, step: Underway[RegistrationRevoke]) -> None:
        """Her authority strikes her off; all that is open for her ends."""
        tx, before, by = step.tx, step[entry].registration, step.actor
        require_own_nurse(step[decider], before, Role.DECIDER)
        with Together() as each:
            number = each(lambda: decision_number(self.decision_number, step.tx.today))
            reason = each(lambda: remark("reason", self.reason))
        after = rules.revoke(before, tx.today)
        why = f"吊销护士执业证书，决定书文号：{number}" + (f"；{reason}" if reason else "")
        await registrations.change(tx, after, account_id=by.account_id, reason=why)
        await certificates.void(tx, self.nurse_id, DeregistrationReason.LICENCE_REVOKED)
        step.news = await end_registration(tx, self.nurse_id, DeregistrationReason.LICENCE_REVOKED, by)
        await _on_record(step, uuid7(), ConductSource.REVOCATION, "吊销护士执业证书", number)
        step.detail = {"decision_number": number}
        heard(step, DEREGISTERED)
        step.news += await follow(tx, step[entry], after, by)
