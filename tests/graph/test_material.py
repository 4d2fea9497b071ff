"""Materials and lists of what is asked for, as clients read and change them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import global_id, key_of
from rules.application import Step
from rules.form import form_to_json
from rules.people import Party, Role
from tests.support.live import Client, Live
from tests.support.orders import draft_of, order_of, take_order
from tests.support.papers import ask_for, hand_in
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, Person, World, renewal

pytestmark = pytest.mark.feature("N18")
CODE = "PROOF_OF_WORK"
MATERIALS = "query($id: ID!, $n: Int) { application(id: $id) { version materials(first: $n) { %s } } }"
SHOWN = "__typename id code fileName mediaType size uploadedAt"
CHECKLIST = "query($id: ID!) { application(id: $id) { checklist { code title needed paper uploaded seenAt } } }"
REQUIREMENTS = """query($kind: ApplicationKind!, $authority: ID) { materialRequirements(kind: $kind, authority: $authority) {
  nodes { id code title needed paper validFrom validUntil authority { id } } } }"""


@pytest_asyncio.fixture
async def key(services: Services, cast: Cast) -> UUID:
    """The nurse's draft."""
    return await take_order(services.db, draft_of(cast.nurse.session, renewal()))


async def file_it(services: Services, cast: Cast, key: UUID) -> None:
    """Up to the authority's desk."""
    for person, step in ((cast.nurse, Step.SUBMIT), (cast.operator, Step.FORWARD)):
        version = 1 if step is Step.SUBMIT else 2
        await take_order(services.db, order_of(person.session, step, key, version))


@pytest_asyncio.fixture
async def admin(world: World, cast: Cast) -> Person:
    """Who says what is asked for."""
    return await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)


async def do(client: Client, name: str, shown: str = "", **given: Any) -> Any:
    """One mutation."""
    title = name[0].upper() + name[1:]
    text = f"""mutation($input: {title}Input!) {{ {name}(input: $input) {{ __typename ... on {title}Payload {{ {shown} }}
      ... on Problem {{ code }} ... on ValidationProblem {{ fields {{ path code }} }} }} }}"""
    return (await client.ask(text, input=given))[name]


async def test_materials_are_planned_and_everybody_reads_what_her_scope_allows(
    services: Services, world: World, cast: Cast, key: UUID
) -> None:
    await hand_in(world, key, cast.nurse.account_id, "CERTIFICATE", "HEALTH_REPORT", "CERTIFICATE")
    await world.owner.execute(
        "update material set removed_at = now() where application_id = $1 and code = 'HEALTH_REPORT'", key
    )
    both, given = Both(services), {"id": global_id("Application", key)}
    found = (await both.data(MATERIALS % SHOWN, cast.nurse, **given, n=10))["application"]["materials"]
    assert [one["code"] for one in found] == ["CERTIFICATE", "CERTIFICATE"]
    assert {one["__typename"] for one in found} == {"Material"}
    assert key_of("Material", found[0]["id"]) > key_of("Material", found[1]["id"])
    assert len((await both.data(MATERIALS % "code", cast.nurse, **given, n=1))["application"]["materials"]) == 1
    for person in (cast.operator, cast.reviewer):
        assert await both.data(MATERIALS % SHOWN, person, **given, n=10) == {"application": None}
    await file_it(services, cast, key)
    for person in (cast.nurse, cast.operator, cast.viewer, cast.reviewer, cast.decider):
        shown = await both.data(MATERIALS % SHOWN, person, **given, n=10)
        assert shown["application"]["materials"] == found


MARKED = """query($id: ID!) { application(id: $id) { markedMaterials { %s } decisions(first: 5) {
  outcome markedMaterials(first: 1) { %s } } } }""" % (("code title reason note answered",) * 2)


