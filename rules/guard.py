"""The guards of a step that the table of moves allows: a colleague's lease, or a rule about this application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from rules.application_record import Application
from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, Words
from rules.moves import CLAIMED_KINDS, State, Step
from rules.people import Actor, Party
from rules.working_days import SILENCE_DAYS

_UNDER_LEASE: Final = frozenset(
    {
        *(Step.TAKE, Step.RETURN, Step.FORWARD, Step.DECLINE, Step.REQUIRE_CORRECTION, Step.ACCEPT, Step.TRANSFER),
        *(Step.REFUSE_INTAKE, Step.RECOMMEND, Step.APPROVE, Step.REJECT, Step.HOLD, Step.RESUME),
        *(Step.PUT_BACK, Step.ANSWER_OBJECTION),
    }
)


def check_guards(actor: Actor, application: Application, step: Step, now: datetime) -> None:
    """Refuse a step that the table allows but a rule forbids. Without a lease any entitled person may act."""
    # The system's scheduler waits for nobody's lease.
    if step in _UNDER_LEASE and actor.party is not None and held_by_another(actor, application, now):
        raise Conflict(
            Situation.HELD_BY_ANOTHER,
            current_version=application.version,
            by=application.holder_name,
            at=application.held_until,
        )
    refusal = _refusal(actor, application, step, now)
    if refusal is not None:
        in_the_way = application.blocked_by_id if refusal == BLOCKED else None
        raise NotAllowed(refusal, REFUSALS[refusal], in_the_way)


def held_by_another(actor: Actor, application: Application, now: datetime) -> bool:
    """True if another person's lease (30 minutes) is live."""
    return _live(application, now) and application.holder_id != actor.account_id


def holds(account_id: UUID, application: Application, now: datetime) -> bool:
    """True if this account's own lease is live."""
    return _live(application, now) and application.holder_id == account_id


def _live(application: Application, now: datetime) -> bool:
    return application.held_until is not None and application.held_until > now


def _refusal(actor: Actor, application: Application, step: Step, now: datetime) -> str | None:
    """The code of the first rule that forbids `step` to this person now; None where nothing does."""
    return next((code for forbids, code in _RULES.get(step, ()) if forbids(actor, application, now)), None)


def _has_time(application: Application, now: datetime) -> bool:
    """True if the institution's working days cannot be over yet: the workflow counts them in the calendar.

    Whoever cannot send it on has no time for it.
    """
    if application.institution_id is None or application.stranded:
        return False
    return application.queued_at is not None and now < application.queued_at + timedelta(days=SILENCE_DAYS)


BLOCKED: Final = "BLOCKED_BY_DEREGISTRATION"
_Rule: TypeAlias = Callable[[Actor, Application, datetime], bool]
_BLOCKED: Final[tuple[_Rule, str]] = (lambda by, it, now: it.blocked_by_id is not None, BLOCKED)
# Whoever may not decide hands it on, or refuses to take it in: nobody is asked for papers, or advised, for nothing.
_NOT_COMPETENT: Final[tuple[_Rule, str]] = (
    lambda by, it, now: by.party is Party.AUTHORITY and not it.competent,
    "NOT_COMPETENT",
)
_RULES: Final[Mapping[Step, tuple[tuple[_Rule, str], ...]]] = {
    Step.CLAIM_BY_ID_NUMBER: (
        (lambda by, it, now: it.institution_id is not None and it.institution_id == by.party_id, "CLAIMED_BY_YOU"),
        (lambda by, it, now: it.institution_id is not None, "ALREADY_CLAIMED"),
    ),
    Step.REJECT_CLAIM: ((lambda by, it, now: it.institution_id is None, "NOT_CLAIMED"),),
    Step.ESCALATE: (
        (lambda by, it, now: it.institution_id is None and it.kind in CLAIMED_KINDS, "NOT_CLAIMED"),
        (lambda by, it, now: by.party is Party.NURSE and _has_time(it, now), "INSTITUTION_HAS_TIME"),
    ),
    Step.PUT_BACK: ((lambda by, it, now: not holds(by.account_id, it, now), "NOT_HELD"),),
    Step.REQUIRE_CORRECTION: (_NOT_COMPETENT, (lambda by, it, now: it.corrections > 0, "CORRECTION_ONCE")),
    Step.ACCEPT: (_NOT_COMPETENT,),
    Step.RECOMMEND: (_NOT_COMPETENT,),
    # Who comes to the counter may have no account: the reviewer writes down what she brings.
    Step.SUPPLEMENT: (
        (lambda by, it, now: by.party is Party.AUTHORITY and it.filed_by is not Party.AUTHORITY, "NOT_YOUR_FILING"),
    ),
    Step.HOLD: ((lambda by, it, now: it.on_hold, "ON_HOLD"),),
    Step.RESUME: ((lambda by, it, now: not it.on_hold, "NOT_ON_HOLD"),),
    Step.EXTEND: ((lambda by, it, now: it.extended, "EXTENDED_ONCE"),),
    Step.OBJECT: (
        (lambda by, it, now: it.filed_by is not Party.INSTITUTION, "NOT_OPEN_TO_OBJECTION"),
        (lambda by, it, now: it.objected, "OBJECTED_ALREADY"),
    ),
    Step.ANSWER_OBJECTION: ((lambda by, it, now: not it.objected, "NOTHING_OBJECTED"),),
    Step.LAPSE: (
        (lambda by, it, now: it.state is State.INSTITUTION_REVIEW and it.institution_id is not None, "ALREADY_CLAIMED"),
    ),
    Step.REJECT: ((lambda by, it, now: it.on_hold, "ON_HOLD"),),
    Step.DEEM: (_BLOCKED,),
    Step.APPROVE: (
        (lambda by, it, now: it.institution_id is None and it.kind in CLAIMED_KINDS, "NO_INSTITUTION"),
        _NOT_COMPETENT,
        _BLOCKED,
        (lambda by, it, now: it.on_hold, "ON_HOLD"),
        (lambda by, it, now: it.objected, "OBJECTION_UNANSWERED"),
        (lambda by, it, now: it.two_persons and it.recommender_id is None, "RECOMMENDATION_MISSING"),
        (
            lambda by, it, now: it.two_persons and by.account_id in (it.recommender_id, it.answering_id),
            "TWO_PERSONS_REQUIRED",
        ),
    ),
}
"""The rules that forbid a step to a person (`by`); the first one that applies is the refusal."""

