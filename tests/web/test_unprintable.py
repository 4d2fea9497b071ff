"""A ticket is given only for a paper that is there: without one the refusal says why, and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from tests.support.filed_applications import put
from tests.support.live import Live
from tests.support.orders import draft_of, take_order
from tests.support.world import Cast, Person, World, renewal

pytestmark = pytest.mark.feature("I18")
GET = """mutation($input: DownloadTicketCreateInput!) { downloadTicketCreate(input: $input) {
  __typename ... on DownloadTicketCreatePayload { ticket }
  ... on ValidationProblem { fields { path code message } } ... on Problem { code } } }"""


async def ask(live: Live, who: Person, file: str, *ids: str) -> Any:
    """What the mutation answers."""
    return (await live.as_(who).ask(GET, input={"file": file, "ids": [*ids]}))["downloadTicketCreate"]


async def kept(world: World) -> int:
    """The number of tickets."""
    found: int = await world.owner.fetchval("select count(*) from ticket")
    return found


async def test_a_letter_that_was_not_written_yet_gets_no_ticket(
    live: Live, world: World, services: Services, cast: Cast
) -> None:
    key = global_id("Application", await take_order(services.db, draft_of(cast.nurse.session, renewal())))
    before = await kept(world)
    for file, said in (
        ("DECISION_LETTER", "王护士的延续注册申请（草稿）没有决定书：尚未提交，请先提交申请"),
        ("ACCEPTANCE_NOTICE", "王护士的延续注册申请（草稿）没有受理通知书：尚未提交，请先提交申请"),
    ):
        answer = await ask(live, cast.nurse, file, key)
        assert answer["__typename"] == "ValidationProblem"
        assert answer["fields"] == [{"path": "ids.0", "code": "PAPER_NOT_YET", "message": said}]
    assert await kept(world) == before
    assert (await ask(live, cast.nurse, "APPLICATION_FORM", key))["__typename"] == "DownloadTicketCreatePayload"


async def test_what_one_may_not_read_is_told_as_before(live: Live, world: World, cast: Cast) -> None:
    other = global_id("Application", await put(world, await world.cast(), State.ACCEPTED))
    assert await ask(live, cast.decider, "DECISION_LETTER", other) == {
        "__typename": "NotFoundProblem",
        "code": "NOT_FOUND",
    }
    own = global_id("Application", await put(world, cast, State.ACCEPTED))
    answer = await ask(live, cast.decider, "DECISION_LETTER", own, other)
    assert [(one["path"], one["code"]) for one in answer["fields"]] == [("ids.1", "NOT_FOUND")]


async def test_a_nurse_without_a_certificate_in_force_gets_no_ticket_for_it(
    live: Live, world: World, cast: Cast
) -> None:
    key = global_id("Nurse", cast.nurse_id)
    (problem,) = (await ask(live, cast.nurse, "CERTIFICATE", key))["fields"]
    assert (problem["path"], problem["code"]) == ("ids.0", "PAPER_NOT_THERE")
    row = {"nurse_id": cast.nurse_id, "number": "1", "serial": f"S{cast.nurse_id.hex}"}
    day = await world.owner.fetchval("select current_date")
    await world.insert("certificate", **row, issued_on=day, authority_id=cast.district)
    assert (await ask(live, cast.nurse, "CERTIFICATE", key))["__typename"] == "DownloadTicketCreatePayload"
    sql = "update registration set status = 'DEREGISTERED', deregistration_reason = 'OTHER' where nurse_id = $1"
    await world.owner.execute(sql, cast.nurse_id)
    (problem,) = (await ask(live, cast.nurse, "CERTIFICATE", key))["fields"]
    assert problem["message"] == ("王护士的执业注册（已注销）没有护士执业证书：原证书已失效，重新注册批准后即可下载")
