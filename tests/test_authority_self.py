"""Nobody acts on what is about herself: everybody who may act in the matrix, had it been about her."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.form import form_to_json
from rules.kinds import Kind
from tests.support.authority_acts import ACT_PROBES
from tests.support.authority_applications import ON
from tests.support.authority_desks import DESK_PROBES, STRANGER
from tests.support.authority_files import FILE_PROBES
from tests.support.authority_matrix import PEOPLE
from tests.support.authority_probes import Ask, Input
from tests.support.authority_stage import Stage
from tests.support.authority_steps import TABLE, Key, take, wanted
from tests.support.authority_story import build
from tests.support.authority_trials import everything
from tests.support.kinds import forms
from tests.support.live import Live
from tests.support.people import NEVER, form, known
from tests.support.world import TODAY, Person, World
from workflow import collective
from workflow.collective_choice import Wish

PROBES: Final = {**DESK_PROBES, **ACT_PROBES, **FILE_PROBES}
STAFF: Final = PEOPLE[4:]
NOBODY: Final = frozenset(
    {
        *(
            "deadLetterRetry",
            "nurseRegisterDirect",
            "nurseSettleExamName",
            "approvalSettingSet",
            "collectiveFilingStart",
        ),
        *("collectiveFilingCancel", "materialRequirementSet", "materialRequirementEnd", "lawSettingSet"),
        *(name for _, name in DESK_PROBES if name.startswith(("institution", "staff"))),
    }
)
"""What is about no nurse, or about nobody who is known."""
READING: Final = frozenset({"downloadTicketCreate"})
"""Of one's own record there is nothing to hide, and nothing to decide."""
OWN: Final = frozenset({"ABOUT_YOURSELF"})
"""How it is told."""
HER_OWN: Final = frozenset({"keyFactRequest", "recordMergeObject"})
"""She may ask for it as the nurse that she is."""


def entitled(key: Key) -> str | None:
    """The first of the staff who may do it."""
    letters = dict(zip(PEOPLE, TABLE[key].replace(" ", ""), strict=True))
    return next((name for name in STAFF if letters[name] == "P"), None)


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody of the matrix."""
    return await build(world, services)


async def refused(live: Live, stage: Stage, who: Person, mutation: str, given: Mapping[str, Any]) -> None:
    """It is refused as her own matter, and nothing has moved."""
    before = await everything(stage.world)
    letter, it = await take(live.as_(who), mutation, wanted(mutation, given), plain=False)
    assert (letter, it.get("code") in OWN) == ("A", True), it
    assert await everything(stage.world) == before


async def double(stage: Stage, name: str, nurse_id: Any) -> Person:
    """A colleague of somebody, with the same rights, who is this nurse."""
    one = stage.people[name]
    assert one is not None
    assert one.actor.party is not None
    return await stage.world.person(one.actor.party, one.actor.party_id, *one.actor.roles, self_nurse=nurse_id)


STEPS: Final = [key for key in ON if entitled(key) and ON[key].state is not State.DRAFT]


@pytest.mark.parametrize("key", STEPS, ids=lambda key: f"{key[1]}: {key[0]}")
async def test_nobody_takes_a_step_on_her_own_application(live: Live, stage: Stage, key: Key) -> None:
    name = entitled(key)
    assert name is not None
    cast, given = await ON[key].prepared(stage)
    who = await double(stage, name, cast.nurse_id)
    await refused(live, stage, who, key[1], given)


ACTS: Final = [
    key for key in PROBES if entitled(key) and key[1] not in READING | HER_OWN | NOBODY and key[0] != STRANGER
]


@pytest.mark.parametrize("key", ACTS, ids=lambda key: f"{key[1]}: {key[0]}")
async def test_nobody_acts_on_herself(live: Live, stage: Stage, key: Key) -> None:
    name = entitled(key)
    assert name is not None
    given: Input = await PROBES[key](Ask(stage, stage.people[name], live.as_(None)))
    nurse_id = given["about"] if "about" in given else given["herself"].actor.nurse_id
    who = await double(stage, name, nurse_id)
    await refused(live, stage, who, key[1], given)


async def test_nobody_files_for_herself_who_is_registered_nowhere_yet(live: Live, stage: Stage) -> None:
    """Any counter and any institution may take a beginner on: but not whoever she works as there herself."""
    her, nowhere = form(), {**NEVER, "institution_id": None, "authority_id": None}
    nurse_id = await known(stage.world, stage.cast, her, **nowhere)
    first = {"first": form_to_json(forms(TODAY)[Kind.FIRST])}
    given = {"nurseId": global_id("Nurse", nurse_id), "form": first, "identitySeen": True}
    target = {"institutionId": global_id("Institution", stage.cast.hospital)}
    reviewer = await double(stage, "reviewer", nurse_id)
    await refused(live, stage, reviewer, "applicationFileAtCounter", {**given, **target})
    operator = await double(stage, "operator", nurse_id)
    row = f"idNumber,name\n{her.id_number},{her.name}\n".encode()
    wish = Wish(Kind.FIRST, forms(TODAY)[Kind.FIRST], csv=row)
    (found,) = (await collective.check(stage.services.db, operator.session, wish, 10)).found
    problems = found[1].problems or []
    assert [one["code"] for one in problems] == ["ABOUT_YOURSELF"]
