"""What those who review an application may and may not do: the institution first, then the authority."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from db.store.engine import SHANGHAI
from rules.application import State, Step
from rules.people import Party, Role
from rules.reasons import Reason
from rules.working_days import CalendarEnds
from tests.support.story import Story, codes_of, open_story, reason_of
from tests.support.world import World

MISSING, LEAVING, OTHER = Reason.FIELD_INCOMPLETE, Reason.LEAVING, Reason.OTHER_REFUSAL
REASONS: list[tuple[State, Step, dict[str, Any], set[str]]] = [
    (State.INSTITUTION_REVIEW, Step.RETURN, {"reasons": (), "marked_fields": ()}, {"FIELD_REQUIRED"}),
    (State.INSTITUTION_REVIEW, Step.RETURN, {"reasons": (MISSING,), "marked_fields": ()}, {"FIELD_REQUIRED"}),
    (State.INSTITUTION_REVIEW, Step.RETURN, {"reasons": (MISSING,), "marked_fields": ("salary",)}, {"FIELD_UNKNOWN"}),
    (
        *(State.INSTITUTION_REVIEW, Step.RETURN),
        *(
            {"reasons": (Reason.TITLE_UNPROVEN,), "marked_fields": ("department",)},
            {"MARK_WITHOUT_REASON", "REASON_WITHOUT_MARK"},
        ),
    ),
    (State.INSTITUTION_REVIEW, Step.DECLINE, {"reasons": ()}, {"FIELD_REQUIRED"}),
    (State.INSTITUTION_REVIEW, Step.DECLINE, {"reasons": (MISSING,)}, {"REASON_NOT_FOR_STEP"}),
    (State.INSTITUTION_REVIEW, Step.DECLINE, {"reasons": (OTHER,), "opinion": " "}, {"FIELD_REQUIRED"}),
    (State.AUTHORITY_INTAKE, Step.REQUIRE_CORRECTION, {"reasons": ()}, {"FIELD_REQUIRED", "MARK_WITHOUT_REASON"}),
    (State.AUTHORITY_INTAKE, Step.REFUSE_INTAKE, {"reasons": ()}, {"FIELD_REQUIRED"}),
    (State.AUTHORITY_INTAKE, Step.REFUSE_INTAKE, {"reasons": (LEAVING,)}, {"REASON_NOT_FOR_STEP"}),
    (State.ACCEPTED, Step.REJECT, {"reasons": ()}, {"FIELD_REQUIRED"}),
    (State.ACCEPTED, Step.REJECT, {"reasons": (OTHER,), "opinion": None}, {"FIELD_REQUIRED"}),
]


@pytest.mark.parametrize(("state", "step", "said", "codes"), REASONS)
async def test_who_does_not_agree_says_why(
    story: Story, state: State, step: Step, said: dict[str, Any], codes: set[str]
) -> None:
    await story.reach(state)
    assert codes_of(await story.refused(step, **said)) == codes


@pytest.mark.feature("I17")
@pytest.mark.parametrize("state", ["PENDING", "SUSPENDED"])
async def test_an_institution_that_is_not_active_confirms_nothing(story: Story, state: str) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.world.owner.execute("update institution set state = $2 where id = $1", story.cast.hospital, state)
    assert reason_of(await story.refused(Step.FORWARD)) == "INSTITUTION_NOT_ACTIVE"


UNSET = [
    "delete from approval_setting where institution_id = $1",
    "update approval_setting set authority_id = null where institution_id = $1",
    "delete from approval_setting where institution_id = $1 and kind = 'RENEWAL'",
]


@pytest.mark.feature("I6")
@pytest.mark.parametrize("change", UNSET)
async def test_without_an_authority_for_the_kind_nothing_can_be_confirmed(story: Story, change: str) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.world.owner.execute(change, story.cast.hospital)
    refusal = await story.refused(Step.FORWARD)
    assert reason_of(refusal) == "AUTHORITY_NOT_SET"
    assert "延续注册" in refusal.words.zh
    await story.take(Step.RETURN)


@pytest.mark.feature("I6")
async def test_the_authority_is_stamped_when_it_is_forwarded(story: Story) -> None:
    """A setting that changes later touches only what is forwarded later."""
    other = story.cast.nation
    for role in (Role.REVIEWER, Role.DECIDER):
        await story.world.person(Party.AUTHORITY, other, role)
    await story.reach(State.INSTITUTION_REVIEW)
    setting = "update approval_setting set authority_id = $2 where institution_id = $1"
    await story.world.owner.execute(setting, story.cast.hospital, other)
    await story.take(Step.FORWARD)
    await story.world.owner.execute(setting, story.cast.hospital, story.cast.district)
    assert (await story.row())["authority_id"] == other
    events = await story.rows("select type, queue from event where scope = $1", other)
    assert events == [{"type": "application.forwarded", "queue": "ADDED"}]


async def test_an_application_is_not_asked_to_be_corrected_twice(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    await story.world.owner.execute("update application set corrections = 1 where id = $1", story.id)
    assert reason_of(await story.refused(Step.REQUIRE_CORRECTION)) == "CORRECTION_ONCE"


# Received on Friday 26 September 2025: Sunday 28 was worked, 1 to 8 October was the holiday.
@pytest.mark.parametrize(("today", "allowed"), [(date(2025, 10, 10), True), (date(2025, 10, 11), False)])
async def test_corrections_are_asked_for_within_five_working_days(story: Story, today: date, allowed: bool) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    story.clock.now = datetime(today.year, today.month, today.day, 23, 59, tzinfo=SHANGHAI)
    if allowed:
        await story.take(Step.REQUIRE_CORRECTION)
    else:
        assert reason_of(await story.refused(Step.REQUIRE_CORRECTION)) == "CORRECTION_TOO_LATE"
        await story.take(Step.ACCEPT)


@pytest.mark.parametrize(
    ("accepted_on", "promised", "due", "promised_due"),
    [
        (date(2025, 9, 26), None, date(2025, 10, 30), None),
        (date(2025, 9, 30), None, date(2025, 11, 4), None),
        (date(2025, 9, 26), 5, date(2025, 10, 30), date(2025, 10, 10)),
        (date(2025, 9, 26), 20, date(2025, 10, 30), date(2025, 10, 30)),
    ],
)
async def test_the_decision_is_due_20_working_days_after_acceptance(
    story: Story, accepted_on: date, promised: int | None, due: date, promised_due: date | None
) -> None:
    sql = "update authority set promised_days = $2 where id = $1"
    await story.world.owner.execute(sql, story.cast.district, promised)
    await story.reach(State.AUTHORITY_INTAKE)
    story.clock.now = datetime(accepted_on.year, accepted_on.month, accepted_on.day, 9, tzinfo=SHANGHAI)
    await story.take(Step.ACCEPT)
    row = await story.row()
    assert (row["due_on"], row["promised_due_on"]) == (due, promised_due)


async def test_a_day_ends_at_midnight_in_china(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    story.clock.now = datetime(2025, 9, 26, 23, 59, tzinfo=SHANGHAI) + timedelta(minutes=1)
    await story.take(Step.ACCEPT)
    assert (await story.row())["due_on"] == date(2025, 10, 30)
    assert story.clock.now.date() == date(2025, 9, 27)


async def _receive(story: Story, at: datetime) -> None:
    """It reaches the authority now, at this time."""
    story.clock.now = at
    await story.world.owner.execute("update application set forwarded_at = $2 where id = $1", story.id, at)


@pytest.mark.parametrize(
    ("accepted_on", "due"),
    [(date(2025, 10, 10), date(2025, 11, 6)), (date(2025, 10, 11), date(2025, 10, 30))],
)
async def test_who_accepts_after_five_working_days_of_silence_has_the_days_from_receipt(
    story: Story, accepted_on: date, due: date
) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    story.clock.now = datetime(accepted_on.year, accepted_on.month, accepted_on.day, 9, tzinfo=SHANGHAI)
    await story.take(Step.ACCEPT)
    assert (await story.row())["due_on"] == due


async def test_receipts_are_numbered_by_authority_and_year_without_gaps(story: Story) -> None:
    """A number that a refused acceptance had drawn is given to the next."""
    numbers = []
    for accepted_on in (datetime(2027, 11, 1), datetime(2027, 11, 2), datetime(2026, 3, 2)):
        another = await (await story.beside()).reach(State.AUTHORITY_INTAKE)
        await _receive(another, datetime(2027, 12, 20, tzinfo=SHANGHAI))
        assert type(await another.refused(Step.ACCEPT)) is CalendarEnds
        await _receive(another, accepted_on.replace(tzinfo=SHANGHAI))
        await another.take(Step.ACCEPT)
        numbers.append((await another.row())["receipt_number"])
    code = (await story.world.row("authority", story.cast.district))["code"]
    assert numbers == [f"{code}-2027-000001", f"{code}-2027-000002", f"{code}-2026-000001"]


async def test_authorities_number_their_receipts_each_for_itself(story: Story, world: World) -> None:
    for one in (story, await open_story(story.db, world, story.clock)):
        await one.reach(State.ACCEPTED)
        code = (await world.row("authority", one.cast.district))["code"]
        assert (await one.row())["receipt_number"] == f"{code}-2025-000001"


@pytest.mark.parametrize(("agrees", "outcome"), [(True, "AGREED"), (False, "REFUSED")])
async def test_a_reviewers_opinion_is_kept_for_the_authority_alone(story: Story, agrees: bool, outcome: str) -> None:
    await story.reach(State.ACCEPTED)
    heard = {party: await story.heard(party) for party in (Party.NURSE, Party.INSTITUTION)}
    await story.take(Step.RECOMMEND, agrees=agrees)
    assert (await story.decisions())[-1]["outcome"] == outcome
    assert (await story.heard(Party.AUTHORITY))[-1]["body"]["outcome"] == outcome
    assert {party: await story.heard(party) for party in heard} == heard
