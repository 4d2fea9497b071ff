"""The nurses of one hospital, for whom it files together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from db.read.filter import EVERYTHING
from db.store.engine import Database
from rules.kinds import Kind
from tests.support.people import NEVER, form, known
from tests.support.world import Cast, Person, World, renewal
from workflow.collective import Checked, CollectiveFilingCancel, CollectiveFilingStart, check, start
from workflow.collective_choice import Wish
from workflow.collective_job import run
from workflow.step import take


@dataclass
class Group:
    """A hospital with many nurses, and the register it is in."""

    db: Database
    world: World
    cast: Cast

    async def nurses(self, count: int, **entry: Any) -> list[UUID]:
        """So many more nurses whose registration runs out in 60 days."""
        return [await self.world.nurse(self.cast.hospital, self.cast.district, **entry) for _ in range(count)]

    async def known(self, **entry: Any) -> tuple[UUID, str, str]:
        """A nurse with a number that lists can name: her id, name and ID number."""
        given = form()
        return await known(self.world, self.cast, given, **entry), given.name, given.id_number

    async def beginner(self) -> tuple[UUID, str, str]:
        """Somebody who passed her examination and was never registered."""
        key, name, number = await self.known(**NEVER)
        settled = "update registration set institution_id = null, authority_id = null where nurse_id = $1"
        await self.world.owner.execute(settled, key)
        sql = "update nurse set exam_passed_on = $2, exam_year = $3 where id = $1"
        await self.world.owner.execute(sql, key, date(2024, 6, 1), 2024)
        return key, name, number

    def wish(self, **more: Any) -> Wish:
        """To renew everybody of the roster, whatever is on record of them."""
        whom = {} if "csv" in more else {"where": EVERYTHING}
        return Wish(**{"kind": Kind.RENEWAL, "form": renewal(), "changes_record": True, **whom, **more})

    async def start(self, who: Person | None = None, idempotency_key: str | None = None, **more: Any) -> UUID:
        """Begin to file."""
        command = CollectiveFilingStart(self.wish(**more), idempotency_key=idempotency_key)
        return await start(self.db, (who or self.cast.operator).session, command)

    async def check(self, first: int, after: int = 0, **more: Any) -> Checked:
        """What filing would say now."""
        return await check(self.db, self.cast.operator.session, self.wish(**more), first, after)

    async def cancel(self, key: UUID, who: Person | None = None, retry: str | None = None) -> UUID:
        """File for nobody more."""
        command = CollectiveFilingCancel(key, idempotency_key=retry)
        return await take(self.db, (who or self.cast.operator).session, command)

    async def filed(self, **more: Any) -> UUID:
        """File to the end."""
        key = await self.start(**more)
        await run(self.db)
        return key

    async def filing(self, key: UUID) -> dict[str, Any]:
        """The filing as it stands."""
        return await self.world.row("collective_filing", key)

    async def items(self, key: UUID) -> list[dict[str, Any]]:
        """What came of each nurse: her outcome by code, in order."""
        sql = "select * from collective_item where collective_filing_id = $1 order by place"
        rows = [dict(row) for row in await self.world.owner.fetch(sql, key)]
        return [{**row, "problems": orjson.loads(row["problems"]) if row["problems"] else None} for row in rows]

    async def codes(self, key: UUID) -> list[list[str] | None]:
        """The codes of what was wrong with each; None where nothing was."""
        return [row["problems"] and [one["code"] for one in row["problems"]] for row in await self.items(key)]

    async def applications(self, key: UUID) -> list[dict[str, Any]]:
        """The applications that it made."""
        sql = "select * from application where collective_filing_id = $1 order by id"
        return [dict(row) for row in await self.world.owner.fetch(sql, key)]

    async def heard(self, scope: UUID, kind: str = "collective.progressed") -> list[dict[str, Any]]:
        """The bodies of a scope's events of one type, in order."""
        sql = "select body from event where scope = $1 and type = $2 order by seq"
        return [orjson.loads(row["body"]) for row in await self.world.owner.fetch(sql, scope, kind)]

    async def everything(self) -> list[Any]:
        """All that a refusal must leave as it was."""
        counted = ("collective_filing", "collective_item", "application", "event", "audit", "idempotency")
        return [await self.world.owner.fetchval(f"select count(*) from {table}") for table in counted]
