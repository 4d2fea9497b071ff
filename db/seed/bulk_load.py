"""The frame of a bulk load: constraints and indexes are dropped and rebuilt exactly, and an unfinished load is known.

The table `seed_unfinished` holds the statements that rebuild everything; while it exists the register is incomplete.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import asyncpg

from rules.command_error import CommandError

Progress = Callable[[str, int, int], None]
"""A report of progress: the stage, the part of it that is done, and the whole."""


class SeedError(CommandError):
    """The register cannot be seeded; the text gives the reason and the remedy."""


LOADED: Final = (
    *("nurse", "registration", "registration_history", "registration_span", "account"),
    *("application", "application_revision", "review_decision", "certificate", "photo"),
)
"""The tables that are large; their keys, indexes and references are built when all rows are there."""

KEPT: Final = ("alembic_version", "calendar_day", "keyring_check", "feed_epoch", "privacy_notice", "seed_unfinished")
"""The tables that stay when a register starts over."""

# Keys before plain indexes before references, since a reference needs the key it points to.
_DEFINITIONS: Final = """
select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as build,
  format('alter table %s drop constraint %I', conrelid::regclass, conname) as raze,
  case contype when 'f' then 3 else 1 end as rank
from pg_constraint
where contype in ('p', 'u', 'f') and conparentid = 0
  and (conrelid = any($1::regclass[]) or confrelid = any($1::regclass[]))
union all
select pg_get_indexdef(indexrelid), format('drop index %s', indexrelid::regclass), 2
from pg_index
where indrelid = any($1::regclass[])
  and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
order by rank, build
"""

# Events get their numbers, and applications their receipts, when all of them can be put in order.
_STAGING: Final = """
create unlogged table seed_application (like application);
create unlogged table seed_event (like event);
alter table seed_event alter seq drop not null;
create table seed_unfinished (nth integer primary key, build text not null)
"""
_KEEP_LAW: Final = (
    "create temp table law on commit drop as select * from material_requirement where authority_id is null"
)
_DROP_LOAD_TABLES: Final = "drop table if exists seed_application, seed_event, seed_unfinished"


async def unfinished(connection: asyncpg.Connection[asyncpg.Record]) -> bool:
    """True if a load began here and did not end."""
    return await connection.fetchval("select to_regclass('seed_unfinished') is not null") is True


async def drop_constraints(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Drop keys, indexes and references of the large tables, all or none, and keep the statements that build them."""
    async with connection.transaction():
        definitions = await connection.fetch(_DEFINITIONS, LOADED)
        await connection.execute(_STAGING)
        builds = [(nth, row["build"]) for nth, row in enumerate(definitions)]
        await connection.copy_records_to_table("seed_unfinished", records=builds)
        for row in reversed(definitions):
            await connection.execute(row["raze"])


async def rebuild_constraints(connection: asyncpg.Connection[asyncpg.Record], progress: Progress) -> None:
    """Build all keys, indexes and references again, one statement at a time. A crash in between loses nothing."""
    builds = await connection.fetch("select nth, build from seed_unfinished order by nth")
    for done, row in enumerate(builds):
        progress("indexes", done, len(builds))
        async with connection.transaction():
            await connection.execute(row["build"])
            await connection.execute("delete from seed_unfinished where nth = $1", row["nth"])
    progress("indexes", len(builds), len(builds))


async def drop_load_tables(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Drop the load's own tables, once the load is complete."""
    await connection.execute(_DROP_LOAD_TABLES)


async def clear(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Empty the register, and rebuild the constraints that an interrupted load had dropped."""
    tables = await connection.fetch(
        "select c.oid::regclass::text as name from pg_class c where relkind in ('r', 'p') and not relispartition"
        " and relnamespace = current_schema()::regnamespace and relname <> all($1::text[])",
        KEPT,
    )
    async with connection.transaction():
        # What the law asks for is no register's own, but refers to authorities where a province says more.
        await connection.execute(_KEEP_LAW)
        await connection.execute(f"truncate {', '.join(row['name'] for row in tables)}")
        await connection.execute("insert into material_requirement select * from law")
        # Events are counted from 1 again: cursors into the old ones must not be good for the new ones.
        await connection.execute("update feed_epoch set epoch = gen_random_uuid()")
    if await unfinished(connection):
        await rebuild_constraints(connection, lambda *_: None)
        await drop_load_tables(connection)
