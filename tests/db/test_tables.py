"""The migrations and db/tables.py make the same database, to the letter of every definition."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from db.store.migrate import migrate
from db.store.tables import APPEND_ONLY, metadata
from db.store.url import asyncpg_dsn, sqlalchemy_url
from tests.support.postgres import new_database

CATALOGUE = {
    "columns": """select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, l.collname,
        pg_get_expr(d.adbin, d.adrelid) from pg_attribute a join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        left join pg_collation l on l.oid = a.attcollation
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and a.attnum > 0 and not a.attisdropped""",
    "constraints": """select c.relname, k.conname, pg_get_constraintdef(k.oid) from pg_constraint k
        join pg_class c on c.oid = k.conrelid where k.connamespace = 'public'::regnamespace
          and not c.relispartition""",
    "indexes": """select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'public'::regnamespace and not c.relispartition""",
    "partitioned": "select partrelid::regclass::text, pg_get_partkeydef(partrelid) from pg_partitioned_table",
    "functions": """select proname, pg_get_functiondef(oid) from pg_proc
        where pronamespace = 'public'::regnamespace""",
    "triggers": """select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal""",
}


async def catalogue(url: str) -> dict[str, set[tuple[object, ...]]]:
    """Every definition of a database, but for alembic's own table."""
    connection = await asyncpg.connect(asyncpg_dsn(url))
    found = {name: {tuple(row) for row in await connection.fetch(sql)} for name, sql in CATALOGUE.items()}
    await connection.close()
    return {name: {row for row in rows if row[0] != "alembic_version"} for name, rows in found.items()}


async def test_migrations_make_exactly_the_tables(server: str) -> None:
    migrated, made = await new_database(server), await new_database(server)
    await migrate(migrated)
    engine = create_async_engine(sqlalchemy_url(made))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    by_migrations, by_tables = await catalogue(migrated), await catalogue(made)
    for name in CATALOGUE:
        assert by_migrations[name] == by_tables[name], name
        assert by_tables[name], name


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_the_application_may_add_to_history_and_never_rewrite_it(owner_url: str, table: str) -> None:
    connection = await asyncpg.connect(asyncpg_dsn(owner_url), server_settings={"role": "hushi_app"})
    for statement in (f"delete from {table}", f"truncate {table}", f"update {table} set at = now()"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_a_partition_cannot_be_rewritten_behind_its_table(owner_url: str) -> None:
    connection = await asyncpg.connect(asyncpg_dsn(owner_url), server_settings={"role": "hushi_app"})
    names = await connection.fetch(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'event'::regclass"
    )
    assert len(names) > 12
    for (name,) in names:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"delete from {name}")
    await connection.close()


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("insert into institution (code, name, state, division, authority_id)"
         " select '12110102400687119Y', 'x', 'ACTIVE', '110102', uuidv7()", "institution_code"),
        ("insert into blob (media_type) values ('a/b')", "blob_sealed"),
        ("insert into blob (media_type, plain, content_sealed) values ('a/b', '\\x00', '\\x00')", "blob_sealed"),
        ("insert into blob (media_type, content_sealed, content_key_id) values ('a/b', '\\x00', 'k')", "blob_sealed"),
        ("insert into authority (code, name, level, path) values ('1', 'x', 'CITY', '/1/')", "authority_tree"),
    ],
)  # fmt: skip
async def test_what_the_database_refuses_by_itself(owner_url: str, statement: str, constraint: str) -> None:
    connection = await asyncpg.connect(asyncpg_dsn(owner_url))
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await connection.execute(statement)
    assert refused.value.constraint_name == constraint
    await connection.close()
