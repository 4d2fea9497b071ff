"""A nurse who works elsewhere for a while without a change of her registration (支援、进修、义诊等派出, 办法).

Her institution records it; whether she may practise stays as it is, and so does where she is registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotAllowed, Words, WrongState
from rules.institution import InstitutionState
from rules.interruption import Recorded, require_in_order
from rules.label import Labelled
from rules.law import Law
from rules.registration import Registration, RegistrationStatus, Standing, standing
from rules.wording import wording
from rules.working_days import add_months

LONGEST_MONTHS: Final = 36
"""No dispatch is longer at once: what goes on for longer is recorded anew."""
AHEAD: Final = timedelta(days=90)
"""So long before it begins it can be recorded."""
LONGEST_PLACE: Final = 100


class DispatchKind(Labelled):
    """The kind of a dispatch; which of them need no change of registration is a list with days (法规设定)."""

    SUPPORT = "SUPPORT", "支援"
    STUDY = "STUDY", "进修"
    FREE_CLINIC = "FREE_CLINIC", "义诊"
    ASSISTANCE = "ASSISTANCE", "对口帮扶"
    TRUSTEESHIP = "TRUSTEESHIP", "托管"
    HOME_VISIT = "HOME_VISIT", "上门护理"


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a dispatch: an institution of the register, or a place outside of it in words."""

    institution_id: UUID | None
    place: str | None


def require_place(where: Where, own: UUID | None) -> str | None:
    """The words of a place outside, if it is one; refuses both, neither, and her own institution."""
    if (where.institution_id is None) == (not (where.place or "").strip()):
        raise Invalid(FieldProblem("place", "ONE_PLACE", _ONE))
    if where.institution_id is not None and where.institution_id == own:
        raise Invalid(FieldProblem("toInstitution", "SAME_INSTITUTION", _SAME))
    return None if where.institution_id is not None else wording("place", where.place, LONGEST_PLACE, allowed="")


def require_days(starts_on: date, ends_on: date | None, today: date) -> None:
    """Refuse days out of order, too far ahead, or longer than a dispatch lasts at once."""
    if starts_on > (last := today + AHEAD):
        zh, en = f"开始日期最晚为{last}", f"It can begin on {last} at the latest."
        raise Invalid(FieldProblem("startsOn", "DATE_TOO_LATE", Words(zh, en)))
    if ends_on is None:
        return
    require_in_order(starts_on, ends_on)
    if ends_on > (end := add_months(starts_on, LONGEST_MONTHS) - timedelta(days=1)):
        zh, en = f"结束日期最晚为{end}，此后请另行登记", f"It can end on {end} at the latest; record the rest anew."
        raise Invalid(FieldProblem("endsOn", "DATE_TOO_LATE", Words(zh, en)))


def require_kind(kind: DispatchKind, law: Law) -> None:
    """Refuse a kind that asks for a change of registration, by the law of the day on which it begins."""
    if kind not in law.dispatch_kinds:
        zh = f"{kind.label}不在无需办理变更注册的情形之内，请办理变更注册"
        words = Words(zh, f"{kind.english} is not among the cases without a change of registration: file a change.")
        raise Invalid(FieldProblem("kind", "DISPATCH_KIND", words))


def require_practises(registration: Registration, today: date) -> None:
    """Refuse a nurse who is not on the register, has expired or is suspended: nobody sends her out to practise."""
    if registration.status is not RegistrationStatus.VALID:
        raise WrongState(registration.status)
    if (now := standing(registration, today)) in (Standing.EXPIRED, Standing.SUSPENDED):
        raise WrongState(now)


def require_still_hers(span: Recorded, registration: Registration, ends_on: date | None) -> None:
    """Refuse a later end for a nurse whom the institution has no more; it may still be set right, or shortened."""
    longer = span.ends_on is not None and (ends_on is None or ends_on > span.ends_on)
    if longer and registration.institution_id != span.institution_id:
        raise NotAllowed("DISPATCH_OVER", REFUSALS["DISPATCH_OVER"])


def require_free(overlapping: bool) -> None:
    """Refuse days on which she is dispatched already."""
    if overlapping:
        raise NotAllowed("DISPATCHED_ALREADY", REFUSALS["DISPATCHED_ALREADY"])


REFUSALS: Final = {
    "DISPATCHED_ALREADY": Words("该护士在此期间已有派出记录", "She is dispatched on some of these days already."),
    "DISPATCH_OVER": Words(
        "该护士已不在本机构，派出随之结束，不能延长",
        "She is with you no more: the dispatch ended, and is not made longer.",
    ),
}
_ONE: Final = Words(
    "请选择接收机构，或写明系统外的地点，二者填一项",
    "Say where: an institution of the register, or a place outside of it in words, not both.",
)
_SAME: Final = Words("接收机构即本机构，无需登记派出", "That is her own institution: nothing is to be recorded.")


def require_receives(state: InstitutionState) -> None:
    """Refuse an institution that is not at work as the place of a dispatch."""
    if state is not InstitutionState.ACTIVE:
        words = Words(f"该机构状态为“{state.label}”，不能接收派出", f"That institution is {state.english}.")
        raise Invalid(FieldProblem("toInstitution", "TARGET_NOT_ACTIVE", words))
