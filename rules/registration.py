"""A nurse's entry in the register, its standing on a day, and the effect of each approval on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from rules.errors import WrongState
from rules.form_field import YEARS_VALID
from rules.kinds import Kind
from rules.label import Labelled
from rules.nurse import DeregistrationReason
from rules.working_days import add_years

__all__ = [
    "YEARS_VALID",
    "DeregistrationReason",
    "Expiry",
    "Registration",
    "RegistrationStatus",
    "Standing",
    "awaits_renewal",
    "expiry",
    "may_practise",
    "standing",
]

EXPIRING: Final = timedelta(days=365)


class RegistrationStatus(Labelled):
    """The status that the register stores; changes by time are computed by `standing`."""

    NEVER = "NEVER", "从未注册"
    VALID = "VALID", "在册"
    DEREGISTERED = "DEREGISTERED", "注销"


class Standing(Labelled):
    """The standing of a nurse on a given day (执业状态)."""

    NEVER = "NEVER", "从未注册"
    VALID = "VALID", "在册"
    EXPIRING = "EXPIRING", "在册，一年内到期"  # blue in the roster
    EXPIRED = "EXPIRED", "在册，过期未延续注册"  # red: still on the register, but may not practise
    SUSPENDED = "SUSPENDED", "在册，暂停执业"
    DEREGISTERED = "DEREGISTERED", "注销"


class Expiry(Labelled):
    """The nearness of an entry's end (到期提示): it colours a roster, whatever else stands there."""

    NONE = "NONE", "无"
    EXPIRING = "EXPIRING", "一年内到期（蓝色）"
    EXPIRED = "EXPIRED", "过期未延续（红色）"


@dataclass(frozen=True, slots=True)
class Registration:
    """One nurse's entry.

    `valid_until` is the last day of validity; `bar_until` the last day of a bar on applications. `unit_id` is the unit
    (科室病区) of her institution that she belongs to; whoever leaves the institution loses it.
    """

    nurse_id: UUID
    status: RegistrationStatus = RegistrationStatus.NEVER
    certificate_number: str | None = None
    first_registered_on: date | None = None
    valid_until: date | None = None
    institution_id: UUID | None = None
    authority_id: UUID | None = None
    last_kind: Kind | None = None
    bar_until: date | None = None
    suspended: bool = False
    deregistration_reason: DeregistrationReason | None = None
    unit_id: UUID | None = None

    @property
    def expires_on(self) -> date:
        """The last day of validity of an entry that has one."""
        if self.valid_until is None:
            raise ValueError(f"the registration of nurse {self.nurse_id} is {self.status} and has no last day")
        return self.valid_until


def standing(registration: Registration, today: date) -> Standing:
    """The standing of a registration on a day; once it has expired, a suspension no longer matters."""
    match registration.status:
        case RegistrationStatus.NEVER:
            return Standing.NEVER
        case RegistrationStatus.DEREGISTERED:
            return Standing.DEREGISTERED
    if today > registration.expires_on:
        return Standing.EXPIRED
    if registration.suspended:
        return Standing.SUSPENDED
    return Standing.EXPIRING if registration.expires_on - today <= EXPIRING else Standing.VALID


def expiry(registration: Registration, today: date) -> Expiry:
    """The nearness of an entry's end on a day: a suspended nurse must be renewed like everybody else (F23)."""
    if not awaits_renewal(registration, today):
        return Expiry.NONE
    return Expiry.EXPIRED if today > registration.expires_on else Expiry.EXPIRING


def awaits_renewal(registration: Registration, today: date) -> bool:
    """True if the nurse belongs to 本院待延续注册: on the register, and expired or expiring within a year."""
    on_register = registration.status is RegistrationStatus.VALID
    return on_register and registration.expires_on - today <= EXPIRING


def may_practise(registration: Registration, today: date, *, granted: bool = False) -> bool:
    """True if the nurse may practise that day: valid, not suspended, and with a current institution.

    `granted`: an undecided renewal that was filed in time stands for the days after the last one (许可法 50).
    """
    now = standing(registration, today)
    goes_on = granted and now is Standing.EXPIRED and not registration.suspended
    in_force = now in {Standing.VALID, Standing.EXPIRING} or goes_on
    return in_force and registration.institution_id is not None


