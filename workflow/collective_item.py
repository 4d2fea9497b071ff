"""The application filed for one nurse of a collective filing (集体申请), and its check beforehand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from db import application as applications
from db import audit, registration
from db import direct_filing as filings
from db.collective import Waiting
from db.registration import Entry
from db.store.engine import Tx
from rules.application import Step
from rules.errors import RegistryError
from rules.kinds import Kind, form_from_json, kind_of
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Role
from rules.record import changes, require_meant
from rules.registration import RegistrationStatus
from workflow.case import Case
from workflow.collective_choice import Chosen
from workflow.direct_filing import FiledForm, judged
from workflow.institution_review import require_route


async def authority_of(tx: Tx, actor: Actor, kind: Kind) -> UUID:
    """The authority that decides on what this institution files; refused where it has set none."""
    assert actor.party_id is not None
    state, authority_id = await applications.approval_route(tx, actor.party_id, kind)
    return require_route(kind, state, authority_id)


async def tried(tx: Tx, actor: Actor, kind: Kind, chosen: Chosen) -> Chosen:
    """One who is chosen, with what would be refused now (预检); writes nothing."""
    if chosen.nurse_id is None:
        return chosen
    try:
        filing = _filing(actor, chosen.nurse_id, kind, chosen.form)
        entry = await registration.get(tx, chosen.nurse_id)
        chosen = replace(chosen, changes=changes(filing.form, entry.record))
        await judged(tx, actor, entry, filing, step=Step.FILE_COLLECTIVELY, route=_route)
        require_meant(chosen.changes, chosen.meant)
    except RegistryError as refusal:
        return chosen.refused(refusal)
    return chosen


async def file_for(tx: Tx, item: Waiting, entry: Entry, key: UUID | None = None) -> Case:
    """File for one locked nurse; the institution's word is in it, so it goes straight to the authority.

    Tells nobody yet.
    """
    actor, nurse_id, filing_id = item.actor, item.nurse_id, item.filing_id
    filing = _filing(actor, nurse_id, item.kind, item.form)
    require_meant(changes(filing.form, entry.record), item.meant)
    case = await judged(tx, actor, entry, filing, step=Step.FILE_COLLECTIVELY, route=_route, key=key)
    by, new = actor.account_id, case.application
    await filings.insert(tx, new, case.target, entry, by=by, collective_filing_id=filing_id)
    detail = {"application": new.id, "kind": new.kind}
    await audit.record(tx, "application.file_collectively", by, detail, nurse_id=nurse_id)
    agreed: dict[str, Any] = {
        "stage": "INSTITUTION",
        "outcome": "AGREED",
        "opinion": None,
        "reasons": [],
        "marked_fields": [],
    }
    await applications.insert_decision(tx, replace(new, revision=1), by, agreed)
    return case


def _filing(actor: Actor, nurse_id: UUID, kind: Kind, form: Any) -> FiledForm:
    return FiledForm(nurse_id, form_from_json(kind, form), actor.party_id)


async def _route(tx: Tx, actor: Actor, entry: Entry, filing: FiledForm) -> tuple[UUID, UUID]:
    """A nurse of the institution, or one whom it takes on who was never registered anywhere."""
    her, kind = entry.registration, kind_of(filing.form)
    if not (kind is Kind.FIRST and her.status is RegistrationStatus.NEVER and her.institution_id is None):
        require_own_nurse(actor, her, Role.OPERATOR)
    assert actor.party_id is not None
    return actor.party_id, await authority_of(tx, actor, kind)
