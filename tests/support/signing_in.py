"""Signing in over HTTP."""

from __future__ import annotations

from typing import Any

from tests.support.authority_stage import PASSWORD, QUICK_HASH
from tests.support.live import Client
from tests.support.world import Person, World

SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) { __typename
  ... on SignInPayload { token expiresAt viewer { displayName active } }
  ... on Problem { code message } ... on RateLimitedProblem { retryAfter } } }"""
WHO = "{ viewer { displayName } }"
WRONG = {"__typename": "NotAllowedProblem", "code": "WRONG_CREDENTIALS", "message": "用户名或密码不正确"}


async def name_of(world: World, person: Person, **values: Any) -> str:
    """The user name of somebody whose password is PASSWORD; `values` change her account first."""
    changes = {"password_hash": QUICK_HASH, **values}
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(changes, 2))
    sql = f"update account set {settings} where id = $1 returning user_name"
    name: str = await world.owner.fetchval(sql, person.account_id, *changes.values())
    return name


async def sign_in(client: Client, user_name: str, password: str = PASSWORD) -> Any:
    """What signIn answers."""
    return (await client.ask(SIGN_IN, input={"userName": user_name, "password": password}))["signIn"]
