"""A province's nurses run out together while the server is killed (kill -9): everybody is told once, without a gap."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from random import Random
from signal import SIGKILL
from typing import Any, Final

import orjson
import pytest

from rules.verification import Channel
from tests.support.contacts import new_phone, reach
from tests.support.killable_server import Register, registered, serving

NURSES, KILLS = 1_500, 2
MADE: Final = "create temp table made as select gen_random_uuid() as id, n from generate_series(1, $1::int) n"
WOMEN: Final = """
insert into nurse select (jsonb_populate_record(her, jsonb_build_object('id', made.id,
  'id_number_index', '\\x' || md5(made.id::text)))).* from nurse her, made where her.id = $1
"""
ENTRIES: Final = """
insert into registration select (jsonb_populate_record(entry, jsonb_build_object('nurse_id', made.id,
  'certificate_number', 'K' || made.n, 'valid_until', current_date - 1))).*
from registration entry, made where entry.nurse_id = $1
"""
ANNOUNCED: Final = "select count(*) from event where scope = $1 and type = 'registration.expired'"


async def crowded(register: Register) -> None:
    """As many more nurses of the hospital, all of whom ran out yesterday, and the first of whom has a phone."""
    owner, cast = register.world.owner, register.cast
    await owner.execute(MADE.replace("$1", str(NURSES - 1)))
    await owner.execute(WOMEN, cast.nurse_id)
    await owner.execute(ENTRIES, cast.nurse_id)
    sql = "update registration set valid_until = current_date - 1 where nurse_id = $1"
    await owner.execute(sql, cast.nurse_id)
    await reach(register.world, cast.nurse.account_id, Channel.SMS, new_phone(), verified=True)
    await owner.execute("analyze")


async def announced(register: Register, at_least: int) -> int:
    """The number of nurses of whom the district was told, once it is so many: asked until then."""
    while (count := await register.world.owner.fetchval(ANNOUNCED, register.cast.district)) < at_least:
        pass
    return int(count)


async def events(register: Register, scope: Any) -> list[tuple[int, str, str]]:
    """The number of each event of a scope, whom it is about, and since when she may not practise."""
    rows = await register.world.owner.fetch("select seq, type, body from event where scope = $1 order by seq", scope)
    bodies = [(row, orjson.loads(row["body"])) for row in rows if row["type"] == "registration.expired"]
    return [(row["seq"], body["nurse"], body["since"]) for row, body in bodies]


@pytest.mark.feature("I13")
async def test_everybody_is_told_once_though_the_server_is_killed_in_the_middle(server: str) -> None:
    async with AsyncExitStack() as stack:
        register = await stack.enter_async_context(registered(server, 1))
        await crowded(register)
        chance, reached = Random(7), 0
        for _ in range(KILLS):
            async with serving(register) as running:
                reached = await announced(register, reached + chance.randint(1, 300))
                running.process.send_signal(SIGKILL)
                await running.process.wait()
        in_the_middle = await announced(register, 0)
        assert 0 < in_the_middle < NURSES
        async with serving(register):
            await announced(register, NURSES)
        owner, cast = register.world.owner, register.cast
        today = await owner.fetchval("select current_date")
        for scope in (cast.district, cast.hospital):
            found = await events(register, scope)
            assert Counter(nurse for _, nurse, _ in found).most_common(1)[0][1] == 1
            assert {since for *_, since in found} == {str(today)}
            assert [seq for seq, *_ in found] == list(range(1, NURSES + 1))
        once = "select count(*) from (select scope from event where scope in (select id from nurse) group by scope) s"
        assert await owner.fetchval(once) == NURSES
        assert await owner.fetchval("select count(*) from event where scope in (select id from nurse)") == NURSES
        assert await owner.fetchval("select count(*) from outbox where template = 'REGISTRATION_EXPIRED'") == 1
        assert await owner.fetchval("select count(*) from practice_watch where due_on is not null") == 0
