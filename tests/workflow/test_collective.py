"""An institution files for many of its nurses at once (集体申请): each once, each by the same rules as alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from db.read.filter import Compare
from db.store.url import asyncpg_dsn
from graph.context import Services
from rules.errors import NotAllowed, NotFound, RateLimited, RegistryError
from rules.kinds import Kind
from tests.support.collective_group import Group
from tests.support.kinds import forms
from tests.support.people import resident
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, World, renewal
from workflow import collective
from workflow.collective_job import run

pytestmark = pytest.mark.feature("I16")


@pytest.fixture
def group(services: Services, world: World, cast: Cast) -> Group:
    """The hospital of this test; its one nurse is in every filing."""
    return Group(services.db, world, cast)


async def refused(group: Group, act: Awaitable[Any]) -> RegistryError:
    """How something is refused; nothing has moved."""
    before = await group.everything()
    with pytest.raises(RegistryError) as refusal:
        await act
    assert await group.everything() == before
    return refusal.value


async def test_a_whole_roster_is_filed_straight_to_the_authority(group: Group) -> None:
    nurses, cast = {group.cast.nurse_id, *await group.nurses(6)}, group.cast
    key = await group.filed()
    filing, made = await group.filing(key), await group.applications(key)
    assert (filing["state"], filing["kind"], filing["filed_by"]) == ("FINISHED", "RENEWAL", cast.operator.account_id)
    assert {one["nurse_id"] for one in made} == nurses
    columns = ("state", "filed_by", "institution_id", "authority_id", "version", "revision", "moved_by")
    as_filed = ("AUTHORITY_INTAKE", "INSTITUTION", cast.hospital, cast.district, 1, 1, cast.operator.account_id)
    assert {tuple(one[name] for name in columns) for one in made} == {as_filed}
    assert {row["application_id"] for row in await group.items(key)} == {one["id"] for one in made}
    decided = await group.world.owner.fetch(
        "select stage, outcome, revision, decider_id from review_decision where application_id = any($1)",
        [one["id"] for one in made],
    )
    assert [tuple(row) for row in decided] == [("INSTITUTION", "AGREED", 1, cast.operator.account_id)] * 7
    queued = "select count(*) from event where scope = $1 and queue = 'ADDED' and type = 'application.submitted'"
    assert await group.world.owner.fetchval(queued, cast.district) == 7
    for nurse_id in nurses:
        assert len(await group.heard(nurse_id, "application.submitted")) == 1


async def test_a_filter_chooses_whom_to_file_for(group: Group) -> None:
    await group.nurses(3)
    chosen = await group.nurses(2, valid_until=TODAY + timedelta(days=40))
    key = await group.filed(where=Compare("validUntil", "lte", TODAY + timedelta(days=40)))
    assert [row["nurse_id"] for row in await group.items(key)] == sorted(chosen)


async def test_a_list_that_is_tried_is_one_look_up_of_all_its_members_kept_before_it_is_read(
    group: Group, owner_url: str
) -> None:
    kept = "select detail from audit where account_id = $1 and action = 'identity.looked_up'"
    who = group.cast.operator.account_id
    numbers = [resident() for _ in range(3)]
    await group.check(10, csv="\n".join(["idNumber", *numbers]).encode())
    rows = [row["detail"] for row in await group.world.owner.fetch(kept, who)]
    assert rows == ['{"list": "collectiveFilingCheck", "members": "3"}']
    holder = await asyncpg.connect(asyncpg_dsn(owner_url))
    try:
        async with holder.transaction():
            await holder.execute("lock table nurse in access exclusive mode")
            asking = asyncio.create_task(group.check(10, csv="\n".join(["idNumber", *numbers]).encode()))
            async with asyncio.timeout(20):
                while len(await group.world.owner.fetch(kept, who)) == 1:
                    await group.world.owner.execute("select 1")
            assert not asking.done()
    finally:
        await holder.close()
    await asking
    assert len(await group.world.owner.fetch(kept, who)) == 2
    await group.check(10)
    assert len(await group.world.owner.fetch(kept, who)) == 2


async def test_each_is_judged_as_alone_and_a_refusal_stops_nobody_else(group: Group) -> None:
    early = (await group.nurses(1, valid_until=TODAY + timedelta(days=200)))[0]
    expired = (await group.nurses(1, valid_until=TODAY - timedelta(days=1)))[0]
    busy = (await group.nurses(1))[0]
    await group.world.owner.execute(
        "insert into application (id, kind, state, nurse_id, filed_by, nurse_name, nurse_sex,"
        " nurse_birth_date, document_type, id_number_masked, form, revision, submitted_at, queued_at) values (uuidv7(),"
        " 'REISSUE', 'AUTHORITY_INTAKE', $1, 'NURSE', 'x', 'MALE', '1990-01-01', 'RESIDENT_ID', 'x', '{}', 1, now(),"
        " now())",
        busy,
    )
    key = await group.filed()
    found = dict(zip([row["nurse_id"] for row in await group.items(key)], await group.codes(key), strict=True))
    open_one = {
        group.cast.nurse_id: None,
        early: ["WINDOW_OPEN"],
        expired: ["VALID_ON_FILING"],
        busy: ["APPLICATION_OPEN"],
    }
    assert found == open_one
    assert [one["nurse_id"] for one in await group.applications(key)] == [group.cast.nurse_id]
    for nurse_id in (early, expired, busy):
        assert await group.heard(nurse_id, "application.submitted") == []
        assert await group.world.owner.fetchval("select count(*) from audit where nurse_id = $1", nurse_id) == 0


async def test_a_form_that_does_not_hold_refuses_everybody_and_files_for_nobody(group: Group) -> None:
    key = await group.filed(form=renewal(health_examined_on=TODAY - timedelta(days=400)))
    assert await group.codes(key) == [["EXAMINATION_TOO_OLD"]]
    assert await group.applications(key) == []
    assert (await group.filing(key))["state"] == "FINISHED"


async def test_a_list_names_nurses_and_says_what_differs(group: Group) -> None:
    (one, name, number), (two, _, other) = await group.known(), await group.known()
    certificate = await group.world.owner.fetchval(
        "select certificate_number from registration where nurse_id = $1", group.cast.nurse_id
    )
    text = (
        "身份证号,护士执业证书编号,姓名,技术职称,体检日期\r\n"
        f"{number},,{name},主管护师,{TODAY:%Y/%-m/%-d}\r\n"
        f"{other},,,,\r\n"
        "\r\n"
        f",{certificate},,,\r\n"
        f"{number},,,,\r\n"
        f",20000000,,,\r\n"
        f"{number[:-1]},,,,\r\n"
        f"{other},,不是她,,\r\n"
        "一,二\r\n"
    )
    for encoding in ("utf-8-sig", "gb18030"):
        checked = await group.check(100, csv=text.encode(encoding))
        assert (checked.total, [place for place, _ in checked.found]) == (8, list(range(1, 9)))
    key = await group.filed(csv=text.encode("gb18030"))
    rows = await group.items(key)
    assert [row["line"] for row in rows] == [2, 3, 5, 6, 7, 8, 9, 10]
    assert [row["nurse_id"] for row in rows] == [one, two, group.cast.nurse_id, *[None] * 5]
    nothing = ["NOT_FOUND"]
    assert await group.codes(key) == [
        *[None] * 3,
        ["TWICE"],
        nothing,
        ["ID_NUMBER_FORMAT"],
        nothing,
        ["ID_NUMBER_FORMAT"],
    ]
    made = {row["nurse_id"]: row["form"] for row in await group.applications(key)}
    assert '"title": "SUPERVISOR_NURSE"' in made[one]
    assert f'"healthExaminedOn": "{TODAY}"' in made[one]
    assert '"title": "SENIOR_NURSE"' in made[two]


async def test_first_registrations_are_filed_for_those_whom_document_and_name_fit(group: Group) -> None:
    (one, name, number), (_, _, other) = await group.beginner(), await group.beginner()
    text = f"身份证号,姓名\n{number},{name}\n{other},别的名字\n".encode()
    key = await group.filed(kind=Kind.FIRST, form=forms(TODAY)[Kind.FIRST], csv=text)
    assert await group.codes(key) == [None, ["NOT_FOUND"]]
    (made,) = await group.applications(key)
    assert (made["nurse_id"], made["kind"], made["institution_id"]) == (one, "FIRST", group.cast.hospital)


async def test_nobody_files_for_the_nurses_of_others(group: Group, world: World) -> None:
    far = Group(group.db, world, await world.cast())
    (_, _, number), (_, name, registered) = await far.known(), await far.known()
    key = await group.filed(csv=f"idNumber\n{number}\n".encode())
    assert await group.codes(key) == [["NOT_FOUND"]]
    first = f"idNumber,name\n{registered},{name}\n".encode()
    key = await group.filed(kind=Kind.FIRST, form=forms(TODAY)[Kind.FIRST], csv=first)
    assert await group.codes(key) == [["NOT_FOUND"]]


async def test_a_dry_run_says_what_filing_would_say_and_moves_nothing(group: Group) -> None:
    await group.nurses(2)
    early = (await group.nurses(1, valid_until=TODAY + timedelta(days=200)))[0]
    before = await group.everything()
    first = await group.check(3)
    rest = await group.check(3, after=3)
    assert await group.everything() == before
    assert (first.total, rest.total, len(first.found), len(rest.found)) == (4, 4, 3, 1)
    tried = [one for _, one in [*first.found, *rest.found]]
    key = await group.filed()
    assert [one.nurse_id for one in tried] == [row["nurse_id"] for row in await group.items(key)]
    assert [one.problems for one in tried] == [row["problems"] for row in await group.items(key)]
    assert [one.nurse_id for one in tried if one.problems] == [early]


async def test_only_operators_file_together_and_only_where_an_authority_is_set(group: Group) -> None:
    cast = group.cast
    for stranger in (cast.viewer, cast.nurse, cast.reviewer):
        assert type(await refused(group, group.start(stranger))) is NotAllowed
    assert codes_of(await refused(group, group.start(kind=Kind.CHANGE, form=None))) == {"KIND_NOT_COLLECTIVE"}
    assert codes_of(await refused(group, group.start(kind=Kind.FIRST))) == {"OTHER_KIND"}
    assert codes_of(await refused(group, group.start(where=None))) == {"ONE_CHOICE"}
    assert codes_of(await refused(group, group.start(where=Compare("name", "eq", "无此人")))) == {"NOBODY"}
    unset = "delete from approval_setting where institution_id = $1 and kind = 'RENEWAL'"
    await group.world.owner.execute(unset, cast.hospital)
    assert reason_of(await refused(group, group.start())) == "AUTHORITY_NOT_SET"
    assert reason_of(await refused(group, group.check(10))) == "AUTHORITY_NOT_SET"


async def test_who_may_no_longer_file_files_for_nobody_more(group: Group) -> None:
    key = await group.start()
    await group.world.owner.execute(
        "update account set roles = '{VIEWER}' where id = $1", group.cast.operator.account_id
    )
    await run(group.db)
    assert await group.codes(key) == [["NOT_ALLOWED"]]
    assert await group.applications(key) == []


async def test_nobody_files_for_herself(group: Group, world: World) -> None:
    sql = "update account set self_nurse_id = $2 where id = $1"
    await world.owner.execute(sql, group.cast.operator.account_id, group.cast.nurse_id)
    assert await group.codes(await group.filed()) == [["ABOUT_YOURSELF"]]


async def test_who_begins_too_often_waits(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collective, "STARTS", 2)
    await group.filed()
    await group.filed()
    with pytest.raises(RateLimited):
        await group.start()
    monkeypatch.setattr(collective, "LISTS", 1)
    await group.check(10, csv=b"certificateNumber\n1\n")
    with pytest.raises(RateLimited):
        await group.check(10, csv=b"certificateNumber\n1\n")
    await group.check(10)


async def test_a_cancelled_filing_files_for_nobody_more(group: Group, world: World) -> None:
    key = await group.start()
    far = await world.cast()
    for stranger, answer in ((far.operator, NotFound), (group.cast.nurse, NotFound), (group.cast.viewer, NotAllowed)):
        assert type(await refused(group, group.cancel(key, stranger))) is answer
    assert await group.cancel(key, retry="cancel-001") == key
    assert await group.cancel(key, retry="cancel-001") == key
    await run(group.db)
    assert await group.applications(key) == []
    (item,) = await group.items(key)
    assert (item["application_id"], item["problems"], item["done_at"] is None) == (None, None, False)
    assert [body["state"] for body in await group.heard(group.cast.hospital)] == ["RUNNING", "CANCELLED"]
    assert reason_of(await refused(group, group.cancel(key))) == "FILING_ENDED"
