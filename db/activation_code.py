"""Activation codes (激活码): kept as their HMAC, one live one an account, counted before it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, select, update

from db.store.engine import Reader, Tx
from db.store.keys import Keyring
from db.store.statement import Statement, given
from db.store.tables_account import activation_code
from rules.activation import CODE_TRIES, LIFETIME, Candidate
from rules.people import Actor, Party

PURPOSE: Final = "activation-code"
_LIVE: Final = and_(activation_code.c.used_at.is_(None), activation_code.c.voided_at.is_(None))


_VOID: Final = Statement(
    update(activation_code)
    .where(activation_code.c.account_id == bindparam("account", type_=Uuid()), _LIVE)
    .values(given(activation_code, ("voided_at",))),
    ["account", "voided_at"],
)


@dataclass(frozen=True, slots=True)
class Live:
    """An activation code that was neither used nor voided, its issuer, and the number of tries."""

    id: UUID
    issuer: tuple[Party, UUID]
    code_hash: bytes
    tries: int
    expires_at: datetime

    def good(self, candidate: Candidate, now: datetime) -> bool:
        """True if it may be used: not expired, and issued by who vouches for her, or did while others worked there."""
        return self.expires_at > now and self.issuer in (candidate.issuer, candidate.employer)


def hashed(keyring: Keyring, code_id: UUID, code: str) -> bytes:
    """The stored form of a code: only our key finds it, and equal codes look different."""
    return keyring.blind_index(f"{code_id}:{code}", PURPOSE)


def fits(keyring: Keyring, kept: Live, code: str) -> bool:
    """True if this is the code, compared in constant time."""
    return keyring.made_index(kept.code_hash, f"{kept.id}:{code}", PURPOSE)


async def issued_within(tx: Tx, account_id: UUID, window: timedelta) -> list[datetime]:
    """The times at which the codes of this window were issued, the oldest first."""
    recent = and_(activation_code.c.account_id == account_id, activation_code.c.issued_at > tx.now - window)
    found = await tx.execute(select(activation_code.c.issued_at).where(recent).order_by(activation_code.c.issued_at))
    return list(found.scalars())


async def insert(tx: Tx, candidate: Candidate, by: Actor, code_id: UUID, code: str) -> None:
    """Keep a new code of a locked account; the one before is void."""
    await void(tx, candidate.account_id)
    party = "institution_id" if by.party is Party.INSTITUTION else "authority_id"
    values: dict[str, Any] = {
        "id": code_id,
        "account_id": candidate.account_id,
        party: by.party_id,
        "issued_by": by.account_id,
        "code_hash": hashed(tx.keyring, code_id, code),
        "issued_at": tx.now,
        "expires_at": tx.now + LIFETIME,
    }
    await tx.execute(activation_code.insert().values(values))


async def live(reader: Reader, account_id: UUID) -> Live | None:
    """The code of an account that is neither used nor void, if there is one; it may have expired."""
    query = select(activation_code).where(activation_code.c.account_id == account_id, _LIVE)
    row = (await reader.execute(query)).one_or_none()
    if row is None:
        return None
    at = (Party.INSTITUTION, row.institution_id) if row.institution_id else (Party.AUTHORITY, row.authority_id)
    return Live(row.id, at, row.code_hash, row.tries, row.expires_at)


async def count_try(tx: Tx, code_id: UUID) -> None:
    """One more code was tried."""
    query = update(activation_code).where(activation_code.c.id == code_id, activation_code.c.tries < CODE_TRIES)
    await tx.execute(query.values(tries=activation_code.c.tries + 1))


async def use(tx: Tx, code_id: UUID) -> None:
    """The code has done its work."""
    await tx.execute(update(activation_code).where(activation_code.c.id == code_id).values(used_at=tx.now))


async def void(tx: Tx, account_id: UUID) -> None:
    """No code of this account is good any more."""
    await tx.write(_VOID, {"account": account_id, "voided_at": tx.now})


async def void_spent(tx: Tx, code_id: UUID) -> None:
    """A code with no try left is good no more, unless one of those before it fitted."""
    spent = update(activation_code).where(activation_code.c.id == code_id, activation_code.c.tries >= CODE_TRIES, _LIVE)
    await tx.execute(spent.values(voided_at=tx.now))
