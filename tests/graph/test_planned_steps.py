"""Every step whose payload has a plan: answered byte for byte as the executor answers it, and taken once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
import pytest_asyncio
from graphql import get_named_type

from graph.context import Services
from graph.root import APPLICATIONS, MUTATIONS, schema
from rules.people import Party, Role
from tests.support.authority_applications import ON, steps_of
from tests.support.authority_asked import ALL, trials_of
from tests.support.authority_stage import Stage
from tests.support.authority_steps import TABLE
from tests.support.authority_story import build
from tests.support.authority_trials import Row, everything
from tests.support.generated_inputs import examples
from tests.support.live import Live
from tests.support.step_both_ways import StepBothWays, whole
from tests.support.world import World
from web.answer import never_begun

PLANNED: Final = {one.name for one in MUTATIONS if one.step is not None}
TAKES: Final[Mapping[str, Any]] = {
    name: get_named_type(field.args["input"].type)
    for name, field in schema._schema.mutation_type.fields.items()  # type: ignore[union-attr]
    if name in PLANNED
}
EACH: Final = 12
"""Generated inputs of each."""
COUNTED: Final = {"audit"}
"""What tries are kept in: some steps keep who looked for whom, also where it was refused."""


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody of the matrix."""
    return await build(world, services)


@pytest.mark.parametrize(
    ("about", "mutation"), [pytest.param(*key, id=f"{key[1]}: {key[0]}") for key in (*ON, *ALL) if key[1] in PLANNED]
)
async def test_a_step_is_answered_byte_for_byte_as_the_executor_answers_it(
    live: Live, services: Services, stage: Stage, about: str, mutation: str
) -> None:
    """By everybody of the matrix: whoever may take it by the plan, whoever may not as without it."""
    key, both, shown = (about, mutation), StepBothWays(services), set[str]()
    entitled = Row(mutation, TABLE[key]).entitled
    trials = steps_of(stage, key, entitled) if key in ON else trials_of(live, stage, key, entitled)
    async for one in trials:
        if one.person is not None:
            data, outcome = await both.taken(one.person, whole(mutation), input=one.given)
            assert outcome is not None, "left before it was begun"
            assert (data is not None) == (outcome.raised is None)
            shown |= {one.name} if data else set()
    assert shown == entitled


@pytest.mark.parametrize("name", sorted(PLANNED))
async def test_inputs_that_do_not_fit_are_refused_alike_before_the_step_is_begun(
    services: Services, stage: Stage, name: str
) -> None:
    """Generated ones, of which every second is spoiled, by an analyst, who may take no step at all."""
    both, text, kind = StepBothWays(services), whole(name), TAKES[name]
    analyst = await stage.world.person(Party.ANALYST, None, Role.ANALYST)
    begun = left = 0
    before = await everything(stage.world)
    for given in examples(EACH, kind):
        _, outcome = await both.taken(analyst, text, input=given)
        answer = await both.executed(text, {"input": given}, both.context(analyst))
        assert (outcome is None) == never_begun(answer)
        left += outcome is None
        begun += outcome is not None
    assert min(begun, left) > 0
    after = await everything(stage.world)
    moved = {table for table in before if before[table] != after[table]}
    assert moved <= COUNTED or name == "questionAsk"  # which everybody may


LEFT: Final[Mapping[str, frozenset[str]]] = {
    "it hashes a password, tests a code, or sends one": frozenset(
        {
            *("accountClose", "accountCorrectIdentity", "accountRegister", "accountVerifyIdentity"),
            *("activationActivate", "activationIssueCode", "activationSubmitCertificate"),
            *("activationSubmitExamCertificate", "contactChange", "contactChangeConfirm", "contactConfirm"),
            *("contactSendCode", "deputySignIn", "firstSignIn", "firstSignInSendCode", "helpCodeCreate", "helpLookUp"),
            *("passwordChange", "recoveryFinish", "recoveryRequest", "recoveryStart", "signIn", "signOut"),
        }
    ),
    "it is open to everybody, and counted": frozenset(
        {
            *("captchaCreate", "publicCaptchaCreate", "publicLookUp", "manualTicketCreate"),
            *("questionGuestAsk", "questionGuestClose", "questionGuestReply", "questionGuestSendCode"),
        }
    ),
    "it takes a file apart": frozenset(
        {
            *("dispatchList", "informationEditWithProof", "interruptionList", "manualPublish", "materialUpload"),
            *("photoArchiveFile", "photoUpload", "questionAddFile"),
        }
    ),
    "it gives a token, shown once": frozenset(
        {"downloadTicketCreate", "recordTicketCreate", "recordTicketCreateForRelative"}
    ),
    "what it shows is made by Python alone, and has no shape": frozenset(
        {
            *("calendarSetDay", "certificateBlanksUse", "certificatesHandOut", "faqChange", "faqCreate", "faqPublish"),
            *("faqWithdraw", "lawSettingSet", "nurseSettleExamName", "privacyNoticeAccept", "workHandover"),
        }
    ),
}
"""The mutations that the executor takes from end to end, by the reason."""


def test_every_other_mutation_is_planned_by_itself() -> None:
    left = [name for names in LEFT.values() for name in names]
    assert sorted(left) == sorted({one.name for one in MUTATIONS} - PLANNED)
    assert {one.name for one in APPLICATIONS} <= PLANNED
