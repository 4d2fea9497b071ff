"""Questions to the help desk (客服中心提问, N21, I25): where one stands, who answers it, and until when.

OPEN → ANSWERED ⇄ REOPENED → CLOSED. Every question begins at the help desk (客服), which answers how the system is
used; a question of law it hands over to the authority in competence, where a reviewer answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, NotFound, Words, WrongState
from rules.label import Labelled
from rules.people import Actor, Party, Role
from rules.privacy import mask_numbers
from rules.wording import wording

ANSWER_DAYS: Final = 5
"""So many working days a desk has for an answer, counted afresh when it is asked again or handed over."""
CLOSES_AFTER: Final = timedelta(days=14)
"""A question that nobody comes back to is closed so long after its answer."""
ERASED_AFTER: Final = timedelta(days=90)
"""The files of a question are erased so long after it was closed."""
LEASE: Final = timedelta(minutes=30)
LONGEST_TITLE, LONGEST_TEXT = 100, 2000
ASKED_A_DAY: Final = (timedelta(days=1), 10)
SAID_A_DAY: Final = (timedelta(days=1), 50)
"""So many questions one account asks, and so often it says something more, within the span."""
FILES: Final = 5
"""The most files of one question."""


class QuestionState(Labelled):
    """The state of a question (提问状态)."""

    OPEN = "OPEN", "待答复"
    ANSWERED = "ANSWERED", "已答复"
    REOPENED = "REOPENED", "再次提问"
    CLOSED = "CLOSED", "已关闭"


class QuestionTopic(Labelled):
    """The topic of a question (问题类别)."""

    ACCOUNT = "ACCOUNT", "注册与激活"
    SIGN_IN = "SIGN_IN", "登录与找回"
    APPLICATION = "APPLICATION", "业务申请"
    INFORMATION = "INFORMATION", "信息维护"
    CERTIFICATE = "CERTIFICATE", "执业证书"
    INSTITUTION = "INSTITUTION", "机构管理"
    LAW = "LAW", "政策法规"
    OTHER = "OTHER", "其他"


class Said(Labelled):
    """The kind of a message of a question (提问记录)."""

    ASKED = "ASKED", "提问"
    ADDED = "ADDED", "补充"
    ANSWERED = "ANSWERED", "答复"
    HANDED_OVER = "HANDED_OVER", "转办"


class QuestionStep(StrEnum):
    """A step on a question."""

    REPLY = "REPLY"
    CLOSE = "CLOSE"
    ADD_FILE = "ADD_FILE"
    TAKE = "TAKE"
    PUT_BACK = "PUT_BACK"
    ANSWER = "ANSWER"
    HAND_OVER = "HAND_OVER"


_OPEN, _ANSWERED, _REOPENED, _CLOSED = QuestionState
WAITING: Final = frozenset({_OPEN, _REOPENED})
"""The states in which a desk owes an answer."""
MOVES: Final[Mapping[QuestionStep, Mapping[QuestionState, QuestionState]]] = {
    QuestionStep.REPLY: {_OPEN: _OPEN, _ANSWERED: _REOPENED, _REOPENED: _REOPENED},
    QuestionStep.CLOSE: {_OPEN: _CLOSED, _ANSWERED: _CLOSED, _REOPENED: _CLOSED},
    QuestionStep.ADD_FILE: {_OPEN: _OPEN, _REOPENED: _REOPENED},
    QuestionStep.TAKE: {_OPEN: _OPEN, _REOPENED: _REOPENED},
    QuestionStep.PUT_BACK: {_OPEN: _OPEN, _REOPENED: _REOPENED},
    QuestionStep.ANSWER: {_OPEN: _ANSWERED, _REOPENED: _ANSWERED},
    QuestionStep.HAND_OVER: {_OPEN: _OPEN, _REOPENED: _REOPENED},
}
"""The state to which each step leads, by the state from which it may be taken."""
OF_ASKER: Final = frozenset({QuestionStep.REPLY, QuestionStep.CLOSE, QuestionStep.ADD_FILE})


@dataclass(frozen=True, slots=True)
class Question:
    """A locked question; `authority_id` is whose desk has it, None for the help desk."""

    id: UUID
    state: QuestionState
    version: int
    topic: QuestionTopic
    account_id: UUID | None
    """The asker's account; None for somebody without one."""
    nurse_id: UUID | None
    """The nurse who the asker is."""
    feed: UUID | None
    """The asker's feed."""
    units: tuple[UUID, ...]
    """The units that the asker is limited to."""
    competent_id: UUID | None
    """The authority in competence for the asker, where one is known."""
    authority_id: UUID | None
    holder_id: UUID | None
    held_until: datetime | None


