"""Changes of one's own account over HTTP."""

from __future__ import annotations

from typing import Any

from tests.support.live import Client

DESK_PROBLEM = "... on Problem { code message } ... on ValidationProblem { fields { path code } }"
PROBLEM = f"{DESK_PROBLEM} ... on RateLimitedProblem {{ retryAfter }}"
PASSWORD_CHANGE = f"""mutation($input: PasswordChangeInput!) {{ passwordChange(input: $input) {{ __typename
  ... on PasswordChangePayload {{ viewer {{ displayName }} }} {PROBLEM} }} }}"""
NEW_PASSWORD = "Another-horse-8"
WRONG_CODE = {
    "__typename": "NotAllowedProblem",
    "code": "WRONG_CODE",
    "message": "校验码不正确或已失效，请核对或重新获取",
}


async def tell(client: Client, mutation: str, **input: Any) -> Any:
    """What a mutation answers."""
    (answer,) = (await client.ask(mutation, input=input)).values()
    return answer
