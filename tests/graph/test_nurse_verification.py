"""The verification of anybody's registration (护士执业信息验证, I11, X4), as institutions and authorities ask for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.look_up import BY_ONE
from rules.people import Party, Role
from tests.support.live import Client, Live
from tests.support.people import NAME, form, known, resident
from tests.support.statements import counted
from tests.support.units import limited, put_unit
from tests.support.world import TODAY, Cast, Person, World
from workflow import look_up

SHOWN = """name documentType idNumberMasked sex birthDate birthYear standing mayPractise certificateNumber validUntil
  institutionName institutionCode place authorityName title department workCategory examPoolLinked"""
BY_DOCUMENT = f"""query($number: String!, $purpose: LookUpPurpose! = EMPLOYMENT, $note: String) {{
  nurseVerification(documentType: RESIDENT_ID, idNumber: $number, purpose: $purpose, note: $note) {{ {SHOWN} }} }}"""
BY_CERTIFICATE = f"""query($number: String!, $name: String!, $purpose: LookUpPurpose! = EMPLOYMENT) {{
  nurseVerificationByCertificate(certificateNumber: $number, name: $name, purpose: $purpose) {{ {SHOWN} }} }}"""
KEPT = """select action, purpose, nurse_id, detail from audit
  where account_id = $1 and (action like 'identity.%' or action like 'nurse.%') order by at, id"""


async def numbered(world: World, cast: Cast, **registration: Any) -> tuple[UUID, str, str]:
    """A nurse of the hospital, the number of her document, and that of her certificate."""
    given = form()
    nurse_id = await known(world, cast, given, **registration)
    certificate = await world.owner.fetchval(
        "select certificate_number from registration where nurse_id = $1", nurse_id
    )
    return nurse_id, given.id_number, certificate


async def kept(world: World, person: Person) -> list[tuple[str, str, UUID | None, Any]]:
    """What the trail has of somebody's look-ups, in order."""
    rows = await world.owner.fetch(KEPT, person.account_id)
    return [(row["action"], row["purpose"], row["nurse_id"], orjson.loads(row["detail"])) for row in rows]


@pytest.mark.feature("I11")
async def test_an_institution_verifies_a_nurse_of_anybody_by_her_document(live: Live, world: World, cast: Cast) -> None:
    """All the columns of the handbook, with the number masked; the look-up was written down first, and about her."""
    nurse_id, number, certificate = await numbered(world, cast)
    far = await world.cast()
    hospital = await world.row("institution", cast.hospital)
    for person, place in ((far.operator, "ELSEWHERE"), (far.manager, "ELSEWHERE"), (cast.operator, "HERE")):
        found = (await live.as_(person).ask(BY_DOCUMENT, number=number))["nurseVerification"]
        assert found == {
            "name": NAME,
            "documentType": "RESIDENT_ID",
            "idNumberMasked": f"{number[:3]}***********{number[-2:]}",
            "sex": "FEMALE",
            "birthDate": "1990-01-01",
            "birthYear": 1990,
            "standing": "EXPIRING",
            "mayPractise": True,
            "certificateNumber": certificate,
            "validUntil": (TODAY + timedelta(days=60)).isoformat(),
            "institutionName": hospital["name"],
            "institutionCode": hospital["code"],
            "place": place,
            "authorityName": "西城区卫生健康委员会",
            "title": "NURSE",
            "department": "WARD",
            "workCategory": None,
            "examPoolLinked": False,
        }
        by = {"by": "document"}
        assert await kept(world, person) == [
            ("identity.looked_up", "EMPLOYMENT", None, by),
            ("nurse.verified", "EMPLOYMENT", nurse_id, by),
        ]


@pytest.mark.feature("I11")
async def test_an_officer_of_another_province_verifies_her_and_compares_no_place(
    live: Live, world: World, cast: Cast
) -> None:
    _, number, certificate = await numbered(world, cast)
    far = await world.cast()
    for person in (far.reviewer, far.decider):
        found = (await live.as_(person).ask(BY_DOCUMENT, number=number, purpose="SUPERVISION"))["nurseVerification"]
        assert (found["certificateNumber"], found["place"]) == (certificate, None)


