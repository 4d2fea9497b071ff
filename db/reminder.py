"""The reminders that were sent (催办记录), so that each is sent once only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from db import contact, staff
from db.store.engine import Tx
from db.store.tables import account, authority, institution, registration
from db.store.tables_application import reminder
from rules.application import Application
from rules.people import AccountState, Role
from rules.verification import Channel


async def first_time(tx: Tx, subject: UUID, what: str) -> bool:
    """Write down that this reminder was sent; False if it was sent already, by any process."""
    row = insert(reminder).values(subject=subject, what=what, at=tx.now).on_conflict_do_nothing()
    return (await tx.execute(row.returning(reminder.c.subject))).one_or_none() is not None


async def reached(tx: Tx, nurse_id: UUID) -> tuple[Channel, str] | None:
    """The contact of a nurse: the proven phone, else the mail box; None if there is neither."""
    holder = await contact.of_nurse(tx, nurse_id)
    found = None if holder is None else holder.verified()
    return None if found is None else (found[0], found[1].to)


async def registering_authority(tx: Tx, application: Application) -> UUID | None:
    """The nurse's 注册机关; if there is none yet, the authority that licensed the reviewing institution."""
    own = select(registration.c.authority_id).where(registration.c.nurse_id == application.nurse_id)
    licenser = select(institution.c.authority_id).where(institution.c.id == application.institution_id)
    query = select(func.coalesce(own.scalar_subquery(), licenser.scalar_subquery()))
    found: UUID | None = (await tx.execute(query)).scalar_one()
    return found


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The institution with which an application lies, and how many days before the expiry its nurse may file."""

    id: UUID
    name: str
    window_days: int


async def reviewing(tx: Tx, application: Application) -> Reviewing:
    """The institution that reviews an application."""
    window = (
        select(authority.c.renewal_window_days)
        .join(registration, registration.c.authority_id == authority.c.id)
        .where(registration.c.nurse_id == application.nurse_id)
    )
    query = select(institution.c.id, institution.c.name, window.scalar_subquery().label("window_days"))
    row = (await tx.execute(query.where(institution.c.id == application.institution_id))).one()
    return Reviewing(row.id, row.name, row.window_days or 90)


async def managers(tx: Tx, place_id: UUID) -> list[tuple[Channel, str]]:
    """The contacts of the active managers of an institution, or of an authority's supervisors, one each."""
    here = or_(account.c.institution_id == place_id, account.c.authority_id == place_id)
    leads = or_(*(literal(role, Text()) == any_(account.c.roles) for role in (Role.MANAGER, Role.SUPERVISOR)))
    query = select(account).where(here, leads, account.c.state == AccountState.ACTIVE).order_by(account.c.id)
    rows = (await tx.execute(query)).all()
    return [(channel, to) for row in rows for channel, to, _ in staff.channels(tx.keyring, row)[:1]]
