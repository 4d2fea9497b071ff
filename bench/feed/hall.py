"""Institutions for the feed's bench alone, put on the register and taken off again."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from bench.feed.rooms import SOCKETS, Renewal, Room
from bench.measure import Failed
from db.session import digest, find_all
from db.store.engine import Database
from rules.institution import institution_code_check
from rules.kinds import RenewalForm
from rules.nurse import Department, HealthStatus, Title
from workflow.draft import ApplicationCreateDraft
from workflow.step import take

MARKS: Final = "create table bench_room (id uuid primary key, n int); create table bench_filer as " + (
    "select nurse_id, institution_id, authority_id, valid_until, 0 as n from registration where false"
)
# Nurses who never filed and have no account come over to the rooms, in turn, and are near their registration's end.
FILERS: Final = """
insert into bench_filer
select r.nurse_id, r.institution_id, r.authority_id, r.valid_until,
  row_number() over (order by md5(r.nurse_id::text)) - 1
from registration r
where r.status = 'VALID' and r.institution_id is not null
  and not exists (select from account a where a.nurse_id = r.nurse_id or a.self_nurse_id = r.nurse_id)
  and not exists (select from application a where a.nurse_id = r.nurse_id)
  and not exists (select from registration_span p where p.nurse_id = r.nurse_id)
  and not exists (select from feed_scope f where f.scope = r.nurse_id)
order by 5 limit $1"""
ROOM: Final = """
insert into institution (id, code, name, state, division, authority_id)
select $2, $3, $4, 'ACTIVE', '110102', authority_id from bench_filer where n = $1"""
# Without anybody who decides on it a renewal would be the authority's as soon as it is filed.
DECIDES: Final = """
insert into approval_setting (institution_id, kind, authority_id)
select id, 'RENEWAL', authority_id from institution where id in (select id from bench_room)"""
COME: Final = """
update registration r set institution_id = m.id, valid_until = current_date + 20
from bench_filer f join bench_room m on m.n = f.n % (select count(*) from bench_room)
where r.nurse_id = f.nurse_id returning m.id as institution_id, r.nurse_id"""
ACCOUNT: Final = """
insert into account (id, party, nurse_id, institution_id, user_name, display_name, password_hash, state, roles,
  identity_verified, contact_verified, certificate_verified)
values ($1, $2, $3, $4, $5, $5, '-', 'ACTIVE', array[$6], true, true, true)"""
SESSION: Final = "insert into session (token_hash, account_id, expires_at) values ($1, $2, now() + interval '12 hours')"

UNDO: Final = """
create temp table gone on commit drop as
  select id from application where nurse_id in (select nurse_id from bench_filer);
create temp table quiet on commit drop as
  select id from bench_room union select nurse_id from bench_filer;
delete from event where scope in (select id from quiet);
delete from feed_scope where scope in (select id from quiet);
delete from review_decision where application_id in (select id from gone);
delete from application_revision where application_id in (select id from gone);
delete from application where id in (select id from gone);
update registration r set institution_id = f.institution_id, valid_until = f.valid_until
from bench_filer f where f.nurse_id = r.nurse_id;
create temp table left_accounts on commit drop as
  select id from account where institution_id in (select id from quiet) or nurse_id in (select id from quiet);
delete from session where account_id in (select id from left_accounts);
delete from account where id in (select id from left_accounts);
delete from approval_setting where institution_id in (select id from bench_room);
delete from institution where id in (select id from bench_room);
drop table bench_room, bench_filer
"""
TOUCHED: Final = (
    "event, feed_scope, application, application_revision, review_decision, registration, account, session, institution"
)


@dataclass(frozen=True)
class Hall:
    """A register on which rooms are made: as its owner, and as the workflow."""

    owner: asyncpg.Connection[asyncpg.Record]
    db: Database

    @asynccontextmanager
    async def rooms(self, count: int, *, watchers: int, renewals: int = 1) -> AsyncIterator[list[Room]]:
        """Institutions with so many seats and drafted renewals each; afterwards the register is as it was."""
        await self.undo()
        try:
            yield await self._made(count, -(-watchers // SOCKETS), renewals)
        finally:
            await self.undo()

    async def undo(self) -> None:
        """Take away the rooms, also those that a run which was broken off has left."""
        if await self.owner.fetchval("select to_regclass('bench_room') is not null"):
            async with self.owner.transaction():
                await self.owner.execute(UNDO)
            await self.owner.execute(f"vacuum (analyze) {TOUCHED}")

    async def _made(self, count: int, accounts: int, renewals: int) -> list[Room]:
        async with self.owner.transaction():
            found = await self._places(count, renewals)
            numbers = iter(range(10**7))
            for room in found.values():
                made = [("INSTITUTION", None, room.id, f"w{next(numbers):07}", "OPERATOR") for _ in range(accounts)]
                room.tokens = await self._sign_up(made)
            moved = await self.owner.fetch(COME)
            filers = [("NURSE", row["nurse_id"], None, f"f{next(numbers):07}", "NURSE") for row in moved]
            tokens = await self._sign_up(filers)
        await self.owner.execute(f"analyze {TOUCHED}")
        await self._draft(found, moved, tokens)
        return list(found.values())

    async def _places(self, count: int, renewals: int) -> dict[UUID, Room]:
        await self.owner.execute(MARKS)
        await self.owner.execute(FILERS, count * renewals)
        free = await self.owner.fetchval("select count(*) from bench_filer")
        if free < count * renewals:
            raise Failed(f"The register has {free} nurses who could file, and {count * renewals} are needed.")
        rows = [(n, uuid7(), *_named(n)) for n in range(count)]
        await self.owner.executemany(ROOM, rows)
        await self.owner.executemany("insert into bench_room values ($2, $1)", [row[:2] for row in rows])
        await self.owner.execute(DECIDES)
        return {key: Room(key, []) for _, key, *_ in rows}

    async def _sign_up(self, people: Sequence[tuple[Any, ...]]) -> list[str]:
        """Accounts that are signed in, without their passwords; their tokens."""
        keys, tokens = [uuid7() for _ in people], [secrets.token_urlsafe(32) for _ in people]
        await self.owner.executemany(ACCOUNT, [(key, *one) for key, one in zip(keys, people, strict=True)])
        await self.owner.executemany(SESSION, [(digest(t), key) for key, t in zip(keys, tokens, strict=True)])
        return tokens

    async def _draft(self, rooms: dict[UUID, Room], moved: Sequence[asyncpg.Record], tokens: Sequence[str]) -> None:
        """A draft of each nurse in her room."""
        today: date = await self.owner.fetchval("select current_date")
        form = RenewalForm(HealthStatus.GOOD, today - timedelta(days=10), Department.WARD, Title.SENIOR_NURSE)
        hashes = [digest(token) for token in [*tokens, *(room.tokens[0] for room in rooms.values())]]
        async with self.db.read() as reader:
            sessions = await find_all(reader, hashes)
        for row, token in zip(moved, tokens, strict=True):
            room, nurse = rooms[row["institution_id"]], sessions[digest(token)]
            key = await take(self.db, nurse, ApplicationCreateDraft(form))
            room.renewals.append(Renewal(nurse, sessions[digest(room.tokens[0])], form, key))


def _named(n: int) -> tuple[str, str]:
    """A code that no real institution has, and a name."""
    body = f"12110102{n:09}"
    return body + institution_code_check(body), f"推送测量机构{n + 1}"
