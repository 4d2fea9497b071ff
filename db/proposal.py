"""Queries on proposals, which one officer makes and another confirms: the steps' side, and the desk's list."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row, or_, select, update

from db.read.recusal import desk
from db.read.shapes.desk import PURPOSE_OF
from db.store.engine import Tx
from db.store.keys import Keyring, Sealed
from db.store.tables_account import desk_request
from rules.conflict import Situation
from rules.errors import Conflict, NotFound
from rules.proposal import ROLE_OF, Proposal, VoidGround
from rules.registration import DeregistrationReason
from rules.verification import RequestKind, RequestState


async def insert(tx: Tx, proposal: Proposal) -> None:
    """Insert a new proposal about a locked nurse; Conflict while another of the kind waits at the same authority.

    A proposal waiting at the nurse's former authority is no obstacle: only that authority can take it back.
    """
    here = desk_request.c.authority_id == proposal.authority_id
    waiting = (here, desk_request.c.nurse_id == proposal.nurse_id, desk_request.c.kind == proposal.kind)
    query = select(desk_request.c.id).where(*waiting, desk_request.c.state == RequestState.PENDING)
    if (await tx.execute(query)).first() is not None:
        raise Conflict(Situation.PROPOSAL_PENDING)
    fields = {
        **{"number": proposal.number, "remarks": proposal.remarks, "reason": proposal.reason, "fraud": proposal.fraud},
        **{"application": proposal.application_id and str(proposal.application_id), "ground": proposal.ground},
        **{"evidence": proposal.evidence},
    }
    content = tx.keyring.seal(orjson.dumps(fields).decode(), PURPOSE_OF[proposal.kind])
    values: dict[str, Any] = {
        **{"merged_id": proposal.merged_id, "objections_until": proposal.objections_until},
        **{"id": proposal.id, "kind": proposal.kind, "state": proposal.state, "nurse_id": proposal.nurse_id},
        **{"account_id": proposal.proposed_by, "authority_id": proposal.authority_id, "created_at": tx.now},
        **{"content_key_id": content.key_id, "content_sealed": content.ciphertext},
    }
    await tx.execute(desk_request.insert().values(values))


_PROPOSALS: Final = select(desk_request, desk(desk_request).label("desk_id")).where(
    desk_request.c.kind.in_(sorted(ROLE_OF))
)


async def lock(tx: Tx, key: UUID) -> Proposal:
    """A proposal, held until the transaction ends."""
    row = (await tx.execute(_PROPOSALS.where(desk_request.c.id == key).with_for_update(of=desk_request))).one_or_none()
    if row is None:
        raise NotFound
    return _proposal(row, tx.keyring)


async def object_to(tx: Tx, key: UUID, text: str) -> None:
    """Keep a nurse's objection with a locked proposal; another one of hers stands below the first."""
    row = (await tx.execute(_PROPOSALS.where(desk_request.c.id == key))).one()
    purpose = PURPOSE_OF[RequestKind[row.kind]]
    content = orjson.loads(tx.keyring.unseal(Sealed(row.content_key_id, row.content_sealed), purpose))
    content["objection"] = "\n".join(filter(None, (content.get("objection"), text)))
    sealed = tx.keyring.seal(orjson.dumps(content).decode(), purpose)
    values = {"content_key_id": sealed.key_id, "content_sealed": sealed.ciphertext}
    await tx.execute(update(desk_request).where(desk_request.c.id == key).values(values))


async def waiting_merge(tx: Tx, nurse_id: UUID) -> UUID | None:
    """The proposal to merge this nurse's record with another one that waits, held until the transaction ends."""
    about = or_(desk_request.c.nurse_id == nurse_id, desk_request.c.merged_id == nurse_id)
    waits = (desk_request.c.kind == RequestKind.MERGE, desk_request.c.state == RequestState.PENDING, about)
    query = select(desk_request.c.id).where(*waits).order_by(desk_request.c.id).limit(1).with_for_update()
    found: UUID | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def decide(tx: Tx, key: UUID, state: RequestState, by: UUID, note: str | None) -> None:
    """Write what became of a locked proposal."""
    values = {"state": state, "decided_at": tx.now, "decided_by": by, "reason": note}
    await tx.execute(update(desk_request).where(desk_request.c.id == key).values(values))


def _proposal(row: Row[Any], keyring: Keyring) -> Proposal:
    content = orjson.loads(
        keyring.unseal(Sealed(row.content_key_id, row.content_sealed), PURPOSE_OF[RequestKind[row.kind]])
    )
    return Proposal(
        *(row.id, RequestKind[row.kind], RequestState[row.state], row.nurse_id, row.authority_id, row.account_id),
        created_at=row.created_at,
        number=content["number"],
        remarks=content["remarks"],
        reason=content["reason"] and DeregistrationReason[content["reason"]],
        fraud=content["fraud"],
        application_id=content["application"] and UUID(content["application"]),
        ground=content["ground"] and VoidGround[content["ground"]],
        decided_at=row.decided_at,
        note=row.reason,
        desk_id=row.desk_id,
        merged_id=row.merged_id,
        evidence=content.get("evidence"),
        objection=content.get("objection"),
        objections_until=row.objections_until,
        answering=row.answering_id,
    )
