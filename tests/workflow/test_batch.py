"""One step on many applications at once: tried first, each judged by herself, told as single steps are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from db.read.filter import EVERYTHING
from rules.application import State, Step
from rules.batch import STEPS
from rules.errors import Invalid, NotAllowed
from rules.moves import MOVES_OF
from rules.people import Party, Role
from tests.support.batch_group import FROM, codes_of, many
from tests.support.story import NOW, Story

pytestmark = [pytest.mark.feature("I17"), pytest.mark.feature("A4")]
TABLES = {
    "application": "select * from application where id = $1",
    "decision": "select * from review_decision where application_id = $1 order by id",
    "revision": "select * from application_revision where application_id = $1 order by revision",
    "registration": "select r.* from registration r join application a using (nurse_id) where a.id = $1",
    "history": "select h.* from registration_history h where h.application_id = $1 order by h.id",
    "nurse": "select n.* from nurse n join application a on a.nurse_id = n.id where a.id = $1",
    "delivery": "select d.* from delivery d join review_decision r on r.id = d.id where r.application_id = $1",
    "certificate": "select c.* from certificate c where c.application_id = $1",
    "event": "select e.type, e.queue, e.body, e.scope, e.account_id, e.unit_ids from event e"
    " where e.application_id = $1 order by e.scope, e.seq",
}
OWN = {"id", "created_at", "phone_index", "phone_sealed", "id_number_index", "id_number_sealed"}


async def left_behind(story: Story) -> dict[str, list[str]]:
    """All that stands of an application, with what is its own called alike."""
    entry, row = await story.registration(), await story.row()
    person = await story.world.row("nurse", story.cast.nurse_id)
    own = {
        "APPLICATION": story.id,
        "NURSE": story.cast.nurse_id,
        "ACCOUNT": story.cast.nurse.account_id,
        "CERTIFICATE": entry["certificate_number"],
        "RECEIPT": row["receipt_number"] or "RECEIPT",
        "NUMBER": person["id_number_masked"],
        "PHONE": person["phone_masked"],
    }
    found = {}
    for name, sql in TABLES.items():
        rows = [{key: one for key, one in row.items() if key not in OWN} for row in await story.rows(sql, story.id)]
        texts = [str(one) for one in rows]
        for word, value in own.items():
            texts = [text.replace(str(value), word) for text in texts]
        found[name] = texts
    return found


@pytest.mark.parametrize("step", STEPS)
async def test_what_many_leave_behind_is_what_a_single_step_leaves(story: Story, step: Step) -> None:
    group = await many(story, 3, FROM[step], [Step.RECOMMEND] if step is Step.APPROVE else [])
    alone = await story.beside()
    await alone.reach(FROM[step])
    if step is Step.APPROVE:
        await alone.take(Step.RECOMMEND)
    story.clock.now = NOW + timedelta(hours=1)
    await alone.take(step, group.who(step))
    key = await group.done(step)
    assert await group.codes(key) == dict.fromkeys(group.keys)
    expected = await left_behind(alone)
    for one in group.stories:
        assert await left_behind(one) == expected


async def test_a_dry_run_does_nothing_and_tells_what_needs_a_look(story: Story) -> None:
    group = await many(story, 4, State.ACCEPTED, [Step.RECOMMEND])
    held, unsaid, gone, fine = group.stories
    colleague = await story.world.person(Party.AUTHORITY, story.cast.district, Role.DECIDER)
    await held.take(Step.TAKE, colleague)
    await unsaid.take(Step.RECOMMEND, agrees=False, opinion="体检结论有疑问")
    await gone.take(Step.WITHDRAW)
    before = [await one.everything() for one in group.stories]
    checked = await group.check(Step.APPROVE)
    assert codes_of(checked) == [["HELD_BY_ANOTHER"], ["FIELD_REQUIRED"], ["WRONG_STATE"], None]
    assert [await one.everything() for one in group.stories] == before
    key = await group.carry_out(Step.APPROVE, checked.token)
    assert await group.codes(key) == {fine.id: None}
    assert await group.states() == ["ACCEPTED", "ACCEPTED", "WITHDRAWN", "APPROVED"]
    batch = await group.batch(key)
    assert (batch["state"], batch["account_id"]) == ("FINISHED", story.cast.decider.account_id)


async def test_what_changed_since_the_check_is_left_out_and_what_joined_is_listed(story: Story) -> None:
    group = await many(story, 3, State.INSTITUTION_REVIEW)
    changed, gone, fine = group.stories
    desk = {"where": EVERYTHING}
    checked = await group.check(Step.FORWARD, **desk)
    assert len(checked.tried) == 3
    joined = await story.beside()
    await joined.reach(State.INSTITUTION_REVIEW)
    await changed.take(Step.RETURN)
    await changed.take(Step.RESUBMIT)
    await gone.take(Step.FORWARD)
    key = await group.carry_out(Step.FORWARD, checked.token, **desk)
    assert await group.codes(key) == {
        changed.id: ["VERSION_STALE"],
        gone.id: ["LEFT_SINCE"],
        fine.id: None,
        joined.id: ["NOT_CHECKED"],
    }
    assert [(await one.row())["state"] for one in (changed, fine, joined)] == [
        "INSTITUTION_REVIEW",
        "AUTHORITY_INTAKE",
        "INSTITUTION_REVIEW",
    ]


async def test_a_token_is_one_persons_for_one_step_for_an_hour(story: Story) -> None:
    group = await many(story, 2, State.INSTITUTION_REVIEW)
    token = (await group.check(Step.FORWARD)).token
    before = [await one.everything() for one in group.stories]
    tries: list[dict[str, Any]] = [
        {"step": Step.FORWARD, "token": token, "who": story.cast.manager},
        {"step": Step.TAKE, "token": token},
        {"step": Step.FORWARD, "token": token[:-4] + "AAAA"},
        {"step": Step.FORWARD, "token": token[8:]},
        {"step": Step.FORWARD, "token": "é"},
        {"step": Step.FORWARD, "token": ""},
    ]
    for one in tries:
        with pytest.raises(Invalid) as refusal:
            await group.carry_out(**one)
        assert [(problem.path, problem.code) for problem in refusal.value.problems] == [("token", "CHECK_AGAIN")]
    story.clock.now += timedelta(minutes=61)
    with pytest.raises(Invalid, match="VALIDATION"):
        await group.carry_out(Step.FORWARD, token)
    assert [await one.everything() for one in group.stories] == before
    assert (
        await story.rows("select * from application_batch where account_id = $1", story.cast.operator.account_id) == []
    )


@pytest.mark.parametrize("step", STEPS)
async def test_only_who_takes_the_single_step_takes_it_on_many(story: Story, step: Step) -> None:
    group = await many(story, 1, FROM[step])
    takers = {move.role for move in MOVES_OF[step]}
    for name in ("nurse", "operator", "manager", "viewer", "reviewer", "decider"):
        who = story.person(name)
        if any(who.actor.has(role) for role in takers):
            await group.check(step, who)
            continue
        with pytest.raises(NotAllowed) as refusal:
            await group.check(step, who)
        assert refusal.value.reason == "NOT_ALLOWED"


async def test_strangers_find_nothing(story: Story) -> None:
    group = await many(story, 2, State.INSTITUTION_REVIEW)
    other = await story.world.cast()
    assert codes_of(await group.check(Step.FORWARD, other.operator)) == [["NOT_FOUND"]] * 2
    assert codes_of(await group.check(Step.APPROVE, other.decider)) == [["NOT_FOUND"]] * 2
    with pytest.raises(Invalid) as refusal:
        await group.done(Step.FORWARD, who=other.operator)
    assert [problem.code for problem in refusal.value.problems] == ["NOTHING"]


async def test_nobody_acts_about_herself_among_many(story: Story) -> None:
    group = await many(story, 2, State.INSTITUTION_REVIEW)
    place = (Party.INSTITUTION, story.cast.hospital, Role.OPERATOR)
    herself = await story.world.person(*place, self_nurse=story.cast.nurse_id)
    assert codes_of(await group.check(Step.FORWARD, herself)) == [["ABOUT_YOURSELF"], None]
    key = await group.done(Step.FORWARD, who=herself)
    assert await group.codes(key) == {group.keys[1]: None}
    assert await group.states() == ["INSTITUTION_REVIEW", "AUTHORITY_INTAKE"]


async def test_whoever_recommended_does_not_decide_for_many(story: Story) -> None:
    await story.world.owner.execute("update authority set two_persons = true where id = $1", story.cast.district)
    group = await many(story, 2, State.ACCEPTED)
    both = await story.world.person(Party.AUTHORITY, story.cast.district, Role.REVIEWER, Role.DECIDER)
    await group.stories[0].take(Step.RECOMMEND, both)
    await group.stories[1].take(Step.RECOMMEND)
    assert codes_of(await group.check(Step.APPROVE, both)) == [["TWO_PERSONS_REQUIRED"], None]
