"""Writes the register's rows by COPY, from as many processes as there are cores."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import date
from threading import Thread
from typing import ClassVar, Final

import asyncpg

from db.practice_alert import OVER, WATCHED
from db.seed.accounts import activation_code_row, nurse_account, staff
from db.seed.bulk_load import Progress, SeedError
from db.seed.conduct import conduct_rows
from db.seed.departures import departures
from db.seed.entry import certificate_rows, history_rows, registration_row, span_rows
from db.seed.exams import exam_rows
from db.seed.help import announcements, of_places, questions
from db.seed.information import information, paper_row
from db.seed.looks import look_rows
from db.seed.people import Nurse
from db.seed.photos import Picture, photo_rows, picture_of, pictures
from db.seed.random_source import Row
from db.seed.record import nurse_row
from db.seed.register import Register
from db.seed.seeded_application import SeededApplication
from db.self_nurse import JOIN_ALL
from db.store.keys import Keyring

BLOCK: Final = 1000
"""Nurses of one transaction."""
MOST_PROCESSES: Final = 8

# Ordered as the workflow would have told them: each scope's events without gaps, each authority's receipts by year.
NUMBERING: Final = (
    """
update seed_application as filed set receipt_number = code || '-' || year || '-' || lpad(nth::text, 6, '0')
from (
  select s.id, a.code, s.year, row_number() over (partition by a.id, s.year order by s.accepted_at, s.id) as nth
  from (select *, extract(year from accepted_at at time zone 'Asia/Shanghai') as year from seed_application) s
  join authority a on a.id = s.authority_id where s.accepted_at is not null
) as counted where counted.id = filed.id
""",
    "insert into application select * from seed_application order by id",
    """
insert into receipt_counter (authority_id, year, last)
select authority_id, extract(year from accepted_at at time zone 'Asia/Shanghai') as year, count(*)
from application where accepted_at is not null group by authority_id, year
""",
    """
insert into event (scope, seq, at, id, previous_id, type, application_id, account_id, queue, body)
select scope, row_number() over earlier, at, id, lag(id) over earlier, type, application_id, account_id, queue, body
from seed_event window earlier as (partition by scope order by at, id)
""",
    """
insert into feed_scope (scope, seq, last_id)
select scope, count(*), (array_agg(id order by at desc, id desc))[1] from seed_event group by scope
""",
)


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """The order for a process: the data it needs to make its share of the register."""

    dsn: str
    keyring: Keyring
    seed: int
    nurses: int
    today: date
    demo: bool
    pictures: tuple[Picture, ...] = ()


async def load(connection: asyncpg.Connection[asyncpg.Record], order: LoadOrder, progress: Progress) -> None:
    """Every row of the register; the caller has taken down what slows it and puts it back."""
    register = Register.make(order.seed, order.nurses, order.today)
    await _copy(connection, "authority", [authority.row() for authority in register.authorities.values()])
    await _copy(connection, "institution", [place.row() for place in register.institutions])
    settings = [row for place in register.institutions for row in place.settings()]
    await _copy(connection, "approval_setting", settings)
    await _copy(connection, "unit", list(register.units()))
    await _copy(connection, "account", staff(register, order.keyring, order.demo))
    await _copy(connection, "announcement", announcements(register))
    asked = list(of_places(register))
    await _copy(connection, "question", [one.row for one in asked])
    await _copy(connection, "question_message", [row for one in asked for row in one.messages])
    await _copy(connection, "blob", [paper_row(order.seed, order.keyring)])
    if order.demo:
        await _copy(connection, "exam_record", exam_rows(order.seed, order.keyring))
    drawn = pictures(order.seed, order.nurses, order.keyring)
    await _copy(connection, "blob", drawn.values())
    await _load_nurses(replace(order, pictures=tuple(drawn)), progress)
    for done, statement in enumerate(NUMBERING):
        progress("applications", done, len(NUMBERING))
        await connection.execute(statement)
    progress("applications", len(NUMBERING), len(NUMBERING))
    await connection.execute(WATCHED, order.today)
    await connection.execute(OVER, order.today)
    # Last: whose rights change is told to her scope, whose events must be numbered by then.
    await connection.execute(JOIN_ALL)


async def _load_nurses(order: LoadOrder, progress: Progress) -> None:
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    # Spawned, not forked: this process runs an event loop and perhaps threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _Worker.begin, (order,))
    blocks: list[asyncio.Future[int]] = []
    try:
        # Ctrl-C reaches the whole group. Until a worker ignores it, the mask that it inherits keeps it quiet.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        blocks = [
            asyncio.wrap_future(pool.submit(_Worker.load, start, min(start + BLOCK, order.nurses)))
            for start in range(0, order.nurses, BLOCK)
        ]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        done = 0
        progress("nurses", done, order.nurses)
        for block in asyncio.as_completed(blocks):
            done += await block
            progress("nurses", done, order.nurses)
    except BrokenProcessPool as error:
        raise SeedError("A process of the seed was killed, perhaps for memory: start over with --force.") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        await asyncio.gather(*blocks, return_exceptions=True)


class _Worker:
    """One process: its register and its connection."""

    _order: ClassVar[LoadOrder]
    _register: ClassVar[Register]
    _runner: ClassVar[asyncio.Runner]
    _connection: ClassVar[asyncpg.Connection[asyncpg.Record]]

    @classmethod
    def begin(cls, order: LoadOrder) -> None:
        """Called once in the new process."""
        # Ctrl-C reaches the whole group; the first process decides.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        Thread(target=_leave_with_the_first, daemon=True).start()
        cls._order, cls._register = order, Register.make(order.seed, order.nurses, order.today)
        cls._runner = asyncio.Runner()
        cls._connection = cls._runner.run(_connect(order.dsn))

    @classmethod
    def load(cls, start: int, stop: int) -> int:
        """Make and write one block of nurses; returns their number."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for index in range(start, stop):
            _gather(rows, Nurse.at(cls._register, index), cls._order)
        cls._runner.run(_write(cls._connection, rows))
        return stop - start


