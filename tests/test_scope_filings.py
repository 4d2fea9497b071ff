"""What hangs on an application, a registration or an institution shows to those whom the rules name, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from uuid_utils.compat import uuid7

from db.read import batch
from db.read.listing import Window
from db.read.page import page
from db.read.shapes import LISTINGS
from graph.context import Services
from rules.application import State
from rules.kinds import Kind, RenewalForm
from rules.people import Actor, Party, Role
from rules.proposal import ROLE_OF
from rules.verification import RequestKind
from tests.support.authority_filings import NOW
from tests.support.authority_stage import UNFILED, UNROUTED, Stage, put
from tests.support.authority_story import build
from tests.support.papers import a_blob
from tests.support.scope_rules import judged, reads, shown, viewers
from tests.support.world import Cast, World, renewal
from workflow.collective import check
from workflow.collective_choice import Wish


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Two hospitals in two provinces, and everybody who works there."""
    return await build(world, services)


async def with_papers(stage: Stage, own: Cast, state: State) -> UUID:
    """An application with a file, a file that was removed, and a period that stood still."""
    key, world = await put(stage.world, own, state), stage.world
    content = key.bytes
    kept_as = await a_blob(world, content)
    file = {"application_id": key, "blob_id": kept_as, "media_type": "application/pdf", "size": len(content)}
    for name, removed_at in (("there.pdf", None), ("removed.pdf", NOW)):
        more = {"file_name": name, "removed_at": removed_at, "uploaded_by": own.nurse.account_id}
        await world.insert("material", id=uuid7(), code="HEALTH_REPORT", **file, **more)
    await world.insert("application_pause", id=uuid7(), application_id=key, kind="HEARING", started_at=NOW)
    return key


@pytest.mark.parametrize("state", State)
async def test_papers_and_clock_show_exactly_with_their_application(
    services: Services, stage: Stage, state: State
) -> None:
    """But for the clock of what has not reached an authority, and files that were removed."""
    own = await stage.nurse(f"papers {state}", stage.cast.hospital, stage.cast.district)
    key = await with_papers(stage, own, state)
    application = await judged(services, key)
    for name, viewer in viewers(stage, own.nurse.actor).items():
        expected = reads(stage, viewer, application)
        files = (await batch.of_owners(services.db, viewer, "Material", [key], 10)).get(key, [])
        assert [one["file_name"] for one in files] == (["there.pdf"] if expected else []), name
        pauses = await batch.of_owners(services.db, viewer, "ApplicationPause", [key], 10)
        assert (key in pauses) == expected, name
        clock = await shown(services, viewer, "ApplicationDeadline", key)
        assert clock == ({key} if expected and state not in UNROUTED else set()), name
    assert state not in UNFILED or application.forwarded_at is None


EARLY = {
    "a change of her own": ({"kind": "CHANGE"}, "herself", True),
    "a transfer from the military": ({"kind": "MILITARY_TRANSFER"}, "herself", True),
    "a change that was rejected": ({"kind": "CHANGE", "state": State.REJECTED}, "herself", True),
    "a draft of her own": ({"kind": "CHANGE", "state": State.DRAFT}, "herself", True),
    "a draft of an account before": ({"kind": "CHANGE", "state": State.DRAFT}, "another", False),
    "what an account before had filed": ({"kind": "CHANGE", "state": State.WITHDRAWN}, "another", False),
    "what the register took over": ({"kind": "CHANGE", "state": State.APPROVED}, "nobody", False),
    "a kind that waits for activation": ({"kind": "RENEWAL"}, "herself", False),
}


@pytest.mark.parametrize("what", EARLY)
async def test_before_her_account_is_active_a_nurse_reads_what_she_filed_with_it(
    services: Services, stage: Stage, what: str
) -> None:
    values, by, expected = EARLY[what]
    cast, world = stage.cast, stage.world
    nurse_id = await world.nurse(cast.hospital, cast.district)
    herself = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    account = {"herself": herself.account_id, "another": cast.nurse.account_id, "nobody": None}[by]
    values = {"state": State.INSTITUTION_REVIEW, **values, "moved_by": account}
    state = values.pop("state")
    key = await put(world, replace(cast, nurse_id=nurse_id, nurse=herself), state, **values)
    filed_by = "update application_revision set account_id = $2 where application_id = $1"
    await world.owner.execute(filed_by, key, account)
    assert (key in await shown(services, herself.actor, "Application", key)) == expected
    for name in ("another nurse", "inactive nurse"):
        other = stage.people[name]
        assert other is not None
        assert await shown(services, other.actor, "Application", key) == set()


