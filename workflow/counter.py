"""A nurse comes to the counter of her authority (窗口办理): a reviewer files for her, having seen who she is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import institution as institutions
from db import look_up as people
from db.registration import Entry
from db.store.engine import Tx
from rules.application import Step
from rules.direct_filing import require_identity_seen, require_in_care, require_named
from rules.errors import Invalid, NotFound, RateLimited, RegistryError, Together, WrongState
from rules.kinds import Kind, kind_of
from rules.moves import CLAIMED_KINDS
from rules.own_nurse import require_at_counter, require_officer
from rules.people import Actor
from rules.target import require_no_target
from workflow.direct_filing import DirectFiling, FiledForm, behind, file
from workflow.nurse_case import entry
from workflow.step import USUAL, Underway


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationFileAtCounter(DirectFiling):
    """A reviewer's wish to file any kind for a nurse at her counter; gives the application.

    A nurse whom the counter may not read must have been named by her document.
    """

    identity_seen: bool
    institution_id: UUID | None = None
    by_document: bool = False
    refuses = USUAL | {RateLimited, WrongState}
    reads = (behind, entry)
    writes = frozenset({"application", "application_revision"})

    async def take(self, step: Underway[ApplicationFileAtCounter]) -> None:
        """The application is received at once."""
        await self._require_known(step)
        filing = FiledForm(self.nurse_id, self.form, self.institution_id)
        with Together() as each:
            each(lambda: require_identity_seen(self.identity_seen))
            try:
                await file(step, filing, Step.FILE_AT_COUNTER, _route)
            except Invalid as refusal:
                each.problems += refusal.problems
            except RegistryError:
                if self.identity_seen:  # otherwise whoever stands there is told first that she was not seen
                    raise

    async def _require_known(self, step: Underway[ApplicationFileAtCounter]) -> None:
        """A nurse of others is one of nobody, until she shows her document."""
        near = step[entry].registration.authority_id
        known = self.by_document or near == step.actor.party_id or step.actor.is_nurse(self.nurse_id)
        if not (known or await people.reads(step.tx, step.actor, self.nurse_id)):
            raise NotFound


async def _route(tx: Tx, actor: Actor, entry: Entry, filing: FiledForm) -> tuple[UUID | None, UUID]:
    """The institution and the authority: for a move it must be named, and lie in the authority's care (条例 8)."""
    kind = kind_of(filing.form)
    if kind not in CLAIMED_KINDS:
        authority_id = require_at_counter(actor, entry.registration)
        require_no_target(kind, filing.institution_id)
        return None if kind is Kind.REISSUE else entry.registration.institution_id, authority_id
    authority_id, target = require_officer(actor), require_named(filing.institution_id)
    require_in_care(await institutions.in_care(tx, target, authority_id))
    return target, authority_id