@pytest.mark.feature("I11")
async def test_by_her_certificate_less_is_told_and_only_with_her_whole_name(
    live: Live, world: World, cast: Cast, services: Services
) -> None:
    """A certificate hangs on the wall: neither number nor day of birth. Wrong name, nobody's number: the same answer."""
    nurse_id, _, certificate = await numbered(world, cast)
    client = live.as_((await world.cast()).operator)
    for typed in (certificate, certificate.lower(), f" {certificate[:4]} {certificate[4:]}"):
        found = (await client.ask(BY_CERTIFICATE, number=typed, name=f" {NAME}"))["nurseVerificationByCertificate"]
        assert (found["name"], found["certificateNumber"], found["birthYear"]) == (NAME, certificate, 1990)
        assert {found[name] for name in ("documentType", "idNumberMasked", "birthDate")} == {None}
    for number, name in ((certificate, NAME[:2]), (certificate, "李四"), ("20990000000099", NAME)):
        answer = await client.ask(BY_CERTIFICATE, number=number, name=name)
        assert answer == {"nurseVerificationByCertificate": None}
    sql = "select count(*) from audit where nurse_id = $1 and action = 'nurse.verified'"
    assert await world.owner.fetchval(sql, nurse_id) == 3


@pytest.mark.feature("I11")
async def test_somebody_and_nobody_are_told_by_the_same_statements(
    live: Live, world: World, cast: Cast, services: Services
) -> None:
    """So that the time does not tell what the answer does not."""
    _, number, certificate = await numbered(world, cast)
    client = live.as_(cast.operator)
    await client.ask(BY_DOCUMENT, number=resident())
    asked = []
    for typed in (number, resident()):
        with counted(services.db) as statements:
            await client.ask(BY_DOCUMENT, number=typed)
        asked.append(statements)
    assert asked[0] == asked[1]
    assert len(asked[0]) == 11
    asked = []
    for on_it in ((certificate, NAME), (certificate, "李四"), ("20990000000098", NAME)):
        with counted(services.db) as statements:
            await client.ask(BY_CERTIFICATE, number=on_it[0], name=on_it[1])
        asked.append(statements)
    assert asked[0] == asked[1] == asked[2]


@pytest.mark.feature("I11")
async def test_one_taken_off_the_register_shows_so_without_the_reason(live: Live, world: World, cast: Cast) -> None:
    ended = {"status": "DEREGISTERED", "deregistration_reason": "LICENCE_REVOKED", "institution_id": None}
    _, number, _ = await numbered(world, cast, **ended)
    response = await live.as_((await world.cast()).operator).post(BY_DOCUMENT, {"number": number})
    found = response.json()["data"]["nurseVerification"]
    assert (found["standing"], found["mayPractise"], found["place"]) == ("DEREGISTERED", False, "NOWHERE")
    assert "REVOKED" not in response.text


@pytest.mark.feature("I11")
async def test_one_who_was_never_registered_is_nobody(live: Live, world: World, cast: Cast) -> None:
    """A graduate's account is nobody's business."""
    never = {"status": "NEVER", "certificate_number": None, "valid_until": None, "institution_id": None}
    nurse_id, number, _ = await numbered(world, cast, **never, authority_id=None, first_registered_on=None)
    assert await live.as_(cast.operator).ask(BY_DOCUMENT, number=number) == {"nurseVerification": None}
    assert await world.owner.fetchval("select count(*) from audit where nurse_id = $1", nurse_id) == 0


