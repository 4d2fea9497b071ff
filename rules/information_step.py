"""The steps on a change of information that are open to somebody: one judgement for the step and for its button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias
from uuid import UUID

from rules.errors import NotAllowed, NotFound, RegistryError, Words
from rules.information_change import ChangeState, ChangeStep, InformationChange, require_stands
from rules.own_nurse import require_not_herself, require_own_nurse
from rules.people import Actor, Party, Role, require
from rules.registration import Registration


@dataclass(frozen=True, slots=True)
class Around:
    """The surroundings of a change that a step on it meets."""

    registration: Registration
    today: date
    office: UUID | None = None
    """The authority whose reviewers act for her 注册机关: that, or the nearest above that has another one (回避)."""
    unattended: bool = False
    """True where nobody but the nurse may review it at her institution, or that is not active."""
    silence_until: date | None = None
    """The last of the institution's working days."""
    objection_until: date | None = None
    """The last of her working days to object to an edit."""
    disputable: tuple[str, ...] = ()
    """The fields that her objection is about."""
    merged: bool = False
    """True where another record stands for hers: its changes wait until the merge is undone."""


def require_step(
    step: ChangeStep, actor: Actor, change: InformationChange, around: Around, version: int | None = None
) -> None:
    """Refuse a step to whoever may not take it, then where the change does not stand for it, then before its time."""
    _TAKERS[step](actor, change, around)
    require_stands(step, change, version)
    if step in _TIMES:
        _TIMES[step](change, around)


def open_steps(actor: Actor, change: InformationChange, around: Around) -> list[ChangeStep]:
    """The steps that would not be refused to this person now, whatever right values are sent along."""
    return [step for step in ChangeStep if not around.merged and _open(step, actor, change, around)]


def _open(step: ChangeStep, actor: Actor, change: InformationChange, around: Around) -> bool:
    try:
        require_step(step, actor, change, around)
    except RegistryError:
        return False
    return True


def takes_effect(change: InformationChange, around: Around) -> bool:
    """True if an institution's announced edit stands unopposed after her time to object."""
    last = around.objection_until
    return change.state is ChangeState.ANNOUNCED and last is not None and around.today > last


def require_hers(actor: Actor, nurse_id: UUID) -> None:
    """Refuse anybody but the nurse herself."""
    if not actor.active or actor.party is not Party.NURSE or actor.party_id != nurse_id:
        raise NotFound


def _she(actor: Actor, change: InformationChange, around: Around) -> None:
    require_hers(actor, change.nurse_id)


def _who_filed(actor: Actor, change: InformationChange, around: Around) -> None:
    """She takes back what she asked for, her institution what it wrote."""
    if change.filed_by is Party.NURSE:
        return require_hers(actor, change.nurse_id)
    if actor.party is Party.NURSE and actor.party_id == change.nurse_id:
        raise NotAllowed(*_NOT_HERS)
    return require_own_nurse(actor, around.registration, Role.OPERATOR)


def _reviewer(actor: Actor, change: InformationChange, around: Around) -> None:
    with_authority = lies_with_authority(change, around.registration)
    require_reviewer(actor, around.registration, with_authority=with_authority, office=around.office)


def require_reviewer(actor: Actor, registration: Registration, *, with_authority: bool, office: UUID | None) -> None:
    """Refuse a review by anybody but an operator where she is registered, or else a reviewer of her 注册机关, who
    decides on what she objects to; `office` is where that has its reviewers (回避).
    """
    acting = _as_officer(actor, registration, office)
    if not acting.active or acting.party_id is None or acting.party_id not in _places(registration):
        raise NotFound
    if acting.party is Party.INSTITUTION and not acting.reaches(registration.unit_id):
        raise NotFound
    if (acting.party is Party.AUTHORITY) is not with_authority:
        raise NotAllowed(*(_WITH_AUTHORITY if with_authority else _WITH_INSTITUTION))
    require(acting, Role.REVIEWER if with_authority else Role.OPERATOR)
    require_not_herself(acting, registration.nurse_id)


