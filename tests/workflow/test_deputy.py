"""Deputies (代理): named for some days, with no more rights than the absent colleague's, and everybody is told for whom."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import pytest_asyncio

from db import session as sessions
from db.session import Session
from graph.context import Services
from graph.schema.node import global_id
from rules.application import State, Step
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RegistryError, Unauthenticated
from rules.moment import SHANGHAI
from rules.people import Party, Role
from rules.registration import DeregistrationReason
from rules.staff import StaffStep
from tests.support.filed_applications import put
from tests.support.institution_people import change_colleague, supervisor, why
from tests.support.live import Live
from tests.support.orders import order_of, take_order
from tests.support.rounds import ROUNDS
from tests.support.staff import invitation, invite
from tests.support.story import SAYS
from tests.support.world import Cast, Person, World
from workflow.deputy import DeputyEnd, DeputyName, DeputySignIn
from workflow.proposal import DeregistrationPropose, ProposalConfirm
from workflow.staff_disabling import StaffDisable
from workflow.step import take

TODAY = datetime.now(SHANGHAI).date()


@dataclass
class Office:
    """The district: its reviewer, its decider who goes on leave, and the supervisor of both."""

    services: Services
    world: World
    cast: Cast
    chief: Person

    async def name(self, who: Person | None = None, **changes: Any) -> UUID:
        """The decider names the reviewer her deputy, unless told otherwise."""
        given = {
            "absent_id": None,
            "deputy_id": self.cast.reviewer.account_id,
            "roles": frozenset({Role.DECIDER}),
            "starts_on": TODAY,
            "ends_on": TODAY + timedelta(days=3),
        }
        return await take(self.services.db, (who or self.cast.decider).session, DeputyName(**{**given, **changes}))

    async def act(self, key: UUID, who: Person | None = None, until: datetime | None = None) -> str:
        """The token of a session in which the deputy acts."""
        session, token = (who or self.cast.reviewer).session, sessions.new_token()
        await take(self.services.db, session, DeputySignIn(key, until or session.expires_at, token))
        return token

    async def session(self, token: str) -> Session | None:
        """A session as the database has it."""
        async with self.services.db.read() as reader:
            return await sessions.find(reader, sessions.digest(token))

    async def everything(self) -> list[Any]:
        """What the steps write at this office."""
        found = await self.world.owner.fetch(
            "select to_jsonb(d) from deputyship d join account a on a.id = d.absent_id where a.authority_id = $1"
            " union all select to_jsonb(e) from event e where scope = $1"
            " union all select to_jsonb(s) from session s join account a on a.id = s.account_id"
            " where a.authority_id = $1",
            self.cast.district,
        )
        return sorted(row[0] for row in found)

    async def bodies(self, type: str) -> list[dict[str, Any]]:
        """What the district's feed has of this type."""
        sql = "select body from event where scope = $1 and type = $2 order by seq"
        return [orjson.loads(row["body"]) for row in await self.world.owner.fetch(sql, self.cast.district, type)]


@pytest_asyncio.fixture
async def office(services: Services, world: World, cast: Cast) -> Office:
    return Office(services, world, cast, await supervisor(world, cast))


async def application(office: Office, **values: Any) -> UUID:
    """A renewal that waits for the decision."""
    return await put(office.world, office.cast, State.ACCEPTED, **values)


async def decide(office: Office, session: Session, key: UUID, step: Step = Step.APPROVE) -> None:
    """Decide on it."""
    given = {"expected_version": (await office.world.row("application", key))["version"], **SAYS.get(step, {})}
    await take_order(office.services.db, order_of(session, step, key, **given))


