"""The register that is maltreated: a database of its own, four desks, and nurses who must renew."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg

from bench.cast import Person
from bench.measure import Failed
from db.embedded.server import Embedded
from db.seed import seed as seed_register
from db.session import digest
from db.store.keys import Keyring
from db.store.migrate import migrate

SEED: Final = 1

# Two institutions each of two authorities, where the register has them; four different people work on a renewal.
_DESKS: Final = """
with staffed as (
  select i.id as institution_id, s.authority_id, operator.id as operator_id, reviewer.id as reviewer_id,
    decider.id as decider_id, row_number() over (partition by s.authority_id order by i.id) as nth,
    count(*) over (partition by s.authority_id) as neighbours
  from institution i
  join approval_setting s on s.institution_id = i.id and s.kind = 'RENEWAL'
  cross join lateral (select id from account where institution_id = i.id and state = 'ACTIVE'
    and roles @> '{OPERATOR}' order by id limit 1) operator
  cross join lateral (select id from account where authority_id = s.authority_id and state = 'ACTIVE'
    and roles @> '{REVIEWER}' order by id limit 1) reviewer
  cross join lateral (select id from account where authority_id = s.authority_id and state = 'ACTIVE'
    and roles @> '{DECIDER}' and id <> reviewer.id order by id limit 1) decider
  where i.state = 'ACTIVE'
)
select institution_id, authority_id, operator_id, reviewer_id, decider_id
from (select * from staffed order by nth > 2, neighbours < 2, authority_id, nth limit 4) chosen
order by nth, authority_id"""

# Whoever may renew works at one of the desks from now on, so that there are renewals for as long as it takes.
_CAST: Final = """
with free as (
  select r.nurse_id, row_number() over (order by r.nurse_id) as nth from registration r
  where r.status = 'VALID'
    and not exists (select from application a where a.nurse_id = r.nurse_id)
    and not exists (select from registration_span p where p.nurse_id = r.nurse_id)
    and not exists (select from account a where a.nurse_id = r.nurse_id and a.state <> 'ACTIVE')
)
update registration r set institution_id = ($1::uuid[])[1 + nth % array_length($1, 1)], valid_until = current_date + 20
from free where free.nurse_id = r.nurse_id returning r.nurse_id, r.institution_id"""
_ACCOUNTS: Final = """
insert into account (party, nurse_id, user_name, display_name, password_hash, state, roles,
  identity_verified, contact_verified, certificate_verified)
select 'NURSE', id, 'c' || left(md5(id::text), 11), name, '-', 'ACTIVE', '{NURSE}', true, true, true
from nurse where id = any($1) and id not in (select nurse_id from account where nurse_id is not null)"""
_SESSION: Final = (
    "insert into session (token_hash, account_id, expires_at) values ($1, $2, now() + interval '12 hours')"
)


@dataclass(frozen=True)
class Desk:
    """An institution and the authority that approves its renewals, and who works there; all are signed in."""

    institution_id: UUID
    authority_id: UUID
    operator: Person
    reviewer: Person
    decider: Person


@dataclass(frozen=True)
class Case:
    """A nurse who may renew, and the desk that her renewals come to."""

    nurse_id: UUID
    nurse: Person
    desk: Desk


@dataclass
class Register:
    """A running database with everybody who takes part; `stood` is where each feed was before anything happened.

    What it leaves on the disk is kept where something went wrong (`keep`).
    """

    embedded: Embedded
    owner_url: str
    keys: str
    folder: Path
    version: str
    desks: list[Desk]
    cases: list[Case]
    stood: dict[UUID, int]
    keep: bool = False

    def kill_postgres(self) -> None:
        """End PostgreSQL as kill -9 does."""
        if (pid := self.embedded.pid) is None:
            raise Failed("PostgreSQL was to be killed and does not run: it should have recovered.")
        os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def seeded(nurses: int) -> AsyncIterator[Register]:
    """A register of so many nurses in a folder of its own, with ordinary durability."""
    folder = _folder()
    embedded, keep = Embedded(folder / "data"), False
    try:
        owner_url = await embedded.start()
        await migrate(owner_url)
        keyring = Keyring.kept_in(embedded.data)
        await seed_register(owner_url, keyring, nurses=nurses, seed=SEED, demo=False)
        connection = await asyncpg.connect(owner_url, server_settings={"timezone": "Asia/Shanghai"})
        try:
            register = await _set(connection, embedded, folder)
        finally:
            await connection.close()
        yield register
        keep = register.keep
    except Exception as error:
        error.add_note(f"The data and logs are kept in {folder}.")
        keep = True
        raise
    finally:
        await embedded.stop()
        if not keep:
            shutil.rmtree(folder)


def _folder() -> Path:
    """A new one; as root PostgreSQL runs as somebody else, who must be able to enter."""
    folder = Path(tempfile.mkdtemp(prefix="hushi-chaos-", dir="/tmp" if os.geteuid() == 0 else None))
    folder.chmod(0o755)
    return folder


async def _set(owner: asyncpg.Connection[asyncpg.Record], embedded: Embedded, folder: Path) -> Register:
    """Choose the desks, move the nurses there, sign everybody in."""
    rows = await owner.fetch(_DESKS)
    if not rows:
        raise Failed("This register has no institution with operators, reviewers and deciders: take more NURSES.")
    moved = await owner.fetch(_CAST, [row["institution_id"] for row in rows])
    await owner.execute(_ACCOUNTS, [row["nurse_id"] for row in moved])
    accounts = await owner.fetch("select nurse_id, id from account where nurse_id = any($1)", [r[0] for r in moved])
    staff = {row[who] for row in rows for who in ("operator_id", "reviewer_id", "decider_id")}
    people = {key: Person(key, secrets.token_urlsafe(32)) for key in (*staff, *(row["id"] for row in accounts))}
    await owner.executemany(_SESSION, [(digest(one.token), one.account_id) for one in people.values()])
    desks = [Desk(*row[:2], *(people[key] for key in row[2:])) for row in map(tuple, rows)]
    nurse_of, desk_of = {row[0]: people[row[1]] for row in accounts}, {one.institution_id: one for one in desks}
    cases = [Case(nurse_id, nurse_of[nurse_id], desk_of[place]) for nurse_id, place in moved]
    stood = {row["scope"]: row["seq"] for row in await owner.fetch("select scope, seq from feed_scope")}
    await owner.execute("checkpoint")
    keys, version = (embedded.data / "keys").read_text("ascii").strip(), await owner.fetchval("show server_version")
    return Register(embedded, embedded.dsn, keys, folder, version, desks, cases, stood)
