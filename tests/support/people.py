"""People who come to the register: their ID numbers, what the libraries know of them, and their first account."""

from __future__ import annotations

import itertools
import secrets
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from argon2 import PasswordHasher
from uuid_utils.compat import uuid7

from bench.captcha import answer_to
from db.account import sealed
from db.session import Session, digest
from db.store.engine import Database
from db.store.name_order import named
from rules.account import AccountForm
from rules.captcha import CaptchaForm
from rules.identity import DocumentType, check_digit
from rules.moment import SHANGHAI
from rules.people import Actor, Party, Role
from rules.privacy import mask_id_number
from tests.support.world import Cast, World
from workflow import account as workflow
from workflow.account import AccountRegister
from workflow.captcha import Captchas
from workflow.password import Passwords
from workflow.session import CaptchaAnswer

QUICK: Final = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""A pool whose hashes cost next to nothing."""
CAPTCHAS: Final = Captchas()
PASSWORD: Final = "Blue-Lantern-7"
NAME: Final = "张秀兰"
_people = itertools.count(secrets.randbelow(10**6) * 1000)


def resident(born: str = "19900307") -> str:
    """An ID number that nobody else in this run has."""
    nth = next(_people)
    first17 = f"{110101 + nth // 1000 % 1000:06d}{born}{nth % 1000:03d}"
    return first17 + check_digit(first17)


def form(**changes: Any) -> AccountForm:
    """A registration form as it should be."""
    values = {
        "name": NAME,
        "document_type": DocumentType.RESIDENT_ID,
        "id_number": resident(),
        "phone": f"139{secrets.randbelow(10**8):08d}",
        "email": f"{secrets.token_hex(6)}@example.com",
        "user_name": f"u{secrets.token_hex(5)}",
        "password": PASSWORD,
    }
    return AccountForm(**{**values, **changes})


def solved(question: str | None) -> str:
    """The answer to a captcha in words."""
    assert question is not None
    return answer_to(question)


async def request(db: Database, given: AccountForm, key: str | None = None) -> tuple[AccountRegister, CaptchaAnswer]:
    """A registration with a captcha solved."""
    captcha = await CAPTCHAS.create(db, CaptchaForm.WORDS)
    return AccountRegister(given, idempotency_key=key), CaptchaAnswer(captcha.id, solved(captcha.question))


async def register(db: Database, world: World, given: AccountForm) -> Session:
    """Register, and open a session without a password."""
    await workflow.register(db, QUICK, *await request(db, given))
    account_id = await world.owner.fetchval("select id from account where user_name = $1", given.user_name)
    return await session_of(world, account_id)


async def session_of(world: World, account_id: UUID) -> Session:
    """A session of a nurse who is not active yet."""
    token, expires = secrets.token_urlsafe(32), datetime.now(SHANGHAI) + timedelta(hours=1)
    await world.insert("session", token_hash=digest(token), account_id=account_id, expires_at=expires)
    actor = Actor(account_id, Party.NURSE, None, frozenset({Role.NURSE}), active=False)
    return Session(digest(token), actor, expires)


async def known(world: World, cast: Cast, given: AccountForm, **registration: Any) -> UUID:
    """The register has a nurse of this name and number."""
    nurse_id = await world.nurse(cast.hospital, cast.district, **registration)
    columns = {**named(given.name), **sealed(world.keyring, "id_number", given.id_number, mask_id_number)}
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    await world.owner.execute(f"update nurse set {settings} where id = $1", nurse_id, *columns.values())
    return nurse_id


async def passed(
    world: World, given: AccountForm, year: int = 2019, on: date | None = None, name: str | None = None
) -> str:
    """The exam library has an examination of this person; the number of its certificate."""
    number = f"E{secrets.token_hex(8)}"
    await world.insert(
        "exam_record",
        id=uuid7(),
        name=name or given.name,
        document_type=given.document_type,
        **sealed(world.keyring, "id_number", given.id_number, mask_id_number),
        exam_certificate_number=number,
        passed_on=on,
        year=year,
    )
    return number


NEVER: Final = {
    "status": "NEVER",
    "certificate_number": None,
    "valid_until": None,
    "first_registered_on": None,
    "last_kind": None,
}
ENDED: Final = {"status": "DEREGISTERED", "deregistration_reason": "OTHER", "institution_id": None}
