"""Blank certificates as the office sees them (空白证书): lists, counts, what a certificate is on, live; by plan and by
executor.
"""

from __future__ import annotations

from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.certificate_blank import SpoilReason
from rules.people import Party, Role
from tests.support.live import Live
from tests.support.mutation_by_name import do
from tests.support.plan_and_executor import Both
from tests.support.stock import Office
from tests.support.world import Cast, World

pytestmark = pytest.mark.feature("A4")
LIST = """query($where: CertificateBlankWhere, $within: ID) { certificateBlanks(where: $where, within: $within, first: 100) {
  totalCount nodes { id number state } } }"""
SHOWN = """id rowVersion number state receivedAt certificateNumber serial issuedOn printedAt spoilReason spoilNote spoiledAt
  collector proxyName proxyDocumentLast4 postalNumber handedOutAt authority { id } nurse { id }"""
STOCKS = "{ certificateStocks { nodes { received free printed handedOut spoiled void authority { id } } } }"
ENTRY = "query($id: ID!) { nurse(id: $id) { registration { certificateBlank { number state } } } }"
STOCK = "certificateStock { received free printed handedOut spoiled void }"
FEED = """subscription { eventFeed { __typename ... on Event { actor } ... on StockEvent { firstNumber lastNumber count authority { id } }
  ... on NurseEvent { certificateNumber } } }"""


@pytest.fixture
def both(services: Services) -> Both:
    """Asks both ways."""
    return Both(services)


@pytest.fixture
def office(services: Services, world: World, cast: Cast) -> Office:
    """The office of a district."""
    return Office.of(services.db, world, cast)


async def listed(both: Both, office: Office, **where: Any) -> list[tuple[str, str]]:
    """The blanks of the reviewer that are so, as number without its letters and state."""
    found = (await both.data(LIST, office.cast.reviewer, where=where))["certificateBlanks"]
    assert found["totalCount"] == len(found["nodes"])
    return [(one["number"].removeprefix(office.letters).lstrip("0"), one["state"]) for one in found["nodes"]]


async def in_every_state(office: Office) -> list[Cast]:
    """Blank 1 printed, 2 handed out, 3 void, 4 spoiled, 5 and 6 free."""
    await office.receive(1, 6)
    casts = [await office.nurse() for _ in range(3)]
    await office.use(1, *casts)
    await office.hand_out(casts[1])
    await office.issue(casts[2])
    await office.spoil(4, SpoilReason.LOST)
    return casts


async def test_the_stock_is_listed_by_number_and_state_and_counted(both: Both, office: Office) -> None:
    await in_every_state(office)
    states = ["PRINTED", "HANDED_OUT", "VOID", "SPOILED", "FREE", "FREE"]
    everything = [(str(nth), state) for nth, state in enumerate(states, 1)]
    assert await listed(both, office) == everything
    for state in {*states}:
        assert await listed(both, office, state={"eq": state}) == [one for one in everything if one[1] == state]
    two = {"in": ["VOID", "SPOILED"]}
    assert await listed(both, office, state=two) == everything[2:4]
    typed = f"{office.letters.lower()}-0000 0002"
    assert await listed(both, office, number={"eq": typed}) == everything[1:2]
    assert await listed(both, office, number={"startsWith": office.letters}, state={"eq": "FREE"}) == everything[4:]
    number = (await office.world.row("certificate", (await office.blank(1))["certificate_id"]))["number"]
    assert await listed(both, office, certificateNumber={"eq": number}) == everything[:1]
    (stock,) = (await both.data(STOCKS, office.cast.reviewer))["certificateStocks"]["nodes"]
    counts = {"received": 6, "free": 2, "printed": 1, "handedOut": 1, "spoiled": 1, "void": 1}
    assert stock == {**counts, "authority": {"id": global_id("Authority", office.cast.district)}}


async def test_an_empty_stock_is_an_empty_list(both: Both, office: Office) -> None:
    assert await listed(both, office) == []
    assert (await both.data(STOCKS, office.cast.reviewer))["certificateStocks"] == {"nodes": []}


async def test_authorities_above_read_it_and_no_others(live: Live, both: Both, office: Office, world: World) -> None:
    await office.receive(1, 2)
    above = await world.person(Party.AUTHORITY, office.cast.nation, Role.SUPERVISOR)
    elsewhere = await world.cast()
    within = global_id("Authority", office.cast.district)
    for who, count in ((above, 2), (office.cast.decider, 2), (elsewhere.reviewer, 0)):
        found = await both.data(LIST, who, where={"number": {"startsWith": office.letters}}, within=within)
        assert found["certificateBlanks"]["totalCount"] == count
    for who in (office.cast.nurse, office.cast.manager):
        assert await live.as_(who).refused(LIST) == ["NOT_ALLOWED"]
        assert await live.as_(who).refused(STOCKS) == ["NOT_ALLOWED"]


