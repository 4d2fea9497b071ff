"""Sessions: opaque tokens, kept as their digest, revocable at once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from secrets import token_urlsafe
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    intersect,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from db.read.unit import area_of, limit_of
from db.store.engine import Database, Reader, Tx
from db.store.outage import retry_until_up
from db.store.tables import account, attempt, authority, institution, registration, session
from db.store.tables_account import deputyship
from db.watch import Watch, short
from rules.errors import Unauthenticated
from rules.people import AccountState, Actor, Party, Role
from rules.session import SIGNED_IN

LIFETIME: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in account and the digest of its token."""

    token_hash: bytes
    actor: Actor
    expires_at: datetime


def digest(token: str) -> bytes:
    """The digest of a token that is stored."""
    return sha256(token.encode()).digest()


_ABSENT: Final = account.alias("absent")
_TODAY: Final = func.current_date()
_LENT: Final = func.array(
    intersect(
        select(func.unnest(deputyship.c.roles)).correlate(deputyship),
        select(func.unnest(_ABSENT.c.roles)).correlate(_ABSENT),
    ).scalar_subquery(),
    type_=ARRAY(Text),
)
"""The roles that a deputy has of an absent colleague: those she was given, as far as the colleague has them herself."""
_STANDS_IN: Final = and_(
    deputyship.c.ended_at.is_(None),
    _TODAY.between(deputyship.c.starts_on, deputyship.c.ends_on),
    _ABSENT.c.state == AccountState.ACTIVE,
    func.cardinality(_LENT) > 0,
)


_LICENSING: Final = authority.alias("licensing")
_REGISTERING: Final = authority.alias("registering")
_WORKPLACE: Final = institution.alias("workplace")
_AREA: Final = func.coalesce(
    authority.c.path,
    area_of(_LICENSING.c.path, func.coalesce(institution.c.id, _WORKPLACE.c.id)),
    _REGISTERING.c.path,
)


def _people(of: Table) -> Select[Any]:
    """The people as who they act now in the rows of a table: in their own right, or as deputies of a colleague."""
    return (
        select(
            func.now().label("now"),
            account.c.id,
            account.c.party,
            account.c.state,
            case((of.c.deputyship_id.is_(None), account.c.roles), else_=_LENT).label("roles"),
            _ABSENT.c.id.label("on_behalf_of"),
            func.coalesce(_ABSENT.c.nurse_id, _ABSENT.c.self_nurse_id).label("absent_nurse_id"),
            account.c.display_name,
            func.coalesce(account.c.nurse_id, account.c.institution_id, account.c.authority_id).label("party_id"),
            func.coalesce(account.c.nurse_id, account.c.self_nurse_id).label("nurse_id"),
            authority.c.path,
            _AREA.label("area"),
            case((of.c.deputyship_id.is_(None), limit_of(account)), else_=limit_of(_ABSENT)).label("units"),
        )
        .join(account, account.c.id == of.c.account_id)
        .outerjoin(authority, authority.c.id == account.c.authority_id)
        .outerjoin(institution, institution.c.id == account.c.institution_id)
        .outerjoin(registration, registration.c.nurse_id == account.c.nurse_id)
        .outerjoin(_WORKPLACE, _WORKPLACE.c.id == registration.c.institution_id)
        .outerjoin(_LICENSING, _LICENSING.c.id == func.coalesce(institution.c.authority_id, _WORKPLACE.c.authority_id))
        .outerjoin(_REGISTERING, _REGISTERING.c.id == registration.c.authority_id)
        .outerjoin(deputyship, deputyship.c.id == of.c.deputyship_id)
        .outerjoin(_ABSENT, _ABSENT.c.id == deputyship.c.absent_id)
        .where(
            or_(of.c.deputyship_id.is_(None), _STANDS_IN),
            account.c.state == any_(literal(list(SIGNED_IN), ARRAY(Text))),
            (institution.c.state.is_(None)) | (institution.c.state != "CLOSED"),
        )
    )


def _select() -> Select[Any]:
    live = and_(session.c.revoked_at.is_(None), session.c.expires_at > func.now())
    return _people(session).add_columns(session.c.token_hash, session.c.expires_at).where(live)


_BY_TOKEN: Final = _select().where(session.c.token_hash == bindparam("token"))
_HELD: Final = _BY_TOKEN.with_for_update(of=session, read=True)


def _session(row: Row[Any]) -> Session:
    return Session(row.token_hash, _actor(row), row.expires_at)


