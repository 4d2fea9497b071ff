"""An application, and the one table of moves it can make (mission section 3).

The check on a step, the buttons a person sees, the documentation and the tests all read `MOVES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from rules.errors import Conflict, NotAllowed, NotFound, RegistryError, Words, WrongState
from rules.kinds import Kind
from rules.label import Labelled
from rules.people import PARTY_OF, Actor, Party, Role


class State(Labelled):
    """Where an application stands."""

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
    VOIDED = "VOIDED", "作废"


class Step(StrEnum):
    """What somebody does to an application."""

    CREATE_DRAFT = "CREATE_DRAFT"
    SUBMIT = "SUBMIT"
    FILE_DEREGISTRATION = "FILE_DEREGISTRATION"
    FILE_AT_COUNTER = "FILE_AT_COUNTER"
    OBJECT = "OBJECT"
    CLAIM_BY_ID_NUMBER = "CLAIM_BY_ID_NUMBER"
    REJECT_CLAIM = "REJECT_CLAIM"
    TAKE = "TAKE"
    PUT_BACK = "PUT_BACK"
    REASSIGN = "REASSIGN"
    RETURN = "RETURN"
    RESUBMIT = "RESUBMIT"
    FORWARD = "FORWARD"
    DECLINE = "DECLINE"
    ESCALATE = "ESCALATE"
    REQUIRE_CORRECTION = "REQUIRE_CORRECTION"
    SUPPLEMENT = "SUPPLEMENT"
    ACCEPT = "ACCEPT"
    REFUSE_INTAKE = "REFUSE_INTAKE"
    TRANSFER = "TRANSFER"
    HOLD = "HOLD"
    RESUME = "RESUME"
    EXTEND = "EXTEND"
    RECOMMEND = "RECOMMEND"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    WITHDRAW = "WITHDRAW"
    LAPSE = "LAPSE"
    DEEM = "DEEM"
    VOID = "VOID"
    END_REGISTRATION = "END_REGISTRATION"


OPEN: Final = frozenset(
    {State.INSTITUTION_REVIEW, State.RETURNED, State.AUTHORITY_INTAKE, State.CORRECTION_REQUIRED, State.ACCEPTED}
)
"""Undecided and filed: a nurse has one of these at a time (a CHANGE and a RENEWAL may stand together)."""

PENDING: Final[Mapping[Party, frozenset[State]]] = {
    Party.INSTITUTION: frozenset({State.INSTITUTION_REVIEW}),
    Party.AUTHORITY: frozenset({State.AUTHORITY_INTAKE, State.ACCEPTED}),
}
"""The states in which an application waits on a reviewer's desk: its pending reviews."""


@dataclass(frozen=True, slots=True)
class Move:
    """`role` takes `step` and the application goes from `source` (None: it does not exist yet) to `target`."""

    role: Role
    step: Step
    source: State | None
    target: State
    kinds: frozenset[Kind] = frozenset(Kind)


def _moves(
    step: Step,
    roles: tuple[Role, ...],
    sources: tuple[State | None, ...],
    target: State | None = None,
    kinds: frozenset[Kind] = frozenset(Kind),
) -> tuple[Move, ...]:
    """Every combination; without a target the application stays where it is."""
    return tuple(
        Move(role, step, source, end, kinds) for role in roles for source in sources if (end := target or source)
    )


_N, _IO, _IM = Role.NURSE, Role.OPERATOR, Role.MANAGER
_AR, _AD, _AS, _PA, _SYS = Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN, Role.SYSTEM
_REVIEW, _INTAKE, _ACCEPTED = State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, State.ACCEPTED
_CORRECTION = State.CORRECTION_REQUIRED
_UNDECIDED = (State.DRAFT, _REVIEW, State.RETURNED, _INTAKE, _CORRECTION, _ACCEPTED)
_RENEWAL, _REISSUE = frozenset({Kind.RENEWAL}), frozenset({Kind.REISSUE})
_DEREGISTRATION = frozenset({Kind.DEREGISTRATION})