async def test_a_certificate_tells_its_office_which_blank_it_is_on(both: Both, office: Office) -> None:
    printed, _, void = await in_every_state(office)
    for cast, number in ((printed, office.number(1)), (void, None)):
        for who, sees in ((office.cast.reviewer, True), (cast.nurse, False), (office.cast.operator, False)):
            data = await both.data(ENTRY, who, id=global_id("Nurse", cast.nurse_id))
            found = data["nurse"]["registration"]["certificateBlank"]
            assert found == ({"number": number, "state": "PRINTED"} if number and sees else None)


async def test_an_office_prints_spoils_and_hands_out_and_its_colleagues_see_it_at_once(
    live: Live, both: Both, office: Office
) -> None:
    me, cast = live.as_(office.cast.reviewer), await office.nurse()
    ids = [global_id("Nurse", cast.nurse_id)]
    certificate = await office.world.row("certificate", cast.nurse_id, "nurse_id")
    here = {"authority": {"id": global_id("Authority", office.cast.district)}, "actor": "AUTHORITY"}

    def stock_event(kind: str, first: int, last: int) -> dict[str, Any]:
        bounds = {"firstNumber": office.number(first), "lastNumber": office.number(last)}
        return {"__typename": kind, **here, **bounds, "count": last - first + 1}

    async with live.as_(office.cast.decider).watch(FEED) as watched:
        assert await watched.next() == {"__typename": "FeedHeartbeat"}
        done = await do(me, "certificateBlanksReceive", STOCK, first=office.number(1), last=office.number(5))
        counts = {"received": 5, "free": 5, "printed": 0, "handedOut": 0, "spoiled": 0, "void": 0}
        assert done["certificateStock"] == counts
        assert await watched.next(3) == stock_event("StockReceived", 1, 5)
        use = {"ids": ids, "firstNumber": office.number(1), "idempotencyKey": "printed-1"}
        done = await do(me, "certificateBlanksUse", f"certificateBlanks {{ {SHOWN} }}", **use)
        (blank,) = done["certificateBlanks"]
        on = {"certificateNumber": certificate["number"], "serial": certificate["serial"], "nurse": {"id": ids[0]}}
        assert blank == {**blank, **on, "number": office.number(1), "state": "PRINTED", "rowVersion": 2}
        assert await do(me, "certificateBlanksUse", f"certificateBlanks {{ {SHOWN} }}", **use) == done
        assert await watched.next(3) == stock_event("StockUsed", 1, 1)
        spoil = {"number": office.number(1), "reason": "OTHER", "note": "卡纸"}
        done = await do(me, "certificateBlankSpoil", "certificateBlank { id state spoilReason spoilNote }", **spoil)
        spoiled = {"id": blank["id"], "state": "SPOILED", "spoilReason": "OTHER", "spoilNote": "卡纸"}
        assert done["certificateBlank"] == spoiled
        assert await watched.next(3) == stock_event("StockSpoiled", 1, 1)
        await do(me, "certificateBlanksUse", "certificateBlanks { id }", ids=ids, firstNumber=office.number(2))
        assert await watched.next(3) == stock_event("StockUsed", 2, 2)
        await do(me, "certificateBlanksRelease", STOCK, first=office.number(2), last=office.number(2))
        assert await watched.next(3) == stock_event("StockReleased", 2, 2)
        await do(me, "certificateBlanksUse", "certificateBlanks { id }", ids=ids, firstNumber=office.number(3))
        assert await watched.next(3) == stock_event("StockUsed", 3, 3)
        done = await do(me, "certificateBlanksWithdraw", STOCK, first=office.number(4), last=office.number(5))
        assert done["certificateStock"] == {**counts, "received": 3, "free": 1, "printed": 1, "spoiled": 1}
        assert await watched.next(3) == stock_event("StockWithdrawn", 4, 5)
        taker = {"collector": "PROXY", "proxyName": "李代", "proxyDocumentLast4": "001X"}
        taken = "certificateBlanks { number state collector proxyName proxyDocumentLast4 nurse { id } }"
        done = await do(me, "certificatesHandOut", taken, ids=ids, **taker)
        expected = {"number": office.number(3), "state": "HANDED_OUT", **taker, "nurse": {"id": ids[0]}}
        assert done["certificateBlanks"] == [expected]
        number = {"certificateNumber": certificate["number"], "actor": "AUTHORITY"}
        assert await watched.next(3) == {"__typename": "CertificateHandedOut", **number}
    node = await both.data(f"query($id: ID!) {{ node(id: $id) {{ ... on CertificateBlank {{ {SHOWN} }} }} }}",
                           office.cast.reviewer, id=blank["id"])  # fmt: skip
    assert node["node"]["state"] == "SPOILED"


async def test_a_list_names_each_nurse_that_cannot_be_by_its_place(live: Live, office: Office) -> None:
    cast = await office.nurse()
    ids = [global_id("Nurse", cast.nurse_id), global_id("Application", cast.nurse_id)]
    for name, more in (
        ("certificateBlanksUse", {"firstNumber": office.number(1)}),
        ("certificatesHandOut", {"collector": "HERSELF"}),
    ):
        done = await do(live.as_(office.cast.reviewer), name, "certificateBlanks { id }", ids=ids, **more)
        assert (done["__typename"], done["fields"]) == (
            "ValidationProblem",
            [{"path": "ids.1", "code": "NOT_FOUND"}],
        )
