"""A million events, streamed through one subscription: the server must not grow with them."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from bench.feed.live_lists import live_lists
from bench.feed.probe import SECOND_MICROSECONDS, Found, Probe
from bench.feed.rooms import Room
from bench.report import Goal

CHUNK: Final = 100_000
STEPS: Final = 100
GROWN_FROM: Final = 5
MEGA: Final = 1e6
EVENTS: Final = """
insert into event (scope, seq, at, id, previous_id, type, application_id, account_id, queue, body)
select $1, n, now(), id, coalesce(lag(id) over (order by n), (select last_id from feed_scope where scope = $1)),
  'application.submitted', ($2::uuid[])[(1 + n % cardinality($2))::int], $3, 'ADDED',
  '{"step": "SUBMIT", "from": "DRAFT", "to": "INSTITUTION_REVIEW", "version": 2, "by": "NURSE"}'
from (select n, uuidv7() as id from generate_series($4::bigint, $5::bigint) n) told"""
STANDS: Final = """
update feed_scope f set seq = e.seq, last_id = e.id from event e where f.scope = $1 and e.scope = $1 and e.seq = $2"""


async def stream(probe: Probe) -> Found:
    """One subscription reads a long log from its first cursor."""
    async with probe.hall.rooms(1, watchers=1, renewals=probe.size.renewals) as (room,):
        for _ in room.renewals:
            await room.happen(probe.hall.db)
        async with live_lists(probe.target.port, room.seats(0, 1)) as watching:
            cursor = watching.watchers[0].cursor
        await _fill(probe, room, probe.size.streamed)
        figures = await _read(probe, room, cursor, probe.size.streamed)
    what = f"growth of the server's memory while {probe.size.streamed:,} events are streamed, MB"
    return Found(figures, [Goal(what, figures["grown_mb"], most=5)])


async def _read(probe: Probe, room: Room, cursor: str, count: int) -> dict[str, float]:
    """Everything after the cursor; the server's memory is looked at after each hundredth."""
    cpu, began, sizes = probe.cpu, perf_counter(), []
    async with live_lists(probe.target.port, room.seats(0, 1), after=cursor) as watching:
        for step in range(GROWN_FROM, STEPS + 1):
            await watching.tally.reach(count * step // STEPS)
            sizes.append(probe.rss)
        took, spent = perf_counter() - began, probe.cpu - cpu
        watching.check()
    return {
        "deliveries": count,
        "per_second": count / took,
        "server_us": SECOND_MICROSECONDS * spent / count,
        "grown_mb": (max(sizes) - sizes[0]) / MEGA,
        "grown_at_end_mb": (sizes[-1] - sizes[0]) / MEGA,
    }


async def _fill(probe: Probe, room: Room, count: int) -> None:
    """So many events of the room's applications, as if they had been told one by one."""
    owner = probe.hall.owner
    last: int = await owner.fetchval("select seq from feed_scope where scope = $1", room.id)
    applications = [one.application_id for one in room.renewals]
    account = room.renewals[0].nurse.actor.account_id
    for begin in range(last, last + count, CHUNK):
        end = min(begin + CHUNK, last + count)
        async with owner.transaction():
            await owner.execute(EVENTS, room.id, applications, account, begin + 1, end)
            await owner.execute(STANDS, room.id, end)
    await owner.execute("vacuum (analyze) event")
