"""The work of a colleague becomes another's (工作交接); what cannot move is named with the reason."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import pytest_asyncio

from db import handover as handovers
from graph.context import Services
from graph.schema.node import global_id
from rules.application import State, Step
from rules.errors import Conflict, Invalid, NotAllowed, NotFound
from rules.handover import Item, Obstacle, Work
from rules.people import Party, Role
from rules.registration import DeregistrationReason
from tests.support.filed_applications import put
from tests.support.institution_people import supervisor, why
from tests.support.live import Live
from tests.support.orders import order_of, take_order
from tests.support.rounds import ROUNDS
from tests.support.story import SAYS
from tests.support.world import Cast, Person, World
from workflow.handover import WorkHandover
from workflow.proposal import DeregistrationPropose, ProposalConfirm
from workflow.staff_disabling import StaffDisable
from workflow.step import take


@dataclass
class Office:
    """The district: who leaves, who goes on, and the supervisor of both."""

    services: Services
    world: World
    cast: Cast
    chief: Person
    taker: Person

    async def hand_over(self, by: Person | None = None, giver: Person | None = None, **changes: Any) -> list[Item]:
        """The reviewer's work goes to her colleague."""
        given = {"giver_id": (giver or self.cast.reviewer).account_id, "taker_id": self.taker.account_id, **changes}
        key = await take(self.services.db, (by or self.chief).session, WorkHandover(**given))
        async with self.services.db.read() as reader:
            return await handovers.find(reader, key)

    async def decide(self, who: Person, key: UUID) -> None:
        """Decide on an application."""
        given = {"expected_version": (await self.world.row("application", key))["version"], **SAYS[Step.REJECT]}
        await take_order(self.services.db, order_of(who.session, Step.REJECT, key, **given))

    async def lease(self, key: UUID, who: Person) -> None:
        """Somebody works on it just now."""
        sql = "update application set holder_id = $2, held_until = now() + interval '9 minutes' where id = $1"
        await self.world.owner.execute(sql, key, who.account_id)

    async def officer(self, *roles: Role) -> Person:
        """One more officer of the district."""
        return await self.world.person(Party.AUTHORITY, self.cast.district, *roles)

    async def events(self, scope: UUID) -> list[tuple[str, dict[str, Any]]]:
        """What a feed has."""
        sql = "select type, body from event where scope = $1 order by seq"
        return [(row["type"], orjson.loads(row["body"])) for row in await self.world.owner.fetch(sql, scope)]

    async def rows(self) -> list[Any]:
        """All that could have moved."""
        sql = (
            "select to_jsonb(a) from application a where authority_id = $1 union all"
            " select to_jsonb(d) from desk_request d where authority_id = $1 union all"
            " select to_jsonb(e) from event e where scope = $1"
        )
        return sorted(row[0] for row in await self.world.owner.fetch(sql, self.cast.district))


@pytest_asyncio.fixture
async def office(services: Services, world: World, cast: Cast) -> Office:
    taker = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, Role.DECIDER)
    return Office(services, world, cast, await supervisor(world, cast), taker)


async def test_what_she_has_taken_is_her_colleagues_from_now_on(office: Office) -> None:
    key = await put(office.world, office.cast, State.AUTHORITY_INTAKE)
    await office.lease(key, office.cast.reviewer)
    before = await office.world.row("application", key)
    assert await office.hand_over() == [Item(Work.LEASE, key)]
    row = await office.world.row("application", key)
    assert (row["holder_id"], row["version"]) == (office.taker.account_id, before["version"])
    assert await office.world.owner.fetchval(
        "select held_until between now() + interval '29 minutes' and now() + interval '30 minutes'"
        " from application where id = $1",
        key,
    )
    name = (await office.world.row("authority", office.cast.district))["name"]
    (taken, first), (handed, body) = await office.events(office.cast.district)
    assert (taken, first["step"], handed) == ("application.taken", "REASSIGN", "staff.handed_over")
    people = {"account": str(office.taker.account_id), "absent": str(office.cast.reviewer.account_id)}
    place = {"authority": str(office.cast.district), "placeName": name}
    assert body == {**place, **people, "missing": [], "by": "AUTHORITY"}


async def test_a_recommendation_that_moved_bars_both_its_giver_and_its_taker_from_deciding(office: Office) -> None:
    giver = await office.officer(Role.REVIEWER, Role.DECIDER)
    key = await put(office.world, office.cast, State.ACCEPTED, recommender_id=giver.account_id)
    assert await office.hand_over(giver=giver) == [Item(Work.RECOMMENDATION, key)]
    before = await office.world.row("application", key)
    assert (before["recommender_id"], before["answering_id"]) == (giver.account_id, office.taker.account_id)
    for person in (giver, office.taker):
        given = {"expected_version": before["version"]}
        with pytest.raises(NotAllowed) as refusal:
            await take_order(office.services.db, order_of(person.session, Step.APPROVE, key, **given))
        assert why(refusal.value) == "TWO_PERSONS_REQUIRED"
    assert await office.world.row("application", key) == before
    await office.decide(office.cast.decider, key)