@pytest.mark.feature("A4")
async def test_marked_materials_are_planned_and_show_until_they_are_answered(
    services: Services, live: Live, world: World, cast: Cast, key: UUID
) -> None:
    await file_it(services, cast, key)
    given, both = {"id": global_id("Application", key)}, Both(services)
    marks = [
        {"code": "APPLICATION_FORM", "reason": "SEAL_MISSING", "note": "缺章"},
        {"code": "CERTIFICATE", "reason": "MATERIAL_ILLEGIBLE"},
    ]
    ask = "mutation($i: ApplicationMarkInput!) { done: applicationRequireCorrection(input: $i) { __typename } }"
    asking = {**given, "expectedVersion": 3, "markedMaterials": marks}
    done = (await live.as_(cast.reviewer).ask(ask, i=asking))["done"]
    assert done == {"__typename": "ApplicationRequireCorrectionPayload"}
    form = {"code": "APPLICATION_FORM", "title": "护士延续注册申请审核表", "reason": "SEAL_MISSING", "note": "缺章"}
    certificate = {"code": "CERTIFICATE", "title": "护士执业证书", "reason": "MATERIAL_ILLEGIBLE", "note": None}
    for person in (cast.nurse, cast.operator, cast.reviewer):
        shown = (await both.data(MARKED, person, **given))["application"]
        assert shown["markedMaterials"] == [{**form, "answered": False}, {**certificate, "answered": False}]
        decided = {one["outcome"]: one["markedMaterials"] for one in shown["decisions"]}
        assert decided == {"CORRECTION_REQUIRED": [{**form, "answered": False}], "AGREED": []}
    await hand_in(world, key, cast.nurse.account_id, "CERTIFICATE", "APPLICATION_FORM")
    shown = (await both.data(MARKED, cast.nurse, **given))["application"]
    assert [one["answered"] for one in shown["markedMaterials"]] == [True, True]
    answer = "mutation($i: ApplicationAnswerInput!) { done: applicationSupplement(input: $i) { __typename } }"
    answering = {**given, "expectedVersion": 4, "form": {"renewal": form_to_json(renewal())}}
    done = (await live.as_(cast.nurse).ask(answer, i=answering))["done"]
    assert done == {"__typename": "ApplicationSupplementPayload"}
    assert (await both.data(MARKED, cast.nurse, **given))["application"]["markedMaterials"] == []


async def test_the_checklist_is_told_in_the_readers_language(live: Live, world: World, cast: Cast, key: UUID) -> None:
    await ask_for(world, cast.nation, CODE)
    await hand_in(world, key, cast.nurse.account_id, "CERTIFICATE")
    given = {"id": global_id("Application", key)}
    client = live.as_(cast.nurse)
    english = (await client.post(CHECKLIST, given, **{"Accept-Language": "en"})).json()["data"]["application"]
    assert english["checklist"] == [
        {"code": code, "title": title, "needed": needed, "paper": True, "uploaded": uploaded, "seenAt": None}
        for code, title, needed, uploaded in (
            ("APPLICATION_FORM", "Form of application for renewal", False, False),
            ("CERTIFICATE", "The certificate", False, True),
            ("HEALTH_REPORT", "Health examination of the last six months", False, False),
            (CODE, "Health report", True, False),
        )
    ]
    chinese = (await client.ask(CHECKLIST, **given))["application"]["checklist"]
    assert [one["title"] for one in chinese][:2] == ["护士延续注册申请审核表", "护士执业证书"]


@pytest.mark.feature("N18")
async def test_the_checklist_of_another_place_is_told_before_it_goes_there(
    live: Live, world: World, cast: Cast, key: UUID
) -> None:
    province = await world.authority(await world.authority())
    await ask_for(world, province, CODE)
    there = global_id("Institution", await world.institution(province))
    text = """query($id: ID!, $there: ID!) { application(id: $id) {
      here: checklist { code } nowhere: checklist(institutionId: null) { code } there: checklist(institutionId: $there) { code needed }
    } }"""
    found = (await live.as_(cast.nurse).ask(text, id=global_id("Application", key), there=there))["application"]
    assert (
        found["here"]
        == found["nowhere"]
        == [{"code": one} for one in ("APPLICATION_FORM", "CERTIFICATE", "HEALTH_REPORT")]
    )
    assert found["there"] == [{**one, "needed": False} for one in found["here"]] + [{"code": CODE, "needed": True}]


async def test_each_application_of_a_list_shows_its_own_checklist(live: Live, cast: Cast, key: UUID) -> None:
    text = "{ viewer { nurse { applications(first: 20) { id checklist { code } } } } }"
    found = (await live.as_(cast.nurse).ask(text))["viewer"]["nurse"]["applications"]
    assert [one["checklist"] for one in found] == [
        [{"code": code} for code in ("APPLICATION_FORM", "CERTIFICATE", "HEALTH_REPORT")]
    ]


async def test_a_material_is_taken_back_and_originals_are_ticked(
    live: Live, services: Services, world: World, cast: Cast, key: UUID
) -> None:
    await hand_in(world, key, cast.nurse.account_id, "CERTIFICATE")
    material = global_id(
        "Material", await world.owner.fetchval("select id from material where application_id = $1", key)
    )
    shown = "application { version materials { id } } query { viewer { party } }"
    stranger = await do(live.as_(cast.operator), "materialRemove", shown, id=material)
    assert stranger == {"__typename": "NotFoundProblem", "code": "NOT_FOUND"}
    done = await do(live.as_(cast.nurse), "materialRemove", shown, id=material)
    assert (done["application"], done["query"]) == ({"version": 2, "materials": []}, {"viewer": {"party": "NURSE"}})
    application = global_id("Application", key)
    await take_order(services.db, order_of(cast.nurse.session, Step.SUBMIT, key, 2))
    await take_order(services.db, order_of(cast.operator.session, Step.FORWARD, key, 3))
    ticked = {"applicationId": application, "codes": ["CERTIFICATE"]}
    assert (await do(live.as_(cast.nurse), "materialCheck", "", **ticked))["code"] == "NOT_ALLOWED"
    done = await do(
        live.as_(cast.reviewer), "materialCheck", "application { version checklist { code seenAt } }", **ticked
    )
    seen = {one["code"]: one["seenAt"] is not None for one in done["application"]["checklist"]}
    assert seen == {"APPLICATION_FORM": False, "CERTIFICATE": True, "HEALTH_REPORT": False}
    assert done["application"]["version"] == 5


