"""The end of stored data: whole months of the event log, rows that are not needed any more, abandoned accounts.

The owner's daily work. Users do not notice it: a statement that has to lock the event table waits for that 50 ms and
then lets the others pass before it tries again, and rows go in small batches that skip locked ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from db.activation import FREE_ABANDONED
from db.photo_erasing import erase
from db.question_erasing import erase as erase_question_files
from db.store.months import Connection, Months, at_once
from db.store.url import asyncpg_dsn
from rules.activation import ABANDONED
from rules.command_error import CommandError

LEAST_MONTHS: Final = 6
"""网络安全法 21 (Cybersecurity Law, article 21): logs are kept for six months."""
LEAST_AUDIT_MONTHS: Final = 36
"""个人信息保护法 56: what was done with personal data is kept on record for three years."""
RETENTION_LOCK: Final = 0x6875_7368_7265
BATCH: Final = 5_000
CONNECT_SECONDS: Final = 10
CLOSE_SECONDS: Final = 3
APPLICATION_NAME: Final = "hushi-retention"
NO_LONGER_KEPT: Final = "no longer kept"
"""The comment on a month that was detached here: it is ours to drop, unlike one that the operator detached."""
log = structlog.get_logger(__name__)

EVENTS, AUDIT = Months("event"), Months("audit")
_OWNS: Final = "select pg_has_role(relowner, 'usage') from pg_class where oid = 'event'::regclass"
_DETACHED: Final = f"""select oid::regclass::text from pg_class
where relkind = 'r' and not relispartition and obj_description(oid, 'pg_class') = '{NO_LONGER_KEPT}'"""

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
_OLD_ENTRIES: Final = f"""delete from audit_other where ctid = any (array(
  select ctid from audit_other where at < date_trunc('month', $1::timestamptz) limit {BATCH}))"""
_FINISHED: Final = {
    "retries": "idempotency where created_at < now() - interval '7 days'",
    "sessions": "session where least(expires_at, revoked_at) < now() - interval '30 days'",
    "attempts": "attempt where at < now() - interval '1 day'",
    "captchas": "captcha where expires_at < now() - interval '1 day'",
    "codes": "code where least(expires_at, burned_at) < now() - interval '30 days'",
    "contact_codes": "contact_code where expires_at < now() - interval '1 day'",
    "help_codes": "help_code where expires_at < now() - interval '1 day'",
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
    audit_months: int = 0
    entries: int = 0
    retries: int = 0
    sessions: int = 0
    attempts: int = 0
    captchas: int = 0
    codes: int = 0
    tickets: int = 0
    messages: int = 0
    accounts: int = 0
    photos: int = 0
    contact_codes: int = 0
    help_codes: int = 0
    question_files: int = 0

    def __str__(self) -> str:
        if self.elsewhere:
            return "Another process is clearing away at this moment, so nothing was done here."
        return (
            f"Months of events: {self.dropped} dropped, {self.postponed} left to the next run because somebody reads "
            f"them, {self.opened} opened; months of the audit trail: {self.audit_months} dropped; "
            f"rows deleted: {self.events} events and {self.entries} entries of the audit trail outside those months, "
            f"{self.retries} idempotency keys, {self.sessions} sessions, {self.attempts} sign-in attempts, "
            f"{self.captchas} captchas, {self.codes} codes, {self.tickets} download tickets, {self.messages} messages; "
            f"nurses' accounts freed because they were not activated: {self.accounts}; photos erased: {self.photos}; "
            f"codes of people without an account: {self.contact_codes}, codes for the help desk: {self.help_codes}, "
            f"files of questions erased: {self.question_files}."
        )


async def retain(owner_url: str, months: int, audit_months: int = LEAST_AUDIT_MONTHS) -> Retained:
    """Drop events and audit entries older than so many months, open the months to come, delete what is finished.

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
        done = await _clear_away(connection, months, audit_months)
    finally:
        await connection.close(timeout=CLOSE_SECONDS)
    log.info("what is no longer kept was cleared away", **asdict(done))
    return done


async def _clear_away(connection: Connection, months: int, audit_months: int) -> Retained:
    done: Counter[str] = Counter()
    done["opened"] = await EVENTS.open_ahead(connection) + await AUDIT.open_ahead(connection)
    await _drop_events(connection, await _line(connection, months), done)
    await _drop_audit(connection, await _line(connection, audit_months), done)
    for what, old in _FINISHED.items():
        table = old.partition(" ")[0]
        chosen = f"select ctid from {old} limit {BATCH} for update skip locked"
        done[what] = await _in_batches(connection, f"delete from {table} where ctid = any (array({chosen}))")
    left_at = await connection.fetchval("select now()") - ABANDONED
    free = FREE_ABANDONED.values({"before": left_at, "most": BATCH})
    done["accounts"] = await _in_batches(connection, FREE_ABANDONED.sql, *free)
    done["photos"] = await erase(connection, BATCH)
    done["question_files"] = await erase_question_files(connection, BATCH)
    return Retained(False, **done)


async def _line(connection: Connection, months: int) -> datetime:
    line: datetime = await connection.fetchval("select now() - make_interval(months => $1)", months)
    return line


async def _drop_events(connection: Connection, line: datetime, done: Counter[str]) -> None:
    for month in await EVENTS.past(connection, line):
        # What an old default partition has from before this month goes first, so that no scope gets a hole.
        done["events"] += await _in_batches(connection, _OLD_EVENTS, line)
        if not await at_once(connection, _DETACH.format(**month)):
            break
    done["events"] += await _in_batches(connection, _OLD_EVENTS, line)
    for (name,) in await connection.fetch(_DETACHED):
        done["dropped"] += await at_once(connection, f"drop table {name}")
    left = [*await EVENTS.past(connection, line), *await connection.fetch(_DETACHED)]
    done["postponed"] = len(left)


async def _drop_audit(connection: Connection, line: datetime, done: Counter[str]) -> None:
    """Entries have no order that a hole would break, so that a month goes by itself."""
    for month in await AUDIT.past(connection, line):
        gone = await at_once(connection, f"drop table {month['name']}")
        done["audit_months"] += gone
        done["postponed"] += not gone
    done["entries"] = await _in_batches(connection, _OLD_ENTRIES, line)


async def _in_batches(connection: Connection, clear: str, *values: object) -> int:
    """Clear away, with a commit after each batch; returns the number of rows."""
    total = 0
    while (deleted := int((await connection.execute(clear, *values)).rpartition(" ")[2])) >= BATCH:
        total += deleted
    return total + deleted
