"""A nurse who registers, and all that she asks for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from bench.captcha import answer_to
from tests.support.activation import outbox
from tests.support.live import Client, Live
from tests.support.world import Person, World

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
        form = {"name": name, "idNumber": number, "phone": phone, "email": f"{user_name}@example.com"}
        access = {"userName": user_name, "password": PASSWORD}
        solved = {"captchaId": captcha["id"], "captchaAnswer": answer_to(captcha["question"])}
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
        (values,) = await self.sent("CONTACT_CODE")
        done = await self.does("contactConfirm", channel="SMS", code=values["code"])
        assert done["__typename"] == "ContactConfirmPayload", done

    async def person(self) -> Person:
        """Her account as the other pages of the tests know it."""
        sql = "select id from account where phone_index = $1"
        key = await self.world.owner.fetchval(sql, self.world.keyring.blind_index(self.phone, "phone"))
        nobody: Any = None
        assert self.client.token is not None
        return Person(key, self.client.token, nobody)

    async def is_active(self) -> None:
        """Her page shows her own record now, and she was told."""
        me = (await self.client.ask(WHERE))["viewer"]
        assert me == {"active": True, "activation": None, "nurse": {"name": self.name}}
        assert await self.sent("ACCOUNT_ACTIVATED") == [{}]
