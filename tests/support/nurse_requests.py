"""A request that is granted for every command about one nurse's entry, and another one of its kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from rules.application import State
from rules.departure import DepartureReason
from rules.key_fact import KeyFacts
from rules.people import Role
from rules.registration import DeregistrationReason
from rules.verification import Channel
from tests.support.authority_stage import put
from tests.support.contacts import new_mail, reach
from tests.support.key_facts import EVIDENCE, Place, new_number
from tests.support.registration_acts import NUMBER, Acts
from tests.support.world import TODAY, Person
from workflow.departure import DepartureDispute, DepartureReport, DepartureWithdraw
from workflow.interruption import InterruptionEnd, InterruptionStart
from workflow.key_fact import KeyFactApprove, KeyFactReject, KeyFactRequest
from workflow.proposal import DeregistrationPropose, ProposalConfirm, ProposalReject
from workflow.revocation import AccountRevoke
from workflow.step import Command, take
from workflow.suspension import RegistrationLift, RegistrationRevoke, RegistrationSuspend


@dataclass
class Request:
    """Who asks, what is granted to her, and what makes it another request."""

    who: Person
    command: Command
    changes: dict[str, Any]

    @property
    def other(self) -> Command:
        """Another request of the same kind."""
        return replace(self.command, **self.changes)


Make = Callable[[Acts, Place], Awaitable[Request]]


async def _suspend(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.decider, RegistrationSuspend(acts.cast.nurse_id, 6, NUMBER), {"months": 7})


async def _lift(acts: Acts, _: Place) -> Request:
    await acts.take(RegistrationSuspend, acts.cast.decider, months=6, decision_number=NUMBER)
    return Request(acts.cast.decider, RegistrationLift(acts.cast.nurse_id, NUMBER), {"decision_number": "另一号"})


async def _revoke(acts: Acts, _: Place) -> Request:
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    return Request(acts.cast.decider, RegistrationRevoke(acts.cast.nurse_id, NUMBER), {"reason": "另一事由"})


async def _interrupt(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.operator, InterruptionStart(acts.cast.nurse_id, TODAY), {"reason": "病假"})


async def _practise_again(acts: Acts, _: Place) -> Request:
    await acts.take(InterruptionStart, acts.cast.operator, starts_on=TODAY - timedelta(days=9))
    ended = InterruptionEnd(acts.cast.nurse_id, TODAY)
    return Request(acts.cast.operator, ended, {"ends_on": TODAY - timedelta(days=1)})


async def _left(acts: Acts) -> UUID:
    reason = DepartureReason.RESIGNED
    return await acts.take(DepartureReport, acts.cast.operator, reason=reason, left_on=TODAY)


async def _report(acts: Acts, _: Place) -> Request:
    report = DepartureReport(acts.cast.nurse_id, DepartureReason.RESIGNED, TODAY)
    return Request(acts.cast.operator, report, {"reason": DepartureReason.OTHER})


async def _dispute(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.nurse, DepartureDispute(await _left(acts), "我没有离职"), {"text": "未离职"})


async def _withdraw(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.operator, DepartureWithdraw(await _left(acts)), {"departure_id": uuid7()})


async def _proposed(acts: Acts) -> UUID:
    reason = DeregistrationReason.INCAPACITY
    return await acts.take(DeregistrationPropose, acts.cast.decider, reason=reason, decision_number=NUMBER)


async def _propose(acts: Acts, _: Place) -> Request:
    proposal = DeregistrationPropose(acts.cast.nurse_id, DeregistrationReason.INCAPACITY, NUMBER)
    return Request(acts.cast.decider, proposal, {"reason": DeregistrationReason.DEATH})


async def _confirm(acts: Acts, _: Place) -> Request:
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    return Request(await acts.officer(Role.DECIDER), ProposalConfirm(await _proposed(acts)), {"note": "已复核"})


async def _reject(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.decider, ProposalReject(await _proposed(acts)), {"note": "已复核"})


async def _correction(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.nurse, KeyFactRequest(None, KeyFacts(EVIDENCE, "王红")), {"nurse_id": acts.cast.nurse_id})


async def _asked(acts: Acts, number: str) -> UUID:
    await reach(acts.world, acts.cast.nurse.account_id, Channel.MAIL, new_mail(), verified=True)
    facts = KeyFacts(EVIDENCE, "王红", None, number)
    return await take(acts.db, acts.cast.nurse.session, KeyFactRequest(None, facts))


async def _correct(acts: Acts, place: Place) -> Request:
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    number = new_number()
    return Request(
        place.admin, KeyFactApprove(await _asked(acts, number), "王红", number, confirmed=True), {"name": "王洪"}
    )


async def _not_correct(acts: Acts, place: Place) -> Request:
    return Request(place.admin, KeyFactReject(await _asked(acts, new_number()), "证据不足"), {"reason": "材料不清"})


async def _end_account(acts: Acts, _: Place) -> Request:
    await reach(acts.world, acts.cast.nurse.account_id, Channel.MAIL, new_mail(), verified=True)
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    return Request(acts.cast.manager, AccountRevoke(acts.cast.nurse.account_id, "护士已离职"), {"reason": "登记有误"})


NURSE_REQUESTS: Final[Mapping[type[Command], Make]] = {
    RegistrationSuspend: _suspend,
    RegistrationLift: _lift,
    RegistrationRevoke: _revoke,
    InterruptionStart: _interrupt,
    InterruptionEnd: _practise_again,
    DepartureReport: _report,
    DepartureDispute: _dispute,
    DepartureWithdraw: _withdraw,
    DeregistrationPropose: _propose,
    ProposalConfirm: _confirm,
    ProposalReject: _reject,
    KeyFactRequest: _correction,
    KeyFactApprove: _correct,
    KeyFactReject: _not_correct,
    AccountRevoke: _end_account,
}
"""By the command."""