async def test_taking_in_ticks_what_was_seen(
    live: Live, services: Services, world: World, cast: Cast, key: UUID
) -> None:
    await ask_for(world, cast.nation, CODE)
    await hand_in(world, key, cast.nurse.account_id, CODE)
    await file_it(services, cast, key)
    given = {"id": global_id("Application", key), "expectedVersion": 3}
    client = live.as_(cast.reviewer)
    refused = await do(client, "applicationAccept", "", **given)
    assert refused["fields"] == [{"path": f"materials.{CODE}", "code": "ORIGINALS_NOT_SEEN"}]
    done = await do(client, "applicationAccept", "application { state }", **given, originalsSeen=[CODE, CODE])
    assert done["application"] == {"state": "ACCEPTED"}


async def test_a_province_says_what_it_asks_for(live: Live, cast: Cast, admin: Person) -> None:
    client = live.as_(admin)
    asked = {"kind": "RENEWAL", "code": CODE, "titleZh": "在岗证明", "titleEn": "Proof of work", "needed": True}
    shown = "requirement { id kind code title needed paper validFrom validUntil authority { id } }"
    given = {**asked, "paper": False, "validFrom": TODAY.isoformat()}
    refused = await do(live.as_(cast.reviewer), "materialRequirementSet", shown, **given)
    assert refused == {"__typename": "NotAllowedProblem", "code": "NOT_ALLOWED"}
    done = (await do(client, "materialRequirementSet", shown, **given))["requirement"]
    row = {"code": CODE, "title": "在岗证明", "needed": True, "paper": False, "validFrom": TODAY.isoformat()}
    authority = {"id": global_id("Authority", cast.nation)}
    assert done == {"id": done["id"], "kind": "RENEWAL", **row, "validUntil": None, "authority": authority}
    for person in (cast.nurse, cast.operator, cast.reviewer, admin):
        found = (await live.as_(person).ask(REQUIREMENTS, kind="RENEWAL"))["materialRequirements"]["nodes"]
        assert [one["code"] for one in found] == ["APPLICATION_FORM", "CERTIFICATE", "HEALTH_REPORT", CODE]
        assert found[3] == {"id": done["id"], **row, "validUntil": None, "authority": authority}
        assert (found[0]["validFrom"], found[0]["authority"]) == ("2008-05-12", None)
    last = (TODAY + timedelta(days=30)).isoformat()
    ended = await do(client, "materialRequirementEnd", shown, id=done["id"], validUntil=last)
    assert ended["requirement"]["validUntil"] == last
    past = (TODAY - timedelta(days=1)).isoformat()
    refused = await do(client, "materialRequirementEnd", shown, id=done["id"], validUntil=past)
    assert refused["fields"] == [{"path": "validUntil", "code": "DATE_PASSED"}]


async def test_the_list_of_another_authority_is_read_by_its_id(live: Live, world: World, cast: Cast) -> None:
    elsewhere = await world.cast()
    await ask_for(world, elsewhere.nation, CODE, kind="CHANGE", valid_until=date(2999, 1, 1))
    there = global_id("Authority", elsewhere.district)
    client = live.as_(cast.nurse)
    found = (await client.ask(REQUIREMENTS, kind="CHANGE", authority=there))["materialRequirements"]["nodes"]
    assert [one["code"] for one in found] == ["APPLICATION_FORM", "CERTIFICATE", CODE]
    here = (await client.ask(REQUIREMENTS, kind="CHANGE"))["materialRequirements"]["nodes"]
    assert [one["code"] for one in here] == ["APPLICATION_FORM", "CERTIFICATE"]
    assert await live.as_(None).refused(REQUIREMENTS, kind="CHANGE") == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "kind", ["FIRST", "CHANGE", "DEREGISTRATION", "REREGISTRATION", "MILITARY_TRANSFER", "REISSUE"]
)
async def test_the_law_asks_for_the_form_of_every_kind(live: Live, cast: Cast, kind: str) -> None:
    found = (await live.as_(cast.nurse).ask(REQUIREMENTS, kind=kind))["materialRequirements"]["nodes"]
    assert found[0]["code"] == "APPLICATION_FORM"
    assert all(one["paper"] and one["validFrom"] == "2008-05-12" for one in found)
