"""The rows that SQL shows are the rows that the rules call somebody's own: for every state and every viewer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import pytest_asyncio
from uuid_utils.compat import uuid7

from db.read import batch
from graph.context import Services
from rules.application import OPEN, State
from rules.people import Actor, Party, Role
from tests.support.authority_matrix import PEOPLE
from tests.support.authority_stage import UNROUTED, Stage, put
from tests.support.authority_story import build
from tests.support.scope_rules import judged, known_to, reads, shown, viewers
from tests.support.world import Cast, World


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Two hospitals in two provinces, and everybody who works there."""
    return await build(world, services)


@pytest.mark.parametrize("state", State)
async def test_an_application_shows_to_whom_the_rules_know_it(services: Services, stage: Stage, state: State) -> None:
    """Addressed and stamped as the steps leave it, unaddressed, and addressed to the other province."""
    cast, far = stage.cast, stage.far
    stamped = None if state in UNROUTED else cast.district
    for places in (
        {"institution_id": cast.hospital, "authority_id": stamped},
        {"institution_id": None, "authority_id": stamped},
        {"institution_id": far.hospital, "authority_id": None if state in UNROUTED else far.district},
        {"institution_id": far.hospital, "authority_id": stamped},
    ):
        own = await stage.nurse(f"{state} {places}", cast.hospital, cast.district)
        key = await put(stage.world, own, state, **places)
        application = await judged(services, key)
        everybody = viewers(stage, own.nurse.actor)
        expected = {name: reads(stage, viewer, application) for name, viewer in everybody.items()}
        found = {name: key in await shown(services, viewer, "Application", key) for name, viewer in everybody.items()}
        assert found == expected
        assert expected["the nurse"]
        assert state is not State.DRAFT or sum(expected.values()) == 1


async def test_a_draft_stays_its_nurses_own_also_when_she_has_withdrawn_it(services: Services, stage: Stage) -> None:
    own = await stage.nurse("withdraws a draft", stage.cast.hospital, stage.cast.district)
    key = await put(stage.world, own, State.WITHDRAWN, revision=0, submitted_at=None, authority_id=stage.cast.district)
    application = await judged(services, key)
    for name, viewer in viewers(stage, own.nurse.actor).items():
        assert bool(await shown(services, viewer, "Application", key)) == (name == "the nurse"), name
        assert viewer is None or not viewer.active or known_to(viewer, application) == (name == "the nurse"), name


@pytest.mark.parametrize("state", State)
async def test_whoever_reviews_her_open_application_reads_the_nurse(
    services: Services, stage: Stage, state: State
) -> None:
    """She is registered in the far province and applies here."""
    own = await stage.nurse(f"reviewed {state}", stage.far.hospital, stage.far.district)
    key = await put(stage.world, own, state)
    application = await judged(services, key)
    everybody = viewers(stage, own.nurse.actor)
    staff = {name for name in everybody if name.startswith(("other ", "far ")) and not name.endswith(", off")}
    reviewing = {name for name, viewer in everybody.items() if state in OPEN and reads(stage, viewer, application)}
    for noun in ("Nurse", "Registration"):
        found = {name for name, viewer in everybody.items() if await shown(services, viewer, noun, own.nurse_id)}
        assert found == {"the nurse", *staff, *reviewing}
    assert ("operator" in reviewing) == (state in OPEN)


async def test_a_nurse_who_has_moved_is_no_longer_read_by_her_old_institution(
    services: Services, world: World, stage: Stage
) -> None:
    cast, far = stage.cast, stage.far
    own = await stage.nurse("moves", cast.hospital, cast.district)
    places = {"kind": "RENEWAL", "at": datetime.now(UTC), "status": "VALID", "institution_id": cast.hospital}
    await world.insert("registration_history", nurse_id=own.nurse_id, **places)
    days = {"starts_on": date(2020, 1, 1), "ends_on": date(2020, 7, 1)}
    await world.insert("registration_span", id=uuid7(), nurse_id=own.nurse_id, kind="SUSPENSION", **days)
    old, new = cast.operator.actor, far.operator.actor
    assert await readers(services, own, old, new) == {old}
    move = "update registration set institution_id = $2, authority_id = $3 where nurse_id = $1"
    await world.owner.execute(move, own.nurse_id, far.hospital, far.district)
    assert await readers(services, own, old, new) == {new}
    await world.owner.execute(move, own.nurse_id, None, far.district)
    assert await readers(services, own, old, new) == set()


