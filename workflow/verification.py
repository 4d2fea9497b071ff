"""Being known: a nurse corrects what she typed, and is compared with the register and the exam library (N5, N6, X5).

An account that does not own its number (see workflow/account.py) is told what every other is told, and is never
joined to a nurse, unless the number was freed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from db import account as accounts
from db import exam
from db import session as sessions
from db import verification as verifications
from db.session import Session
from db.store.engine import Database, Tx
from db.verification import Registrant
from rules.account import AccountStep, require_step, stated
from rules.errors import Conflict, FieldProblem, Invalid, RateLimited, Words
from rules.identity import DocumentType, Identity
from rules.matching import VERIFIED, judge
from rules.people import Party, require_party
from rules.verification import IdentityOutcome
from workflow.step import USUAL, Command, Lock, Underway, read, take

VERIFICATIONS: Final = 10
"""So often in an hour one account may be compared with the register."""


NOTHING: Final = Words(
    "姓名和证件号码与已填写的相同，没有需要更正的", "This is the name and the number that you have: nothing changes."
)


@read(Lock.ACCOUNT)
async def own(step: Underway[Command]) -> Registrant:
    """The account of the nurse who is signed in, locked."""
    require_party(step.actor, Party.NURSE)
    return await verifications.lock(step.tx, step.actor.account_id)


@dataclass(frozen=True, slots=True, repr=False)
class AccountCorrectIdentity(Command):
    """Another name and document (X5): before the verification has succeeded, at most five times."""

    name: str
    document_type: DocumentType
    id_number: str
    reads = (own,)
    writes = frozenset({"account"})

    async def take(self, step: Underway[AccountCorrectIdentity]) -> None:
        """Correct the account; what it was compared with counts no more."""
        tx, mine = step.tx, step[own]
        given = stated(self.name, self.document_type, self.id_number, tx.today)
        require_step(mine.progress, AccountStep.CORRECT_IDENTITY)
        if (mine.name, mine.document_type, mine.id_number) == (given.name, given.identity.type, given.identity.number):
            raise Invalid(FieldProblem("name", "NOTHING_TO_CORRECT", NOTHING))
        corrections = mine.progress.corrections + 1
        values = {"display_name": given.name, "identity_outcome": None, "nurse_id": None, "corrections": corrections}
        holder = await accounts.holder(tx, given.identity, mine.id)
        try:
            document = accounts.document(tx.keyring, given.identity, owns=holder is None)
            await verifications.change(tx, mine.id, {**document, **values})
        except Conflict:
            # Claimed in this very moment, which is nobody's business either.
            document = accounts.document(tx.keyring, given.identity, owns=False)
            await verifications.change(tx, mine.id, {**document, **values})


@dataclass(frozen=True, slots=True, repr=False)
class AccountVerifyIdentity(Command):
    """A nurse's wish to be compared with the register and the exam library (护士信息验证, N5)."""

    refuses = USUAL | {RateLimited}
    reads = (own,)
    writes = frozenset({"account"})

    async def take(self, step: Underway[AccountVerifyIdentity]) -> None:
        """Compare her, and write what comes of it."""
        require_step(step[own].progress, AccountStep.VERIFY_IDENTITY)
        values = await compared(step.tx, step[own])
        await verifications.change(step.tx, step[own].id, values)
        step.detail = {"outcome": values["identity_outcome"]}


async def verify_identity(db: Database, session: Session, wish: AccountVerifyIdentity) -> None:
    """Compare her, counted and committed before anything is compared."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        subject = db.keyring.blind_index(str(actor.account_id), "identity verification")
        wait = await sessions.count_attempt(tx, subject, timedelta(hours=1), VERIFICATIONS)
    if wait:
        raise RateLimited(wait)
    await take(db, session, wish)


async def compared(tx: Tx, mine: Registrant) -> Mapping[str, Any]:
    """An account's columns after the comparison; one whose number is somebody else's is never joined to a nurse."""
    identity = Identity(mine.document_type, mine.id_number) if mine.document_type and mine.id_number else None
    found = await verifications.entry(tx, nurse_id=mine.nurse_id, identity=identity)
    exams = await exam.passed(tx, identity) if identity else []
    outcome = judge(mine.name, found.entry if found else None, exams)
    values: dict[str, Any] = {"identity_outcome": outcome, "identity_verified": outcome in VERIFIED}
    if identity is not None and await accounts.holder(tx, identity, mine.id) is None:
        values["id_number_index"] = tx.keyring.blind_index(identity.number, "id_number")
        values["nurse_id"] = found.nurse_id if found and outcome in VERIFIED else mine.nurse_id
    return values


@dataclass(frozen=True, slots=True, repr=False)
class AccountDeclareMilitarySource(Command):
    """A nurse's word to come from the military or the armed police, where neither library knows her (N6, N17)."""

    reads = (own,)
    writes = frozenset({"account"})

    async def take(self, step: Underway[AccountDeclareMilitarySource]) -> None:
        """Keep it."""
        require_step(step[own].progress, AccountStep.DECLARE_MILITARY_SOURCE)
        await verifications.change(step.tx, step[own].id, {"identity_outcome": IdentityOutcome.MILITARY_SOURCE})
