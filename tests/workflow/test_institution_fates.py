"""What becomes of an institution's open work (暂停、关闭、合并): the table of docs/reference/institution-endings.md, walked."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db.store.engine import Database
from graph.context import Services
from rules.announcement import AnnouncementText
from rules.conduct import ConductKind
from rules.dispatch import DispatchKind
from rules.institution import InstitutionStep
from rules.people import Party
from rules.question import QuestionTopic
from tests.support.institution_people import change_institution, supervisor
from tests.support.world import TODAY, Cast, World
from workflow.announcement import AnnouncementPublish
from workflow.conduct import ConductPropose
from workflow.dispatch import DispatchStart, Sent
from workflow.interruption import InterruptionStart
from workflow.question import QuestionAsk
from workflow.step import take

PAGE: Final = (Path(__file__).parents[2] / "docs/reference/institution-endings.md").read_text("utf-8")
SUSPEND, CLOSE, MERGE = InstitutionStep.SUSPEND, InstitutionStep.CLOSE, InstitutionStep.MERGE
CHANGED: Final = "registration.dispatch_changed"


@dataclass
class Place:
    """A hospital with a nurse, one where she is sent or where a guest comes from, and one that takes over."""

    db: Database
    world: World
    cast: Cast
    host: Cast
    into: UUID

    async def end(self, step: InstitutionStep) -> None:
        """Take the step on the hospital."""
        more = {"into": self.into} if step is MERGE else {}
        await change_institution(self.db, await supervisor(self.world, self.cast), step, self.cast.hospital, **more)

    async def heard(self, scope: UUID, type: str) -> int:
        """How often somebody has heard an event."""
        count = "select count(*) from event where scope = $1 and type = $2"
        return int(await self.world.owner.fetchval(count, scope, type))

    async def dispatched(self, nurse: Cast, to: UUID, days: int = -9) -> UUID:
        """A nurse who is sent there since nine days ago, or from a day to come on."""
        sent = Sent(DispatchKind.SUPPORT, TODAY + timedelta(days=days), TODAY + timedelta(days=60), to, None)
        return await take(self.db, nurse.operator.session, DispatchStart(nurse.nurse_id, sent))


Walk = Callable[[Place, InstitutionStep], Awaitable[None]]


@pytest.fixture
async def place(services: Services, world: World, cast: Cast) -> Place:
    """The hospital of this test, and those around it."""
    return Place(services.db, world, cast, await world.cast(), await world.institution(cast.district))


def days(row: dict[str, Any]) -> tuple[Any, bool]:
    """The last day of a span, and whether it was taken back."""
    return row["ends_on"], row["withdrawn_at"] is not None


async def _interruption(at: Place, step: InstitutionStep) -> None:
    wish = InterruptionStart(at.cast.nurse_id, TODAY - timedelta(days=9))
    key = await take(at.db, at.cast.operator.session, wish)
    await at.end(step)
    row = await at.world.row("registration_span", key)
    assert days(row) == (None, False)
    assert row["institution_id"] == (at.into if step is MERGE else at.cast.hospital)


async def _dispatch(at: Place, step: InstitutionStep) -> None:
    key = await at.dispatched(at.cast, at.host.hospital)
    other = await at.world.nurse(at.cast.hospital, at.cast.district)
    columns = {"kind": "DISPATCH", "dispatch_kind": "SUPPORT", "institution_id": at.cast.hospital}
    ahead, between = uuid7(), uuid7()
    begins = {"starts_on": TODAY + timedelta(days=9), "ends_on": TODAY + timedelta(days=90)}
    await at.world.insert(
        "registration_span", id=ahead, nurse_id=other, to_institution_id=at.host.hospital, **begins, **columns
    )
    third = await at.world.nurse(at.cast.hospital, at.cast.district)
    began = {"starts_on": TODAY - timedelta(days=9), "ends_on": TODAY + timedelta(days=90)}
    await at.world.insert(
        "registration_span", id=between, nurse_id=third, to_institution_id=at.into, **began, **columns
    )
    before = [await at.world.row("registration_span", one) for one in (key, ahead, between)]
    await at.end(step)
    runs, to_come, both = [await at.world.row("registration_span", one) for one in (key, ahead, between)]
    if step is CLOSE:
        assert (days(runs), days(to_come), days(both)) == ((TODAY, False), (begins["ends_on"], True), (TODAY, False))
        assert runs["row_version"] == before[0]["row_version"] + 1
        hears = (at.cast.nurse_id, at.host.hospital, at.cast.hospital)
        assert [await at.heard(scope, CHANGED) for scope in hears] == [1, 2, 3]
        return
    assert (days(runs), days(to_come)) == (days(before[0]), days(before[1]))
    merged = step is MERGE
    assert runs["institution_id"] == (at.into if merged else at.cast.hospital)
    assert days(both) == ((TODAY, False) if merged else days(before[2]))
    assert [await at.heard(scope, CHANGED) for scope in (third, at.into, at.host.hospital)] == [merged, merged, 0]


async def _guest(at: Place, step: InstitutionStep) -> None:
    key = await at.dispatched(at.host, at.cast.hospital)
    before = await at.world.row("registration_span", key)
    await at.end(step)
    row = await at.world.row("registration_span", key)
    assert row["to_institution_id"] == (at.into if step is MERGE else at.cast.hospital)
    assert days(row) == ((TODAY, False) if step is CLOSE else days(before))
    hears = [await at.heard(scope, CHANGED) for scope in (at.host.nurse_id, at.host.hospital)]
    assert hears == [step is CLOSE] * 2


async def _question(at: Place, step: InstitutionStep) -> None:
    asked = QuestionAsk(QuestionTopic.OTHER, "怎么打印表格？", "请问在哪里打印？")
    key = await take(at.db, at.cast.operator.session, asked)
    hers = await take(at.db, at.cast.nurse.session, asked)
    await at.end(step)
    row, other = await at.world.row("question", key), await at.world.row("question", hers)
    closed = step is not SUSPEND
    assert (row["state"], row["closed_at"] is not None) == ("CLOSED" if closed else "OPEN", closed)
    assert await at.heard(at.cast.hospital, "question.closed") == closed
    # The nurse's own is hers, wherever she works.
    assert other["state"] == "OPEN"


async def _announcement(at: Place, step: InstitutionStep) -> None:
    text = AnnouncementText("放假安排", "国庆放假七天。", (Party.INSTITUTION,), None, None)
    key = await take(at.db, at.cast.manager.session, AnnouncementPublish(text))
    await at.end(step)
    row = await at.world.row("announcement", key)
    stands = step is SUSPEND
    assert (row["state"], row["version"]) == (("PUBLISHED", 1) if stands else ("WITHDRAWN", 2))
    kept = "select version from announcement_version where announcement_id = $1 order by version"
    versions = [one["version"] for one in await at.world.owner.fetch(kept, key)]
    assert versions == ([1] if stands else [1, 2])


async def _record(at: Place, step: InstitutionStep) -> None:
    wish = ConductPropose(at.cast.nurse_id, ConductKind.GOOD, "援助石门村卫生室表现突出")
    key = await take(at.db, at.cast.operator.session, wish)
    await at.end(step)
    row = await at.world.row("conduct_record", key)
    whose = at.into if step is MERGE else at.cast.hospital
    assert (row["state"], row["institution_id"]) == ("PROPOSED", whose)


WALKS: Final[dict[str, Walk]] = {
    "INTERRUPTION": _interruption,
    "DISPATCH": _dispatch,
    "GUEST": _guest,
    "QUESTION": _question,
    "ANNOUNCEMENT": _announcement,
    "RECORD": _record,
}


@pytest.mark.parametrize("step", [SUSPEND, CLOSE, MERGE])
@pytest.mark.parametrize("row", [*WALKS])
async def test_each_row_of_the_table_is_so(place: Place, row: str, step: InstitutionStep) -> None:
    await WALKS[row](place, step)


def test_the_table_has_every_row_that_is_walked() -> None:
    assert re.findall(r"^\| `([A-Z]+)` \|", PAGE, re.MULTILINE) == [*WALKS]
