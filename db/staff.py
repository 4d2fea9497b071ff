"""Queries on the accounts of institutions and authorities: the steps' side."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.exc import IntegrityError

from db import account as accounts
from db import self_nurse
from db.read.unit import limit_of
from db.store.engine import Reader, Tx
from db.store.keys import Keyring, Sealed
from db.store.statement import Statement
from db.store.tables import account, authority, institution, registration
from rules.errors import FieldProblem, Invalid, NotFound, Words
from rules.identity import Identity
from rules.people import AccountState, Actor, Party, Role
from rules.privacy import mask_phone
from rules.staff import Colleague, Workplace
from rules.verification import Channel

_TAKEN: Final = FieldProblem("userName", "TAKEN", Words("该用户名已被使用", "This user name is taken."))
_HERE_ALREADY: Final = FieldProblem(
    "idNumber",
    "TAKEN",
    Words("该证件号码在本单位已有账户", "This person has an account here already."),
)
_UNIQUE: Final = {"account_user_name_key": _TAKEN, "account_staff_id_number_key": _HERE_ALREADY}
_LICENSER: Final = authority.alias("licenser")
_PHONE: Final = ("phone_key_id", "phone_sealed", "phone_index", "phone_masked")
_DOCUMENT: Final = ("document_type", *(f"id_number_{part}" for part in ("key_id", "sealed", "index", "masked")))
_INSERT: Final = Statement.insert(
    account,
    *("id", "party", "institution_id", "authority_id", "user_name", "display_name", "password_hash", "state"),
    *("roles", "must_set_password", "invited_until", "created_at", *_PHONE, *_DOCUMENT),
)


Locked: TypeAlias = Row[Any]
"""A locked account, with where it belongs."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An account that has never been signed in to, as its first sign-in needs it."""

    id: UUID
    user_name: str
    password_hash: str
    invited_until: datetime | None
    phone: str
    phone_index: bytes
    institution_id: UUID | None


def sealed_phone(keyring: Keyring, phone: str) -> dict[str, Any]:
    """A phone number as the table holds it."""
    sealed = keyring.seal(phone, "phone")
    index, masked = keyring.blind_index(phone, "phone"), mask_phone(phone)
    return dict(zip(_PHONE, (sealed.key_id, sealed.ciphertext, index, masked), strict=True))


async def insert(tx: Tx, values: Mapping[str, Any], phone: str, identity: Identity) -> None:
    """A new account that has yet to be signed in to.

    Invalid where the user name is another's, or where this person has an account of the place already.
    """
    row = {"state": AccountState.INVITED, "must_set_password": True, "created_at": tx.now}
    private = {**sealed_phone(tx.keyring, phone), **accounts.document(tx.keyring, identity, owns=True)}
    try:
        await tx.run(_INSERT, {**row, **values, **private})
    except asyncpg.UniqueViolationError as error:
        problem = _UNIQUE.get(error.constraint_name or "")
        if problem is None:
            raise
        raise Invalid(problem) from error
    await self_nurse.join_account(tx, values["id"])


async def identify(tx: Tx, key: UUID, identity: Identity) -> None:
    """The document of a locked account from now on, and with it the nurse she is, if any."""
    try:
        async with tx.connection.begin_nested():
            await change(tx, key, self_nurse_id=None, **accounts.document(tx.keyring, identity, owns=True))
    except IntegrityError as error:
        raise Invalid(_HERE_ALREADY) from error
    await self_nurse.join_account(tx, key)


def _select() -> Select[Any]:
    licensed = (institution.c.authority_id.label("licensed_by"), _LICENSER.c.path.label("licensed_under"))
    return (
        select(account, authority.c.path, authority.c.level, *licensed, limit_of(account).label("units"))
        .outerjoin(authority, authority.c.id == account.c.authority_id)
        .outerjoin(institution, institution.c.id == account.c.institution_id)
        .outerjoin(_LICENSER, _LICENSER.c.id == institution.c.authority_id)
    )


async def lock(tx: Tx, *keys: UUID) -> dict[UUID, Row[Any]]:
    """Several accounts, locked until the transaction ends, always in the same order.

    After their sessions (db/session.py: hold), as every step takes the two. Not FOR UPDATE, since all steps refer to
    accounts.
    """
    query = _select().where(account.c.id.in_(sorted(keys))).order_by(account.c.id)
    rows = await tx.execute(query.with_for_update(of=account, key_share=True))
    return {row.id: row for row in rows}


async def of_institution(tx: Tx, institution_id: UUID) -> list[UUID]:
    """The accounts of an institution; while it is locked none is added."""
    query = select(account.c.id).where(account.c.institution_id == institution_id).order_by(account.c.id)
    return list((await tx.execute(query)).scalars())


def has_document(keyring: Keyring, row: Row[Any], identity: Identity) -> bool:
    """True if an account is known by this document."""
    index = keyring.blind_index(identity.number, "id_number")
    return (row.document_type, row.id_number_index) == (identity.type, index)


def is_same_person(one: Row[Any], other: Row[Any]) -> bool:
    """True if two locked accounts are one person's: the same account, the same nurse's, or of one document."""
    nurses = {one.nurse_id or one.self_nurse_id} & {other.nurse_id or other.self_nurse_id} - {None}
    documents = [(row.document_type, row.id_number_index) for row in (one, other) if row.id_number_index is not None]
    return one.id == other.id or bool(nurses) or (len(documents) > 1 and documents[0] == documents[1])


