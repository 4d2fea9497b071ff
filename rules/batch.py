"""One step on many applications at once (批量办理): which steps there are, the check, and what becomes of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, Final, Self
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.label import Labelled
from rules.moves import MOVES_OF, Step
from rules.people import PARTY_OF, Actor, require_active, wrong_role

MOST: Final = 500
"""The greatest number of applications in one batch."""
AT_ONCE: Final = 50
"""A batch of so many is done before it is answered; a larger one goes on as a job."""
TOGETHER: Final = 50
"""So many are done in one transaction: the feeds of the place wait no longer than these take."""
GOOD_FOR: Final = timedelta(hours=1)
"""A check is good for so long."""


class BatchState(Labelled):
    """The state of a batch."""

    RUNNING = "RUNNING", "办理中"
    FINISHED = "FINISHED", "已完成"


class BatchOutcome(Labelled):
    """The outcome for one application of a batch."""

    WAITING = "WAITING", "待办理"
    DONE = "DONE", "已办理"
    REFUSED = "REFUSED", "未办理"


class BatchStep(Labelled):
    """A step that is taken on many."""

    TAKE = "TAKE", "领取"
    FORWARD = "FORWARD", "机构同意"
    RETURN = "RETURN", "机构退回"
    ACCEPT = "ACCEPT", "受理"
    RECOMMEND = "RECOMMEND", "审查意见"
    APPROVE = "APPROVE", "同意"


STEPS: Final = tuple(Step(one) for one in BatchStep)
"""The same in the table of moves: none ends an application against the nurse, which needs a look at each."""


@dataclass(frozen=True, slots=True, repr=False)
class Act:
    """A step, and what it takes besides the application: the same for each."""

    step: Step
    given: Mapping[str, Any]


_OPINION: Final = frozenset({"opinion"})
_TAKES: Final[Mapping[Step, frozenset[str]]] = {
    Step.TAKE: frozenset(),
    Step.RETURN: frozenset({"reasons", "opinion", "markedFields", "markedMaterials"}),
    Step.RECOMMEND: frozenset({"agrees", "opinion"}),
}


def require_fitting(step: Step, given: Collection[str]) -> None:
    """Refuse what the step does not take, and an opinion that does not say which way it goes."""
    title = Words(step.label, step.english)
    words = Words(f"“{title.zh}”不需要此项", f"“{title.en}” takes no such thing.")
    problems = [FieldProblem(name, "NOT_FOR_STEP", words) for name in given if name not in _TAKES.get(step, _OPINION)]
    if step is Step.RECOMMEND and "agrees" not in given:
        problems.append(FieldProblem("agrees", "FIELD_REQUIRED", Words("请填写是否同意", "Say whether you agree.")))
    if problems:
        raise Invalid(*problems)


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of a dry run (预检): the versions of the applications that would be done; 0 of what would not.

    It is good for this person and this step.
    """

    account_id: UUID
    step: Step
    until: datetime
    versions: Mapping[UUID, int]

    def written(self) -> bytes:
        """The check as bytes."""
        head = _HEAD.pack(self.account_id.bytes, STEPS.index(self.step), int(self.until.timestamp()))
        return head + b"".join(_ITEM.pack(key.bytes, version) for key, version in self.versions.items())

    @classmethod
    def read(cls, written: bytes) -> Self:
        """The check that `written` has made of it."""
        account, step, until = _HEAD.unpack_from(written)
        items = _ITEM.iter_unpack(written[_HEAD.size :])
        versions = {UUID(bytes=key): version for key, version in items}
        return cls(UUID(bytes=account), STEPS[step], datetime.fromtimestamp(until, UTC), versions)


_HEAD: Final = Struct(">16sBI")
_ITEM: Final = Struct(">16sI")


def check_again() -> Invalid:
    """The refusal of a token that is none, or good no more, or for another."""
    words = Words("预检凭据无效或已过期，请重新预检", "This check is not good, or not any more: check again.")
    return Invalid(FieldProblem("token", "CHECK_AGAIN", words))


def require_checked(check: Check, account_id: UUID, step: Step, now: datetime) -> None:
    """Refuse a check by another person, of another step, or of an hour ago."""
    if check.account_id != account_id or check.step is not step or check.until < now:
        raise check_again()


def require_step(actor: Actor, step: Step) -> None:
    """Refuse whoever never takes this step, on one or on many."""
    roles = [move.role for move in MOVES_OF[step]]
    if not any(actor.party is PARTY_OF[role] and actor.has(role) for role in roles):
        raise wrong_role(roles)
    require_active(actor)


def require_choice(by_filter: bool, keys: Sequence[UUID] | None) -> None:
    """Refuse a choice by both ways, or by none."""
    if by_filter == (keys is not None):
        words = Words("筛选条件与业务清单须填且只填一项", "Give a filter or ids: exactly one.")
        raise Invalid(FieldProblem("where", "ONE_CHOICE", words))


def require_few(found: int, path: str) -> None:
    """Refuse a batch of nothing, or of more than the limit."""
    if found > MOST:
        words = Words(f"一次最多办理{MOST}项，请分批办理", f"At most {MOST} at once: split it.")
        raise Invalid(FieldProblem(path, "TOO_MANY", words))
    if found == 0:
        raise Invalid(FieldProblem(path, "NOTHING", Words("没有符合条件的业务", "Nothing is chosen by this.")))


NOT_CHECKED: Final = FieldProblem(
    "application",
    "NOT_CHECKED",
    Words("预检之后才进入所选范围，未办理，请重新预检", "It joined after the check, and was left out: check again."),
)
LEFT: Final = FieldProblem(
    "application",
    "LEFT_SINCE",
    Words("预检之后已不在所选范围内，未办理", "Since the check it is not among those chosen, and was left out."),
)
FAILED: Final = Words("系统错误，请稍后单独办理", "Something went wrong on our side: do it later, by itself.")


def may_no_more() -> NotAllowed:
    """The refusal of what is left of a batch of somebody who has left, or stands in no more."""
    words = Words("经办账户已停用或代理已结束，未办理", "Whoever began this may not act any more: it was left out.")
    return NotAllowed("BATCH_ENDED", words)
