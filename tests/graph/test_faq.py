"""Frequent questions: read by everybody whom they are for, found by their words, kept with each version (N21, X1-X6)."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from db.store import known_faq
from rules.known_faq import KNOWN
from rules.people import Party, Role
from tests.support.help import FAQ, do, step
from tests.support.live import Client, Live
from tests.support.world import Cast, Person, World

pytestmark = pytest.mark.feature("N21", "I25")
READ = f"query($search: String, $all: Boolean! = false) {{ faqs(search: $search, all: $all) {{ {FAQ} }} }}"
VERSIONS = "query($id: ID!) { faqVersions(id: $id) { state questionZh version since } }"


@pytest.fixture
async def keeper(world: World, cast: Cast) -> Person:
    """A provincial admin."""
    return await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)


async def found(client: Client, search: str | None = None, **more: Any) -> list[str]:
    """The Chinese questions that somebody finds."""
    return [one["questionZh"] for one in (await client.ask(READ, search=search, **more))["faqs"]]


def entry(word: str, **more: Any) -> dict[str, Any]:
    """An entry with a word of its own."""
    texts = {"questionZh": f"{word}怎么办？", "questionEn": f"What about {word}?"}
    return {"audience": "EVERYBODY", "answerZh": "这样办。", "answerEn": "In this way.", **texts, **more}


async def test_a_province_does_not_write_what_the_whole_country_reads(live: Live, world: World, cast: Cast) -> None:
    """It withdrew the handbook's own answer for everybody."""
    province = await world.authority(cast.nation)
    admin = live.as_(await world.person(Party.AUTHORITY, province, Role.PROVINCIAL_ADMIN))
    before = await world.owner.fetchval("select count(*) from faq")
    refused = await do(admin, "faqCreate", "FaqCreateInput", "faq { id }", **entry(str(uuid7())))
    assert refused["code"] == "NOT_NATIONAL"
    assert await admin.refused(READ, all=True) == ["NOT_NATIONAL"]
    assert await world.owner.fetchval("select count(*) from faq") == before


@pytest.mark.feature("X1", "X2", "X3", "X4", "X5", "X6")
async def test_the_handbooks_own_answers_are_there_and_a_keepers_changes_stay(
    live: Live, world: World, cast: Cast
) -> None:
    await known_faq.fill(world.owner)
    await known_faq.fill(world.owner)
    anybody = await found(live.as_(None))
    assert [one.question.zh for one in KNOWN if one.audience == "EVERYBODY"] == [
        one for one in anybody if one in {known.question.zh for known in KNOWN}
    ]
    nurse, place = await found(live.as_(cast.nurse), "激活"), await found(live.as_(cast.operator), "激活")
    assert "非在册状态的护士如何激活账户？" in nurse
    assert "非在册状态的护士如何激活账户？" not in place
    assert "机构查询不到护士账户激活的信息怎么办？" in place
    changed = "update faq set answer_zh = '改过' where question_zh = $1"
    await world.owner.execute(changed, KNOWN[0].question.zh)
    await known_faq.fill(world.owner)
    kept = "select answer_zh from faq where question_zh = $1"
    assert await world.owner.fetchval(kept, KNOWN[0].question.zh) == "改过"
    await world.owner.execute(
        "update faq set answer_zh = $2 where question_zh = $1", KNOWN[0].question.zh, KNOWN[0].answer.zh
    )


async def test_an_entry_is_written_published_changed_and_withdrawn_and_each_version_is_kept(
    live: Live, cast: Cast, keeper: Person
) -> None:
    admin, anybody, word = live.as_(keeper), live.as_(None), str(uuid7().int)[-12:]
    made = await do(admin, "faqCreate", "FaqCreateInput", f"faq {{ {FAQ} }}", **entry(word))

    assert (made["state"], made["version"], made["question"]) == ("DRAFT", 1, f"{word}怎么办？")
    assert await found(anybody, word) == []
    assert await found(admin, word, all=True) == [f"{word}怎么办？"]
    shown = await do(admin, "faqPublish", "FaqStepInput", f"faq {{ {FAQ} }}", **step(made))
    assert await found(anybody, f"WHAT {word}") == [f"{word}怎么办？"]
    assert await found(anybody, f"{word} 没有这个词") == []
    text = entry(word, questionZh=f"{word}改了怎么办？", audience="NURSE", place=5)
    changed = await do(admin, "faqChange", "FaqChangeInput", f"faq {{ {FAQ} }}", **step(shown, **text))
    assert await found(anybody, word) == []
    assert await found(live.as_(cast.nurse), word) == [f"{word}改了怎么办？"]
    stale = await do(admin, "faqWithdraw", "FaqStepInput", f"faq {{ {FAQ} }}", **step(shown))
    assert stale["code"] == "VERSION_STALE"
    await do(admin, "faqWithdraw", "FaqStepInput", f"faq {{ {FAQ} }}", **step(changed))
    assert await found(live.as_(cast.nurse), word) == []
    versions = (await admin.ask(VERSIONS, id=made["id"]))["faqVersions"]
    assert [(one["version"], one["state"]) for one in versions] == [
        (4, "WITHDRAWN"),
        (3, "PUBLISHED"),
        (2, "PUBLISHED"),
        (1, "DRAFT"),
    ]


async def test_only_who_keeps_them_writes_them(live: Live, world: World, cast: Cast) -> None:
    before = await world.owner.fetchval("select count(*) from faq")
    for person in (cast.nurse, cast.manager, cast.reviewer, cast.decider):
        refused = await do(live.as_(person), "faqCreate", "FaqCreateInput", "faq { id }", **entry("词"))
        assert refused["code"] == "NOT_ALLOWED"
        assert await live.as_(person).refused(READ, all=True) == ["NOT_ALLOWED"]
    assert await world.owner.fetchval("select count(*) from faq") == before


async def test_an_entry_without_sense_is_refused(live: Live, keeper: Person) -> None:
    given = entry("词", questionZh=" ", answerEn="a" * 4001, place=0)
    refused = await do(live.as_(keeper), "faqCreate", "FaqCreateInput", "faq { id }", **given)
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [
        ("questionZh", "FIELD_REQUIRED"),
        ("answerEn", "TEXT_TOO_LONG"),
        ("place", "OUT_OF_RANGE"),
    ]
