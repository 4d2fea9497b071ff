"""Requests to a desk to be let in again (人工找回申请): the content is sealed as a whole, found by its authority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row, func, select, union, update

from db.document import nurse_of
from db.read import scope
from db.read.shapes.desk import PURPOSE_OF
from db.read.viewer import single
from db.store.engine import Reader, Tx
from db.store.keys import Keyring, Sealed
from db.store.tables import account, nurse, registration
from db.store.tables_account import desk_request
from rules.errors import NotFound
from rules.identity import Identity
from rules.people import AccountState, Actor, Party
from rules.spelling import same_name
from rules.verification import RequestKind, RequestState

LIVING: Final = (AccountState.ACTIVE, AccountState.INACTIVE)


@dataclass(frozen=True, slots=True)
class RecoveryRequest:
    """A request, opened; its content is never shown in a log."""

    id: UUID
    state: RequestState
    account_id: UUID | None
    nurse_id: UUID | None
    created_at: datetime
    decided_at: datetime | None
    reason: str | None
    content: Mapping[str, str]

    def __repr__(self) -> str:
        return f"RecoveryRequest({self.id}, {self.state})"


@dataclass(frozen=True, slots=True)
class Whose:
    """The account that a request is about, and the authority of the nurse's record."""

    account_id: UUID
    nurse_id: UUID | None
    authority_id: UUID | None


async def whose(reader: Reader, name: str, identity: Identity) -> Whose | None:
    """The living account of this name and document. The register may know the nurse, or only the account states it."""
    index = reader.keyring.blind_index(identity.number, "id_number")
    stated = select(account.c.id).where(account.c.document_type == identity.type, account.c.id_number_index == index)
    stated = stated.where(account.c.party == Party.NURSE)
    known = select(account.c.id).where(account.c.nurse_id == nurse_of(reader.keyring, identity))
    query = (
        select(
            *(account.c.id, account.c.nurse_id, registration.c.authority_id),
            func.coalesce(nurse.c.name, account.c.display_name).label("name"),
        )
        .outerjoin(nurse, nurse.c.id == account.c.nurse_id)
        .outerjoin(registration, registration.c.nurse_id == account.c.nurse_id)
        .where(account.c.id.in_(union(stated, known)), account.c.state.in_(LIVING))
    )
    row = next((one for one in await reader.execute(query) if same_name(one.name, name)), None)
    return None if row is None else Whose(row.id, row.nurse_id, row.authority_id)


_COMPARED: Final = 50
"""So many requests that wait are opened to be compared, the newest first."""


async def waiting(tx: Tx, content: Mapping[str, str], about: Whose | None) -> UUID | None:
    """The request that waits with exactly this content; the person's are counted before, one after the other."""
    hers = desk_request.c.account_id.is_not_distinct_from(about and about.account_id)
    open_ones = (desk_request.c.kind == RequestKind.RECOVERY, desk_request.c.state == RequestState.PENDING, hers)
    query = select(desk_request).where(*open_ones).order_by(desk_request.c.created_at.desc()).limit(_COMPARED)
    rows = [_opened(row, tx.keyring) for row in await tx.execute(query)]
    return next((one.id for one in rows if one.content == content), None)


async def insert(tx: Tx, key: UUID, content: Mapping[str, str], about: Whose | None) -> None:
    """A new request; without a known person it is kept all the same."""
    sealed = tx.keyring.seal(orjson.dumps(dict(content)).decode(), PURPOSE_OF[RequestKind.RECOVERY])
    values = {
        "id": key,
        "kind": RequestKind.RECOVERY,
        "state": RequestState.PENDING,
        "account_id": about and about.account_id,
        "nurse_id": about and about.nurse_id,
        "authority_id": about and about.authority_id,
        "content_key_id": sealed.key_id,
        "content_sealed": sealed.ciphertext,
        "created_at": tx.now,
    }
    await tx.execute(desk_request.insert().values(values))


async def lock(tx: Tx, viewer: Actor, request_id: UUID) -> RecoveryRequest:
    """A recovery that this desk is asked for, held until the commit; NotFound where it has none of this id."""
    query = select(desk_request).where(desk_request.c.id == request_id, scope.recoveries(single(viewer)))
    row = (await tx.execute(query.with_for_update(of=desk_request))).one_or_none()
    if row is None:
        raise NotFound
    return _opened(row, tx.keyring)


async def decide(tx: Tx, request_id: UUID, state: RequestState, by: UUID, reason: str | None) -> None:
    """Answer a request."""
    values = {"state": state, "decided_at": tx.now, "decided_by": by, "reason": reason}
    await tx.execute(update(desk_request).where(desk_request.c.id == request_id).values(**values))


async def latest_approved(tx: Tx, account_id: UUID) -> RecoveryRequest | None:
    """The last recovery of an account that a desk has approved."""
    query = select(desk_request).where(
        desk_request.c.account_id == account_id,
        desk_request.c.kind == RequestKind.RECOVERY,
        desk_request.c.state == RequestState.APPROVED,
    )
    row = (await tx.execute(query.order_by(desk_request.c.decided_at.desc()).limit(1))).first()
    return None if row is None else _opened(row, tx.keyring)


def _opened(row: Row[Any], keyring: Keyring) -> RecoveryRequest:
    content = orjson.loads(
        keyring.unseal(Sealed(row.content_key_id, row.content_sealed), PURPOSE_OF[RequestKind.RECOVERY])
    )
    columns = (row.account_id, row.nurse_id, row.created_at, row.decided_at, row.reason)
    return RecoveryRequest(row.id, RequestState(row.state), *columns, content)
