"""Undoing a decision (撤销, 行政许可法 69): a provincial admin proposes it, another confirms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from db import application as applications
from db import proposal, registration
from db import void as voids
from db.feed.event import Addressed
from db.registration import Entry
from db.store.engine import Tx
from rules.application import Application, State, Step
from rules.errors import Together, WrongState
from rules.kinds import Kind
from rules.nurse_event import MOVED_IN, MOVED_OUT
from rules.other import remark_on, said
from rules.people import Actor
from rules.proposal import Proposal, VoidGround
from rules.reasons import Reason, bar_until
from rules.registration import Registration
from rules.verification import RequestKind, RequestState
from rules.void import Stage, bar_without, stand_in, undo
from rules.wording import decision_number
from workflow.case import Case, heard, write
from workflow.ending import news, notified
from workflow.information_carry import follow
from workflow.step import USUAL, Command, Lock, Underway, read

_GROUND: Final = "撤销依据：{ground}；文号：{number}"


@read(Lock.APPLICATION)
async def judged(step: Underway[VoidPropose]) -> Application:
    """The locked application, whose decision this officer may undo."""
    return (await _judged(step.tx, step.actor, step.command.application_id)).application


@read(Lock.NURSE)
async def entry(step: Underway[VoidPropose]) -> Entry:
    """The nurse's entry in the register, locked."""
    return await registration.lock(step.tx, step[judged].nurse_id)


@read()
async def stages(step: Underway[VoidPropose]) -> list[Stage]:
    """The stages of the entry since, where the decision has changed it."""
    approved = step[judged].state is State.APPROVED
    return await voids.stages(step.tx, step[judged].nurse_id) if approved else []


@dataclass(frozen=True, slots=True, repr=False)
class VoidPropose(Command):
    """A provincial admin's wish to have a decision undone; gives the proposal, which another one confirms."""

    application_id: UUID
    ground: VoidGround
    number: str
    remarks: str | None = None
    refuses = USUAL | {WrongState}
    reads = (judged, entry, stages)
    writes = frozenset({"desk_request"})

    async def take(self, step: Underway[VoidPropose]) -> None:
        """Propose it, where it could be done now."""
        application, actor = step[judged], step.actor
        if application.state is State.APPROVED:
            _undone(application, step[entry].registration, self.ground, step[stages], step.tx.today)
        assert actor.party_id is not None
        of = (step.key, RequestKind.VOID, RequestState.PENDING, application.nurse_id, actor.party_id)
        with Together() as each:
            number = each(lambda: decision_number(self.number, step.tx.today))
            remarks = each(lambda: remark_on(self.ground, "remarks", self.remarks))
        proposed = Proposal(
            *(*of, actor.account_id, step.tx.now),
            number=number,
            remarks=remarks,
            application_id=application.id,
            ground=self.ground,
        )
        await proposal.insert(step.tx, proposed)
        step.detail = {"application": application.id, "ground": self.ground}
        step.nurse_id = application.nurse_id


async def _judged(tx: Tx, actor: Actor, application_id: UUID) -> Case:
    """The locked application that this officer may undo, as she stands for its authority."""
    authority_id, path = await voids.where_decided(tx, application_id)
    application = await applications.lock(tx, application_id)
    acting = stand_in(actor, authority_id, path)
    return Case.judged(tx, acting, Step.VOID, application)


def _undone(
    application: Application, entry: Registration, ground: VoidGround, stages: list[Stage], today: date
) -> Registration:
    """The entry as it will stand; refused where it cannot be undone."""
    bar = bar_until((Reason.FRAUD,), today) if ground is VoidGround.FRAUD else None
    return undo(entry, application.kind, application.id, stages, bar)


async def confirmed(tx: Tx, actor: Actor, proposal: Proposal) -> list[Addressed]:
    """Undo it: the application is VOIDED, the entry stands as before, the decision on it is kept; what to tell."""
    assert proposal.application_id is not None
    assert proposal.ground is not None
    case = await _judged(tx, actor, proposal.application_id)
    reasons = (Reason.FRAUD,) if proposal.ground is VoidGround.FRAUD else ()
    why = _GROUND.format(ground=said(proposal.ground, proposal.remarks), number=proposal.number)
    if case.application.state is State.APPROVED:
        case.also += await _restore(case, proposal.ground, why)
    else:
        await _unbar(case)
    beside = proposal.remarks and not proposal.ground.unlisted
    opinion = f"{why}；备注：{proposal.remarks}" if beside else why
    await case.decide("AUTHORITY_DECISION", "VOIDED", opinion=opinion, reasons=reasons)
    await write(case)
    return heard(case)


async def _unbar(case: Case) -> None:
    """A refusal that is undone bars nobody any more (许可法 78)."""
    tx, application = case.tx, case.application
    barred = (await registration.lock(tx, application.nurse_id)).registration.bar_until
    left = bar_without(application.id, barred, await voids.refusals(tx, application.nurse_id))
    if left != barred:
        await registration.unbar(tx, application.nurse_id, left)


async def _restore(case: Case, ground: VoidGround, why: str) -> list[Addressed]:
    """Put the entry back, with a row of history; who loses and who gets her hears of it."""
    tx, application, by = case.tx, case.application, case.actor
    entry = await registration.lock(tx, application.nurse_id)
    before = entry.registration
    after = _undone(application, before, ground, await voids.stages(tx, before.nurse_id), tx.today)
    columns: dict[str, Any] = {"application_id": application.id, "account_id": by.account_id, "reason": why}
    await registration.change(tx, after, **columns, business=False)
    if application.kind is Kind.DEREGISTRATION:
        await voids.revive_certificate(tx, before.nurse_id)
    if before.institution_id == after.institution_id:
        return []
    out, into = (before.institution_id, before.authority_id), (after.institution_id, after.authority_id)
    moved_out = news(MOVED_OUT, entry, by, *out) if out[0] else []
    went = [*notified(moved_out, before.authority_id, after), *news(MOVED_IN, entry, by, *into)]
    return [*went, *await follow(tx, entry, after, by)]