def _leave_with_the_first() -> None:
    """End this process when the first one ends, in any way: rows written later would spoil the next seed."""
    first = multiprocessing.parent_process()
    if first is not None:
        first.join()
    os._exit(1)


def _gather(rows: dict[str, list[Row]], nurse: Nurse, order: LoadOrder) -> None:
    application = SeededApplication.of(nurse)
    picture = picture_of(nurse, order.pictures)
    rows["nurse"].append({**nurse_row(nurse, order.keyring), "photo_id": picture and picture.id})
    rows["photo"] += photo_rows(nurse, order.pictures)
    rows["registration"].append(registration_row(nurse))
    rows["registration_history"] += history_rows(nurse, application)
    rows["registration_span"] += span_rows(nurse)
    rows["conduct_record"] += conduct_rows(nurse)
    rows["audit"] += look_rows(nurse)
    rows["certificate"] += certificate_rows(nurse, application)
    if (account := nurse_account(nurse, order.keyring, order.demo)) is not None:
        rows["account"].append(account)
    if (code := activation_code_row(nurse)) is not None:
        rows["activation_code"].append(code)
    for asked in questions(nurse, order.demo):
        rows["question"].append(asked.row)
        rows["question_message"] += asked.messages
    for departure in departures(nurse):
        rows["departure"].append(departure.row)
        rows["seed_event"] += departure.events
    for change in information(nurse):
        rows["information_change"].append(change.change)
        rows["nurse_change"] += change.history
        rows["seed_event"] += change.events
    if application is not None:
        rows["seed_application"].append(application.row)
        rows["application_revision"] += application.revisions
        rows["review_decision"] += application.decisions
        rows["seed_event"] += application.events
        rows["application_pause"] += application.period.pauses
        rows["claim_rejection"] += application.refused


async def _connect(dsn: str) -> asyncpg.Connection[asyncpg.Record]:
    # A commit need not reach the disk at once: the load counts only when its last one has.
    return await asyncpg.connect(dsn, server_settings={"synchronous_commit": "off"})


async def _write(connection: asyncpg.Connection[asyncpg.Record], rows: dict[str, list[Row]]) -> None:
    async with connection.transaction():
        for table, block in rows.items():
            await _copy(connection, table, block)


async def _copy(connection: asyncpg.Connection[asyncpg.Record], table: str, rows: Iterable[Row]) -> None:
    block: Sequence[Row] = list(rows)
    if block:
        records = (row.values() for row in block)
        await connection.copy_records_to_table(table, columns=list(block[0]), records=map(tuple, records))