async def test_a_deputy_acts_with_the_lent_roles_and_every_act_says_for_whom(office: Office) -> None:
    cast, world = office.cast, office.world
    other = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER)
    deputy = await office.session(await office.act(await office.name()))
    assert deputy is not None
    assert (deputy.actor.account_id, deputy.actor.roles) == (cast.reviewer.account_id, {Role.DECIDER})
    assert deputy.actor.on_behalf_of == cast.decider.account_id
    key = await application(office, recommender_id=other.account_id)
    with pytest.raises(NotAllowed):
        await decide(office, cast.reviewer.session, key, Step.REJECT)
    await decide(office, deputy, key, Step.REJECT)
    decision = await world.row("review_decision", key, "application_id")
    assert (decision["decider_id"], decision["on_behalf_of_id"]) == (cast.reviewer.account_id, cast.decider.account_id)
    assert [one["onBehalfOf"] for one in await office.bodies("application.decided")] == [str(cast.decider.account_id)]


async def test_a_deputy_does_not_confirm_what_the_absent_colleague_has_proposed(office: Office) -> None:
    """Two persons are not one and her stand-in: by the lent role alone nobody is the second."""
    given = {"reason": DeregistrationReason.ANNULLED, "decision_number": "京卫注〔2024〕1号", "remarks": None}
    key = await take(
        office.services.db, office.cast.decider.session, DeregistrationPropose(office.cast.nurse_id, **given)
    )
    deputy = await office.session(await office.act(await office.name()))
    assert deputy is not None
    before = (
        await office.world.row("desk_request", key),
        await office.world.row("registration", office.cast.nurse_id, "nurse_id"),
    )
    with pytest.raises(NotAllowed) as refusal:
        await take(office.services.db, deputy, ProposalConfirm(key, None))
    assert why(refusal.value) == "TWO_PERSONS_REQUIRED"
    after = (
        await office.world.row("desk_request", key),
        await office.world.row("registration", office.cast.nurse_id, "nurse_id"),
    )
    assert after == before


async def test_the_deputy_counts_as_herself_so_two_persons_stay_two(office: Office) -> None:
    """She recommended as herself: for her colleague she approves it as little."""
    deputy = await office.session(await office.act(await office.name()))
    assert deputy is not None
    key = await application(office, recommender_id=office.cast.reviewer.account_id)
    before = await office.world.row("application", key)
    with pytest.raises(NotAllowed) as refusal:
        await decide(office, deputy, key)
    assert why(refusal.value) == "TWO_PERSONS_REQUIRED"
    assert await office.world.row("application", key) == before


@pytest.mark.parametrize("whose", ["deputy", "absent"])
async def test_nobody_acts_about_herself_nor_about_whom_she_stands_in_for(office: Office, whose: str) -> None:
    cast, world = office.cast, office.world
    person = cast.reviewer if whose == "deputy" else cast.decider
    await world.owner.execute("update account set self_nurse_id = $2 where id = $1", person.account_id, cast.nurse_id)
    other = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER)
    deputy = await office.session(await office.act(await office.name()))
    assert deputy is not None
    key = await application(office, recommender_id=other.account_id)
    with pytest.raises(NotAllowed) as refusal:
        await decide(office, deputy, key)
    assert why(refusal.value) == "ABOUT_YOURSELF"


async def test_a_deputyship_begins_and_ends_by_itself(office: Office) -> None:
    key = await office.name(starts_on=TODAY + timedelta(days=1), ends_on=TODAY + timedelta(days=2))
    with pytest.raises(NotAllowed) as refusal:
        await office.act(key)
    assert why(refusal.value) == "NOT_TODAY"
    span = "update deputyship set starts_on = $2, ends_on = $3 where id = $1"
    await office.world.owner.execute(span, key, TODAY - timedelta(days=1), TODAY)
    token = await office.act(key)
    found = await office.session(token)
    assert found is not None
    midnight = datetime.combine(TODAY + timedelta(days=1), datetime.min.time(), SHANGHAI)
    assert found.expires_at <= midnight
    await office.world.owner.execute(span, key, TODAY - timedelta(days=2), TODAY - timedelta(days=1))
    assert await office.session(token) is None
    with pytest.raises(Unauthenticated):
        await take(office.services.db, found, DeputyEnd(key))
    with pytest.raises(NotAllowed):
        await office.act(key)


