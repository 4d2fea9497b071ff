"""The end of stored data: whole months of the event log, rows that are not needed any more, abandoned accounts.

The owner's daily work. Users do not notice it: a statement that has to lock the event table waits for that 50 ms and
then lets the others pass before it tries again, and rows go in small batches that skip locked ones.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Final

import asyncpg
import structlog

from db.activation import FREE_ABANDONED
from db.photo_erasing import erase
from db.store.url import asyncpg_dsn
from rules.activation import ABANDONED
from rules.command_error import CommandError

LEAST_MONTHS: Final = 6
"""网络安全法 21 (Cybersecurity Law, article 21): logs are kept for six months."""
AHEAD_MONTHS: Final = 12
RETENTION_LOCK: Final = 0x6875_7368_7265
LOCK_MILLISECONDS: Final = 50
TRIES: Final = 20
PAUSE_SECONDS: Final = 0.2
BATCH: Final = 5_000
CONNECT_SECONDS: Final = 10
CLOSE_SECONDS: Final = 3
APPLICATION_NAME: Final = "hushi-retention"
NO_LONGER_KEPT: Final = "no longer kept"
"""The comment on a month that was detached here: it is ours to drop, unlike one that the operator detached."""
log = structlog.get_logger(__name__)

_OWNS: Final = "select pg_has_role(relowner, 'usage') from pg_class where oid = 'event'::regclass"
_ENDS: Final = "substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz"
_MONTHS: Final = f"""select c.oid::regclass::text as name, {_ENDS} as ends
from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'event'::regclass"""
_OLD_MONTHS: Final = f"select name, ends from ({_MONTHS}) m where ends <= $1 order by ends"
_DETACHED: Final = f"""select oid::regclass::text from pg_class
where relkind = 'r' and not relispartition and obj_description(oid, 'pg_class') = '{NO_LONGER_KEPT}'"""

# From where the last one ends, whatever the time zone it was made in; its middle says which month it is.
_NEXT: Final = "date_trunc('month', starts + interval '15 days') + interval '1 month'"
_NEW_MONTHS: Final = f"""with recursive month(starts) as (
  select greatest(date_trunc('month', now()), (select max(ends) from ({_MONTHS}) m))
  union all select {_NEXT} from month where starts < date_trunc('month', now()) + make_interval(months => $1)
)
select to_char(starts + interval '15 days', '"event_"YYYY_MM') as name, starts, {_NEXT} as ends
from month where starts < date_trunc('month', now()) + make_interval(months => $1 + 1) order by starts"""
_OPEN: Final = "create table if not exists {name} partition of event for values from ('{starts}') to ('{ends}')"

# An event's `at` is when its transaction began, so that around midnight one of the old month may stand behind one
# of the new; it stays, in the default partition, since a scope's events may go from their beginning only.
_DETACH: Final = f"""
create temporary table late on commit drop as select old.* from {{name}} old where exists (
  select from event e where e.scope = old.scope and e.seq < old.seq
    and e.at >= '{{ends}}' and e.at < timestamptz '{{ends}}' + interval '1 day');
alter table event detach partition {{name}};
insert into event select * from late;
comment on table {{name}} is '{NO_LONGER_KEPT}'"""

_OLD_EVENTS: Final = f"""delete from event_other where ctid = any (array(
  select old.ctid from event_other old where old.at < date_trunc('month', $1::timestamptz) and not exists (
    select from event e where e.scope = old.scope and e.seq < old.seq
      and (e.tableoid <> 'event_other'::regclass or e.at >= date_trunc('month', $1::timestamptz)))
  order by old.scope, old.seq limit {BATCH}))"""
_FINISHED: Final = {
    "retries": "idempotency where created_at < now() - interval '7 days'",
    "sessions": "session where least(expires_at, revoked_at) < now() - interval '30 days'",
    "attempts": "attempt where at < now() - interval '1 day'",
    "captchas": "captcha where expires_at < now() - interval '1 day'",
    "codes": "code where least(expires_at, burned_at) < now() - interval '30 days'",
    "tickets": "ticket where expires_at < now() - interval '1 day'",
    "messages": "outbox where coalesce(sent_at, dead_at) < now() - interval '30 days'",
}


class RetentionError(CommandError):
    """Data cannot be cleared away with this address; the text gives the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Retained:
    """The result of one run; `elsewhere` if another process was at it, `postponed` counts months locked by others."""

    elsewhere: bool = False
    opened: int = 0
    dropped: int = 0
    postponed: int = 0
    events: int = 0
    retries: int = 0
    sessions: int = 0
    attempts: int = 0
    captchas: int = 0
    codes: int = 0
    tickets: int = 0
    messages: int = 0
    accounts: int = 0
    photos: int = 0

    def __str__(self) -> str:
        if self.elsewhere:
            return "Another process is clearing away at this moment, so nothing was done here."
        return (
            f"Months of events: {self.dropped} dropped, {self.postponed} left to the next run because somebody reads "
            f"them, {self.opened} opened; rows deleted: {self.events} events outside those months, "
            f"{self.retries} idempotency keys, {self.sessions} sessions, {self.attempts} sign-in attempts, "
            f"{self.captchas} captchas, {self.codes} codes, {self.tickets} download tickets, {self.messages} messages; "
            f"nurses' accounts freed because they were not activated: {self.accounts}; photos erased: {self.photos}."
        )


