"""Asking the public register as anybody does."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from datetime import date, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from bench.captcha import answer_to
from db.store.signing import Signers
from tests.support.live import Client
from tests.support.receipts import signers
from tests.support.world import Cast, World

CAPTCHA = """mutation { publicCaptchaCreate(input: {form: WORDS}) { __typename
  ... on PublicCaptchaCreatePayload { captcha { id question } } ... on RateLimitedProblem { retryAfter } } }"""
LOOK_UP = """mutation($input: PublicLookUpInput!) { publicLookUp(input: $input) { __typename
  ... on PublicLookUpPayload { nurse { name certificateNumber institutionName validUntil mayPractise asOf } }
  ... on ValidationProblem { fields { path code } } ... on RateLimitedProblem { retryAfter } } }"""
SCANNED = """query($token: String!) { publicCertificate(token: $token) {
  state nurse { name certificateNumber institutionName validUntil mayPractise } } }"""
CHECK = """query($receipt: String!) { receiptCheck(receipt: $receipt) { outcome statement {
  keyId signedAt sentence name certificateNumber serial validUntil mayPractise } } }"""


def somewhere() -> str:
    """An address that nobody else in this run has."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


async def captcha(client: Client, address: str = "") -> dict[str, str]:
    """A captcha of the public register with its right answer, as the fields of an input."""
    response = await client.post(CAPTCHA, **({"X-Forwarded-For": address} if address else {}))
    made = response.json()["data"]["publicCaptchaCreate"]["captcha"]
    return {"captchaId": made["id"], "captchaAnswer": answer_to(made["question"])}


async def look_up(client: Client, number: str, name: str, address: str = "") -> dict[str, Any]:
    """What a look-up answers."""
    asked = {"certificateNumber": number, "name": name, **await captcha(client, address)}
    headers = {"X-Forwarded-For": address} if address else {}
    body = (await client.post(LOOK_UP, {"input": asked}, **headers)).json()
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]["publicLookUp"]
    return found


async def certified(world: World, cast: Cast, nth: int = 1, **values: Any) -> dict[str, Any]:
    """A certificate of the nurse, as its row."""
    number = (await world.row("registration", cast.nurse_id, "nurse_id"))["certificate_number"]
    row = {"id": uuid7(), "nurse_id": cast.nurse_id, "number": number, "serial": f"{number}-{nth}"}
    issued = {"issued_on": date(2025, 10, 20), "authority_id": cast.district}
    await world.insert("certificate", **{**row, **issued, **values})
    return await world.row("certificate", row["id"])


def written(token: bytes) -> str:
    """A token as it stands in an address."""
    return urlsafe_b64encode(token).decode().rstrip("=")


async def published(world: World, active_from: datetime, retired_at: datetime | None = None) -> Signers:
    """A fresh key of the register's."""
    by = signers()
    ((name, public),) = by.public.items()
    dates = {"active_from": active_from, "retired_at": retired_at}
    await world.insert("signing_key", id=name, public_key=public, **dates)
    return by


async def named(world: World, nurse_id: UUID) -> tuple[str, str]:
    """The number of a nurse's certificate, and her name."""
    entry, nurse = await world.row("registration", nurse_id, "nurse_id"), await world.row("nurse", nurse_id)
    return entry["certificate_number"], nurse["name"]
