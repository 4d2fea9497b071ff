"""Every field of the schema, as every kind of person asks the running server for it: authority_matrix.txt, cell by cell."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType
from structlog.testing import capture_logs

from db.read.shapes import SHAPES
from graph.context import Services
from graph.root import schema
from graph.schema.node import global_id
from rules.events import EVENTS
from rules.kinds import FORMS
from rules.people import Party
from tests.support.authority_events import parties_told
from tests.support.authority_lookups import subject
from tests.support.authority_matrix import EVERYBODY, PEOPLE, SECTIONS, Section, grouped
from tests.support.authority_stage import Stage
from tests.support.authority_story import build
from tests.support.authority_subjects import Pick, Subject, fields_of
from tests.support.live import Client, Live
from tests.support.world import Person, World

CODES = {"UNAUTHENTICATED": "U", "NOT_ALLOWED": "A", "ACCOUNT_INACTIVE": "A", "NOT_FOR_VIEWERS": "A"}
STEPS = ("Mutation",)
ROOTS = ("Query", "Subscription")
EVERY_PARTY = (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY)
ASKED_FOR = {"Eligibility", "EligibilityVerdict", "ChecklistItem"}
FILLED = {form.__name__ for form in FORMS.values()}
EACH_HER_OWN = {"Viewer", "AccountSecurity", "Event", "PendingReviewChange", "RecoveryRequest"}
NOUNS = {*SHAPES, *FILLED, *ASKED_FOR} - EACH_HER_OWN
"""What everybody who sees it must see alike; of their feeds and recovery desks, people see each their own."""
OWN = {"availableSteps", "feedCursor"}
"""But for these fields, which tell each viewer what is hers."""
DATED = {"PublicNurse"}
"""What says when it was read, and so is never the same twice; both ways it is the executor's."""


def asked() -> Iterator[Any]:
    """Each object of the table once for each of its types; of a root, which refuses as a whole, each field by itself."""
    for section in SECTIONS:
        if EVERYBODY in section.cells.values() or section.types == STEPS:
            continue
        for kind in section.types:
            parts = [{name: cells} for name, cells in section.cells.items()] if kind in ROOTS else [section.cells]
            for part in parts:
                name = next(iter(part)) if kind in ROOTS else section.subject
                yield pytest.param(Section((kind,), section.subject, part), id=f"{kind}: {name}")


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody and everything of the matrix."""
    stage = await build(world, services)
    await stage.clear()
    return stage


def test_every_field_of_the_schema_has_a_line_and_every_line_a_field() -> None:
    kinds = [kind for kind in schema._schema.type_map.values() if isinstance(kind, GraphQLObjectType)]
    known = {f"{kind}.{name}" for kind in kinds for name in kind.fields if not kind.name.startswith("__")}
    lines = {f"{kind}.{name}" for section in SECTIONS for kind in section.types for name in section.cells}
    assert sorted(known - lines) == []
    assert sorted(lines - known) == []


def test_an_event_is_told_to_its_audience_and_to_no_other_party(stage: Stage) -> None:
    """To all of it at some time; what is told to all three, to those who have to do with it by then."""
    parties = parties_told(stage)
    strangers = {kind.name: parties[kind.name] - kind.audience for kind in EVENTS.values()}
    assert {name: found for name, found in strangers.items() if found} == {}
    narrow = {kind.name: {*kind.audience} for kind in EVENTS.values() if len(kind.audience) < len(EVERY_PARTY)}
    assert {name: parties[name] for name in narrow} == narrow
    assert [name for name, found in parties.items() if not found] == []


@pytest.mark.parametrize("section", [*asked()])
async def test_who_sees_what(live: Live, stage: Stage, section: Section) -> None:
    about = subject(stage, section)
    people = {**stage.people, "the nurse": about.nurse or stage.cast.nurse}
    people["inactive nurse"] = about.inactive or people["inactive nurse"]
    with capture_logs() as logs:
        seen = await asyncio.gather(*(look(live.as_(people[name]), people[name], about, section) for name in PEOPLE))
    assert "a plan failed" not in {line["event"] for line in logs}
    found = {name: grouped("".join(letters[name] for letters, _ in seen)) for name in section.cells}
    assert found == section.cells
    if section.types[0] in NOUNS:
        assert told_differently(section, [values for _, values in seen if values]) == {}


async def look(
    client: Client, person: Person | None, about: Subject, section: Section
) -> tuple[dict[str, str], dict[str, Any] | None]:
    """The letter of each field as this person sees the object, and what she sees."""
    (kind,), names = section.types, [*section.cells]
    document, variables = about.asking(kind, names), dict(about.variables(person))
    if document.startswith("subscription"):
        body = await first_message(client, document, variables, about.pick)
    else:
        body = await both_ways(client, document, variables, kind)
    if "errors" in body:
        (code,) = {error["extensions"]["code"] for error in body["errors"]}
        return dict.fromkeys(names, CODES[code]), None
    it = about.pick(body["data"])
    if it is None:
        return dict.fromkeys(names, "."), None
    return {name: "n" if nothing(it[name]) else "D" for name in names}, it


async def both_ways(client: Client, document: str, variables: dict[str, Any], kind: str) -> Any:
    """The answer to a query: the same by its plan and, beside a field that has no plan, by the executor."""
    planned = (await client.post(document, variables)).json()
    executed = (await client.post(f"{document[:-1]} nodes(ids: []) {{ id }} }}", variables)).json()
    if "errors" not in planned and kind not in {"Query", *DATED} and client.token:
        assert executed["data"].pop("nodes") == []
        assert executed == planned
    return planned


async def first_message(client: Client, document: str, variables: dict[str, Any], pick: Pick) -> Any:
    """The first message on a subscription that is the one asked about."""
    async with client.watch(document, **variables) as watch:
        while True:
            message = await watch.message()
            payload = message["payload"]
            if message["type"] == "error":
                return {"errors": payload}
            if "errors" in payload or pick(payload["data"]) is not None:
                return payload


def nothing(value: Any) -> bool:
    """Whether a value shows nothing: null, or a list of nothing."""
    return value is None or (isinstance(value, list) and all(one is None for one in value))


def told_differently(section: Section, seen: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The plain fields that two people see with different values."""
    selected = fields_of(section.types[0])
    plain = [name for name in section.cells if selected[name] == name and name not in OWN]
    values = {name: {repr(one[name]) for one in seen if not nothing(one[name])} for name in plain}
    return {name: found for name, found in values.items() if len(found) > 1}


