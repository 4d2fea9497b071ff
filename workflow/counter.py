"""A nurse comes to the counter of her authority (窗口办理): a reviewer files for her, having seen who she is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import institution as institutions
from db.registration import Entry
from db.store.engine import Tx
from rules.application import Step
from rules.direct_filing import require_identity_seen, require_in_care, require_named
from rules.kinds import Kind, kind_of
from rules.moves import CLAIMED_KINDS
from rules.own_nurse import require_at_counter, require_officer
from rules.people import Actor
from rules.target import require_no_target
from workflow.direct_filing import DirectFiling, Filing, behind, file
from workflow.nurse_case import entry
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationFileAtCounter(DirectFiling):
    """A reviewer's wish to file any kind for a nurse at her counter; gives the application."""

    identity_seen: bool
    institution_id: UUID | None = None
    reads = (behind, entry)
    writes = frozenset({"application", "application_revision"})

    async def take(self, step: Underway[ApplicationFileAtCounter]) -> None:
        """It is received at once."""
        require_identity_seen(self.identity_seen)
        filing = Filing(self.nurse_id, self.form, self.institution_id)
        await file(step, filing, Step.FILE_AT_COUNTER, _route)


async def _route(tx: Tx, actor: Actor, entry: Entry, filing: Filing) -> tuple[UUID | None, UUID]:
    """Where she practises, or will: where she moves, that must be named, and lie in the authority's care (条例 8)."""
    kind = kind_of(filing.form)
    if kind not in CLAIMED_KINDS:
        authority_id = require_at_counter(actor, entry.registration)
        require_no_target(kind, filing.institution_id)
        return None if kind is Kind.REISSUE else entry.registration.institution_id, authority_id
    authority_id, target = require_officer(actor), require_named(filing.institution_id)
    require_in_care(await institutions.in_care(tx, target, authority_id))
    return target, authority_id
