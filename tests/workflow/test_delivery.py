"""A decision is delivered, and by when (送达, 许可法 44): rights 4 and L7."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from rules.application import State, Step
from rules.delivery import DELIVERED, DeliveryWay
from rules.errors import NotAllowed, NotFound, RegistryError
from rules.people import Party, Role
from tests.support.orders import take_order
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.statements import counted
from tests.support.story import Story, codes_of, reason_of
from tests.support.world import Person
from workflow.delivery import DecisionAcknowledge, DecisionDeliver, DeliveryConsentSet
from workflow.step import take

UNDELIVERED = {"how": None, "at": None, "postal_number": None, "recorded_by": None}


async def rejected(story: Story) -> UUID:
    """The decision against her, which is to be delivered."""
    await story.reach(State.REJECTED)
    return (await story.decisions())[-1]["id"]


async def consent(story: Story, consents: bool = True) -> None:
    """Her word on electronic delivery."""
    nurse_id = await take(story.db, story.cast.nurse.session, DeliveryConsentSet(consents))
    assert nurse_id == story.cast.nurse_id


async def delivery(story: Story, key: UUID) -> dict[str, Any]:
    """The delivery as it stands."""
    return await story.world.row("delivery", key)


async def deliver(story: Story, key: UUID, who: Person | None = None, retry: str | None = None, **given: Any) -> UUID:
    """An officer's word on how it reached her."""
    values = {"how": DeliveryWay.COUNTER, **given}
    command = DecisionDeliver(key, values["how"], values.get("at"), values.get("postal_number"), idempotency_key=retry)
    return await take(story.db, (who or story.cast.reviewer).session, command)


async def refused(story: Story, key: UUID, who: Person | None = None, **given: Any) -> RegistryError:
    """How that is refused; nothing has moved."""
    before = [await story.everything(), await delivery(story, key)]
    with pytest.raises(RegistryError) as refusal:
        await deliver(story, key, who, **given)
    assert [await story.everything(), await delivery(story, key)] == before
    return refusal.value


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (State.RETURNED, []),
        (State.INSTITUTION_REJECTED, []),
        (State.ACCEPTED, []),
        (State.CORRECTION_REQUIRED, ["CORRECTION_REQUIRED"]),
        (State.NOT_ACCEPTED, ["NOT_ACCEPTED"]),
        (State.REJECTED, ["REFUSED"]),
        (State.APPROVED, ["AGREED"]),
    ],
)
async def test_what_the_authority_decides_waits_to_be_delivered_from_the_same_moment(
    story: Story, state: State, waits: list[str]
) -> None:
    await story.reach(state)
    sql = "select r.outcome, d.* from delivery d join review_decision r using (id) where nurse_id = $1"
    found = await story.rows(sql, story.cast.nurse_id)
    assert [row["outcome"] for row in found] == waits
    for row in found:
        assert row == {**row, **UNDELIVERED, "authority_id": story.cast.district, "decided_at": story.clock.now}
    assert {*waits} <= {outcome for _, outcome in DELIVERED}


