"""Ids of an application that has been through everything, for generated queries."""

from __future__ import annotations

import os
from functools import cache

from graph.context import Services
from graph.root import schema
from graph.schema.node import global_id
from rules.application import Step
from rules.people import Party, Role
from tests.support.orders import draft_of, order_of, take_order
from tests.support.world import Cast, World, renewal

DOCUMENTS = int(os.environ.get("HUSHI_TEST_DOCUMENTS", "2000" if os.environ.get("HUSHI_TEST_LONG") else "100"))


@cache
def sdl() -> str:
    """The schema as generators of documents read it, printed once."""
    return schema.as_str()


async def busy(world: World, services: Services, cast: Cast) -> list[str]:
    """An application that has been through everything, and the ids of all that it touches."""
    key = await take_order(services.db, draft_of(cast.nurse.session, renewal()))
    steps = (
        (cast.nurse, Step.SUBMIT), (cast.operator, Step.FORWARD), (cast.reviewer, Step.ACCEPT),
        (cast.reviewer, Step.RECOMMEND), (cast.decider, Step.APPROVE),
    )  # fmt: skip
    for version, (person, step) in enumerate(steps, start=1):
        await take_order(services.db, order_of(person.session, step, key, version))
    nurse = await world.nurse(cast.hospital, cast.district)
    other = await world.person(Party.NURSE, nurse, Role.NURSE)
    waiting = await take_order(services.db, draft_of(other.session, renewal(remarks='"引号"\n\\😀')))
    await take_order(services.db, order_of(other.session, Step.SUBMIT, waiting, 1))
    named = {"Application": key, "Nurse": cast.nurse_id, "Institution": cast.hospital, "Authority": cast.district}
    ids = [global_id(noun, one) for noun, one in {**named, "Registration": nurse}.items()]
    return [*ids, global_id("Application", waiting), global_id("Account", cast.operator.account_id), "x", ""]
