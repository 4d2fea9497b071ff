"""Looks at a nurse's data, straight into the audit trail, and complaints about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from rules.moment import SHANGHAI
from tests.support.world import Person, World


async def a_look(world: World, nurse_id: UUID | None, by: Person, **more: Any) -> UUID:
    """Somebody's look at a nurse, as its step has written it down."""
    key, actor = uuid7(), by.actor
    detail = orjson.dumps(more.pop("detail", {})).decode()
    place = {"party": actor.party, "place_id": actor.party_id, "roles": [*actor.roles]}
    row = {"at": datetime.now(SHANGHAI), "action": "nurse.verified", "purpose": "EMPLOYMENT", **more}
    await world.insert("audit", id=key, account_id=by.account_id, nurse_id=nurse_id, detail=detail, **place, **row)
    return key


async def a_complaint(world: World, nurse_id: UUID, authority_id: UUID, by: Person, **more: Any) -> UUID:
    """A nurse's complaint about somebody's look at her."""
    key, actor = uuid7(), by.actor
    look = {
        "look_id": await a_look(world, nurse_id, by),
        "looked_at": datetime.now(SHANGHAI),
        "officer_id": by.account_id,
    }
    place = {"party": actor.party, "place_id": actor.party_id, "roles": [*actor.roles]}
    said = {"state": "PENDING", "words": "我不认识该单位", "action": "nurse.verified", "purpose": "EMPLOYMENT", **more}
    of = {"nurse_id": nurse_id, "authority_id": authority_id}
    await world.insert("look_complaint", id=key, **look, **place, **of, **said)
    return key


async def an_investigation(world: World, authority_id: UUID, by: Person, second: Person | None = None) -> UUID:
    """An investigation that somebody has opened, and a second officer confirmed where one is named."""
    key, now = uuid7(), datetime.now(SHANGHAI)
    said = {"case_number": "卫查〔2026〕8号", "legal_ground": "《护士条例》第四条", "opened_at": now}
    both = {"confirmed_by": second.account_id, "confirmed_at": now} if second else {}
    of = {"authority_id": authority_id, "opened_by": by.account_id, "withheld_until": now.date() + timedelta(days=90)}
    await world.insert("investigation", id=key, **of, **said, **both)
    return key
