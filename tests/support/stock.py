"""Certificates and the blanks on which they are printed, for tests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from db.store.engine import Database
from rules.application import State
from rules.certificate_blank import SpoilReason
from rules.hand_out import Collector
from rules.people import Party, Role
from tests.support.authority_stage import put
from tests.support.world import Cast, Person, World
from workflow.certificate_blank import CertificateBlankSpoil, CertificateBlanksReceive, CertificateBlanksUse
from workflow.hand_out import CertificatesHandOut, CertificatesHandOutWithdraw
from workflow.step import Command, take

ISSUED = date(2025, 9, 20)


def letters() -> str:
    """The letters of a series that no other test has."""
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWYZ") for _ in range(6))


@dataclass
class Office:
    """The office of a district that prints certificates, on blanks with letters of its own."""

    db: Database
    world: World
    cast: Cast
    letters: str

    @classmethod
    def of(cls, db: Database, world: World, cast: Cast) -> Office:
        """The office of this cast's district."""
        return cls(db, world, cast, letters())

    def number(self, nth: int) -> str:
        """The number of a blank."""
        return f"{self.letters}{nth:08d}"

    async def nurse(self) -> Cast:
        """Another nurse of the hospital, with a certificate."""
        nurse_id = await self.world.nurse(self.cast.hospital, self.cast.district)
        nurse = await self.world.person(Party.NURSE, nurse_id, Role.NURSE)
        cast = replace(self.cast, nurse_id=nurse_id, nurse=nurse)
        await self.issue(cast)
        return cast

    async def issue(self, cast: Cast, **values: Any) -> UUID:
        """A certificate in force of her, issued by the district; the one before is void."""
        sql = "update certificate set voided_at = now() where nurse_id = $1 and voided_at is null"
        await self.world.owner.execute(sql, cast.nurse_id)
        key, number = uuid7(), f"2025110{secrets.randbelow(10**8):08d}"
        row = {"id": key, "nurse_id": cast.nurse_id, "number": number, "serial": f"{number}-1", "issued_on": ISSUED}
        await self.world.insert("certificate", **{**row, "authority_id": cast.district, **values})
        return key

    async def granted(self, cast: Cast, at: datetime) -> tuple[UUID, UUID]:
        """An application that was granted, and the decision, which waits to be delivered; it issued a certificate."""
        key, decision = await put(self.world, cast, State.APPROVED), uuid7()
        row = {"application_id": key, "revision": 1, "stage": "AUTHORITY_DECISION", "outcome": "AGREED", "at": at}
        await self.world.insert("review_decision", id=decision, **row)
        places = {"nurse_id": cast.nurse_id, "authority_id": cast.district}
        await self.world.insert("delivery", id=decision, decided_at=at, **places)
        await self.issue(cast, application_id=key)
        return key, decision

    async def do(self, command: Command, who: Person | None = None) -> UUID:
        """A step of the office's reviewer, or of somebody else."""
        return await take(self.db, (who or self.cast.reviewer).session, command)

    async def receive(self, first: int, last: int) -> UUID:
        """Blanks come into stock."""
        return await self.do(CertificateBlanksReceive(self.number(first), self.number(last)))

    async def use(self, first: int, *casts: Cast) -> UUID:
        """Certificates of these nurses are printed from a blank on."""
        return await self.do(CertificateBlanksUse(tuple(one.nurse_id for one in casts), self.number(first)))

    async def spoil(self, nth: int, reason: SpoilReason = SpoilReason.DAMAGED, note: str | None = None) -> UUID:
        """A blank is spoiled."""
        return await self.do(CertificateBlankSpoil(self.number(nth), reason, note))

    async def hand_out(self, *casts: Cast, **given: Any) -> UUID:
        """These nurses take their certificates."""
        values = {"collector": Collector.HERSELF, **given}
        return await self.do(CertificatesHandOut(tuple(one.nurse_id for one in casts), **values))

    async def take_back(self, *casts: Cast, who: Person | None = None, **given: Any) -> UUID:
        """It was recorded by mistake that these nurses took their certificates."""
        values = {"reason": "登记错人", **given}
        return await self.do(CertificatesHandOutWithdraw(tuple(one.nurse_id for one in casts), **values), who)

    async def blank(self, nth: int) -> dict[str, Any]:
        """A blank as it is kept."""
        return await self.world.row("certificate_blank", self.number(nth), "number")

    async def blanks(self) -> list[dict[str, Any]]:
        """All blanks of the series, and what else a step of the stock could have changed."""
        sql = "select * from certificate_blank where number like $1 order by number"
        return [dict(row) for row in await self.world.owner.fetch(sql, f"{self.letters}%")]

    async def everything(self) -> list[Any]:
        """What a step of the stock could have changed; equal before and after a refusal."""
        scopes = [self.cast.district, self.cast.nurse_id]
        owner = self.world.owner
        found = [await self.blanks()]
        for sql in (
            "select * from feed_scope where scope = any($1) order by scope",
            "select a.* from audit a join account o on o.id = a.account_id where o.authority_id = any($1) order by a.id",
            "select * from delivery where nurse_id = any($1) order by id",
        ):
            found.append([dict(row) for row in await owner.fetch(sql, scopes)])
        return found

    async def heard(self, scope: UUID) -> list[tuple[str, Any]]:
        """The types and bodies of the events of a scope, in order."""
        rows = await self.world.owner.fetch("select type, body from event where scope = $1 order by seq", scope)
        return [(row["type"], row["body"]) for row in rows]
