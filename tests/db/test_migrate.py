"""Databases brought up to date, and those that cannot be."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from db.store.connecting import DatabaseRefusal
from db.store.keys import Keyring, KeyringError, new_keys
from db.store.migrate import (
    MigrationError,
    alembic_config,
    migrate,
    refuse_unsupported,
    require_keyring,
    require_migrated,
    require_supported,
)
from db.store.name_order import name_order
from db.store.url import sqlalchemy_url
from tests.support.postgres import new_database
from workflow.application import COMMANDS
from workflow.draft import ApplicationCreateDraft
from workflow.void import VoidPropose

HEAD = ScriptDirectory.from_config(alembic_config()).get_current_head()


async def revisions(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch("select version_num from alembic_version")]
    finally:
        await connection.close()


async def test_an_empty_database_is_refused_until_it_is_migrated(empty_url: str) -> None:
    with pytest.raises(MigrationError) as refusal:
        await require_migrated(empty_url)
    assert str(refusal.value) == (
        f"The database is at migration None and this release needs {HEAD}: run hushi migrate."
    )
    await migrate(empty_url)
    await require_migrated(empty_url)
    assert await revisions(empty_url) == [HEAD]


async def test_migrating_again_changes_nothing(owner_url: str) -> None:
    await migrate(owner_url)
    assert await revisions(owner_url) == [HEAD]


async def test_a_retry_key_is_found_under_its_mutations_name_after_an_upgrade(empty_url: str) -> None:
    """Those that the migration knows; a step of a later release had no other name before."""
    scripts = ScriptDirectory.from_config(alembic_config())
    revision = scripts.get_revision("0007")
    assert revision is not None
    mutations: dict[str, str] = revision.module.RENAMED
    present = {one.mutation() for one in (*COMMANDS.values(), ApplicationCreateDraft, VoidPropose)}
    assert {*mutations.values()} <= present
    await _move(empty_url, command.upgrade, "0006")
    connection = await asyncpg.connect(empty_url)
    for step in [*mutations, "staffInvite"]:
        await connection.execute(
            "insert into idempotency (client, mutation, key, input_hash, result_id, created_at)"
            " values ('c', $1, 'key-of-' || $1, '', gen_random_uuid(), now())",
            step,
        )
    names = "select substr(key, 8) as step, mutation from idempotency"
    await migrate(empty_url)
    assert dict(await connection.fetch(names)) == {**mutations, "staffInvite": "staffInvite"}
    await _move(empty_url, command.downgrade, "0006")
    assert dict(await connection.fetch(names)) == {step: step for step in [*mutations, "staffInvite"]}
    await connection.close()


async def test_what_was_filed_before_an_upgrade_shows_who_she_is_by_her_record(empty_url: str) -> None:
    await _move(empty_url, command.upgrade, "0015")
    connection = await asyncpg.connect(empty_url)
    await connection.execute(
        "insert into authority (id, code, name, level, path)"
        " values ('00000000-0000-0000-0000-000000000001', '000000', '国', 'NATION', '/1/')"
    )
    nurse_id = await connection.fetchval(
        "insert into nurse (name, document_type, id_number_key_id, id_number_sealed, id_number_index,"
        " id_number_masked, sex, birth_date, ethnicity, health_status, education, degree)"
        " values ('李四', 'PASSPORT', 'k', '', '', 'E****78', 'MALE', '1985-05-06', '其他', 'GOOD', 'COLLEGE', 'NONE')"
        " returning id"
    )
    await connection.execute(
        "insert into application (kind, state, nurse_id, filed_by, nurse_name, id_number_masked, form)"
        " values ('RENEWAL', 'DRAFT', $1, 'NURSE', '李四', 'E****78', '{}')",
        nurse_id,
    )
    await migrate(empty_url)
    found = await connection.fetchrow("select nurse_sex, nurse_birth_date, document_type from application")
    assert tuple(found) == ("MALE", date(1985, 5, 6), "PASSPORT")
    await connection.close()
    await _move(empty_url, command.downgrade, "0015")


async def test_names_of_before_an_upgrade_are_put_in_order_and_no_record_changes_by_it(empty_url: str) -> None:
    await _move(empty_url, command.upgrade, "0032")
    connection = await asyncpg.connect(empty_url)
    for n, name in enumerate(("曾丽", "曹丽", "曾丽")):
        await connection.execute(
            "insert into nurse (name, document_type, id_number_key_id, id_number_sealed, id_number_index,"
            " id_number_masked, sex, birth_date, ethnicity, health_status, education, degree) values"
            " ($1, 'PASSPORT', 'k', '', $2, 'E****78', 'MALE', '1985-05-06', '其他', 'GOOD', 'COLLEGE', 'NONE')",
            name,
            bytes([n]),
        )
    await migrate(empty_url)
    rows = await connection.fetch("select name, name_order from nurse order by name_order")
    assert [tuple(row) for row in rows] == [(name, name_order(name)) for name in ("曹丽", "曾丽", "曾丽")]
    assert await connection.fetchval("select count(*) from nurse_change") == 0
    await connection.close()
    await _move(empty_url, command.downgrade, "0032")


async def _move(url: str, how: Callable[[Config, str], None], revision: str) -> None:
    def move(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        how(config, revision)

    engine = create_async_engine(sqlalchemy_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(move)
    await engine.dispose()


async def test_a_migrated_database_knows_the_working_days_and_keeps_what_authorities_changed(empty_url: str) -> None:
    await migrate(empty_url)
    connection = await asyncpg.connect(empty_url)
    count = "select count(*), min(day), max(day) from calendar_day"
    assert await connection.fetchrow(count) == (6574, date(2010, 1, 1), date(2027, 12, 31))
    await connection.execute("update calendar_day set working = false where day = '2026-11-23'")
    await connection.execute("delete from calendar_day where day = '2027-12-31'")
    await migrate(empty_url)
    assert await connection.fetchrow(count) == (6574, date(2010, 1, 1), date(2027, 12, 31))
    assert await connection.fetchval("select working from calendar_day where day = '2026-11-23'") is False
    await connection.close()


async def test_both_spellings_of_the_address_migrate(empty_url: str) -> None:
    await migrate(empty_url.replace("postgresql://", "postgresql+asyncpg://"))
    assert await revisions(empty_url) == [HEAD]


async def test_eight_processes_that_migrate_at_once_all_succeed_and_one_does_it(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(8)))
    assert await revisions(empty_url) == [HEAD]


async def test_the_migrations_make_exactly_the_tables_that_the_code_declares(owner_url: str) -> None:
    def compare(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.check(config)

    engine = create_async_engine(sqlalchemy_url(owner_url))
    async with engine.connect() as connection:
        await connection.run_sync(compare)
    await engine.dispose()


@pytest.mark.parametrize("use", [migrate, require_migrated])
async def test_a_database_of_a_newer_release_is_refused_with_that_advice_and_left_as_it_is(
    empty_url: str, use: Callable[[str], Awaitable[None]]
) -> None:
    await migrate(empty_url)
    connection = await asyncpg.connect(empty_url)
    await connection.execute("update alembic_version set version_num = 'later'")
    await connection.close()
    with pytest.raises(MigrationError) as refusal:
        await use(empty_url)
    assert str(refusal.value) == (
        "The database is at migration later, which this release of hushi does not know: "
        "a newer release has migrated it, so start the newer release."
    )
    assert await revisions(empty_url) == ["later"]


async def test_a_database_that_is_not_in_utf8_is_refused(server: str) -> None:
    url = await new_database(server, "encoding 'SQL_ASCII' locale 'C' template template0")
    with pytest.raises(MigrationError, match="The database's encoding is SQL_ASCII and names need UTF8"):
        await migrate(url)


@pytest.mark.parametrize("major", [12, 16, 17])
def test_a_server_older_than_18_is_refused(major: int) -> None:
    with pytest.raises(MigrationError, match=f"The database server is PostgreSQL {major} and the register needs 18"):
        refuse_unsupported(major, "UTF8")


@pytest.mark.parametrize("major", [18, 19])
def test_18_and_newer_are_welcome(major: int) -> None:
    refuse_unsupported(major, "UTF8")


async def test_a_database_that_does_not_exist_is_refused_in_one_sentence(server: str) -> None:
    with pytest.raises(DatabaseRefusal) as refusal:
        await require_supported(server.replace("/postgres?", "/absent?"))
    assert str(refusal.value) == (
        'The database does not let us in (database "absent" does not exist): check DATABASE_URL.'
    )


async def test_a_server_that_is_not_there_is_refused_without_its_password(unused_tcp_port: int) -> None:
    with pytest.raises(DatabaseRefusal) as refusal:
        await require_supported(f"postgresql://u:secret@127.0.0.1:{unused_tcp_port}/d")
    assert str(refusal.value).startswith("The database does not let us in (")
    assert "secret" not in str(refusal.value)


async def test_the_keys_a_database_was_made_with_are_the_only_ones_it_opens_for(empty_url: str) -> None:
    await migrate(empty_url)
    keyring = Keyring.parse(new_keys())
    await require_keyring(empty_url, keyring)
    await require_keyring(empty_url, keyring)
    with pytest.raises(KeyringError, match="sealed with other keys than these"):
        await require_keyring(empty_url, Keyring.parse(new_keys()))
