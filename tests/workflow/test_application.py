"""The steps of an application, against the real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from graph.context import Services
from rules.application import Step
from tests.world import TODAY, Cast, World, renewal
from workflow import application as workflow
from workflow.application import Draft, Order


async def test_a_renewal_from_draft_to_the_register(services: Services, world: World, cast: Cast) -> None:
    db = services.db
    application_id = await workflow.create_draft(db, Draft(cast.nurse.session, renewal()))
    await workflow.take(db, Order(cast.nurse.session, Step.SUBMIT, application_id, 1))
    await workflow.take(db, Order(cast.operator.session, Step.FORWARD, application_id, 2))
    await workflow.take(db, Order(cast.reviewer.session, Step.ACCEPT, application_id, 3))
    await workflow.take(db, Order(cast.reviewer.session, Step.RECOMMEND, application_id, 4))
    await workflow.take(db, Order(cast.decider.session, Step.APPROVE, application_id, 5))
    entry = await world.row("registration", cast.nurse_id, "nurse_id")
    expected = TODAY + timedelta(days=60)
    assert entry["valid_until"] == expected.replace(year=expected.year + 5)