@pytest.mark.feature("I11")
@pytest.mark.parametrize(
    ("who", "code"),
    [("viewer", "NOT_FOR_VIEWERS"), ("ward head", "NOT_FOR_VIEWERS"), ("limited", "LIMITED_TO_UNITS"),
     ("nurse", "NOT_ALLOWED"), ("help desk", "NOT_ALLOWED"), ("analyst", "NOT_ALLOWED")],
)  # fmt: skip
async def test_who_verifies_nobody(live: Live, world: World, cast: Cast, who: str, code: str) -> None:
    """And nothing is kept or counted."""
    ward = await put_unit(world, cast.hospital)
    person = {
        "viewer": cast.viewer,
        "ward head": await limited(world, cast, Role.WARD_HEAD, ward),
        "limited": await limited(world, cast, Role.OPERATOR, ward),
        "nurse": cast.nurse,
        "help desk": await world.person(Party.HELP_DESK, None, Role.HELP_DESK),
        "analyst": await world.person(Party.ANALYST, None, Role.ANALYST),
    }[who]
    _, number, certificate = await numbered(world, cast)
    assert await live.as_(person).refused(BY_DOCUMENT, number=number) == [code]
    assert await live.as_(person).refused(BY_CERTIFICATE, number=certificate, name=NAME) == [code]
    assert await kept(world, person) == []
    assert await live.as_(None).refused(BY_DOCUMENT, number=number) == ["UNAUTHENTICATED"]


@pytest.mark.feature("I11")
async def test_whoever_verifies_nobody_is_told_so_without_a_field_that_she_did_not_use(live: Live, cast: Cast) -> None:
    answer = (await live.as_(cast.viewer).post(BY_CERTIFICATE, {"number": "2025110000001", "name": NAME})).json()
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "NOT_FOR_VIEWERS"
    assert error["message"] == "您的账户只能查看本单位的名单，不能查找、核验某一个人，请由本单位有办理权限的同事操作"


@pytest.mark.parametrize(
    ("purpose", "note", "code"),
    [("OTHER", None, "FIELD_REQUIRED"), ("OTHER", "  ", "FIELD_REQUIRED"), ("OTHER", "长" * 201, "TEXT_TOO_LONG"),
     ("ROSTER", "手机 139 0000 0000", "NOTE_WITH_NUMBER")],
)  # fmt: skip
async def test_a_purpose_that_the_list_does_not_have_is_said_in_words(
    live: Live, world: World, cast: Cast, purpose: str, note: str | None, code: str
) -> None:
    _, number, _ = await numbered(world, cast)
    given = {"number": number, "purpose": purpose, "note": note}
    (error,) = (await live.as_(cast.operator).post(BY_DOCUMENT, given)).json()["errors"]
    assert [(one["path"], one["code"]) for one in error["extensions"]["fields"]] == [("note", code)]
    assert await kept(world, cast.operator) == []
    said = {"by": "document", "note": "核对捐献志愿者名单"}
    await live.as_(cast.operator).ask(BY_DOCUMENT, number=number, purpose="OTHER", note=said["note"])
    assert [(one[1], one[3]) for one in await kept(world, cast.operator)] == [("OTHER", said)] * 2


@pytest.mark.feature("I11")
async def test_an_institution_has_no_investigation_to_look_for(live: Live, world: World, cast: Cast) -> None:
    _, number, _ = await numbered(world, cast)
    given = {"number": number, "purpose": "INVESTIGATION"}
    needed = ("investigation", "INVESTIGATION_NEEDED")
    for person, told in ((cast.operator, ("purpose", "PURPOSE_NOT_YOURS")), (cast.decider, needed)):
        (error,) = (await live.as_(person).post(BY_DOCUMENT, given)).json()["errors"]
        found = [(one["path"], one["code"]) for one in error["extensions"]["fields"]]
        assert found == [told]
    assert await kept(world, cast.operator) == []


@pytest.mark.parametrize(("number", "name", "path"), [("", NAME, "certificateNumber"), ("2011", " ", "name")])
async def test_a_certificate_needs_both(
    live: Live, world: World, cast: Cast, number: str, name: str, path: str
) -> None:
    (error,) = (await live.as_(cast.operator).post(BY_CERTIFICATE, {"number": number, "name": name})).json()["errors"]
    assert [(one["path"], one["code"]) for one in error["extensions"]["fields"]] == [(path, "FIELD_REQUIRED")]
    assert await kept(world, cast.operator) == []