MOVES: Final[tuple[Move, ...]] = (
    *_moves(Step.CREATE_DRAFT, (_N,), (None,), State.DRAFT),
    *_moves(Step.SUBMIT, (_N,), (State.DRAFT,), _REVIEW, frozenset(Kind) - _REISSUE),
    *_moves(Step.SUBMIT, (_N,), (State.DRAFT,), _INTAKE, _REISSUE),
    *_moves(Step.FILE_DEREGISTRATION, (_IO,), (None,), _INTAKE, _DEREGISTRATION),
    *_moves(Step.FILE_AT_COUNTER, (_AR,), (None,), _INTAKE),
    *_moves(Step.OBJECT, (_N,), (_INTAKE, _ACCEPTED), None, _DEREGISTRATION),
    *_moves(Step.CLAIM_BY_ID_NUMBER, (_IO,), (_REVIEW,)),
    *_moves(Step.REJECT_CLAIM, (_N,), (_REVIEW,)),
    *_moves(Step.TAKE, (_IO,), (_REVIEW,)),
    *_moves(Step.TAKE, (_AR, _AD), (_INTAKE, _ACCEPTED)),
    *_moves(Step.PUT_BACK, (_IO,), (_REVIEW,)),
    *_moves(Step.PUT_BACK, (_AR, _AD), (_INTAKE, _ACCEPTED)),
    *_moves(Step.REASSIGN, (_IM,), (_REVIEW,)),
    *_moves(Step.REASSIGN, (_AS,), (_INTAKE, _ACCEPTED)),
    *_moves(Step.RETURN, (_IO,), (_REVIEW,), State.RETURNED),
    *_moves(Step.RESUBMIT, (_N,), (State.RETURNED,), _REVIEW),
    *_moves(Step.FORWARD, (_IO,), (_REVIEW,), _INTAKE),
    *_moves(Step.DECLINE, (_IO,), (_REVIEW,), State.INSTITUTION_REJECTED),
    *_moves(Step.ESCALATE, (_N, _SYS), (_REVIEW,), _INTAKE),
    *_moves(Step.REQUIRE_CORRECTION, (_AR,), (_INTAKE,), _CORRECTION),
    *_moves(Step.SUPPLEMENT, (_N, _IO), (_CORRECTION,), _ACCEPTED),
    *_moves(Step.ACCEPT, (_AR, _SYS), (_INTAKE,), _ACCEPTED),
    *_moves(Step.REFUSE_INTAKE, (_AR,), (_INTAKE,), State.NOT_ACCEPTED),
    *_moves(Step.TRANSFER, (_AR,), (_INTAKE,)),
    *_moves(Step.HOLD, (_AR,), (_ACCEPTED,)),
    *_moves(Step.RESUME, (_AR,), (_ACCEPTED,)),
    *_moves(Step.EXTEND, (_AS,), (_ACCEPTED,), None, frozenset(Kind) - {Kind.CHANGE}),
    *_moves(Step.RECOMMEND, (_AR,), (_ACCEPTED,)),
    *_moves(Step.APPROVE, (_AD,), (_ACCEPTED,), State.APPROVED),
    *_moves(Step.REJECT, (_AD,), (_ACCEPTED,), State.REJECTED),
    *_moves(Step.WITHDRAW, (_N,), _UNDECIDED, State.WITHDRAWN),
    *_moves(Step.WITHDRAW, (_IO,), (_INTAKE, _CORRECTION, _ACCEPTED), State.WITHDRAWN, _DEREGISTRATION),
    *_moves(Step.LAPSE, (_SYS,), (_REVIEW, State.RETURNED, _CORRECTION), State.LAPSED),
    *_moves(Step.DEEM, (_SYS,), (_INTAKE, _ACCEPTED), State.APPROVED, _RENEWAL),
    *_moves(Step.VOID, (_PA,), (State.APPROVED, State.REJECTED), State.VOIDED),
    *_moves(Step.END_REGISTRATION, (_SYS,), _UNDECIDED[1:], State.VOIDED),
)