LISTS = """query($within: ID) { pendingReviews(first: 100) { nodes { id nurse { id } } }
  nurses(first: 100, within: $within) { totalCount nodes { id applications { id } } }
  nurseCounts(by: [SEX], within: $within) { count } }"""
STAFF = [
    name for name in PEOPLE if name.split()[-1] in {"operator", "manager", "viewer", "reviewer", "decider", "admin"}
]


@pytest.mark.parametrize("name", STAFF)
async def test_no_list_shows_what_its_reader_may_not_read_by_its_id(live: Live, stage: Stage, name: str) -> None:
    client = live.as_(stage.people[name])
    found = await client.ask(LISTS)
    waiting, roster = found["pendingReviews"]["nodes"], found["nurses"]["nodes"]
    ids = [*(one["id"] for one in waiting), *(one["nurse"]["id"] for one in waiting), *(one["id"] for one in roster)]
    ids += [one["id"] for nurse in roster for one in nurse["applications"]]
    assert waiting
    assert roster
    again = await client.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids[:100])
    assert again["nodes"] == [{"id": key} for key in ids[:100]]


@pytest.mark.parametrize("name", STAFF)
async def test_a_roster_of_another_place_shows_only_what_lies_below(live: Live, stage: Stage, name: str) -> None:
    """Everybody here, and the province above, reads of it what is hers to read; everybody else finds it empty."""
    near = not name.startswith(("other ", "far "))
    for noun, key in (("Institution", stage.cast.hospital), ("Authority", stage.cast.district)):
        found = await live.as_(stage.people[name]).ask(LISTS, within=global_id(noun, key))
        roster, counts = found["nurses"], found["nurseCounts"]
        assert (roster["totalCount"] > 0, bool(roster["nodes"]), bool(counts)) == (near, near, near)


FIELDS = """__typename ... on Event { id cursor at type actor } ... on ApplicationEvent { kind step fromState toState version
  outcome warning applicationId application { id state nurse { id } } } ... on NurseEvent { nurseId nurseName nurse { id } }
  ... on CollectiveFilingEvent { collectiveFilingId filingState total filed refused }"""
PAGE = f"{{ events(first: 100) {{ hasMore nodes {{ {FIELDS} }} }} }}"
FEED = f"subscription($after: String) {{ eventFeed(after: $after) {{ {FIELDS} }} }}"


@pytest.mark.parametrize("name", [*STAFF, "the nurse", "another nurse"])
async def test_a_feed_tells_exactly_what_its_page_of_events_tells(live: Live, stage: Stage, name: str) -> None:
    """So every cell of an event holds for the feed too."""
    person = stage.people[name]
    page = (await live.as_(person).ask(PAGE))["events"]
    assert page["nodes"]
    assert not page["hasMore"]
    async with live.as_(person).watch(FEED, after=stage.beginning(person)) as feed:
        messages = [await feed.next() for _ in range(1 + len(page["nodes"]))]
    assert messages == [{"__typename": "FeedHeartbeat"}, *page["nodes"]]
