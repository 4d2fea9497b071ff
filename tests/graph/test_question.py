"""Questions to the help desk: asked by anybody with an account, answered, handed over, closed (N21, I25)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.people import HELP_DESK_FEED, Party, Role
from tests.support.help import SHOWN, answer, ask, do, reply, step, take
from tests.support.live import Client, Live
from tests.support.world import TODAY, Cast, Person, World
from workflow import question_clock

pytestmark = pytest.mark.feature("N21", "I25")
LIST = (
    f"query($where: QuestionWhere) {{ it: questions(first: 50, where: $where) {{ totalCount nodes {{ {SHOWN} }} }} }}"
)
QUEUE = "{ questionQueue(first: 100, orderBy: [CREATED_AT_DESC]) { nodes { id state dueOn } } }"
FEED = """subscription { eventFeed { __typename ... on QuestionEvent { type actor questionId questionState
  question { id state version } } } }"""


@pytest.fixture
async def desk(world: World) -> Person:
    """Somebody of the help desk."""
    return await world.person(Party.HELP_DESK, None, Role.HELP_DESK)


async def queue(client: Client) -> list[str]:
    """The questions that wait on a desk."""
    return [one["id"] for one in (await client.ask(QUEUE))["questionQueue"]["nodes"]]


async def seen(client: Client, question: Any) -> Any:
    """A question as somebody sees it now."""
    found = await client.ask(
        "query($id: ID!) { node(id: $id) { ... on Question { id state version } } }", id=question["id"]
    )
    return found["node"]


async def heard(world: World, scope: UUID, question: Any) -> list[str]:
    """The events of a question in one feed."""
    sql = "select type, body from event where scope = $1 and type like 'question.%' order by seq"
    rows = await world.owner.fetch(sql, scope)
    return [row["type"] for row in rows if global_id("Question", UUID(_body(row)["question"])) == question["id"]]


def _body(row: Any) -> Any:
    return orjson.loads(row["body"]) if isinstance(row["body"], str | bytes) else row["body"]


async def test_a_question_is_asked_answered_asked_again_and_closed_and_both_sides_hear(
    live: Live, world: World, cast: Cast, desk: Person
) -> None:
    she, help_desk = live.as_(cast.nurse), live.as_(desk)
    asked = await ask(she, text="我的身份证号是110101199003074514，手机138 1234 5678。")
    assert (asked["state"], asked["version"], asked["askerParty"]) == ("OPEN", 1, "NURSE")
    assert asked["messages"][0]["text"] == "我的身份证号是110***********14，手机138****5678。"
    assert date.fromisoformat(asked["dueOn"]) > TODAY
    assert asked["id"] in await queue(help_desk)
    answered = await answer(help_desk, asked)
    assert (answered["state"], answered["version"]) == ("ANSWERED", 2)
    assert asked["id"] not in await queue(help_desk)
    again = await reply(she, answered)
    assert (again["state"], [one["said"] for one in again["messages"]]) == ("REOPENED", ["ADDED", "ANSWERED", "ASKED"])
    assert again["answeredAt"] is None
    answered = await answer(help_desk, again)
    closed = await take(she, "questionClose", answered)
    assert (closed["state"], closed["closedAt"] is None) == ("CLOSED", False)
    late = await reply(she, closed)
    assert late["code"] == "WRONG_STATE"
    events = ["asked", "answered", "reopened", "answered", "closed"]
    for scope in (cast.nurse_id, HELP_DESK_FEED):
        assert await heard(world, scope, asked) == [f"question.{one}" for one in events]


async def test_a_desk_follows_its_questions_live_and_so_does_who_has_asked(
    live: Live, cast: Cast, desk: Person
) -> None:
    async with live.as_(desk).watch(FEED) as at_desk, live.as_(cast.nurse).watch(FEED) as at_home:
        assert (await at_desk.next())["__typename"] == (await at_home.next())["__typename"] == "FeedHeartbeat"
        asked = await ask(live.as_(cast.nurse))
        mine = [await at_desk.next(), await at_home.next()]
        while mine[0].get("questionId") != asked["id"]:  # others ask the same desk
            mine[0] = await at_desk.next()
        shown = {"id": asked["id"], "state": "OPEN", "version": 1}
        said = {"__typename": "QuestionAsked", "type": "QUESTION_ASKED", "actor": "NURSE", "questionState": "OPEN"}
        assert mine == [{**said, "questionId": asked["id"], "question": shown}] * 2
        await answer(live.as_(desk), asked)
        heard_of = await at_home.next()
        assert (heard_of["type"], heard_of["actor"]) == ("QUESTION_ANSWERED", "HELP_DESK")


async def test_a_legal_question_goes_to_the_authority_in_competence_and_both_see_where_it_stands(
    live: Live, world: World, cast: Cast, desk: Person
) -> None:
    asked = await ask(live.as_(cast.nurse))
    over = await do(
        live.as_(desk), "questionHandOver", "QuestionHandOverInput", **step(asked, text="涉及政策，请答复。")
    )
    assert (over["state"], over["handedOver"]) == ("OPEN", True)
    assert over["authority"] == {"id": global_id("Authority", cast.district)}
    assert asked["id"] not in await queue(live.as_(desk))
    assert asked["id"] in await queue(live.as_(cast.reviewer))
    refused = await answer(live.as_(desk), over)
    assert refused["code"] == "HANDED_OVER"
    answered = await answer(live.as_(cast.reviewer), over)
    assert answered["state"] == "ANSWERED"
    assert (await seen(live.as_(desk), asked))["state"] == "ANSWERED"
    assert await heard(world, cast.district, asked) == ["question.handed_over", "question.answered"]
    stranger = await answer(live.as_(cast.operator), answered)
    assert stranger["code"] == "NOT_FOUND"


async def test_nobody_reads_or_moves_the_question_of_another(
    live: Live, world: World, cast: Cast, desk: Person
) -> None:
    asked = await ask(live.as_(cast.nurse))
    other = await world.person(Party.NURSE, await world.nurse(cast.hospital, cast.district), Role.NURSE)
    for person in (other, cast.operator, cast.manager, cast.reviewer):
        client = live.as_(person)
        assert await seen(client, asked) is None
        for name in ("questionClose", "questionTake", "questionPutBack"):
            assert (await take(client, name, asked))["code"] == "NOT_FOUND"
    refused = [(await take(live.as_(desk), name, asked))["code"] for name in ("questionClose", "questionPutBack")]
    assert refused == ["NOT_YOUR_QUESTION", "NOT_HELD"]
    assert (await seen(live.as_(cast.nurse), asked)) == {"id": asked["id"], "state": "OPEN", "version": 1}


async def test_a_question_that_a_colleague_works_on_is_hers_for_half_an_hour(
    live: Live, services: Services, world: World, cast: Cast, desk: Person
) -> None:
    asked = await ask(live.as_(cast.nurse))
    taken = await take(live.as_(desk), "questionTake", asked)
    assert (taken["version"], taken["holder"]) == (1, {"id": global_id("Account", desk.account_id)})
    colleague = live.as_(await world.person(Party.HELP_DESK, None, Role.HELP_DESK))
    for refused in (await answer(colleague, asked), await take(colleague, "questionTake", asked)):
        assert refused["code"] == "HELD_BY_ANOTHER"
    ended = "update question set held_until = now() - interval '1 minute' where id = $1"
    key = await world.owner.fetchval("select id from question where account_id = $1", cast.nurse.account_id)
    await world.owner.execute(ended, key)
    assert await question_clock.put_back(services.db) >= 1
    assert (await answer(colleague, asked))["state"] == "ANSWERED"
    desk_heard = await heard(world, HELP_DESK_FEED, asked)
    assert desk_heard == ["question.asked", "question.taken", "question.put_back", "question.answered"]
    assert await heard(world, cast.nurse_id, asked) == ["question.asked", "question.answered"]


async def test_of_two_answers_at_once_one_is_taken_and_of_an_answer_and_a_close_too(
    live: Live, world: World, cast: Cast, desk: Person
) -> None:
    colleague = await world.person(Party.HELP_DESK, None, Role.HELP_DESK)
    asked = await ask(live.as_(cast.nurse))
    both = await asyncio.gather(answer(live.as_(desk), asked), answer(live.as_(colleague), asked))
    assert sorted(one.get("code", one.get("state")) for one in both) == ["ANSWERED", "VERSION_STALE"]
    second = await ask(live.as_(cast.nurse))
    both = await asyncio.gather(answer(live.as_(desk), second), take(live.as_(cast.nurse), "questionClose", second))
    states = {one.get("code", one.get("state")) for one in both}
    assert "VERSION_STALE" in states
    assert len(states & {"ANSWERED", "CLOSED"}) == 1


async def test_an_answered_question_closes_by_itself_once_and_an_unanswered_one_is_told_once(
    live: Live, services: Services, world: World, cast: Cast, desk: Person
) -> None:
    asked, waiting = await ask(live.as_(cast.nurse)), await ask(live.as_(cast.operator))
    await answer(live.as_(desk), asked)
    age = "update question set answered_at = answered_at - $2::interval where account_id = $1"
    await world.owner.execute(age, cast.nurse.account_id, timedelta(days=13))
    await question_clock.run(services.db)
    assert (await seen(live.as_(cast.nurse), asked))["state"] == "ANSWERED"
    await world.owner.execute(age, cast.nurse.account_id, timedelta(days=1, minutes=1))
    late = "update question set due_on = current_date - 1 where account_id = $1"
    await world.owner.execute(late, cast.operator.account_id)
    for _ in range(2):
        await question_clock.run(services.db)
    assert (await seen(live.as_(cast.nurse), asked)) == {"id": asked["id"], "state": "CLOSED", "version": 3}
    assert (await heard(world, cast.nurse_id, asked))[-1] == "question.closed"
    assert (await heard(world, cast.hospital, waiting)).count("question.overdue") == 1
    shown = (await live.as_(desk).ask(LIST, where={"state": {"eq": "OPEN"}}))["it"]["nodes"]
    assert {one["overdue"] for one in shown if one["id"] == waiting["id"]} == {True}


async def test_a_question_is_asked_before_the_account_is_active_and_heard_in_its_own_feed(
    live: Live, world: World, cast: Cast, desk: Person
) -> None:
    early = await world.person(
        Party.NURSE, await world.nurse(cast.hospital, cast.district), Role.NURSE, state="INACTIVE"
    )
    asked = await ask(live.as_(early), topic="ACCOUNT")
    await answer(live.as_(desk), asked)
    assert (await seen(live.as_(early), asked))["state"] == "ANSWERED"
    assert await heard(world, early.account_id, asked) == ["question.asked", "question.answered"]


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"title": " ", "text": ""}, [("title", "FIELD_REQUIRED"), ("text", "FIELD_REQUIRED")]),
        ({"title": "题" * 101}, [("title", "TEXT_TOO_LONG")]),
        ({"text": "字" * 2001}, [("text", "TEXT_TOO_LONG")]),
        ({"title": "两\n行"}, [("title", "TEXT_HIDDEN_CHARACTER")]),
    ],
)
async def test_a_question_without_sense_is_refused_and_nothing_is_kept(
    live: Live, world: World, cast: Cast, given: dict[str, str], problems: list[tuple[str, str]]
) -> None:
    refused = await ask(live.as_(cast.nurse), **given)
    assert [(one["path"], one["code"]) for one in refused["fields"]] == problems
    assert await world.owner.fetchval("select count(*) from question where account_id = $1", cast.nurse.account_id) == 0


async def test_who_floods_the_desk_waits(live: Live, cast: Cast) -> None:
    she = live.as_(cast.nurse)
    for _ in range(10):
        assert "id" in await ask(she)
    assert (await ask(she))["code"] == "RATE_LIMITED"


async def test_an_officer_does_not_answer_what_she_has_asked_herself(
    live: Live, world: World, cast: Cast, desk: Person
) -> None:
    asked = await ask(live.as_(cast.reviewer))
    over = {"text": "请答复", "authorityId": global_id("Authority", cast.district)}
    moved = await do(live.as_(desk), "questionHandOver", "QuestionHandOverInput", **step(asked, **over))
    assert (await answer(live.as_(cast.reviewer), moved))["code"] == "ABOUT_YOURSELF"
    own = await ask(live.as_(desk))
    assert (await answer(live.as_(desk), own))["code"] == "ABOUT_YOURSELF"
    assert own["id"] not in await queue(live.as_(desk))
