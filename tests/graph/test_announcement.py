"""Announcements: read by those whom they are for, live without a row for each, marked as read, corrected, withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from websockets.exceptions import ConnectionClosedError

from graph.context import Services
from graph.schema.node import global_id, key_of
from rules.announcement import FEED as SCOPE
from rules.people import Party, Role
from tests.support.help import ANNOUNCED, do, step
from tests.support.live import Client, Live, Watch
from tests.support.world import Cast, Person, World
from workflow import announcement as workflow

pytestmark = pytest.mark.feature("I25")
READ = f"{{ announcements(first: 50) {{ nodes {{ {ANNOUNCED} }} }} unreadAnnouncements(first: 9) {{ totalCount nodes {{ id }} }} }}"
FEED = """subscription($after: String) { announcementFeed(after: $after) { __typename cursor
  ... on AnnouncementEvent { type announcementId announcement { title version } } } }"""


@pytest.fixture
async def province(world: World, cast: Cast) -> Person:
    """An admin of an authority right above nobody else's people: that of the cast's district."""
    return await world.person(Party.AUTHORITY, cast.district, Role.PROVINCIAL_ADMIN)


@pytest.fixture
async def far(world: World) -> Cast:
    """The people of another tree."""
    return await world.cast()


async def publish(client: Client, title: str = "延续注册提醒", **input: Any) -> Any:
    """An announcement to all three ends, or the problem."""
    given = {"title": title, "text": "请及时办理。", "audience": ["NURSE", "INSTITUTION", "AUTHORITY"], **input}
    return await do(client, "announcementPublish", "AnnouncementPublishInput", "announcement", **given)


async def titles(client: Client) -> tuple[list[str], int]:
    """The titles that somebody reads, and how many she has not read."""
    found = await client.ask(READ)
    assert len(found["unreadAnnouncements"]["nodes"]) == found["unreadAnnouncements"]["totalCount"]
    return [one["title"] for one in found["announcements"]["nodes"]], found["unreadAnnouncements"]["totalCount"]


async def next_of(watch: Watch, type: str) -> Any:
    """The next event of this type; what others announce concerns nobody here."""
    found = await watch.next()
    assert found["type"] == type
    return found


async def test_an_area_reads_what_is_announced_to_it_live_and_nobody_else_does(
    live: Live, world: World, cast: Cast, far: Cast, province: Person
) -> None:
    strangers = [far.nurse, far.operator]
    async with (
        live.as_(cast.nurse).watch(FEED) as hers,
        live.as_(cast.operator).watch(FEED) as theirs,
        live.as_(far.nurse).watch(FEED) as elsewhere,
    ):
        for watch in (hers, theirs, elsewhere):
            assert (await watch.next())["__typename"] == "FeedHeartbeat"
        made = await publish(live.as_(province))
        shown = {"title": "延续注册提醒", "version": 1}
        for watch in (hers, theirs):
            assert (await next_of(watch, "ANNOUNCEMENT_PUBLISHED"))["announcement"] == shown
        foreign = await world.person(Party.AUTHORITY, far.district, Role.PROVINCIAL_ADMIN)
        await publish(live.as_(foreign), "外省公告")
        assert (await next_of(elsewhere, "ANNOUNCEMENT_PUBLISHED"))["announcement"]["title"] == "外省公告"
    for person in (cast.nurse, cast.operator, cast.reviewer):
        assert await titles(live.as_(person)) == (["延续注册提醒"], 1)
    for person in strangers:
        assert await titles(live.as_(person)) == (["外省公告"], 1)
    events = await world.owner.fetchval(
        "select count(*) from event where scope = $1 and body->>'announcement' = $2", SCOPE, _key(made)
    )
    assert events == 1


def _key(made: Any) -> str:
    return str(key_of("Announcement", made["id"]))


async def test_what_was_missed_comes_after_the_cursor_and_nothing_twice(
    live: Live, cast: Cast, province: Person
) -> None:
    async with live.as_(cast.nurse).watch(FEED) as watch:
        cursor = (await watch.next())["cursor"]
    first = await publish(live.as_(province), "一")
    await publish(live.as_(province), "二")
    async with live.as_(cast.nurse).watch(FEED, after=cursor) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        got = [await next_of(watch, "ANNOUNCEMENT_PUBLISHED") for _ in range(2)]
        assert [one["announcement"]["title"] for one in got] == ["一", "二"]
        assert got[0]["announcementId"] == first["id"]


async def test_a_mark_is_kept_until_a_correction_and_a_withdrawn_one_is_read_by_nobody(
    live: Live, world: World, cast: Cast, province: Person
) -> None:
    she, admin = live.as_(cast.nurse), live.as_(province)
    made = await publish(admin)
    read = await do(she, "announcementRead", "AnnouncementReadInput", "announcement", id=made["id"])
    assert read["read"] == {"version": 1}
    assert await titles(she) == (["延续注册提醒"], 0)
    assert await titles(live.as_(cast.operator)) == (["延续注册提醒"], 1)
    words = {"title": "更正：延续注册提醒", "text": "日期有误，已更正。", "audience": ["NURSE"]}
    corrected = await do(
        admin, "announcementCorrect", "AnnouncementCorrectInput", "announcement", **step(made, **words)
    )
    assert (corrected["version"], corrected["corrected"], corrected["audience"]) == (2, True, ["NURSE"])
    assert await titles(she) == (["更正：延续注册提醒"], 1)
    assert await titles(live.as_(cast.operator)) == ([], 0)
    stale = await do(admin, "announcementWithdraw", "AnnouncementWithdrawInput", "announcement", **step(made))
    assert stale["code"] == "VERSION_STALE"
    await do(admin, "announcementWithdraw", "AnnouncementWithdrawInput", "announcement", **step(corrected))
    assert await titles(she) == ([], 0)
    assert "更正：延续注册提醒" in (await titles(admin))[0]
    gone = await do(she, "announcementRead", "AnnouncementReadInput", "announcement", id=made["id"])
    assert gone["code"] == "NOT_FOUND"
    kept = await world.owner.fetch(
        "select content->>'title' as title from announcement_version where announcement_id = $1::uuid order by version",
        UUID(_key(made)),
    )
    assert [row["title"] for row in kept] == ["延续注册提醒", "更正：延续注册提醒", "更正：延续注册提醒"]


async def test_an_institution_announces_to_its_own_people_alone(live: Live, cast: Cast, far: Cast) -> None:
    made = await publish(live.as_(cast.manager), "周五开会", audience=["INSTITUTION", "NURSE"])
    assert made["institution"] == {"id": global_id("Institution", cast.hospital)}
    for person in (cast.nurse, cast.operator, cast.viewer):
        assert (await titles(live.as_(person)))[0] == ["周五开会"]
    for person in (cast.reviewer, far.nurse, far.operator):
        assert await titles(live.as_(person)) == ([], 0)
    refused = await publish(live.as_(cast.manager), audience=["AUTHORITY"])
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [("audience", "AUDIENCE")]
    for person in (cast.operator, cast.nurse, cast.reviewer):
        assert (await publish(live.as_(person)))["code"] == "NOT_ALLOWED"
    there = await publish(live.as_(cast.manager), authorityId=global_id("Authority", cast.district))
    assert there["code"] == "NOT_FOUND"


async def test_nobody_touches_the_announcement_of_another_place(
    live: Live, world: World, cast: Cast, far: Cast, province: Person
) -> None:
    made = await publish(live.as_(province))
    foreign = await world.person(Party.AUTHORITY, far.district, Role.PROVINCIAL_ADMIN)
    above = {"authorityId": global_id("Authority", cast.district)}
    assert (await publish(live.as_(foreign), **above))["code"] == "NOT_FOUND"
    for person in (foreign, cast.manager, cast.nurse):
        refused = await do(
            live.as_(person), "announcementWithdraw", "AnnouncementWithdrawInput", "announcement", **step(made)
        )
        assert refused["code"] == "NOT_FOUND"
    row = await world.row("announcement", UUID(_key(made)))
    assert (row["state"], row["version"]) == ("PUBLISHED", 1)


async def test_one_for_later_is_told_once_when_its_time_comes_and_ends_by_itself(
    live: Live, services: Services, world: World, cast: Cast, province: Person
) -> None:
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = await publish(live.as_(province), startsAt=soon)
    she = live.as_(cast.nurse)
    async with she.watch(FEED) as watch:
        await watch.next()
        assert await titles(she) == ([], 0)
        began = "update announcement set starts_at = now() - interval '1 second' where id = $1"
        await world.owner.execute(began, UUID(_key(made)))
        await workflow.begin(services.db)
        await workflow.begin(services.db)
        assert (await next_of(watch, "ANNOUNCEMENT_PUBLISHED"))["announcementId"] == made["id"]
    assert (await titles(she))[0] == ["延续注册提醒"]
    sql = "select count(*) from event where scope = $1 and body->>'announcement' = $2"
    assert await world.owner.fetchval(sql, SCOPE, _key(made)) == 1
    ended = "update announcement set ends_at = now() where id = $1"
    await world.owner.execute(ended, UUID(_key(made)))
    assert await titles(she) == ([], 0)


async def test_an_announcement_without_sense_is_refused(live: Live, province: Person) -> None:
    past = {"endsAt": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    refused = await publish(live.as_(province), " ", text="", audience=[], **past)
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [
        ("title", "FIELD_REQUIRED"),
        ("text", "FIELD_REQUIRED"),
        ("audience", "FIELD_REQUIRED"),
        ("endsAt", "BEFORE_START"),
    ]


async def test_who_was_signed_out_gets_no_announcement_more(
    live: Live, world: World, cast: Cast, province: Person
) -> None:
    async with live.as_(cast.nurse).watch(FEED) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        ended = "update session set revoked_at = now() where account_id = $1"
        await world.owner.execute(ended, cast.nurse.account_id)
        await publish(live.as_(province))
        with pytest.raises(ConnectionClosedError) as closed:
            await watch.message()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
