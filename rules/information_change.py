"""Changes of what the register says of a nurse (信息修改, N14, I15, I27): asked for by her, or written where she works.

Her own are reviewed there; an institution's edits wait for her objection or can be objected to. Name and document are
corrected otherwise (`rules/key_fact.py`); examination data never by a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, Words
from rules.label import Labelled
from rules.people import Party
from rules.registration import Registration, RegistrationStatus

LAPSE_DAYS: Final = 30
"""The days after which what was returned, and is not answered, lapses."""
OBJECTION_DAYS: Final = 5
"""The working days within which she may object to what her institution writes."""
DISPUTE_DAYS: Final = 20
"""The working days within which her 注册机关 decides what she objects to."""


class ChangeState(Labelled):
    """The state of a change of information (信息修改状态)."""

    PENDING = "PENDING", "待审核"
    RETURNED = "RETURNED", "已退回"
    ANNOUNCED = "ANNOUNCED", "异议期内"
    DISPUTED = "DISPUTED", "有异议，待裁定"
    APPROVED = "APPROVED", "已同意"
    REJECTED = "REJECTED", "不同意"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    SUPERSEDED = "SUPERSEDED", "已被取代"
    LAPSED = "LAPSED", "已失效"


class ChangeStep(Labelled):
    """A step that somebody takes on a change of information (信息修改办理步骤)."""

    ANSWER = "ANSWER", "补充信息修改"
    WITHDRAW = "WITHDRAW", "撤回"
    ESCALATE = "ESCALATE", "转注册机关审核"
    OBJECT = "OBJECT", "提出异议"
    APPROVE = "APPROVE", "同意"
    REJECT = "REJECT", "不同意"
    RETURN = "RETURN", "退回"


_S = ChangeState
HERS: Final = frozenset({_S.PENDING, _S.RETURNED})
"""The states of what she asked for, while it is open; of these a nurse has one at most."""
EDITS: Final = frozenset({_S.ANNOUNCED, _S.DISPUTED})
"""The states of what her institution has written, and the record does not say yet, or does not any more."""
OPEN: Final = HERS | EDITS
SOURCES: Final[Mapping[ChangeStep, frozenset[ChangeState]]] = {
    ChangeStep.ANSWER: frozenset({_S.RETURNED}),
    ChangeStep.WITHDRAW: OPEN,
    ChangeStep.ESCALATE: frozenset({_S.PENDING}),
    ChangeStep.OBJECT: frozenset({_S.ANNOUNCED}),
    ChangeStep.APPROVE: frozenset({_S.PENDING, _S.DISPUTED}),
    ChangeStep.REJECT: frozenset({_S.PENDING, _S.DISPUTED}),
    ChangeStep.RETURN: frozenset({_S.PENDING}),
}
"""The states from which each step leads on; an edit that took effect at once may be objected to as well."""


@dataclass(frozen=True, slots=True, repr=False)
class InformationChange:
    """A change as it stands; `asked` and `recorded` are the wanted and the replaced values, as a form keeps them."""

    id: UUID
    nurse_id: UUID
    state: ChangeState
    version: int
    filed_by: Party
    asked: Mapping[str, str | None]
    recorded: Mapping[str, str | None]
    marked_fields: tuple[str, ...]
    superseded_fields: tuple[str, ...]
    created_at: datetime
    queued_at: datetime
    escalated_at: datetime | None
    objected_at: datetime | None
    proven: bool
    """True where it came with a proof paper."""

    @property
    def stands_at_once(self) -> bool:
        """True for an institution's edit that took effect at once, and was never objected to."""
        at_once = self.filed_by is Party.INSTITUTION and not self.proven
        return at_once and self.state is _S.APPROVED and self.objected_at is None


def require_stands(step: ChangeStep, change: InformationChange, version: int | None) -> None:
    """Refuse a step on a change that has moved on, or does not stand where the step begins."""
    objectionable = step is ChangeStep.OBJECT and change.stands_at_once
    if change.state not in OPEN and not objectionable:
        raise Conflict(Situation.REQUEST_DECIDED, current_version=change.version)
    if version is not None and change.version != version:
        raise Conflict(Situation.VERSION_STALE, current_version=change.version)
    if not objectionable and change.state not in SOURCES[step]:
        hers = step is ChangeStep.OBJECT and change.state is _S.DISPUTED
        raise NotAllowed(*(_OBJECTED if hers else _ELSEWHERE[change.state]))


def before_first(registration: Registration, open_application: bool) -> bool:
    """True if what she changes takes effect at once: she was never registered, and nothing of hers is under way.

    Raises NotAllowed where it travels with her application, and takes effect with its approval.
    """
    if registration.status is not RegistrationStatus.NEVER:
        return False
    if open_application:
        raise NotAllowed("TRAVELS_WITH_APPLICATION", _TRAVELS)
    return True


def lapses_before(now: datetime) -> datetime:
    """The moment before which what was returned, and is unanswered, lapses."""
    return now - timedelta(days=LAPSE_DAYS)


def lapses(change: InformationChange, now: datetime) -> bool:
    """True if a change was returned so long ago that its answer is waited for no longer."""
    return change.state is _S.RETURNED and change.queued_at < lapses_before(now)


_ELSEWHERE: Final = {
    _S.PENDING: (
        "CHANGE_PENDING",
        Words("该修改正在审核，请等待审核结果", "This change is being reviewed: wait for the result."),
    ),
    _S.RETURNED: (
        "CHANGE_RETURNED",
        Words("该修改已退回护士，请等待其补充", "This change was returned to the nurse: wait for her answer."),
    ),
    _S.ANNOUNCED: (
        "CHANGE_ANNOUNCED",
        Words(
            "该修改在异议期内，护士未提出异议的，期满后自动生效",
            "The nurse may object to this change: unless she does, it takes effect by itself when her time is over.",
        ),
    ),
    _S.DISPUTED: (
        "CHANGE_DISPUTED",
        Words("护士已提出异议，请等待注册机关裁定", "The nurse objects to this change: her authority decides."),
    ),
}
ONE_OPEN: Final = Words(
    "您的信息修改正在审核，请等待结果，或撤回后重新提交",
    "A change of your information is being reviewed: wait for its result, or take it back and ask anew.",
)
_OBJECTED: Final = (
    "CHANGE_DISPUTED",
    Words("您已提出异议，请等待注册机关裁定", "You have objected already: your authority decides."),
)
_TRAVELS: Final = Words(
    "首次注册申请正在办理，学历等信息随该申请审核生效，请在申请中填写",
    "Your first registration is under way: what you change travels with it, so say it there.",
)
