"""A nurse registers, signs in, corrects herself and is known, as a front end does it."""

from __future__ import annotations

from base64 import b64decode
from random import Random
from typing import Any

import pytest

from bench.captcha import answer_to
from graph.schema.node import global_id
from rules.account import AccountForm
from rules.captcha_question import Question, drawn
from rules.numeral import numeral
from tests.support.live import Client, Live
from tests.support.people import form, known, solved
from tests.support.world import Cast, World
from workflow import captcha as captchas
from workflow.step import ANYBODY

CAPTCHA = """mutation($form: CaptchaForm!) { captchaCreate(input: { form: $form }) { __typename
  ... on CaptchaCreatePayload { captcha { id picture question expiresAt } } } }"""
PROBLEM = "... on Problem { code message } ... on ValidationProblem { fields { path code message } }"
REGISTER = f"""mutation($input: AccountRegisterInput!) {{ accountRegister(input: $input) {{ __typename
  ... on AccountRegisterPayload {{ account {{
    name documentType idNumberMasked phoneMasked emailMasked userName }} }} {PROBLEM} }} }}"""
SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) {
  ... on SignInPayload { token viewer { active } } } }"""
WHO = """{ viewer { displayName active
  security { documentType idNumberMasked phoneMasked phoneVerifiedAt emailMasked identityVerified contactVerified
    certificateVerified identityOutcome corrections }
  activation { outcome nextSteps message } } }"""
STEP = """mutation { %s(input: %s) { __typename ... on %sPayload { viewer { activation { outcome nextSteps } } }
  ... on Problem { code message } } }"""


async def captcha(client: Client) -> dict[str, str]:
    """A captcha with its answer, as an input takes it."""
    made = (await client.ask(CAPTCHA, form="WORDS"))["captchaCreate"]["captcha"]
    return {"captchaId": made["id"], "captchaAnswer": solved(made["question"])}


def filled(given: AccountForm) -> dict[str, Any]:
    """The form as an input takes it."""
    return {
        "name": given.name,
        "idNumber": given.id_number,
        "phone": given.phone,
        "email": given.email,
        "userName": given.user_name,
        "password": given.password,
    }


async def register(client: Client, given: AccountForm, **more: Any) -> Any:
    """What accountRegister answers."""
    answer = await client.ask(REGISTER, input={**filled(given), **await captcha(client), **more})
    return answer["accountRegister"]


async def registered(live: Live, given: AccountForm) -> Client:
    """Register and sign in."""
    client = live.as_(None)
    assert (await register(client, given))["__typename"] == "AccountRegisterPayload"
    signed = await client.ask(SIGN_IN, input={"userName": given.user_name, "password": given.password})
    client.token = signed["signIn"]["token"]
    assert signed["signIn"]["viewer"] == {"active": False}
    return client


async def step(client: Client, name: str, input: str = "{}") -> Any:
    """What a step of the verification answers."""
    return (await client.ask(STEP % (name, input, name[0].upper() + name[1:])))[name]


@pytest.mark.feature("N1")
@pytest.mark.feature("N2")
@pytest.mark.feature("N3")
async def test_what_was_registered_comes_back_without_the_password(live: Live) -> None:
    given = form(phone="15512346058", email="Lan@Example.com")
    response = await live.as_(None).post(REGISTER, {"input": {**filled(given), **await captcha(live.as_(None))}})
    assert response.json()["data"]["accountRegister"] == {
        "__typename": "AccountRegisterPayload",
        "account": {
            "name": given.name,
            "documentType": "RESIDENT_ID",
            "idNumberMasked": f"{given.id_number[:3]}***********{given.id_number[-2:]}",
            "phoneMasked": "155****6058",
            "emailMasked": "l****@example.com",
            "userName": given.user_name,
        },
    }
    assert given.password not in response.text


@pytest.mark.feature("N4")
@pytest.mark.feature("N12")
async def test_who_has_just_registered_signs_in_and_sees_herself_alone(live: Live) -> None:
    given = form(phone="15512346059")
    client = await registered(live, given)
    viewer = (await client.ask(WHO))["viewer"]
    assert viewer["activation"].pop("message").startswith("请先进行护士信息验证")
    assert viewer == {
        "displayName": given.name,
        "active": False,
        "security": {
            "documentType": "RESIDENT_ID",
            "idNumberMasked": f"{given.id_number[:3]}***********{given.id_number[-2:]}",
            "phoneMasked": "155****6059",
            "phoneVerifiedAt": None,
            "emailMasked": f"{given.email[0]}****@example.com",
            "identityVerified": False,
            "contactVerified": False,
            "certificateVerified": False,
            "identityOutcome": None,
            "corrections": 0,
        },
        "activation": {"outcome": None, "nextSteps": ["VERIFY_IDENTITY", "CORRECT_IDENTITY"]},
    }
    assert await client.ask("{ events { nodes { id } } }") == {"events": {"nodes": []}}
    assert await client.ask("{ viewer { nurse { name } } }") == {"viewer": {"nurse": None}}


@pytest.mark.feature("N1")
async def test_a_captcha_is_a_picture_or_a_question(live: Live) -> None:
    picture = (await live.as_(None).ask(CAPTCHA, form="PICTURE"))["captchaCreate"]["captcha"]
    assert b64decode(picture["picture"]).startswith(b"\x89PNG")
    assert picture["question"] is None
    words = (await live.as_(None).ask(CAPTCHA, form="WORDS"))["captchaCreate"]["captcha"]
    assert words["picture"] is None
    assert answer_to(words["question"])
    assert words["expiresAt"].endswith("+08:00")


@pytest.mark.feature("N1")
async def test_the_question_is_asked_in_english_of_those_who_read_english_and_answered_in_either_language(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Question] = []

    def listen(dice: Random) -> Question:
        asked.append(drawn(dice))
        return asked[-1]

    monkeypatch.setattr(captchas, "drawn", listen)
    for _ in range(8):
        client = live.as_(None)
        response = await client.post(CAPTCHA, {"form": "WORDS"}, **{"Accept-Language": "en"})
        made, question = response.json()["data"]["captchaCreate"]["captcha"], asked[-1]
        assert made["question"] == question.text.en
        in_english = " and ".join(word.en for word in question.words) or numeral(question.number or 0).en.title()
        given = {**filled(form()), "captchaId": made["id"], "captchaAnswer": in_english}
        answer = await client.ask(REGISTER, input=given)
        assert answer["accountRegister"]["__typename"] == "AccountRegisterPayload"


@pytest.mark.feature("N2")
async def test_the_password_policy_says_both_rules(live: Live) -> None:
    query = "{ passwordPolicy { minLength maxLength rule deckRule userNameRule } }"
    policy = (await live.as_(None).ask(query))["passwordPolicy"]
    assert (policy["minLength"], policy["maxLength"]) == (8, 64)
    assert policy["rule"].startswith("密码为8至64个任意字符")
    assert policy["deckRule"] == "密码要求6至16位数字和字母组合，密码区分大小写"
    assert policy["userNameRule"].startswith("用户名以字母开头")


@pytest.mark.feature("N1")
async def test_all_problems_come_at_once_with_their_paths(live: Live) -> None:
    wrong = form(name="Zhang3", id_number="1", phone="1", email="x", user_name="9", password="123456789")
    answer = await register(live.as_(None), wrong)
    assert (answer["__typename"], answer["code"]) == ("ValidationProblem", "VALIDATION")
    assert [field["path"] for field in answer["fields"]] == [
        "name",
        "idNumber",
        "phone",
        "email",
        "userName",
        "password",
    ]
    assert "123456789" not in str(answer)


async def test_a_wrong_used_or_strange_captcha_is_one_problem(live: Live) -> None:
    client = live.as_(None)
    good = await captcha(client)
    assert (await register(client, form(), **good))["__typename"] == "AccountRegisterPayload"
    strange = {"captchaId": global_id("Nurse", ANYBODY)}
    for asked in ({"captchaAnswer": "99"}, {"captchaId": "nonsense"}, strange, good):
        answer = await register(client, form(), **asked)
        assert [(field["path"], field["code"]) for field in answer["fields"]] == [("captchaAnswer", "CAPTCHA_WRONG")]


async def test_a_known_and_an_unknown_number_get_the_same_answer(live: Live) -> None:
    first = form()
    second = form(id_number=first.id_number, phone=first.phone, email=first.email)
    answers = [await register(live.as_(None), given) for given in (first, second)]
    assert [answer["account"].pop("userName") for answer in answers] == [first.user_name, second.user_name]
    assert answers[0] == answers[1]


async def test_one_registration_a_document(live: Live) -> None:
    client = live.as_(None)
    one = "accountRegister(input: $input) { __typename }"
    document = f"mutation($input: AccountRegisterInput!) {{ a: {one} b: {one} }}"
    variables = {**filled(form()), **await captcha(client)}
    assert await client.refused(document, input=variables) == ["QUERY_TOO_COMPLEX"]


@pytest.mark.feature("N5")
@pytest.mark.feature("X5")
async def test_from_a_wrong_name_to_being_known(live: Live, world: World, cast: Cast) -> None:
    right = form()
    await known(world, cast, right)
    client = await registered(live, form(name="张秀", id_number=right.id_number))
    answer = await step(client, "accountVerifyIdentity")
    assert answer["viewer"]["activation"] == {
        "outcome": "NAME_MISMATCH",
        "nextSteps": ["CORRECT_IDENTITY", "VERIFY_IDENTITY"],
    }
    correction = f'{{ name: "{right.name}", idNumber: "{right.id_number}" }}'
    answer = await step(client, "accountCorrectIdentity", correction)
    assert answer["viewer"]["activation"] == {"outcome": None, "nextSteps": ["VERIFY_IDENTITY", "CORRECT_IDENTITY"]}
    answer = await step(client, "accountVerifyIdentity")
    assert answer["viewer"]["activation"] == {"outcome": "REGISTERED", "nextSteps": ["CONFIRM_CONTACT"]}
    answer = await step(client, "accountCorrectIdentity", correction)
    assert (answer["__typename"], answer["code"]) == ("NotAllowedProblem", "IDENTITY_VERIFIED")
    assert answer["message"] == "身份信息已验证，姓名或证件号码有误的，请申请关键信息修改"
    assert (await client.ask(WHO))["viewer"]["security"]["identityVerified"] is True


@pytest.mark.feature("N6")
@pytest.mark.feature("N17")
async def test_from_no_match_to_the_military_declaration(live: Live) -> None:
    client = await registered(live, form())
    answer = await step(client, "accountVerifyIdentity")
    steps = ["CORRECT_IDENTITY", "DECLARE_MILITARY_SOURCE", "VERIFY_IDENTITY"]
    assert answer["viewer"]["activation"] == {"outcome": "NO_MATCH", "nextSteps": steps}
    assert "省级卫生健康行政部门" in (await client.ask(WHO))["viewer"]["activation"]["message"]
    answer = await step(client, "accountDeclareMilitarySource")
    assert answer["viewer"]["activation"] == {
        "outcome": "MILITARY_SOURCE",
        "nextSteps": ["CONFIRM_CONTACT", "CORRECT_IDENTITY"],
    }


async def test_strangers_are_asked_to_sign_in_first(live: Live) -> None:
    for name in ("accountVerifyIdentity", "accountDeclareMilitarySource"):
        assert await live.as_(None).refused(STEP % (name, "{}", name[0].upper() + name[1:])) == ["UNAUTHENTICATED"]


async def test_staff_have_no_activation_and_see_their_own_settings(live: Live, cast: Cast) -> None:
    viewer = (await live.as_(cast.operator).ask(WHO))["viewer"]
    assert (viewer["activation"], viewer["security"]["idNumberMasked"]) == (None, None)
    answer = await step(live.as_(cast.operator), "accountVerifyIdentity")
    assert (answer["__typename"], answer["code"]) == ("NotAllowedProblem", "NOT_ALLOWED")
