"""A register of an earlier release, which is migrated: its rows as they were then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

from db.store.migrate import alembic_config
from db.store.url import sqlalchemy_url


class OldRegister:
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

    @classmethod
    async def at(cls, url: str, revision: str) -> OldRegister:
        """An empty one of that revision, with the nation's authority."""
        found = cls(url, await asyncpg.connect(url))
        await found.move(command.upgrade, revision)
        sql = "insert into authority (id, code, name, level, path) values ($1, '000000', '国', 'NATION', '/1/')"
        await found.owner.execute(sql, found.authority)
        return found

    @classmethod
    async def opened(cls, url: str) -> OldRegister:
        """The same once it was migrated."""
        return cls(url, await asyncpg.connect(url))
