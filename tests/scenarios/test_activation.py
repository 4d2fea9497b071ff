"""From nothing to an active account, by each of the four ways, as front ends do it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pytest

from graph.schema.node import global_id
from tests.support.activation import exam, id_number, outbox, sealed_number
from tests.support.live import Client, Live
from tests.support.world import TODAY, Cast, World

PROBLEM: Final = "... on Problem { code message } ... on ValidationProblem { fields { path code } }"
DONE: Final = f"__typename {PROBLEM}"
CAPTCHA: Final = f"""mutation {{ captchaCreate(input: {{form: WORDS}}) {{ {DONE}
  ... on CaptchaCreatePayload {{ captcha {{ id question }} }} }} }}"""
REGISTER: Final = f"""mutation($input: AccountRegisterInput!) {{ accountRegister(input: $input) {{ {DONE}
  ... on AccountRegisterPayload {{ account {{ name userName }} }} }} }}"""
SIGN_IN: Final = f"""mutation($input: SignInInput!) {{ signIn(input: $input) {{ {DONE}
  ... on SignInPayload {{ token }} }} }}"""
WHERE: Final = "{ viewer { active activation { outcome nextSteps message } nurse { name } } }"
MUTATION: Final = f"mutation($input: %sInput!) {{ done: %s(input: $input) {{ {DONE} %s}} }}"
PASSWORD: Final = "Nightingale-1820"
NUMERALS: Final = "零一二三四五六七八九"


@dataclass
class Newcomer:
    """Somebody who has nothing but her papers."""

    live: Live
    world: World
    name: str
    id_number: str
    phone: str
    client: Client

    @classmethod
    async def registered(cls, live: Live, world: World, name: str, number: str) -> Newcomer:
        """She registers (N1-N3) and signs in (N4)."""
        phone = f"139{secrets.randbelow(10**8):08d}"
        user_name, client = f"n{secrets.token_hex(5)}", live.as_(None)
        captcha = (await client.ask(CAPTCHA))["captchaCreate"]["captcha"]
        one, other = (NUMERALS.index(numeral) for numeral in re.findall(f"[{NUMERALS}]", captcha["question"]))
        form = {"name": name, "idNumber": number, "phone": phone, "email": f"{user_name}@example.com"}
        access = {"userName": user_name, "password": PASSWORD}
        solved = {"captchaId": captcha["id"], "captchaAnswer": str(one + other)}
        made = (await client.ask(REGISTER, input={**form, **access, **solved}))["accountRegister"]
        assert made == {"__typename": "AccountRegisterPayload", "account": {"name": name, "userName": user_name}}, made
        client.token = (await client.ask(SIGN_IN, input=access))["signIn"]["token"]
        return cls(live, world, name, number, phone, client)

    async def does(self, mutation: str, more: str = "", **given: Any) -> Any:
        """One step, as her page takes it."""
        document = MUTATION % (mutation[0].upper() + mutation[1:], mutation, more)
        return (await self.client.ask(document, input=given))["done"]

    async def stands(self) -> tuple[str | None, list[str]]:
        """What the comparison found, and what she can do now."""
        at = (await self.client.ask(WHERE))["viewer"]["activation"]
        assert at["message"]
        return at["outcome"], at["nextSteps"]

    async def sent(self, template: str) -> list[dict[str, str]]:
        """What came to her phone."""
        return [values for to, one, values in await outbox(self.world) if (to, one) == (self.phone, template)]

    async def confirms_her_phone(self) -> None:
        """A code comes and goes back (N7)."""
        assert (await self.does("contactSendCode", channel="SMS"))["__typename"] == "ContactSendCodePayload"
        (told,) = await self.sent("CONTACT_CODE")
        done = await self.does("contactConfirm", channel="SMS", code=told["code"])
        assert done["__typename"] == "ContactConfirmPayload", done

    async def is_active(self) -> None:
        """Her page shows her own record now, and she was told."""
        me = (await self.client.ask(WHERE))["viewer"]
        assert me == {"active": True, "activation": None, "nurse": {"name": self.name}}
        assert await self.sent("ACCOUNT_ACTIVATED") == [{}]


async def on_record(world: World, cast: Cast, number: str, **registration: Any) -> str:
    """The nurse of an ID number on the register; her certificate number."""
    entry = {"institution": cast.hospital, "authority": cast.district, **registration}
    nurse_id = await world.nurse(**entry)
    columns = sealed_number(world.keyring, number)
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    await world.owner.execute(f"update nurse set {settings} where id = $1", nurse_id, *columns.values())
    found: str = (await world.row("registration", nurse_id, "nurse_id"))["certificate_number"]
    return found


CODES: Final = '{ activationCodes(name: "王护士") { nodes { accountId codeState activated activatedAt } } }'
ISSUER: Final = "{ activationIssuer { institution { name } } }"


@pytest.mark.feature("N1", "N5", "N7", "N9", "N10", "I7")
async def test_a_registered_nurse_gets_the_code_of_her_institution_and_files_at_once(
    live: Live, world: World, cast: Cast
) -> None:
    number = id_number()
    certificate = await on_record(world, cast, number)
    nurse = await Newcomer.registered(live, world, "王护士", number)
    assert await nurse.stands() == (None, ["VERIFY_IDENTITY", "CORRECT_IDENTITY"])
    await nurse.does("accountVerifyIdentity")
    assert await nurse.stands() == ("REGISTERED", ["CONFIRM_CONTACT"])
    early = await nurse.does("activationSubmitCertificate", certificateNumber=certificate)
    assert early["code"] == "STEP_NOT_OPEN"
    await nurse.confirms_her_phone()
    assert await nurse.stands() == ("REGISTERED", ["SUBMIT_CERTIFICATE"])
    await nurse.does("activationSubmitCertificate", certificateNumber=certificate)
    assert await nurse.stands() == ("REGISTERED", ["ACTIVATE"])
    hospital = (await world.row("institution", cast.hospital))["name"]
    assert await nurse.client.ask(ISSUER) == {"activationIssuer": {"institution": {"name": hospital}}}
    code = await issued_to(live, cast, nurse)
    assert (await nurse.does("activationActivate", code="0000000000"))["code"] == "WRONG_CODE"
    assert (await nurse.does("activationActivate", code=code))["__typename"] == "ActivationPayload"
    await nurse.is_active()
    draft = {"healthStatus": "GOOD", "healthExaminedOn": str(TODAY - timedelta(days=10)), "title": "NURSE"}
    filed = await nurse.does("applicationCreateDraft", form={"renewal": {**draft, "department": "WARD"}})
    assert filed["__typename"] == "ApplicationCreateDraftPayload"


async def issued_to(live: Live, cast: Cast, nurse: Newcomer) -> str:
    """The operator finds her in the list and hands the code on; it came to her phone as well."""
    operator = live.as_(cast.operator)
    waiting = (await operator.ask(CODES))["activationCodes"]["nodes"]
    (row,) = [one for one in waiting if not one["activated"]]
    assert row["codeState"] == "NONE"
    shown = "... on ActivationIssueCodePayload { plainCode } "
    document = MUTATION % ("ActivationIssueCode", "activationIssueCode", shown)
    told = (await operator.ask(document, input={"accountId": row["accountId"]}))["done"]
    (message,) = await nurse.sent("ACTIVATION_CODE")
    assert message["code"] == told["plainCode"]
    return message["code"]


@pytest.mark.feature("N9b", "X3")
async def test_who_was_never_registered_is_active_by_her_latest_exam_certificate(live: Live, world: World) -> None:
    number = id_number()
    older = await exam(world, number, year=2022)
    latest = await exam(world, number, year=2024, passed_on=date(2024, 5, 18))
    nurse = await Newcomer.registered(live, world, "李新护", number)
    await nurse.does("accountVerifyIdentity")
    await nurse.confirms_her_phone()
    assert await nurse.stands() == ("EXAM_PASSED", ["SUBMIT_EXAM_CERTIFICATE"])
    refused = await nurse.does("activationSubmitExamCertificate", examCertificateNumber=older)
    assert refused["code"] == "WRONG_CERTIFICATE"
    done = await nurse.does("activationSubmitExamCertificate", examCertificateNumber=latest)
    assert done["__typename"] == "ActivationPayload"
    await nurse.is_active()


@pytest.mark.feature("N9c", "X3")
async def test_who_was_deregistered_is_active_by_her_certificate_number(live: Live, world: World, cast: Cast) -> None:
    number = id_number()
    ended = {"status": "DEREGISTERED", "deregistration_reason": "EXPIRED", "institution": None}
    certificate = await on_record(world, cast, number, **ended)
    nurse = await Newcomer.registered(live, world, "王护士", number)
    await nurse.does("accountVerifyIdentity")
    await nurse.confirms_her_phone()
    assert await nurse.stands() == ("DEREGISTERED", ["SUBMIT_CERTIFICATE"])
    done = await nurse.does("activationSubmitCertificate", certificateNumber=certificate)
    assert done["__typename"] == "ActivationPayload"
    await nurse.is_active()


@pytest.mark.feature("N6", "N17")
async def test_to_who_comes_from_the_military_only_that_application_is_open(live: Live, world: World) -> None:
    nurse = await Newcomer.registered(live, world, "赵军护", id_number())
    await nurse.does("accountVerifyIdentity")
    assert (await nurse.stands())[0] == "NO_MATCH"
    await nurse.does("accountDeclareMilitarySource")
    await nurse.confirms_her_phone()
    assert await nurse.stands() == ("MILITARY_SOURCE", ["FILE_MILITARY_TRANSFER", "CORRECT_IDENTITY"])
    for mutation, given in (
        ("activationSubmitCertificate", {"certificateNumber": "1"}),
        ("activationSubmitExamCertificate", {"examCertificateNumber": "1"}),
        ("activationActivate", {"code": "1"}),
    ):
        assert (await nurse.does(mutation, **given))["code"] == "STEP_NOT_OPEN"
    assert (await nurse.client.ask(WHERE))["viewer"]["active"] is False


@pytest.mark.feature("I8")
async def test_a_nurse_of_another_hospital_is_revoked_and_registers_again(live: Live, world: World, cast: Cast) -> None:
    number = id_number()
    certificate = await on_record(world, cast, number)
    nurse = await Newcomer.registered(live, world, "王护士", number)
    await nurse.does("accountVerifyIdentity")
    await nurse.confirms_her_phone()
    sql = "select id from account where phone_index = $1"
    key = await world.owner.fetchval(sql, world.keyring.blind_index(nurse.phone, "phone"))
    document = MUTATION % ("AccountRevoke", "accountRevoke", "")
    given = {"accountId": global_id("Account", key), "reason": "信息登记有误"}
    told = await live.as_(cast.manager).ask(document, input=given)
    assert told["done"]["__typename"] == "AccountRevokePayload"
    assert await nurse.client.refused("mutation { signOut { __typename } }") == ["UNAUTHENTICATED"]
    assert await nurse.sent("ACCOUNT_REVOKED") == [{"reason": "信息登记有误"}]
    again = await Newcomer.registered(live, world, "王护士", number)
    await again.does("accountVerifyIdentity")
    await again.confirms_her_phone()
    await again.does("activationSubmitCertificate", certificateNumber=certificate)
    assert await again.stands() == ("REGISTERED", ["ACTIVATE"])
