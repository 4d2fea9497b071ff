"""Phones and mail boxes of a test: put on an account, and read as their owner would."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from bench.captcha import answer_to
from db.message import Letter, newest
from db.store.engine import Database
from rules.message import mask_recipient
from rules.moment import SHANGHAI
from rules.verification import Channel
from tests.support.live import Client
from tests.support.world import World

CAPTCHA = """mutation { captchaCreate(input: {form: WORDS}) {
  ... on CaptchaCreatePayload { captcha { id question } } } }"""
NAMES = {Channel.SMS: "phone", Channel.MAIL: "email"}


def new_phone() -> str:
    """A phone that nobody else in this run has."""
    return f"139{secrets.randbelow(10**8):08d}"


def new_mail() -> str:
    """A mail box that nobody else in this run has."""
    return f"{secrets.token_hex(6)}@example.com"


async def reach(world: World, account_id: UUID, channel: Channel, to: str, *, verified: bool) -> None:
    """Put a phone or mail box on an account."""
    name, sealed = NAMES[channel], world.keyring.seal(to, NAMES[channel])
    index, mask = world.keyring.blind_index(to, name), mask_recipient(channel, to)
    columns = ("key_id", "sealed", "index", "masked", "verified_at")
    setting = ", ".join(f"{name}_{column} = ${n}" for n, column in enumerate(columns, 2))
    values = (sealed.key_id, sealed.ciphertext, index, mask, datetime.now(SHANGHAI) if verified else None)
    await world.owner.execute(f"update account set {setting} where id = $1", account_id, *values)


async def letters(db: Database, to: str) -> list[Letter]:
    """What was sent there, the oldest first."""
    async with db.read() as reader:
        return [letter for letter in await newest(reader, 500) if letter.to == to][::-1]


async def last_code(db: Database, to: str) -> str:
    """The code that came last."""
    return (await letters(db, to))[-1].values["code"]


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"


async def account(world: World, account_id: UUID) -> dict[str, Any]:
    """The account as it stands."""
    return await world.row("account", account_id)


async def captcha(client: Client) -> dict[str, str]:
    """A captcha with its right answer, as the fields of an input."""
    made = (await client.ask(CAPTCHA))["captchaCreate"]["captcha"]
    return {"captchaId": made["id"], "captchaAnswer": answer_to(made["question"])}
