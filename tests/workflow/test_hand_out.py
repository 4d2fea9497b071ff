"""Certificates are handed out (领证登记, 许可法 44): rights 4, and A4's 发证."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from db.store.engine import SHANGHAI, Database
from rules.certificate_blank import NoCertificate
from rules.delivery import DeliveryWay
from rules.errors import Invalid, NotAllowed, RegistryError
from rules.hand_out import Collector
from rules.people import Party, Role
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.stock import ISSUED, Office
from tests.support.story import NOW, Clock, reason_of
from tests.support.world import Cast, Person, World
from workflow.delivery import DecisionDeliver
from workflow.hand_out import CertificatesHandOut

pytestmark = pytest.mark.feature("A4")
PROXY = {"collector": Collector.PROXY, "proxy_name": "李 代", "proxy_last4": "001x"}


@pytest.fixture
def office(timed: Database, world: World, cast: Cast, clock: Clock) -> Office:
    """The office of a district."""
    return Office.of(timed, world, cast)


async def printed(office: Office, *, count: int = 1) -> list[Cast]:
    """Nurses whose certificates wait to be taken, on the blanks from 1 on."""
    await office.receive(1, count)
    casts = [await office.nurse() for _ in range(count)]
    await office.use(1, *casts)
    return casts


async def refused(office: Office, *casts: Cast, who: Person | None = None, **given: Any) -> RegistryError:
    """How a hand-out is refused; nothing has moved."""
    before = await office.everything()
    values = {"collector": Collector.HERSELF, **given}
    with pytest.raises(RegistryError) as refusal:
        await office.do(CertificatesHandOut(tuple(one.nurse_id for one in casts), **values), who)
    assert await office.everything() == before
    return refusal.value


def paths_of(refusal: RegistryError) -> list[tuple[str, str]]:
    """Where an input is wrong, and how."""
    assert isinstance(refusal, Invalid), refusal
    return [(one.path, one.code) for one in refusal.problems]


async def test_a_nurse_takes_her_certificate_once_and_both_hear_of_it(office: Office) -> None:
    (cast,) = await printed(office)
    given = {"at": NOW - timedelta(hours=1), "idempotency_key": "taken-0001"}
    assert await office.hand_out(cast, **given) == office.cast.district
    assert await office.hand_out(cast, **given) == office.cast.district
    row = await office.blank(1)
    taken = {"collector": "HERSELF", "handed_out_at": NOW - timedelta(hours=1), "proxy_name": None}
    assert row == {**row, **taken, "handed_out_by": office.cast.reviewer.account_id, "row_version": 3}
    certificate = await office.world.row("certificate", cast.nurse_id, "nurse_id")
    for scope in (cast.nurse_id, office.cast.district):
        kind, body = (await office.heard(scope))[-1]
        assert (kind, json.loads(body)["certificate"]) == ("certificate.handed_out", certificate["number"])
    sql = "select detail from audit where action = 'certificatesHandOut' and nurse_id = $1"
    (trace,) = await office.world.owner.fetch(sql, cast.nurse_id)
    assert json.loads(trace["detail"]) == {"blank": str(row["id"]), "collector": "HERSELF", "of": "1"}
    assert paths_of(await refused(office, cast)) == [("ids.0", "TAKEN_ALREADY")]


async def test_a_proxy_takes_those_of_a_list_with_a_name_and_the_end_of_a_document(office: Office) -> None:
    casts = await printed(office, count=3)
    await office.hand_out(*reversed(casts), **PROXY)
    for nth in (1, 2, 3):
        row = await office.blank(nth)
        proxy = {"proxy_name": "李代", "proxy_document_last4": "001X", "postal_number": None}
        assert row == {**row, "collector": "PROXY", **proxy, "handed_out_at": NOW}
    sql = "select detail from audit where action = 'certificatesHandOut' and nurse_id = any($1)"
    traces = await office.world.owner.fetch(sql, [one.nurse_id for one in casts])
    assert [json.loads(trace["detail"])["of"] for trace in traces] == ["3", "3", "3"]
    assert all("李代" not in trace["detail"] and "001X" not in trace["detail"] for trace in traces)


async def test_what_was_posted_has_the_number_of_the_item(office: Office) -> None:
    (cast,) = await printed(office)
    await office.hand_out(cast, collector=Collector.POST, postal_number=" EA123456789CN ")
    row = await office.blank(1)
    assert (row["collector"], row["postal_number"]) == ("POST", "EA123456789CN")


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({**PROXY, "proxy_name": " "}, "proxyName", "FIELD_REQUIRED"),
        ({**PROXY, "proxy_name": "李" * 51}, "proxyName", "TEXT_TOO_LONG"),
        ({**PROXY, "proxy_last4": None}, "proxyDocumentLast4", "LAST4_FORMAT"),
        ({**PROXY, "proxy_last4": "110101199003070011"}, "proxyDocumentLast4", "LAST4_FORMAT"),
        ({"proxy_name": "李代"}, "proxyName", "NO_PROXY"),
        ({"proxy_last4": "001X"}, "proxyDocumentLast4", "NO_PROXY"),
        ({"postal_number": "EA1"}, "postalNumber", "NO_POSTAL_NUMBER"),
        ({"collector": Collector.POST}, "postalNumber", "FIELD_REQUIRED"),
        ({"at": NOW + timedelta(seconds=1)}, "at", "DATE_IN_FUTURE"),
        ({"at": datetime.combine(ISSUED, datetime.min.time(), SHANGHAI) - timedelta(seconds=1)}, "at", "BEFORE_ISSUE"),
    ],
)
async def test_what_is_wrong_with_a_hand_out_is_told_by_its_field(
    office: Office, given: dict[str, Any], path: str, code: str
) -> None:
    (cast,) = await printed(office)
    assert paths_of(await refused(office, cast, **given)) == [(path, code)]


async def test_only_what_is_on_a_blank_is_handed_out_and_of_a_list_all_or_none(office: Office, world: World) -> None:
    one, two = await printed(office, count=2)
    bare, without = await office.nurse(), await world.nurse(office.cast.hospital, office.cast.district)
    assert paths_of(await refused(office, one, bare)) == [("ids.1", "NOT_PRINTED")]
    await office.hand_out(two)
    assert paths_of(await refused(office, two, one)) == [("ids.0", "TAKEN_ALREADY")]
    nobody = Cast(**{**vars(one), "nurse_id": without})
    assert paths_of(await refused(office, one, nobody)) == [("ids.1", "NO_CERTIFICATE")]
    await office.spoil(1)
    assert paths_of(await refused(office, one)) == [("ids.0", "NOT_PRINTED")]


async def test_with_the_certificate_the_decision_is_delivered_where_it_was_not(office: Office) -> None:
    both = (office.cast, await office.nurse())
    decision, delivered = [(await office.granted(one, NOW - timedelta(days=2)))[1] for one in both]
    await office.do(DecisionDeliver(delivered, DeliveryWay.COUNTER, NOW - timedelta(days=1)))
    await office.receive(1, 2)
    await office.use(1, *both)
    await office.hand_out(*both, **PROXY)
    row = await office.world.row("delivery", decision)
    assert row == {**row, "how": "COUNTER", "at": NOW, "recorded_by": office.cast.reviewer.account_id}
    assert (await office.world.row("delivery", delivered))["at"] == NOW - timedelta(days=1)
    kinds = [kind for kind, _ in await office.heard(office.cast.nurse_id)]
    assert kinds == ["application.delivered", "certificate.handed_out"]


async def test_nothing_is_handed_out_before_the_decision_that_it_delivers(office: Office) -> None:
    await office.granted(office.cast, NOW - timedelta(hours=2))
    await office.receive(1, 1)
    await office.use(1, office.cast)
    refusal = await refused(office, office.cast, at=NOW - timedelta(hours=3))
    assert paths_of(refusal) == [("at", "BEFORE_DECISION")]


async def test_only_officers_hand_out_and_none_to_herself(office: Office, world: World) -> None:
    (cast,) = await printed(office)
    supervisor = await world.person(Party.AUTHORITY, office.cast.district, Role.SUPERVISOR)
    for who in (cast.nurse, office.cast.manager, supervisor):
        assert isinstance(await refused(office, cast, who=who), NotAllowed)
    elsewhere = await world.cast()
    assert isinstance(await refused(office, cast, who=elsewhere.reviewer), NoCertificate)
    own = "update account set self_nurse_id = $2 where id = $1"
    await world.owner.execute(own, office.cast.decider.account_id, cast.nurse_id)
    assert reason_of(await refused(office, cast, who=office.cast.decider)) == "ABOUT_YOURSELF"


async def test_a_certificate_is_taken_once_however_many_record_it(office: Office) -> None:
    casts = await printed(office, count=ROUNDS)
    for cast in casts:
        answers = await at_once(*(office.hand_out(cast) for _ in range(TASKS)))
        assert sum(answer == office.cast.district for answer in answers) == 1
        kinds = [kind for kind, _ in await office.heard(cast.nurse_id)]
        assert kinds == ["certificate.handed_out"]


async def test_a_certificate_that_is_spoiled_while_it_is_taken_is_one_or_the_other(office: Office) -> None:
    casts = await printed(office, count=ROUNDS)
    for nth, cast in enumerate(casts, 1):
        await at_once(office.hand_out(cast), office.spoil(nth), office.hand_out(cast), office.spoil(nth))
        row = await office.blank(nth)
        assert (row["spoiled_at"] is None) != (row["handed_out_at"] is None)
