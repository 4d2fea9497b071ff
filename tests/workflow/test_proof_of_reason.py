"""The proof of a deregistration is asked for by the reason with which it is filed, not by that of its draft (I21)."""

from __future__ import annotations

from uuid import UUID

import orjson
import pytest

from graph.context import Services
from rules.application import State, Step
from rules.form import form_to_json
from rules.forms import DeregistrationForm
from rules.nurse import DeregistrationReason
from tests.support.authority_stage import put
from tests.support.orders import order_of, take_order
from tests.support.registration_acts import Acts
from tests.support.world import Cast, World

OTHER = DeregistrationForm(DeregistrationReason.OTHER, "不再从事护理工作")
INCAPACITY = DeregistrationForm(DeregistrationReason.INCAPACITY, proof="法院认定2026-7")


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def draft(acts: Acts, form: DeregistrationForm) -> UUID:
    """A draft of hers."""
    kept = orjson.dumps(form_to_json(form)).decode()
    return await put(acts.world, acts.cast, State.DRAFT, kind="DEREGISTRATION", form=kept)


async def submit(acts: Acts, key: UUID, form: DeregistrationForm | None) -> UUID:
    """File her draft, with another form where one is given."""
    version = (await acts.world.row("application", key))["version"]
    return await take_order(acts.db, order_of(acts.cast.nurse.session, Step.SUBMIT, key, version, form=form))


@pytest.mark.feature("I21")
async def test_a_draft_that_others_had_found_is_filed_by_her_own_wish_without_their_proof(acts: Acts) -> None:
    key = await draft(acts, INCAPACITY)
    await submit(acts, key, OTHER)
    row = await acts.world.row("application", key)
    assert (row["state"], orjson.loads(row["form"])["reason"]) == ("INSTITUTION_REVIEW", "OTHER")
