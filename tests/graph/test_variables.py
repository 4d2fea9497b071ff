"""Wrongly typed variables are told by path, in the reader's language, with the values that are allowed."""

from __future__ import annotations

from typing import Any

import pytest

from rules.nurse import HealthStatus
from tests.support.live import Live
from tests.support.world import Cast

DRAFT = "mutation ($input: ApplicationCreateDraftInput!) { it: applicationCreateDraft(input: $input) { __typename } }"
CALENDAR = "query ($since: Date!, $until: Date!) { calendar(from: $since, until: $until) { nodes { day } } }"
FEED = "subscription ($after: String) { pendingReviewFeed(after: $after) { __typename } }"
RENEWAL = {"healthStatus": "GOOD", "healthExaminedOn": "2026-11-01", "department": "WARD", "title": "NURSE"}
STATUS = ["GOOD", "FAIR", "CHRONIC_ILLNESS", "DISABILITY", "UNFIT"]
MISFITS = {
    "a term in place of its value": (
        {"renewal": {**RENEWAL, "healthStatus": "健康"}},
        "input.form.renewal.healthStatus",
        "变量input.form.renewal.healthStatus的值不符合类型：应为"
        + "、".join(f"{one}（{HealthStatus[one].label}）" for one in STATUS)
        + "之一",
        f"The variable input.form.renewal.healthStatus does not fit: expected one of {', '.join(STATUS)}.",
    ),
    "a day that there is not": (
        {"renewal": {**RENEWAL, "healthExaminedOn": "2026-13-01"}},
        "input.form.renewal.healthExaminedOn",
        "变量input.form.renewal.healthExaminedOn的值不符合类型：应为日期，如2026-11-01",
        "The variable input.form.renewal.healthExaminedOn does not fit: expected a day as 2026-11-01.",
    ),
    "what is needed is left out": (
        None,
        "input.form",
        "变量input.form的值不符合类型：必须填写",
        "The variable input.form does not fit: a value is required.",
    ),
    "a field that there is not": (
        {"reissue": {"salary": 1, "cause": "LOST", "statement": "遗失"}},
        "input.form.reissue.salary",
        "变量input.form.reissue.salary的值不符合类型：没有这一项，可用：cause、statement",
        "The variable input.form.reissue.salary does not fit: there is none, only cause, statement.",
    ),
}


def draft(form: dict[str, Any] | None) -> dict[str, Any]:
    """The variables of a draft."""
    return {"input": {"form": form}}


@pytest.mark.parametrize("misfit", MISFITS)
async def test_a_variable_that_does_not_fit_is_told_by_path_in_both_languages(
    live: Live, cast: Cast, misfit: str
) -> None:
    form, path, zh, en = MISFITS[misfit]
    client = live.as_(cast.nurse)
    for language, words in (("", zh), ("zh-CN", zh), ("en", en)):
        body = (await client.post(DRAFT, draft(form), **{"Accept-Language": language})).json()
        assert "data" not in body
        [error] = body["errors"]
        assert (error["message"], error["extensions"]["code"], error["extensions"]["variable"]) == (
            words,
            "BAD_USER_INPUT",
            path,
        )


async def test_every_misfit_is_told_at_once_with_the_values_that_are_allowed(live: Live, cast: Cast) -> None:
    form = {"renewal": {**RENEWAL, "healthStatus": "健康", "title": 7}}
    errors = (await live.as_(cast.nurse).post(DRAFT, draft(form))).json()["errors"]
    assert [error["extensions"]["variable"] for error in errors] == [
        "input.form.renewal.healthStatus",
        "input.form.renewal.title",
    ]
    assert errors[0]["extensions"]["allowed"] == STATUS


async def test_one_form_is_given_and_not_two(live: Live, cast: Cast) -> None:
    both = {"renewal": RENEWAL, "reissue": {"cause": "LOST", "statement": "遗失"}}
    [error] = (await live.as_(cast.nurse).post(DRAFT, draft(both))).json()["errors"]
    assert error["extensions"]["variable"] == "input.form"
    assert error["message"].startswith("变量input.form的值不符合类型：须且只能填写其中一项：first、")


async def test_no_value_is_repeated(live: Live, cast: Cast) -> None:
    form = {"renewal": {**RENEWAL, "title": 110101199003070011}}
    assert "110101199003070011" not in (await live.as_(cast.nurse).post(DRAFT, draft(form))).text


async def test_of_a_planned_query_and_of_a_feed_it_is_told_alike(live: Live, cast: Cast) -> None:
    [error] = (await live.as_(cast.operator).post(CALENDAR, {"since": "2026-11-01", "until": "今天"})).json()["errors"]
    assert error["message"] == "变量until的值不符合类型：应为日期，如2026-11-01"
    async with live.as_(cast.operator).watch(FEED, after=7) as watch:
        [error] = (await watch.message())["payload"]
    assert error["message"] == "变量after的值不符合类型：应为字符串"
