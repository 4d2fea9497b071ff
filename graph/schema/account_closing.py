"""Closing one's account (账户注销), as clients see it."""

from __future__ import annotations

import strawberry


@strawberry.input
class AccountCloseInput:
    """Your password, given again."""

    password: str = strawberry.field(description="当前密码.")


@strawberry.type
class AccountClosePayload:
    """Your account is closed: every session has ended, this one too. The register's entry about you stays."""

    account_id: strawberry.ID = strawberry.field(description="The account's global id; it shows nowhere any more.")
