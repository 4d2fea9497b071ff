"""A nurse on her way to an active account, and ways to read what she was sent."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from db.message import CONTENT
from db.read.shapes.message import RECIPIENT
from db.store.keys import Keyring, Sealed
from rules.identity import check_digit
from rules.people import Party, Role
from rules.privacy import mask_id_number, mask_phone
from tests.support.world import Cast, Person, World

VERIFIED: Final = {"identity_verified": True, "contact_verified": True}
CERTIFIED: Final = {**VERIFIED, "certificate_verified": True}

COUNTED = ("certificate_tries", "row_version")


@dataclass
class Candidate:
    """Her account, straight in the tables."""

    world: World
    cast: Cast
    nurse_id: UUID | None
    person: Person
    phone: str

    async def account(self) -> dict[str, Any]:
        """Her account's row."""
        return await self.world.row("account", self.person.account_id)

    async def number(self) -> str:
        """Her certificate number."""
        assert self.nurse_id is not None
        found: str = (await self.world.row("registration", self.nurse_id, "nurse_id"))["certificate_number"]
        return found

    async def codes(self) -> list[dict[str, Any]]:
        """Her activation codes, the oldest first."""
        sql = "select * from activation_code where account_id = $1 order by issued_at, id"
        return [dict(row) for row in await self.world.owner.fetch(sql, self.person.account_id)]

    async def sent(self) -> list[tuple[str, dict[str, str]]]:
        """What was sent to her phone, the oldest first."""
        return [(template, values) for to, template, values in await outbox(self.world) if to == self.phone]

    async def everything(self) -> dict[str, Any]:
        """What a step could have changed, but for the count of tries; equal before and after a refusal."""
        row = {name: value for name, value in (await self.account()).items() if name not in COUNTED}
        codes = [{**code, "tries": 0} for code in await self.codes()]
        return {"account": row, "codes": codes, "sent": await self.sent(), **await self.world.traces(self.cast)}


async def outbox(world: World) -> list[tuple[str, str, dict[str, str]]]:
    """Everything that waits to be sent: to whom, which template, with which values."""
    rows = await world.owner.fetch("select * from outbox where content_key_id <> '' order by id")
    return [(opened(world.keyring, row, "recipient"), row["template"], _values(world.keyring, row)) for row in rows]


def opened(keyring: Keyring, row: Any, name: str) -> str:
    """One sealed part of a message."""
    purpose = {"recipient": RECIPIENT, "content": CONTENT}[name]
    return keyring.unseal(Sealed(row[f"{name}_key_id"], row[f"{name}_sealed"]), purpose)


def _values(keyring: Keyring, row: Any) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(opened(keyring, row, "content"))
    return found


async def candidate(
    world: World, cast: Cast, *, outcome: str = "REGISTERED", verified: dict[str, Any] = VERIFIED, **registration: Any
) -> Candidate:
    """An account that has come so far, of a nurse at the cast's hospital; of nobody on record for EXAM_PASSED."""
    entry = {"institution": cast.hospital, "authority": cast.district, **registration}
    nurse_id = None if outcome == "EXAM_PASSED" else await world.nurse(**entry)
    person = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    phone = f"138{secrets.randbelow(10**8):08d}"
    sealed = world.keyring.seal(phone, "phone")
    columns = {
        "phone_key_id": sealed.key_id,
        "phone_sealed": sealed.ciphertext,
        "phone_index": world.keyring.blind_index(phone, "phone"),
        "phone_masked": mask_phone(phone),
        "identity_outcome": outcome,
    }
    made = Candidate(world, cast, nurse_id, person, phone)
    await change(made, **columns, **verified)
    await world.owner.execute("update account set phone_verified_at = now() where id = $1", person.account_id)
    return made


async def change(of: Candidate, **values: Any) -> None:
    """Change her account."""
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
    await of.world.owner.execute(f"update account set {settings} where id = $1", of.person.account_id, *values.values())


_numbers = itertools.count(secrets.randbelow(700_000))
"""Each is given once: of so many drawn by chance, two of some hundreds are now and then the same."""


def id_number(born: date | None = None) -> str:
    """A woman's resident ID number; without a birth date one that no other test has."""
    days, serial = divmod(next(_numbers), 100)
    birth = born or date(1970, 1, 1) + timedelta(days=days % 7_000)
    first = f"110102{birth:%Y%m%d}{serial:02d}2"
    return first + check_digit(first)


def sealed_number(keyring: Keyring, number: str) -> dict[str, Any]:
    """The columns of an ID number."""
    sealed = keyring.seal(number, "id_number")
    return {
        "id_number_key_id": sealed.key_id,
        "id_number_sealed": sealed.ciphertext,
        "id_number_index": keyring.blind_index(number, "id_number"),
        "id_number_masked": mask_id_number(number),
    }


async def exam(world: World, number: str, *, type: str = "RESIDENT_ID", year: int = 2024, **values: Any) -> str:
    """An exam certificate of this document; its number."""
    certificate = f"{year}{secrets.token_hex(5)}".upper()
    row = {"id": uuid7(), "name": "李新护", "document_type": type, "exam_certificate_number": certificate, "year": year}
    await world.insert("exam_record", **{**row, **sealed_number(world.keyring, number), "score": "合格", **values})
    return certificate
