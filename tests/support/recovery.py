"""Getting back in over HTTP."""

from __future__ import annotations

import random
from typing import Any

from rules.identity import check_digit
from rules.privacy import mask_id_number
from tests.support.account_safety import PROBLEM, tell
from tests.support.contacts import captcha
from tests.support.live import Client
from tests.support.world import Cast, World

START = f"""mutation($input: RecoveryStartInput!) {{ recoveryStart(input: $input) {{ __typename
  ... on RecoveryStartPayload {{ resendAfter }} {PROBLEM} }} }}"""
FINISH = f"""mutation($input: RecoveryFinishInput!) {{ recoveryFinish(input: $input) {{ __typename
  ... on RecoveryFinishPayload {{ finished }} {PROBLEM} }} }}"""
REQUEST = f"""mutation($input: RecoveryRequestInput!) {{ recoveryRequest(input: $input) {{ __typename
  ... on RecoveryRequestPayload {{ received }} {PROBLEM} }} }}"""
STARTED = {"__typename": "RecoveryStartPayload", "resendAfter": 60}
NAME = "王护士"


async def start(client: Client, name: str, **more: Any) -> Any:
    """What recoveryStart answers."""
    return await tell(client, START, name=name, **more, **await captcha(client))


_SERIALS = iter(random.sample(range(1000), 1000))
"""Each is given once: what is asked for a number is counted by the day, also of an earlier test's."""


async def given_number(world: World, cast: Cast) -> str:
    """An ID number that is right, given to the nurse of this test."""
    body = f"11010219900101{next(_SERIALS):03d}"
    number, sealed = body + check_digit(body), world.keyring.seal
    values = (sealed(number, "id_number").ciphertext, world.keyring.blind_index(number, "id_number"))
    taken = "update nurse set id_number_index = sha256(id::text::bytea) where id_number_index = $1"
    await world.owner.execute(taken, values[1])
    changed = "update nurse set id_number_sealed = $2, id_number_index = $3, id_number_masked = $4 where id = $1"
    await world.owner.execute(changed, cast.nurse_id, *values, mask_id_number(number))
    return number


async def appeal(client: Client, number: str, phone: str, **more: Any) -> Any:
    """What recoveryRequest answers."""
    given = {"name": NAME, "idNumber": number, "phone": phone, "evidence": "2016年起在示范医院急诊科工作", **more}
    return await tell(client, REQUEST, **given, **await captcha(client))
