"""The steps on institutions."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema.institution import (
    InstitutionCreateInput,
    InstitutionMergeInput,
    InstitutionPayload,
    InstitutionReasonInput,
    InstitutionReplaceManagerInput,
    InstitutionSetNameInput,
)
from graph.schema.node import key_of
from rules.wording import reasoned
from workflow.institution import InstitutionCreate
from workflow.institution_change import (
    InstitutionClose,
    InstitutionMerge,
    InstitutionReasoned,
    InstitutionReopen,
    InstitutionSetName,
    InstitutionSuspend,
)
from workflow.institution_manager import InstitutionReplaceManager

_SHOWN: Final = Shows("Institution")


async def _create(context: Context, input: InstitutionCreateInput) -> InstitutionCreate:
    return InstitutionCreate(
        input.code,
        input.name,
        input.division,
        input.responsible_name,
        input.responsible_phone,
        input.responsible_document_type,
        input.responsible_id_number,
        frozenset(input.documents_seen),
        {one.kind: key_of("Authority", one.authority) for one in input.approval_settings},
        first=await context.services.passwords.first(),
        idempotency_key=retry_key(input),
    )


def _set_name(input: InstitutionSetNameInput) -> InstitutionSetName:
    return InstitutionSetName(key_of("Institution", input.id), input.name, idempotency_key=retry_key(input))


def _reasoned(command: type[InstitutionReasoned], description: str) -> mutation.Mutation[InstitutionReasonInput]:
    def wish(input: InstitutionReasonInput) -> InstitutionReasoned:
        key, reason = key_of("Institution", input.id), reasoned(input.reason)
        return command(key, reason, idempotency_key=retry_key(input))

    return mutation.of(command, InstitutionReasonInput, InstitutionPayload, description, wish, _SHOWN)


def _merge(input: InstitutionMergeInput) -> InstitutionMerge:
    merged, into = key_of("Institution", input.id), key_of("Institution", input.into)
    return InstitutionMerge(merged, reasoned(input.reason), into, idempotency_key=retry_key(input))


async def _replace_manager(context: Context, input: InstitutionReplaceManagerInput) -> InstitutionReplaceManager:
    return InstitutionReplaceManager(
        key_of("Institution", input.id),
        input.reason,
        input.responsible_name,
        input.responsible_phone,
        input.responsible_document_type,
        input.responsible_id_number,
        frozenset(input.documents_seen),
        frozenset(key_of("Account", one) for one in input.leaving),
        first=await context.services.passwords.first(),
        idempotency_key=retry_key(input),
    )


MUTATIONS: Final = (
    mutation.prepared(
        InstitutionCreate,
        InstitutionCreateInput,
        InstitutionPayload,
        "Let an institution in (医疗机构用户生成, I1, A1): its user name and first password go to the reserved phone.",
        _create,
        _SHOWN,
    ),
    mutation.of(
        InstitutionSetName,
        InstitutionSetNameInput,
        InstitutionPayload,
        "Set its standard name right (标准名称, A7).",
        _set_name,
        _SHOWN,
    ),
    mutation.prepared(
        InstitutionReplaceManager,
        InstitutionReplaceManagerInput,
        InstitutionPayload,
        "Give it another manager at the desk (变更机构管理员): her user name and first password go to her phone; "
        "the managers before her are written to.",
        _replace_manager,
        _SHOWN,
    ),
    _reasoned(InstitutionSuspend, "Let it confirm nothing for a while (暂停)."),
    _reasoned(InstitutionReopen, "End its suspension (恢复)."),
    _reasoned(
        InstitutionClose,
        "Close it for good (关闭): its codes are void, its people out, its nurses without an institution.",
    ),
    mutation.of(
        InstitutionMerge,
        InstitutionMergeInput,
        InstitutionPayload,
        "Merge it into another (合并): nurses and unfinished work pass to the other, its codes are void, it is closed.",
        _merge,
        _SHOWN,
    ),
)
