"""An application that somebody else files for a nurse: filed with its first revision, at the authority at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from db import application as applications
from db.application import Filing
from db.registration import Entry
from db.store.engine import Tx
from rules.application import Application, State


async def insert(
    tx: Tx, new: Application, state: State, entry: Entry, *, by: UUID, collective_filing_id: UUID | None = None
) -> None:
    """A new application of a locked nurse in this state, with its first revision."""
    of = {"id": new.id, "kind": new.kind, "state": state, "version": 1, "revision": 1, "form": new.form}
    places = {"institution_id": new.institution_id, "authority_id": new.authority_id, "filed_by": new.filed_by}
    her = {"nurse_id": new.nurse_id, **entry.copied, "moved_by": by}
    times = dict.fromkeys(("submitted_at", "queued_at", "forwarded_at"), tx.now)
    more: dict[str, Any] = {} if collective_filing_id is None else {"collective_filing_id": collective_filing_id}
    await applications.insert_draft(tx, {**of, **places, **her, **times, **more})
    await applications.insert_revision(tx, Filing(new.id, 1, new.form, by, (), new.nurse_id, new.institution_id))
