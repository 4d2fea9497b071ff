"""A nurse has her photo on record: looked into, filed, reviewed where she works, shown to few, erased in time (N15, I15)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import asyncpg
import pytest
from PIL import Image

from db.photo_erasing import erase
from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.authority_stage import put
from tests.support.live import Client, Live
from tests.support.photos import PROBLEMS, SHOWN, a_photo, download, hand_in
from tests.support.pictures import drawn, saved
from tests.support.world import TODAY, Cast, World

pytestmark = pytest.mark.feature("N15")
LIST = f"query($where: PhotoWhere) {{ photos(first: 10, where: $where) {{ totalCount nodes {{ {SHOWN} }} }} }}"
OF_NURSE = "query($id: ID!) { nurse(id: $id) { photo { id state } pendingPhoto { id state } } }"


async def do(client: Client, name: str, **input: Any) -> Any:
    """Take a step; gives the photo, or the problem."""
    title = name[0].upper() + name[1:]
    kind = "PhotoRejectInput" if name == "photoReject" else "PhotoStepInput"
    text = (
        f"mutation($input: {kind}!) {{ {name}(input: $input) {{"
        f" ... on {title}Payload {{ photo {{ {SHOWN} }} }} {PROBLEMS} }} }}"
    )
    answer = (await client.ask(text, input=input))[name]
    return answer.get("photo", answer)


def step(photo: Any, **more: Any) -> dict[str, Any]:
    """A step on a photo as it was seen."""
    return {"id": photo["id"], "expectedVersion": photo["version"], **more}


async def filed(live: Live, cast: Cast, seed: int = 0) -> Any:
    """A photo of hers that waits for the review."""
    handed_in = await hand_in(live, cast.nurse, saved(drawn(seed=seed)))
    return await do(live.as_(cast.nurse), "photoFile", **step(handed_in))


async def heard(world: World, scope: UUID) -> list[str]:
    """The events of photos in one feed."""
    sql = "select type from event where scope = $1 and type like 'photo.%' order by seq"
    return [row["type"] for row in await world.owner.fetch(sql, scope)]


async def states(world: World, nurse_id: UUID) -> list[str]:
    """The states of her photos, the oldest first."""
    rows = await world.owner.fetch("select state from photo where nurse_id = $1 order by id", nurse_id)
    return [row["state"] for row in rows]


async def on_record(world: World, nurse_id: UUID) -> UUID | None:
    """The file that stands in her record."""
    return (await world.row("nurse", nurse_id))["photo_id"]


@pytest.mark.feature("I15", "N11")
async def test_a_photo_is_on_record_when_her_institution_agrees_and_both_hear_of_it(
    live: Live, world: World, cast: Cast
) -> None:
    she, desk, her = live.as_(cast.nurse), live.as_(cast.operator), {"id": global_id("Nurse", cast.nurse_id)}
    handed_in = await hand_in(live, cast.nurse, saved(drawn()))
    assert (handed_in["state"], handed_in["whiteBorder"], handed_in["warnings"]) == ("UPLOADED", 100, [])
    assert (await desk.ask(LIST))["photos"]["nodes"] == []
    asked = await do(she, "photoFile", **step(handed_in))
    assert (asked["state"], asked["version"], asked["filedBy"]) == ("PENDING", 2, "NURSE")
    assert await on_record(world, cast.nurse_id) is None
    day = {"gte": f"{TODAY - timedelta(days=2)}T00:00:00Z"}
    where = {"state": {"eq": "PENDING"}, "nurseName": {"startsWith": "王"}, "queuedAt": day}
    assert (await desk.ask(LIST, where=where))["photos"] == {"totalCount": 1, "nodes": [asked]}
    waiting = {"photo": None, "pendingPhoto": {"id": asked["id"], "state": "PENDING"}}
    assert (await desk.ask(OF_NURSE, **her))["nurse"] == waiting
    done = await do(desk, "photoApprove", **step(asked))
    assert (done["state"], done["version"], done["endedAt"]) == ("CURRENT", 3, None)
    assert (await she.ask(OF_NURSE, **her))["nurse"] == {
        "photo": {"id": asked["id"], "state": "CURRENT"},
        "pendingPhoto": None,
    }
    row = await world.owner.fetchrow("select blob_id from photo where nurse_id = $1", cast.nurse_id)
    assert row is not None
    assert await on_record(world, cast.nurse_id) == row["blob_id"]
    for scope in (cast.nurse_id, cast.hospital):
        assert await heard(world, scope) == ["photo.submitted", "photo.decided"]
    again = await do(desk, "photoApprove", **step(asked))
    assert again["code"] == "REQUEST_DECIDED"


async def test_a_picture_that_is_no_photo_is_refused_with_all_its_faults_and_nothing_is_kept(
    live: Live, world: World, cast: Cast
) -> None:
    refused = await hand_in(live, cast.nurse, saved(drawn((200, 300)), "BMP"))
    assert [one["code"] for one in refused["fields"]] == ["FILE_TYPE"]
    refused = await hand_in(live, cast.nurse, saved(drawn((400, 500)), "PNG", compress_level=0))
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [
        ("file", "PHOTO_PIXELS"),
        ("file", "PHOTO_BYTES"),
    ]
    assert "400×500" in refused["fields"][0]["message"]
    assert await states(world, cast.nurse_id) == []
    cut = await hand_in(live, cast.nurse, saved(drawn((1200, 1600))), cut=True)
    assert (cut["state"], cut["cut"]) == ("UPLOADED", True)
    shown = await download(live, cast.nurse, cut["id"])
    assert shown.headers["content-type"] == "image/jpeg"
    with Image.open(BytesIO(shown.content)) as picture:
        assert picture.size == (354, 472)


async def test_who_may_not_is_told_before_her_picture_is_looked_at(live: Live, world: World, cast: Cast) -> None:
    inactive = await world.person(Party.NURSE, cast.nurse_id, Role.NURSE, state="INACTIVE")
    for who, code in ((cast.operator, "NOT_ALLOWED"), (inactive, "ACCOUNT_INACTIVE")):
        refused = await hand_in(live, who, saved(drawn((400, 500)), "PNG", compress_level=0))
        assert (refused["__typename"], refused["code"]) == ("NotAllowedProblem", code)
    assert await states(world, cast.nurse_id) == []


async def test_the_last_upload_replaces_the_one_that_waits(live: Live, world: World, cast: Cast) -> None:
    first, second = await filed(live, cast), await filed(live, cast, 1)
    late = await do(live.as_(cast.operator), "photoApprove", **step(first))
    said = (late["code"], late["message"])
    assert said == ("REQUEST_DECIDED", "该相片已被后来上传的相片替换，请提交新的相片")
    assert await states(world, cast.nurse_id) == ["REPLACED", "PENDING"]
    await do(live.as_(cast.operator), "photoApprove", **step(second))
    third = await filed(live, cast, 2)
    assert await states(world, cast.nurse_id) == ["REPLACED", "CURRENT", "PENDING"]
    await do(live.as_(cast.operator), "photoApprove", **step(third))
    assert await states(world, cast.nurse_id) == ["REPLACED", "REPLACED", "CURRENT"]
    for _ in range(2):
        await hand_in(live, cast.nurse, saved(drawn(seed=3)))
    assert (await states(world, cast.nurse_id))[-2:] == ["REPLACED", "UPLOADED"]


@pytest.mark.feature("I15")
async def test_a_refusal_gives_reasons_that_she_reads_and_the_old_photo_stays(
    live: Live, world: World, cast: Cast
) -> None:
    old = await filed(live, cast)
    await do(live.as_(cast.operator), "photoApprove", **step(old))
    before = await on_record(world, cast.nurse_id)
    new, desk = await filed(live, cast, 1), live.as_(cast.operator)
    wordless = await do(desk, "photoReject", **step(new, reasons=[]))
    assert [(one["path"], one["code"]) for one in wordless["fields"]] == [("reasons", "FIELD_REQUIRED")]
    which = await do(desk, "photoReject", **step(new, reasons=["OTHER"], opinion=" "))
    assert [(one["path"], one["code"]) for one in which["fields"]] == [("opinion", "FIELD_REQUIRED")]
    assert (await states(world, cast.nurse_id)) == ["CURRENT", "PENDING"]
    done = await do(desk, "photoReject", **step(new, reasons=["NOT_RECENT", "BACKGROUND"]))
    assert (done["state"], done["reasons"]) == ("REJECTED", ["NOT_RECENT", "BACKGROUND"])
    mine = (await live.as_(cast.nurse).ask(LIST, where={"state": {"eq": "REJECTED"}}))["photos"]["nodes"]
    assert mine == [done]
    assert await on_record(world, cast.nurse_id) == before


async def test_she_takes_a_photo_back_and_only_she(live: Live, world: World, cast: Cast) -> None:
    asked = await filed(live, cast)
    assert (await do(live.as_(cast.operator), "photoWithdraw", **step(asked)))["code"] == "NOT_FOUND"
    back = await do(live.as_(cast.nurse), "photoWithdraw", **step(asked))
    assert back["state"] == "WITHDRAWN"
    assert (await do(live.as_(cast.operator), "photoApprove", **step(asked)))["code"] == "REQUEST_DECIDED"
    assert await states(world, cast.nurse_id) == ["WITHDRAWN"]
    unfiled = await hand_in(live, cast.nurse, saved(drawn()))
    assert (await do(live.as_(cast.operator), "photoApprove", **step(unfiled)))["code"] == "PHOTO_NOT_FILED"
    assert (await do(live.as_(cast.nurse), "photoWithdraw", **step(unfiled)))["state"] == "WITHDRAWN"
    assert await heard(world, cast.hospital) == ["photo.submitted", "photo.withdrawn"]


async def test_after_ten_working_days_her_authority_reviews_and_a_photo_never_lapses(
    live: Live, world: World, cast: Cast
) -> None:
    she, asked = live.as_(cast.nurse), await filed(live, cast)
    early = await do(she, "photoEscalate", **step(asked))
    assert early["code"] == "INSTITUTION_HAS_TIME"
    await world.owner.execute("update photo set queued_at = queued_at - interval '40 days'")
    gone = await do(she, "photoEscalate", **step(asked))
    assert gone["escalatedAt"] is not None
    late = await do(live.as_(cast.operator), "photoApprove", **step(gone))
    assert late["code"] == "CHANGE_WITH_AUTHORITY"
    again = await do(she, "photoEscalate", **step(gone))
    assert again["code"] == "CHANGE_WITH_AUTHORITY"
    done = await do(live.as_(cast.reviewer), "photoApprove", **step(gone))
    assert done["state"] == "CURRENT"
    assert await heard(world, cast.district) == ["photo.submitted", "photo.decided"]


async def test_where_nobody_else_may_review_it_it_goes_to_her_authority_at_once(
    live: Live, world: World, cast: Cast
) -> None:
    await world.owner.execute("update institution set state = 'SUSPENDED' where id = $1", cast.hospital)
    asked = await filed(live, cast)
    assert asked["escalatedAt"] is not None
    assert await heard(world, cast.district) == ["photo.submitted"]


async def test_where_she_goes_her_photo_goes_to_be_reviewed(live: Live, world: World, cast: Cast) -> None:
    asked, other = await filed(live, cast), await world.cast()
    moved = "update registration set institution_id = $2, authority_id = $3 where nurse_id = $1"
    await world.owner.execute(moved, cast.nurse_id, other.hospital, other.district)
    assert (await do(live.as_(cast.operator), "photoApprove", **step(asked)))["code"] == "NOT_FOUND"
    assert (await download(live, cast.operator, asked["id"]))["code"] == "NOT_FOUND"
    assert (await do(live.as_(other.operator), "photoApprove", **step(asked)))["state"] == "CURRENT"


async def test_a_photo_that_waits_where_the_institution_is_suspended_goes_on_at_once(
    live: Live, world: World, cast: Cast
) -> None:
    asked = await filed(live, cast)
    await world.owner.execute("update institution set state = 'SUSPENDED' where id = $1", cast.hospital)
    assert (await do(live.as_(cast.nurse), "photoEscalate", **step(asked)))["escalatedAt"] is not None


async def test_nobody_decides_about_her_own_photo(live: Live, world: World, cast: Cast) -> None:
    key = await a_photo(world, cast)
    herself = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR, self_nurse=cast.nurse_id)
    for name, more in (("photoApprove", {}), ("photoReject", {"reasons": ["BACKGROUND"]})):
        given = {"id": global_id("Photo", key), "expectedVersion": 1, **more}
        assert (await do(live.as_(herself), name, **given))["code"] == "ABOUT_YOURSELF"
    assert await states(world, cast.nurse_id) == ["PENDING"]


async def test_before_any_application_it_is_hers_to_change_and_afterwards_it_travels_with_that(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    never = (
        "status = 'NEVER', certificate_number = null, valid_until = null, institution_id = null, authority_id = null"
    )
    await world.owner.execute(f"update registration set {never} where nurse_id = $1", cast.nurse_id)
    first = await filed(live, cast)
    assert (first["state"], await states(world, cast.nurse_id)) == ("CURRENT", ["CURRENT"])
    before = await on_record(world, cast.nurse_id)
    key = await put(world, cast, State.INSTITUTION_REVIEW, kind=Kind.FIRST)
    second = await filed(live, cast, 1)
    assert second["state"] == "PENDING"
    assert await on_record(world, cast.nurse_id) == before
    assert (await do(live.as_(cast.operator), "photoApprove", **step(second)))["code"] == "NOT_FOUND"
    her = {"id": global_id("Nurse", cast.nurse_id)}
    seen = (await live.as_(cast.operator).ask(OF_NURSE, **her))["nurse"]
    assert seen["pendingPhoto"] == {"id": second["id"], "state": "PENDING"}
    assert (await download(live, cast.operator, second["id"])).status_code == 200
    assert await heard(world, cast.hospital) == ["photo.submitted"]
    assert key is not None


async def test_pictures_come_as_an_archive_in_their_order_once_and_within_a_minute(
    live: Live, world: World, cast: Cast
) -> None:
    far = await world.cast()
    keys = [await a_photo(world, cast, state, seed) for seed, state in enumerate(("CURRENT", "PENDING", "REJECTED"))]
    ids = [global_id("Photo", key) for key in keys]
    sent = await download(live, cast.operator, *ids)
    assert sent.headers["content-type"] == "application/zip"
    with ZipFile(BytesIO(sent.content)) as archive:
        assert archive.namelist() == ["01.jpg", "02.jpg", "03.jpg"]
        assert [archive.read(name) for name in archive.namelist()] == [saved(drawn(seed=one)) for one in range(3)]
    ends = await world.owner.fetchval(
        "select max(expires_at - now()) from ticket where account_id = $1", cast.operator.account_id
    )
    assert ends <= timedelta(seconds=60)
    # One look at one person, however many pictures.
    looked = "select count(*) from audit where action = 'file.download' and account_id = $1 and nurse_id = $2"
    assert await world.owner.fetchval(looked, cast.operator.account_id, cast.nurse_id) == 1
    for person in (cast.viewer, far.operator, far.reviewer):
        assert (await download(live, person, ids[0]))["code"] == "NOT_FOUND"
    many = await download(live, cast.operator, *(ids * 17))
    assert [one["code"] for one in many["fields"]][:1] == ["TOO_MANY"]


async def test_what_is_refused_or_replaced_is_erased_after_ninety_days_and_uploads_after_seven(
    live: Live, world: World, cast: Cast, owner_url: str
) -> None:
    other = await world.cast()
    kept = [await a_photo(world, cast, state, seed) for seed, state in enumerate(("CURRENT", "PENDING"), 5)]
    young = await a_photo(world, cast, "REJECTED", 7)
    old = [
        await a_photo(world, cast, state, seed) for seed, state in enumerate(("REJECTED", "REPLACED", "WITHDRAWN"), 8)
    ]
    shared = [await a_photo(world, cast, "REPLACED", seed) for seed in (5, 6)]
    unfiled = await a_photo(world, other, "UPLOADED", 11)
    long_ago = "update photo set ended_at = ended_at - interval '91 days' where id = any ($1::uuid[])"
    await world.owner.execute(long_ago, [*old, *shared])
    await world.owner.execute("update photo set created_at = created_at - interval '8 days' where id = $1", unfiled)
    files = dict(
        await world.owner.fetch(
            "select id, blob_id from photo where nurse_id = any ($1::uuid[])", [cast.nurse_id, other.nurse_id]
        )
    )
    connection = await asyncpg.connect(owner_url.replace("+asyncpg", ""))
    await asyncio.gather(erase(connection, 2))
    await connection.close()
    rows = {row["id"]: row for row in await world.owner.fetch("select * from photo where nurse_id = $1", cast.nurse_id)}
    assert [rows[key]["blob_id"] for key in (*kept, young)] == [files[key] for key in (*kept, young)]
    assert [(rows[key]["blob_id"], len(rows[key]["erased_index"])) for key in (*old, *shared)] == [(None, 32)] * 5
    assert await world.owner.fetchval("select count(*) from photo where id = $1", unfiled) == 0
    left = "select id from blob where id = any ($1::uuid[])"
    there = {row["id"] for row in await world.owner.fetch(left, [*files.values()])}
    assert there == {files[key] for key in (*kept, young)}, "what another still needs stays"
    mine = (await live.as_(cast.nurse).ask(LIST, where={"state": {"eq": "WITHDRAWN"}}))["photos"]["nodes"]
    assert [one["erased"] for one in mine] == [True]
    assert (await download(live, cast.nurse, mine[0]["id"]))["code"] == "NOT_FOUND"


async def test_of_two_who_decide_at_once_one_is_first(live: Live, world: World, cast: Cast) -> None:
    asked, desk = await filed(live, cast), live.as_(cast.operator)
    both = await asyncio.gather(
        do(desk, "photoApprove", **step(asked)), do(desk, "photoReject", **step(asked, reasons=["BACKGROUND"]))
    )
    codes = sorted(one.get("code") or one["state"] for one in both)
    assert codes in (["CURRENT", "REQUEST_DECIDED"], ["REJECTED", "REQUEST_DECIDED"])
    assert len(await heard(world, cast.hospital)) == 2
