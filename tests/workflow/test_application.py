"""Each step where all is well: every column it writes, the decision, the revision, and what each end hears."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from rules.events import EVENT_OF, QueueChange
from rules.people import Party
from tests.support.expected_writes import STEPS, A, I, N, Written
from tests.support.story import LATER, SAYS, Story


@pytest.mark.feature("N18")
@pytest.mark.parametrize("written", STEPS, ids=lambda w: f"{w.step}-{w.source}-{w.by}")
async def test_a_step_writes_exactly_this(story: Story, written: Written) -> None:
    await story.reach(written.source)
    row, before = await story.row(), await story.everything()
    story.clock.now = LATER
    await story.take(written.step, story.person(written.by))
    after = await story.everything()
    assert await _changes(story, row) == await _columns(story, written, row)
    assert [_plain(one) for one in _new(before, after, "decision")] == _decisions(story, written, row)
    assert [_plain(one) for one in _new(before, after, "revision")] == await _revisions(story, written)
    assert [after[part] for part in ("registration", "history", "nurse")] == [
        before[part] for part in ("registration", "history", "nurse")
    ]
    assert len({one["id"] for one in _new(before, after, "events")}) == 1
    assert {one["scope"] for one in _new(before, after, "events")} == {
        _scope(story, party) for party in written.changes
    }
    for party, change in written.changes.items():
        assert await _latest_event(story, party) == _event(story, written, row, change)
        assert [event["seq"] for event in await story.heard(party)] == list(range(1, await _count(story, party) + 1))


def _new(before: dict[str, Any], after: dict[str, Any], part: str) -> list[dict[str, Any]]:
    """The rows that have come; those before are as they were."""
    assert all(row in after[part] for row in before[part])
    return [row for row in after[part] if row not in before[part]]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its own id, its JSON read."""
    written = {name: value for name, value in row.items() if name in ("form", "on_record") and value is not None}
    read = {name: json.loads(value) for name, value in written.items()}
    return {name: value for name, value in {**row, **read}.items() if name != "id"}


def _scope(story: Story, party: Party) -> UUID:
    return {N: story.cast.nurse_id, I: story.cast.hospital, A: story.cast.district}[party]


async def _changes(story: Story, before: dict[str, Any]) -> dict[str, Any]:
    """The columns that the step wrote."""
    row = await story.row()
    always = {name: row[name] for name in ("state", "version", "row_version", "moved_by", "moved_at")}
    return {**_plain({name: row[name] for name in row if row[name] != before[name]}), **always}


async def _columns(story: Story, written: Written, row: dict[str, Any]) -> dict[str, Any]:
    code = (await story.world.row("authority", story.cast.district))["code"]
    meant = {
        "authority_id": story.cast.district,
        "recommender_id": story.cast.reviewer.account_id,
        "receipt_number": f"{code}-2025-000001",
    }
    always = {"state": written.target, "version": row["version"] + 1, "moved_at": LATER}
    always |= {"row_version": row["row_version"] + 1}
    columns = {name: meant.get(name, value) for name, value in written.columns.items()}
    return {**columns, **always, "moved_by": story.person(written.by).account_id}


def _decisions(story: Story, written: Written, row: dict[str, Any]) -> list[dict[str, Any]]:
    if written.decision is None:
        return []
    said = SAYS.get(written.step, {})
    lists = {name: list(said.get(name, ())) for name in ("reasons", "marked_fields")}
    whose = {"application_id": story.id, "revision": row["revision"], "at": LATER}
    decider = {"decider_id": story.person(written.by).account_id, "opinion": said.get("opinion")}
    return [{**written.decision, **lists, **whose, **decider, "on_behalf_of_id": None}]


async def _revisions(story: Story, written: Written) -> list[dict[str, Any]]:
    """The form as it stands is the newest revision."""
    if written.changed_fields is None:
        return []
    row = await story.row()
    kept = {"application_id": story.id, "revision": row["revision"], "form": json.loads(row["form"]), "at": LATER}
    by = {"changed_fields": written.changed_fields, "account_id": story.person(written.by).account_id}
    return [{**kept, **by, "on_record": await _on_record(story) if row["revision"] == 1 else None}]


async def _on_record(story: Story) -> dict[str, Any]:
    """What the first filing keeps of her and of her entry, without what is empty."""
    names = ("ethnicity", "nationality", "school", "major", "study_length", "education", "other_education", "degree")
    nurse = await story.world.row("nurse", story.cast.nurse_id)
    entry = await story.world.row("registration", story.cast.nurse_id, "nurse_id")
    hospital = await story.world.row("institution", story.cast.hospital)
    authority = await story.world.row("authority", story.cast.district)
    known = {
        **{name: nurse[name] for name in names},
        **{name: str(entry[name]) for name in ("first_registered_on", "valid_until")},
        **{"registered_number": entry["certificate_number"], "registered_with": authority["name"]},
        **{"registered_at": hospital["name"], "institution": hospital["name"], "institution_id": str(hospital["id"])},
    }
    return {name: value for name, value in known.items() if value is not None}


async def _latest_event(story: Story, party: Party) -> dict[str, Any]:
    """What one end heard last."""
    event = (await story.heard(party))[-1]
    return {name: value for name, value in event.items() if name not in ("id", "seq", "scope")}


def _event(story: Story, written: Written, row: dict[str, Any], change: QueueChange | None) -> dict[str, Any]:
    person = story.person(written.by)
    moved = {"step": written.step, "from": written.source, "to": written.target, "version": row["version"] + 1}
    moves = change is not None and written.source is not written.target
    left = {"left": written.source} if moves and change is not QueueChange.ADDED else {}
    entered = {"entered": written.target} if moves and change is not QueueChange.REMOVED else {}
    outcome = {"outcome": written.decision["outcome"]} if written.decision else {}
    # Of no unit: she belongs to none.
    about = {"application_id": story.id, "account_id": person.account_id, "at": LATER, "unit_ids": None}
    return {
        **about,
        "type": EVENT_OF[written.step],
        "queue": change,
        "body": {"kind": "RENEWAL", **moved, **outcome, "by": person.actor.party, **left, **entered},
    }


async def _count(story: Story, party: Party) -> int:
    """How far the counter of one end has come."""
    return int((await story.world.row("feed_scope", _scope(story, party), "scope"))["seq"])
