"""Every screen of `docs/screens.md`, as it stands there: each document asked by everybody, each step refused and taken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, validate

from db.seed import DEMO_ACCOUNTS
from tests.support.demonstration import Demo
from tests.support.screens import Document, Screen, parsed, screens, selected, values_at
from tests.support.world import TODAY

SCREENS = screens()
QUERIES = {one.name: one for screen in SCREENS for one in screen.documents if not one.is_step}
SCHEMA = build_schema((Path(__file__).parents[2] / "graph/schema.graphql").read_text("utf-8"))
EVERYBODY = {"nobody", *(account.user_name for account in DEMO_ACCOUNTS)}
PARAMETERS = [
    pytest.param(one, id=one.title, marks=[pytest.mark.feature(feature) for feature in one.features]) for one in SCREENS
]


class Page:
    """The page in front of the people of the demonstration."""

    def __init__(self, demo: Demo) -> None:
        self.people, self.owner = demo.people, demo.owner

    async def ask(self, document: Document, name: str) -> dict[str, Any]:
        """The body of the answer to somebody."""
        found: dict[str, Any] = (await self.people[name].post(document.text, await self.given(document.given))).json()
        return found

    async def given(self, value: Any) -> Any:
        """The variables, with what they refer to: `@today-30`, or the first value at a path of a document's answer."""
        match value:
            case dict():
                return {name: await self.given(one) for name, one in value.items()}
            case list():
                return [await self.given(one) for one in value]
            case str() if value.startswith("@today"):
                return (TODAY + timedelta(days=int(value.removeprefix("@today") or 0))).isoformat()
            case str() if value.startswith("@"):
                name, _, path = value[1:].partition(".")
                return values_at(await self.read(QUERIES[name]), path)[0]
        return value

    async def read(self, document: Document) -> dict[str, Any]:
        """The data of a query, as whoever is named first reads it."""
        body = await self.ask(document, document.outcomes[0][0])
        assert "errors" not in body, body
        return without_cursor(body["data"])

    async def standing(self, value: Any) -> Any:
        """What a step could have changed: the answers to which its variables refer, and how much has happened at all."""
        found = [one for one in strings(value) if one.startswith("@") and not one.startswith("@today")]
        answers = [await self.read(QUERIES[name]) for name in sorted({one[1:].partition(".")[0] for one in found})]
        return answers, await self.owner.fetchval("select count(*) from event")


def strings(value: Any) -> list[str]:
    match value:
        case dict():
            return [one for inner in value.values() for one in strings(inner)]
        case list():
            return [one for inner in value for one in strings(inner)]
    return [value] if isinstance(value, str) else []


def without_cursor(value: Any) -> Any:
    match value:
        case dict():
            return {name: without_cursor(one) for name, one in value.items() if name != "feedCursor"}
        case list():
            return [without_cursor(one) for one in value]
    return value


def outcome(body: dict[str, Any]) -> str:
    """What came out: the type of a payload, a code, `rows`, or `nothing`."""
    if "errors" in body:
        return " ".join(sorted({error["extensions"]["code"] for error in body["errors"]}))
    found = list(body["data"].values())
    if found and isinstance(found[0], dict) and str(found[0].get("__typename", "")).endswith("Payload"):
        return str(found[0]["__typename"])
    if found and isinstance(found[0], dict) and "code" in found[0]:
        return str(found[0]["code"])
    return "rows" if any(map(filled, found)) else "nothing"


def filled(value: Any) -> bool:
    """Whether there is anything in an answer."""
    if isinstance(value, dict):
        return bool(value["nodes"]) if "nodes" in value else any(map(filled, value.values()))
    return value not in (None, [], 0)


@pytest.mark.parametrize("screen", PARAMETERS)
def test_a_screen_says_for_every_column_where_it_stands_and_for_everybody_what_she_sees(screen: Screen) -> None:
    for document in screen.documents:
        assert validate(SCHEMA, parsed(document)) == []
        if not document.is_step:
            assert sorted(name for name, _ in document.outcomes) == sorted(EVERYBODY), document.name
    paths = set().union(*(selected(document) for document in screen.documents))
    assert [path for _, path in screen.columns if path not in paths] == []


@pytest.mark.parametrize("screen", PARAMETERS)
async def test_a_screen_shows_each_column_to_whom_the_page_names_and_its_steps_are_refused_and_taken(
    demo: Demo, screen: Screen
) -> None:
    page = Page(demo)
    columns = dict.fromkeys(path for _, path in screen.columns)
    for document in screen.documents:
        if document.is_step:
            await steps(page, document)
            continue
        answers = {name: await page.ask(document, name) for name, _ in document.outcomes}
        assert {name: outcome(body) for name, body in answers.items()} == dict(document.outcomes), document.name
        for name, _ in document.outcomes[:1]:
            for path in [one for one in columns if one in selected(document) and values_at(answers[name]["data"], one)]:
                del columns[path]
    assert list(columns) == []


async def steps(page: Page, document: Document) -> None:
    """Try a step as each of those named; whoever is refused has moved nothing."""
    for name, expected in document.outcomes:
        before = await page.standing(document.given)
        found = outcome(await page.ask(document, name))
        assert (document.name, name, found) == (document.name, name, expected)
        if not expected.endswith("Payload"):
            assert await page.standing(document.given) == before