def _at(viewer: Actor | None, party: Party, *places: UUID) -> bool:
    return viewer is not None and viewer.active and viewer.party is party and viewer.party_id in places


Rule = Callable[[Actor | None], bool]


async def found_by(stage: Stage, see: Any, rule: Rule) -> None:
    """Everybody of the matrix sees it exactly where the rule says so."""
    everybody = viewers(stage, stage.cast.nurse.actor)
    found = {name: bool(viewer is not None and await see(viewer)) for name, viewer in everybody.items()}
    assert found == {name: rule(viewer) for name, viewer in everybody.items()}
    assert any(found.values())


async def test_who_decides_for_an_institution_shows_to_its_staff_and_to_the_authorities_above(
    services: Services, stage: Stage
) -> None:
    cast = stage.cast

    async def see(viewer: Actor) -> bool:
        return cast.hospital in await batch.of_owners(services.db, viewer, "ApprovalSetting", [cast.hospital], 10)

    def rule(viewer: Actor | None) -> bool:
        above = _at(viewer, Party.AUTHORITY, cast.district, cast.nation)
        return above or _at(viewer, Party.INSTITUTION, cast.hospital)

    await found_by(stage, see, rule)


async def test_a_departure_shows_to_her_to_who_reports_it_and_to_the_line_of_her_authority(
    services: Services, stage: Stage
) -> None:
    cast, row = stage.cast, {"reason": "OTHER", "left_on": NOW.date()}
    key, by = uuid7(), stage.cast.operator.account_id
    places = {"nurse_id": cast.nurse_id, "institution_id": cast.hospital, "reported_by": by}
    await stage.world.insert("departure", id=key, **places, **row)

    async def see(viewer: Actor) -> bool:
        return key in await batch.by_ids(services.db, viewer, "Departure", [key])

    def rule(viewer: Actor | None) -> bool:
        hers = _at(viewer, Party.NURSE, cast.nurse_id) or _at(viewer, Party.INSTITUTION, cast.hospital)
        return hers or _at(viewer, Party.AUTHORITY, cast.district, cast.nation)

    await found_by(stage, see, rule)


@pytest.mark.parametrize(
    ("kind", "upper"), [(RequestKind.DEREGISTRATION, False), (RequestKind.VOID, True)], ids=["deregister", "void"]
)
async def test_a_proposal_shows_to_those_who_may_be_its_second_person(
    services: Services, stage: Stage, kind: RequestKind, upper: bool
) -> None:
    # The district has one decider: what she proposes is on the desk above as well.
    places = (stage.cast.nation,) if upper else (stage.cast.district, stage.cast.nation)

    async def see(viewer: Actor) -> bool:
        proposals = LISTINGS["proposals"]
        async with services.db.read() as reader:
            found = await page(reader, viewer, proposals, Window(10, proposals.order))
        about = "ground" if kind is RequestKind.VOID else "reason"
        return any(row[about] for row in found.rows)

    await found_by(
        stage,
        see,
        lambda viewer: _at(viewer, Party.AUTHORITY, *places) and viewer.has(ROLE_OF[kind]),
    )


async def test_a_collective_filing_shows_to_the_staff_of_its_institution(services: Services, stage: Stage) -> None:
    async def see(viewer: Actor) -> bool:
        filing = stage.ids["filing"]
        return filing in await batch.by_ids(services.db, viewer, "CollectiveFiling", [filing])

    await found_by(stage, see, lambda viewer: _at(viewer, Party.INSTITUTION, stage.cast.hospital))


@pytest.mark.parametrize("form", [renewal(), None], ids=["with a form", "without a form"])
async def test_a_list_says_of_a_nurse_of_others_what_it_says_of_nobody(
    services: Services, world: World, stage: Stage, form: RenewalForm | None
) -> None:
    """Named once or twice, and whatever the form lacks: whether a certificate is known is nobody's business."""
    known = await world.owner.fetchval(
        "select certificate_number from registration where nurse_id = $1", stage.far.nurse_id
    )
    answers = []
    for certificate in (known, "2099999999"):
        csv = f"certificateNumber\n{certificate}\n{certificate}\n".encode()
        wish, who = Wish(Kind.RENEWAL, form, None, csv), stage.cast.operator
        answers.append([one.row() for _, one in (await check(services.db, who.session, wish, 10)).found])
    assert answers[0] == answers[1]
    assert [one["nurse_id"] for one in answers[0]] == [None, None]
