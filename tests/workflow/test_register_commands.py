"""The commands about the register: each named as its mutation, carried out once, writing only what it declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import chain
from typing import Final

import pytest

from graph.context import Services
from rules.conflict import Situation
from rules.errors import Conflict
from tests.support.key_facts import Place, place
from tests.support.nouns import ROOT
from tests.support.register_requests import REQUESTS
from tests.support.registration_acts import Acts
from tests.support.statements import counted
from tests.support.world import World
from workflow.collective import CollectiveFilingStart
from workflow.information_change import InformationChangeRequest
from workflow.photo import PhotoFile
from workflow.proposal import ProposalConfirm
from workflow.roster_step import RosterUndo
from workflow.step import Command, take
from workflow.suspension import RegistrationLift
from workflow.ticket import DownloadTicketCreate
from workflow.unit import UnitAssign

__all__ = ["place"]

MODULES: Final = (
    *("calendar", "claim", "collective", "counter", "departure", "deregistration", "direct_registration", "exam_name"),
    *("conduct", "conduct_answer", "dispatch"),
    *(
        "information_change",
        "information_review",
        "information_edit",
        "interruption",
        "investigation",
        "key_fact",
        "look_complaint",
        "material",
        "privacy_notice",
        "photo",
        "photo_archive",
        "photo_review",
        "proposal",
        "requirement",
        "revocation",
        "span_list",
        "suspension",
        "ticket",
        "roster",
        "roster_step",
        "unit",
        "pre_review",
    ),
)
KEY: Final = "sent-again-1"
WRITTEN: Final = re.compile(r"\b(?:insert into|delete from|update(?= \w+ set\b)) (\w+)", re.IGNORECASE)
ALWAYS: Final = {"idempotency", "audit", "event", "feed_scope", "session"}
"""What any step may write, beside the tables it declares."""
MERGED: Final = (
    "nurse",
    "account",
    "record_merge",
    "record_merge_row",
    "departure",
    "collective_item",
)
ELSEWHERE: Final[dict[type[Command], frozenset[str]]] = {
    ProposalConfirm: frozenset({"delivery", "review_decision", "conduct_record", *MERGED}),
    CollectiveFilingStart: frozenset({"attempt"}),
    InformationChangeRequest: frozenset({"nurse"}),
    UnitAssign: frozenset({"application", "review_decision"}),
    RosterUndo: frozenset({"departure", "registration", "registration_history", "registration_span"}),
    RegistrationLift: frozenset({"conduct_record"}),
    PhotoFile: frozenset({"nurse"}),
}
"""What it writes in another case than the one that is tried: the undoing of a decision, a merge of records, a list's guesses, a nurse who was never registered,
an application on which nobody may act any more, reports that are withdrawn, a suspension that was undone."""


def commands() -> Iterator[type[Command]]:
    """The commands of the modules about the register; one that others are based on is none itself."""
    modules = {f"workflow.{name}" for name in MODULES}
    for one in chain.from_iterable(vars(import_module(name)).values() for name in sorted(modules)):
        command = isinstance(one, type) and issubclass(one, Command)
        if command and one.__module__ in modules and not one.__subclasses__():
            yield one


@pytest.fixture
def acts(services: Services, world: World, place: Place) -> Acts:
    """A nurse of a hospital in a province, and her people."""
    return Acts(services.db, world, place.cast)


def test_every_command_is_named_as_a_mutation_and_tried_below() -> None:
    found = list(commands())
    assert set(found) == set(REQUESTS)
    sdl = (ROOT / "graph" / "schema.graphql").read_text("utf-8")
    assert [one for one in found if f"\n  {one.mutation()}(\n" not in sdl] == []


@pytest.mark.parametrize(
    "command", [one for one in REQUESTS if one is not DownloadTicketCreate], ids=lambda one: one.mutation()
)
async def test_the_same_request_is_carried_out_once(
    acts: Acts,
    place: Place,
    command: type[Command],
) -> None:
    asked = await REQUESTS[command](acts, place)
    session = asked.who.session
    key = await take(acts.db, session, replace(asked.command, idempotency_key=KEY))
    before = await acts.everything()
    assert await take(acts.db, session, replace(asked.command, idempotency_key=KEY)) == key
    with pytest.raises(Conflict) as refusal:
        await take(acts.db, session, replace(asked.other, idempotency_key=KEY))
    assert refusal.value.situation is Situation.IDEMPOTENCY_KEY_REUSED
    assert await acts.everything() == before


@pytest.mark.parametrize("command", REQUESTS, ids=lambda one: one.mutation())
async def test_a_step_writes_only_the_tables_that_it_declares(
    acts: Acts,
    place: Place,
    command: type[Command],
) -> None:
    asked = await REQUESTS[command](acts, place)
    with counted(acts.db) as statements:
        await take(acts.db, asked.who.session, asked.command)
    written = {table.lower() for statement in statements for table in WRITTEN.findall(statement)}
    assert written - ALWAYS == command.writes - ELSEWHERE.get(command, frozenset())
