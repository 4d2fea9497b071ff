"""The one table of moves that an application can make (状态流转表).

The check on a step, the buttons a person sees, the documentation and the tests all read `MOVES`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from rules.deregistration import PROVEN
from rules.kinds import Kind
from rules.label import Labelled
from rules.nurse import DeregistrationReason
from rules.people import Party, Role


class State(Labelled):
    """The state of an application."""

    DRAFT = "DRAFT", "草稿"
    INSTITUTION_REVIEW = "INSTITUTION_REVIEW", "待机构审核"
    RETURNED = "RETURNED", "机构退回"
    AUTHORITY_INTAKE = "AUTHORITY_INTAKE", "待受理"
    CORRECTION_REQUIRED = "CORRECTION_REQUIRED", "待补正"
    ACCEPTED = "ACCEPTED", "审批中"
    APPROVED = "APPROVED", "同意"
    REJECTED = "REJECTED", "不同意"
    INSTITUTION_REJECTED = "INSTITUTION_REJECTED", "机构不同意"
    NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    LAPSED = "LAPSED", "逾期失效"
    VOIDED = "VOIDED", "撤销"


class Step(Labelled):
    """A step that is taken with an application."""

    CREATE_DRAFT = "CREATE_DRAFT", "新建申请"
    SAVE_DRAFT = "SAVE_DRAFT", "保存草稿"
    SUBMIT = "SUBMIT", "提交"
    FILE_DEREGISTRATION = "FILE_DEREGISTRATION", "机构提交注销"
    FILE_AT_COUNTER = "FILE_AT_COUNTER", "窗口受理"
    FILE_COLLECTIVELY = "FILE_COLLECTIVELY", "集体申请"
    OBJECT = "OBJECT", "提出异议"
    ANSWER_OBJECTION = "ANSWER_OBJECTION", "答复异议"
    CLAIM_BY_ID_NUMBER = "CLAIM_BY_ID_NUMBER", "按证件号认领"
    REJECT_CLAIM = "REJECT_CLAIM", "否认认领"
    TAKE = "TAKE", "领取"
    PUT_BACK = "PUT_BACK", "放回"
    REASSIGN = "REASSIGN", "改派"
    RETURN = "RETURN", "机构退回"
    RESUBMIT = "RESUBMIT", "重新提交"
    FORWARD = "FORWARD", "机构同意"
    DECLINE = "DECLINE", "机构不同意"
    ESCALATE = "ESCALATE", "直接报送审批机关"
    REQUIRE_CORRECTION = "REQUIRE_CORRECTION", "补正告知"
    SUPPLEMENT = "SUPPLEMENT", "补正"
    ACCEPT = "ACCEPT", "受理"
    REFUSE_INTAKE = "REFUSE_INTAKE", "不予受理"
    TRANSFER = "TRANSFER", "移送"
    PASS_UP = "PASS_UP", "转由上级机关办理"
    HOLD = "HOLD", "中止计时"
    RESUME = "RESUME", "恢复计时"
    EXTEND = "EXTEND", "延长期限"
    RECOMMEND = "RECOMMEND", "审查意见"
    APPROVE = "APPROVE", "同意"
    REJECT = "REJECT", "不同意"
    WITHDRAW = "WITHDRAW", "撤回"
    LAPSE = "LAPSE", "逾期失效"
    DEEM = "DEEM", "视为准予"
    VOID = "VOID", "撤销"
    END_REGISTRATION = "END_REGISTRATION", "因注销终止"
    BLOCK = "BLOCK", "暂缓决定"
    UNBLOCK = "UNBLOCK", "解除暂缓决定"


OPEN: Final = frozenset(
    {State.INSTITUTION_REVIEW, State.RETURNED, State.AUTHORITY_INTAKE, State.CORRECTION_REQUIRED, State.ACCEPTED}
)
"""Undecided and filed: a nurse has one of these at a time, but for `collides`."""

ANSWERING: Final = frozenset({State.RETURNED, State.CORRECTION_REQUIRED})
"""The states in which a reviewer's marks wait for their answers."""
PENDING: Final[Mapping[Party, frozenset[State]]] = {
    Party.INSTITUTION: frozenset({State.INSTITUTION_REVIEW}),
    Party.AUTHORITY: frozenset({State.AUTHORITY_INTAKE, State.ACCEPTED}),
}
"""The states in which an application waits on a reviewer's desk: its pending reviews."""


def collides(kind: Kind, open_kinds: Collection[Kind]) -> bool:
    """True if a nurse with these open applications may not open this kind: only CHANGE and RENEWAL stand together."""
    return any({kind, other} != {Kind.CHANGE, Kind.RENEWAL} for other in open_kinds)