def _actor(row: Row[Any]) -> Actor:
    active = row.state == AccountState.ACTIVE
    return Actor(
        account_id=row.id,
        party=Party(row.party),
        party_id=row.party_id if active or row.party != Party.NURSE else None,
        roles=frozenset(map(Role, row.roles)),
        active=active,
        nurse_id=row.nurse_id,
        path=row.path,
        on_behalf_of=row.on_behalf_of,
        absent_nurse_id=row.absent_nurse_id,
        name=row.display_name,
        units=None if row.units is None else frozenset(row.units),
        area=row.area,
    )


async def find(reader: Reader, token_hash: bytes) -> Session | None:
    """The live session of a token, or None: unknown, ended and revoked look the same."""
    row = (await reader.execute(_BY_TOKEN, {"token": token_hash})).one_or_none()
    return None if row is None else _session(row)


async def require(tx: Tx, current: Session) -> Actor:
    """The account as it is now, in this transaction; raises Unauthenticated when it was signed out meanwhile."""
    row = (await tx.execute(_HELD, {"token": current.token_hash})).one_or_none()
    if row is None:
        raise Unauthenticated
    tx.tell_time(row.now)
    return _session(row).actor


async def acting(tx: Tx, of: Table, key: UUID) -> Actor | None:
    """The actor of a row of this table, as she is now, signed in or not; None if she may act no more."""
    row = (await tx.execute(_people(of).where(of.c.id == key))).one_or_none()
    return None if row is None else _actor(row)


async def find_all(reader: Reader, token_hashes: Collection[bytes]) -> dict[bytes, Session]:
    """The live ones of the sessions."""
    asked = literal(list(token_hashes), ARRAY(LargeBinary))
    rows = await reader.execute(_select().where(session.c.token_hash == any_(asked)))
    return {row.token_hash: _session(row) for row in rows}


def new_token() -> str:
    """The token of a session to be; it is shown once, and kept as its digest."""
    return token_urlsafe(32)


async def insert(tx: Tx, account_id: UUID, token: str) -> None:
    """A new session, and with it the last sign-in of the account."""
    values = {"account_id": account_id, "created_at": tx.now, "expires_at": tx.now + LIFETIME}
    await tx.execute(session.insert().values(token_hash=digest(token), **values))
    await tx.execute(update(account).where(account.c.id == account_id).values(last_sign_in_at=tx.now))


async def insert_deputy(tx: Tx, account_id: UUID, token: str, deputyship_id: UUID, until: datetime) -> None:
    """A new session in which somebody acts for an absent colleague."""
    values = {"account_id": account_id, "created_at": tx.now, "expires_at": until, "deputyship_id": deputyship_id}
    await tx.execute(session.insert().values(token_hash=digest(token), **values))


async def revoke(tx: Tx, token_hash: bytes) -> None:
    """End a session that is held."""
    live = update(session).where(session.c.token_hash == token_hash, session.c.revoked_at.is_(None))
    await tx.execute(live.values(revoked_at=func.now()))


async def lock(tx: Tx, *account_ids: UUID) -> None:
    """Lock the sessions of these accounts, in one order, before they are ended; before the accounts themselves.

    Every step takes the two in this order: its own session, which must not end meanwhile, and then the account.
    Whatever becomes of them or of what the accounts may do, every process reads them afresh with the next wake-up.
    """
    live = and_(session.c.account_id.in_(account_ids), session.c.revoked_at.is_(None))
    held = select(session.c.token_hash).where(live).order_by(session.c.token_hash).with_for_update()
    # Wake-ups carry the scopes with news, and these.
    tx.woken.update(UUID(bytes=short(one)) for one in (await tx.execute(held)).scalars())


async def read_afresh(tx: Tx, account_id: UUID) -> None:
    """The sessions of an account are read afresh by every process with the next wake-up: it may see more now."""
    live = and_(session.c.account_id == account_id, session.c.revoked_at.is_(None))
    found = await tx.execute(select(session.c.token_hash).where(live))
    tx.woken.update(UUID(bytes=short(one)) for one in found.scalars())


async def end(tx: Tx, account_id: UUID, *, but: bytes = b"") -> None:
    """End the sessions of an account that are held, except one."""
    live = update(session).where(session.c.account_id == account_id, session.c.revoked_at.is_(None))
    await tx.execute(live.where(session.c.token_hash != but).values(revoked_at=func.now()))


async def end_deputies(tx: Tx, deputyship_ids: Collection[UUID]) -> None:
    """End the sessions in which deputies act, which are held with the deputies' own."""
    live = update(session).where(session.c.deputyship_id.in_(deputyship_ids), session.c.revoked_at.is_(None))
    await tx.execute(live.values(revoked_at=func.now()))


