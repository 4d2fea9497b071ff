"""Applications put straight into the table."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from rules.application import State
from rules.kinds import Kind
from tests.support.world import SHE, Cast, World


async def put(world: World, cast: Cast, state: State = State.ACCEPTED, kind: Kind = Kind.RENEWAL, **more: Any) -> UUID:
    """An application straight in the table."""
    key, now = uuid7(), await world.owner.fetchval("select now()")
    filed = {"revision": 1, "submitted_at": now, "queued_at": now} if state is not State.DRAFT else {}
    places = {"nurse_id": cast.nurse_id, "institution_id": cast.hospital, "authority_id": cast.district}
    plain = {"filed_by": "NURSE", **SHE, "id_number_masked": "110***********00", "form": "{}"}
    await world.insert("application", id=key, kind=kind, state=state, **{**plain, **places, **filed, **more})
    return key
