"""An institution claims by ID number what a nurse has filed for whoever comes; she may refuse it."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from rules.application import State, Step
from rules.errors import Conflict, NotAllowed, NotFound, RateLimited, RegistryError
from rules.identity import DocumentType
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.orders import take_order
from tests.support.people import form, known, resident
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.story import Story, reason_of
from tests.support.unaddressed import Unaddressed, unaddressed
from workflow import look_up


@pytest_asyncio.fixture
async def waiting(story: Story) -> Unaddressed:
    """A change that waits for an institution."""
    return await unaddressed(story)


@pytest.mark.feature("I16")
@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.CHANGE, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER])
async def test_who_names_the_id_number_reviews_it_and_the_nurse_is_told(story: Story, kind: Kind) -> None:
    waiting = await unaddressed(story, kind)
    assert await waiting.claim(story.cast.operator) == waiting.id
    row = await waiting.row()
    assert (row["institution_id"], row["state"], row["version"]) == (story.cast.hospital, State.INSTITUTION_REVIEW, 2)
    assert row["queued_at"] == story.clock.now
    (hers,) = await waiting.heard(Party.NURSE)
    theirs = (await waiting.heard(Party.INSTITUTION))[-1]
    assert (hers["type"], hers["queue"]) == ("application.claimed", None)
    assert (theirs["type"], theirs["queue"]) == ("application.claimed", "ADDED")
    assert theirs["body"]["entered"] == State.INSTITUTION_REVIEW
    await waiting.take(Step.TAKE, story.cast.operator)


async def test_the_second_learns_that_it_is_claimed_and_not_by_whom(waiting: Unaddressed) -> None:
    await waiting.claim(waiting.cast.operator)
    late = await waiting.not_claimed(await waiting.another_hospital())
    assert reason_of(late) == "ALREADY_CLAIMED"
    assert "示范医院" not in late.words.zh


@pytest.mark.feature("I16")
async def test_who_claims_twice_learns_that_it_is_her_own_institutions(waiting: Unaddressed) -> None:
    await waiting.claim(waiting.cast.operator)
    for again in (waiting.cast.operator, waiting.cast.manager):
        refusal = await waiting.not_claimed(again)
        assert reason_of(refusal) == "CLAIMED_BY_YOU"
        assert refusal.words.zh == "该业务已在本机构办理，见待审核业务"


async def test_what_she_addressed_to_another_is_not_claimed(story: Story) -> None:
    elsewhere = await story.world.institution(story.cast.district)
    named = await unaddressed(story, institution_id=elsewhere)
    assert reason_of(await named.not_claimed(story.cast.operator)) == "ALREADY_CLAIMED"


async def test_a_wrong_number_and_a_nurse_who_filed_nothing_look_the_same(story: Story, waiting: Unaddressed) -> None:
    given = form(id_number=resident())
    await known(story.world, story.cast, given)
    operator = story.cast.operator
    for number in (resident(), given.id_number):
        assert type(await waiting.not_claimed(operator, id_number=number)) is NotFound
    assert type(await waiting.not_claimed(operator, kind=Kind.FIRST)) is NotFound
    passport = {"document_type": DocumentType.PASSPORT, "id_number": "E12345678"}
    assert type(await waiting.not_claimed(operator, **passport)) is NotFound
    assert await waiting.claim(operator, kind=Kind.CHANGE) == waiting.id


@pytest.mark.parametrize("state", [State.RETURNED, State.WITHDRAWN, State.DRAFT])
async def test_what_does_not_wait_for_an_institution_is_not_found(story: Story, state: State) -> None:
    waiting = await unaddressed(story)
    await story.world.owner.execute("update application set state = $2 where id = $1", waiting.id, state)
    assert type(await waiting.not_claimed(story.cast.operator)) is NotFound


async def test_a_renewal_is_never_claimed(story: Story) -> None:
    waiting = await unaddressed(story, Kind.RENEWAL)
    assert type(await waiting.not_claimed(story.cast.operator)) is NotFound


async def test_only_operators_of_active_institutions_claim(waiting: Unaddressed) -> None:
    cast = waiting.cast
    for person in (cast.nurse, cast.viewer, cast.reviewer, cast.decider):
        assert type(await waiting.not_claimed(person)) is NotAllowed
    for state in ("PENDING", "SUSPENDED"):
        assert reason_of(await waiting.not_claimed(await waiting.another_hospital(state=state))) == (
            "INSTITUTION_NOT_ACTIVE"
        )
    herself = await waiting.world.person(
        Party.INSTITUTION, cast.hospital, Role.OPERATOR, self_nurse=waiting.cast.nurse_id
    )
    assert reason_of(await waiting.not_claimed(herself)) == "ABOUT_YOURSELF"


@pytest.mark.feature("N16")
async def test_the_nurse_refuses_a_claim_and_that_institution_claims_it_no_more(waiting: Unaddressed) -> None:
    cast = waiting.cast
    await waiting.claim(cast.operator)
    await waiting.take(Step.TAKE, cast.operator)
    await waiting.take(Step.REJECT_CLAIM, cast.nurse)
    row = await waiting.row()
    assert (row["institution_id"], row["state"], row["version"]) == (None, State.INSTITUTION_REVIEW, 3)
    assert (row["holder_id"], row["held_until"]) == (None, None)
    hers, theirs = (await waiting.heard(Party.NURSE))[-1], (await waiting.heard(Party.INSTITUTION))[-1]
    assert (hers["type"], theirs["type"], theirs["queue"]) == (*("application.claim_rejected",) * 2, "REMOVED")
    assert theirs["body"]["left"] == State.INSTITUTION_REVIEW
    assert type(await waiting.refused(Step.FORWARD, cast.operator)) is NotFound
    assert reason_of(await waiting.not_claimed(cast.manager)) == "CLAIM_REJECTED"
    other = await waiting.another_hospital()
    assert await waiting.claim(other) == waiting.id


async def test_nobody_but_the_nurse_refuses_a_claim_and_only_where_there_is_one(waiting: Unaddressed) -> None:
    cast = waiting.cast
    assert reason_of(await waiting.refused(Step.REJECT_CLAIM, cast.nurse)) == "NOT_CLAIMED"
    await waiting.claim(cast.operator)
    assert type(await waiting.refused(Step.REJECT_CLAIM, cast.operator)) is NotAllowed
    other = await waiting.world.person(Party.NURSE, await waiting.world.nurse(cast.hospital, cast.district), Role.NURSE)
    assert type(await waiting.refused(Step.REJECT_CLAIM, other)) is NotFound


async def test_a_retry_is_claimed_once_and_answers_the_same(waiting: Unaddressed) -> None:
    for _ in range(2):
        assert await waiting.claim(waiting.cast.operator, idempotency_key="claim-it-once") == waiting.id
    assert len(await waiting.heard(Party.NURSE)) == 1
    other = {"id_number": resident(), "idempotency_key": "claim-it-once"}
    assert type(await waiting.not_claimed(waiting.cast.operator, **other)) is Conflict


async def test_who_guesses_numbers_is_stopped_and_so_is_her_institution(
    waiting: Unaddressed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_up, "BY_ONE", 3)
    monkeypatch.setattr(look_up, "BY_ALL", 5)
    operator, manager = waiting.cast.operator, waiting.cast.manager
    for _ in range(3):
        assert type(await waiting.not_claimed(operator, id_number=resident())) is NotFound
    assert isinstance(stopped := await waiting.not_claimed(operator), RateLimited)
    assert 3500 < stopped.retry_after <= 3600
    for _ in range(2):
        assert type(await waiting.not_claimed(manager, id_number=resident())) is NotFound
    assert type(await waiting.not_claimed(manager)) is RateLimited
    assert await waiting.claim(await waiting.another_hospital()) == waiting.id


async def test_of_institutions_that_claim_at_once_one_has_it(story: Story) -> None:
    others = [await (await unaddressed(story)).another_hospital() for _ in range(TASKS)]
    for _ in range(ROUNDS):
        waiting = await unaddressed(story)
        answers = await at_once(*(waiting.claim(who) for who in others))
        (first,) = [n for n, answer in enumerate(answers) if answer == waiting.id]
        late = [answer for answer in answers if answer != waiting.id]
        assert [reason_of(one) for one in late if isinstance(one, RegistryError)] == ["ALREADY_CLAIMED"] * 7
        row = await waiting.row()
        assert (row["institution_id"], row["version"]) == (others[first].actor.party_id, 2)
        assert [event["type"] for event in await waiting.heard(Party.NURSE)] == ["application.claimed"]


async def test_a_claim_and_the_nurses_withdrawal_do_not_both_happen(story: Story) -> None:
    for _ in range(ROUNDS):
        waiting = await unaddressed(story)
        withdrawing = await waiting.order(Step.WITHDRAW)
        tasks = [waiting.claim(story.cast.operator), take_order(story.db, withdrawing)]
        claimed, withdrawn = await at_once(*tasks)
        row = await waiting.row()
        if row["state"] == State.WITHDRAWN:
            assert (withdrawn, type(claimed), row["institution_id"]) == (waiting.id, NotFound, None)
        else:
            assert (claimed, type(withdrawn)) == (waiting.id, Conflict)
            assert (row["state"], row["institution_id"]) == (State.INSTITUTION_REVIEW, story.cast.hospital)
        assert row["version"] == 2
        assert len(await waiting.heard(Party.NURSE)) == 1


async def test_a_claim_that_meets_the_end_of_its_institution_is_refused(story: Story) -> None:
    """The institution's row is held by whoever ends it; the claim waits, and sees what it has become."""
    waiting = await unaddressed(story)
    other = await waiting.another_hospital()
    async with story.db.begin() as tx:
        await tx.connection.exec_driver_sql(
            f"update institution set state = 'SUSPENDED' where id = '{other.actor.party_id}'"
        )
        claiming = asyncio.create_task(waiting.claim(other))
        await until_somebody_waits(story)
        assert not claiming.done()
    with pytest.raises(NotAllowed) as refusal:
        await claiming
    assert refusal.value.reason == "INSTITUTION_NOT_ACTIVE"
    assert (await waiting.row())["institution_id"] is None


async def until_somebody_waits(story: Story) -> None:
    """Until a transaction waits for a lock."""
    waits = (
        "select exists(select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())"
    )
    async with asyncio.timeout(30):
        while not await story.world.owner.fetchval(waits):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
