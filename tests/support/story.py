"""One renewal and its people, on a day of which the calendar is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from db.store.engine import SHANGHAI, Database
from rules.application import State, Step
from rules.errors import Invalid, NotAllowed, RegistryError
from rules.nurse import Department
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.orders import Order, draft_of, order_of, take_order
from tests.support.world import Cast, Person, World, renewal

NOW: Final = datetime(2025, 9, 26, 10, tzinfo=SHANGHAI)
"""The Friday before the National Day holiday, with its working weekends."""
LATER: Final = NOW + timedelta(hours=2)
EXPIRY: Final = date(2025, 11, 25)
FILLED: Final = renewal(health_examined_on=date(2025, 9, 1))

BY: Final[Mapping[Step, str]] = {
    Step.SUBMIT: "nurse",
    Step.WITHDRAW: "nurse",
    Step.RESUBMIT: "nurse",
    Step.SUPPLEMENT: "nurse",
    Step.RETURN: "operator",
    Step.FORWARD: "operator",
    Step.DECLINE: "operator",
    Step.REQUIRE_CORRECTION: "reviewer",
    Step.ACCEPT: "reviewer",
    Step.REFUSE_INTAKE: "reviewer",
    Step.RECOMMEND: "reviewer",
    Step.APPROVE: "decider",
    Step.REJECT: "decider",
}
"""Who takes each step in a story."""

SAYS: Final[Mapping[Step, dict[str, Any]]] = {
    Step.RETURN: {"reasons": (Reason.DEPARTMENT_WRONG,), "marked_fields": ("department",), "opinion": "请核对科室"},
    Step.RESUBMIT: {"form": renewal(health_examined_on=date(2025, 9, 1), department=Department.WARD)},
    Step.DECLINE: {"reasons": (Reason.LEAVING,), "opinion": "本月离职"},
    Step.REQUIRE_CORRECTION: {
        "reasons": (Reason.HEALTH_PROOF_TOO_OLD, Reason.DEPARTMENT_WRONG),
        "marked_fields": ("healthExaminedOn", "department"),
    },
    Step.SUPPLEMENT: {"form": renewal(health_examined_on=date(2025, 9, 20)), "confirmed_fields": ("department",)},
    Step.REFUSE_INTAKE: {"reasons": (Reason.OUT_OF_COMPETENCE,)},
    Step.RECOMMEND: {"agrees": True, "opinion": "符合条件"},
    Step.REJECT: {"reasons": (Reason.CONDITIONS_NOT_MET,), "opinion": "不符合"},
}
"""What goes with it."""

_FORWARDED = (Step.SUBMIT, Step.FORWARD)
_ACCEPTED = (*_FORWARDED, Step.ACCEPT)
PATHS: Final[Mapping[State, tuple[Step, ...]]] = {
    State.DRAFT: (),
    State.INSTITUTION_REVIEW: (Step.SUBMIT,),
    State.RETURNED: (Step.SUBMIT, Step.RETURN),
    State.AUTHORITY_INTAKE: _FORWARDED,
    State.CORRECTION_REQUIRED: (*_FORWARDED, Step.REQUIRE_CORRECTION),
    State.ACCEPTED: _ACCEPTED,
    State.APPROVED: (*_ACCEPTED, Step.RECOMMEND, Step.APPROVE),
    State.REJECTED: (*_ACCEPTED, Step.REJECT),
    State.INSTITUTION_REJECTED: (Step.SUBMIT, Step.DECLINE),
    State.NOT_ACCEPTED: (*_FORWARDED, Step.REFUSE_INTAKE),
    State.WITHDRAWN: (Step.SUBMIT, Step.WITHDRAW),
}
"""The steps that lead to each state."""


@dataclass
class Clock:
    """The time that a test says it is."""

    now: datetime

    def __call__(self) -> datetime:
        """The time."""
        return self.now


@dataclass
class Story:
    """An application under way; `id` is its own."""

    db: Database
    world: World
    cast: Cast
    clock: Clock
    id: UUID

    def person(self, name: str) -> Person:
        """Somebody of the cast."""
        found: Person = getattr(self.cast, name)
        return found

    async def order(self, step: Step, who: Person | None = None, **more: Any) -> Order:
        """The order of a step as its usual taker gives it, with the version as it is."""
        given = {"expected_version": (await self.row())["version"], **SAYS.get(step, {}), **more}
        return order_of((who or self.person(BY[step])).session, step, self.id, **given)

    async def take(self, step: Step, who: Person | None = None, **more: Any) -> None:
        """Take a step."""
        assert await take_order(self.db, await self.order(step, who, **more)) == self.id

    async def reach(self, state: State) -> Story:
        """Go along the usual path to a state."""
        for step in PATHS[state]:
            await self.take(step)
        assert (await self.row())["state"] == state
        return self

    async def refused(self, step: Step, who: Person | None = None, **more: Any) -> RegistryError:
        """How a step is refused; nothing has moved."""
        before = await self.everything()
        order = await self.order(step, who, **more)
        with pytest.raises(RegistryError) as refusal:
            await take_order(self.db, order)
        assert await self.everything() == before
        return refusal.value

    async def beside(self) -> Story:
        """Another nurse of the same hospital, and her renewal."""
        nurse_id = await self.world.nurse(self.cast.hospital, self.cast.district)
        nurse = await self.world.person(Party.NURSE, nurse_id, Role.NURSE)
        self.clock.now = NOW
        return await open_story(self.db, self.world, self.clock, replace(self.cast, nurse_id=nurse_id, nurse=nurse))

    async def row(self) -> dict[str, Any]:
        """The application."""
        return await self.world.row("application", self.id)

    async def registration(self) -> dict[str, Any]:
        """The nurse's entry."""
        return await self.world.row("registration", self.cast.nurse_id, "nurse_id")

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What a query finds."""
        return [dict(row) for row in await self.world.owner.fetch(sql, *values)]

    async def decisions(self) -> list[dict[str, Any]]:
        """The decisions on it, in order."""
        return await self.rows("select * from review_decision where application_id = $1 order by id", self.id)

    async def history(self) -> list[dict[str, Any]]:
        """What happened to the nurse's entry, in order."""
        sql = "select * from registration_history where nurse_id = $1 order by id"
        return await self.rows(sql, self.cast.nurse_id)

    async def heard(self, party: Party) -> list[dict[str, Any]]:
        """The events of one end, in order, with their bodies read."""
        scope = {Party.NURSE: self.cast.nurse_id, Party.INSTITUTION: self.cast.hospital}.get(party, self.cast.district)
        events = await self.rows("select * from event where scope = $1 order by seq", scope)
        return [{**event, "body": json.loads(event["body"])} for event in events]

    async def everything(self) -> dict[str, Any]:
        """All that a step could have changed; equal before and after a refusal."""
        cast = self.cast
        scopes = [cast.nurse_id, cast.hospital, cast.district]
        accounts = [str(person.account_id) for person in vars(cast).values() if isinstance(person, Person)]
        return {
            **await self.world.traces(cast),
            "nurse": await self.rows("select * from nurse where id = $1", cast.nurse_id),
            "counted": await self.rows("select * from feed_scope where scope = any($1) order by 1", scopes),
            "receipts": await self.rows("select * from receipt_counter where authority_id = $1", cast.district),
            "keys": await self.rows("select * from idempotency where client = any($1) order by 1, 2, 3", accounts),
        }


async def open_story(db: Database, world: World, clock: Clock, cast: Cast | None = None) -> Story:
    """A renewal that a nurse has begun, 60 days before her registration runs out."""
    cast = cast or await world.cast()
    sql = "update registration set valid_until = $2 where nurse_id = $1"
    await world.owner.execute(sql, cast.nurse_id, EXPIRY)
    application_id = await take_order(db, draft_of(cast.nurse.session, FILLED))
    return Story(db, world, cast, clock, application_id)


def reason_of(refusal: RegistryError) -> str:
    """Why a step is not allowed."""
    assert isinstance(refusal, NotAllowed), refusal
    return refusal.reason


def codes_of(refusal: RegistryError) -> set[str]:
    """What is wrong with an input."""
    assert isinstance(refusal, Invalid), refusal
    return {problem.code for problem in refusal.problems}
