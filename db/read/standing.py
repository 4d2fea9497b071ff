"""The standing of a nurse's entry in the register today (执业状态), as SQL on the entry."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, SmallInteger, and_, case, exists, func, or_, select

from db.read.practice import suspended
from db.store.practice import may_practise as practises
from db.store.tables import account, nurse, registration, registration_history
from db.store.tables_application import application
from db.store.tables_certificate import certificate, certificate_blank
from rules.application import OPEN, State
from rules.kinds import Kind
from rules.nurse import LAST_AGE, AccountStatus, AgeGroup
from rules.people import AccountState
from rules.registration import EXPIRING, Expiry, RegistrationStatus, Standing

today: Final = func.current_date()
age: Final = func.date_part("year", func.age(today, nurse.c.birth_date)).cast(SmallInteger)
age_group: Final = case(*((age <= last, group.value) for group, last in LAST_AGE.items()), else_=AgeGroup.FROM_60.value)

# The same answer as rules.registration.standing; a test proves it.
standing: Final = case(
    (registration.c.status == RegistrationStatus.NEVER, Standing.NEVER.value),
    (registration.c.status == RegistrationStatus.DEREGISTERED, Standing.DEREGISTERED.value),
    (registration.c.valid_until < today, Standing.EXPIRED.value),
    (suspended, Standing.SUSPENDED.value),
    (registration.c.valid_until - today <= EXPIRING.days, Standing.EXPIRING.value),
    else_=Standing.VALID.value,
)
may_practise: Final = practises(today)
disputed: Final = (
    exists()
    .where(
        application.c.nurse_id == registration.c.nurse_id,
        application.c.kind == Kind.DEREGISTRATION,
        application.c.state.in_(sorted(OPEN)),
        application.c.objection.is_not(None),
    )
    .correlate(registration)
)
# The same answer as rules.registration.expiry: what a suspension hides of the standing (F23).
expiry: Final = case(
    (registration.c.status != RegistrationStatus.VALID, Expiry.NONE.value),
    (registration.c.valid_until < today, Expiry.EXPIRED.value),
    (registration.c.valid_until - today <= EXPIRING.days, Expiry.EXPIRING.value),
    else_=Expiry.NONE.value,
)
_undone: Final = exists().where(
    application.c.id == registration_history.c.application_id, application.c.state == State.VOIDED
)
_again: Final = exists().where(
    registration_history.c.nurse_id == registration.c.nurse_id,
    registration_history.c.kind == Kind.REREGISTRATION,
    registration_history.c.status == RegistrationStatus.VALID,
    ~_undone.correlate(registration_history),
)
first_registration: Final = case(
    (registration.c.status != RegistrationStatus.NEVER, ~_again.correlate(registration)), else_=None
)
"""True where the entry goes back to her first registration (是否首次注册): she was never registered again."""

_in_force: Final = and_(certificate.c.nurse_id == registration.c.nurse_id, certificate.c.voided_at.is_(None))
serial: Final = select(certificate.c.serial).where(_in_force).correlate(registration).scalar_subquery()
"""The serial (证书序号) of her certificate in force."""
blank: Final = (
    select(certificate_blank.c.id)
    .join_from(certificate, certificate_blank, certificate_blank.c.certificate_id == certificate.c.id)
    .where(_in_force, certificate_blank.c.spoiled_at.is_(None))
    .correlate(registration)
    .scalar_subquery()
)
"""The blank that bears her certificate in force."""


account_state: Final = case(
    (account.c.state == AccountState.ACTIVE, AccountStatus.ACTIVE.value),
    (account.c.id.is_not(None), AccountStatus.INACTIVE.value),
)
"""The state of an account as a nurse's 账户状态; null where there is none."""


def account_of(nurse_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The account of a nurse, if she has one: one that was revoked is none."""
    return and_(account.c.nurse_id == nurse_id, account.c.state != AccountState.REVOKED)


reached: Final = (
    exists()
    .where(account_of(registration.c.nurse_id))
    .where(or_(account.c.phone_verified_at.is_not(None), account.c.email_verified_at.is_not(None)))
    .correlate(registration)
)
"""True where somebody can write to her: her account has a proved phone or mail box."""


def account_status(nurse_id: ColumnElement[Any]) -> ColumnElement[str]:
    """The state of a nurse's account, if she has one (账户状态)."""
    living = select(account_state).where(account_of(nurse_id)).correlate(nurse, registration).scalar_subquery()
    return func.coalesce(living, AccountStatus.NOT_REGISTERED.value)
