"""Queries on the people that a place has left: which roles are held, and who is told where one is not (岗位空缺)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, any_, func, literal, or_, select

from db import staff
from db.store.engine import Tx
from db.store.tables import account, authority, institution
from rules.people import AccountState, Party, Role
from rules.staff import OVERSEERS, Workplace
from rules.verification import Channel


@dataclass(frozen=True, slots=True)
class Premises:
    """A locked institution or authority: its name, and the authority above it, if there is one."""

    id: UUID
    name: str
    above: UUID | None


async def lock(tx: Tx, place: Workplace) -> Premises:
    """A place, held until the transaction ends: of two who shut out each other's last colleague, one sees the other."""
    table, above = (institution, "authority_id") if place.party is Party.INSTITUTION else (authority, "parent_id")
    query = (
        select(table.c.name, table.c[above].label("above"))
        .where(table.c.id == place.id)
        .with_for_update(key_share=True)
    )
    row = (await tx.execute(query)).one()
    return Premises(place.id, row.name, row.above)


async def name_of(tx: Tx, place: Workplace) -> str:
    """The name of a place as it is."""
    table = institution if place.party is Party.INSTITUTION else authority
    found: str = (await tx.execute(select(table.c.name).where(table.c.id == place.id))).scalar_one()
    return found


async def place_of(tx: Tx, account_id: UUID) -> Workplace | None:
    """The place where somebody works, which never changes; None for a nurse's account, or none."""
    row = (await tx.execute(select(account).where(account.c.id == account_id))).one_or_none()
    if row is None or row.party not in (Party.INSTITUTION, Party.AUTHORITY):
        return None
    return Workplace(Party(row.party), row.institution_id or row.authority_id)


async def held_roles(tx: Tx, place_id: UUID) -> frozenset[Role]:
    """The roles that somebody active of a place holds."""
    here = or_(account.c.institution_id == place_id, account.c.authority_id == place_id)
    query = select(func.unnest(account.c.roles)).where(here, account.c.state == AccountState.ACTIVE).distinct()
    return frozenset(map(Role, (await tx.execute(query)).scalars()))


async def overseers(tx: Tx, premises: Premises) -> list[tuple[Channel, str]]:
    """The contacts of those who can fill a place: its own managers, and the overseers of the authority above it."""
    own = or_(account.c.institution_id == premises.id, account.c.authority_id == premises.id)
    above = account.c.authority_id == premises.above if premises.above else own
    oversee = or_(*(literal(role, Text()) == any_(account.c.roles) for role in sorted({Role.MANAGER, *OVERSEERS})))
    query = select(account).where(or_(own, above), oversee, account.c.state == AccountState.ACTIVE)
    rows = (await tx.execute(query.order_by(account.c.id))).all()
    return [(channel, to) for row in rows for channel, to, _ in staff.channels(tx.keyring, row)[:1]]
