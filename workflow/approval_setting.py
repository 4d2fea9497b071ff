"""An institution says which authority decides on each kind of application (审批机关设置, I6)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import approval_setting as settings
from db import audit, idempotency
from db import institution as institutions
from db import session as sessions
from db.session import Session
from db.store.engine import Database
from rules.errors import FieldProblem, Invalid, NotAllowed
from rules.kinds import Kind
from rules.people import Role, require
from workflow.institution import OFF_CHAIN


@dataclass(frozen=True, slots=True)
class Setting:
    """A manager's wish: from now on this authority decides, or nobody does yet."""

    session: Session
    kind: Kind
    authority_id: UUID | None
    idempotency_key: str | None = None


async def set_authority(db: Database, wish: Setting) -> UUID:
    """Set it: only what is forwarded from now on goes there; gives the institution. The audit keeps every change."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, wish.session)
        require(actor, Role.MANAGER)
        if actor.party_id is None:
            raise NotAllowed
        key = idempotency.Key(actor.account_id, "approvalSettingSet", wish.idempotency_key)
        if not await idempotency.first_time(tx, key, [wish.kind, wish.authority_id], actor.party_id):
            return actor.party_id
        institution = await institutions.lock(tx, actor.party_id)
        asked = set() if wish.authority_id is None else {wish.authority_id}
        if await institutions.off_chain(tx, institution.authority_id, asked):
            raise Invalid(FieldProblem("authorityId", "OFF_CHAIN", OFF_CHAIN))
        before = await settings.replace(tx, institution.id, wish.kind, wish.authority_id)
        told = {"institution": institution.id, "kind": wish.kind, "from": before, "to": wish.authority_id}
        await audit.record(tx, "approval_setting.set", actor.account_id, told)
    return institution.id
