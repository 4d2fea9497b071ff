"""Requests to a desk (窗口申请), the content of each sealed as a whole: the shapes, and a list for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row, and_

from db.read import scope
from db.read.listing import Listing
from db.read.shape import One, Sealed, Shape, plain, sealed
from db.read.viewer import Readers
from db.store.keys import Keyring
from db.store.keys import Sealed as SealedText
from db.store.tables_account import desk_request
from rules.message import mask_recipient
from rules.people import Role
from rules.privacy import mask_id_number
from rules.verification import Channel, RequestKind, RequestState

PURPOSE_OF: Final[Mapping[RequestKind, str]] = {
    RequestKind.RECOVERY: "desk request",
    RequestKind.KEY_FACT: "key fact",
    RequestKind.VOID: "proposal",
    RequestKind.DEREGISTRATION: "proposal",
    RequestKind.MERGE: "proposal",
    RequestKind.UNMERGE: "proposal",
}
"""The purpose for which the content of each kind is sealed."""
_RECOVERY, _KEY_FACT = PURPOSE_OF[RequestKind.RECOVERY], PURPOSE_OF[RequestKind.KEY_FACT]
_PROPOSAL: Final = PURPOSE_OF[RequestKind.VOID]
_SEALED: Final = {"sealed": sealed(desk_request.c.kind, desk_request.c.content_key_id, desk_request.c.content_sealed)}
_ANSWERED: Final = plain(desk_request, "state", "createdAt", "decidedAt", "rowVersion")
_NURSE: Final = {"nurse_id": desk_request.c.nurse_id}


def content_of(row: Row[Any], keyring: Keyring) -> dict[str, Any]:
    """The content of a request, opened; it is never shown in a log."""
    text = SealedText(row.content_key_id, row.content_sealed)
    content: dict[str, Any] = orjson.loads(keyring.unseal(text, PURPOSE_OF[RequestKind[row.kind]]))
    return content


def _said(purpose: str, name: str, shown: Callable[[str], Any] | None = None) -> Sealed:
    """A value of the content, perhaps shown otherwise than it was said."""

    def read(_: str, content: str) -> Any:
        value = orjson.loads(content).get(name)
        return value if shown is None or value is None else shown(value)

    return Sealed(purpose, read)


def _phone(number: str) -> str:
    return mask_recipient(Channel.SMS, number)


SHAPES: Final[Mapping[str, Shape]] = {
    "RecoveryRequest": Shape(
        desk_request,
        desk_request.c.id,
        scope.recoveries,
        {
            "id": desk_request.c.id,
            **_ANSWERED,
            "known": desk_request.c.account_id.is_not(None),
            "reason": desk_request.c.reason,
        },
        {**_NURSE, **_SEALED},
        links={
            "nurse": One("Nurse", "nurse_id"),
            "name": _said(_RECOVERY, "name"),
            "documentType": _said(_RECOVERY, "documentType"),
            "idNumberMasked": _said(_RECOVERY, "idNumber", mask_id_number),
            "phoneMasked": _said(_RECOVERY, "phone", _phone),
            "evidence": _said(_RECOVERY, "evidence"),
        },
    ),
    "KeyFactRequest": Shape(
        desk_request,
        desk_request.c.id,
        scope.key_facts,
        {"id": desk_request.c.id, **_ANSWERED, "reason": desk_request.c.reason},
        {**_NURSE, **_SEALED},
        links={
            "nurse": One("Nurse", "nurse_id"),
            "newName": _said(_KEY_FACT, "name"),
            "newDocumentType": _said(_KEY_FACT, "type"),
            "newIdNumberMasked": _said(_KEY_FACT, "number", mask_id_number),
            "evidence": _said(_KEY_FACT, "evidence"),
        },
    ),
    "Proposal": Shape(
        desk_request,
        desk_request.c.id,
        scope.proposals,
        {
            "id": desk_request.c.id,
            **_ANSWERED,
            **plain(desk_request, "kind", "objectionsUntil"),
            "note": desk_request.c.reason,
        },
        {**_NURSE, **_SEALED, "merged_id": desk_request.c.merged_id},
        links={
            "nurse": One("Nurse", "nurse_id"),
            "merged": One("Nurse", "merged_id"),
            "evidence": _said(_PROPOSAL, "evidence"),
            "objection": _said(_PROPOSAL, "objection"),
            "reason": _said(_PROPOSAL, "reason"),
            "fraud": _said(_PROPOSAL, "fraud"),
            "ground": _said(_PROPOSAL, "ground"),
            "decisionNumber": _said(_PROPOSAL, "number"),
            "remarks": _said(_PROPOSAL, "remarks"),
            # Sealed too, so that no statement can follow it: the link to the application is the executor's.
            "applicationId": _said(_PROPOSAL, "application", UUID),
        },
    ),
}
_PENDING: Final = desk_request.c.state == RequestState.PENDING
LISTINGS: Final[Mapping[str, Listing]] = {
    "recoveryRequests": Listing(
        "RecoveryRequest",
        desk_request,
        lambda viewer, *_: scope.recoveries(viewer),
        desk_request.c.id,
        arguments={"state": (desk_request.c.state, "eq")},
        readers=Readers(roles=(Role.REVIEWER, Role.HELP_DESK)),
    ),
    "keyFactRequests": Listing(
        "KeyFactRequest",
        desk_request,
        lambda viewer, *_: scope.key_facts(viewer),
        desk_request.c.id,
        readers=Readers(roles=(Role.NURSE, Role.OPERATOR, Role.VIEWER, Role.PROVINCIAL_ADMIN)),
    ),
    "proposals": Listing(
        "Proposal", desk_request, lambda viewer, *_: and_(_PENDING, scope.proposals(viewer)), desk_request.c.id
    ),
}
