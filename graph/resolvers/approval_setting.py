"""The authority that decides on each kind."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.schema.approval_setting import ApprovalSettingSetInput
from graph.schema.institution import InstitutionPayload
from workflow.approval_setting import ApprovalSettingSet


def _wish(input: ApprovalSettingSetInput) -> ApprovalSettingSet:
    authority_id = optional_key("Authority", input.authority_id)
    return ApprovalSettingSet(input.kind, authority_id, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        ApprovalSettingSet,
        ApprovalSettingSetInput,
        InstitutionPayload,
        "Set who decides on a kind (审批机关设置, I6): only what is forwarded from now on goes there; for managers.",
        _wish,
        mutation.shows("Institution"),
    ),
)