async def count_attempt(tx: Tx, subject: bytes, window: timedelta, allowed: int, times: int = 1) -> int:
    """Count one more try of `subject`, or so many; the seconds to wait if too many were within `window`, else 0.

    The subject's rows are serialised by an advisory lock, so that tries at once are counted one by one.
    """
    await tx.execute(select(func.pg_advisory_xact_lock(int.from_bytes(subject[:8], signed=True))))
    recent = and_(attempt.c.subject == subject, attempt.c.at > tx.now - window)
    query = select(func.count().label("tries"), func.min(attempt.c.at).label("oldest")).where(recent)
    found = (await tx.execute(query)).one()
    if found.tries + times > allowed:
        return max(1, int(((found.oldest or tx.now) + window - tx.now).total_seconds()))
    await tx.execute(attempt.insert().values([{"subject": subject, "at": tx.now}] * times))
    return 0


async def attempts(tx: Tx, subject: bytes, window: timedelta) -> int:
    """The number of tries of `subject` within `window`."""
    recent = and_(attempt.c.subject == subject, attempt.c.at > tx.now - window)
    found: int = (await tx.execute(select(func.count()).where(recent))).scalar_one()
    return found


async def forget_attempt(tx: Tx, subject: bytes) -> None:
    """Count one try less, the last."""
    last = select(attempt.c.id).where(attempt.c.subject == subject).order_by(attempt.c.at.desc()).limit(1)
    await tx.execute(attempt.delete().where(attempt.c.id == last.with_for_update(skip_locked=True).scalar_subquery()))


async def forget_attempts(tx: Tx, subject: bytes) -> None:
    """A success clears the count."""
    await tx.execute(attempt.delete().where(attempt.c.subject == subject))


class Sessions(Watch):
    """The sessions a process has looked at within the last second, and those with a watch on their end.

    One that ends is dropped with the wake-up of the step that ended it; the second is for a wake-up that is lost.
    """

    KEPT_SECONDS: Final = 1.0
    KEPT: Final = 20_000

    def __init__(self, db: Database) -> None:
        super().__init__(db, _select())
        self._kept: OrderedDict[bytes, tuple[float, Session | None]] = OrderedDict()
        self._reading: dict[bytes, int] = {}
        self._numbers = count()
        self._batch: tuple[set[bytes], asyncio.Future[Mapping[bytes, Session]]] | None = None
        self._one_at_a_time = asyncio.Lock()
        db.heard = self.drop

    def at_hand(self, token_hash: bytes) -> Session | None:
        """The live session of a token's digest, where it was read within the last second."""
        kept = self._kept.get(short(token_hash))
        return kept[1] if kept is not None and monotonic() - kept[0] < self.KEPT_SECONDS else None

    async def find(self, token_hash: bytes) -> Session | None:
        """The live session of a token's digest; one that is a second old is read again."""
        key = short(token_hash)
        kept = self._kept.get(key)
        if kept is not None and monotonic() - kept[0] < self.KEPT_SECONDS:
            return kept[1]
        reading, current = self._reading.setdefault(key, next(self._numbers)), False
        try:
            async with self._db.read() as reader:
                found = await find(reader, token_hash)
        finally:
            # Dropped while it was read: what was read may be what it was before.
            if current := self._reading.get(key) == reading:
                del self._reading[key]
        if current:
            self._keep(key, found)
        return found

    def _keep(self, key: bytes, found: Session | None) -> None:
        self._kept[key] = (monotonic(), found)
        self._kept.move_to_end(key)
        while len(self._kept) > self.KEPT:
            self._kept.popitem(last=False)

    def drop(self, woken: Iterable[UUID]) -> None:
        """Ask the database next time for the sessions that a wake-up names, and now for what is watched."""
        for key in (one.bytes for one in woken):
            self._reading.pop(key, None)
            if self._kept.pop(key, None):
                self.look_at(key)

    async def now(self, token_hash: bytes) -> Session | None:
        """The session as the database has it now, after any outage; concurrent calls share a statement."""
        if self._batch is None:
            asked: set[bytes] = set()
            self._batch = asked, asyncio.ensure_future(self._find_all(asked))
        asked, answer = self._batch
        asked.add(token_hash)
        return (await asyncio.shield(answer)).get(token_hash)

    async def _find_all(self, asked: set[bytes]) -> Mapping[bytes, Session]:
        async def ask() -> Mapping[bytes, Session]:
            async with self._db.read() as reader:
                return await find_all(reader, asked)

        async with self._one_at_a_time:
            # Too late to join: who asks from here on must not get an answer that was read before.
            self._batch = None
            return await retry_until_up(ask)

    def forget(self, token_hash: bytes) -> None:
        """Ask the database next time."""
        self._kept.pop(short(token_hash), None)