async def test_a_decision_with_its_delivery_is_one_statement_as_before(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    order = await story.order(Step.REJECT)
    with counted(story.db) as statements:
        await take_order(story.db, order)
    assert len(statements) == 4


async def test_without_consent_reading_it_on_her_page_is_no_delivery(story: Story) -> None:
    key = await rejected(story)
    with pytest.raises(NotAllowed) as refusal:
        await take(story.db, story.cast.nurse.session, DecisionAcknowledge(key))
    assert reason_of(refusal.value) == "NO_CONSENT"
    assert reason_of(await refused(story, key, how=DeliveryWay.SMS_NOTICE)) == "NO_CONSENT"
    await consent(story)
    await consent(story, False)
    assert reason_of(await refused(story, key, how=DeliveryWay.SMS_NOTICE)) == "NO_CONSENT"
    assert (await delivery(story, key))["at"] is None


async def test_with_her_consent_reading_it_on_her_page_delivers_it_once(story: Story) -> None:
    key = await rejected(story)
    await consent(story)
    story.clock.now = read = story.clock.now + timedelta(hours=3)
    assert await take(story.db, story.cast.nurse.session, DecisionAcknowledge(key)) == key
    row = await delivery(story, key)
    expected = {"how": "PAGE", "at": read, "postal_number": None, "recorded_by": story.cast.nurse.account_id}
    assert row == {**row, **expected}
    heard = [(await story.heard(party))[-1] for party in (Party.NURSE, Party.AUTHORITY)]
    assert [(one["type"], one["body"]["by"]) for one in heard] == [("application.delivered", "NURSE")] * 2
    story.clock.now += timedelta(days=1)
    assert await take(story.db, story.cast.nurse.session, DecisionAcknowledge(key)) == key
    assert await delivery(story, key) == row
    assert (await story.heard(Party.NURSE))[-1]["seq"] == heard[0]["seq"]


async def test_an_officer_records_what_was_handed_out_or_posted_once(story: Story) -> None:
    key = await rejected(story)
    decided = story.clock.now
    story.clock.now += timedelta(days=3)
    posted = {"how": DeliveryWay.POST, "at": decided + timedelta(days=2), "postal_number": " EA123456789CN "}
    assert await deliver(story, key, retry="posted-0001", **posted) == key
    assert await deliver(story, key, retry="posted-0001", **posted) == key
    row = await delivery(story, key)
    expected = {"how": "POST", "at": posted["at"], "postal_number": "EA123456789CN"}
    assert row == {**row, **expected, "recorded_by": story.cast.reviewer.account_id}
    assert [event["type"] for event in await story.heard(Party.AUTHORITY)][-1] == "application.delivered"
    assert reason_of(await refused(story, key)) == "DELIVERED_ALREADY"
    sql = "select detail from audit where action = 'decisionDeliver' and nurse_id = $1"
    kept = await story.rows(sql, story.cast.nurse_id)
    assert len(kept) == 1


async def test_what_is_wrong_with_a_delivery_is_told_by_its_field_and_nothing_moves(story: Story) -> None:
    key = await rejected(story)
    now = story.clock.now
    for wrong, code in (
        ({"how": DeliveryWay.PAGE}, "ONLY_HERSELF"),
        ({"how": DeliveryWay.POST}, "FIELD_REQUIRED"),
        ({"how": DeliveryWay.POST, "postal_number": "9" * 41}, "TEXT_TOO_LONG"),
        ({"postal_number": "EA1"}, "NO_POSTAL_NUMBER"),
        ({"at": now + timedelta(seconds=1)}, "DATE_IN_FUTURE"),
        ({"at": now - timedelta(seconds=1)}, "BEFORE_DECISION"),
    ):
        assert codes_of(await refused(story, key, **wrong)) == {code}


async def test_nobody_else_delivers_it_and_nobody_to_herself(story: Story) -> None:
    key, cast, world = await rejected(story), story.cast, story.world
    elsewhere = await world.person(Party.AUTHORITY, await world.authority(cast.nation), Role.REVIEWER)
    for stranger in (cast.nurse, cast.operator, elsewhere):
        assert isinstance(await refused(story, key, stranger), NotFound)
    supervisor = await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR)
    assert reason_of(await refused(story, key, supervisor)) == "NOT_ALLOWED"
    own = "update account set self_nurse_id = $2 where id = $1"
    await world.owner.execute(own, cast.decider.account_id, cast.nurse_id)
    assert reason_of(await refused(story, key, cast.decider)) == "ABOUT_YOURSELF"
    other = await world.person(Party.NURSE, await world.nurse(cast.hospital, cast.district), Role.NURSE)
    with pytest.raises(NotFound):
        await take(story.db, other.session, DecisionAcknowledge(key))
    with pytest.raises(NotFound):
        await take(story.db, cast.reviewer.session, DecisionDeliver(uuid4(), DeliveryWay.COUNTER))


async def test_only_a_nurse_consents_for_herself(story: Story) -> None:
    for person in (story.cast.operator, story.cast.reviewer):
        with pytest.raises(NotAllowed):
            await take(story.db, person.session, DeliveryConsentSet(True))
    row = await story.world.row("nurse", story.cast.nurse_id)
    assert row["delivery_consent_at"] is None
    await consent(story)
    assert (await story.world.row("nurse", story.cast.nurse_id))["delivery_consent_at"] == story.clock.now


async def test_one_delivery_is_recorded_by_whoever_is_first(story: Story) -> None:
    for _ in range(ROUNDS):
        one = await story.beside()
        key = await rejected(one)
        answers = await at_once(*(deliver(one, key) for _ in range(TASKS)))
        assert sum(answer == key for answer in answers) == 1
        events = [event for event in await one.heard(Party.NURSE) if event["type"] == "application.delivered"]
        assert len(events) == 1
