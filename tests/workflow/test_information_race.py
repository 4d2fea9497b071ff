"""Two at once on one change of information: one wins, the other is refused by type, and all is written once (I15, I27)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import pytest

from graph.context import Services
from rules.application import State, Step
from rules.errors import Conflict, Invalid
from rules.information_change import ChangeStep
from rules.information_form import InformationForm
from rules.nurse import Department, Title
from rules.people import SYSTEM
from tests.support.authority_stage import put
from tests.support.information import ASKED, Desk, desk
from tests.support.rounds import ROUNDS
from tests.support.world import TODAY, World
from workflow.application import COMMANDS
from workflow.information_change import InformationChangeRequest
from workflow.information_edit import InformationEdit
from workflow.information_lapse import InformationEditTakeEffect
from workflow.step import Underway, carry_out, take

S: Final = ChangeStep
TASKS: Final = 8


async def race(it: Desk, key: UUID, *steps: tuple[str, ChangeStep]) -> tuple[ChangeStep, list[BaseException]]:
    """Eight tasks, the steps in turn; gives which one was taken, and how the others were refused."""
    tasks = [steps[nth % len(steps)] for nth in range(TASKS)]
    commands = [await it.command(step, key) for _, step in tasks]
    people = [getattr(it.cast, who) for who, _ in tasks]
    going = (take(it.db, who.session, command) for who, command in zip(people, commands, strict=True))
    answers = await asyncio.gather(*going, return_exceptions=True)
    (winner,) = [step for (_, step), answer in zip(tasks, answers, strict=True) if answer == key]
    return winner, [answer for answer in answers if isinstance(answer, BaseException)]


async def written(it: Desk, *fields: str) -> list[tuple[str, str | None]]:
    """The rows of history of these fields."""
    sql = "select field, after from nurse_change where nurse_id = $1 and field = any($2) order by id"
    return [tuple(row) for row in await it.world.owner.fetch(sql, it.cast.nurse_id, list(fields))]


async def heard(it: Desk) -> list[str]:
    """The events of her changes in her feed."""
    sql = "select type from event where scope = $1 and type like 'information.%' order by seq"
    rows = await it.world.owner.fetch(sql, it.cast.nurse_id)
    return [row["type"].removeprefix("information.") for row in rows]


PAIRS: Final = {
    "two reviewers agree": (("operator", S.APPROVE), ("manager", S.APPROVE)),
    "two reviewers disagree": (("operator", S.APPROVE), ("manager", S.REJECT)),
    "agreed to while she takes it back": (("operator", S.APPROVE), ("nurse", S.WITHDRAW)),
    "sent back while she takes it back": (("operator", S.RETURN), ("nurse", S.WITHDRAW)),
}
ENDS: Final = {S.APPROVE: "decided", S.REJECT: "decided", S.WITHDRAW: "withdrawn", S.RETURN: "returned"}


@pytest.mark.feature("N14", "I15")
@pytest.mark.parametrize("pair", PAIRS)
async def test_of_two_steps_on_a_change_one_is_taken(services: Services, world: World, pair: str) -> None:
    for _ in range(ROUNDS):
        it = await desk(services.db, world, invite=False)
        key = await it.ask()
        winner, losers = await race(it, key, *PAIRS[pair])
        assert [type(loser) for loser in losers] == [Conflict] * (TASKS - 1)
        assert (await it.row(key))["version"] == 2
        agreed = [("department", "EMERGENCY"), ("school", "北京大学")] if winner is S.APPROVE else []
        assert await written(it, "department", "school") == agreed
        assert await heard(it) == ["requested", ENDS[winner]]


@pytest.mark.feature("I27")
async def test_an_objection_and_the_end_of_its_time_at_once_are_one_after_the_other(
    services: Services, world: World
) -> None:
    for _ in range(ROUNDS):
        it = await desk(services.db, world, invite=False)
        key = await it.prove()
        objecting = await it.command(S.OBJECT, key)
        taking_back = await it.command(S.WITHDRAW, key)
        answers = await asyncio.gather(
            *(take(it.db, it.cast.nurse.session, objecting) for _ in range(3)),
            *(take(it.db, it.cast.operator.session, taking_back) for _ in range(3)),
            effect(it, key),
            return_exceptions=True,
        )
        assert len([one for one in answers if one == key]) == 1
        assert all(isinstance(one, Conflict | UUID | None) for one in answers), answers
        row = await it.row(key)
        assert (row["state"], row["version"]) in (("DISPUTED", 2), ("WITHDRAWN", 2))
        assert await written(it, "title") == []


async def effect(it: Desk, key: UUID) -> None:
    """The system looks whether her time is over."""
    async with it.db.begin() as tx:
        await tx.ask_time()
        await carry_out(Underway(tx, SYSTEM, InformationEditTakeEffect(key), key))


@pytest.mark.feature("N14", "A4")
async def test_an_approved_renewal_with_a_newer_title_and_an_approved_change_are_one_after_the_other(
    services: Services, world: World
) -> None:
    for _ in range(ROUNDS):
        it = await desk(services.db, world, invite=False)
        key = await it.ask(InformationForm(title=Title.CHIEF_NURSE, school="北京大学"))
        renewal = await renewing(it)
        answers = await asyncio.gather(
            it.go(it.cast.operator, S.APPROVE, key),
            take(it.db, it.cast.decider.session, COMMANDS[Step.APPROVE](renewal, 1)),
            return_exceptions=True,
        )
        assert answers[1] == renewal
        row, titles = await it.row(key), [after for _, after in await written(it, "title")]
        if answers[0] == key:
            assert (row["state"], row["superseded_fields"], titles) == ("APPROVED", [], ["CHIEF_NURSE", "SENIOR_NURSE"])
        else:
            assert isinstance(answers[0], Conflict)
            assert (row["state"], row["superseded_fields"], titles) == ("PENDING", ["title"], ["SENIOR_NURSE"])
        assert (await world.row("nurse", it.cast.nurse_id))["title"] == "SENIOR_NURSE"


async def renewing(it: Desk) -> UUID:
    """A renewal with another title, ready to be approved."""
    form: dict[str, Any] = {"healthStatus": "GOOD", "healthExaminedOn": str(TODAY - timedelta(days=20))}
    text = orjson.dumps({**form, "title": "SENIOR_NURSE"}).decode()
    due = {"due_on": TODAY + timedelta(days=20), "recommender_id": it.cast.reviewer.account_id}
    return await put(it.world, it.cast, State.ACCEPTED, kind="RENEWAL", form=text, **due)


@pytest.mark.feature("I27")
async def test_of_two_edits_of_one_field_the_later_stands_and_both_are_kept(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        it = await desk(services.db, world, invite=False)
        forms = (InformationForm(department=Department.EMERGENCY), InformationForm(department=Department.OUTPATIENT))
        people = (it.cast.operator, it.cast.manager)
        keys = await asyncio.gather(
            *(
                take(it.db, who.session, InformationEdit(it.cast.nurse_id, form))
                for who, form in zip(people, forms, strict=True)
            )
        )
        rows = sorted([await it.row(key) for key in keys], key=lambda row: row["decided_at"])
        assert [row["state"] for row in rows] == ["APPROVED", "APPROVED"]
        values = [after for _, after in await written(it, "department")]
        assert sorted(values) == ["EMERGENCY", "OUTPATIENT"]
        assert (await world.row("nurse", it.cast.nurse_id))["department"] == values[-1]


@pytest.mark.feature("I27")
async def test_of_two_papers_on_one_field_one_waits_for_her_objection(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        it = await desk(services.db, world, invite=False)
        answers = await asyncio.gather(*(it.prove() for _ in range(4)), return_exceptions=True)
        assert len([one for one in answers if isinstance(one, UUID)]) == 1
        assert [type(one) for one in answers if not isinstance(one, UUID)] == [Invalid] * 3
        assert await heard(it) == ["announced"]


@pytest.mark.feature("N14", "I27")
async def test_what_she_asks_for_while_her_institution_writes_it_is_asked_for_or_refused_and_never_lost(
    services: Services, world: World
) -> None:
    for _ in range(ROUNDS):
        it = await desk(services.db, world, invite=False)
        her = it.cast.nurse
        wish = InformationEdit(it.cast.nurse_id, InformationForm(department=Department.OUTPATIENT))
        asked, edited = await asyncio.gather(
            take(it.db, her.session, InformationChangeRequest(ASKED)),
            take(it.db, it.cast.operator.session, wish),
            return_exceptions=True,
        )
        assert isinstance(edited, UUID), edited
        assert isinstance(asked, UUID), asked
        row = await it.row(asked)
        first = row["superseded_fields"] == ["department"]
        assert (row["state"], row["asked"]) == ("PENDING", ("school",) if first else ("department", "school"))
