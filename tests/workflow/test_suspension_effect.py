"""What a suspension does to everything else (暂停执业的效力): the table of docs/reference/suspension.md, walked."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from db.read import batch
from graph.context import Services
from rules.application import State, Step
from rules.conduct import WithdrawalGround
from rules.dispatch import DispatchKind
from rules.errors import Invalid, WrongState
from rules.registration import DeregistrationReason
from rules.working_days import add_months, add_years
from tests.support.authority_stage import put
from tests.support.orders import order_of, take_order
from tests.support.registration_acts import NUMBER, Acts
from tests.support.story import codes_of
from tests.support.world import TODAY, Cast, World
from workflow.dispatch import DispatchStart, Sent
from workflow.interruption import InterruptionEnd, InterruptionStart
from workflow.proposal import DeregistrationPropose, ProposalConfirm
from workflow.step import take
from workflow.suspension import RegistrationLift, RegistrationSuspend

PAGE: Final = (Path(__file__).parents[2] / "docs/reference/suspension.md").read_text("utf-8")
SENT: Final = Sent(DispatchKind.SUPPORT, TODAY, None, None, "石门村卫生室")
Walk = Callable[[Acts], Awaitable[None]]


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def suspend(acts: Acts) -> None:
    """For six months from today."""
    await acts.take(RegistrationSuspend, acts.cast.decider, months=6, decision_number=NUMBER)


async def lift(acts: Acts, **more: Any) -> None:
    """It is over early; begun today, it lasts until today, so the day is moved to yesterday."""
    await acts.take(RegistrationLift, acts.cast.decider, decision_number=NUMBER, **more)
    await move(acts, TODAY - timedelta(days=9), TODAY - timedelta(days=1))


async def move(acts: Acts, first: date, last: date) -> None:
    """Let the suspension have other days."""
    sql = "update registration_span set starts_on = $2, ends_on = $3 where nurse_id = $1 and kind = 'SUSPENSION'"
    await acts.world.owner.execute(sql, acts.cast.nurse_id, first, last)


async def shown(acts: Acts) -> Any:
    """Her entry as her institution reads it."""
    (found,) = (await batch.by_ids(acts.db, acts.cast.operator.actor, "Registration", [acts.cast.nurse_id])).values()
    return found


async def expires(acts: Acts, last: date) -> None:
    """Let her registration have another last day."""
    sql = "update registration set valid_until = $2 where nurse_id = $1"
    await acts.world.owner.execute(sql, acts.cast.nurse_id, last)


async def may_practise(acts: Acts) -> None:
    """To the day: the first and the last day count, the days around do not."""
    await suspend(acts)
    one = timedelta(days=1)
    for first, last, may in (
        (TODAY, TODAY, False),
        (TODAY - one, TODAY, False),
        (TODAY, TODAY + one, False),
        (TODAY - one, TODAY - one, True),
        (TODAY + one, TODAY + one, True),
    ):
        await move(acts, first, last)
        assert (await shown(acts))["may_practise"] is may, (first, last)


async def _standing(acts: Acts) -> None:
    await suspend(acts)
    found = await shown(acts)
    assert (found["standing"], found["suspended"]) == ("SUSPENDED", True)
    await expires(acts, TODAY - timedelta(days=1))
    assert (await shown(acts))["standing"] == "EXPIRED"


async def _colour(acts: Acts) -> None:
    await expires(acts, TODAY + timedelta(days=60))
    assert (await shown(acts))["expiry"] == "EXPIRING"
    await suspend(acts)
    assert (await shown(acts))["expiry"] == "EXPIRING"
    await expires(acts, TODAY - timedelta(days=1))
    assert (await shown(acts))["expiry"] == "EXPIRED"


async def _renewal(acts: Acts) -> None:
    await expires(acts, TODAY + timedelta(days=60))
    by = {"recommender_id": acts.cast.reviewer.account_id}
    key = await put(acts.world, acts.cast, State.ACCEPTED, **by)
    await suspend(acts)
    approve = order_of(acts.cast.decider.session, Step.APPROVE, key, 1)
    with pytest.raises(Invalid) as refusal:
        await take_order(acts.db, approve)
    assert codes_of(refusal.value) == {"NOT_SUSPENDED"}
    await lift(acts)
    await take_order(acts.db, approve)
    assert (await shown(acts))["valid_until"] > add_years(TODAY, 5)


async def _change(acts: Acts) -> None:
    await suspend(acts)
    there = await acts.world.cast()
    sql = "update registration set institution_id = $2, authority_id = $3 where nurse_id = $1"
    await acts.world.owner.execute(sql, acts.cast.nurse_id, there.hospital, there.district)
    (found,) = (await batch.by_ids(acts.db, there.operator.actor, "Registration", [acts.cast.nurse_id])).values()
    assert (found["standing"], found["may_practise"]) == ("SUSPENDED", False)


async def _dispatch(acts: Acts) -> None:
    await acts.take(DispatchStart, acts.cast.operator, sent=SENT)
    await suspend(acts)
    ((key, ends_on),) = [
        (row["id"], row["ends_on"]) for row in await acts.rows("registration_span") if row["kind"] == "DISPATCH"
    ]
    assert ends_on is None
    (found,) = (await batch.by_ids(acts.db, acts.cast.operator.actor, "Dispatch", [key])).values()
    assert (found["running"], found["standing"], found["may_practise"]) == (True, "SUSPENDED", False)
    other = await acts.world.nurse(acts.cast.hospital, acts.cast.district)
    before = {"kind": "SUSPENSION", "starts_on": TODAY, "ends_on": TODAY}
    await acts.world.insert("registration_span", nurse_id=other, **before)
    with pytest.raises(WrongState):
        await take(acts.db, acts.cast.operator.session, DispatchStart(other, SENT))


async def _interruption(acts: Acts) -> None:
    await suspend(acts)
    await acts.take(InterruptionStart, acts.cast.operator, starts_on=TODAY - timedelta(days=9))
    await acts.take(InterruptionEnd, acts.cast.operator, ends_on=TODAY)
    kinds = {row["kind"]: row["ends_on"] for row in await acts.rows("registration_span")}
    assert kinds == {"SUSPENSION": add_months(TODAY, 6) - timedelta(days=1), "INTERRUPTION": TODAY}


async def _record(acts: Acts) -> None:
    await suspend(acts)
    (record,) = await acts.rows("conduct_record")
    assert (record["kind"], record["state"]) == ("BAD", "RECORDED")
    await lift(acts, annulled=WithdrawalGround.COURT)
    (record,) = await acts.rows("conduct_record")
    assert (record["state"], record["withdrawal_ground"]) == ("WITHDRAWN", "COURT")


async def _deregistration(acts: Acts) -> None:
    await acts.take(DispatchStart, acts.cast.operator, sent=SENT)
    await suspend(acts)
    ends = {"reason": DeregistrationReason.ANNULLED, "decision_number": NUMBER}
    proposal = await acts.take(DeregistrationPropose, acts.cast.decider, **ends)
    second = await acts.officer(*acts.cast.decider.actor.roles)
    await take(acts.db, second.session, ProposalConfirm(proposal))
    spans = {row["kind"]: row["ends_on"] for row in await acts.rows("registration_span")}
    assert spans == {"DISPATCH": TODAY, "SUSPENSION": add_months(TODAY, 6) - timedelta(days=1)}


WALKS: Final[dict[str, Walk]] = {
    "MAY_PRACTISE": may_practise,
    "STANDING": _standing,
    "COLOUR": _colour,
    "RENEWAL": _renewal,
    "CHANGE": _change,
    "DISPATCH": _dispatch,
    "INTERRUPTION": _interruption,
    "RECORD": _record,
    "DEREGISTRATION": _deregistration,
}
ELSEWHERE: Final = {"CODE"}
"""Shown where codes are: issuing one asks for no standing (tests/workflow/test_activation.py)."""


@pytest.mark.parametrize("row", sorted(WALKS))
async def test_the_table_of_what_a_suspension_does_is_so(acts: Acts, row: str) -> None:
    await WALKS[row](acts)


def test_every_row_of_the_table_is_walked() -> None:
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE)) == {*WALKS, *ELSEWHERE}
