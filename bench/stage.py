"""The register that is measured: seeded once for each size, kept, and the same again at every start."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from bench.measure import Failed
from db.embedded import Embedded
from db.engine import Database
from db.keys import Keyring
from db.migrate import migrate
from db.seed import SeedError, is_empty
from db.session import digest, find_all
from rules.application import Step
from rules.kinds import RenewalForm
from rules.nurse import Department, HealthStatus, Title
from web.run import fill
from workflow.application import Draft, Order, create_draft, take

FOLDER: Final = "/var/tmp/hushi-bench"
SEED: Final = 1
VIEWERS: Final = 48
"""Institutions whose operators ask; each has at least FEWEST nurses, so that two pages are full."""
FEWEST: Final = 105
DESKS: Final = 24
ON_DESK: Final = 60
STEPS_EACH: Final = 5
AT_ONCE: Final = 8

# Who acts: nurses of the viewers' institutions who have nothing open. Those of a DESK file once and wait; those who
# STEP file and are approved while it is measured, and all of that is undone.
_CAST: Final = f"""
create table bench_institution as
select i.id, s.authority_id, operator.id as operator_id, reviewer.id as reviewer_id, decider.id as decider_id
from institution i
join approval_setting s on s.institution_id = i.id and s.kind = 'RENEWAL'
cross join lateral (
  select id from account where institution_id = i.id and roles @> '{{OPERATOR}}' order by id limit 1) operator
cross join lateral (
  select id from account where authority_id = s.authority_id and roles @> '{{REVIEWER}}' order by id limit 1) reviewer
cross join lateral (
  select id from account where authority_id = s.authority_id and roles @> '{{DECIDER}}' order by id limit 1) decider
where i.state = 'ACTIVE' and (select count(*) from registration where institution_id = i.id) >= {FEWEST}
order by md5(i.id::text) limit {VIEWERS};

create table bench_nurse as
with free as (
  select r.nurse_id, i.*, row_number() over (partition by i.id order by md5(r.nurse_id::text)) as nth,
    dense_rank() over (order by md5(i.id::text)) as desk
  from registration r join bench_institution i on i.id = r.institution_id
  where r.status = 'VALID'
    and not exists (select from application a where a.nurse_id = r.nurse_id)
    and not exists (select from registration_span p where p.nurse_id = r.nurse_id)
    and not exists (select from account a where a.nurse_id = r.nurse_id and a.state <> 'ACTIVE')
)
select nurse_id, id as institution_id, authority_id, operator_id, reviewer_id, decider_id, nth > {STEPS_EACH} as waits
from free where nth <= {STEPS_EACH} or (desk <= {DESKS} and nth <= {STEPS_EACH} + {ON_DESK});

insert into account (party, nurse_id, user_name, display_name, password_hash, state, roles,
  identity_verified, contact_verified, certificate_verified)
select 'NURSE', id, 'b' || left(md5(id::text), 11), name, '-', 'ACTIVE', '{{NURSE}}', true, true, true
from nurse where id in (select nurse_id from bench_nurse) and id not in (
  select nurse_id from account where nurse_id is not null);

create table bench_since as select now() as at where false
"""
_NEAR: Final = "update registration set valid_until = current_date + 20 where nurse_id in (select nurse_id from bench_nurse)"
_DONE: Final = "insert into bench_since values (clock_timestamp())"

_UNDO: Final = """
create temp table undone on commit drop as
  select id from application where created_at > coalesce((select at from bench_since), '-infinity')
    and nurse_id in (select nurse_id from bench_nurse);
delete from event where application_id in (select id from undone);
delete from review_decision where application_id in (select id from undone);
delete from application_revision where application_id in (select id from undone);
delete from registration_history where application_id in (select id from undone);
delete from application where id in (select id from undone);
update feed_scope f set seq = coalesce((select max(seq) from event e where e.scope = f.scope), 0)
where scope in (select unnest(array[nurse_id, institution_id, authority_id]) from bench_nurse);
update receipt_counter c set last = coalesce((
  select max(right(receipt_number, 6)::int) from application a
  where a.authority_id = c.authority_id and split_part(right(receipt_number, 11), '-', 1) = c.year::text), 0)
