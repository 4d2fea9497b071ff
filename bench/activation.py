"""One activation (账户激活), from an empty registration form to a nurse's own record, with the messages she gets."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx

from bench.captcha import answer_to
from bench.person import Differs, Person, expect, sign_in
from db.seed.demo import DEMO_PEOPLE, PASSWORD
from rules.errors import Words

PHONE, USER_NAME = "13900002026", "linxiaoman"
DOES: Final = """
mutation Does($input: %sInput!) { done: %s(input: $input) { __typename
  ... on Problem { code message } ... on ValidationProblem { fields { path message } } %s } }"""
CAPTCHA: Final = "... on CaptchaCreatePayload { captcha { id question } }"
CODE: Final = "... on ActivationIssueCodePayload { plainCode activationCode { name codeState } }"
STANDS: Final = "{ viewer { active activation { nextSteps } nurse { name } } }"
ISSUER: Final = "{ activationIssuer { institution { name } } }"
WAITING: Final = """query Waiting($name: String) { activationCodes(name: $name) {
  nodes { accountId name activated certificateVerified } } }"""

NURSE, OPERATOR, PHONE_SHOWS = Words("新护士", "Newcomer"), Words("经办人", "Operator"), Words("手机", "Phone")
Say = Callable[[Words, Words], None]


@dataclass(frozen=True)
class _Arrival:
    """Somebody who has nothing but her papers; her phone is the page /outbox."""

    http: httpx.AsyncClient
    origin: str
    say: Say

    async def does(self, person: Person, name: str, more: str = "", /, **given: Any) -> Any:
        """One step; Differs where it is refused."""
        title = name[0].upper() + name[1:]
        done = (await person.ask(DOES % (title, name, more), input=given))["done"]
        if done["__typename"].endswith("Problem"):
            raise Differs(f"{name} was refused: {done['message']} ({done['code']}).")
        return done

    async def registers(self) -> Person:
        """The form with its captcha, and the first sign-in."""
        nobody, (her, *_) = Person(self.http, self.origin, "", ""), DEMO_PEOPLE
        captcha = (await self.does(nobody, "captchaCreate", CAPTCHA, form="WORDS"))["captcha"]
        answer = answer_to(captcha["question"])
        self.say(NURSE, Words(f"验证码：{captcha['question']}", f"answers the captcha: {answer}"))
        papers = {"name": her.name, "idNumber": her.id_number, "phone": PHONE, "email": f"{USER_NAME}@example.com"}
        access = {"userName": USER_NAME, "password": PASSWORD}
        solved = {"captchaId": captcha["id"], "captchaAnswer": answer}
        await self.does(nobody, "accountRegister", **papers, **access, **solved)
        nurse = await sign_in(self.http, self.origin, USER_NAME, PASSWORD)
        self.say(
            NURSE, Words(f"{her.name}注册并登录，账户未激活", f"{her.name} registers and signs in, not active yet")
        )
        return nurse

    async def is_known(self, nurse: Person) -> None:
        """The register knows her, her phone is hers, her certificate's number is right."""
        await self.does(nurse, "accountVerifyIdentity")
        await self.does(nurse, "contactSendCode", channel="SMS")
        code = await self._message(r"\b\d{6}\b")
        self.say(PHONE_SHOWS, Words(f"短信校验码{code}", f"gets the code {code}"))
        await self.does(nurse, "contactConfirm", channel="SMS", code=code)
        await self.does(nurse, "activationSubmitCertificate", certificateNumber=DEMO_PEOPLE[0].certificate)
        steps = (await nurse.ask(STANDS))["viewer"]["activation"]["nextSteps"]
        expect("What she can do next", steps, ["ACTIVATE", "FILE_CHANGE"])
        place = (await nurse.ask(ISSUER))["activationIssuer"]["institution"]["name"]
        self.say(
            NURSE, Words(f"身份、手机、证书均已验证，向{place}申领激活码", f"is known, and asks {place} for her code")
        )

    async def is_vouched_for(self, nurse: Person, operator: Person) -> None:
        """Her hospital finds her in its list and issues the code; she enters it."""
        waiting = (await operator.ask(WAITING, name=DEMO_PEOPLE[0].name))["activationCodes"]["nodes"]
        (row,) = [one for one in waiting if not one["activated"]]
        issued = await self.does(operator, "activationIssueCode", CODE, accountId=row["accountId"])
        self.say(OPERATOR, Words("生成激活码，七天有效，只显示一次", "issues the code: good for 7 days, shown once"))
        code = await self._message(r"\b[0-9A-HJKMNP-TV-Z]{10}\b")
        expect("The code on her phone", code, issued["plainCode"])
        await self.does(nurse, "activationActivate", code=code)
        me = (await nurse.ask(STANDS))["viewer"]
        expect("What she sees of herself", me, {"active": True, "activation": None, "nurse": {"name": row["name"]}})
        self.say(NURSE, Words("输入激活码，账户已激活，看到本人执业信息", "enters it: active, and sees her own record"))

    async def _message(self, pattern: str) -> str:
        """The group that `pattern` finds in the newest text message to her phone; Differs where none has it."""
        page = html.unescape((await self.http.get(f"{self.origin}/outbox")).text)
        for article in page.split("<article>")[1:]:
            if PHONE in article and (found := re.search(pattern, article.partition("<pre>")[2])):
                return found.group()
        raise Differs(f"No message of the form {pattern} to {PHONE} stands on the page /outbox.")


async def arrive(http: httpx.AsyncClient, origin: str, operator: Person, say: Say) -> None:
    """Live through the activation on a running server with the demo's people; raises Differs where it goes wrong."""
    arrival = _Arrival(http, origin, say)
    nurse = await arrival.registers()
    await arrival.is_known(nurse)
    await arrival.is_vouched_for(nurse, operator)