@dataclass(frozen=True, slots=True)
class Application:
    """One nurse's request, as stored and locked. `filed_by` is who made it: the nurse, or her institution."""

    id: UUID
    kind: Kind
    state: State
    version: int
    revision: int
    nurse_id: UUID
    institution_id: UUID | None
    authority_id: UUID | None
    form: Mapping[str, object]
    filed_by: Party = Party.NURSE
    marked_fields: tuple[str, ...] = ()
    corrections: int = 0
    recommender_id: UUID | None = None
    two_persons: bool = False
    on_hold: bool = False
    objected: bool = False
    extended: bool = False
    submitted_at: datetime | None = None
    forwarded_at: datetime | None = None
    due_on: date | None = None
    holder_id: UUID | None = None
    held_until: datetime | None = None
    holder_name: str | None = None
    moved_at: datetime | None = None
    moved_by_party_id: UUID | None = None
    moved_by_name: str | None = None

    def party(self, party: Party | None) -> UUID | None:
        """Whose application this is, seen from one end of the system."""
        match party:
            case Party.NURSE:
                return self.nurse_id
            case Party.INSTITUTION:
                return self.institution_id
            case Party.AUTHORITY:
                return self.authority_id
            case _:
                return None


def next_state(
    actor: Actor, application: Application, step: Step, now: datetime, expected_version: int | None = None
) -> State:
    """Where `step` leads.

    Raises NotFound to strangers, NotAllowed where the role never takes the step or a rule forbids it to this
    person, Conflict where somebody was first, WrongState (with the steps that are open) otherwise.
    """
    move = _move(actor, application, step, now, expected_version)
    _guard(actor, application, step, now)
    return move.target


def steps_open_to(actor: Actor, application: Application, now: datetime) -> list[Step]:
    """The buttons this person sees, in the order of the table: exactly the steps that `next_state` allows."""
    return [step for step in Step if _may(actor, application, step, now)]


def _may(actor: Actor, application: Application, step: Step, now: datetime) -> bool:
    try:
        _find(actor, application, step)
        _guard(actor, application, step, now)
    except RegistryError:
        return False
    return True


def start_state(actor: Actor, step: Step, kind: Kind) -> State:
    """Where an application that does not exist yet begins."""
    for move in MOVES:
        if move.step is step and move.source is None and kind in move.kinds and actor.active and actor.has(move.role):
            return move.target
    raise NotAllowed


def _move(actor: Actor, application: Application, step: Step, now: datetime, expected_version: int | None) -> Move:
    """As `next_state`, but a stale version is told before a wrong state: the client has not seen what happened."""
    try:
        move = _find(actor, application, step)
    except WrongState as wrong:
        _same_version(actor, application, expected_version)
        steps = tuple(steps_open_to(actor, application, now))
        raise WrongState(wrong.state, steps) from None
    _same_version(actor, application, expected_version)
    return move


def _find(actor: Actor, application: Application, step: Step) -> Move:
    """The row of the table, whatever the guards say."""
    system = actor.has(Role.SYSTEM)
    unfiled = application.state is State.DRAFT and actor.party is not Party.NURSE
    mine = actor.party_id is not None and application.party(actor.party) == actor.party_id and not unfiled
    unclaimed = step is Step.CLAIM_BY_ID_NUMBER and application.institution_id is None
    if not (system or mine or unclaimed):
        raise NotFound
    rows = [m for m in MOVES if m.step is step and actor.has(m.role) and PARTY_OF[m.role] == actor.party]
    if not rows or not actor.active:
        raise NotAllowed
    if actor.party is not Party.NURSE and actor.nurse_id == application.nurse_id:
        raise NotAllowed("ABOUT_YOURSELF", Words("不能办理本人的业务", "You may not act on your own application."))
    for row in rows:
        if row.source is application.state and application.kind in row.kinds:
            return row
    raise WrongState(application.state)