where authority_id in (select authority_id from bench_nurse)
"""
_TOUCHED: Final = "application, application_revision, review_decision, registration, registration_history, event, feed_scope"


@dataclass(frozen=True)
class Person:
    """One of the cast who is signed in."""

    account_id: UUID
    token: str


@dataclass(frozen=True)
class Case:
    """One renewal to be carried through, and by whom."""

    nurse: Person
    operator: Person
    reviewer: Person
    decider: Person


@dataclass
class Stage:
    """A running database with its register and its cast."""

    nurses: int
    owner_url: str
    keys: str
    postmaster: int
    version: str
    owner: asyncpg.Connection[asyncpg.Record]
    db: Database
    people: dict[UUID, Person] = field(default_factory=dict)

    async def rows(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Ask as the owner, who sees everything."""
        return await self.owner.fetch(sql, *values)

    async def cases(self, waits: bool = False) -> list[Case]:
        """The renewals that can be filed: those to be measured, or those that will wait on a desk."""
        found = await self.rows(
            "select a.id as nurse, operator_id, reviewer_id, decider_id from bench_nurse b"
            " join account a on a.nurse_id = b.nurse_id where waits = $1 order by md5(a.id::text)",
            waits,
        )
        return [Case(*(self.people[key] for key in row)) for row in found]

    async def file(self, cases: list[Case]) -> list[UUID]:
        """A draft of each nurse."""
        today = await self.owner.fetchval("select current_date")
        form = RenewalForm(HealthStatus.GOOD, today - timedelta(days=10), Department.WARD, Title.SENIOR_NURSE)
        sessions = await self._sessions(cases)
        return await _all(create_draft(self.db, Draft(sessions[digest(one.nurse.token)], form)) for one in cases)

    async def take(self, step: Step, role: str, version: int, cases: list[Case], applications: list[UUID]) -> None:
        """One step on each application, by the rules and in the ordinary way."""
        sessions = await self._sessions(cases)
        orders = [
            Order(sessions[digest(getattr(case, role).token)], step, application, version)
            for case, application in zip(cases, applications, strict=True)
        ]
        await _all(take(self.db, order) for order in orders)

    async def undo(self) -> None:
        """The register as it was before anything was measured; registrations are near their end again."""
        async with self.owner.transaction():
            await self.owner.execute(_UNDO)
            await self.owner.execute(_NEAR)

    async def sign_in(self, accounts: list[UUID]) -> None:
        """Sessions for accounts, without their passwords."""
        people = [Person(key, secrets.token_urlsafe(32)) for key in accounts]
        await self.owner.execute("delete from session where account_id = any($1)", accounts)
        await self.owner.executemany(
            "insert into session (token_hash, account_id, expires_at) values ($1, $2, now() + interval '12 hours')",
            [(digest(one.token), one.account_id) for one in people],
        )
        self.people |= {one.account_id: one for one in people}

    async def _sessions(self, cases: list[Case]) -> dict[bytes, Any]:
        hashes = {digest(one.token) for case in cases for one in (case.nurse, case.operator, case.reviewer, case.decider)}
        async with self.db.read() as reader:
            return await find_all(reader, list(hashes))


async def _all(work: Any) -> list[Any]:
    """Everything, a few at a time, in its order."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(step: Any) -> Any:
        async with room:
            return await step

    return await asyncio.gather(*map(one, work))


@asynccontextmanager
async def staged(nurses: int) -> AsyncIterator[Stage]:
    """The register of this size on a PostgreSQL of its own with ordinary durability."""
    folder = Path(os.environ.get("HUSHI_DATA", FOLDER)) / str(nurses)
    folder.parent.mkdir(parents=True, exist_ok=True)
    embedded = Embedded(folder)
    owner_url = await embedded.start()
    try:
        await migrate(owner_url)
        keyring = Keyring.kept_in(folder)
        await _seed(owner_url, keyring, nurses)
        owner = await asyncpg.connect(owner_url, server_settings={"timezone": "Asia/Shanghai"})
        keys = (folder / "keys").read_text("ascii").strip()
        version = owner.get_server_version()
        db = Database(owner_url, keyring, statement_seconds=60)
        assert embedded.pid is not None
        stage = Stage(nurses, owner_url, keys, embedded.pid, f"{version.major}.{version.minor}", owner, db)
        try:
            await _set(stage)
            yield stage
        finally:
            await db.close()
            await owner.close()
    finally:
        await embedded.stop()


async def _seed(owner_url: str, keyring: Keyring, nurses: int) -> None:
    try:
        missing, force = await is_empty(owner_url), False
    except SeedError:
        missing = force = True
    if missing:
        await fill(owner_url, keyring, nurses=nurses, seed=SEED, force=force, demo=False)


async def _set(stage: Stage) -> None:
    """The cast, signed in, and full desks; whatever an earlier run left is undone."""
    owner = stage.owner
    if await owner.fetchval("select to_regclass('bench_since') is null"):
        async with owner.transaction():
            await owner.execute(_CAST)
    accounts = await stage.rows(
        "select id from account where nurse_id in (select nurse_id from bench_nurse) union"
        " select unnest(array[operator_id, reviewer_id, decider_id]) from bench_institution"
    )
    await stage.sign_in([row["id"] for row in accounts])
    await stage.undo()
    if not await stage.rows("select from bench_since"):
        waiting = await stage.cases(waits=True)
        applications = await stage.file(waiting)
        await stage.take(Step.SUBMIT, "nurse", 1, waiting, applications)
        await owner.execute(_DONE)
    if not await stage.cases():
        raise Failed(f"A register of {stage.nurses} nurses is too small to be measured: take at least 10000.")
    await owner.execute(f"vacuum (analyze) {_TOUCHED}")
