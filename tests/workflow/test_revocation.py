"""The end of an account: who may end it, what ends with it, and that she may register again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from db.store.engine import Database
from rules.application import State, Step
from rules.errors import Invalid, NotAllowed, NotFound, RegistryError, Unauthenticated
from rules.people import Party, Role
from tests.support.activation import CERTIFIED, Candidate, candidate, change
from tests.support.activation_steps import issue, refused
from tests.support.orders import take_order
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.story import FILLED, Clock, Story
from tests.support.world import Cast, Person, World
from workflow.activation_code import activate
from workflow.revocation import AccountRevoke
from workflow.step import take

REASON = "护士已离职"


async def revoke(db: Database, by: Person, of: Person, key: str | None = None, reason: str = REASON) -> UUID:
    return await take(db, by.session, AccountRevoke(of.account_id, reason, idempotency_key=key))


async def live_sessions(world: World, account_id: Any) -> int:
    sql = "select count(*) from session where account_id = $1 and revoked_at is null"
    found: int = await world.owner.fetchval(sql, account_id)
    return found


@pytest.mark.feature("I8")
@pytest.mark.parametrize("by", ["operator", "manager"])
@pytest.mark.parametrize("state", ["INACTIVE", "ACTIVE"])
async def test_a_revoked_account_is_at_an_end_and_she_may_register_again(
    timed: Database, world: World, cast: Cast, by: str, state: str
) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    await issue(timed, cast.operator, nurse)
    await change(nurse, state=state)
    assert await revoke(timed, getattr(cast, by), nurse.person) == nurse.person.account_id
    (code,) = await nurse.codes()
    assert ((await nurse.account())["state"], code["voided_at"] is not None) == ("REVOKED", True)
    assert await live_sessions(world, nurse.person.account_id) == 0
    assert (await nurse.sent())[1:] == [("ACCOUNT_REVOKED", {"reason": REASON})]
    again = await world.person(Party.NURSE, nurse.nurse_id, Role.NURSE, state="INACTIVE")
    assert again.account_id != nurse.person.account_id
    with pytest.raises(NotAllowed) as refusal:
        await revoke(timed, cast.manager, nurse.person)
    assert refusal.value.reason == "ACCOUNT_REVOKED"
    with pytest.raises(NotFound):
        await revoke(timed, (await world.cast()).manager, nurse.person)


@pytest.mark.feature("I8")
async def test_what_she_has_open_is_withdrawn_and_everybody_hears_it(story: Story, world: World) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    before = (await story.row())["version"]
    await revoke(story.db, story.cast.manager, story.cast.nurse)
    row = await story.row()
    assert (row["state"], row["version"], row["moved_by"]) == (
        "WITHDRAWN",
        before + 1,
        story.cast.manager.account_id,
    )
    for party in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY):
        types = [event["type"] for event in await story.heard(party)]
        last = ["application.withdrawn", *(["account.revoked"] if party is not Party.AUTHORITY else [])]
        assert types[-len(last) :] == last
    trail = await world.row("audit", story.cast.nurse_id, "nurse_id")
    assert (trail["action"], trail["account_id"]) == ("accountRevoke", story.cast.manager.account_id)


async def test_a_draft_goes_without_a_word(story: Story) -> None:
    await revoke(story.db, story.cast.manager, story.cast.nurse)
    assert (await story.row())["state"] == "WITHDRAWN"
    assert [event["type"] for event in await story.heard(Party.INSTITUTION)] == ["account.revoked"]


@pytest.mark.feature("I8")
async def test_an_account_by_which_business_was_done_cannot_be_revoked(story: Story, world: World) -> None:
    await story.reach(State.APPROVED)
    before = await story.everything()
    with pytest.raises(NotAllowed) as refusal:
        await revoke(story.db, story.cast.manager, story.cast.nurse)
    assert (refusal.value.reason, await story.everything()) == ("BUSINESS_DONE", before)
    assert await live_sessions(world, story.cast.nurse.account_id) == 1
    await world.owner.execute("update application set state = 'VOIDED' where id = $1", story.id)
    with pytest.raises(NotAllowed):
        await revoke(story.db, story.cast.manager, story.cast.nurse)


async def test_who_does_not_vouch_for_her_revokes_nothing(timed: Database, world: World, cast: Cast) -> None:
    nurse, elsewhere = await candidate(world, cast, verified=CERTIFIED), await world.cast()
    herself = await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER, self_nurse=nurse.nurse_id)
    cases: list[tuple[Person, type[RegistryError], str | None]] = [
        (elsewhere.manager, NotFound, None),
        (cast.reviewer, NotFound, None),
        (cast.viewer, NotAllowed, "NOT_ALLOWED"),
        (nurse.person, NotAllowed, "NOT_ALLOWED"),
        (herself, NotAllowed, "ABOUT_YOURSELF"),
    ]
    for by, kind, reason in cases:
        await refused(nurse, revoke(timed, by, nurse.person), kind, reason)
    assert await live_sessions(world, nurse.person.account_id) == 1


async def test_where_there_is_no_institution_a_reviewer_revokes(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, institution=None)
    await revoke(timed, cast.reviewer, nurse.person)
    assert (await nurse.account())["state"] == "REVOKED"


async def test_a_revocation_without_a_reason_is_none(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast)
    await refused(nurse, revoke(timed, cast.manager, nurse.person, reason=""), Invalid)


async def test_a_revocation_that_is_sent_again_is_answered_again(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast)
    answers = [await revoke(timed, cast.manager, nurse.person, "once-and-again") for _ in range(2)]
    assert answers == [nurse.person.account_id] * 2
    assert len(await nurse.sent()) == 1


async def test_a_revocation_beside_activations_always_ends_the_account(
    timed: Database, world: World, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        nurse = await candidate(world, cast, verified=CERTIFIED)
        code = await issue(timed, cast.operator, nurse)
        entering = [activate(timed, nurse.person.session, code) for _ in range(TASKS // 2)]
        ending = [revoke(timed, by, nurse.person) for by in (cast.operator, cast.manager) * 2]
        answers = await at_once(*(step for pair in zip(entering, ending, strict=True) for step in pair))
        await ended(nurse, [*answers[1::2]], [*answers[::2]])


async def ended(nurse: Candidate, revoked: list[Any], activated: list[Any]) -> None:
    """Exactly one revocation was carried out, at most one activation, and neither left anything alive."""
    account_id = nurse.person.account_id
    assert (revoked.count(account_id), activated.count(account_id) <= 1) == (1, True)
    assert {type(one) for one in revoked if one != account_id} == {NotAllowed}
    assert {type(one) for one in activated if one != account_id} <= {NotAllowed, Unauthenticated, NotFound}
    (code,) = await nurse.codes()
    assert (code["used_at"] is None) != (activated.count(account_id) == 1)
    assert (code["voided_at"] is None) == (activated.count(account_id) == 1)
    assert (await nurse.account())["state"] == "REVOKED"
    assert await live_sessions(nurse.world, account_id) == 0


async def test_a_revocation_beside_the_approval_leaves_one_of_the_two(story: Story, clock: Clock, world: World) -> None:
    for _ in range(ROUNDS):
        beside = await (await story.beside()).reach(State.ACCEPTED)
        await beside.take(Step.RECOMMEND)
        order = await beside.order(Step.APPROVE)
        people = (beside.cast.manager, beside.cast.nurse)
        approved, revoked = await at_once(take_order(story.db, order), revoke(story.db, *people))
        done = (await beside.row())["state"]
        state = (await world.row("account", beside.cast.nurse.account_id))["state"]
        assert (done, state) in {("APPROVED", "ACTIVE"), ("WITHDRAWN", "REVOKED")}
        assert isinstance(approved, Exception) != isinstance(revoked, Exception)


async def test_a_revocation_beside_filing_leaves_nothing_open(story: Story, world: World) -> None:
    for _ in range(ROUNDS):
        beside = await story.beside()
        order = await beside.order(Step.SUBMIT, form=FILLED)
        people = (beside.cast.manager, beside.cast.nurse)
        _, revoked = await at_once(take_order(story.db, order), revoke(story.db, *people))
        assert revoked == beside.cast.nurse.account_id
        assert (await beside.row())["state"] == "WITHDRAWN"


async def test_a_revocation_ends_the_pause_of_what_it_withdraws(story: Story) -> None:
    await story.reach(State.CORRECTION_REQUIRED)
    await revoke(story.db, story.cast.manager, story.cast.nurse)
    assert (await story.row())["state"] == "WITHDRAWN"
    spans = await story.rows("select ended_at from application_pause where application_id = $1", story.id)
    assert spans == [{"ended_at": story.clock.now}]
