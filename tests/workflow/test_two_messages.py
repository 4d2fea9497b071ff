"""A step on an application is two messages to PostgreSQL, counted at the socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

import pytest
import pytest_asyncio

from db import law
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.wire import watchers
from rules.application import State, Step
from rules.kinds import Kind
from rules.moves import MOVES
from rules.people import PARTY_OF, Party
from tests.support.application_story import FORMS, Drafts
from tests.support.between import Between, between, messages
from tests.support.competitors import ELSEWHERE, Contest, Pair, kinds_of, open_contest, wants
from tests.support.kinds import first_field, marked
from tests.support.orders import Order, draft_of, take_order
from tests.support.story import NOW, Clock
from tests.support.until import LONG_ENOUGH
from tests.support.world import World

I, N = Party.INSTITUTION, Party.NURSE  # noqa: E741
ITS_OWN_WAY: Final = {Kind.FIRST, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER}
"""The kinds that a registered nurse may not file: they go their way in the second test."""
WALKED: Final = {Step.SUBMIT, Step.RESUBMIT, Step.SUPPLEMENT, Step.ACCEPT, Step.APPROVE}


def stands() -> list[Pair]:
    """Every step of somebody's from every state in every kind, but claims: they find the application themselves."""
    found = []
    for state in State:
        for one in {(move.step, PARTY_OF[move.role]): None for move in MOVES if move.source is state}:
            needs = wants(state, one)
            kinds = kinds_of(state, one) & ({Kind.DEREGISTRATION} if needs.get("filed_by") is I else {*Kind})
            if one[1] is not None and one not in ELSEWHERE and one[0] is not Step.CLAIM_BY_ID_NUMBER:
                kinds -= ITS_OWN_WAY if one[0] in WALKED else set()
                found += [Pair(state, kind, one, one, needs) for kind in sorted(kinds)]
    return found


@pytest_asyncio.fixture(scope="module")
async def wire(owner_url: str) -> AsyncIterator[Between]:
    async with between(owner_url) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def heard(wire: Between, keyring: Keyring) -> AsyncIterator[Database]:
    db = Database(wire.url, keyring, clock=Clock(NOW), statement_seconds=LONG_ENOUGH)
    yield db
    await db.close()


@pytest_asyncio.fixture(scope="module")
async def contest(heard: Database, world: World) -> Contest:
    found = await open_contest(heard, world)
    async with heard.begin() as tx:
        await tx.ask_time()
        await law.book(tx)  # a process reads it once a day
    return found


@pytest.mark.parametrize("keyed", [False, True], ids=["", "retry-key"])
@pytest.mark.parametrize("pair", stands(), ids=lambda pair: f"{pair}-{pair.kind.lower()}")
async def test_every_step_in_every_kind_is_two_messages(
    wire: Between, contest: Contest, pair: Pair, keyed: bool
) -> None:
    key, cast = await contest.stand(pair)
    step, party = pair.one
    assert party is not None
    nth = 0 if step is Step.PUT_BACK else 1
    who = contest.who(party, cast, nth)
    order = Order(who.session, contest.command(pair, step, key, who))
    if keyed:
        order = order.but(idempotency_key=f"two-{uuid4()}")
    count, said = await _taken(wire, contest.db, order)
    assert count == 2, said


async def _taken(wire: Between, db: Database, order: Order) -> tuple[int, str]:
    """How many messages a step was, and which statements they carried."""
    said: list[str] = []
    watchers.append(lambda asked: said.append(" | ".join(one.sql[:250] for one in asked)))
    async with db.read():
        wire.heard = []  # a connection that idled for long is asked first whether it is still there
    try:
        await take_order(db, order)
    finally:
        count, wire.heard = messages(wire.heard), None
        watchers.pop()
    return count, "\n".join(said)


@pytest.mark.parametrize("kind", list(Kind))
async def test_every_kind_goes_its_whole_way_in_two_messages_a_step(
    wire: Between, contest: Contest, world: World, kind: Kind
) -> None:
    draft = await Drafts(contest.db, world)(kind)
    for step, more in _way(kind):
        count, said = await _taken(wire, contest.db, await draft.order(step, **more))
        taken = 2 * (
            "INSERT INTO certificate_counter (authority_id, year, last) VALUES" in said
        )  # her province has given that number before: the next one is looked for
        assert count == 2 + taken, f"{step}: {said}"


def _way(kind: Kind) -> list[tuple[Step, dict[str, Any]]]:
    """From the draft to the approval, sent back and corrected once on the way where the kind can be."""
    answers = {"form": FORMS[kind], "confirmed_fields": (first_field(kind),)}
    review = [(Step.RETURN, marked(kind)), (Step.RESUBMIT, answers), (Step.FORWARD, {})]
    correction = [(Step.REQUIRE_CORRECTION, marked(kind)), (Step.SUPPLEMENT, answers)]
    decision = [*correction, (Step.RECOMMEND, {}), (Step.APPROVE, {})]
    return [(Step.SUBMIT, {}), *([] if kind is Kind.REISSUE else review), *decision]


async def test_a_draft_is_begun_in_two_messages(wire: Between, contest: Contest, world: World) -> None:
    cast = await world.cast()
    count, said = await _taken(wire, contest.db, draft_of(cast.nurse.session, FORMS[Kind.RENEWAL]))
    assert count == 2, said
