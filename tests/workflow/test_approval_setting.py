"""An institution sets which authority decides on each kind; what was forwarded before stays where it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State, Step
from rules.errors import Invalid, NotAllowed, RegistryError
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.live import Live
from tests.support.plan_and_executor import Both
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.story import NOW, Story, codes_of, reason_of
from tests.support.world import Person
from workflow.approval_setting import ApprovalSettingSet
from workflow.step import take


@dataclass
class Settings:
    """The cast's hospital and what it sets."""

    story: Story

    async def set(self, authority_id: UUID | None, who: Person | None = None, **more: Any) -> UUID:
        """The manager sets it for renewals."""
        person = who or self.story.cast.manager
        return await take(self.story.db, person.session, ApprovalSettingSet(Kind.RENEWAL, authority_id, **more))

    async def rows(self) -> list[dict[str, Any]]:
        """What is set for renewals."""
        sql = "select * from approval_setting where institution_id = $1 and kind = 'RENEWAL'"
        return await self.story.rows(sql, self.story.cast.hospital)

    async def audited(self) -> list[dict[str, Any]]:
        """From which authority to which."""
        sql = "select detail from audit where account_id = $1 and action = 'approvalSettingSet' order by id"
        found = await self.story.rows(sql, self.story.cast.manager.account_id)
        return [json.loads(one["detail"]) for one in found]

    async def not_set(self, authority_id: UUID | None, who: Person | None = None) -> RegistryError:
        """How that is refused; nothing has moved."""
        before = await self.rows(), await self.audited()
        with pytest.raises(RegistryError) as refusal:
            await self.set(authority_id, who)
        assert (await self.rows(), await self.audited()) == before
        return refusal.value


@pytest_asyncio.fixture
async def settings(story: Story) -> Settings:
    """A hospital whose renewals its district decides."""
    return Settings(story)


@pytest.mark.feature("I6")
async def test_only_what_is_forwarded_from_now_on_goes_there(story: Story, settings: Settings) -> None:
    sent = await (await story.beside()).reach(State.AUTHORITY_INTAKE)
    waits = await (await story.beside()).reach(State.INSTITUTION_REVIEW)
    story.clock.now = NOW + timedelta(hours=1)
    assert await settings.set(story.cast.nation) == story.cast.hospital
    assert [(row["authority_id"], row["set_at"]) for row in await settings.rows()] == [
        (story.cast.nation, story.clock.now)
    ]
    await waits.take(Step.FORWARD)
    assert (await sent.row())["authority_id"] == story.cast.district
    assert (await waits.row())["authority_id"] == story.cast.nation


@pytest.mark.feature("I6")
async def test_where_none_is_set_forwarding_says_what_to_set(story: Story, settings: Settings) -> None:
    await settings.set(None)
    await story.reach(State.INSTITUTION_REVIEW)
    refusal = await story.refused(Step.FORWARD)
    assert (reason_of(refusal), "延续注册" in refusal.words.zh) == ("AUTHORITY_NOT_SET", True)
    await settings.set(story.cast.district)
    await story.take(Step.FORWARD)


@pytest.mark.feature("I6")
async def test_while_reviews_of_the_kind_wait_nobody_is_taken_out_of_the_setting(
    story: Story, settings: Settings
) -> None:
    """They went to the authority half a minute later, without the institution's word and without a way back."""
    waits = await (await story.beside()).reach(State.INSTITUTION_REVIEW)
    await (await story.beside()).reach(State.INSTITUTION_REVIEW)
    refusal = await settings.not_set(None)
    assert (reason_of(refusal), "2件“延续注册”" in refusal.words.zh) == ("REVIEWS_WAITING", True)
    assert (await waits.row())["state"] == State.INSTITUTION_REVIEW
    await take(story.db, story.cast.manager.session, ApprovalSettingSet(Kind.FIRST, None))
    await settings.set(story.cast.nation)


async def test_every_change_is_kept(story: Story, settings: Settings) -> None:
    district, nation = str(story.cast.district), str(story.cast.nation)
    for authority_id in (story.cast.nation, None, story.cast.district):
        await settings.set(authority_id)
    assert [(one["from"], one["to"]) for one in await settings.audited()] == [
        (district, nation),
        (nation, None),
        (None, district),
    ]


async def test_only_an_authority_on_its_own_chain_decides(story: Story, settings: Settings) -> None:
    below = await story.world.authority(story.cast.district)
    beside = await story.world.authority(story.cast.nation)
    for authority_id in (below, beside, uuid4()):
        refusal = await settings.not_set(authority_id)
        assert codes_of(refusal) == {"OFF_CHAIN"}


