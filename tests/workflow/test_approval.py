"""The approval of a renewal: the register changes, the history keeps why, the record follows the form."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from db.store.engine import SHANGHAI
from rules.application import State, Step
from rules.errors import Invalid
from rules.events import QueueChange
from rules.hold import Pause
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.story import LATER, NOW, Story, codes_of, reason_of
from tests.support.world import renewal


@pytest.mark.feature("A4")
async def test_an_approval_writes_exactly_this(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    before, nurse, entry = await story.row(), await _nurse(story), await story.registration()
    story.clock.now = LATER
    await story.take(Step.APPROVE, opinion="准予延续")
    decider = story.cast.decider.account_id
    assert _changes(before, await story.row()) == {
        **{"state": State.APPROVED, "version": 6, "row_version": before["row_version"] + 1, "decided_at": LATER},
        **{"moved_by": decider, "moved_at": LATER},
    }
    assert _changes(entry, await story.registration()) == {"valid_until": date(2030, 11, 25), "version": 2}
    assert _changes(nurse, await _nurse(story)) == {
        **{"department": "EMERGENCY", "title": "SENIOR_NURSE"},
        "row_version": nurse["row_version"] + 1,
    }
    (decision,) = [one for one in await story.decisions() if one["stage"] == "AUTHORITY_DECISION"]
    assert (decision["outcome"], decision["revision"], decision["opinion"]) == ("AGREED", 1, "准予延续")
    assert (decision["decider_id"], decision["at"], decision["reasons"]) == (decider, LATER, [])


@pytest.mark.feature("A4")
async def test_the_history_says_what_the_entry_became_and_which_application_did_it(story: Story) -> None:
    assert await story.history() == []
    await story.reach(State.APPROVED)
    (row,) = await story.history()
    entry = await story.registration()
    became = ("nurse_id", "status", "certificate_number", "valid_until", "institution_id", "authority_id")
    assert {name: row[name] for name in became} == {name: entry[name] for name in became}
    why = {"kind": "RENEWAL", "reason": None, "application_id": story.id, "at": story.clock.now}
    assert {name: row[name] for name in (*why, "account_id")} == {**why, "account_id": story.cast.decider.account_id}


async def test_every_end_hears_that_it_was_decided(story: Story) -> None:
    await story.reach(State.APPROVED)
    body = {
        "kind": "RENEWAL",
        "step": "APPROVE",
        "from": "ACCEPTED",
        "to": "APPROVED",
        "version": 6,
        "by": "AUTHORITY",
        "outcome": "AGREED",
    }
    for party, queue in ((Party.NURSE, None), (Party.INSTITUTION, None), (Party.AUTHORITY, QueueChange.REMOVED)):
        event = (await story.heard(party))[-1]
        counted = {"left": "ACCEPTED"} if queue else {}
        assert (event["type"], event["queue"], event["body"]) == ("application.decided", queue, body | counted)


@pytest.mark.parametrize(
    ("today", "expiry", "renewed"),
    [
        (date(2027, 12, 1), date(2028, 2, 29), date(2033, 2, 28)),
        (date(2027, 12, 1), date(2028, 2, 28), date(2033, 2, 28)),
        (date(2022, 12, 15), date(2023, 2, 28), date(2028, 2, 28)),
        (date(2025, 9, 26), date(2025, 9, 26), date(2030, 9, 26)),
    ],
)
async def test_five_years_are_added_to_the_old_expiry(story: Story, today: date, expiry: date, renewed: date) -> None:
    await _set(story, "registration set valid_until = $2 where nurse_id = $1", story.cast.nurse_id, expiry)
    story.clock.now = datetime(today.year, today.month, today.day, 10, tzinfo=SHANGHAI)
    await story.take(Step.SUBMIT, form=renewal(health_examined_on=today))
    for step in (Step.FORWARD, Step.ACCEPT, Step.RECOMMEND, Step.APPROVE):
        await story.take(step)
    assert (await story.registration())["valid_until"] == renewed


async def test_who_filed_while_valid_is_renewed_after_the_expiry_too(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    story.clock.now = NOW + timedelta(days=90)
    await story.take(Step.APPROVE)
    assert (await story.registration())["valid_until"] == date(2030, 11, 25)


async def test_where_two_persons_are_required_nothing_is_approved_without_a_recommendation(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    assert reason_of(await story.refused(Step.APPROVE)) == "RECOMMENDATION_MISSING"


async def test_where_two_persons_are_required_the_recommender_does_not_approve(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    both = await story.world.person(Party.AUTHORITY, story.cast.district, Role.REVIEWER, Role.DECIDER)
    await story.take(Step.RECOMMEND, both)
    assert reason_of(await story.refused(Step.APPROVE, both)) == "TWO_PERSONS_REQUIRED"
    await story.take(Step.APPROVE)


async def test_where_one_person_is_enough_she_recommends_and_approves(story: Story) -> None:
    await _set(story, "authority set two_persons = false where id = $1", story.cast.district)
    await story.reach(State.ACCEPTED)
    both = await story.world.person(Party.AUTHORITY, story.cast.district, Role.REVIEWER, Role.DECIDER)
    await story.take(Step.RECOMMEND, both)
    await story.take(Step.APPROVE, both)
    assert (await story.row())["state"] == State.APPROVED


async def test_an_approval_against_the_reviewers_opinion_says_in_words_why(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND, agrees=False, opinion="体检证明存疑")
    for wordless in (None, "", " \n"):
        refusal = await story.refused(Step.APPROVE, opinion=wordless)
        assert isinstance(refusal, Invalid)
        assert [(one.path, one.code) for one in refusal.problems] == [("opinion", "FIELD_REQUIRED")]
    await story.take(Step.APPROVE, opinion="复核体检证明，符合条件")
    assert (await story.row())["state"] == State.APPROVED


async def test_an_opinion_against_says_in_words_why(story: Story) -> None:
    """The decider would have to answer an opinion in which nothing stands."""
    await story.reach(State.ACCEPTED)
    for wordless in (None, "", " \n"):
        refusal = await story.refused(Step.RECOMMEND, agrees=False, opinion=wordless)
        assert isinstance(refusal, Invalid)
        assert [(one.path, one.code) for one in refusal.problems] == [("opinion", "FIELD_REQUIRED")]
    await story.take(Step.RECOMMEND, agrees=True, opinion=None)


@pytest.mark.parametrize("reason", [Reason.CONDITIONS_NOT_MET, Reason.CORRECTION_INSUFFICIENT])
async def test_a_refusal_for_a_reason_that_names_no_ground_gives_it_in_words(story: Story, reason: Reason) -> None:
    """The letter had nothing but the article of the law as its ground."""
    await story.reach(State.ACCEPTED)
    refusal = await story.refused(Step.REJECT, reasons=(reason,), opinion=" ")
    assert isinstance(refusal, Invalid)
    assert [(one.path, one.code) for one in refusal.problems] == [("opinion", "FIELD_REQUIRED")]
    await story.take(Step.REJECT, reasons=(reason,), opinion="学历不符合规定")


async def test_the_last_opinion_counts_for_an_approval_and_none_that_is_gone(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    second = await story.world.person(Party.AUTHORITY, story.cast.district, Role.REVIEWER)
    await story.take(Step.RECOMMEND, agrees=False, opinion="体检证明存疑")
    assert (await story.row())["recommended_against"]
    await story.take(Step.RECOMMEND, second)
    await story.take(Step.APPROVE)


async def test_a_reviewer_says_the_same_once_and_may_change_her_mind(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND, agrees=False, opinion="体检证明存疑")
    assert reason_of(await story.refused(Step.RECOMMEND, agrees=False, opinion="体检证明存疑")) == "RECOMMENDED_ALREADY"
    await story.take(Step.RECOMMEND)
    assert reason_of(await story.refused(Step.RECOMMEND)) == "RECOMMENDED_ALREADY"
    assert [one["outcome"] for one in await story.decisions()][-2:] == ["REFUSED", "AGREED"]


async def test_when_something_has_happened_since_a_reviewer_may_say_the_same_again(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    await story.take(Step.HOLD, story.cast.reviewer, kind=Pause.HEARING, reason="听证")
    await story.take(Step.RECOMMEND)


CHANGED_SINCE = {
    "registration set valid_until = '2026-09-26' where nurse_id = $1": {"WINDOW_OPEN"},
    "registration set valid_until = '2025-09-25' where nurse_id = $1": {"VALID_ON_FILING"},
    "registration set status = 'DEREGISTERED', deregistration_reason = 'DEATH' where nurse_id = $1": {
        "VALID_ON_FILING"
    },
}


@pytest.mark.parametrize("change", CHANGED_SINCE)
async def test_the_rules_must_hold_on_the_facts_of_the_day_of_approval(story: Story, change: str) -> None:
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    await _set(story, change, story.cast.nurse_id)
    assert codes_of(await story.refused(Step.APPROVE)) == CHANGED_SINCE[change]


async def test_who_was_suspended_since_she_filed_is_not_renewed(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    span = {"nurse_id": story.cast.nurse_id, "kind": "SUSPENSION", "starts_on": date(2025, 9, 27)}
    await story.world.insert("registration_span", **span)
    assert codes_of(await story.refused(Step.APPROVE)) == {"NOT_SUSPENDED"}


async def _set(story: Story, change: str, *values: Any) -> None:
    await story.world.owner.execute(f"update {change}", *values)


async def _nurse(story: Story) -> dict[str, Any]:
    return await story.world.row("nurse", story.cast.nurse_id)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: after[name] for name in after if after[name] != before[name]}
