"""What a nurse does: begin, file, answer what was marked, take back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from rules.application import State, Step
from rules.errors import Conflict, NotAllowed, RegistryError
from rules.form import form_to_json
from rules.kinds import RenewalForm
from rules.nurse import HealthStatus, Title
from rules.people import Party, Role
from tests.support.orders import draft_of, take_order
from tests.support.story import FILLED, NOW, Story, codes_of
from tests.support.world import SHE, Person


@pytest.mark.feature("N16")
async def test_a_draft_is_hers_alone_and_told_to_nobody(story: Story) -> None:
    entry, row = await story.registration(), await story.row()
    written = {
        **{"kind": "RENEWAL", "state": "DRAFT", "version": 1, "revision": 0, "filed_by": "NURSE"},
        **{"nurse_id": story.cast.nurse_id, "institution_id": story.cast.hospital, "authority_id": None},
        **{"nurse_name": "王护士", "certificate_number": entry["certificate_number"], "form": form_to_json(FILLED)},
        **{"created_at": NOW, "moved_at": NOW, "moved_by": story.cast.nurse.account_id, "submitted_at": None},
    }
    nurse = await story.world.row("nurse", story.cast.nurse_id)
    assert {**row, "form": json.loads(row["form"])}.items() >= written.items()
    assert row["id_number_masked"] == nurse["id_number_masked"]
    everything = await story.everything()
    assert [everything[part] for part in ("revision", "decision", "events", "history", "counted")] == [[]] * 5


@pytest.mark.feature("N16")
async def test_a_renewal_that_leaves_out_title_and_department_is_filed_as_on_record(story: Story) -> None:
    await story.reach(State.WITHDRAWN)
    kept = replace(FILLED, title=None, department=None)
    key = await take_order(story.db, draft_of(story.cast.nurse.session, kept))
    filled = json.loads((await story.world.row("application", key))["form"])
    assert filled == {**form_to_json(FILLED), "title": "NURSE", "department": "WARD"}


async def _draft_refused(story: Story, who: Person) -> RegistryError:
    before = await story.everything()
    with pytest.raises(RegistryError) as refusal:
        await take_order(story.db, draft_of(who.session, FILLED))
    assert await story.everything() == before
    return refusal.value


@pytest.mark.parametrize("state", [State.DRAFT, State.INSTITUTION_REVIEW, State.RETURNED, State.ACCEPTED])
async def test_a_second_renewal_beside_an_undecided_one(story: Story, state: State) -> None:
    await story.reach(state)
    assert type(await _draft_refused(story, story.cast.nurse)) is Conflict


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.INSTITUTION_REJECTED, State.REJECTED])
async def test_another_renewal_after_one_that_ended(story: Story, state: State) -> None:
    await story.reach(state)
    again = await take_order(story.db, draft_of(story.cast.nurse.session, FILLED))
    await replace(story, id=again).take(Step.SUBMIT)


@pytest.mark.parametrize("name", ["operator", "manager", "viewer", "reviewer", "decider"])
async def test_nobody_but_a_nurse_begins_a_renewal(story: Story, name: str) -> None:
    assert type(await _draft_refused(story, story.person(name))) is NotAllowed


async def test_a_nurse_whose_account_is_not_active_begins_none(story: Story) -> None:
    nurse_id = await story.world.nurse(story.cast.hospital, story.cast.district)
    inactive = await story.world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    assert type(await _draft_refused(story, inactive)) is NotAllowed


@pytest.mark.feature("N18")
async def test_what_she_fills_in_last_is_what_she_files(story: Story) -> None:
    filed = replace(FILLED, title=Title.CHIEF_NURSE, remarks="补充说明")
    await story.take(Step.SUBMIT, form=filed)
    (revision,) = (await story.everything())["revision"]
    assert json.loads((await story.row())["form"]) == json.loads(revision["form"]) == form_to_json(filed)


async def test_it_goes_where_she_works_on_the_day_she_files(story: Story) -> None:
    clinic = await story.world.institution(story.cast.district)
    await story.world.person(Party.INSTITUTION, clinic, Role.OPERATOR)
    await _entry(story, institution_id=clinic, certificate_number=f"B{uuid7()}")
    await story.take(Step.SUBMIT)
    row, entry = await story.row(), await story.registration()
    assert (row["institution_id"], row["certificate_number"]) == (clinic, entry["certificate_number"])
    assert await story.heard(Party.INSTITUTION) == []
    at_clinic = await story.rows("select seq, type, queue from event where scope = $1", clinic)
    assert at_clinic == [{"seq": 1, "type": "application.submitted", "queue": "ADDED"}]


async def _entry(story: Story, **values: Any) -> None:
    columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
    sql = f"update registration set {columns} where nurse_id = $1"
    await story.world.owner.execute(sql, story.cast.nurse_id, *values.values())


@pytest.mark.parametrize(("days_before", "allowed"), [(91, False), (90, True), (0, True), (-1, False)])
async def test_the_window_opens_90_days_before_the_expiry_and_closes_on_it(
    story: Story, days_before: int, allowed: bool
) -> None:
    await _entry(story, valid_until=NOW.date() + timedelta(days=days_before))
    if allowed:
        await story.take(Step.SUBMIT)
    else:
        expected = {"WINDOW_OPEN"} if days_before > 0 else {"VALID_ON_FILING"}
        assert codes_of(await story.refused(Step.SUBMIT)) == expected


@pytest.mark.parametrize(("days_before", "allowed"), [(181, False), (180, True)])
async def test_an_authority_may_open_the_window_earlier(story: Story, days_before: int, allowed: bool) -> None:
    sql = "update authority set renewal_window_days = 180 where id = $1"
    await story.world.owner.execute(sql, story.cast.district)
    await _entry(story, valid_until=NOW.date() + timedelta(days=days_before))
    if allowed:
        await story.take(Step.SUBMIT)
    else:
        assert codes_of(await story.refused(Step.SUBMIT)) == {"WINDOW_OPEN"}


async def test_who_is_suspended_does_not_file(story: Story) -> None:
    span = {"nurse_id": story.cast.nurse_id, "kind": "SUSPENSION", "starts_on": date(2025, 9, 1)}
    await story.world.insert("registration_span", **span)
    assert codes_of(await story.refused(Step.SUBMIT)) == {"NOT_SUSPENDED"}


@pytest.mark.parametrize(("kind", "allowed"), [("CHANGE", True), ("DEREGISTRATION", False), ("REISSUE", False)])
async def test_only_a_change_may_be_open_beside_it(story: Story, kind: str, allowed: bool) -> None:
    names = {"nurse_id": story.cast.nurse_id, **SHE, "id_number_masked": "110***********00"}
    filed = {"revision": 1, "submitted_at": NOW, "queued_at": NOW, "institution_id": story.cast.hospital}
    plain = {"id": uuid7(), "kind": kind, "state": "INSTITUTION_REVIEW", "filed_by": "NURSE", "form": "{}"}
    await story.world.insert("application", **plain, **names, **filed)
    if allowed:
        await story.take(Step.SUBMIT)
    else:
        assert codes_of(await story.refused(Step.SUBMIT)) == {"NO_OTHER_OPEN"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"status": "DEREGISTERED", "deregistration_reason": "DEATH"}, "VALID_ON_FILING"),
        ({"institution_id": None}, "HAS_INSTITUTION"),
    ],
)
async def test_whose_entry_does_not_allow_it_does_not_file(story: Story, changed: dict[str, Any], code: str) -> None:
    await _entry(story, **changed)
    assert codes_of(await story.refused(Step.SUBMIT)) == {code}


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (replace(FILLED, health_status=HealthStatus.UNFIT), "HEALTH"),
        (replace(FILLED, health_examined_on=date(2025, 9, 27)), "DATE_IN_FUTURE"),
        (replace(FILLED, health_examined_on=date(2025, 3, 25)), "EXAMINATION_TOO_OLD"),
        (replace(FILLED, remarks="字" * 501), "TEXT_TOO_LONG"),
    ],
)
async def test_a_form_that_breaks_the_regulation_is_not_filed(story: Story, form: RenewalForm, code: str) -> None:
    assert codes_of(await story.refused(Step.SUBMIT, form=form)) == {code}


async def test_a_draft_can_be_taken_back_and_nobody_hears_of_it(story: Story) -> None:
    await story.take(Step.WITHDRAW)
    row, everything = await story.row(), await story.everything()
    assert (row["state"], row["version"], row["decided_at"], row["submitted_at"]) == ("WITHDRAWN", 2, NOW, None)
    assert [everything[part] for part in ("revision", "decision", "events", "counted")] == [[]] * 4