async def test_it_moves_on_and_bars_nobody_who_only_had_it_in_between(office: Office) -> None:
    key = await put(office.world, office.cast, State.ACCEPTED, recommender_id=office.cast.reviewer.account_id)
    await office.hand_over()
    third = await office.officer(Role.REVIEWER)
    assert await office.hand_over(giver=office.taker, taker_id=third.account_id) == [Item(Work.RECOMMENDATION, key)]
    row = await office.world.row("application", key)
    assert (row["recommender_id"], row["answering_id"]) == (office.cast.reviewer.account_id, third.account_id)
    await office.decide(office.taker, key)


async def test_whoever_recommends_anew_answers_for_it_alone(office: Office) -> None:
    key = await put(office.world, office.cast, State.ACCEPTED, recommender_id=office.cast.reviewer.account_id)
    await office.hand_over()
    version = (await office.world.row("application", key))["version"]
    given = {"expected_version": version, **SAYS[Step.RECOMMEND]}
    other = await office.officer(Role.REVIEWER)
    await take_order(office.services.db, order_of(other.session, Step.RECOMMEND, key, **given))
    row = await office.world.row("application", key)
    assert (row["recommender_id"], row["answering_id"]) == (other.account_id, None)


async def test_what_the_only_other_decider_would_answer_for_stays(office: Office) -> None:
    """Were it hers, nobody would be left to decide."""
    await office.world.owner.execute(
        "update account set state = 'DISABLED' where id = $1", office.cast.decider.account_id
    )
    key = await put(office.world, office.cast, State.ACCEPTED, recommender_id=office.cast.reviewer.account_id)
    before = await office.world.row("application", key)
    stays = [Item(Work.RECOMMENDATION, key, Obstacle.NOBODY_ELSE_DECIDES)]
    assert await office.hand_over() == stays
    assert await office.world.row("application", key) == before
    await office.world.owner.execute("update authority set two_persons = false where id = $1", office.cast.district)
    assert await office.hand_over() == [Item(Work.RECOMMENDATION, key)]


@pytest.mark.parametrize("way", [Work.LEASE, Work.RECOMMENDATION])
async def test_what_is_about_herself_stays_and_so_does_what_she_may_not_do(office: Office, way: Work) -> None:
    cast = office.cast
    values = {"recommender_id": cast.reviewer.account_id} if way is Work.RECOMMENDATION else {}
    key = await put(office.world, cast, State.ACCEPTED, **values)
    if way is Work.LEASE:
        await office.lease(key, cast.reviewer)
    before = await office.world.row("application", key)
    assert await office.hand_over(taker_id=office.chief.account_id) == [Item(way, key, Obstacle.NO_ROLE)]
    own = "update account set self_nurse_id = $2 where id = $1"
    await office.world.owner.execute(own, office.taker.account_id, cast.nurse_id)
    assert await office.hand_over() == [Item(way, key, Obstacle.ABOUT_HERSELF)]
    assert await office.world.row("application", key) == before


async def propose(office: Office, by: Person) -> UUID:
    """The end of the nurse's registration, for a second decider to confirm."""
    given = {"reason": DeregistrationReason.ANNULLED, "decision_number": "京卫注〔2024〕1号", "fraud": False}
    wish = DeregistrationPropose(office.cast.nurse_id, **given, remarks=None)
    return await take(office.services.db, by.session, wish)


async def test_a_proposal_that_moved_is_confirmed_by_a_third(office: Office) -> None:
    giver = await office.officer(Role.DECIDER)
    key = await propose(office, giver)
    assert await office.hand_over(giver=giver) == [Item(Work.PROPOSAL, key)]
    before = await office.rows()
    for person in (giver, office.taker):
        with pytest.raises(NotAllowed) as refusal:
            await take(office.services.db, person.session, ProposalConfirm(key, None))
        assert why(refusal.value) == "TWO_PERSONS_REQUIRED"
    assert await office.rows() == before
    await take(office.services.db, office.cast.decider.session, ProposalConfirm(key, None))


async def test_a_proposal_stays_that_only_she_could_confirm(office: Office) -> None:
    key = await propose(office, office.cast.decider)
    stays = [Item(Work.PROPOSAL, key, Obstacle.NOBODY_ELSE_DECIDES)]
    assert await office.hand_over(giver=office.cast.decider) == stays
    await take(office.services.db, office.taker.session, ProposalConfirm(key, None))


