"""The contacts of an account (手机号, 安全邮箱) and its sign-in: read by name, locked, changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, RowMapping, Select, Uuid, and_, bindparam, func, select, union_all, update
from sqlalchemy.exc import IntegrityError

from db.account import sealed
from db.opening import NURSE
from db.read.bearer import nurses_of
from db.store.ahead import Ahead
from db.store.engine import Reader, Tx
from db.store.keys import Keyring, Sealed
from db.store.statement import Statement
from db.store.tables import account
from db.store.tables_account import code
from rules.conflict import Situation
from rules.errors import Conflict, Invalid, NotFound
from rules.identity import looked_up
from rules.message import mask_recipient
from rules.people import AccountState, Party
from rules.spelling import sign_in_name
from rules.verification import Channel, CodePurpose

COLUMN: Final[Mapping[Channel, str]] = {Channel.SMS: "phone", Channel.MAIL: "email"}
"""The prefix of a channel's columns, which is also the purpose of its seals and indexes."""
LIVING: Final = (AccountState.ACTIVE, AccountState.INACTIVE)
TAKEN: Final[Mapping[Channel, Situation]] = {Channel.SMS: Situation.PHONE_TAKEN, Channel.MAIL: Situation.EMAIL_TAKEN}


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach an account."""

    to: str
    index: bytes
    verified: bool

    def __repr__(self) -> str:
        return f"Contact(verified={self.verified})"


@dataclass(frozen=True, slots=True)
class Holder:
    """An account as far as contacts, passwords and recovery go."""

    id: UUID
    party: Party
    state: AccountState
    user_name: str
    password_hash: str
    must_set_password: bool
    scope: UUID | None
    nurse_id: UUID | None
    held_until: datetime | None
    contacts: Mapping[Channel, Contact]

    def verified(self, channel: Channel | None = None) -> tuple[Channel, Contact] | None:
        """A proved contact: of this channel, or the phone before the mail box."""
        asked = (channel,) if channel else Channel
        found = [(one, self.contacts[one]) for one in asked if one in self.contacts and self.contacts[one].verified]
        return found[0] if found else None


def index_of(keyring: Keyring, channel: Channel, to: str) -> bytes:
    """The index by which a contact is found."""
    return keyring.blind_index(to, COLUMN[channel])


async def named(reader: Reader, name: str) -> Holder | None:
    """The account of a user name, a proved phone or a proved mail box, in any state; three look-ups whatever it is."""
    wanted = sign_in_name(name)
    phone, mail = (index_of(reader.keyring, channel, wanted) for channel in (Channel.SMS, Channel.MAIL))
    ways = (
        (func.lower(account.c.user_name) == wanted,),
        (account.c.phone_index == phone, account.c.phone_verified_at.is_not(None), account.c.state != "REVOKED"),
        (account.c.email_index == mail, account.c.email_verified_at.is_not(None), account.c.state != "REVOKED"),
    )
    ids = union_all(*(select(account.c.id).where(*way) for way in ways)).subquery()
    row = (await reader.execute(select(account).join(ids, ids.c.id == account.c.id))).first()
    return None if row is None else _holder(row, reader.keyring)


async def let_in(reader: Reader, name: str) -> Holder | None:
    """The account of a document number, or of the phone that a code to recover it has gone to; three look-ups."""
    number = ""  # of nobody
    with suppress(Invalid):
        number = looked_up(name)
    number_index = reader.keyring.blind_index(number, "id_number")
    phone = index_of(reader.keyring, Channel.SMS, sign_in_name(name))
    asked = and_(code.c.purpose == CodePurpose.RECOVERY, code.c.channel == Channel.SMS, code.c.target_index == phone)
    living = (account.c.party == Party.NURSE, account.c.state.in_(sorted(LIVING)))
    ways = (
        select(code.c.account_id).where(asked),
        select(account.c.id).where(*living, account.c.nurse_id.in_(nurses_of(number_index))),
        select(account.c.id).where(*living, account.c.id_number_index == number_index),
    )
    ids = union_all(*ways).subquery()
    row = (await reader.execute(select(account).where(account.c.id.in_(select(ids))).limit(1))).first()
    return None if row is None else _holder(row, reader.keyring)


async def lock(tx: Tx, account_id: UUID) -> Holder:
    """An account, held until the commit; NotFound where it is not living."""
    return await _one(tx, select(account).where(account.c.id == account_id).with_for_update())


async def get(reader: Reader, account_id: UUID) -> Holder:
    """A living account."""
    return await _one(reader, select(account).where(account.c.id == account_id))


async def _one(reader: Reader, query: Select[Any]) -> Holder:
    row = (await reader.execute(query)).one_or_none()
    if row is None or row.state not in LIVING:
        raise NotFound
    return _holder(row, reader.keyring)


_OF_NURSE: Final = Statement(
    select(account).where(account.c.nurse_id == bindparam("nurse", type_=Uuid()), account.c.state.in_(sorted(LIVING))),
    ["nurse"],
)
OF_NURSE_AHEAD: Final = Ahead(_OF_NURSE, nurse=NURSE)


async def of_nurse(tx: Tx, nurse_id: UUID) -> Holder | None:
    """A nurse's living account, if she has one."""
    found = await tx.run(_OF_NURSE, {"nurse": nurse_id})
    return _opened(found[0], tx.keyring) if found else None


