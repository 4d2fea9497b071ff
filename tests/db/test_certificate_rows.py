"""Whoever was registered before the system gets her certificate by the migration, and everybody why one is void."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

from db.store.migrate import alembic_config
from db.store.url import sqlalchemy_url

pytestmark = pytest.mark.feature("N20")
BEFORE, HERE = "0037", "0038"
ENDED = datetime(2024, 5, 6, 7, tzinfo=UTC)


class Register:
    """A register of an earlier release."""

    def __init__(self, url: str, owner: asyncpg.Connection[asyncpg.Record]) -> None:
        self.url, self.owner, self.count = url, owner, 0
        self.authority = uuid7()

    async def nurse(self, status: str, number: str | None, **values: Any) -> UUID:
        """A nurse and her entry."""
        key, self.count = uuid7(), self.count + 1
        await self.owner.execute(
            "insert into nurse (id, name, name_order, document_type, id_number_key_id, id_number_sealed, id_number_index,"
            " id_number_masked, sex, birth_date, ethnicity, health_status, education, degree) values"
            " ($1, '王', 'wang 王', 'PASSPORT', 'k', '', $2, 'E****78', 'FEMALE', '1985-05-06', '汉族', 'GOOD', 'COLLEGE',"
            " 'NONE')",
            key,
            self.count.to_bytes(),
        )
        until = None if status == "NEVER" else date(2030, 1, 1)
        entry = {"nurse_id": key, "status": status, "certificate_number": number, "valid_until": until}
        place = {"authority_id": self.authority, "first_registered_on": until and date(2015, 1, 1)}
        await self.insert("registration", **{**entry, **place, **values})
        return key

    async def insert(self, table: str, **values: Any) -> None:
        """A row."""
        places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        await self.owner.execute(f"insert into {table} ({', '.join(values)}) values ({places})", *values.values())

    async def certificate(self, nurse_id: UUID, number: str, nth: int, voided_at: datetime | None = None) -> None:
        """A certificate that is known."""
        row = {"nurse_id": nurse_id, "number": number, "serial": f"{number}-{nth}", "voided_at": voided_at}
        await self.insert("certificate", **row, issued_on=date(2020, 1, 1), authority_id=self.authority)

    async def history(self, nurse_id: UUID, kind: str | None, status: str, **values: Any) -> None:
        """A row of history."""
        await self.insert("registration_history", nurse_id=nurse_id, kind=kind, status=status, **values)

    async def move(self, how: Callable[[Config, str], None], revision: str) -> None:
        """Migrate to a revision."""

        def move(connection: Connection) -> None:
            config = alembic_config()
            config.attributes["connection"] = connection
            how(config, revision)

        engine = create_async_engine(sqlalchemy_url(self.url))
        async with engine.begin() as connection:
            await connection.run_sync(move)
        await engine.dispose()

    async def certificates(self, nurse_id: UUID) -> list[tuple[Any, ...]]:
        """Hers, the oldest first."""
        sql = "select serial, voided_at is null, void_reason from certificate where nurse_id = $1 order by id"
        return [tuple(row) for row in await self.owner.fetch(sql, nurse_id)]


@pytest_asyncio.fixture
async def register(empty_url: str) -> AsyncIterator[Register]:
    """An empty register of the release before."""
    owner = await asyncpg.connect(empty_url)
    found = Register(empty_url, owner)
    await found.move(command.upgrade, BEFORE)
    sql = "insert into authority (id, code, name, level, path) values ($1, '000000', '国', 'NATION', '/1/')"
    await owner.execute(sql, found.authority)
    yield found
    await owner.close()


async def test_everybody_on_the_register_has_one_in_force_and_who_is_off_it_a_void_one(register: Register) -> None:
    bare = await register.nurse("VALID", "2015A")
    known = await register.nurse("VALID", "2015B")
    await register.certificate(known, "2015B", 1)
    lost = await register.nurse("VALID", "2015C")
    await register.certificate(lost, "2015C", 3, ENDED)
    off = await register.nurse("DEREGISTERED", "2015D", deregistration_reason="DEATH")
    await register.history(off, "DEREGISTRATION", "DEREGISTERED", at=ENDED)
    struck = await register.nurse("DEREGISTERED", "2015E", deregistration_reason="LICENCE_REVOKED")
    never = await register.nurse("NEVER", None)
    merged = await register.nurse("NEVER", "2015F")
    again = await register.nurse("VALID", "2022G")
    await register.history(again, "REREGISTRATION", "VALID", at=ENDED)
    await register.move(command.upgrade, HERE)
    assert await register.certificates(bare) == [("2015A-1", True, None)]
    assert await register.certificates(known) == [("2015B-1", True, None)]
    assert await register.certificates(lost) == [("2015C-3", False, "REISSUED"), ("2015C-4", True, None)]
    assert await register.certificates(off) == [("2015D-1", False, "DEREGISTERED")]
    assert await register.certificates(struck) == [("2015E-1", False, "LICENCE_REVOKED")]
    assert [await register.certificates(one) for one in (never, merged)] == [[], []]
    dates = "select issued_on, voided_at from certificate where nurse_id = $1"
    assert [tuple(await register.owner.fetchrow(dates, one)) for one in (bare, off, again)] == [
        (date(2015, 1, 1), None),
        (date(2015, 1, 1), ENDED),
        (date(2024, 5, 6), None),
    ]
    tokens = await register.owner.fetch("select token from certificate")
    assert {len(row["token"]) for row in tokens} == {16}
    assert len({row["token"] for row in tokens}) == len(tokens) == 7
    await register.move(command.downgrade, BEFORE)
    await register.move(command.upgrade, HERE)
    assert await register.certificates(bare) == [("2015A-1", True, None)]


async def test_why_each_is_void_is_told_by_what_came_after_it(register: Register) -> None:
    again = await register.nurse("VALID", "2024H")
    await register.certificate(again, "2015H", 1, ENDED)
    issued = {"number": "2024H", "serial": "2024H-1", "issued_on": date(2024, 5, 6)}
    await register.insert("certificate", nurse_id=again, authority_id=register.authority, **issued)
    later = await register.nurse("VALID", "2025I")
    await register.certificate(later, "2015I", 1, ENDED)
    issued = {"number": "2025I", "serial": "2025I-1", "issued_on": date(2025, 5, 6)}
    await register.insert("certificate", nurse_id=later, authority_id=register.authority, **issued)
    await register.move(command.upgrade, HERE)
    assert await register.certificates(again) == [("2015H-1", False, "REREGISTERED"), ("2024H-1", True, None)]
    assert await register.certificates(later) == [("2015I-1", False, "DEREGISTERED"), ("2025I-1", True, None)]


async def test_a_re_issue_that_history_called_a_renewal_is_called_by_its_name(register: Register) -> None:
    nurse_id = await register.nurse("VALID", "2015J", last_kind="RENEWAL")
    moved_on = await register.nurse("VALID", "2015K", last_kind="CHANGE")
    for one in (nurse_id, moved_on):
        key = uuid7()
        who = {"nurse_id": one, "nurse_name": "王", "nurse_sex": "FEMALE", "nurse_birth_date": date(1985, 5, 6)}
        form = {"kind": "REISSUE", "state": "APPROVED", "filed_by": "NURSE", "form": "{}", "document_type": "PASSPORT"}
        place = {
            "authority_id": register.authority,
            "id_number_masked": "E****78",
            "revision": 1,
            "submitted_at": ENDED,
        }
        await register.insert("application", id=key, **who, **form, **place)
        await register.history(one, "RENEWAL", "VALID")
        await register.history(one, "RENEWAL", "VALID", application_id=key)
        await register.history(one, None, "VALID", reason="离职报告")
    await register.history(moved_on, "CHANGE", "VALID")
    await register.move(command.upgrade, HERE)
    kinds = "select kind from registration_history where nurse_id = $1 order by id"
    assert [row["kind"] for row in await register.owner.fetch(kinds, nurse_id)] == ["RENEWAL", "REISSUE", None]
    entry = "select last_kind, version from registration where nurse_id = $1"
    assert [tuple(await register.owner.fetchrow(entry, one)) for one in (nurse_id, moved_on)] == [
        ("REISSUE", 2),
        ("CHANGE", 1),
    ]
