"""The steps that are offered on a change of information are exactly those that would not be refused (N13, I14)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from uuid import UUID

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.information_change import ChangeStep
from tests.support.information import Desk, desk
from tests.support.plan_and_executor import Both
from tests.support.world import World

S: Final = ChangeStep
SHOWN: Final = """query($id: ID!, $all: InformationChangeWhere) {
  node(id: $id) { ... on InformationChange { availableSteps } }
  informationChanges(first: 5, where: $all) { nodes { id availableSteps } } }"""


async def offered(services: Services, it: Desk, key: UUID) -> dict[str, list[str]]:
    """The steps that each is offered: by plan and by executor, alone and in the list, and exactly those she may take."""
    both, found = Both(services), {}
    active = {row["id"] for row in await it.world.owner.fetch("select id from account where state = 'ACTIVE'")}
    for name, person in it.people.items():
        if person.account_id not in active:
            continue
        shown = await both.data(SHOWN, person, id=global_id("InformationChange", key))
        alone = [] if shown["node"] is None else shown["node"]["availableSteps"]
        rows = shown["informationChanges"]["nodes"]
        listed = [row["availableSteps"] for row in rows if row["id"] == global_id("InformationChange", key)]
        assert listed == ([] if shown["node"] is None else [alone])
        assert alone == [step for step in S if await it.allows(person, step, key)], name
        found[name] = alone
    return {name: steps for name, steps in found.items() if steps}


Made: TypeAlias = Callable[[Desk], Awaitable[UUID]]


async def asked(it: Desk) -> UUID:
    return await it.ask()


async def returned(it: Desk) -> UUID:
    key = await it.ask()
    return await it.go(it.cast.operator, S.RETURN, key, marked_fields=("school",))


async def escalated(it: Desk) -> UUID:
    key = await it.ask()
    await it.set(key, "queued_at = now() - interval '40 days'")
    return await it.go(it.cast.nurse, S.ESCALATE, key)


async def written(it: Desk) -> UUID:
    return await it.edit()


async def announced(it: Desk) -> UUID:
    return await it.prove()


async def disputed(it: Desk) -> UUID:
    return await it.go(it.cast.nurse, S.OBJECT, await it.edit())


async def disputed_paper(it: Desk) -> UUID:
    return await it.go(it.cast.nurse, S.OBJECT, await it.prove())


def then(make: Made, who: str, step: ChangeStep) -> Made:
    """The change one step on."""

    async def made(it: Desk) -> UUID:
        return await it.go(it.people[who], step, await make(it))

    return made


REVIEW: Final = ["APPROVE", "REJECT", "RETURN"]
DECIDE: Final = ["APPROVE", "REJECT"]
AT_DESK: Final = {"operator": REVIEW, "manager": REVIEW}
STATES: Final[dict[str, tuple[Made, dict[str, list[str]]]]] = {
    "asked for": (asked, {"nurse": ["WITHDRAW"], **AT_DESK}),
    "returned": (returned, {"nurse": ["ANSWER", "WITHDRAW"]}),
    "escalated": (escalated, {"nurse": ["WITHDRAW"], "reviewer": REVIEW}),
    "written at once": (written, {"nurse": ["OBJECT"]}),
    "announced": (announced, {"nurse": ["OBJECT"], "operator": ["WITHDRAW"], "manager": ["WITHDRAW"]}),
    "disputed": (disputed, {"operator": ["WITHDRAW"], "manager": ["WITHDRAW"], "reviewer": DECIDE}),
    "disputed paper": (disputed_paper, {"operator": ["WITHDRAW"], "manager": ["WITHDRAW"], "reviewer": DECIDE}),
    "approved": (then(asked, "operator", S.APPROVE), {}),
    "rejected": (then(asked, "operator", S.REJECT), {}),
    "withdrawn": (then(asked, "nurse", S.WITHDRAW), {}),
    "an edit taken back": (then(announced, "operator", S.WITHDRAW), {}),
    "upheld": (then(disputed, "reviewer", S.APPROVE), {}),
    "not upheld": (then(disputed, "reviewer", S.REJECT), {}),
}


@pytest.mark.feature("N13", "N14", "I14", "I15", "I27")
@pytest.mark.parametrize("state", STATES)
async def test_in_every_state_each_is_offered_what_she_may_do(services: Services, world: World, state: str) -> None:
    make, expected = STATES[state]
    it = await desk(services.db, world)
    assert await offered(services, it, await make(it)) == expected


Spoilt: TypeAlias = Callable[[Desk, UUID], Awaitable[object]]


def row(assignments: str) -> Spoilt:
    """The change's row is another."""
    return lambda it, key: it.set(key, assignments)


