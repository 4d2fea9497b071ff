"""Being known: a nurse corrects what she typed, and is compared with the register and the exam library (N5, N6, X5).

An account that does not claim its number (see workflow/account.py) is told what every other is told, and is never
joined to a nurse, unless the number was freed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from db import account as accounts
from db import audit, exam, idempotency
from db import session as sessions
from db.account import Registrant
from db.session import Session
from db.store.engine import Database, Tx
from rules.account import AccountStep, ClaimedIdentity, claimed, require_step
from rules.errors import Conflict, RateLimited
from rules.identity import DocumentType, Identity
from rules.matching import VERIFIED, judge
from rules.people import Party, require_party
from rules.verification import IdentityOutcome

VERIFICATIONS: Final = 10
"""So often in an hour one account may be compared with the register."""


@dataclass(frozen=True, slots=True, repr=False)
class Correction:
    """Another name and document (X5)."""

    session: Session
    name: str
    document_type: DocumentType
    id_number: str
    idempotency_key: str | None = None


async def correct_identity(db: Database, given: Correction) -> None:
    """Correct the name or the ID number (X5): before the verification has succeeded, at most five times."""
    content = db.keyring.blind_index(f"{given.name}\n{given.document_type}\n{given.id_number}", "correction").hex()
    async with db.begin() as tx:
        mine = await _mine(tx, given.session)
        key = idempotency.Key(mine.id, "ACCOUNT_CORRECT_IDENTITY", given.idempotency_key)
        if not await idempotency.first_time(tx, key, content, mine.id):
            return
        claim = claimed(given.name, given.document_type, given.id_number, tx.today)
        require_step(mine.progress, AccountStep.CORRECT_IDENTITY)
        await _correct(tx, mine, claim)
        await audit.record(tx, "account.identity_corrected", mine.id)


async def _correct(tx: Tx, mine: Registrant, claim: ClaimedIdentity) -> None:
    values = {
        "display_name": claim.name,
        "identity_outcome": None,
        "nurse_id": None,
        "corrections": mine.progress.corrections + 1,
    }
    holder = await accounts.holder(tx, claim.identity, mine.id)
    try:
        document = accounts.document(tx.keyring, claim.identity, claims=holder is None)
        await accounts.change(tx, mine.id, {**document, **values})
    except Conflict:
        # Claimed in this very moment, which is nobody's business either.
        document = accounts.document(tx.keyring, claim.identity, claims=False)
        await accounts.change(tx, mine.id, {**document, **values})


async def verify_identity(db: Database, session: Session, idempotency_key: str | None = None) -> None:
    """Compare her name and ID number with the register and the exam library (护士信息验证, N5).

    Counted and committed before anything is compared.
    """
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        subject = db.keyring.blind_index(str(actor.account_id), "identity verification")
        wait = await sessions.count_attempt(tx, subject, timedelta(hours=1), VERIFICATIONS)
    if wait:
        raise RateLimited(wait)
    async with db.begin() as tx:
        mine = await _mine(tx, session)
        key = idempotency.Key(mine.id, "ACCOUNT_VERIFY_IDENTITY", idempotency_key)
        if not await idempotency.first_time(tx, key, {}, mine.id):
            return
        require_step(mine.progress, AccountStep.VERIFY_IDENTITY)
        values = await _compared(tx, mine)
        await accounts.change(tx, mine.id, values)
        await audit.record(tx, "account.identity_compared", mine.id, {"outcome": values["identity_outcome"]})


async def _compared(tx: Tx, mine: Registrant) -> Mapping[str, Any]:
    """What the comparison makes of an account; one whose number is somebody else's is never joined to a nurse."""
    identity = Identity(mine.document_type, mine.id_number) if mine.document_type and mine.id_number else None
    found = await accounts.entry(tx, nurse_id=mine.nurse_id, identity=identity)
    exams = await exam.passed(tx, identity) if identity else []
    outcome = judge(mine.name, found.entry if found else None, exams)
    values: dict[str, Any] = {"identity_outcome": outcome, "identity_verified": outcome in VERIFIED}
    if identity is not None and await accounts.holder(tx, identity, mine.id) is None:
        values["id_number_index"] = tx.keyring.blind_index(identity.number, "id_number")
        values["nurse_id"] = found.nurse_id if found and outcome in VERIFIED else mine.nurse_id
    return values


async def declare_military_source(db: Database, session: Session, idempotency_key: str | None = None) -> None:
    """Declare to come from the military or the armed police, where neither library knows her (N6, N17)."""
    async with db.begin() as tx:
        mine = await _mine(tx, session)
        key = idempotency.Key(mine.id, "ACCOUNT_DECLARE_MILITARY_SOURCE", idempotency_key)
        if not await idempotency.first_time(tx, key, {}, mine.id):
            return
        require_step(mine.progress, AccountStep.DECLARE_MILITARY_SOURCE)
        await accounts.change(tx, mine.id, {"identity_outcome": IdentityOutcome.MILITARY_SOURCE})
        await audit.record(tx, "account.military_source_declared", mine.id)


async def _mine(tx: Tx, session: Session) -> Registrant:
    """The account of the nurse who is signed in, locked."""
    actor = await sessions.require(tx, session)
    require_party(actor, Party.NURSE)
    return await accounts.lock(tx, actor.account_id)
