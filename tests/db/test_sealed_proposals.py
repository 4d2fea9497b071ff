"""A proposal that was sealed before the keys were rotated opens when the key that sealed it is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest

from db import proposal
from db.rekey import reseal
from db.store.engine import Database
from db.store.keys import Keyring, new_keys, verify
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from rules.proposal import Proposal
from rules.verification import RequestKind, RequestState
from tests.support.world import World

OLDEST, MIDDLE, NEWEST = new_keys(), new_keys(), new_keys()


@pytest.mark.parametrize("kind", [RequestKind.DEREGISTRATION, RequestKind.VOID])
async def test_a_proposal_opens_after_the_key_it_was_sealed_with_is_gone(empty_url: str, kind: RequestKind) -> None:
    before, between = Keyring.parse(f"{MIDDLE},{OLDEST}"), Keyring.parse(f"{NEWEST},{MIDDLE},{OLDEST}")
    await migrate(empty_url)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url))
    await verify(owner, before)
    cast = await World(owner, before).cast()
    await owner.close()
    now, of = datetime.now(UTC), (cast.nurse_id, cast.district, cast.decider.account_id)
    made = Proposal(cast.hospital, kind, RequestState.PENDING, *of, now, "卫医罚〔2024〕17号", "待复核")
    db = Database(empty_url, before)
    async with db.begin() as tx:
        await tx.ask_time()
        await proposal.insert(tx, made)
    await db.close()
    assert (await reseal(empty_url, between))["desk_request"] == 1
    db = Database(empty_url, Keyring.parse(f"{NEWEST},{OLDEST}"))
    async with db.begin() as tx:
        found = await proposal.lock(tx, made.id)
    await db.close()
    assert replace(found, created_at=now) == made
