"""How many statements a step on a change of information asks of the database, and a list of them."""

from __future__ import annotations

from typing import Final

import pytest

from db import law
from db.store.engine import Database
from graph.context import Context, Services
from rules.information_change import ChangeStep
from rules.information_form import InformationForm
from tests.support.information import ANSWERED, ASKED, PAPER, PROVEN, WORKED, Desk, desk
from tests.support.plan_and_executor import Both
from tests.support.statements import counted
from tests.support.world import World
from workflow.information_change import InformationChangeRequest
from workflow.information_edit import InformationEdit, InformationEditWithProof
from workflow.step import Command, take

S: Final = ChangeStep
MOST: Final = {
    "request": 7,
    "answer": 7,
    "withdraw": 6,
    "approve": 7,
    "reject": 6,
    "return": 6,
    "edit": 7,
    "edit with proof": 7,
    "object": 7,
    "decide": 7,
}
"""The statements of each step when it was measured; a step sent again asks two."""
LIST: Final = """{ informationChanges(first: 50, where: { state: { in: [PENDING, RETURNED, ANNOUNCED, DISPUTED] } }) {
  totalCount nodes { id state nurseName dueOn objectionUntil availableSteps asked { title } recorded { title } } } }"""


async def first_day(db: Database) -> None:
    """A process reads the law once a day."""
    async with db.begin() as tx:
        await tx.ask_time()
        await law.book(tx)


async def stood(it: Desk, name: str) -> tuple[str, Command]:  # noqa: PLR0911
    """Who takes a step, and the step, on a change that stands for it."""
    her = it.cast.nurse_id
    match name:
        case "request":
            return "nurse", InformationChangeRequest(ASKED)
        case "edit":
            return "operator", InformationEdit(her, WORKED)
        case "edit with proof":
            return "operator", InformationEditWithProof(her, PROVEN, PAPER)
        case "answer":
            key = await it.go(it.cast.operator, S.RETURN, await it.ask(), marked_fields=("school",))
            return "nurse", await it.command(S.ANSWER, key, form=ANSWERED)
        case "object":
            return "nurse", await it.command(S.OBJECT, await it.edit(InformationForm(work_history="北京")))
        case "decide":
            key = await it.go(it.cast.nurse, S.OBJECT, await it.edit())
            return "reviewer", await it.command(S.APPROVE, key)
    step = S[name.upper()]
    return "nurse" if step is S.WITHDRAW else "operator", await it.command(step, await it.ask())


@pytest.mark.feature("N14", "I15", "I27")
@pytest.mark.parametrize("name", MOST)
async def test_a_step_on_a_change_asks_no_more_than_it_did(services: Services, world: World, name: str) -> None:
    it = await desk(services.db, world, invite=False)
    who, command = await stood(it, name)
    await first_day(services.db)
    with counted(services.db) as statements:
        await take(services.db, getattr(it.cast, who).session, command)
    assert len(statements) == MOST[name], "\n".join(statements)


@pytest.mark.feature("I14")
async def test_a_list_of_changes_with_the_steps_that_are_open_is_one_statement(
    services: Services, world: World
) -> None:
    it = await desk(services.db, world, invite=False)
    await it.ask()
    await it.prove(InformationForm(title=PROVEN.title))
    both = Both(services)
    assert len((await both.data(LIST, it.cast.operator))["informationChanges"]["nodes"]) == 2
    document = both.documents.read(LIST)
    context = Context(services, it.cast.operator.session)
    with counted(services.db) as statements:
        await both.reads.data(document, document.operation(None), {}, context)
    assert len(statements) <= 1, "\n".join(statements)