def _same_version(actor: Actor, application: Application, expected: int | None) -> None:
    if expected is None or expected == application.version:
        return
    raise Conflict(
        Words("该业务已被他人办理，请刷新后再试", "Somebody else has moved this application; read it again."),
        current_version=application.version,
        by=mover(actor, application),
        at=application.moved_at,
    )


def mover(actor: Actor, application: Application) -> str | None:
    """Who moved it last: a colleague by name, anybody else not at all."""
    return application.moved_by_name if application.moved_by_party_id == actor.party_id else None


_UNDER_LEASE: Final = frozenset(
    {
        *(Step.TAKE, Step.RETURN, Step.FORWARD, Step.DECLINE, Step.REQUIRE_CORRECTION, Step.ACCEPT, Step.TRANSFER),
        *(Step.REFUSE_INTAKE, Step.RECOMMEND, Step.APPROVE, Step.REJECT, Step.HOLD, Step.RESUME),
    }
)


def _guard(actor: Actor, application: Application, step: Step, now: datetime) -> None:
    """What forbids a step that the table allows. Without a lease anybody entitled may act."""
    if step in _UNDER_LEASE and held_by_another(actor, application, now):
        raise Conflict(
            Words("该业务正由他人办理", "A colleague holds this application."),
            current_version=application.version,
            by=application.holder_name,
            at=application.held_until,
        )
    refusal = _refusal(actor, application, step, now)
    if refusal is not None:
        raise NotAllowed(*refusal)


def held_by_another(actor: Actor, application: Application, now: datetime) -> bool:
    """Whether somebody else's lease (30 minutes) is live."""
    live = application.held_until is not None and application.held_until > now
    return live and application.holder_id != actor.account_id


def _refusal(actor: Actor, application: Application, step: Step, now: datetime) -> tuple[str, Words] | None:
    """The rule that forbids `step` to this person now, with its code; None where nothing does."""
    a, held = application, application.held_until is not None and application.held_until > now
    two = a.two_persons and step is Step.APPROVE
    forbidden = {
        Step.CLAIM_BY_ID_NUMBER: (a.institution_id is not None, "ALREADY_CLAIMED"),
        Step.REJECT_CLAIM: (a.institution_id is None, "NOT_CLAIMED"),
        Step.PUT_BACK: (not held or a.holder_id != actor.account_id, "NOT_HELD"),
        Step.REQUIRE_CORRECTION: (a.corrections > 0, "CORRECTION_ONCE"),
        Step.HOLD: (a.on_hold, "ON_HOLD"),
        Step.RESUME: (not a.on_hold, "NOT_ON_HOLD"),
        Step.EXTEND: (a.extended, "EXTENDED_ONCE"),
        Step.OBJECT: (a.filed_by is Party.NURSE or a.objected, "NOT_OPEN_TO_OBJECTION"),
        Step.WITHDRAW: (a.filed_by is not actor.party, "NOT_YOUR_FILING"),
        Step.LAPSE: (a.state is State.INSTITUTION_REVIEW and a.institution_id is not None, "CLAIMED"),
    }
    rows = [forbidden.get(step, (False, ""))]
    if step in (Step.APPROVE, Step.REJECT):
        rows.append((a.on_hold, "ON_HOLD"))
    if step is Step.APPROVE:
        rows.append((a.objected, "OBJECTION_UNANSWERED"))
        rows.append((two and a.recommender_id is None, "RECOMMENDATION_MISSING"))
        rows.append((two and a.recommender_id == actor.account_id, "TWO_PERSONS_REQUIRED"))
    return next(((code, REFUSALS[code]) for holds, code in rows if holds), None)


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