async def test_her_session_lasts_no_longer_than_her_own(office: Office) -> None:
    soon = datetime.now(SHANGHAI) + timedelta(minutes=5)
    found = await office.session(await office.act(await office.name(), until=soon))
    assert found is not None
    assert found.expires_at == soon


@pytest.mark.parametrize("who", ["decider", "reviewer", "chief"])
async def test_either_of_the_two_or_their_supervisor_ends_it_and_she_is_out_at_once(office: Office, who: str) -> None:
    key = await office.name()
    token = await office.act(key)
    person = office.chief if who == "chief" else getattr(office.cast, who)
    await take(office.services.db, person.session, DeputyEnd(key))
    assert await office.session(token) is None
    row = await office.world.row("deputyship", key)
    assert (row["ended_by"], row["ended_at"] is not None) == (person.account_id, True)
    assert await office.session(office.cast.reviewer.token) is not None
    body = {"account": str(office.cast.reviewer.account_id), "absent": str(office.cast.decider.account_id)}
    (ended,) = await office.bodies("staff.deputy_ended")
    assert {**ended, **body} == ended
    with pytest.raises(Conflict):
        await take(office.services.db, person.session, DeputyEnd(key))


async def test_nobody_else_ends_it(office: Office) -> None:
    key = await office.name()
    other = await office.world.person(Party.AUTHORITY, office.cast.district, Role.REVIEWER)
    before = await office.everything()
    for person, refusal in ((other, NotAllowed), (office.cast.manager, NotFound), (office.cast.nurse, NotFound)):
        with pytest.raises(refusal):
            await take(office.services.db, person.session, DeputyEnd(key))
    assert await office.everything() == before


async def test_a_supervisor_names_a_deputy_for_one_of_her_people(office: Office) -> None:
    await office.name(office.chief, absent_id=office.cast.decider.account_id)
    (body,) = await office.bodies("staff.deputy_named")
    name = (await office.world.row("authority", office.cast.district))["name"]
    assert body == {
        "authority": str(office.cast.district),
        "placeName": name,
        "account": str(office.cast.reviewer.account_id),
        "absent": str(office.cast.decider.account_id),
        "missing": [],
        "by": "AUTHORITY",
    }


async def test_nobody_lends_herself_the_rights_of_others(office: Office) -> None:
    before = await office.everything()
    for who, changes, refusal in (
        (office.chief, {"absent_id": office.cast.decider.account_id, "deputy_id": office.chief.account_id}, NotAllowed),
        (office.cast.reviewer, {"absent_id": office.cast.decider.account_id}, NotAllowed),
        (office.cast.manager, {"absent_id": office.cast.decider.account_id}, NotFound),
        (office.cast.nurse, {}, NotFound),
    ):
        with pytest.raises(refusal):
            await office.name(who, **changes)
    assert await office.everything() == before


