"""Undoing a decision: one provincial admin proposes it, another confirms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from graph.context import Services
from rules.application import State, Step
from rules.errors import Conflict, NotFound, WrongState
from rules.moment import SHANGHAI
from rules.nurse_event import MOVED_IN, MOVED_OUT
from rules.people import Role
from rules.proposal import VoidGround
from rules.reasons import Reason
from rules.working_days import add_years
from tests.support.authority_stage import put
from tests.support.orders import order_of, take_order
from tests.support.proposals import decide
from tests.support.registration_acts import NUMBER, ROUNDS, Acts, race
from tests.support.story import reason_of
from tests.support.world import TODAY, Cast, Person, World
from workflow.step import take
from workflow.void import VoidPropose

CHANGED = '{"department": "WARD", "change_reason": "搬家"}'


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def approved(acts: Acts, **before: Any) -> UUID:
    """A renewal that was approved, on top of what the history knows."""
    history = {"status": "VALID", "institution_id": acts.cast.hospital, "authority_id": acts.cast.district}
    entry = await acts.row()
    history |= {"certificate_number": entry["certificate_number"], "valid_until": entry["valid_until"]}
    await acts.world.insert(
        "registration_history", nurse_id=acts.cast.nurse_id, kind="FIRST", at=_long_ago(), **{**history, **before}
    )
    cast = acts.cast
    key = await put(acts.world, cast, State.ACCEPTED, recommender_id=cast.reviewer.account_id)
    await take_order(acts.db, order_of(cast.decider.session, Step.APPROVE, key, 1))
    return key


def _long_ago() -> datetime:
    return datetime.now(SHANGHAI) - timedelta(days=900)


async def undo(acts: Acts, key: UUID, who: Person, ground: VoidGround = VoidGround.PROCEDURE, **more: Any) -> UUID:
    """Propose that a decision is undone."""
    return await take(acts.db, who.session, VoidPropose(key, ground, NUMBER, **more))


async def admin(acts: Acts, of: UUID | None = None) -> Person:
    """A provincial admin."""
    return await acts.officer(Role.PROVINCIAL_ADMIN, of=of or acts.cast.nation)


@pytest.mark.parametrize("ground", [VoidGround.PROCEDURE, VoidGround.FRAUD])
async def test_an_undone_renewal_leaves_the_entry_as_it_was(acts: Acts, world: World, ground: VoidGround) -> None:
    before = await acts.row()
    key, one, other = await approved(acts), await admin(acts), await admin(acts)
    proposal = await undo(acts, key, one, ground, idempotency_key="undoing-1")
    assert await undo(acts, key, one, ground, idempotency_key="undoing-1") == proposal
    assert reason_of(await acts.refused(decide(acts, proposal, one))) == "TWO_PERSONS_REQUIRED"
    await decide(acts, proposal, other)
    fraud = ground is VoidGround.FRAUD
    barred = {"bar_until": add_years(TODAY, 3)} if fraud else {}
    assert await acts.row() == {**before, "version": before["version"] + 2, "last_kind": "FIRST", **barred}
    assert (await world.row("application", key))["state"] == "VOIDED"
    kept = await world.owner.fetch("select * from review_decision where application_id = $1 order by id", key)
    assert [(one["outcome"], one["reasons"]) for one in kept] == [
        ("AGREED", []),
        ("VOIDED", ["FRAUD"] if fraud else []),
    ]
    assert kept[1]["opinion"] == f"撤销依据：{ground.label}；文号：{NUMBER}"
    assert kept[1]["decider_id"] == other.account_id
    history = (await acts.rows("registration_history"))[-1]
    assert (history["kind"], history["application_id"]) == (None, key)
    assert [heard[-1] for heard in await acts.all_heard()] == ["application.voided"] * 3
    assert type(await acts.refused(undo(acts, key, one))) is WrongState


async def test_a_rejection_is_undone_without_touching_the_entry(acts: Acts, world: World) -> None:
    key, before = await put(world, acts.cast, State.REJECTED), await acts.row()
    proposal = await undo(acts, key, await admin(acts), VoidGround.RECONSIDERATION)
    await decide(acts, proposal, await admin(acts))
    assert (await world.row("application", key))["state"] == "VOIDED"
    assert await acts.row() == before
    assert await acts.rows("registration_history") == []


async def test_an_undone_deregistration_puts_her_back(acts: Acts, world: World) -> None:
    before, cast = await acts.row(), acts.cast
    facts = {name: before[name] for name in ("certificate_number", "valid_until", "institution_id", "authority_id")}
    of = {"nurse_id": cast.nurse_id, "status": "VALID", "kind": "RENEWAL", "at": _long_ago()}
    await world.insert("registration_history", **of, **facts)
    form = '{"reason": "OTHER", "remarks": "出国", "proof": null}'
    columns = {"kind": "DEREGISTRATION", "form": form, "recommender_id": cast.reviewer.account_id}
    key = await put(world, cast, State.ACCEPTED, **columns)
    await take_order(acts.db, order_of(cast.decider.session, Step.APPROVE, key, 1))
    assert (await acts.row())["status"] == "DEREGISTERED"
    proposal = await undo(acts, key, await admin(acts), VoidGround.JUDGMENT)
    await decide(acts, proposal, await admin(acts))
    assert await acts.row() == {**before, "version": before["version"] + 2}
    assert "registration.moved_in" in (await acts.all_heard())[1]


async def test_where_an_undone_change_takes_her_back_to_reads_the_authority_that_loses_her(
    acts: Acts, world: World
) -> None:
    """A move names no new institution to the hospital that she leaves (通报, 条例 9)."""
    cast, old, entry = acts.cast, await world.cast(), await acts.row()
    facts = {name: entry[name] for name in ("status", "certificate_number", "valid_until")}
    key = await put(world, cast, State.APPROVED, kind="CHANGE", form=CHANGED, decided_at=_long_ago())
    for kind, at, application_id in (("FIRST", old, None), ("CHANGE", cast, key)):
        places = {"institution_id": at.hospital, "authority_id": at.district, "application_id": application_id}
        await world.insert("registration_history", nurse_id=cast.nurse_id, kind=kind, at=_long_ago(), **facts, **places)
    await world.owner.execute("update registration set last_kind = 'CHANGE' where nurse_id = $1", cast.nurse_id)
    await decide(acts, await undo(acts, key, await admin(acts)), await admin(acts))
    assert (await acts.row())["institution_id"] == old.hospital
    said = await world.said_of(cast.nurse_id, "AUTHORITY", True)
    where = {"newInstitution": str(old.hospital), "newAuthority": str(old.district)}
    sql = "select body from event where scope = $1 and type = $2"
    for scope, body in (
        (cast.nurse_id, said),
        (cast.hospital, {**said, "may": False}),
        (cast.district, {**said, **where}),
    ):
        assert orjson.loads(await world.owner.fetchval(sql, scope, MOVED_OUT)) == body
    assert orjson.loads(await world.owner.fetchval(sql, old.hospital, MOVED_IN)) == said


async def test_what_has_changed_since_is_not_undone_but_decided_anew(acts: Acts, world: World) -> None:
    key, one = await approved(acts), await admin(acts)
    proposal = await undo(acts, key, one)
    later = {"nurse_id": acts.cast.nurse_id, "status": "VALID", "reason": "暂停执业"}
    await world.insert("registration_history", **later)
    refusal = await acts.refused(decide(acts, proposal, await admin(acts)))
    assert reason_of(refusal) == "NEW_DECISION_NEEDED"
    assert reason_of(await acts.refused(undo(acts, key, one))) == "NEW_DECISION_NEEDED"


async def test_without_a_history_nothing_is_undone(acts: Acts, world: World) -> None:
    cast = acts.cast
    key = await put(world, cast, State.ACCEPTED, recommender_id=cast.reviewer.account_id)
    await take_order(acts.db, order_of(cast.decider.session, Step.APPROVE, key, 1))
    assert reason_of(await acts.refused(undo(acts, key, await admin(acts)))) == "NEW_DECISION_NEEDED"


async def test_only_admins_above_the_authority_undo_and_only_decisions(acts: Acts, world: World) -> None:
    key, far = await put(world, acts.cast, State.REJECTED), await world.cast()
    for stranger in (await admin(acts, far.nation), acts.cast.manager, acts.cast.nurse):
        refusal = await acts.refused(undo(acts, key, stranger))
        assert type(refusal) is NotFound or reason_of(refusal) == "NOT_ALLOWED"
    assert reason_of(await acts.refused(undo(acts, key, acts.cast.decider))) == "NOT_ALLOWED"
    waiting = await put(world, acts.cast, State.ACCEPTED)
    assert type(await acts.refused(undo(acts, waiting, await admin(acts)))) is WrongState
    assert type(await acts.refused(undo(acts, uuid4(), await admin(acts)))) is NotFound


async def test_of_admins_who_undo_at_once_one_does(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        key, one, other = await approved(acts), await admin(acts), await admin(acts)
        proposal = await undo(acts, key, await admin(acts))
        answers = await race(
            lambda acts=acts, key=proposal, who=one: decide(acts, key, who),
            lambda acts=acts, key=proposal, who=other: decide(acts, key, who),
        )
        assert [type(answer) for answer in answers].count(UUID) == 1
        assert [type(answer) for answer in answers].count(Conflict) == 7
        assert len(await acts.rows("registration_history")) == 3
        assert (await acts.all_heard())[0].count("application.voided") == 1


@pytest.mark.parametrize("since", [None, 30])
async def test_a_rejection_that_is_undone_bars_her_no_more_than_the_others_do(
    acts: Acts, world: World, since: int | None
) -> None:
    cast, bars = acts.cast, (Reason.FALSE_MATERIAL,)
    if since is not None:
        decided = datetime.now(SHANGHAI) - timedelta(days=since)
        refused = await put(world, cast, State.NOT_ACCEPTED)
        columns = {"application_id": refused, "revision": 1, "stage": "AUTHORITY_REVIEW", "outcome": "NOT_ACCEPTED"}
        await world.insert(
            "review_decision", **columns, reasons=[*bars], decider_id=cast.reviewer.account_id, at=decided
        )
    key = await put(world, cast, State.ACCEPTED, recommender_id=cast.reviewer.account_id)
    await take_order(acts.db, order_of(cast.decider.session, Step.REJECT, key, 1, reasons=bars, opinion="材料虚假"))
    assert (await acts.row())["bar_until"] == add_years(TODAY, 1)
    proposal = await undo(acts, key, await admin(acts), VoidGround.JUDGMENT)
    await decide(acts, proposal, await admin(acts))
    assert (await acts.row())["bar_until"] == (since and add_years(TODAY - timedelta(days=since), 1))


async def test_a_longer_bar_outlives_the_rejection_that_is_undone(acts: Acts, world: World) -> None:
    cast, longer = acts.cast, add_years(TODAY, 3)
    key = await put(world, cast, State.ACCEPTED, recommender_id=cast.reviewer.account_id)
    order = order_of(cast.decider.session, Step.REJECT, key, 1, reasons=(Reason.FALSE_MATERIAL,), opinion="材料虚假")
    await take_order(acts.db, order)
    await world.owner.execute("update registration set bar_until = $2 where nurse_id = $1", cast.nurse_id, longer)
    proposal = await undo(acts, key, await admin(acts), VoidGround.RECONSIDERATION)
    await decide(acts, proposal, await admin(acts))
    assert (await acts.row())["bar_until"] == longer
