"""A step on an application reads what it declares before it judges, and then touches nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Final

import pytest
from uuid_utils.compat import uuid7

from db import session as sessions
from db.store.columns import metadata
from db.store.engine import Database
from rules.application import Step
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS
from rules.people import SYSTEM
from tests.support.application_story import FORMS, TO_DECISION, Drafts
from tests.support.competitors import Pair, by_itself, open_contest, pairs
from tests.support.kinds import move
from tests.support.statements import counted
from tests.support.story import NOW, Clock
from tests.support.world import Person, World
from workflow.application import COMMANDS
from workflow.draft import ApplicationCreateDraft
from workflow.step import Command, Underway

TABLES: Final = frozenset(metadata.tables)
ALWAYS: Final = frozenset({"audit", "session", "event", "feed_scope", "idempotency"})
"""Written for every step, by its opening and its end."""
SCENES: Final = [pair for pair in pairs() if pair.one == pair.other and pair.one[0] in COMMANDS]
_WRITTEN: Final = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) +(\w+)", re.IGNORECASE)
_READ: Final = re.compile(r"\b(?:FROM|JOIN) +(\w+)", re.IGNORECASE)


def tables(statements: Iterable[str], pattern: re.Pattern[str]) -> frozenset[str]:
    """The tables that statements name in this way."""
    return frozenset(name for one in statements for name in pattern.findall(one)) & TABLES - ALWAYS


async def _sent(statements: list[str]) -> list[str]:
    """What has gone over the wire since it was last asked: the driver says it in the loop's next turn."""
    await asyncio.sleep(0)
    said, statements[:] = [*statements], []
    return said


async def touches_what_it_declares(db: Database, command: Command, who: Person | None) -> frozenset[str]:
    """Take a step as it is taken, and look at what goes over the wire; gives the tables that it has written."""
    with counted(db) as statements:
        async with db.begin() as tx:
            actor = SYSTEM if who is None else await sessions.require(tx, who.session)
            if who is None:
                await tx.ask_time()
            step = Underway(tx, actor, command, command.subject or uuid7())
            await _sent(statements)
            await step.read(*command.reads)
            asked = await _sent(statements)
            await command.take(step)
            done = await _sent(statements)
    read, written = tables(asked, _READ), tables([*asked, *done], _WRITTEN)
    assert written <= command.writes
    assert tables(done, _READ) <= read | command.writes
    assert not tables(asked, _WRITTEN) or isinstance(command, ApplicationCreateDraft)
    return written


@pytest.mark.parametrize("pair", SCENES, ids=str)
async def test_a_step_touches_the_tables_that_it_declares(
    timed: Database, world: World, clock: Clock, pair: Pair
) -> None:
    (name, party), contest = pair.one, await open_contest(timed, world)
    key, cast = await contest.stand(pair)
    who = None if party is None else contest.who(party, cast, 0)
    command = by_itself(name, key, 1) if who is None else contest.command(pair, name, key, who)
    assert "application" in await touches_what_it_declares(timed, command, who)


def test_every_step_on_an_application_is_in_a_scene() -> None:
    assert {pair.one[0] for pair in SCENES} == {*COMMANDS}


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_draft_touches_the_tables_that_it_declares(
    timed: Database, world: World, clock: Clock, kind: Kind
) -> None:
    where = await move(world, kind, NOW.date())
    target = where.target.hospital if kind in CLAIMED_KINDS else None
    draft = ApplicationCreateDraft(FORMS[kind], target)
    assert await touches_what_it_declares(timed, draft, where.nurse) == {"application"}


@pytest.mark.parametrize("kind", list(Kind))
async def test_the_way_of_each_kind_touches_the_tables_that_its_steps_declare(
    timed: Database, world: World, clock: Clock, kind: Kind
) -> None:
    application = await Drafts(timed, world)(kind)
    for step in (*TO_DECISION, Step.APPROVE):
        if kind is not Kind.REISSUE or step is not Step.FORWARD:
            order = await application.order(step)
            written = await touches_what_it_declares(timed, order.command, application.taker(step))
            assert ("registration_history" in written) is (step is Step.APPROVE)
    assert (await application.row())["state"] == "APPROVED"