async def retain(owner_url: str, months: int) -> Retained:
    """Drop the events that are older than so many months, open the months to come, delete what is finished.

    May be run at any time, by several at once, again after a crash; RetentionError if the address is not the owner's.
    """
    settings = {"application_name": APPLICATION_NAME, "timezone": "Asia/Shanghai"}
    connection = await asyncpg.connect(asyncpg_dsn(owner_url), timeout=CONNECT_SECONDS, server_settings=settings)
    try:
        if not await connection.fetchval(_OWNS):
            raise RetentionError(
                "The database does not let this address drop old events: "
                "run `hushi retain` once a day with the owner's address in DATABASE_OWNER_URL."
            )
        if not await connection.fetchval("select pg_try_advisory_lock($1)", RETENTION_LOCK):
            return Retained(elsewhere=True)
        done = await _clear_away(connection, months)
    finally:
        await connection.close(timeout=CLOSE_SECONDS)
    log.info("what is no longer kept was cleared away", **asdict(done))
    return done


async def _clear_away(connection: asyncpg.Connection[asyncpg.Record], months: int) -> Retained:
    done: Counter[str] = Counter()
    line = await connection.fetchval("select now() - make_interval(months => $1)", months)
    done["opened"] = await _open_months(connection)
    for month in await connection.fetch(_OLD_MONTHS, line):
        # What an old default partition has from before this month goes first, so that no scope gets a hole.
        done["events"] += await _in_batches(connection, _OLD_EVENTS, line)
        if not await _at_once(connection, _DETACH.format(**month)):
            break
    done["events"] += await _in_batches(connection, _OLD_EVENTS, line)
    for (name,) in await connection.fetch(_DETACHED):
        done["dropped"] += await _at_once(connection, f"drop table {name}")
    left = [*await connection.fetch(_OLD_MONTHS, line), *await connection.fetch(_DETACHED)]
    done["postponed"] = len(left)
    for what, old in _FINISHED.items():
        table = old.partition(" ")[0]
        chosen = f"select ctid from {old} limit {BATCH} for update skip locked"
        done[what] = await _in_batches(connection, f"delete from {table} where ctid = any (array({chosen}))")
    left_at = await connection.fetchval("select now()") - ABANDONED
    free = FREE_ABANDONED.values({"before": left_at, "most": BATCH})
    done["accounts"] = await _in_batches(connection, FREE_ABANDONED.sql, *free)
    done["photos"] = await erase(connection, BATCH)
    return Retained(False, **done)


async def _open_months(connection: asyncpg.Connection[asyncpg.Record]) -> int:
    """Make the partitions of this month and the coming ones, where there are none."""
    opened = 0
    for month in await connection.fetch(_NEW_MONTHS, AHEAD_MONTHS):
        try:
            if not await _at_once(connection, _OPEN.format(**month)):
                break
            opened += 1
        except asyncpg.CheckViolationError:
            # Nobody ran this for a year, and the default partition has events of the month. They are as good there,
            # and go row by row one day; to move them would lock everybody out meanwhile.
            log.info("a month has events in the default partition and stays there", month=month["name"])
    return opened


async def _at_once(connection: asyncpg.Connection[asyncpg.Record], statements: str) -> bool:
    """Do the statements that need a full lock, all or nothing; False if others held their locks at every try.

    Later transactions wait as long as we do, so we wait for 50 ms only and let them pass. All goes in one message:
    after a stop between two, the lock would stay until it was noticed.
    """
    for _ in range(TRIES):
        try:
            await connection.execute(f"set local lock_timeout = {LOCK_MILLISECONDS}; {statements}")
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return True
    return False


async def _in_batches(connection: asyncpg.Connection[asyncpg.Record], clear: str, *values: object) -> int:
    """Clear away, with a commit after each batch; returns the number of rows."""
    total = 0
    while (deleted := int((await connection.execute(clear, *values)).rpartition(" ")[2])) >= BATCH:
        total += deleted
    return total + deleted