async def test_a_deputy_is_an_active_colleague_and_another_person(office: Office) -> None:
    cast, world = office.cast, office.world
    gone = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER, state="DISABLED")
    twin = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER)
    for person in (twin, cast.decider):
        await world.owner.execute(
            "update account set self_nurse_id = $2 where id = $1", person.account_id, cast.nurse_id
        )
    before = await office.everything()
    for key in (gone.account_id, twin.account_id, cast.decider.account_id, cast.operator.account_id):
        with pytest.raises(Invalid) as refusal:
            await office.name(deputy_id=key)
        assert [(one.path, one.code) for one in refusal.value.problems] == [("deputy", "NO_DEPUTY")]
    with pytest.raises(NotFound):
        await office.name(deputy_id=uuid4())
    assert await office.everything() == before


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"roles": frozenset({Role.REVIEWER})}, ("roles", "ROLES_NOT_HERS")),
        ({"roles": frozenset()}, ("roles", "ROLES_NOT_HERS")),
        ({"starts_on": TODAY - timedelta(days=1)}, ("startsOn", "DATE_PASSED")),
        ({"starts_on": TODAY + timedelta(days=9)}, ("endsOn", "ENDS_BEFORE_START")),
        ({"ends_on": TODAY + timedelta(days=184)}, ("endsOn", "SPAN_TOO_LONG")),
    ],
)
async def test_what_cannot_be_lent_is_refused(
    office: Office, changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    before = await office.everything()
    with pytest.raises(Invalid) as refusal:
        await office.name(**changes)
    assert [(one.path, one.code) for one in refusal.value.problems] == [problem]
    assert await office.everything() == before


async def test_the_same_two_have_one_deputyship_a_day(office: Office) -> None:
    first: dict[str, date] = {"starts_on": TODAY + timedelta(days=2), "ends_on": TODAY + timedelta(days=4)}
    key = await office.name(**first)
    for days in (0, 2, 4):
        with pytest.raises(Invalid) as refusal:
            await office.name(starts_on=TODAY + timedelta(days=days), ends_on=TODAY + timedelta(days=days + 2))
        assert [one.code for one in refusal.value.problems] == ["DEPUTYSHIP_OVERLAPS"]
    await office.name(starts_on=TODAY + timedelta(days=5), ends_on=TODAY + timedelta(days=6))
    await take(office.services.db, office.cast.decider.session, DeputyEnd(key))
    assert await office.name(**first) != key


async def test_a_deputy_has_no_more_than_the_absent_one_has_by_now(office: Office) -> None:
    roles = (office.services, office.chief, StaffStep.SET_ROLES, office.cast.decider.account_id)
    await change_colleague(*roles, Role.DECIDER, Role.REVIEWER)
    token = await office.act(await office.name(roles=frozenset({Role.DECIDER, Role.REVIEWER})))
    await change_colleague(*roles, Role.REVIEWER)
    found = await office.session(token)
    assert found is not None
    assert found.actor.roles == {Role.REVIEWER}
    await change_colleague(*roles, Role.SUPERVISOR)
    assert await office.session(token) is None


@pytest.mark.parametrize("whose", ["deputy", "absent"])
async def test_who_is_disabled_stands_in_for_nobody_and_nobody_for_her(office: Office, whose: str) -> None:
    key = await office.name()
    token = await office.act(key)
    person = office.cast.reviewer if whose == "deputy" else office.cast.decider
    await take(office.services.db, office.chief.session, StaffDisable(person.account_id))
    assert await office.session(token) is None
    assert (await office.world.row("deputyship", key))["ended_by"] == office.chief.account_id
    assert len(await office.bodies("staff.deputy_ended")) == 1
    assert (await office.session(office.cast.reviewer.token) is None) is (whose == "deputy")


async def test_a_deputy_gives_no_roles_and_names_no_deputy(office: Office) -> None:
    cast, world = office.cast, office.world
    key = await office.name(office.chief, roles=frozenset({Role.SUPERVISOR}))
    token = await office.act(key)
    found = await office.session(token)
    assert found is not None
    acting = Person(cast.reviewer.account_id, token, found.actor)
    third = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER)
    before = await office.everything()
    for attempt in (
        invite(office.services, acting, invitation(Role.REVIEWER)),
        change_colleague(office.services, acting, StaffStep.SET_ROLES, third.account_id, Role.DECIDER),
        office.name(acting, absent_id=cast.decider.account_id, deputy_id=third.account_id),
        office.act(key, acting),
    ):
        with pytest.raises(NotAllowed) as refusal:
            await attempt
        assert why(refusal.value) == "NOT_ON_BEHALF"
    with pytest.raises(NotAllowed) as refusal:
        await change_colleague(office.services, acting, StaffStep.DISABLE, office.chief.account_id)
    assert why(refusal.value) == "ABOUT_YOURSELF"
    assert await office.everything() == before
    await change_colleague(office.services, acting, StaffStep.DISABLE, third.account_id)
    detail = "select detail ->> 'onBehalfOf' from audit where action = 'staffDisable' and account_id = $1"
    assert await world.owner.fetchval(detail, cast.reviewer.account_id) == str(office.chief.account_id)


