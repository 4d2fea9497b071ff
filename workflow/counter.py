"""A nurse comes to the counter of her authority (窗口办理): a reviewer files for her, having seen who she is."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db import institution as institutions
from db.registration import Entry
from db.store.engine import Database, Tx
from rules.application import Step
from rules.errors import FieldProblem, Invalid, Words
from rules.kinds import Kind, kind_of
from rules.moves import CLAIMED_KINDS
from rules.own_nurse import require_at_counter, require_officer
from rules.people import Actor
from rules.target import require_no_target
from workflow.direct_filing import Filing, file

NOT_SEEN: Final = Words("请先核验本人身份证件", "See her identity document first.")
NOT_NAMED: Final = Words("请填写拟执业机构", "Name the institution where she will practise.")
ELSEWHERE: Final = Words(
    "该机构不归本机关管辖，请到拟执业机构所在地的审批机关办理",
    "This institution is not in your care: she has to file where it is.",
)


async def file_at_counter(db: Database, filing: Filing, *, identity_seen: bool) -> UUID:
    """File any kind for a nurse at the counter; it is received at once."""
    if not identity_seen:
        raise Invalid(FieldProblem("identitySeen", "IDENTITY_NOT_SEEN", NOT_SEEN))
    return await file(db, filing, Step.FILE_AT_COUNTER, _route)


async def _route(tx: Tx, actor: Actor, entry: Entry, filing: Filing) -> tuple[UUID | None, UUID]:
    """Where she practises, or will: where she moves, that must be named, and lie in the authority's care (条例 8)."""
    kind = kind_of(filing.form)
    if kind not in CLAIMED_KINDS:
        authority_id = require_at_counter(actor, entry.registration)
        require_no_target(kind, filing.institution_id)
        return None if kind is Kind.REISSUE else entry.registration.institution_id, authority_id
    authority_id = require_officer(actor)
    if filing.institution_id is None:
        raise Invalid(FieldProblem("institutionId", "FIELD_REQUIRED", NOT_NAMED))
    if not await institutions.in_care(tx, filing.institution_id, authority_id):
        raise Invalid(FieldProblem("institutionId", "TARGET_ELSEWHERE", ELSEWHERE))
    return filing.institution_id, authority_id