def _places(registration: Registration) -> tuple[UUID | None, ...]:
    return registration.institution_id, registration.authority_id


def _as_officer(actor: Actor, registration: Registration, office: UUID | None) -> Actor:
    """The actor as an officer of her 注册机关, where it has no other and the actor's is the nearest above (回避)."""
    stands_in = actor.party is Party.AUTHORITY and office is not None and actor.party_id == office
    return replace(actor, party_id=registration.authority_id) if stands_in else actor


def lies_with_authority(change: InformationChange, registration: Registration) -> bool:
    """True where her 注册机关 reviews it: by her wish, after her objection, and where she has no institution."""
    return change.escalated_at is not None or registration.institution_id is None


_Taker: TypeAlias = Callable[[Actor, InformationChange, Around], None]
_TAKERS: Final[Mapping[ChangeStep, _Taker]] = {
    **dict.fromkeys((ChangeStep.ANSWER, ChangeStep.ESCALATE, ChangeStep.OBJECT), _she),
    ChangeStep.WITHDRAW: _who_filed,
    **dict.fromkeys((ChangeStep.APPROVE, ChangeStep.REJECT, ChangeStep.RETURN), _reviewer),
}


def _silence(change: InformationChange, around: Around) -> None:
    """Refuse to go on without the institution while it has time for its word, and somebody to give it."""
    with_authority = lies_with_authority(change, around.registration)
    require_silence(around.silence_until, around.today, with_authority=with_authority, unattended=around.unattended)


def require_silence(last: date | None, today: date, *, with_authority: bool, unattended: bool) -> None:
    """Refuse to go on without the institution while it has time for its word, and somebody to give it."""
    if with_authority:
        raise NotAllowed(*_WITH_AUTHORITY_ALREADY)
    if not unattended and (last is None or today <= last):
        zh = f"机构有十个工作日审核，{last or '期满'}之后可转注册机关审核"
        en = f"The institution has ten working days: it can go to the authority after {last or 'them'}."
        raise NotAllowed("INSTITUTION_HAS_TIME", Words(zh, en))


def _objection(change: InformationChange, around: Around) -> None:
    """Refuse an objection after its time, or to what the record does not say any more."""
    last = around.objection_until
    if last is not None and around.today > last:
        zh = f"异议期已于{last}届满，如信息有误请申请修改"
        en = f"The time for objections ended on {last}: ask for a change if it is not so."
        raise NotAllowed("OBJECTION_OVER", Words(zh, en))
    if change.state is ChangeState.APPROVED and not around.disputable:
        raise NotAllowed(*_NOTHING_LEFT)


_TIMES: Final[Mapping[ChangeStep, Callable[[InformationChange, Around], None]]] = {
    ChangeStep.ESCALATE: _silence,
    ChangeStep.OBJECT: _objection,
}
_NOT_HERS: Final = (
    "CHANGE_OF_INSTITUTION",
    Words(
        "该修改由您的执业机构提出，如不认可请提出异议",
        "Your institution made this change: object to it if it is wrong.",
    ),
)
_WITH_AUTHORITY_ALREADY: Final = (
    "CHANGE_WITH_AUTHORITY",
    Words("该修改已由注册机关审核", "Your authority reviews this change already."),
)
_WITH_AUTHORITY: Final = (
    "CHANGE_WITH_AUTHORITY",
    Words("该修改由注册机关审核", "The authority where she is registered reviews this change."),
)
_WITH_INSTITUTION: Final = (
    "CHANGE_WITH_INSTITUTION",
    Words("该修改由护士所在执业机构审核", "The institution where she practises reviews this change."),
)
_NOTHING_LEFT: Final = (
    "NOTHING_TO_DISPUTE",
    Words("该修改的内容此后已再次变更，无需提出异议", "What this edit wrote has changed again since."),
)