async def readers(services: Services, own: Cast, *viewers: Actor) -> set[Actor]:
    """Who reads a nurse; her registration with its history and its spans always goes with her."""
    found = set()
    for viewer in viewers:
        nouns = {noun for noun in ("Nurse", "Registration") if await shown(services, viewer, noun, own.nurse_id)}
        history = await batch.of_owners(services.db, viewer, "RegistrationHistory", [own.nurse_id], 10)
        spans = await batch.of_owners(services.db, viewer, "RegistrationSpan", [own.nurse_id], 10)
        assert len({bool(nouns), bool(history), bool(spans)}) == 1
        assert nouns in ({"Nurse", "Registration"}, set())
        found |= {viewer} if nouns else set()
    return found


OUTSIDE = {
    *(("INSTITUTION", outcome) for outcome in ("RETURNED", "AGREED", "REFUSED")),
    *(("AUTHORITY_REVIEW", outcome) for outcome in ("CORRECTION_REQUIRED", "ACCEPTED", "NOT_ACCEPTED", "TRANSFERRED")),
    *(("AUTHORITY_DECISION", outcome) for outcome in ("AGREED", "REFUSED", "DEEMED", "VOIDED")),
}
INSIDE = OUTSIDE | {("AUTHORITY_REVIEW", "AGREED"), ("AUTHORITY_REVIEW", "REFUSED")}
"""Every decision there can be; a recommendation does not leave the authority."""


async def test_a_decision_shows_with_its_application_but_a_recommendation_stays_inside(
    services: Services, world: World, stage: Stage
) -> None:
    own = await stage.nurse("decided", stage.cast.hospital, stage.cast.district)
    key = await put(world, own, State.APPROVED)
    for at_stage, outcome in sorted(INSIDE):
        await world.insert("review_decision", application_id=key, revision=1, stage=at_stage, outcome=outcome)
    application = await judged(services, key)
    for name, viewer in viewers(stage, own.nurse.actor).items():
        rows = (await batch.of_owners(services.db, viewer, "ReviewDecision", [key], 100)).get(key, [])
        expected = INSIDE if viewer is not None and viewer.party is Party.AUTHORITY else OUTSIDE
        found = {(row["stage"], row["outcome"]) for row in rows}
        assert found == (expected if reads(stage, viewer, application) else set()), name


async def test_revisions_show_exactly_with_their_application(services: Services, stage: Stage) -> None:
    for state in (State.INSTITUTION_REVIEW, State.ACCEPTED):
        own = await stage.nurse(f"revised {state}", stage.cast.hospital, stage.cast.district)
        key = await put(stage.world, own, state)
        application = await judged(services, key)
        for name, viewer in viewers(stage, own.nurse.actor).items():
            found: Any = await batch.of_owners(services.db, viewer, "ApplicationRevision", [key], 10)
            assert (key in found) == reads(stage, viewer, application), name


def _colleagues(viewer: Actor, other: Actor) -> bool:
    """Of the same institution; of the same authority, or of one below it."""
    match viewer.party:
        case Party.INSTITUTION:
            return other.party_id == viewer.party_id
        case Party.AUTHORITY:
            return other.party is Party.AUTHORITY and str(other.path).startswith(str(viewer.path))
    return False


def _helps(viewer: Actor, person: Actor, cast: Cast) -> bool:
    over = viewer.party is Party.AUTHORITY and viewer.party_id in (cast.district, cast.nation)
    at_hers = person.party is Party.INSTITUTION and person.party_id == cast.hospital
    return over and at_hers and bool(viewer.roles & {Role.REVIEWER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN})


async def test_an_account_shows_to_itself_its_colleagues_and_whoever_can_help_its_place(
    services: Services, stage: Stage
) -> None:
    """A nurse has no colleagues here, nor have help desk and analysts; nobody reads for an account switched off.

    The authority of an institution, and the one above it, read its people; a decider has nothing to do there.
    """
    for name in PEOPLE:
        person = stage.people[name]
        for other, viewer in viewers(stage, stage.cast.nurse.actor).items() if person else ():
            assert person is not None
            itself = viewer is not None and viewer.account_id == person.account_id
            colleague = viewer is not None and viewer.active and _colleagues(viewer, person.actor)
            helps = (
                viewer is not None
                and viewer.active
                and any(_helps(viewer, person.actor, one) for one in (stage.cast, stage.far))
            )
            found = bool(await shown(services, viewer, "Account", person.account_id))
            assert found == (itself or colleague or helps), f"{other} reads {name}"