@pytest.mark.feature("I6")
async def test_a_re_issue_goes_to_no_authority_of_ones_choice(story: Story, settings: Settings) -> None:
    """It goes straight to the 注册机关: what was set for it was never used."""
    before = await settings.rows(), await settings.audited()
    with pytest.raises(Invalid) as refusal:
        wish = ApprovalSettingSet(Kind.REISSUE, story.cast.district)
        await take(story.db, story.cast.manager.session, wish)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("kind", "KIND_NOT_ROUTED")]
    assert (await settings.rows(), await settings.audited()) == before


CHOICES = """{ approvalSettingChoices { kind title setting { setAt authority { id } } choices { id level } } }"""


@pytest.mark.feature("I6")
async def test_one_list_has_every_kind_with_what_is_set_and_what_can_be(
    live: Live, story: Story, settings: Settings
) -> None:
    """Three nested parents had to be read, and unset kinds merged in."""
    cast, unset = story.cast, "delete from approval_setting where institution_id = $1 and kind = 'CHANGE'"
    await settings.set(cast.nation)
    await story.world.owner.execute(unset, cast.hospital)
    for person in (cast.manager, cast.operator, cast.viewer):
        rows = (await live.as_(person).ask(CHOICES))["approvalSettingChoices"]
        assert [row["kind"] for row in rows] == [kind.name for kind in Kind if kind is not Kind.REISSUE]
        assert rows[1]["title"] == "延续注册"
        set_to = {row["kind"]: row["setting"] and row["setting"]["authority"]["id"] for row in rows}
        nation, district = (global_id("Authority", one) for one in (cast.nation, cast.district))
        assert (set_to["RENEWAL"], set_to["CHANGE"], set_to["FIRST"]) == (nation, None, district)
        assert {tuple(one["id"] for one in row["choices"]) for row in rows} == {(district, nation)}
    for person in (cast.nurse, cast.reviewer):
        assert await live.as_(person).refused(CHOICES) == ["NOT_ALLOWED"]


async def test_only_its_manager_sets_it(story: Story, settings: Settings) -> None:
    cast = story.cast
    for person in (cast.operator, cast.viewer, cast.nurse, cast.reviewer, cast.decider):
        assert type(await settings.not_set(cast.nation, person)) is NotAllowed


async def test_a_retry_sets_it_once(story: Story, settings: Settings) -> None:
    for _ in range(2):
        await settings.set(story.cast.nation, idempotency_key="set-it-once")
    assert len(await settings.audited()) == 1


async def test_what_many_set_at_once_is_a_chain_of_changes(story: Story, settings: Settings) -> None:
    for _ in range(ROUNDS):
        choices = [story.cast.nation, story.cast.district] * (TASKS // 2)
        assert await at_once(*(settings.set(one) for one in choices)) == [story.cast.hospital] * TASKS
        entries = (await settings.audited())[-TASKS:]
        assert [one["from"] for one in entries[1:]] == [one["to"] for one in entries[:-1]]
        assert str((await settings.rows())[0]["authority_id"]) == entries[-1]["to"]


SHOWN = (
    "query($id: ID!) { node(id: $id) { ... on Institution { approvalSettings { kind setAt authority { name } } } } }"
)


async def test_its_own_staff_and_the_authorities_above_it_read_what_is_set(services: Services, story: Story) -> None:
    cast, both, world = story.cast, Both(services), story.world
    elsewhere = await world.institution(cast.district)
    beside = await world.authority(cast.nation)
    stranger = await world.person(Party.INSTITUTION, elsewhere, Role.MANAGER)
    neighbour = await world.person(Party.AUTHORITY, beside, Role.REVIEWER)
    chief = await world.person(Party.AUTHORITY, cast.nation, Role.SUPERVISOR)
    shown = {}
    for person in (cast.manager, cast.viewer, cast.reviewer, chief, cast.nurse, stranger, neighbour):
        answer = await both.data(SHOWN, person, id=global_id("Institution", cast.hospital))
        found = answer["node"]["approvalSettings"]
        shown[person.account_id] = [(one["kind"], one["authority"]["name"]) for one in found]
    sees = [shown[person.account_id] for person in (cast.manager, cast.viewer, cast.reviewer, chief)]
    assert sees == [sees[0]] * 4
    assert ("RENEWAL", "西城区卫生健康委员会") in sees[0]
    assert [shown[person.account_id] for person in (cast.nurse, stranger, neighbour)] == [[]] * 3


async def test_a_kind_for_which_none_is_set_shows_none(services: Services, story: Story, settings: Settings) -> None:
    await settings.set(None)
    answer = await Both(services).data(SHOWN, story.cast.manager, id=global_id("Institution", story.cast.hospital))
    by_kind = {one["kind"]: one["authority"] for one in answer["node"]["approvalSettings"]}
    assert by_kind["RENEWAL"] is None
