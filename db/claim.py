"""Queries on claims (认领): a nurse by ID number, the nurse's filings, and the institutions the nurse has refused."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert as upsert

from db.document import nurse_of
from db.store.engine import Tx
from db.store.statement import Statement, given
from db.store.tables import institution, registration
from db.store.tables_application import application, claim_rejection
from rules.application import State
from rules.claim import Claimant
from rules.identity import Identity
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS

# At most one: what is claimed at all stands alone among a nurse's open applications (rules.moves.collides).
_FIND: Final = select(application.c.id).where(
    application.c.state == State.INSTITUTION_REVIEW, application.c.kind.in_(sorted(CLAIMED_KINDS))
)
_REJECTED: Final = exists().where(
    claim_rejection.c.application_id == bindparam("application", type_=Uuid()),
    claim_rejection.c.institution_id == institution.c.id,
)
# Held against its end: who waited for that sees the institution as it is then.
_HERS: Final = exists().where(
    application.c.id == bindparam("application", type_=Uuid()),
    registration.c.nurse_id == application.c.nurse_id,
    registration.c.institution_id == institution.c.id,
)
_CLAIMANT: Final = Statement(
    select(institution.c.state, _REJECTED.label("rejected"), _HERS.label("hers"))
    .where(institution.c.id == bindparam("institution", type_=Uuid()))
    .with_for_update(of=institution, read=True),
    ("application", "institution"),
)
_ROW: Final = ("application_id", "institution_id", "at")
_REJECT: Final = Statement(upsert(claim_rejection).values(given(claim_rejection, _ROW)).on_conflict_do_nothing(), _ROW)


async def find(tx: Tx, identity: Identity, kind: Kind | None) -> UUID | None:
    """The application that the nurse of this document has filed for an institution to come, claimed by now or not."""
    hers = _FIND.where(application.c.nurse_id == nurse_of(tx.keyring, identity))
    query = hers if kind is None else hers.where(application.c.kind == kind)
    found: UUID | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def filed(tx: Tx, application_id: UUID) -> Row[Any]:
    """Whom an application is of, and since when it is filed."""
    query = select(application.c.nurse_name, application.c.submitted_at).where(application.c.id == application_id)
    return (await tx.execute(query)).one()


async def claimant(tx: Tx, institution_id: UUID, application_id: UUID) -> Claimant:
    """An institution that claims an application."""
    (row,) = await tx.run(_CLAIMANT, {"application": application_id, "institution": institution_id})
    return Claimant(InstitutionState[row["state"]], row["rejected"], row["hers"])


async def reject(tx: Tx, application_id: UUID, institution_id: UUID) -> None:
    """This institution is barred for this application: the nurse has refused it, or it has declined."""
    values: dict[str, Any] = {"application_id": application_id, "institution_id": institution_id, "at": tx.now}
    await tx.write(_REJECT, values)
