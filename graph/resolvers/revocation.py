"""Revoking a nurse's account."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Names
from graph.schema.activation import AccountRevokeInput, AccountRevokePayload
from graph.schema.node import key_of
from workflow.revocation import AccountRevoke


def _revoke(input: AccountRevokeInput) -> AccountRevoke:
    return AccountRevoke(key_of("Account", input.account_id), input.reason, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        AccountRevoke,
        AccountRevokeInput,
        AccountRevokePayload,
        "Revoke a nurse's account (账号撤销, I8); refused once an application of hers was approved.",
        _revoke,
        Names("Account", "account_id"),
    ),
)
