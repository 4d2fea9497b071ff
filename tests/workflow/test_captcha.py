"""Captchas: drawn or asked in words, answered once, kept as a keyed hash alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from db.store.engine import Database
from graph.context import Services
from rules.captcha import LETTERS, LIVES, CaptchaForm, numeral, same_form
from rules.errors import Invalid, RateLimited
from tests.support.people import CAPTCHAS, solved
from tests.support.story import Clock
from tests.support.world import World
from workflow import captcha as workflow
from workflow.captcha import Captchas


@pytest.fixture
def db(services: Services) -> Database:
    """The database of this run."""
    return services.db


@pytest.mark.feature("N1")
async def test_the_sum_in_words_takes_its_answer_in_digits_and_in_characters(db: Database) -> None:
    for write in (str, numeral):
        asked = await CAPTCHAS.create(db, CaptchaForm.WORDS)
        assert asked.picture is None
        await workflow.check(db, asked.id, write(int(solved(asked.question))))


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
    told = await asyncio.gather(*(workflow.check(db, asked.id, answer) for _ in range(8)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == [*["Invalid"] * 7, "NoneType"]


async def test_an_unknown_one_is_told_like_a_wrong_one(db: Database) -> None:
    await refused(db, uuid4(), "8")
    await refused(db, uuid4(), "")


async def test_it_lives_for_five_minutes(timed: Database, clock: Clock) -> None:
    in_time, too_late = [await CAPTCHAS.create(timed, CaptchaForm.WORDS) for _ in range(2)]
    clock.now += LIVES - timedelta(seconds=1)
    await workflow.check(timed, in_time.id, solved(in_time.question))
    clock.now += timedelta(seconds=1)
    await refused(timed, too_late.id, solved(too_late.question))


async def test_all_people_together_have_a_budget(timed: Database, clock: Clock, world: World) -> None:
    everybody = world.keyring.blind_index("all", workflow.PURPOSE)
    await world.owner.execute("delete from attempt where subject = $1", everybody)
    few = Captchas(allowed=3)
    for _ in range(3):
        await few.create(timed, CaptchaForm.WORDS)
    with pytest.raises(RateLimited) as refusal:
        await few.create(timed, CaptchaForm.WORDS)
    assert refusal.value.retry_after == 60
    clock.now += timedelta(seconds=60)
    await few.create(timed, CaptchaForm.WORDS)


async def test_no_crowd_waits_for_pictures(db: Database) -> None:
    drawing = Captchas()
    told = await asyncio.gather(*(drawing.create(db, CaptchaForm.PICTURE) for _ in range(40)), return_exceptions=True)
    assert {type(one).__name__ for one in told} <= {"Captcha", "RateLimited"}
    assert sum(not isinstance(one, BaseException) for one in told) >= workflow.WAITING


@pytest.mark.parametrize(
    ("answer", "read"), [("ａｂ 3d", "AB3D"), ("十五", "15"), ("Fifteen", "15"), (" 8 ", "8"), ("x" * 99, "X" * 16)]
)
def test_answers_are_read_kindly(answer: str, read: str) -> None:
    assert same_form(answer) == read


async def refused(db: Database, captcha_id: object, answer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await workflow.check(db, captcha_id, answer)  # type: ignore[arg-type]
    assert [(problem.path, problem.code) for problem in refusal.value.problems] == [("captchaAnswer", "CAPTCHA_WRONG")]
