"""The registration of anybody in the country is verified (护士执业信息验证, I11): by her document, or by her
certificate and her name. Each is a look-up: counted, audited and committed before anybody is looked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from db import audit
from db import nurse_verification as verifications
from db.nurse_verification import Verified
from db.session import Session
from db.store.engine import Database, Tx
from rules.identity import DocumentType, Identity, identify
from rules.look_up import Look, Why
from rules.nurse_verification import BY_DOCUMENT, certificate_and_name, require_may_verify
from rules.people import Actor
from workflow import look_up

Named = TypeVar("Named")
MISSED: Final = "nurse.not_verified"
"""The entry where nobody was found: as much is written as where somebody was, so that both take the same time."""


async def by_document(db: Database, session: Session, type: DocumentType, number: str, why: Why) -> Verified | None:
    """The answer about the nurse of a document, wherever she is; None where she has no registration."""

    def named(actor: Actor, today: date) -> Identity:
        require_may_verify(actor)
        return identify(type, number, today)

    return await _verified(db, session, named, {"by": "document"}, why, verifications.of_document)


async def by_certificate(db: Database, session: Session, number: str, name: str, why: Why) -> Verified | None:
    """The same by a certificate's number and the whole name; a name that is not hers is answered as nobody's number."""

    def named(actor: Actor, _: date) -> tuple[str, str]:
        require_may_verify(actor)
        return certificate_and_name(number, name)

    shown = await _verified(db, session, named, {"by": "certificate"}, why, verifications.of_certificate)
    return shown and {**shown, **dict.fromkeys(BY_DOCUMENT)}


async def _verified(
    db: Database,
    session: Session,
    named: Callable[[Actor, date], Named],
    by: dict[str, str],
    why: Why,
    find: Callable[[Tx, Named], Awaitable[UUID | None]],
) -> Verified | None:
    """The answer about whom `find` finds: by the same statements where that is nobody."""
    detail = {**by, **why.detail}
    actor, whom, until = await look_up.begun(db, session, named, detail, why)
    async with db.begin() as tx:
        await tx.ask_time()
        nurse_id = await find(tx, whom)
        action = Look.VERIFIED if nurse_id else MISSED
        keep = partial(audit.record, tx, action, actor.account_id, detail)
        await keep(nurse_id=nurse_id, purpose=why.purpose, withheld_until=until)
        return await verifications.read(tx, actor, nurse_id)
