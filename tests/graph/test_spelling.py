"""People who are meant, however their names and numbers are typed: searched, signed in, listed, activated, registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from db import recovery
from db.account import sealed
from db.store.name_order import named
from graph.context import Services
from rules.account import AccountForm
from rules.identity import DocumentType, Identity
from rules.look_up import BY_ONE
from rules.people import Party, Role
from rules.privacy import mask_id_number
from tests.support.activation import VERIFIED, candidate
from tests.support.activation_requests import CERTIFICATE
from tests.support.authority_stage import PASSWORD
from tests.support.collective_group import Group
from tests.support.contacts import captcha
from tests.support.live import Client, Live
from tests.support.people import form, known, passed, resident
from tests.support.signing_in import SIGN_IN, WRONG, name_of, sign_in
from tests.support.world import Cast, World
from workflow import collective

UIGHUR = "阿依古丽·买买提江"
NURSES = """query($where: NurseWhere) { nurses(where: $where) { totalCount nodes { name } } }"""
APPLICATIONS = """query($where: ApplicationWhere) { applications(where: $where) { totalCount } }"""
REGISTER = """mutation($input: AccountRegisterInput!) { accountRegister(input: $input) { __typename
  ... on AccountRegisterPayload { account { name nameNote idNumberMasked phoneMasked emailMasked userName } }
  ... on ValidationProblem { fields { path code } } } }"""
CORRECT = """mutation($input: AccountCorrectIdentityInput!) { accountCorrectIdentity(input: $input) { __typename
  ... on AccountCorrectIdentityPayload { nameNote viewer { activation { outcome } } } } }"""
VERIFY = """mutation { accountVerifyIdentity(input: {}) { __typename
  ... on AccountVerifyIdentityPayload { viewer { activation { outcome } } } } }"""
LOOKED_UP = "select detail from audit where account_id = $1 and action = 'identity.looked_up'"


def filled(given: AccountForm) -> dict[str, Any]:
    """The form as an input takes it."""
    names = {"name": "name", "idNumber": "id_number", "phone": "phone", "email": "email", "userName": "user_name"}
    return {name: getattr(given, attribute) for name, attribute in {**names, "password": "password"}.items()}


async def sign_in_answering(client: Client, user_name: str, password: str = PASSWORD) -> Any:
    """What signIn answers to somebody who gives a captcha every time."""
    given = {"userName": user_name, "password": password, **await captcha(client)}
    return (await client.ask(SIGN_IN, input=given))["signIn"]


async def numbered(world: World, cast: Cast, number: str, **changes: Any) -> Any:
    """A nurse of the hospital who has this number."""
    nurse_id = await world.nurse(cast.hospital, cast.district)
    called = named(changes["name"]) if "name" in changes else {}
    values = {**sealed(world.keyring, "id_number", number, mask_id_number), **changes, **called}
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
    await world.owner.execute(f"update nurse set {settings} where id = $1", nurse_id, *values.values())
    return nurse_id


def spellings(number: str) -> list[str]:
    """The number as people bring it."""
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number)
    return [
        number, number.lower(), f"{number[:6]} {number[6:14]} {number[14:]}", f"{number[:6]}-{number[6:]}", wide,
        number[:6] + number[8:17], f"\u202d{number}\u202c", f"{number}\u200b", f"\ufeff{number}", f" {number}\u3000",
    ]  # fmt: skip


@pytest.mark.feature("I10")
async def test_a_nurse_is_found_by_her_number_in_every_spelling(live: Live, world: World, cast: Cast) -> None:
    number = resident("19830914")
    await numbered(world, cast, number, name=UIGHUR)
    for typed in spellings(number):
        found = await live.as_(cast.operator).ask(NURSES, where={"idNumber": {"eq": typed}})
        assert found["nurses"] == {"totalCount": 1, "nodes": [{"name": UIGHUR}]}, ascii(typed)
    rows = await world.owner.fetch(LOOKED_UP, cast.operator.account_id)
    assert [row["detail"] for row in rows] == ['{"list": "nurses"}'] * len(spellings(number))


@pytest.mark.feature("I20")
async def test_an_application_is_found_by_the_old_number_of_its_nurse(live: Live, world: World, cast: Cast) -> None:
    number = resident("19830914")
    await numbered(world, cast, number)
    found = await live.as_(cast.operator).ask(APPLICATIONS, where={"idNumber": {"eq": number[:6] + number[8:17]}})
    assert found["applications"] == {"totalCount": 0}
    rows = await world.owner.fetch(LOOKED_UP, cast.operator.account_id)
    assert [row["detail"] for row in rows] == ['{"list": "applications"}']


@pytest.mark.feature("I10", "I20")
@pytest.mark.parametrize(
    ("typed", "code"),
    [("x", "FORMAT"), ("110***********56", "FORMAT"), ("11010119830914154", "FORMAT"), ("1.10199E+17", "ROUNDED"),
     ("110101198309141548", "CHECK_DIGIT"), ("", "FORMAT")],
)  # fmt: skip
async def test_a_number_that_cannot_be_one_is_refused_in_a_filter(
    live: Live, world: World, cast: Cast, typed: str, code: str
) -> None:
    for query in (NURSES, APPLICATIONS):
        body = (await live.as_(cast.operator).post(query, {"where": {"idNumber": {"eq": typed}}})).json()
        (error,) = body["errors"]
        assert error["extensions"]["code"] == "VALIDATION"
        problems = [(one["path"], one["code"]) for one in error["extensions"]["fields"]]
        assert problems == [("where.idNumber", f"ID_NUMBER_{code}")]
    assert await world.owner.fetch(LOOKED_UP, cast.operator.account_id) == []


INSIDE = {
    "or": lambda one: {"or": [one]},
    "and": lambda one: {"and": [one]},
    "not": lambda one: {"not": one},
    "deep": lambda one: {"or": [{"and": [{"not": one}]}, {}]},
}


@pytest.mark.feature("I10")
@pytest.mark.parametrize("where", INSIDE.values(), ids=INSIDE)
async def test_a_number_stands_alone_in_a_filter(
    live: Live, world: World, cast: Cast, where: Callable[[Any], dict[str, Any]]
) -> None:
    """98 numbers under `or` would be 98 guesses in one query."""
    given = where({"idNumber": {"eq": resident()}})
    body = (await live.as_(cast.operator).post(NURSES, {"where": given})).json()
    assert [one["code"] for one in body["errors"][0]["extensions"]["fields"]] == ["ID_NUMBER_ALONE"]
    assert await world.owner.fetch(LOOKED_UP, cast.operator.account_id) == []


@pytest.mark.feature("I10")
async def test_a_second_number_in_one_query_is_refused(live: Live, cast: Cast) -> None:
    one, other = resident(), resident()
    text = f"""{{ a: nurses(where: {{idNumber: {{eq: "{one}"}}}}) {{ totalCount }}
      b: nurses(where: {{idNumber: {{eq: "{other}"}}}}) {{ totalCount }} }}"""
    body = (await live.as_(cast.operator).post(text)).json()
    assert [one["extensions"]["fields"][0]["code"] for one in body["errors"]] == ["ID_NUMBER_ALONE"]


@pytest.mark.feature("I10")
async def test_a_viewer_looks_nobody_up_by_number(live: Live, world: World, cast: Cast) -> None:
    number = resident()
    await numbered(world, cast, number)
    refused = await live.as_(cast.viewer).refused(NURSES, where={"idNumber": {"eq": number}})
    assert refused == ["NOT_FOR_VIEWERS"]
    assert (await live.as_(cast.viewer).ask(NURSES, where={"name": {"eq": "王护士"}}))["nurses"]["totalCount"] == 2
    assert await world.owner.fetch(LOOKED_UP, cast.viewer.account_id) == []


@pytest.mark.feature("I10")
async def test_who_guesses_numbers_in_a_filter_is_stopped(live: Live, world: World, cast: Cast) -> None:
    """The quota is that of claims: sixty an hour for one account."""
    client = live.as_(cast.operator)
    for _ in range(BY_ONE):
        assert (await client.ask(NURSES, where={"idNumber": {"eq": resident()}}))["nurses"]["totalCount"] == 0
    assert await client.refused(NURSES, where={"idNumber": {"eq": resident()}}) == ["RATE_LIMITED"]
    assert len(await world.owner.fetch(LOOKED_UP, cast.operator.account_id)) == BY_ONE
    assert (await live.as_(cast.manager).ask(NURSES, where={"idNumber": {"eq": resident()}}))["nurses"]["nodes"] == []


@pytest.mark.feature("I10")
@pytest.mark.parametrize(
    "where",
    [
        {"name": {"eq": "阿依古丽•买买提江"}}, {"name": {"eq": " 阿依古丽 · 买买提江 "}}, {"name": {"eq": "阿依古丽．买买提江"}},
        {"name": {"eq": "阿依古丽\u200b··买买提江"}}, {"name": {"in": ["李娜", "阿依古丽.买买提江"]}},
        {"name": {"startsWith": "阿依古丽•"}}, {"name": {"startsWith": "阿依 古"}}, {"name": {"startsWith": "阿\ufe00依"}},
        {"certificateNumber": {"eq": "2011 %s"}}, {"certificateNumber": {"eq": "２０１１%s\u200b"}},
        {"certificateNumber": {"in": ["1", "2011-%s"]}}, {"certificateNumber": {"startsWith": "2011 %s"}},
    ],
)  # fmt: skip
async def test_a_nurse_is_found_by_name_and_certificate_in_every_spelling(
    live: Live, world: World, cast: Cast, where: dict[str, Any]
) -> None:
    nurse_id = await numbered(world, cast, resident(), name=UIGHUR)
    tail = str(nurse_id.int % 10**10)
    sql = "update registration set certificate_number = $2 where nurse_id = $1"
    await world.owner.execute(sql, nurse_id, f"2011{tail}")
    ((name, given),) = where.items()
    ((operator, typed),) = given.items()
    filled_in = [one.replace("%s", tail) for one in typed] if isinstance(typed, list) else typed.replace("%s", tail)
    found = await live.as_(cast.operator).ask(NURSES, where={name: {operator: filled_in}})
    assert found["nurses"] == {"totalCount": 1, "nodes": [{"name": UIGHUR}]}


def typed_names(name: str) -> list[str]:
    """A user name as keyboards and copies bring it."""
    wide = "".join(chr(ord(one) + 0xFEE0) for one in name)
    return [f"{name} ", f" {name}", wide, f"\ufeff{name}", f"{name}\u200b", name.upper(), f"{name[:3]} {name[3:]}"]


@pytest.mark.feature("N4", "I3")
async def test_a_user_name_signs_in_in_every_spelling(live: Live, world: World, cast: Cast) -> None:
    for typed in typed_names(await name_of(world, cast.operator)):
        assert (await sign_in(live.as_(None), typed))["__typename"] == "SignInPayload", ascii(typed)


@pytest.mark.feature("N4")
async def test_wrong_passwords_count_together_however_the_name_is_typed_and_a_success_clears_them(
    live: Live, world: World, cast: Cast
) -> None:
    user_name = await name_of(world, cast.operator)
    for typed in typed_names(user_name):
        assert await sign_in_answering(live.as_(None), typed, "Wrong-horse-9") == WRONG
    subject = world.keyring.blind_index(user_name, "sign-in")
    counted = "select count(*) from attempt where subject = $1"
    assert await world.owner.fetchval(counted, subject) == len(typed_names(user_name))
    answer = await sign_in_answering(live.as_(None), f"{user_name} ")
    assert answer["__typename"] == "SignInPayload"
    assert await world.owner.fetchval(counted, subject) == 0


@pytest.mark.feature("N4")
async def test_a_name_of_nobody_is_answered_as_a_wrong_password_is(live: Live) -> None:
    for typed in ("nobody0000 ", "ｎｏｂｏｄｙ００００", "\u200b"):
        assert await sign_in(live.as_(None), typed) == WRONG


@pytest.mark.feature("N1", "N2", "N3")
async def test_a_nurse_registers_with_what_clings_to_what_she_typed_and_is_told_what_was_changed(live: Live) -> None:
    given = form()
    typed = {
        **filled(given),
        "name": "⽅\ufe00晓",
        "idNumber": f"\u202d{given.id_number}\u202c",
        "phone": f"\u200b{given.phone[:3]}-{given.phone[3:]}",
        "email": f"\ufeff{given.email} ",
        "userName": f"{given.user_name} ",
    }
    client = live.as_(None)
    made = (await client.ask(REGISTER, input={**typed, **await captcha(client)}))["accountRegister"]
    note = "姓名按“方晓”登记（“⽅”（U+2F45）已改为“方”、已去掉不可见字符U+FE00）"
    assert made == {
        "__typename": "AccountRegisterPayload",
        "account": {
            "name": "方晓",
            "nameNote": note,
            "idNumberMasked": mask_id_number(given.id_number),
            "phoneMasked": f"{given.phone[:3]}****{given.phone[-4:]}",
            "emailMasked": f"{given.email[0]}****@example.com",
            "userName": given.user_name,
        },
    }
    assert (await sign_in(client, given.user_name, given.password))["__typename"] == "SignInPayload"


@pytest.mark.feature("N3")
async def test_a_name_that_was_kept_as_typed_has_no_note(live: Live) -> None:
    client = live.as_(None)
    made = (await client.ask(REGISTER, input={**filled(form()), **await captcha(client)}))["accountRegister"]
    assert made["account"]["nameNote"] is None


@pytest.mark.feature("N5", "X5")
@pytest.mark.parametrize(
    "library", ["阿依古丽.买买提江", "阿依古丽．买买提江", "阿依古丽•买买提江", "阿依古丽 ·买买提江"]
)
async def test_the_exam_librarys_dot_is_the_identity_cards_dot(live: Live, world: World, library: str) -> None:
    """She cannot type the library's spelling, and no step changes it: it must be the same name."""
    given = form(name="阿依古丽·买买提")
    await passed(world, given, name=library)
    client = live.as_(None)
    await client.ask(REGISTER, input={**filled(given), **await captcha(client)})
    client.token = (await sign_in(client, given.user_name, given.password))["token"]
    answer = (await client.ask(VERIFY))["accountVerifyIdentity"]
    assert answer["viewer"]["activation"]["outcome"] == "NAME_MISMATCH"
    right = {"name": "阿依古丽 • 买买提江", "idNumber": given.id_number}
    mended = (await client.ask(CORRECT, input=right))["accountCorrectIdentity"]
    assert mended["nameNote"] == f"姓名按“{UIGHUR}”登记（已去掉空格、“•”（U+2022）已改为“·”）"
    assert await client.ask("{ viewer { displayName } }") == {"viewer": {"displayName": UIGHUR}}
    answer = (await client.ask(VERIFY))["accountVerifyIdentity"]
    assert answer["viewer"]["activation"]["outcome"] == "EXAM_PASSED"


