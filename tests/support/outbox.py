"""A database with its outbox, and a clock that is moved, not waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from db import message
from db.store.engine import Database
from notify.gateway import Gateway
from notify.worker import Worker
from rules.message import Template
from rules.verification import Channel

BEGAN = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
CODE = {"code": "739154", "minutes": "10"}
MIDDLE = 0.5
"""The chance that makes every pause exactly as long as it is meant."""


@dataclass
class Register:
    """The database, and what there is to see in its outbox."""

    url: str
    keys: str
    owner: asyncpg.Connection[asyncpg.Record]
    db: Database
    now: datetime = BEGAN

    async def post(
        self,
        to: str,
        channel: Channel = Channel.MAIL,
        template: Template = Template.CONTACT_CODE,
        values: Mapping[str, str] = CODE,
    ) -> UUID:
        """A message, committed; gives its row's id."""
        async with self.db.begin() as tx:
            await tx.ask_time()
            await message.send(tx, channel=channel, to=to, template=template, values=values)
        found: UUID = await self.owner.fetchval("select id from outbox order by id desc limit 1")
        return found

    async def row(self, key: UUID) -> dict[str, Any]:
        """A row as it stands."""
        return dict(await self.owner.fetchrow("select * from outbox where id = $1", key))

    def worker(self, gateway: Gateway, db: Database | None = None, **options: Any) -> Worker:
        """A worker that sends everything by one gateway."""
        return Worker(db or self.db, dict.fromkeys(Channel, gateway), **{"chance": lambda: MIDDLE, **options})

    def later(self, **much: float) -> None:
        """Move the clock."""
        self.now += timedelta(**much)