def blocks_the_rest(kind: Kind, form: Mapping[str, object]) -> bool:
    """True if, while this filing is open, no other open application of the nurse is granted (暂缓决定).

    For the dead, the incapable and those struck off there is nothing to renew; until it is decided nobody knows.
    """
    return kind is Kind.DEREGISTRATION and form.get("reason") in PROVEN


def unblocks(kind: Kind, source: State, target: State) -> bool:
    """True if an application that may have blocked others is over, and was not granted."""
    return kind is Kind.DEREGISTRATION and source in OPEN and target not in {*OPEN, State.APPROVED}


def outlives(kind: Kind, reason: DeregistrationReason) -> bool:
    """True if an open application goes on when the registration ends for this reason (注销后继续办理).

    Whoever expired or stopped for a reason of her own may be registered again, and has applied for that already.
    """
    return kind is Kind.REREGISTRATION and reason in {DeregistrationReason.EXPIRED, DeregistrationReason.OTHER}


def desk(state: State | None) -> frozenset[Party]:
    """The end of the system on whose desk an application of this state is; nobody's where it waits for the nurse."""
    return frozenset(party for party, pending in PENDING.items() if state in pending)


@dataclass(frozen=True, slots=True)
class Move:
    """`role` takes `step` and the application goes from `source` (None: it does not exist yet) to `target`.

    `claimed`: only where its institution has claimed it, or only where she has named that herself.
    """

    role: Role
    step: Step
    source: State | None
    target: State
    kinds: frozenset[Kind] = frozenset(Kind)
    claimed: bool | None = None


def _moves(
    step: Step,
    roles: tuple[Role, ...],
    sources: tuple[State | None, ...],
    target: State | None = None,
    kinds: frozenset[Kind] = frozenset(Kind),
    claimed: bool | None = None,
) -> tuple[Move, ...]:
    """Every combination; without a target the application stays where it is."""
    return tuple(
        Move(role, step, source, end, kinds, claimed)
        for role in roles
        for source in sources
        if (end := target or source)
    )


_N, _IO, _IM = Role.NURSE, Role.OPERATOR, Role.MANAGER
_AR, _AD, _AS, _PA, _SYS = Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN, Role.SYSTEM
_REVIEW, _INTAKE, _ACCEPTED = State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, State.ACCEPTED
_CORRECTION = State.CORRECTION_REQUIRED
_UNDECIDED = (State.DRAFT, _REVIEW, State.RETURNED, _INTAKE, _CORRECTION, _ACCEPTED)
_RENEWAL, _REISSUE = frozenset({Kind.RENEWAL}), frozenset({Kind.REISSUE})
_DEREGISTRATION = frozenset({Kind.DEREGISTRATION})
# 办法: nurses of one institution may be registered and renewed together.
_COLLECTIVE = frozenset({Kind.FIRST, Kind.RENEWAL})
# Reviewed by the institution she goes to: the others by the one where she is, which needs no claim.
CLAIMED_KINDS: Final = frozenset({Kind.FIRST, Kind.CHANGE, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER})