@pytest.mark.feature("N9")
@pytest.mark.parametrize("typed", ["{} ", "\u202d{}\u202c", "{}\u200b", "-{}"])
async def test_a_certificate_number_activates_in_every_spelling(
    live: Live, world: World, cast: Cast, typed: str
) -> None:
    nurse = await candidate(world, cast, verified=VERIFIED)
    given = {"certificateNumber": typed.format(await nurse.number())}
    answer = (await live.as_(nurse.person).ask(CERTIFICATE, input=given))["activationSubmitCertificate"]
    assert answer["__typename"] == "ActivationPayload"


@pytest.mark.feature("I16")
async def test_a_list_names_its_nurses_as_spreadsheets_write_them(services: Services, world: World, cast: Cast) -> None:
    group = Group(services.db, world, cast)
    people = [(form(name="李娜"), typed) for typed in ("'{}", '"=""{}"""', "\u202d{}", "{} ")]
    people.append((form(name="李娜"), "old"))
    text = "姓名,身份证号\n"
    for given, typed in people:
        await known(world, cast, given)
        number = given.id_number[:6] + given.id_number[8:17] if typed == "old" else typed.format(given.id_number)
        text += f"李　娜,{number}\n"
    text += "李娜,1.10199E+17\n"
    checked = await collective.check(group.db, cast.operator.session, group.wish(csv=text.encode()), 100)
    problems = [one.problems and [problem["code"] for problem in one.problems] for _, one in checked.found]
    assert problems == [*[None] * len(people), ["ID_NUMBER_ROUNDED"]]