REFUSALS: Final[Mapping[str, Words]] = {
    "ALREADY_CLAIMED": Words("该业务已由机构认领", "An institution has this application already."),
    "CLAIMED_BY_YOU": Words(
        "该业务已在本机构办理，见待审核业务", "Your institution has this application already: it is among its reviews."
    ),
    "INSTITUTION_HAS_TIME": Words(
        "机构收到申请满十个工作日仍未办理的，方可直接报送审批机关；哪一天起可以报送，见该申请的“可直接报送日”",
        "It can go on without the institution only after 10 working days of its silence: the application's "
        "escalatesFrom says from which day.",
    ),
    "NOT_CLAIMED": Words("该业务尚未被认领", "No institution has claimed this application."),
    BLOCKED: Words(
        "该护士的注销注册业务（死亡、丧失行为能力或吊销）尚未办结，办结前暂缓作出准予决定",
        "A filing for the end of this registration is undecided: nothing is granted before it is.",
    ),
    "NO_INSTITUTION": Words("尚无机构确认该业务", "No institution has confirmed this application."),
    "NOT_COMPETENT": Words("本机关无权审批该业务，请移送", "Your authority may not decide this: hand it on."),
    "NOT_HELD": Words("该业务不在您名下办理", "You do not hold this application."),
    "CORRECTION_ONCE": Words("补正只能一次性告知", "Corrections may be asked for once only (许可法第三十二条)."),
    "ON_HOLD": Words("该业务已中止计时", "The application is on hold."),
    "NOT_ON_HOLD": Words("该业务未中止计时", "The application is not on hold."),
    "EXTENDED_ONCE": Words("审批期限只能延长一次", "The period may be extended once only (许可法第四十二条)."),
    "NOT_OPEN_TO_OBJECTION": Words("该业务不能提出异议", "This application is not open to objection."),
    "OBJECTED_ALREADY": Words(
        "您已提出异议，请等待审批机关答复", "You have objected already: the authority's answer comes next."
    ),
    "NOTHING_OBJECTED": Words("护士没有待答复的异议", "The nurse has no objection that waits for an answer."),
    "NOT_YOUR_FILING": Words(
        "该申请由另一方提交，须由其办理", "The other side filed this application: ask it to do this."
    ),
    "OBJECTION_UNANSWERED": Words("护士的异议尚未答复", "The nurse's objection has not been answered."),
    "RECOMMENDATION_MISSING": Words("须先由审查人提出意见", "A reviewer's recommendation is required first."),
    "TWO_PERSONS_REQUIRED": Words("审查与决定不能为同一人", "The decider may not be the one who recommended."),
}
