"""One application of any kind under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from db.store.engine import Database
from rules.application import Step
from rules.errors import RegistryError
from rules.form import Form
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS
from tests.support.kinds import Move, forms, move
from tests.support.orders import Order, draft_of, order_of, take_order
from tests.support.papers import LAW, hand_in
from tests.support.story import NOW, SAYS
from tests.support.world import Cast, Person, World

TODAY = NOW.date()
FORMS = forms(TODAY)
IN_FIVE_YEARS = date(2030, 9, 26)


@dataclass
class OpenApplication:
    """One application of any kind under way."""

    db: Database
    world: World
    move: Move
    kind: Kind
    id: UUID

    @property
    def reviewers(self) -> Cast:
        """The hospital and the district that have to do with it."""
        return self.move.target if self.kind in CLAIMED_KINDS else self.move.cast

    def taker(self, step: Step) -> Person:
        """Who takes a step."""
        match step:
            case Step.SUBMIT | Step.WITHDRAW | Step.RESUBMIT | Step.SUPPLEMENT:
                return self.move.nurse
            case Step.FORWARD | Step.DECLINE | Step.RETURN:
                return self.reviewers.operator
            case Step.APPROVE | Step.REJECT:
                return self.reviewers.decider
            case _:
                return self.reviewers.reviewer

    async def order(self, step: Step, **more: Any) -> Order:
        """The order of a step as its usual taker gives it."""
        if step is Step.ACCEPT and self.kind in LAW:
            more = {"originals_seen": frozenset(LAW[self.kind]), **more}
        given = {"expected_version": (await self.row())["version"], **SAYS.get(step, {}), **more}
        return order_of(self.taker(step).session, step, self.id, **given)

    async def take(self, step: Step, **more: Any) -> None:
        """Take a step."""
        await take_order(self.db, await self.order(step, **more))

    async def reach(self, *steps: Step) -> OpenApplication:
        """Take these steps, but what the kind does not have."""
        for step in steps:
            if self.kind is not Kind.REISSUE or step is not Step.FORWARD:
                await self.take(step)
        return self

    async def refused(self, step: Step, **more: Any) -> RegistryError:
        """How a step is refused; nothing has moved."""
        before = await self.everything()
        with pytest.raises(RegistryError) as refusal:
            await self.take(step, **more)
        assert await self.everything() == before
        return refusal.value

    async def row(self) -> dict[str, Any]:
        """The application."""
        return await self.world.row("application", self.id)

    async def entry(self) -> dict[str, Any]:
        """How she stands in the register."""
        return await self.world.row("registration", self.move.cast.nurse_id, "nurse_id")

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Her rows of a table, oldest first."""
        sql = f"select * from {table} where nurse_id = $1 order by id"
        return [dict(row) for row in await self.world.owner.fetch(sql, self.move.cast.nurse_id)]

    async def heard(self, scope: UUID) -> list[tuple[str, str | None]]:
        """What a place was told, and what that did to its pending reviews."""
        rows = await self.world.owner.fetch("select type, queue from event where scope = $1 order by seq", scope)
        return [(row["type"], row["queue"]) for row in rows]

    async def everything(self) -> Any:
        """All that a step could have changed."""
        parts = [await self.world.traces(one) for one in (self.move.cast, self.move.target)]
        counters = await self.world.owner.fetch("select * from certificate_counter order by 1, 2")
        return parts, await self.rows("certificate"), [dict(row) for row in counters]


@dataclass
class Drafts:
    """Drafts of any kind, begun one by one."""

    db: Database
    world: World

    async def __call__(
        self, kind: Kind, form: Form | None = None, *, at: Move | None = None, address: bool = True, **entry: Any
    ) -> OpenApplication:
        """A draft of this kind."""
        where = at or await move(self.world, kind, TODAY, **entry)
        target = where.target.hospital if kind in CLAIMED_KINDS and address else None
        draft = draft_of(where.nurse.session, form or FORMS[kind], institution_id=target)
        key = await take_order(self.db, draft)
        await hand_in(self.world, key, where.nurse.account_id, *LAW.get(kind, ()))
        return OpenApplication(self.db, self.world, where, kind, key)


TO_DECISION = (Step.SUBMIT, Step.FORWARD, Step.ACCEPT, Step.RECOMMEND)


async def number_of(application: OpenApplication) -> str:
    """Her certificate number: twelve digits, of this year and her province."""
    code = (await application.world.row("authority", application.move.province))["code"]
    found: str = (await application.entry())["certificate_number"]
    assert found.startswith(f"2025{code[:2]}")
    assert len(found) == 12
    return found