async def test_one_person_a_request(live: Live, world: World, cast: Cast) -> None:
    asked = f'nurseVerification(documentType: RESIDENT_ID, idNumber: "{resident()}", purpose: ROSTER) {{ name }}'
    other = f'nurseVerificationByCertificate(certificateNumber: "1", name: "{NAME}", purpose: ROSTER) {{ name }}'
    assert await live.as_(cast.operator).refused(f"{{ {asked} {other} }}") == ["QUERY_TOO_COMPLEX"]
    assert await kept(world, cast.operator) == []


async def test_verifications_count_with_all_other_look_ups_and_at_once(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    """Two that come together on the last number of an hour: one is answered."""
    async with services.db.begin() as tx:
        await tx.ask_time()
        assert await look_up.count(tx, cast.operator.actor, BY_ONE - 1) == 0
    client = live.as_(cast.operator)
    bodies = [
        one.json()
        for one in await asyncio.gather(*(client.post(BY_DOCUMENT, {"number": resident()}) for _ in range(4)))
    ]
    codes = sorted(str([e["extensions"]["code"] for e in one.get("errors", [])]) for one in bodies)
    assert codes == ["['RATE_LIMITED']"] * 3 + ["[]"]
    assert len(await kept(world, cast.operator)) == 2


async def _taken(client: Client, step: str, given: dict[str, Any]) -> None:
    title = f"{step[0].upper()}{step[1:]}"
    text = f"mutation($input: {title}Input!) {{ {step}(input: $input) {{ __typename ... on Problem {{ code }} }} }}"
    assert (await client.ask(text, input=given))[step] == {"__typename": f"{title}Payload"}


@pytest.mark.feature("X4", "A7")
async def test_an_institution_finds_its_name_written_otherwise_and_has_it_set_right(
    live: Live, world: World, cast: Cast
) -> None:
    """She works here and is not on the roster: I11 names another institution, called nearly so; its name is set right,
    and the one that stands for both takes its nurses over.
    """
    own = await world.row("institution", cast.hospital)
    other = await world.institution(cast.district, name=f"{own['name']}（东院）")
    _, number, _ = await numbered(world, cast, institution_id=other)
    client = live.as_(cast.operator)
    found = (await client.ask(BY_DOCUMENT, number=number, purpose="ROSTER"))["nurseVerification"]
    assert (found["institutionName"], found["place"]) == (f"{own['name']}（东院）", "NAMED_ALIKE")
    roster = f'{{ nurses(where: {{certificateNumber: {{eq: "{found["certificateNumber"]}"}}}}) {{ totalCount }} }}'
    assert (await client.ask(roster))["nurses"]["totalCount"] == 0
    licenser = live.as_(await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR, Role.REVIEWER))
    name = f"{own['name']}总院"
    into = {"into": global_id("Institution", cast.hospital), "reason": "同一机构重复建档"}
    await _taken(licenser, "institutionMerge", {"id": global_id("Institution", other), **into})
    await _taken(licenser, "institutionSetName", {"id": global_id("Institution", cast.hospital), "name": name})
    assert (await client.ask(roster))["nurses"]["totalCount"] == 1
    found = (await client.ask(BY_DOCUMENT, number=number, purpose="ROSTER"))["nurseVerification"]
    assert (found["institutionName"], found["place"]) == (name, "HERE")


@pytest.mark.feature("X4")
@pytest.mark.parametrize(
    ("theirs", "place"),
    [
        ("{own}", "NAMED_ALIKE"),
        ("（{own}）", "NAMED_ALIKE"),
        ("某市{own}", "NAMED_ALIKE"),
        ("别的医院{n}", "ELSEWHERE"),
    ],
)
async def test_a_name_without_brackets_or_inside_another_is_alike(
    live: Live, world: World, cast: Cast, theirs: str, place: str
) -> None:
    own = await world.row("institution", cast.hospital)
    name = theirs.format(own=f"{own['name'][:4]}-{own['name'][4:]}" if theirs == "{own}" else own["name"], n=resident())
    other = await world.institution(cast.district, name=name)
    _, number, _ = await numbered(world, cast, institution_id=other)
    found = (await live.as_(cast.operator).ask(BY_DOCUMENT, number=number))["nurseVerification"]
    assert (found["institutionName"], found["place"]) == (name, place)