def register_first(
    registration: Registration, decided_on: date, *, certificate_number: str, institution_id: UUID, authority_id: UUID
) -> Registration:
    """首次注册: five years from the decision."""
    _must_be(registration, RegistrationStatus.NEVER)
    return replace(
        registration,
        status=RegistrationStatus.VALID,
        certificate_number=certificate_number,
        first_registered_on=decided_on,
        valid_until=add_years(decided_on, YEARS_VALID),
        institution_id=institution_id,
        authority_id=authority_id,
        last_kind=Kind.FIRST,
    )


def renew(registration: Registration, decided_on: date) -> Registration:
    """延续注册: five years on top of the old expiry, whatever the day of the decision."""
    _must_be(registration, RegistrationStatus.VALID)
    return replace(registration, valid_until=add_years(registration.expires_on, YEARS_VALID), last_kind=Kind.RENEWAL)


def change(registration: Registration, decided_on: date, *, institution_id: UUID, authority_id: UUID) -> Registration:
    """变更注册: another institution and its authority; the expiry stays."""
    _must_be(registration, RegistrationStatus.VALID)
    return replace(registration, institution_id=institution_id, authority_id=authority_id, last_kind=Kind.CHANGE)


def deregister(
    registration: Registration, decided_on: date, *, reason: DeregistrationReason, bar_until: date | None = None
) -> Registration:
    """注销注册: off the register and without an institution; the last day that was granted stays readable.

    A bar that runs longer stays.
    """
    _must_be(registration, RegistrationStatus.VALID)
    return replace(
        registration,
        status=RegistrationStatus.DEREGISTERED,
        institution_id=None,
        last_kind=Kind.DEREGISTRATION,
        bar_until=max((day for day in (registration.bar_until, bar_until) if day), default=None),
        suspended=False,
        deregistration_reason=reason,
    )


_BARS: Final = {DeregistrationReason.LICENCE_REVOKED: 2, DeregistrationReason.ANNULLED: 3}


def bar_after(reason: DeregistrationReason, decided_on: date) -> date | None:
    """The last day on which a nurse whose registration ended for this reason may not apply (条例31, 许可法79)."""
    years = _BARS.get(reason)
    return add_years(decided_on, years) if years else None


def register_again(
    registration: Registration, decided_on: date, *, certificate_number: str, institution_id: UUID, authority_id: UUID
) -> Registration:
    """重新注册 of a deregistered nurse, or of one who expired: a new span of five years from the decision."""
    if standing(registration, decided_on) not in {Standing.DEREGISTERED, Standing.EXPIRED}:
        raise WrongState(registration.status)
    return Registration(
        registration.nurse_id,
        RegistrationStatus.VALID,
        certificate_number=certificate_number,
        first_registered_on=registration.first_registered_on,
        valid_until=add_years(decided_on, YEARS_VALID),
        institution_id=institution_id,
        authority_id=authority_id,
        last_kind=Kind.REREGISTRATION,
    )


def transfer_from_military(
    registration: Registration,
    decided_on: date,
    *,
    certificate_number: str,
    certificate_valid_until: date,
    institution_id: UUID,
    authority_id: UUID,
) -> Registration:
    """军队武警变更到地方: the military certificate's expiry holds; where it has passed, five years from now."""
    entry = register_first(
        registration,
        decided_on,
        certificate_number=certificate_number,
        institution_id=institution_id,
        authority_id=authority_id,
    )
    valid_until = certificate_valid_until if certificate_valid_until >= decided_on else entry.expires_on
    return replace(entry, valid_until=valid_until, last_kind=Kind.MILITARY_TRANSFER)


def reissue(registration: Registration, decided_on: date) -> Registration:
    """证书补办: a new serial for the certificate; of the registration nothing but its last business changes."""
    _must_be(registration, RegistrationStatus.VALID)
    return replace(registration, last_kind=Kind.REISSUE)


def _must_be(registration: Registration, status: RegistrationStatus) -> None:
    if registration.status is not status:
        raise WrongState(registration.status)
