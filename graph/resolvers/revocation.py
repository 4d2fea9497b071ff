"""Revoking a nurse's account."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields
from graph.schema.activation import AccountRevokeInput, AccountRevokePayload
from graph.schema.node import global_id, key_of
from workflow.revocation import AccountRevoke


def _revoke(input: AccountRevokeInput) -> AccountRevoke:
    return AccountRevoke(key_of("Account", input.account_id), input.reason, idempotency_key=retry_key(input))


async def _shown(_: Context, key: UUID) -> Fields:
    return {"account_id": global_id("Account", key)}


MUTATIONS: Final = (
    mutation.of(
        AccountRevoke,
        AccountRevokeInput,
        AccountRevokePayload,
        "Revoke a nurse's account (账号撤销, I8); refused once an application of hers was approved.",
        _revoke,
        _shown,
    ),
)
