"""The register that is measured: seeded once for each size, kept, and the same again at every start."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import psutil

from bench.cast import CAST, DONE, NEAR, TOUCHED, UNDO, Case, Person
from bench.measure import Failed
from bench.server import Address
from db.embedded.server import Embedded
from db.seed import SeedError, is_empty
from db.session import digest, find_all
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from rules.application import Step
from rules.kinds import RenewalForm
from rules.nurse import Department, HealthStatus, Title
from web.demo import Invented, fill
from workflow.application import COMMANDS
from workflow.draft import ApplicationCreateDraft
from workflow.step import take

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = "/var/tmp/hushi-bench"
SEED: Final = 1
AT_ONCE: Final = 8


@dataclass
class Stage:
    """A running database with its register and its cast."""

    nurses: int
    address: Address
    version: str
    owner: asyncpg.Connection[asyncpg.Record]
    db: Database
    people: dict[UUID, Person] = field(default_factory=dict)

    async def rows(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Ask as the owner, who sees everything."""
        found: list[asyncpg.Record] = await self.owner.fetch(sql, *values)
        return found

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
        draft = ApplicationCreateDraft(form)
        return await _all(take(self.db, sessions[digest(one.nurse.token)], draft) for one in cases)

    async def take(self, step: Step, role: str, version: int, cases: list[Case], applications: list[UUID]) -> None:
        """One step on each application, by the rules and in the ordinary way."""
        more: dict[str, Any] = {"agrees": True} if step is Step.RECOMMEND else {}
        sessions = await self._sessions(cases)
        await _all(
            take(self.db, sessions[digest(getattr(case, role).token)], COMMANDS[step](application, version, **more))
            for case, application in zip(cases, applications, strict=True)
        )

    async def undo(self) -> None:
        """The register as it was before anything was measured; registrations are near their end again."""
        async with self.owner.transaction():
            await self.owner.execute(UNDO)
            await self.owner.execute(NEAR)

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
        hashes = {
            digest(one.token) for case in cases for one in (case.nurse, case.operator, case.reviewer, case.decider)
        }
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
    folder = _folder(nurses)
    # A quarter of the memory, as everybody gives a server of its own; the default is for a newcomer's machine.
    memory = {"shared_buffers": f"{psutil.virtual_memory().total // 4 // 2**20}MB"}
    embedded, keyring = Embedded(folder, memory), Keyring.kept_in(folder)
    async with AsyncExitStack() as stack:
        owner_url = await embedded.start()
        stack.push_async_callback(embedded.stop)
        await migrate(owner_url)
        await _seed(owner_url, keyring, nurses)
        owner = await asyncpg.connect(owner_url, server_settings={"timezone": "Asia/Shanghai"})
        stack.push_async_callback(owner.close)
        db = Database(owner_url, keyring, statement_seconds=60)
        stack.push_async_callback(db.close)
        assert embedded.pid is not None
        address = Address(owner_url, (folder / "keys").read_text("ascii").strip(), embedded.pid)
        stage = Stage(nurses, address, await owner.fetchval("show server_version"), owner, db)
        await _set(stage)
        yield stage


def _folder(nurses: int) -> Path:
    """The folder of the register of this size; one that other tables or another seed had made is emptied."""
    folder = Path(os.environ.get("HUSHI_DATA", FOLDER)).absolute() / str(nurses)
    note, made_of = folder / "made-of", _made_of()
    if note.exists() and note.read_text("ascii") != made_of:
        shutil.rmtree(folder)
    if folder.exists() and not note.exists():
        raise Failed(f"{folder} was not made by the bench: set HUSHI_DATA to another folder, or move it away.")
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(made_of, "ascii")
    return folder


def _made_of() -> str:
    """The code that a kept register depends on, as one digest."""
    sources = [*ROOT.glob("db/store/migrations/versions/*.py"), *ROOT.glob("db/seed/*.py"), ROOT / "bench" / "cast.py"]
    return sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()


async def _seed(owner_url: str, keyring: Keyring, nurses: int) -> None:
    try:
        missing, force = await is_empty(owner_url), False
    except SeedError:
        missing = force = True
    if missing:
        await fill(owner_url, keyring, Invented(nurses, SEED), force=force, demo=False)


async def _set(stage: Stage) -> None:
    """The cast, signed in, and full desks; whatever an earlier run left is undone."""
    owner = stage.owner
    if await owner.fetchval("select to_regclass('bench_since') is null"):
        async with owner.transaction():
            await owner.execute(CAST)
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
        await owner.execute(DONE)
    if not await stage.cases():
        raise Failed(f"A register of {stage.nurses} nurses is too small to be measured: take at least 10000.")
    await owner.execute(f"vacuum (analyze) {TOUCHED}")
    await _warm(owner)


_READ: Final = {
    "nurse": ("created_at", "id"),
    "registration": ("version", "nurse_id"),
    "registration_history": ("at", "nurse_id, id"),
    "application": ("version", "nurse_id, id"),
}
"""A column and the order of an index, for the tables of which a question reads a row here and a row there."""


async def _warm(owner: asyncpg.Connection[asyncpg.Record]) -> None:
    """Have every page in the buffers that the questions may touch, as on a server that has been up for a day.

    A small register is read whole in the first seconds, of a large one each question would meet pages for the first
    time: that is the age of the server, not the size of the register.
    """
    async with owner.transaction():
        # A scan of a whole big table passes the buffers by, one along an index does not.
        await owner.execute("set local enable_seqscan = off; set local enable_sort = off")
        for table, (column, order) in _READ.items():
            await owner.execute(f"select max({column}) from (select {column} from {table} order by {order} offset 0) t")
