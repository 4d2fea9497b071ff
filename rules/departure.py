"""The departure of a nurse (离职报告, I9).

The nurse stays on the register without an institution, and may not practise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Words, WrongState
from rules.institution import InstitutionState
from rules.label import Labelled
from rules.own_nurse import require_not_herself
from rules.people import Actor, Party, Role, wrong_role
from rules.registration import Registration, RegistrationStatus

LEAST_RETIREMENT_AGE: Final = 40
"""Even who retires early, by illness or from a post that wears people out, is older (国发〔1978〕104号: 45)."""


class DepartureReason(Labelled):
    """The reason for a departure."""

    RESIGNED = "RESIGNED", "离职"
    RETIRED = "RETIRED", "退休"
    OTHER = "OTHER", "其他"


@dataclass(frozen=True, slots=True)
class Departure:
    """A report that a nurse has left; `registered_since` is True if another registration came after it."""

    id: UUID
    nurse_id: UUID
    institution_id: UUID
    disputed_at: datetime | None
    withdrawn_at: datetime | None
    registered_since: bool
    reported_by: UUID | None = None


REFUSALS: Final = {
    "DEPARTED_ALREADY": Words(
        "本机构已报告该护士离职，见离职名单；报告有误的，请撤回",
        "Your institution has reported her departure already: it is among the departures. Withdraw it if it is wrong.",
    ),
    "DEPARTURE_WITHDRAWN": Words("该离职报告已撤回", "This report has been withdrawn."),
    "DISPUTED_ALREADY": Words("您已提出异议", "You have disputed this report already."),
    "NOT_DISPUTED": Words(
        "护士未提出异议，由报告机构撤回", "She has not disputed it: the institution that reported it may take it back."
    ),
    "INSTITUTION_CLOSED": Words(
        "该机构已关闭，请护士办理变更注册", "That institution is closed: let her apply for a change."
    ),
    "REGISTERED_SINCE": Words(
        "该护士报告后已在其他机构注册或注册状态已变化，请办理变更注册",
        "She has been registered elsewhere since, or her registration has changed: let her apply for a change.",
    ),
}


def require_not_left(actor: Actor, registration: Registration, *, left: bool) -> None:
    """Refuse a second report to the institution that made the first, which stands."""
    if left and actor.active and actor.has(Role.OPERATOR) and actor.reaches(registration.unit_id):
        require_not_herself(actor, registration.nurse_id)
        raise NotAllowed("DEPARTED_ALREADY", REFUSALS["DEPARTED_ALREADY"])


def leave(registration: Registration, left_on: date, today: date) -> Registration:
    """The registration after a departure: VALID, without a current institution.

    Raises Invalid if the day is in the future.
    """
    if registration.status is not RegistrationStatus.VALID:
        raise WrongState(registration.status)
    if left_on > today:
        zh, en = f"离职日期{left_on}晚于今天", f"She cannot have left on {left_on}: that day lies in the future."
        raise Invalid(FieldProblem("leftOn", "DATE_IN_FUTURE", Words(zh, en)))
    return replace(registration, institution_id=None)


def require_retirable(reason: DepartureReason, born: date, left_on: date) -> None:
    """Refuse the retirement of somebody whom no retirement of any kind could have reached yet (退休)."""
    if reason is not DepartureReason.RETIRED:
        return
    age = left_on.year - born.year - ((left_on.month, left_on.day) < (born.month, born.day))
    if age < LEAST_RETIREMENT_AGE:
        zh = f"该护士离职时{age}岁，未到任何一种退休年龄；请核对离职日期，或选择“离职”"
        en = f"She was {age} when she left, too young for any retirement: check the day, or say RESIGNED."
        raise Invalid(FieldProblem("reason", "RETIREMENT_TOO_YOUNG", Words(zh, en)))


def require_may_dispute(actor: Actor, departure: Departure) -> None:
    """Refuse a dispute: only the nurse concerned may dispute a report, once, while it stands."""
    if not actor.active or actor.party is not Party.NURSE or actor.party_id != departure.nurse_id:
        raise NotFound
    _require_standing(departure)
    if departure.disputed_at is not None:
        raise NotAllowed("DISPUTED_ALREADY", REFUSALS["DISPUTED_ALREADY"])


def come_back(actor: Actor, departure: Departure, registration: Registration) -> Registration:
    """The registration after the report is taken back.

    The nurse is registered there again, unless there is another registration since.
    """
    _require_may_withdraw(actor, departure, registration)
    _require_standing(departure)
    valid = registration.status is RegistrationStatus.VALID
    if not valid or registration.institution_id is not None or departure.registered_since:
        raise NotAllowed("REGISTERED_SINCE", REFUSALS["REGISTERED_SINCE"])
    return replace(registration, institution_id=departure.institution_id)


def _require_may_withdraw(actor: Actor, departure: Departure, registration: Registration) -> None:
    """Refuse a withdrawal unless it is by the reporting institution.

    After a dispute a reviewer of the nurse's 注册机关 withdraws the report.
    """
    places = {
        Party.INSTITUTION: (departure.institution_id, Role.OPERATOR),
        Party.AUTHORITY: (registration.authority_id, Role.REVIEWER),
    }
    place, role = places.get(actor.party, (None, None)) if actor.party else (None, None)
    # She has left her unit too: whoever is limited to some takes back what she reported herself.
    limited = actor.units is not None and actor.account_id != departure.reported_by
    if not actor.active or place is None or actor.party_id != place or limited:
        raise NotFound
    if role is None or not actor.has(role):
        raise wrong_role({role} if role else ())
    require_not_herself(actor, departure.nurse_id)
    if actor.party is Party.AUTHORITY and departure.disputed_at is None:
        raise NotAllowed("NOT_DISPUTED", REFUSALS["NOT_DISPUTED"])


def require_still_there(state: InstitutionState) -> None:
    """Refuse a return to an institution that has ended; a merged institution has passed its reports on."""
    if state is InstitutionState.CLOSED:
        raise NotAllowed("INSTITUTION_CLOSED", REFUSALS["INSTITUTION_CLOSED"])


def _require_standing(departure: Departure) -> None:
    if departure.withdrawn_at is not None:
        raise NotAllowed("DEPARTURE_WITHDRAWN", REFUSALS["DEPARTURE_WITHDRAWN"])
