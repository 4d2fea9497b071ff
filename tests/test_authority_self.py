"""Nobody acts on what is about herself: everybody who may act in the matrix, had it been about her."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
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
from tests.support.authority_rights import RIGHTS_PROBES
from tests.support.authority_stage import Stage
from tests.support.authority_steps import TABLE, Key, take, wanted
from tests.support.authority_stock import STOCK_PROBES
from tests.support.authority_story import build
from tests.support.authority_trials import everything
from tests.support.kinds import forms
from tests.support.live import Live
from tests.support.people import NEVER, form, known
from tests.support.world import TODAY, Person, World
from workflow import collective
from workflow.collective_choice import Wish

ROOT: Final = Path(__file__).parents[1]
PROBES: Final = {**DESK_PROBES, **ACT_PROBES, **FILE_PROBES, **STOCK_PROBES, **RIGHTS_PROBES}
STAFF: Final = PEOPLE[4:]
NOBODY: Final = frozenset(
    {
        *("deadLetterRetry", "approvalSettingSet", "collectiveFilingCancel", "materialRequirementSet"),
        *("materialRequirementEnd", "staffInvite", "lawSettingSet", "deputyEnd"),
        *("unitCreate", "unitChange", "unitClose", "rosterCompare", "investigationOpen", "investigationConfirm"),
        *("faqCreate", "faqChange", "faqPublish", "faqWithdraw", "manualPublish", "manualWithdraw"),
        *("announcementPublish", "announcementCorrect", "announcementWithdraw", "announcementRead"),
        *("questionAsk", "helpCodeCreate", "manualTicketCreate"),
        *("questionGuestSendCode", "questionGuestAsk", "questionGuestReply", "questionGuestClose"),
        *("certificateBlanksReceive", "certificateBlanksWithdraw", "authorityCreate", "authoritySettingsSet"),
        "accountSetWeeklySummary",
        *(name for _, name in DESK_PROBES if name.startswith("institution") and name != "institutionReplaceManager"),
    }
)
"""What is about no nurse, or about nobody who is known."""
_COLLEAGUES: Final = "tests/workflow/test_staff.py::test_nobody_changes_herself_or_a_stranger_or_somebody_higher"
ELSEWHERE: Final = {
    "helpLookUp": "tests/graph/test_help_code.py::test_nobody_but_the_help_desk_looks_nor_anybody_at_herself",
    "nurseRegisterDirect": "tests/workflow/test_self_nurse.py"
    "::test_the_province_does_not_register_its_own_officer_by_her_own_hand",
    "nurseSettleExamName": "tests/graph/test_exam_name.py::test_nobody_settles_her_own_name",
    "rosterEdit": "tests/graph/test_roster_check.py::test_nobody_edits_or_reports_herself_by_a_list",
    "interruptionList": "tests/graph/test_span_list.py::test_nobody_records_herself_by_a_list",
    "dispatchList": "tests/graph/test_span_list.py::test_nobody_records_herself_by_a_list",
    "rosterReportDepartures": "tests/graph/test_roster_check.py::test_nobody_edits_or_reports_herself_by_a_list",
    "rosterUndo": "tests/graph/test_roster_check.py::test_nobody_undoes_by_a_list_what_was_done_about_herself",
    "photoArchiveFile": "tests/graph/test_photo_archive.py::test_every_fault_of_every_row_is_told_and_nothing_is_filed",
    "applicationsCarryOut": "tests/workflow/test_batch.py::test_nobody_acts_about_herself_among_many",
    "collectiveFilingStart": "tests/workflow/test_collective.py::test_nobody_files_for_herself",
    # A deputy about the nurse that she is, or whom she stands in for; work about the taker stays.
    "deputyName": "tests/workflow/test_deputy.py::test_nobody_lends_herself_the_rights_of_others",
    "deputySignIn": "tests/workflow/test_deputy.py::test_nobody_acts_about_herself_nor_about_whom_she_stands_in_for",
    "workHandover": "tests/workflow/test_handover.py::test_what_is_about_herself_stays_and_so_does_what_she_may_not_do",
    "institutionReplaceManager": "tests/workflow/test_institution_manager.py::test_nobody_makes_herself_the_manager",
    "staffInviteAgain": _COLLEAGUES,
    "staffDisable": _COLLEAGUES,
    "staffEnable": _COLLEAGUES,
    "staffSetRoles": _COLLEAGUES,
    "staffSetUnits": _COLLEAGUES,
    "staffSetIdentity": "tests/workflow/test_self_nurse.py::test_nobody_changes_herself_in_another_account",
}
"""Whom it is about is named by her document, by a list, or by her account: where it is shown that she is refused."""
DOORS: Final = frozenset(
    {
        *(name for about, name in TABLE if about in ("open to everybody", "on one's own account")),
        *("signIn", "signOut"),
    }
)
"""Everybody's own door and own account."""
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
    """It is refused as her own matter, and nothing has moved; who names a number is on record, whatever comes of it."""
    aside = {"audit", "attempt"} if mutation == "applicationClaimByIdNumber" else set()
    before = await kept(stage, aside)
    letter, it = await take(live.as_(who), mutation, wanted(mutation, given), plain=False)
    assert (letter, it.get("code") in OWN) == ("A", True), it
    assert await kept(stage, aside) == before


async def kept(stage: Stage, aside: Set[str]) -> dict[str, Any]:
    """Everything there is, but for some tables."""
    return {name: rows for name, rows in (await everything(stage.world)).items() if name not in aside}


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
    key
    for key in PROBES
    if entitled(key) and key[1] not in READING | HER_OWN | NOBODY | {*ELSEWHERE} and key[0] != STRANGER
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


def test_every_step_that_staff_may_take_asks_whom_it_is_about_or_is_about_nobody() -> None:
    """A new mutation is walked here, or says why it is not."""
    may = {key[1] for key in TABLE if entitled(key)}
    walked = {key[1] for key in (*STEPS, *ACTS)}
    assert may - walked == may & (NOBODY | READING | HER_OWN | DOORS | {*ELSEWHERE})
    assert walked & (NOBODY | {*ELSEWHERE}) == set()
    for place in ELSEWHERE.values():
        file, _, name = place.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), place
