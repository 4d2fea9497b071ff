"""A hand-out or a delivery that was recorded by mistake is taken back (撤销领证登记、撤销送达登记, 许可法 44): rights 4."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from db.store.engine import Database
from rules.certificate_blank import NoCertificate
from rules.delivery import DeliveryWay
from rules.errors import Invalid, NotAllowed, NotFound, RegistryError
from rules.hand_out import Collector
from rules.people import Party, Role
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.stock import Office
from tests.support.story import NOW, Clock, reason_of
from tests.support.world import Cast, Person, World
from workflow.delivery import DecisionAcknowledge, DecisionDeliver, DeliveryConsentSet, DeliveryWithdraw
from workflow.hand_out import CertificatesHandOutWithdraw
from workflow.step import Command

pytestmark = pytest.mark.feature("A4")
PROXY = {"collector": Collector.PROXY, "proxy_name": "李代", "proxy_last4": "001X"}
WAITING = {
    **dict.fromkeys(("collector", "proxy_name", "proxy_document_last4", "postal_number")),
    **dict.fromkeys(("handed_out_at", "handed_out_by")),
}
UNDELIVERED = dict.fromkeys(("how", "at", "postal_number", "recorded_by"))


@pytest.fixture
def office(timed: Database, world: World, cast: Cast, clock: Clock) -> Office:
    """The office of a district."""
    return Office.of(timed, world, cast)


async def taken(office: Office, *, count: int = 1, **given: Any) -> list[Cast]:
    """Nurses whose certificates are on the blanks from 1 on, and were taken."""
    await office.receive(1, count)
    casts = [await office.nurse() for _ in range(count)]
    await office.use(1, *casts)
    await office.hand_out(*casts, **given)
    return casts


async def refused(office: Office, command: Command, who: Person | None = None) -> RegistryError:
    """How a step is refused; nothing has moved."""
    before = await office.everything()
    with pytest.raises(RegistryError) as refusal:
        await office.do(command, who)
    assert await office.everything() == before
    return refusal.value


def back(*casts: Cast, reason: str = "登记错人") -> Command:
    """The wish to take hand-outs back."""
    return CertificatesHandOutWithdraw(tuple(one.nurse_id for one in casts), reason)


def paths_of(refusal: RegistryError) -> list[tuple[str, str]]:
    """Where an input is wrong, and how."""
    assert isinstance(refusal, Invalid), refusal
    return [(one.path, one.code) for one in refusal.problems]


async def test_what_was_recorded_by_mistake_waits_again_and_is_taken_by_whoever_comes(office: Office) -> None:
    casts = await taken(office, count=2, **PROXY)
    given = {"reason": " 登记错人 ", "idempotency_key": "undone-0001"}
    assert await office.take_back(*reversed(casts), **given) == office.cast.district
    assert await office.take_back(*reversed(casts), **given) == office.cast.district
    for nth in (1, 2):
        row = await office.blank(nth)
        assert row == {**row, **WAITING}
        assert row["printed_at"] is not None
    for cast in casts:
        assert [kind for kind, _ in await office.heard(cast.nurse_id)] == [
            "certificate.handed_out",
            "certificate.hand_out_withdrawn",
        ]
    sql = "select detail from audit where action = 'certificatesHandOutWithdraw' and nurse_id = $1"
    (trace,) = await office.world.owner.fetch(sql, casts[0].nurse_id)
    assert json.loads(trace["detail"]) == {"blank": str((await office.blank(1))["id"]), "reason": "登记错人", "of": "2"}
    await office.hand_out(casts[0])
    assert (await office.blank(1))["collector"] == "HERSELF"


async def test_its_events_reach_the_office_too(office: Office) -> None:
    (cast,) = await taken(office)
    await office.take_back(cast)
    kinds = [kind for kind, _ in await office.heard(office.cast.district)]
    assert kinds[-2:] == ["certificate.handed_out", "certificate.hand_out_withdrawn"]


async def test_the_decision_that_was_delivered_with_it_waits_again_and_one_delivered_before_does_not(
    office: Office,
) -> None:
    both = (office.cast, await office.nurse())
    with_it, before = [(await office.granted(one, NOW - timedelta(days=2)))[1] for one in both]
    await office.do(DecisionDeliver(before, DeliveryWay.COUNTER, NOW - timedelta(days=1)))
    await office.receive(1, 2)
    await office.use(1, *both)
    await office.hand_out(*both)
    await office.take_back(*both)
    row = await office.world.row("delivery", with_it)
    assert row == {**row, **UNDELIVERED}
    assert (await office.world.row("delivery", before))["at"] == NOW - timedelta(days=1)
    kinds = [kind for kind, _ in await office.heard(office.cast.nurse_id)]
    assert kinds == [
        *("application.delivered", "certificate.handed_out"),
        *("application.delivery_withdrawn", "certificate.hand_out_withdrawn"),
    ]
    await office.hand_out(office.cast, collector=Collector.POST, postal_number="EA1")
    assert (await office.world.row("delivery", with_it))["how"] == "POST"


async def test_only_what_was_taken_is_taken_back_with_a_reason_and_of_a_list_all_or_none(office: Office) -> None:
    one, two = await taken(office, count=2)
    await office.take_back(two)
    assert paths_of(await refused(office, back(one, two))) == [("ids.1", "NOT_TAKEN")]
    bare = await office.nurse()
    assert paths_of(await refused(office, back(one, bare))) == [("ids.1", "NOT_PRINTED")]
    assert paths_of(await refused(office, back(one, two, reason=" "))) == [
        ("ids.1", "NOT_TAKEN"),
        ("reason", "FIELD_REQUIRED"),
    ]
    assert paths_of(await refused(office, back(one, reason="错" * 501))) == [("reason", "TEXT_TOO_LONG")]


async def test_a_certificate_that_was_issued_anew_since_stays_as_it_was_taken(office: Office) -> None:
    (cast,) = await taken(office)
    row = await office.blank(1)
    await office.issue(cast)
    assert paths_of(await refused(office, back(cast))) == [("ids.0", "NOT_PRINTED")]
    assert await office.blank(1) == row


async def test_only_officers_of_the_office_take_it_back_and_none_her_own(office: Office, world: World) -> None:
    (cast,) = await taken(office)
    supervisor = await world.person(Party.AUTHORITY, office.cast.district, Role.SUPERVISOR)
    for who in (cast.nurse, office.cast.manager, supervisor):
        assert isinstance(await refused(office, back(cast), who), NotAllowed)
    assert isinstance(await refused(office, back(cast), (await world.cast()).reviewer), NoCertificate)
    own = "update account set self_nurse_id = $2 where id = $1"
    await world.owner.execute(own, office.cast.decider.account_id, cast.nurse_id)
    assert reason_of(await refused(office, back(cast), office.cast.decider)) == "ABOUT_YOURSELF"


async def test_it_is_taken_back_once_however_many_say_so(office: Office) -> None:
    casts = await taken(office, count=ROUNDS)
    for cast in casts:
        answers = await at_once(*(office.take_back(cast) for _ in range(TASKS)))
        assert sum(answer == office.cast.district for answer in answers) == 1
        assert [kind for kind, _ in await office.heard(cast.nurse_id)].count("certificate.hand_out_withdrawn") == 1


async def test_a_delivery_that_was_recorded_by_mistake_waits_again(office: Office, world: World) -> None:
    _, key = await office.granted(office.cast, NOW - timedelta(days=2))
    assert reason_of(await refused(office, DeliveryWithdraw(key, "登记错误"))) == "NOT_DELIVERED"
    await office.do(DecisionDeliver(key, DeliveryWay.POST, NOW - timedelta(days=1), "EA1"))
    assert paths_of(await refused(office, DeliveryWithdraw(key, " "))) == [("reason", "FIELD_REQUIRED")]
    supervisor = await world.person(Party.AUTHORITY, office.cast.district, Role.SUPERVISOR)
    assert isinstance(await refused(office, DeliveryWithdraw(key, "登记错误"), supervisor), NotAllowed)
    for who in ((await world.cast()).reviewer, office.cast.operator, office.cast.nurse):
        assert isinstance(await refused(office, DeliveryWithdraw(key, "登记错误"), who), NotFound)
    assert await office.do(DeliveryWithdraw(key, "登记错误")) == key
    row = await world.row("delivery", key)
    assert row == {**row, **UNDELIVERED}
    for scope in (office.cast.nurse_id, office.cast.district):
        kinds = [kind for kind, _ in await office.heard(scope)]
        assert kinds[-2:] == ["application.delivered", "application.delivery_withdrawn"]
    sql = "select detail from audit where action = 'deliveryWithdraw' and nurse_id = $1"
    (trace,) = await world.owner.fetch(sql, office.cast.nurse_id)
    detail = json.loads(trace["detail"])
    assert (detail["decision"], detail["how"], detail["reason"]) == (str(key), "POST", "登记错误")
    await office.do(DecisionDeliver(key, DeliveryWay.COUNTER))


async def test_what_she_took_on_her_page_herself_stays_delivered(office: Office) -> None:
    _, key = await office.granted(office.cast, NOW - timedelta(days=2))
    await office.do(DeliveryConsentSet(True), office.cast.nurse)
    await office.do(DecisionAcknowledge(key), office.cast.nurse)
    assert reason_of(await refused(office, DeliveryWithdraw(key, "登记错误"))) == "DELIVERED_BY_HERSELF"