async def test_only_the_deputy_herself_acts(office: Office) -> None:
    key = await office.name()
    other = await office.world.person(Party.AUTHORITY, office.cast.district, Role.REVIEWER)
    before = await office.everything()
    for person, refusal in ((other, NotAllowed), (office.cast.decider, NotAllowed), (office.cast.manager, NotFound)):
        with pytest.raises(refusal):
            await office.act(key, person)
    assert await office.everything() == before


async def test_the_same_request_sent_again_names_one_deputy(office: Office) -> None:
    wish = {"idempotency_key": "deputy-0001"}
    assert await office.name(**wish) == await office.name(**wish)
    assert len(await office.bodies("staff.deputy_named")) == 1


async def test_of_two_who_name_the_same_deputy_at_once_one_is_refused(office: Office) -> None:
    for _ in range(ROUNDS):
        absent = await office.world.person(Party.AUTHORITY, office.cast.district, Role.DECIDER)
        both = [office.name(absent), office.name(office.chief, absent_id=absent.account_id)]
        answers = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(isinstance(one, RegistryError) for one in answers) == [False, True]


NAME = """mutation($input: DeputyNameInput!) { deputyName(input: $input) { __typename
  ... on DeputyNamePayload { deputyship { id state roles startsOn endsOn endedAt absent { id } deputy { id } } } } }"""
SIGN_IN = """mutation($input: DeputySignInInput!) { deputySignIn(input: $input) { __typename
  ... on DeputySignInPayload { token viewer { roles onBehalfOf { id displayName } } } } }"""
LIST = "{ deputyships { nodes { id state } } }"
FEED = """subscription { eventFeed(types: [STAFF_DEPUTY_NAMED]) { __typename
  ... on StaffDeputyNamed { absent { id } account { id } onBehalfOf { id } } } }"""


async def test_a_front_end_names_a_deputy_who_signs_in_and_sees_for_whom(live: Live, office: Office) -> None:
    cast = office.cast
    absent, deputy = (global_id("Account", one.account_id) for one in (cast.decider, cast.reviewer))
    span = {"startsOn": TODAY.isoformat(), "endsOn": (TODAY + timedelta(days=1)).isoformat()}
    async with live.as_(office.chief).watch(FEED) as feed:
        assert (await feed.next())["__typename"] == "FeedHeartbeat"
        asked = {"deputy": deputy, "roles": ["DECIDER"], **span}
        named = (await live.as_(cast.decider).ask(NAME, input=asked))["deputyName"]["deputyship"]
        assert named == {
            **{"id": named["id"], "state": "RUNNING", "roles": ["DECIDER"], "endedAt": None, **span},
            **{"absent": {"id": absent}, "deputy": {"id": deputy}},
        }
        expected = {"__typename": "StaffDeputyNamed", "absent": {"id": absent}, "account": {"id": deputy}}
        assert await feed.next() == {**expected, "onBehalfOf": None}
    signed_in = (await live.as_(cast.reviewer).ask(SIGN_IN, input={"id": named["id"]}))["deputySignIn"]
    name = (await office.world.row("account", cast.decider.account_id))["display_name"]
    viewer = {"roles": ["DECIDER"], "onBehalfOf": {"id": absent, "displayName": name}}
    assert signed_in["viewer"] == viewer
    client = live.as_(replace(cast.reviewer, token=signed_in["token"]))
    assert await client.ask("{ viewer { roles onBehalfOf { id displayName } } }") == {"viewer": viewer}
    own = await live.as_(cast.reviewer).ask("{ viewer { roles onBehalfOf { id } } }")
    assert own == {"viewer": {"roles": ["REVIEWER"], "onBehalfOf": None}}
    assert await client.ask(LIST) == {"deputyships": {"nodes": [{"id": named["id"], "state": "RUNNING"}]}}
    assert await live.as_(cast.manager).ask(LIST) == {"deputyships": {"nodes": []}}
