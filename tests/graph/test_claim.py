"""Claims, leases and hand-overs as front ends see them: through HTTP, and live on the colleagues' screens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graph.schema.node import global_id
from rules.application import State
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.filed_applications import put
from tests.support.live import Live, Watch
from tests.support.mutation_by_name import do
from tests.support.people import form, known, resident
from tests.support.world import Cast, World

FEED = """subscription { pendingReviewFeed { __typename
  ... on PendingReviewChange { change applicationId left entered application { heldBy } } } }"""
EVENTS = "subscription { eventFeed { __typename ... on Event { type } } }"


async def change(watch: Watch) -> Any:
    """The next change of the queue."""
    while (found := await watch.next())["__typename"] != "PendingReviewChange":
        pass
    return found


async def waiting(world: World, cast: Cast, kind: Kind = Kind.RENEWAL, **more: Any) -> str:
    """Another nurse's application on the operator's desk."""
    nurse_id = await world.nurse(cast.hospital, cast.district)
    state = more.pop("state", State.INSTITUTION_REVIEW)
    return global_id("Application", await put(world, replace(cast, nurse_id=nurse_id), state, kind, **more))


@pytest.mark.feature("I16")
@pytest.mark.feature("N16")
async def test_a_claim_appears_on_the_claimants_screen_and_goes_when_the_nurse_refuses(
    live: Live, world: World, cast: Cast
) -> None:
    given = form(id_number=resident())
    nurse_id = await known(world, cast, given, institution_id=None)
    nurse = await world.person(Party.NURSE, nurse_id, Role.NURSE)
    places = {"institution_id": None, "authority_id": None}
    key = await put(world, replace(cast, nurse_id=nurse_id), State.INSTITUTION_REVIEW, Kind.CHANGE, **places)
    operator, shown = live.as_(cast.operator), global_id("Application", key)
    async with live.as_(cast.manager).watch(FEED) as screen:
        await screen.next()
        claim = {"idNumber": given.id_number}
        done = await do(operator, "applicationClaimByIdNumber", "application { id state version }", **claim)
        assert done["application"] == {"id": shown, "state": "INSTITUTION_REVIEW", "version": 2}
        message = await change(screen)
        assert (message["change"], message["applicationId"], message["entered"]) == (
            "ADDED",
            shown,
            "INSTITUTION_REVIEW",
        )
        step = {"id": shown, "expectedVersion": 2}
        refused = await do(live.as_(nurse), "applicationRejectClaim", "application { institution { id } }", **step)
        assert refused["application"] == {"institution": None}
        message = await change(screen)
        assert (message["change"], message["left"], message["application"]) == ("REMOVED", "INSTITUTION_REVIEW", None)
    again = await do(operator, "applicationClaimByIdNumber", "application { id }", **claim)
    assert (again["__typename"], again["code"]) == ("NotAllowedProblem", "CLAIM_REJECTED")


async def test_a_number_that_is_none_and_one_that_nobody_has(live: Live, cast: Cast) -> None:
    operator = live.as_(cast.operator)
    wrong = await do(operator, "applicationClaimByIdNumber", "application { id }", idNumber="110101199003070000")
    assert [one["path"] for one in wrong["fields"]] == ["idNumber"]
    unknown = await do(operator, "applicationClaimByIdNumber", "application { id }", idNumber=resident())
    assert (unknown["__typename"], unknown["code"]) == ("NotFoundProblem", "NOT_FOUND")


async def test_colleagues_see_live_who_takes_it_and_the_authority_sees_nothing(
    live: Live, world: World, cast: Cast
) -> None:
    key = await waiting(world, cast)
    step = {"id": key, "expectedVersion": 1}
    async with live.as_(cast.manager).watch(FEED) as screen, live.as_(cast.reviewer).watch(EVENTS) as authority:
        await screen.next()
        await authority.next()
        taken = await do(live.as_(cast.operator), "applicationTake", "application { version heldBy }", **step)
        assert taken["application"] == {"version": 1, "heldBy": cast.operator.actor.name}
        message = await change(screen)
        assert (message["change"], message["application"]) == ("TAKEN", {"heldBy": cast.operator.actor.name})
        late = await do(live.as_(cast.manager), "applicationForward", "application { id }", **step)
        assert (late["__typename"], late["code"]) == ("ConflictProblem", "HELD_BY_ANOTHER")
        to = {"to": global_id("Account", cast.manager.account_id)}
        given = await do(live.as_(cast.manager), "applicationReassign", "application { heldBy }", **step, **to)
        assert given["application"] == {"heldBy": cast.manager.actor.name}
        assert (await change(screen))["change"] == "TAKEN"
        back = await do(live.as_(cast.manager), "applicationPutBack", "application { version heldBy }", **step)
        assert back["application"] == {"version": 1, "heldBy": None}
        assert (await change(screen))["change"] == "PUT_BACK"
        done = await do(live.as_(cast.operator), "applicationForward", "application { state version }", **step)
        assert done["application"] == {"state": "AUTHORITY_INTAKE", "version": 2}
        # The first that the authority hears is that it has come.
        assert (await authority.next())["type"] == "APPLICATION_FORWARDED"


@pytest.mark.feature("A4")
async def test_what_is_handed_on_leaves_one_screen_and_appears_on_the_other(
    live: Live, world: World, cast: Cast
) -> None:
    key = await waiting(world, cast, state=State.AUTHORITY_INTAKE)
    there = await world.person(Party.AUTHORITY, cast.nation, Role.REVIEWER)
    step = {"id": key, "expectedVersion": 1, "authorityId": global_id("Authority", cast.nation)}
    async with live.as_(cast.decider).watch(FEED) as here, live.as_(there).watch(FEED) as other:
        await here.next()
        await other.next()
        done = await do(live.as_(cast.reviewer), "applicationTransfer", "applicationId query { __typename }", **step)
        assert done == {
            "__typename": "ApplicationTransferPayload",
            "applicationId": key,
            "query": {"__typename": "Query"},
        }
        assert [(await change(screen))["change"] for screen in (here, other)] == ["REMOVED", "ADDED"]


@pytest.mark.feature("I17")
async def test_what_was_claimed_and_declined_is_answered_as_carried_out_though_it_is_nobodys_now(
    live: Live, world: World, cast: Cast
) -> None:
    """The payload of a step that takes the record out of one's hands; and again under the same retry key."""
    key = await waiting(world, cast, Kind.CHANGE, claimed=True)
    named = await waiting(world, cast, Kind.CHANGE)
    step = {"expectedVersion": 1, "reasons": ["NOT_EMPLOYED_HERE"]}
    once = {**step, "id": key, "idempotencyKey": f"declined-{key[-16:]}"}
    operator, shown = live.as_(cast.operator), "applicationId application { state version }"
    for _ in range(2):
        done = await do(operator, "applicationDecline", shown, **once)
        assert done == {"__typename": "ApplicationDeclinePayload", "applicationId": key, "application": None}
    done = await do(operator, "applicationDecline", shown, **step, id=named)
    assert done["application"] == {"state": "INSTITUTION_REJECTED", "version": 2}