def sql(text: str, of: str) -> Spoilt:
    """Something beside it is another."""
    return lambda it, key: it.world.owner.execute(text, getattr(it.cast, of))


async def merged(it: Desk, _: UUID) -> None:
    """Her record is merged into one that was there for it."""
    other = await it.world.nurse(it.cast.hospital, it.cast.district)
    await it.world.owner.execute("update nurse set merged_into = $2 where id = $1", it.cast.nurse_id, other)


STAFF: Final = "update account set state = 'DISABLED' where institution_id = $1 and self_nurse_id is null"
OFFICERS: Final = "update account set state = 'DISABLED' where authority_id = $1 and self_nurse_id is null"
HOSPITAL: Final = "update institution set state = 'SUSPENDED' where id = $1"
LEFT: Final = "update registration set institution_id = null where nurse_id = $1"
SINCE: Final = "update nurse set department = 'WARD' where id = $1"
SPOILT: Final[dict[str, tuple[Made, Spoilt, dict[str, list[str]]]]] = {
    "nine working days or more": (
        *(asked, row("queued_at = now() - interval '11 days'")),
        {"nurse": ["WITHDRAW"], **AT_DESK},
    ),
    "her institution is silent": (
        *(asked, row("queued_at = now() - interval '40 days'")),
        {"nurse": ["WITHDRAW", "ESCALATE"], **AT_DESK},
    ),
    "nobody else is there": (asked, sql(STAFF, "hospital"), {"nurse": ["WITHDRAW", "ESCALATE"]}),
    "her institution is suspended": (asked, sql(HOSPITAL, "hospital"), {"nurse": ["WITHDRAW", "ESCALATE"], **AT_DESK}),
    "she has no institution": (asked, sql(LEFT, "nurse_id"), {"nurse": ["WITHDRAW"], "reviewer": REVIEW}),
    "her authority has nobody else": (escalated, sql(OFFICERS, "district"), {"nurse": ["WITHDRAW"], "above": REVIEW}),
    "merged into another record": (asked, merged, {}),
    "written long ago": (written, row("created_at = now() - interval '40 days'"), {}),
    "written, and changed since": (written, sql(SINCE, "nurse_id"), {}),
    "announced long ago": (
        *(announced, row("created_at = now() - interval '40 days'")),
        {"operator": ["WITHDRAW"], "manager": ["WITHDRAW"]},
    ),
    "announced, and she left": (announced, sql(LEFT, "nurse_id"), {"nurse": ["OBJECT"]}),
    "disputed, and she left": (disputed, sql(LEFT, "nurse_id"), {"reviewer": DECIDE}),
    "took effect by its paper": (
        *(announced, row("state = 'APPROVED', decided_at = now()")),
        {},
    ),
}


@pytest.mark.feature("N14", "I14", "I27")
@pytest.mark.parametrize("case", SPOILT)
async def test_what_would_be_refused_is_not_offered(services: Services, world: World, case: str) -> None:
    make, spoil, expected = SPOILT[case]
    it = await desk(services.db, world)
    key = await make(it)
    await spoil(it, key)
    assert await offered(services, it, key) == expected