def _holder(row: Row[Any], keyring: Keyring) -> Holder:
    return _opened(row._mapping, keyring)


def _opened(found: Mapping[str, Any] | RowMapping, keyring: Keyring) -> Holder:
    contacts = {
        channel: Contact(
            keyring.unseal(Sealed(found[f"{name}_key_id"], found[f"{name}_sealed"]), name),
            found[f"{name}_index"],
            found[f"{name}_verified_at"] is not None,
        )
        for channel, name in COLUMN.items()
        if found[f"{name}_sealed"] is not None
    }
    scope = found["nurse_id"] or found["institution_id"] or found["authority_id"]
    nurse_id, held_until = found["nurse_id"] or found["self_nurse_id"], found["contact_held_until"]
    state = AccountState(found["state"])
    opens = (found["user_name"], found["password_hash"], found["must_set_password"])
    return Holder(found["id"], Party(found["party"]), state, *opens, scope, nurse_id, held_until, contacts)


async def reached(reader: Reader, nurse_ids: Collection[UUID]) -> list[tuple[Channel, str]]:
    """The contact of each nurse with a living account and a proven contact: the phone before the mail box."""
    living = (account.c.nurse_id.in_(nurse_ids), account.c.state.in_(sorted(LIVING)))
    holders = [_holder(row, reader.keyring) for row in await reader.execute(select(account).where(*living))]
    proved = (holder.verified() for holder in sorted(holders, key=lambda one: one.id))
    return [(channel, contact.to) for channel, contact in filter(None, proved)]


async def verify(tx: Tx, account_id: UUID, channel: Channel) -> None:
    """The contact is proved; Conflict where it is another living account's, without saying whose."""
    await _only_hers(tx, account_id, channel, {f"{COLUMN[channel]}_verified_at": tx.now, "contact_verified": True})


async def replace(tx: Tx, account_id: UUID, channel: Channel, to: str) -> None:
    """Another contact, which is proved; Conflict where it is another living account's."""
    name = COLUMN[channel]
    columns = sealed(tx.keyring, name, to, partial(mask_recipient, channel))
    values = {**columns, f"{name}_verified_at": tx.now, "contact_verified": True}
    await _only_hers(tx, account_id, channel, values)


async def _only_hers(tx: Tx, account_id: UUID, channel: Channel, values: Mapping[str, Any]) -> None:
    try:
        await tx.execute(update(account).where(account.c.id == account_id).values(**values))
    except IntegrityError as error:
        if f"account_{COLUMN[channel]}_key" not in str(error.orig):
            raise
        raise Conflict(TAKEN[channel]) from None


async def freeze(tx: Tx, account_id: UUID, until: datetime) -> None:
    """Forbid changes of this account's contacts until then."""
    await tx.execute(update(account).where(account.c.id == account_id).values(contact_held_until=until))


async def set_password(tx: Tx, account_id: UUID, password_hash: str) -> None:
    """Another password."""
    values = {"password_hash": password_hash, "must_set_password": False}
    await tx.execute(update(account).where(account.c.id == account_id).values(**values))