@pytest.mark.feature("I16")
async def test_numbers_of_a_list_that_name_nobody_count_as_claims_do(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    """A list would try a thousand numbers at once: no more than a claim may, and what is over is not judged at all."""
    group, client = Group(services.db, world, cast), live.as_(cast.operator)
    given = form()
    await known(world, cast, given)
    rows = "".join(f"{resident()},{given.name}\n" for _ in range(BY_ONE - 1))
    text = f"身份证号,姓名\n{given.id_number},{given.name}\n{rows}"
    checked = await collective.check(group.db, cast.operator.session, group.wish(csv=text.encode()), 100)
    assert sum(one.problems is None for _, one in checked.found) == 1
    assert (await client.ask(NURSES, where={"idNumber": {"eq": resident()}}))["nurses"]["totalCount"] == 0
    assert await client.refused(NURSES, where={"idNumber": {"eq": resident()}}) == ["RATE_LIMITED"]


@pytest.mark.feature("N22")
async def test_a_desk_knows_who_asks_whatever_her_name_is_spelled_like(
    services: Services, world: World, cast: Cast
) -> None:
    given = form(name=UIGHUR)
    nurse_id = await known(world, cast, given)
    await world.person(Party.NURSE, nurse_id, Role.NURSE)
    document = Identity(DocumentType.RESIDENT_ID, given.id_number)
    async with services.db.read() as reader:
        for name, found in (("阿依古丽．买买提江", True), (UIGHUR, True), ("阿依古丽", False)):
            whose = await recovery.whose(reader, name, document)
            assert (whose is not None and whose.nurse_id == nurse_id) is found
