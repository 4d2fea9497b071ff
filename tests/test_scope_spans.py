"""Who reads interruptions, dispatches and records of conduct: to the next hospital, to a host, after the span."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db.read import batch
from graph.context import Services
from rules.application import State
from rules.kinds import Kind
from rules.people import Role
from tests.support.authority_stage import put
from tests.support.story import NOW
from tests.support.units import belong, limited, put_unit
from tests.support.world import TODAY, Cast, Person, World

BEGAN: Final = TODAY - timedelta(days=9)
YESTERDAY: Final = TODAY - timedelta(days=1)


@pytest.fixture
async def there(world: World) -> Cast:
    """The people of another hospital."""
    return await world.cast()


async def _reads(services: Services, who: Person, noun: str, key: UUID) -> bool:
    return key in await batch.by_ids(services.db, who.actor, noun, [key])


async def _spans(services: Services, who: Person, nurse_id: UUID) -> list[str]:
    found = await batch.of_owners(services.db, who.actor, "RegistrationSpan", [nurse_id], 20)
    return sorted(row["kind"] for rows in found.values() for row in rows)


async def _span(world: World, cast: Cast, kind: str, **more: Any) -> UUID:
    key, of = uuid7(), {"nurse_id": cast.nurse_id, "kind": kind, "starts_on": BEGAN}
    await world.insert("registration_span", id=key, institution_id=cast.hospital, **{**of, **more})
    return key


async def _move(world: World, cast: Cast, to: Cast) -> None:
    sql = "update registration set institution_id = $2, authority_id = $3 where nurse_id = $1"
    await world.owner.execute(sql, cast.nurse_id, to.hospital, to.district)


@pytest.mark.feature("I23")
async def test_an_interruption_does_not_show_to_the_hospital_where_she_goes_next(
    services: Services, world: World, cast: Cast, there: Cast
) -> None:
    key = await _span(world, cast, "INTERRUPTION", cause="STUDY", ends_on=YESTERDAY)
    await _span(world, cast, "SUSPENSION", decision_number="卫罚1号", ends_on=YESTERDAY)
    for reader in (cast.nurse, cast.operator, cast.viewer, cast.reviewer):
        assert await _reads(services, reader, "Interruption", key)
    assert await _spans(services, cast.operator, cast.nurse_id) == ["INTERRUPTION", "SUSPENSION"]
    await _move(world, cast, there)
    for stranger in (there.operator, there.manager, there.viewer, cast.reviewer):
        assert not await _reads(services, stranger, "Interruption", key)
    for reader in (cast.nurse, cast.operator, there.reviewer):
        assert await _reads(services, reader, "Interruption", key)
    assert await _spans(services, there.operator, cast.nurse_id) == ["SUSPENSION"]
    assert await _spans(services, there.reviewer, cast.nurse_id) == ["INTERRUPTION", "SUSPENSION"]


async def test_a_span_that_was_taken_back_shows_in_no_entry_but_in_its_own_list(
    services: Services, world: World, cast: Cast
) -> None:
    key = await _span(world, cast, "INTERRUPTION", withdrawn_at=NOW)
    assert await _spans(services, cast.nurse, cast.nurse_id) == []
    assert await _reads(services, cast.nurse, "Interruption", key)


@pytest.mark.parametrize(
    ("first", "last", "shows"),
    [
        (TODAY, TODAY, True),
        (BEGAN, None, True),
        (BEGAN, YESTERDAY, False),
        (TODAY + timedelta(days=1), None, False),
    ],
)
async def test_a_guest_shows_to_her_host_for_the_days_of_the_span_only(
    services: Services, world: World, cast: Cast, there: Cast, first: Any, last: Any, shows: bool
) -> None:
    given = {"dispatch_kind": "SUPPORT", "to_institution_id": there.hospital}
    key = await _span(world, cast, "DISPATCH", **given, **{"starts_on": first, "ends_on": last})
    assert await _reads(services, there.viewer, "Dispatch", key) is shows
    assert await _reads(services, cast.viewer, "Dispatch", key)
    assert not await _reads(services, there.operator, "Nurse", cast.nurse_id)
    assert not await _reads(services, there.reviewer, "Dispatch", key)


async def test_whoever_is_limited_to_units_reads_no_guests_and_the_spans_of_her_own_nurses(
    services: Services, world: World, cast: Cast, there: Cast
) -> None:
    given = {"dispatch_kind": "SUPPORT", "to_institution_id": there.hospital}
    key = await _span(world, cast, "DISPATCH", **given)
    unit, host_unit = await put_unit(world, cast.hospital), await put_unit(world, there.hospital)
    operator = await limited(world, cast, Role.OPERATOR, unit)
    assert not await _reads(services, operator, "Dispatch", key)
    await belong(world, cast.nurse_id, unit)
    assert await _reads(services, operator, "Dispatch", key)
    host = await limited(world, there, Role.OPERATOR, host_unit)
    assert not await _reads(services, host, "Dispatch", key)


async def _record(world: World, cast: Cast, state: str, **more: Any) -> UUID:
    key = uuid7()
    of = {"nurse_id": cast.nurse_id, "kind": "BAD", "source": "AUTHORITY", "authority_id": cast.district}
    said = {"text": "违反护士条例第三十一条", "decision_number": "卫罚2号"}
    await world.insert("conduct_record", id=key, state=state, **of, **said, **more)
    return key


async def test_a_record_shows_where_she_is_and_to_the_target_that_reviews_her_application(
    services: Services, world: World, cast: Cast, there: Cast
) -> None:
    key = await _record(world, cast, "RECORDED")
    for reader in (cast.nurse, cast.viewer, cast.reviewer):
        assert await _reads(services, reader, "ConductRecord", key)
    assert not await _reads(services, there.operator, "ConductRecord", key)
    application = {"institution_id": there.hospital, "kind": Kind.CHANGE}
    await put(world, cast, State.INSTITUTION_REVIEW, **application)
    assert await _reads(services, there.operator, "ConductRecord", key)
    await _move(world, cast, there)
    assert not await _reads(services, cast.operator, "ConductRecord", key)


async def test_a_proposal_shows_to_who_made_it_and_a_withdrawn_record_to_no_institution(
    services: Services, world: World, cast: Cast, there: Cast
) -> None:
    proposed = await _record(world, cast, "PROPOSED", institution_id=cast.hospital)
    gone = await _record(world, cast, "WITHDRAWN", withdrawn_at=NOW, withdrawal_ground="COURT")
    for reader in (cast.nurse, cast.reviewer):
        assert await _reads(services, reader, "ConductRecord", proposed)
        assert await _reads(services, reader, "ConductRecord", gone)
    assert await _reads(services, cast.operator, "ConductRecord", proposed)
    assert not await _reads(services, cast.operator, "ConductRecord", gone)
    await _move(world, cast, there)
    for stranger in (cast.operator, there.operator):
        assert not await _reads(services, stranger, "ConductRecord", proposed)
