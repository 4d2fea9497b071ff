"""Every command about accounts and institutions: named as its mutation, carried out once, writes what it says."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Final
from uuid import UUID

import pytest

from graph.context import Services
from rules.errors import Conflict
from tests.support.account_commands import WISHES, Stage, Wish
from tests.support.mutation_by_name import MUTATIONS
from tests.support.world import Cast, World
from workflow import (
    account,
    activation,
    activation_code,
    captcha,
    contact,
    contact_reset,
    first_sign_in,
    institution,
    institution_change,
    message,
    password_change,
    recovery,
    recovery_desk,
    session,
    staff,
    staff_disabling,
    staff_inviting,
    verification,
)
from workflow.step import Command, take, take_unsigned

MODULES: Final[tuple[ModuleType, ...]] = (
    *(account, activation, activation_code, captcha, contact, contact_reset, first_sign_in, institution),
    *(institution_change, message, password_change, recovery, recovery_desk, session, staff, staff_disabling),
    *(staff_inviting, verification),
)
UNDECLARED: Final = frozenset({"idempotency", "audit", "event", "feed_scope", "session"})
"""Retry keys, the audit trail, events and sessions, which any step may write."""


def commands() -> Iterator[type[Command]]:
    """The commands of these modules, without what they have in common."""
    found = [
        one
        for module in MODULES
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, Command) and one.__module__ == module.__name__
    ]
    return (one for one in found if not any(issubclass(other, one) for other in found if other is not one))


COMMANDS: Final = tuple(commands())


async def ask(stage: Stage, wish: Wish, command: Command) -> UUID:
    """Give a command."""
    if wish.by is None:
        return (await take_unsigned(stage.services.db, command)).key
    return await take(stage.services.db, wish.by, command)


async def tables(world: World) -> dict[str, str]:
    """What each table holds, as a digest."""
    names = await world.owner.fetch(
        "select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1"
    )
    digest = "select md5(coalesce(string_agg(md5(one::text), '' order by md5(one::text)), '')) from {} one"
    return {row["name"]: await world.owner.fetchval(digest.format(row["name"])) for row in names}


@pytest.fixture
def stage(services: Services, world: World, cast: Cast) -> Stage:
    """Where the commands are given."""
    return Stage(services, world, cast)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.__name__)
def test_a_command_is_named_as_a_mutation(command: type[Command]) -> None:
    assert command.mutation() in MUTATIONS


def test_every_command_with_a_retry_key_is_sent_again_here() -> None:
    takes = {name: field.args["input"].type.of_type.fields for name, field in MUTATIONS.items() if field.args}
    keyed = {one for one in COMMANDS if "idempotencyKey" in takes.get(one.mutation(), {})}
    assert keyed == set(WISHES)


@pytest.mark.parametrize("kind", WISHES, ids=lambda one: one.__name__)
async def test_a_command_sent_again_is_carried_out_once_and_gives_the_same(kind: type[Command], stage: Stage) -> None:
    wish = await WISHES[kind](stage)
    key = f"again-{kind.__name__}"
    first = await ask(stage, wish, replace(wish.command, idempotency_key=key))
    before = await tables(stage.world)
    assert await ask(stage, wish, replace(wish.command, idempotency_key=key)) == first
    assert await tables(stage.world) == before
    if wish.other is not None:
        with pytest.raises(Conflict, match="IDEMPOTENCY_KEY_REUSED"):
            await ask(stage, wish, replace(wish.other, idempotency_key=key))
        assert await tables(stage.world) == before


@pytest.mark.parametrize("kind", WISHES, ids=lambda one: one.__name__)
async def test_a_command_writes_the_tables_that_it_names(kind: type[Command], stage: Stage) -> None:
    wish = await WISHES[kind](stage)
    before = await tables(stage.world)
    await ask(stage, wish, wish.command)
    after = await tables(stage.world)
    written = {name for name, held in after.items() if held != before[name]}
    assert kind.writes <= after.keys()
    assert written - UNDECLARED <= kind.writes
    assert written - UNDECLARED