MOVES: Final[tuple[Move, ...]] = (
    *_moves(Step.CREATE_DRAFT, (_N,), (None,), State.DRAFT),
    *_moves(Step.SAVE_DRAFT, (_N,), (State.DRAFT,)),
    *_moves(Step.SUBMIT, (_N,), (State.DRAFT,), _REVIEW, frozenset(Kind) - _REISSUE),
    *_moves(Step.SUBMIT, (_N,), (State.DRAFT,), _INTAKE, _REISSUE),
    *_moves(Step.FILE_DEREGISTRATION, (_IO,), (None,), _INTAKE, _DEREGISTRATION),
    *_moves(Step.FILE_AT_COUNTER, (_AR,), (None,), _INTAKE),
    *_moves(Step.FILE_COLLECTIVELY, (_IO,), (None,), _INTAKE, _COLLECTIVE),
    # Who has no account objects at the counter, and for the incapable her guardian: a reviewer writes it down.
    *_moves(Step.OBJECT, (_N, _AR), (_INTAKE, _CORRECTION, _ACCEPTED), None, _DEREGISTRATION),
    *_moves(Step.ANSWER_OBJECTION, (_AR,), (_INTAKE, _ACCEPTED), None, _DEREGISTRATION),
    *_moves(Step.CLAIM_BY_ID_NUMBER, (_IO,), (_REVIEW,), None, CLAIMED_KINDS),
    *_moves(Step.REJECT_CLAIM, (_N,), (_REVIEW,), None, CLAIMED_KINDS, claimed=True),
    # Whom she has named herself nobody else may claim: she names another.
    *_moves(Step.REJECT_CLAIM, (_N,), (_REVIEW,), State.RETURNED, CLAIMED_KINDS, claimed=False),
    *_moves(Step.TAKE, (_IO,), (_REVIEW,)),
    *_moves(Step.TAKE, (_AR,), (_INTAKE, _ACCEPTED)),
    # At intake there is nothing for a decider to do: she would only keep the reviewer from it.
    *_moves(Step.TAKE, (_AD,), (_ACCEPTED,)),
    *_moves(Step.PUT_BACK, (_IO,), (_REVIEW,)),
    *_moves(Step.PUT_BACK, (_AR, _AD), (_INTAKE, _ACCEPTED)),
    *_moves(Step.REASSIGN, (_IM,), (_REVIEW,)),
    *_moves(Step.REASSIGN, (_AS,), (_INTAKE, _ACCEPTED)),
    *_moves(Step.RETURN, (_IO,), (_REVIEW,), State.RETURNED),
    # An institution that ends leaves no review behind: she picks another.
    *_moves(Step.RETURN, (_SYS,), (_REVIEW,), State.RETURNED, CLAIMED_KINDS),
    *_moves(Step.RETURN, (_SYS,), (State.RETURNED,)),
    *_moves(Step.RESUBMIT, (_N,), (State.RETURNED,), _REVIEW),
    *_moves(Step.FORWARD, (_IO,), (_REVIEW,), _INTAKE),
    *_moves(Step.DECLINE, (_IO,), (_REVIEW,), State.INSTITUTION_REJECTED, claimed=False),
    # Whoever knows her number can claim: her application is not theirs to end.
    *_moves(Step.DECLINE, (_IO,), (_REVIEW,), None, CLAIMED_KINDS, claimed=True),
    *_moves(Step.ESCALATE, (_N, _SYS), (_REVIEW,), _INTAKE),
    *_moves(Step.REQUIRE_CORRECTION, (_AR,), (_INTAKE,), _CORRECTION),
    *_moves(Step.SUPPLEMENT, (_N, _IO, _AR), (_CORRECTION,), _ACCEPTED),
    *_moves(Step.ACCEPT, (_AR, _SYS), (_INTAKE,), _ACCEPTED),
    *_moves(Step.REFUSE_INTAKE, (_AR,), (_INTAKE,), State.NOT_ACCEPTED),
    *_moves(Step.TRANSFER, (_AR,), (_INTAKE,)),
    # An authority that lacks an officer for it, or a second one, decides nothing: the one above does.
    *_moves(Step.PASS_UP, (_SYS,), (_INTAKE, _ACCEPTED)),
    *_moves(Step.HOLD, (_AR,), (_ACCEPTED,)),
    *_moves(Step.RESUME, (_AR,), (_ACCEPTED,)),
    *_moves(Step.EXTEND, (_AS,), (_ACCEPTED,), None, frozenset(Kind) - {Kind.CHANGE}),
    *_moves(Step.RECOMMEND, (_AR,), (_ACCEPTED,)),
    *_moves(Step.APPROVE, (_AD,), (_ACCEPTED,), State.APPROVED),
    *_moves(Step.REJECT, (_AD,), (_ACCEPTED,), State.REJECTED),
    *_moves(Step.WITHDRAW, (_N,), _UNDECIDED, State.WITHDRAWN),
    *_moves(Step.WITHDRAW, (_IO,), (_INTAKE, _CORRECTION, _ACCEPTED), State.WITHDRAWN, _DEREGISTRATION | _COLLECTIVE),
    *_moves(Step.LAPSE, (_SYS,), (_REVIEW, State.RETURNED, _CORRECTION), State.LAPSED),
    *_moves(Step.DEEM, (_SYS,), (_INTAKE, _ACCEPTED), State.APPROVED, _RENEWAL),
    *_moves(Step.VOID, (_PA,), (State.APPROVED, State.REJECTED), State.VOIDED),
    *_moves(Step.END_REGISTRATION, (_SYS,), _UNDECIDED[1:], State.VOIDED),
    *_moves(Step.BLOCK, (_SYS,), _UNDECIDED[1:]),
    *_moves(Step.UNBLOCK, (_SYS,), _UNDECIDED[1:]),
)

LEASES: Final = frozenset({Step.TAKE, Step.PUT_BACK, Step.REASSIGN})
"""Steps that set the person working on an application.

The application stays as it is; only colleagues learn of them.
"""

MOVES_OF: Final[Mapping[Step, tuple[Move, ...]]] = {step: tuple(m for m in MOVES if m.step is step) for step in Step}
"""The same, by step."""


ENDINGS: Final = frozenset(
    move.step for move in MOVES if move.source in OPEN and move.target not in {*OPEN, State.APPROVED}
)
"""The steps by which an open application ends, and is not granted."""