def colleague(row: Row[Any] | None, manager: Row[Any]) -> Colleague:
    """A locked account of an institution or an authority; any other account is not found."""
    if row is None or row.party not in (Party.INSTITUTION, Party.AUTHORITY):
        raise NotFound
    place = Workplace(Party(row.party), row.institution_id or row.authority_id, row.path, row.level)
    roles = frozenset(map(Role, row.roles))
    known, own = row.id_number_index is not None, is_same_person(row, manager)
    return Colleague(row.id, place, AccountState(row.state), roles, row.must_set_password, known, own)


def actor(row: Row[Any]) -> Actor:
    """A locked account of an institution or authority as the rules see whoever acts by it."""
    roles, active = frozenset(map(Role, row.roles)), row.state == AccountState.ACTIVE
    nurse_id = row.nurse_id or row.self_nurse_id
    place = row.institution_id or row.authority_id
    more = {"name": row.display_name, "units": None if row.units is None else frozenset(row.units)}
    return Actor(row.id, Party(row.party), place, roles, active, nurse_id, row.path, **more)


async def change(tx: Tx, key: UUID, **values: Any) -> None:
    """Write a locked account."""
    await tx.execute(update(account).where(account.c.id == key).values(values))


async def reserved(tx: Tx, key: UUID) -> tuple[str, str, str]:
    """The user name, the reserved phone, and the name of the institution or authority of an account."""
    place = func.coalesce(institution.c.name, authority.c.name).label("place")
    query = select(account, place).outerjoin(authority, authority.c.id == account.c.authority_id)
    query = query.outerjoin(institution, institution.c.id == account.c.institution_id)
    row = (await tx.execute(query.where(account.c.id == key))).one()
    if row.phone_sealed is None:
        raise NotFound
    return row.user_name, tx.keyring.unseal(Sealed(row.phone_key_id, row.phone_sealed), "phone"), row.place


def channels(keyring: Keyring, row: Row[Any]) -> list[tuple[Channel, str, str]]:
    """The contacts of an account: the channel, the number or address, and its mask."""
    found = []
    for channel, purpose in ((Channel.SMS, "phone"), (Channel.MAIL, "email")):
        key_id, sealed, masked = (row._mapping[f"{purpose}_{part}"] for part in ("key_id", "sealed", "masked"))
        if sealed is not None:
            found.append((channel, keyring.unseal(Sealed(key_id, sealed), purpose), masked))
    return found


async def find_channels(tx: Tx, key: UUID) -> list[tuple[Channel, str, str]]:
    """The present contacts of an account."""
    row = (await tx.execute(select(account).where(account.c.id == key))).one()
    return channels(tx.keyring, row)


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A locked account: whether it is the actor's own person, the contacts to tell, and who can vouch for her.

    `path` is that of her authority, or of the one that licensed her institution; none for a nurse.
    """

    is_actor: bool
    vouchers: frozenset[UUID]
    path: str | None
    contacts: list[tuple[Channel, str, str]]


async def lock_person(tx: Tx, key: UUID, *, by: UUID) -> Person:
    """An account, locked with that of whoever asks.

    Those who can vouch for her are the employer, and the authority in charge.
    """
    rows = await lock(tx, by, key)
    row = rows.get(key)
    if row is None:
        raise NotFound
    found = {row.institution_id, row.authority_id, row.licensed_by}
    if row.nurse_id is not None:
        columns = (registration.c.institution_id, registration.c.authority_id)
        found |= set((await tx.execute(select(*columns).where(registration.c.nurse_id == row.nurse_id))).one())
    vouchers, path = frozenset(found - {None}), row.path or row.licensed_under
    return Person(is_same_person(row, rows[by]), vouchers, path, channels(tx.keyring, row))


async def open_account(tx: Tx, invited: Invited, password_hash: str) -> None:
    """Open an invited account at its first sign-in: its password is set, and its phone is proved.

    If another account has proved the same number before, it stays with that one.
    """
    values = {"password_hash": password_hash, "must_set_password": False, "state": AccountState.ACTIVE}
    await change(tx, invited.id, **values, contact_verified=True, invited_until=None)
    with suppress(IntegrityError):
        async with tx.connection.begin_nested():
            await change(tx, invited.id, phone_verified_at=tx.now)


async def find_invited(reader: Reader, key: UUID) -> Invited | None:
    """An account that waits for its first sign-in; None where it does not, or has no phone reserved."""
    names = ("id", "user_name", "password_hash", "invited_until", "institution_id", "phone_index")
    columns = [account.c[name] for name in (*names, "phone_key_id", "phone_sealed")]
    waiting = (
        account.c.state == AccountState.INVITED,
        account.c.must_set_password,
        account.c.phone_sealed.is_not(None),
    )
    row = (await reader.execute(select(*columns).where(account.c.id == key, *waiting))).one_or_none()
    if row is None:
        return None
    phone = reader.keyring.unseal(Sealed(row.phone_key_id, row.phone_sealed), "phone")
    return Invited(**{name: getattr(row, name) for name in names}, phone=phone)
