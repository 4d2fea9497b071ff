"""The doors without a sign-in count by the caller's address, beside what they count anyway."""

from __future__ import annotations

import secrets
from ipaddress import ip_network
from typing import Any

import pytest

from tests.support.live import Live
from tests.support.world import World

RATE = "... on RateLimitedProblem { retryAfter }"
TYPED = "__typename"
DOORS = {
    "captchaCreate": "captchaCreate(input: {form: WORDS})",
    "signIn": 'signIn(input: {userName: "nobody99", password: "wrong-one"})',
    "firstSignInSendCode": 'firstSignInSendCode(input: {userName: "nobody98", password: "wrong-one"})',
    "firstSignIn": 'firstSignIn(input: {userName: "nobody97", password: "wrong-one", code: "1", newPassword: "1"})',
    "recoveryStart": 'recoveryStart(input: {name: "nobody96", captchaId: "x", captchaAnswer: "1"})',
    "recoveryFinish": 'recoveryFinish(input: {name: "nobody95", code: "1", newPassword: "Blue-Lantern-7"})',
    "recoveryRequest": """recoveryRequest(input: {name: "王丽", idNumber: "1", phone: "13900000000", evidence: "-",
        captchaId: "x", captchaAnswer: "1"})""",
    "accountRegister": """accountRegister(input: {name: "王丽", idNumber: "1", phone: "1", email: "-", userName: "u",
        password: "-", captchaId: "x", captchaAnswer: "1"})""",
}
"""Every door, and something that is asked there; most of it is refused, and counted all the same."""


def somewhere() -> str:
    """An address that nobody else in this run has."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


def network(address: str) -> str:
    """What it is counted by."""
    return f"{address.removesuffix('::1')}::/64"


async def knocked(world: World, door: str, address: str) -> int:
    """How often."""
    found: int = await world.owner.fetchval(
        "select count(*) from attempt where subject = $1", _of(world, door, address)
    )
    return found


async def spent(world: World, door: str, address: str, times: int) -> None:
    """So many knocks."""
    subject = _of(world, door, address)
    await world.owner.execute("insert into attempt (subject) select $1 from generate_series(1, $2)", subject, times)


def _of(world: World, door: str, address: str) -> bytes:
    return world.keyring.blind_index(f"{door}:{ip_network(network(address))}", "address")


async def ask(live: Live, door: str, address: str | None) -> dict[str, Any]:
    """One count_try, by a proxy that is trusted."""
    came = {"X-Forwarded-For": address} if address else {}
    response = await live.as_(None).post(f"mutation {{ {DOORS[door]} {{ {TYPED} {RATE} }} }}", **came)
    body = response.json()
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"][door]
    return found


@pytest.mark.parametrize("door", DOORS)
async def test_the_three_hundredth_of_an_hour_is_the_last(live: Live, world: World, door: str) -> None:
    address = somewhere()
    await spent(world, door, address, 299)
    assert (await ask(live, door, address))[TYPED] != "RateLimitedProblem"
    refused = await ask(live, door, address.removesuffix("1") + "beef")
    assert refused[TYPED] == "RateLimitedProblem"
    assert 3500 <= refused["retryAfter"] <= 3600
    assert await knocked(world, door, address) == 300
    assert (await ask(live, door, somewhere()))[TYPED] != "RateLimitedProblem"


async def test_each_door_has_its_own_budget(live: Live, world: World) -> None:
    address = somewhere()
    await spent(world, "signIn", address, 300)
    assert (await ask(live, "captchaCreate", address))[TYPED] == "CaptchaCreatePayload"


async def test_who_sits_at_the_machine_itself_is_not_counted(live: Live, world: World) -> None:
    before = await world.owner.fetchval("select count(*) from attempt")
    assert (await ask(live, "captchaCreate", None))[TYPED] == "CaptchaCreatePayload"
    assert await world.owner.fetchval("select count(*) from attempt") == before