async def test_the_work_of_who_is_disabled_moves_and_that_of_nobody_is_nothing(office: Office) -> None:
    key = await put(office.world, office.cast, State.ACCEPTED, recommender_id=office.cast.reviewer.account_id)
    await office.lease(key, office.cast.reviewer)
    await take(office.services.db, office.chief.session, StaffDisable(office.cast.reviewer.account_id))
    assert await office.hand_over() == [Item(Work.RECOMMENDATION, key)]
    assert await office.hand_over() == []


async def test_only_who_manages_the_place_hands_over_and_only_to_an_active_colleague(office: Office) -> None:
    cast, world = office.cast, office.world
    key = await put(world, cast, State.ACCEPTED, recommender_id=cast.reviewer.account_id)
    gone = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, state="DISABLED")
    before = await office.rows()
    for person, refused in ((cast.decider, NotAllowed), (cast.reviewer, NotAllowed), (cast.manager, NotFound)):
        with pytest.raises(refused):
            await office.hand_over(person)
    for taker in (gone, cast.operator, cast.reviewer):
        with pytest.raises(Invalid) as refusal:
            await office.hand_over(taker_id=taker.account_id)
        assert [(one.path, one.code) for one in refusal.value.problems] == [("to", "NO_SUCCESSOR")]
    for changes in ({"taker_id": uuid4()}, {"giver_id": uuid4()}, {"giver_id": cast.nurse.account_id}):
        with pytest.raises(NotFound):
            await office.hand_over(**changes)
    assert await office.rows() == before
    assert (await world.row("application", key))["answering_id"] is None


async def test_a_manager_hands_over_what_an_operator_has_taken(office: Office) -> None:
    cast = office.cast
    key = await put(office.world, cast, State.INSTITUTION_REVIEW)
    await office.lease(key, cast.operator)
    taker = await office.world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)
    given = {"giver": cast.operator, "taker_id": taker.account_id}
    assert await office.hand_over(cast.manager, **given) == [Item(Work.LEASE, key)]
    assert [kind for kind, _ in await office.events(cast.hospital)] == ["application.taken", "staff.handed_over"]


async def test_the_same_request_sent_again_is_answered_alike(office: Office) -> None:
    key = await put(office.world, office.cast, State.ACCEPTED, recommender_id=office.cast.reviewer.account_id)
    wish = {"idempotency_key": "handover-0001"}
    assert await office.hand_over(**wish) == await office.hand_over(**wish) == [Item(Work.RECOMMENDATION, key)]
    assert [kind for kind, _ in await office.events(office.cast.district)] == ["staff.handed_over"]
    with pytest.raises(Conflict):
        await office.hand_over(giver=office.taker, taker_id=office.cast.reviewer.account_id, **wish)


async def test_handed_over_and_decided_at_once_it_is_one_after_the_other(office: Office) -> None:
    for _ in range(ROUNDS):
        key = await put(office.world, office.cast, State.ACCEPTED, recommender_id=office.cast.reviewer.account_id)
        both = (office.hand_over(), office.decide(office.cast.decider, key))
        items, decided = await asyncio.gather(*both, return_exceptions=True)
        assert not isinstance(items, BaseException), items
        assert decided is None or isinstance(decided, Conflict)


HAND_OVER = """mutation($input: WorkHandoverInput!) { workHandover(input: $input) { __typename
  ... on WorkHandoverPayload { items { work obstacle application { id } proposal { id } } }
  ... on ValidationProblem { fields { path code message } } } }"""


async def test_a_front_end_shows_what_moved_and_what_stayed(live: Live, office: Office) -> None:
    key = await put(office.world, office.cast, State.ACCEPTED, recommender_id=office.cast.reviewer.account_id)
    both = {"from": global_id("Account", office.cast.reviewer.account_id)}
    client = live.as_(office.chief)
    asked = {**both, "to": global_id("Account", office.chief.account_id)}
    item = {"work": "RECOMMENDATION", "application": {"id": global_id("Application", key)}, "proposal": None}
    shown = (await client.ask(HAND_OVER, input=asked))["workHandover"]
    assert shown == {"__typename": "WorkHandoverPayload", "items": [{**item, "obstacle": "NO_ROLE"}]}
    asked = {**both, "to": global_id("Account", office.taker.account_id)}
    assert (await client.ask(HAND_OVER, input=asked))["workHandover"]["items"] == [{**item, "obstacle": None}]
    refused = (await client.ask(HAND_OVER, input={**both, "to": both["from"]}))["workHandover"]
    assert [one["code"] for one in refused["fields"]] == ["NO_SUCCESSOR"]
