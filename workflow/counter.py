"""A nurse comes to the counter of her authority (窗口办理): a reviewer files for her, having seen who she is."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db.engine import Database, Tx
from db.registration import Entry
from rules.application import Step
from rules.errors import FieldProblem, Invalid, Words
from rules.kinds import Kind, kind_of
from rules.moves import CLAIMED_KINDS
from rules.own_nurse import require_at_counter
from rules.people import Actor
from rules.target import require_no_target
from workflow.direct_filing import Filing, file

NOT_SEEN: Final = Words("请先核验本人身份证件", "See her identity document first.")
NOT_NAMED: Final = Words("请填写拟执业机构", "Name the institution where she will practise.")


async def file_at_counter(db: Database, filing: Filing, *, identity_seen: bool) -> UUID:
    """File any kind for a nurse at the counter; it is received at once."""
    if not identity_seen:
        raise Invalid(FieldProblem("identitySeen", "IDENTITY_NOT_SEEN", NOT_SEEN))
    return await file(db, filing, Step.FILE_AT_COUNTER, _route)


async def _route(tx: Tx, actor: Actor, entry: Entry, filing: Filing) -> tuple[UUID | None, UUID]:
    """Where she practises, or will: where she moves, that must be named."""
    authority_id, kind = require_at_counter(actor, entry.registration), kind_of(filing.form)
    if kind not in CLAIMED_KINDS:
        require_no_target(kind, filing.institution_id)
        return None if kind is Kind.REISSUE else entry.registration.institution_id, authority_id
    if filing.institution_id is None:
        raise Invalid(FieldProblem("institutionId", "FIELD_REQUIRED", NOT_NAMED))
    return filing.institution_id, authority_id