def require_step(actor: Actor, question: Question, step: QuestionStep, version: int, now: datetime) -> QuestionState:
    """The state to which a step leads; NotFound for who does not read the question, as for whoever has no part in it.

    Nobody answers what she has asked herself, and while a colleague works on it (领取) nobody else does.
    """
    asker = question.account_id is not None and question.account_id == actor.account_id
    if step in OF_ASKER:
        if not asker:
            raise NotFound if not _reads(actor, question) else NotAllowed("NOT_YOUR_QUESTION", _NOT_YOURS)
    elif asker or (_reads(actor, question) and actor.is_nurse(question.nurse_id)):
        raise NotAllowed("ABOUT_YOURSELF", _OWN)
    else:
        require_answers(actor, question)
    if question.version != version:
        raise Conflict(Situation.VERSION_STALE, current_version=question.version)
    if question.state not in MOVES[step]:
        raise WrongState(question.state)
    free = question.held_until is None or question.held_until <= now or question.holder_id == actor.account_id
    if step not in OF_ASKER and not free:
        raise Conflict(Situation.HELD_BY_ANOTHER, at=question.held_until)
    if step is QuestionStep.PUT_BACK and question.holder_id != actor.account_id:
        raise NotAllowed("NOT_HELD", _NOT_HELD)
    return MOVES[step][question.state]


def _reads(actor: Actor, question: Question) -> bool:
    """True for the people of a desk who read a question, as `scope.questions` says it."""
    if not actor.active:
        return False
    if actor.party is Party.HELP_DESK:
        return actor.has(Role.HELP_DESK)
    here = question.authority_id is not None and question.authority_id == actor.party_id
    return here and actor.has(Role.REVIEWER)


def require_answers(actor: Actor, question: Question) -> None:
    """Refuse whoever does not answer it; the help desk reads what it has handed over, and answers it no more."""
    if not _reads(actor, question):
        raise NotFound
    if actor.party is Party.HELP_DESK and question.authority_id is not None:
        raise NotAllowed("HANDED_OVER", _HANDED_OVER)


def title(text: str) -> str:
    """The title of a question, with the numbers of people masked: 1 to 100 characters in one line."""
    return mask_numbers(wording("title", text, LONGEST_TITLE, _TITLE, allowed=""))


def words(text: str, path: str = "text") -> str:
    """The words of a message, with the numbers of people masked: 1 to 2,000 characters."""
    return mask_numbers(wording(path, text, LONGEST_TEXT, _TEXT))


def require_target(question: Question, named: UUID | None) -> UUID:
    """The authority that a question is handed over to: the one named, else that in competence for the asker."""
    to = named or question.competent_id
    if to is None:
        raise Invalid(FieldProblem("authorityId", "FIELD_REQUIRED", _NAME_ONE))
    if to == question.authority_id:
        raise Invalid(FieldProblem("authorityId", "THERE_ALREADY", _THERE))
    return to


def require_room(files: int) -> None:
    """Refuse a file too many."""
    if files >= FILES:
        raise NotAllowed("TOO_MANY_FILES", Words(f"每个问题最多{FILES}个附件", f"At most {FILES} files a question."))


_TITLE: Final = Words("请填写问题标题", "Give a title.")
_TEXT: Final = Words("请填写内容", "Say what it is about.")
_NOT_YOURS: Final = Words("只有提问人可以办理", "Only who has asked does this.")
_OWN: Final = Words("不能答复本人的提问", "Nobody answers her own question.")
_NOT_HELD: Final = Words("您没有领取该问题", "You do not hold this question.")
_HANDED_OVER: Final = Words("该问题已转办，由受理机关答复", "It was handed over: the authority that has it answers.")
_NAME_ONE: Final = Words(
    "无法确定提问人的主管机关，请选择转办机关", "No authority in competence is known of who asks: name one."
)
_THERE: Final = Words("该问题已在该机关", "It lies there already.")