@pytest.mark.feature("A4")
async def test_a_step_repeated_after_the_record_went_elsewhere_says_that_it_was_carried_out(
    live: Live, world: World, cast: Cast
) -> None:
    """A retry must not read as if nothing had been done."""
    key = await waiting(world, cast, state=State.AUTHORITY_INTAKE)
    reviewer, once = live.as_(cast.reviewer), f"taken-{key[-16:]}"
    step = {"id": key, "expectedVersion": 1}
    assert "application" in await do(reviewer, "applicationTake", "application { id }", **step, idempotencyKey=once)
    to = {"authorityId": global_id("Authority", cast.nation)}
    await do(reviewer, "applicationTransfer", "applicationId", **step, **to)
    again = await do(reviewer, "applicationTake", "application { id }", **step, idempotencyKey=once)
    assert (again["__typename"], again["code"]) == ("NotFoundProblem", "GONE_SINCE")
    other = await do(reviewer, "applicationTake", "application { id }", **step)
    assert (other["__typename"], other["code"]) == ("NotFoundProblem", "NOT_FOUND")


@pytest.mark.feature("I6")
async def test_a_manager_sets_who_decides(live: Live, cast: Cast) -> None:
    manager, shown = live.as_(cast.manager), "institution { approvalSettings { kind authority { id } } }"
    nation = global_id("Authority", cast.nation)
    done = await do(manager, "approvalSettingSet", shown, kind="CHANGE", authorityId=nation)
    assert {"kind": "CHANGE", "authority": {"id": nation}} in done["institution"]["approvalSettings"]
    unset = await do(manager, "approvalSettingSet", shown, kind="CHANGE", authorityId=None)
    assert {"kind": "CHANGE", "authority": None} in unset["institution"]["approvalSettings"]
    refused = await do(live.as_(cast.operator), "approvalSettingSet", shown, kind="CHANGE", authorityId=None)
    assert (refused["__typename"], refused["code"]) == ("NotAllowedProblem", "NOT_ALLOWED")
