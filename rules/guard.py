"""What forbids a step that the table of moves allows: a colleague's lease, or a rule about this application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rules.errors import Conflict, NotAllowed, Words
from rules.moves import State, Step
from rules.people import Actor, Party

if TYPE_CHECKING:
    from rules.application import Application

_UNDER_LEASE: Final = frozenset(
    {
        *(Step.TAKE, Step.RETURN, Step.FORWARD, Step.DECLINE, Step.REQUIRE_CORRECTION, Step.ACCEPT, Step.TRANSFER),
        *(Step.REFUSE_INTAKE, Step.RECOMMEND, Step.APPROVE, Step.REJECT, Step.HOLD, Step.RESUME),
    }
)


def check_guards(actor: Actor, application: Application, step: Step, now: datetime) -> None:
    """Refuse a step that the table allows but a rule forbids. Without a lease anybody entitled may act."""
    if step in _UNDER_LEASE and held_by_another(actor, application, now):
        raise Conflict(
            Words("该业务正由他人办理", "A colleague holds this application."),
            current_version=application.version,
            by=application.holder_name,
            at=application.held_until,
        )
    refusal = _refusal(actor, application, step, now)
    if refusal is not None:
        raise NotAllowed(refusal, REFUSALS[refusal])


def held_by_another(actor: Actor, application: Application, now: datetime) -> bool:
    """Whether somebody else's lease (30 minutes) is live."""
    live = application.held_until is not None and application.held_until > now
    return live and application.holder_id != actor.account_id


def _refusal(actor: Actor, application: Application, step: Step, now: datetime) -> str | None:
    """The code of the first rule that forbids `step` to this person now; None where nothing does."""
    a, claimed = application, application.institution_id is not None
    holds = a.holder_id == actor.account_id and a.held_until is not None and a.held_until > now
    rules = {
        Step.CLAIM_BY_ID_NUMBER: [(claimed, "ALREADY_CLAIMED")],
        Step.REJECT_CLAIM: [(not claimed, "NOT_CLAIMED")],
        Step.PUT_BACK: [(not holds, "NOT_HELD")],
        Step.REQUIRE_CORRECTION: [(a.corrections > 0, "CORRECTION_ONCE")],
        Step.HOLD: [(a.on_hold, "ON_HOLD")],
        Step.RESUME: [(not a.on_hold, "NOT_ON_HOLD")],
        Step.EXTEND: [(a.extended, "EXTENDED_ONCE")],
        Step.OBJECT: [(a.filed_by is Party.NURSE or a.objected, "NOT_OPEN_TO_OBJECTION")],
        Step.WITHDRAW: [(a.filed_by is not actor.party, "NOT_YOUR_FILING")],
        Step.LAPSE: [(a.state is State.INSTITUTION_REVIEW and claimed, "CLAIMED")],
        Step.REJECT: [(a.on_hold, "ON_HOLD")],
        Step.APPROVE: [
            (a.on_hold, "ON_HOLD"),
            (a.objected, "OBJECTION_UNANSWERED"),
            (a.two_persons and a.recommender_id is None, "RECOMMENDATION_MISSING"),
            (a.two_persons and a.recommender_id == actor.account_id, "TWO_PERSONS_REQUIRED"),
        ],
    }
    return next((code for forbids, code in rules.get(step, ()) if forbids), None)


REFUSALS: Final[Mapping[str, Words]] = {
    "ALREADY_CLAIMED": Words("该业务已被其他机构认领", "Another institution has claimed this application."),
    "NOT_CLAIMED": Words("该业务尚未被认领", "No institution has claimed this application."),
    "CLAIMED": Words("该业务已由机构受理审核", "An institution reviews this application."),
    "NOT_HELD": Words("该业务不在您名下办理", "You do not hold this application."),
    "CORRECTION_ONCE": Words("补正只能一次性告知", "Corrections may be asked for once only (许可法第三十二条)."),
    "ON_HOLD": Words("该业务已中止计时", "The application is on hold."),
    "NOT_ON_HOLD": Words("该业务未中止计时", "The application is not on hold."),
    "EXTENDED_ONCE": Words("审批期限只能延长一次", "The period may be extended once only (许可法第四十二条)."),
    "NOT_OPEN_TO_OBJECTION": Words("该业务不能提出异议", "This application is not open to objection."),
    "NOT_YOUR_FILING": Words("只能撤回本方提交的申请", "Only whoever filed an application may withdraw it."),
    "OBJECTION_UNANSWERED": Words("护士的异议尚未答复", "The nurse's objection has not been answered."),
    "RECOMMENDATION_MISSING": Words("须先由审查人提出意见", "A reviewer's recommendation is required first."),
    "TWO_PERSONS_REQUIRED": Words("审查与决定不能为同一人", "The decider may not be the one who recommended."),
}
