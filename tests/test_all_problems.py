"""Whatever is wrong with an input is told in one answer: each mutation, with every field wrong that can be wrong alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
import pytest_asyncio

from graph.context import Services
from graph.root import schema
from tests.support.authority_acts import ACT_PROBES
from tests.support.authority_applications import ON
from tests.support.authority_desks import DESK_PROBES
from tests.support.authority_files import FILE_PROBES
from tests.support.authority_matrix import PEOPLE
from tests.support.authority_people import ready
from tests.support.authority_probes import ON_THE_WAY, PROBES, Ask
from tests.support.authority_rights import RIGHTS_PROBES
from tests.support.authority_stage import Stage
from tests.support.authority_steps import TABLE, Key, sent, wanted
from tests.support.authority_stock import STOCK_PROBES
from tests.support.authority_story import build
from tests.support.live import Client, Live
from tests.support.world import World
from tests.support.wrong_values import put_at, wrong_values

ALL: Final = {**PROBES, **DESK_PROBES, **ACT_PROBES, **FILE_PROBES, **STOCK_PROBES, **RIGHTS_PROBES}
_SPENT: Final = {"captchaAnswer": "a captcha is spent by a try: it is asked once all else is right"}
_FILE: Final = "a file is opened before the transaction in which the rest is judged"
LATER: Final[Mapping[str, Mapping[str, str]]] = {
    **dict.fromkeys(("accountRegister", "recoveryRequest", "questionGuestSendCode"), _SPENT),
    "keyFactRequest": {"name": "left out it is wrong only where the number is left out as well"},
    "nurseRegisterDirect": dict.fromkeys(
        ("trainedFrom", "trainedUntil", "trainingInstitution"), "needed three years after the examination"
    ),
    "informationChangeApprove": {"originalsSeen": "needed of what is accepted"},
    **{one: {"otherDepartment": "compared with the department"} for one in ("unitCreate", "unitChange")},
    **{one: {"dispatch.endsOn": "counted from the first day"} for one in ("dispatchStart", "dispatchChange")},
    "materialRequirementSet": {"validUntil": "compared with the first day"},
    "materialUpload": {"code": _FILE},
    "manualPublish": dict.fromkeys(("title", "version", "dated"), _FILE),
    "informationEditWithProof": {"form": _FILE},
    "applicationFileAtCounter": {"form.deregistration.remarks": "needed where the reason is OTHER"},
}
"""By mutation the fields whose fault is told later than another one, and why it cannot be told at once."""


def entitled(key: Key) -> str | None:
    """The first who may take it."""
    letters = dict(zip(PEOPLE, TABLE[key].replace(" ", ""), strict=True))
    return next((name for name in PEOPLE if letters[name] == "P"), None)


INPUTS: Final = schema._schema.mutation_type.fields  # type: ignore[union-attr]
ELSEWHERE: Final = {
    "contactConfirm": "one code a minute is sent: tests/graph/test_contact.py",
    "applicationCreateDraft": "a draft may be anything: tests/graph/test_draft.py",
    "signIn": "a wrong name and a wrong password are one answer: tests/graph/test_account.py",
    "applicationPreReview": "for a ward head, with one text: tests/graph/test_unit.py",
    "calendarSetDay": "for the nation alone: tests/graph/test_deadline.py",
}
WALKED: Final = [key for key in {**ALL, **ON} if entitled(key) and INPUTS[key[1]].args and key[1] not in ELSEWHERE]


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody of the matrix."""
    return await build(world, services)


async def prepared(live: Live, stage: Stage, key: Key) -> tuple[Client, dict[str, Any]]:
    """A right input of its own, and who may send it."""
    name = entitled(key)
    assert name is not None
    if key in ON:
        cast, given = await ON[key].prepared(stage, stage.people[name])
        herself = "inactive nurse" if ON[key].early else "the nurse"
        who = cast.nurse if name == herself else stage.people[name]
    else:
        person = await ready(stage, key[1]) if (key[0], name) == (ON_THE_WAY, "inactive nurse") else stage.people[name]
        given = {**await ALL[key](Ask(stage, person, live.as_(None)))}
        who = given.get("herself" if name in ("the nurse", "inactive nurse") else "instead", person)
    return live.as_(who), wanted(key[1], given)


async def answered(client: Client, mutation: str, given: dict[str, Any]) -> tuple[str, set[str]]:
    """What an input is answered: the type, and the fields that it names."""
    head = f"mutation($input: {schema._schema.mutation_type.fields[mutation].args['input'].type})"  # type: ignore[union-attr]
    shown = "__typename ... on ValidationProblem { fields { path } }"
    body = (await sent(client, f"{head} {{ it: {mutation}(input: $input) {{ {shown} }} }}", given)).json()
    it = (body.get("data") or {}).get("it") or {"__typename": str(body.get("errors"))}
    return it["__typename"], {one["path"] for one in it.get("fields", ())}


def names(fields: set[str], path: str) -> bool:
    """True if a field is among those that an answer names, or something within it is."""
    return any(one == path or one.startswith(f"{path}.") for one in fields)


@pytest.mark.parametrize("key", WALKED, ids=lambda key: f"{key[1]}: {key[0]}")
async def test_everything_that_is_wrong_is_told_at_once(live: Live, stage: Stage, key: Key) -> None:
    client, given = await prepared(live, stage, key)
    found: dict[str, Any] = {}
    for path, value in wrong_values(key[1], given):
        if path in found:
            continue
        kind, fields = await answered(client, key[1], put_at(given, path, value))
        if names(fields, path):
            found[path] = value
        elif kind != "ValidationProblem":
            client, given = await prepared(live, stage, key)
    everything = given
    for path, value in found.items():
        everything = put_at(everything, path, value)
    kind, fields = await answered(client, key[1], everything)
    missing = {path for path in found if not names(fields, path)}
    later = {path for path in missing for one in LATER.get(key[1], ()) if path == one or path.startswith(f"{one}.")}
    assert missing - later == set(), (kind, missing, fields)


def test_every_mutation_with_an_input_is_walked_or_says_why_not() -> None:
    walked = {name for _, name in WALKED}
    assert {name for name, field in INPUTS.items() if field.args} - walked == {*ELSEWHERE}
    assert {*LATER} <= walked
