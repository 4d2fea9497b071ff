"""What each province asks for of each kind (申请材料目录), set by its admin, from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from db import audit, idempotency
from db import requirement as requirements
from db import session as sessions
from db.session import Session
from db.store.engine import Database
from rules.requirement import Requirement, check_end, check_requirement, require_sets


@dataclass(frozen=True, slots=True)
class NewRequirement:
    """A provincial admin's wish to ask for something, instead of what was asked before."""

    session: Session
    requirement: Requirement
    idempotency_key: str | None = None


async def set_requirement(db: Database, wish: NewRequirement) -> UUID:
    """Ask for a material from a day on; applications filed before keep the list of their day."""
    key, one = uuid7(), wish.requirement
    async with db.begin() as tx:
        actor = await sessions.require(tx, wish.session)
        retry = idempotency.Key(actor.account_id, "materialRequirementSet", wish.idempotency_key)
        if not await idempotency.first_time(tx, retry, str(one), key):
            return await idempotency.result(tx, retry)
        require_sets(actor)
        check_requirement(one, tx.today)
        assert actor.party_id is not None
        await requirements.lock_codes(tx, actor.party_id)
        titles = {"title_zh": one.title.zh.strip(), "title_en": one.title.en.strip()}
        asked = {"kind": one.kind, "code": one.code, "needed": one.needed, "paper": one.paper, **titles}
        row = {**asked, "valid_from": one.valid_from, "valid_until": one.valid_until}
        await requirements.set_requirement(tx, key, actor.party_id, row)
        told = {"requirement": key, "kind": one.kind, "code": one.code}
        await audit.record(tx, "material_requirement.set", actor.account_id, told)
    return key


@dataclass(frozen=True, slots=True)
class End:
    """A provincial admin's wish to ask for something no longer."""

    session: Session
    requirement_id: UUID
    valid_until: date
    idempotency_key: str | None = None


async def end_requirement(db: Database, wish: End) -> UUID:
    """Set the last day of what one's own province asks for."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, wish.session)
        retry = idempotency.Key(actor.account_id, "materialRequirementEnd", wish.idempotency_key)
        content = [wish.requirement_id, wish.valid_until]
        if not await idempotency.first_time(tx, retry, content, wish.requirement_id):
            return wish.requirement_id
        require_sets(actor)
        assert actor.party_id is not None
        own = await requirements.lock_own(tx, wish.requirement_id, actor.party_id)
        check_end(own.valid_from, own.valid_until, wish.valid_until, tx.today)
        await requirements.end_requirement(tx, own.id, wish.valid_until)
        told = {"requirement": wish.requirement_id, "until": wish.valid_until}
        await audit.record(tx, "material_requirement.end", actor.account_id, told)
    return wish.requirement_id
