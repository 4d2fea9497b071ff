"""Captchas: drawn or asked in words, answered once, kept as a keyed hash alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from db.store.engine import Database
from graph.context import Services
from rules.captcha import LETTERS, LIVES, CaptchaForm, readings
from rules.errors import Invalid, RateLimited
from tests.support.people import CAPTCHAS, solved
from tests.support.story import Clock
from tests.support.world import World
from workflow import captcha as workflow
from workflow.address import KNOWN_TIMES, Budget, count_try
from workflow.captcha import Captchas


@pytest.fixture
def db(services: Services) -> Database:
    """The database of this run."""
    return services.db


@pytest.mark.feature("N1")
async def test_a_question_in_words_takes_its_answer_once_whatever_family_it_is_of(db: Database) -> None:
    for _ in range(20):
        asked = await CAPTCHAS.create(db, CaptchaForm.WORDS)
        assert asked.picture is None
        await workflow.check(db, asked.id, f"答案是：{solved(asked.question)}。")


@pytest.mark.feature("N1")
async def test_a_picture_is_a_png_whose_answer_is_nowhere(
    db: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    draw = workflow.draw

    def listen(letters: str) -> bytes:
        drawn.append(letters)
        return draw(letters)

    monkeypatch.setattr(workflow, "draw", listen)
    asked = await CAPTCHAS.create(db, CaptchaForm.PICTURE)
    assert asked.question is None
    assert (asked.picture or b"").startswith(b"\x89PNG")
    assert len(drawn[0]) == 4
    assert set(drawn[0]) <= set(LETTERS)
    assert drawn[0].encode() not in (await world.row("captcha", asked.id))["answer_hash"]
    await workflow.check(db, asked.id, f" {drawn[0].lower()} ")


async def test_one_answer_whatever_it_is(db: Database, world: World) -> None:
    asked = await CAPTCHAS.create(db, CaptchaForm.WORDS)
    for answer in ("wrong", solved(asked.question)):
        await refused(db, asked.id, answer)
    assert await world.owner.fetchval("select count(*) from captcha where id = $1", asked.id) == 0


async def test_of_eight_answers_at_once_one_counts(db: Database) -> None:
    asked = await CAPTCHAS.create(db, CaptchaForm.WORDS)
    answer = solved(asked.question)
    results = await asyncio.gather(*(workflow.check(db, asked.id, answer) for _ in range(8)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == [*["Invalid"] * 7, "NoneType"]


async def test_an_unknown_one_is_told_like_a_wrong_one(db: Database) -> None:
    await refused(db, uuid4(), "8")
    await refused(db, uuid4(), "")


async def test_it_lives_for_five_minutes(timed: Database, clock: Clock) -> None:
    in_time, too_late = [await CAPTCHAS.create(timed, CaptchaForm.WORDS) for _ in range(2)]
    clock.now += LIVES - timedelta(seconds=1)
    await workflow.check(timed, in_time.id, solved(in_time.question))
    clock.now += timedelta(seconds=1)
    await refused(timed, too_late.id, solved(too_late.question))


async def test_what_others_ask_for_keeps_nobody_from_one(db: Database) -> None:
    """There was one budget of all people: 640 requests stopped every sign-in that needed one."""
    made = [await CAPTCHAS.create(db, CaptchaForm.WORDS) for _ in range(700)]
    await workflow.check(db, made[-1].id, solved(made[-1].question))


async def test_a_solved_one_counts_no_more_against_its_address(db: Database, world: World) -> None:
    address, budget = "198.51.100.7", Budget(2)
    for _ in range(6):
        await count_try(db, address, "captchaCreate", budget)
        asked = await CAPTCHAS.create(db, CaptchaForm.WORDS)
        await workflow.check(db, asked.id, solved(asked.question), address)
    for _ in range(2):
        await count_try(db, address, "captchaCreate", budget)
        asked = await CAPTCHAS.create(db, CaptchaForm.WORDS)
        with pytest.raises(Invalid):
            await workflow.check(db, asked.id, "no", address)
    with pytest.raises(RateLimited):
        await count_try(db, address, "captchaCreate", budget)
    await count_try(db, "198.51.100.8", "captchaCreate", budget)


async def test_a_known_network_has_twenty_times_the_budget(db: Database) -> None:
    budget = Budget(1, ("203.0.113.0/28",))
    for _ in range(KNOWN_TIMES):
        await count_try(db, "203.0.113.9", "captchaCreate", budget)
    await count_try(db, "203.0.113.99", "captchaCreate", budget)
    for address in ("203.0.113.9", "203.0.113.99"):
        with pytest.raises(RateLimited):
            await count_try(db, address, "captchaCreate", budget)


async def test_no_crowd_waits_for_pictures(db: Database) -> None:
    drawing = Captchas()
    results = await asyncio.gather(
        *(drawing.create(db, CaptchaForm.PICTURE) for _ in range(40)), return_exceptions=True
    )
    assert {type(one).__name__ for one in results} <= {"Captcha", "RateLimited"}
    assert sum(not isinstance(one, BaseException) for one in results) >= workflow.WAITING


@pytest.mark.parametrize(
    ("answer", "read"), [("ａｂ 3d", "AB3D"), ("十五", "15"), ("Fifteen", "15"), (" 8 ", "8"), ("x" * 99, "X" * 64)]
)
def test_answers_are_read_kindly(answer: str, read: str) -> None:
    assert read in readings(answer)


async def refused(db: Database, captcha_id: object, answer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await workflow.check(db, captcha_id, answer)  # type: ignore[arg-type]
    assert [(problem.path, problem.code) for problem in refusal.value.problems] == [("captchaAnswer", "CAPTCHA_WRONG")]
