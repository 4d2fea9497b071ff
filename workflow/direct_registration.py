"""The province registers somebody who passed before 2008-05 and was never registered (A6, X6)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from db import audit, idempotency, institution
from db import direct_registration as direct
from db import session as sessions
from db.institution import Institution
from db.session import Session
from db.store.engine import Database, Tx
from rules.direct_registration import DirectEntry, checked, require_registrar
from rules.errors import NotAllowed, NotFound, Words
from rules.institution import InstitutionState
from rules.people import Actor
from rules.registration import Registration, register_first

_COPIED = ("document_type", "ethnicity", "health_status", "education", "degree", "exam_passed_on")
NOT_ACTIVE = Words("该机构未处于启用状态", "The institution is not active.")


@dataclass(frozen=True, slots=True, repr=False)
class DirectRegistration:
    """A provincial admin's wish to put a nurse on the register."""

    session: Session
    entry: DirectEntry
    idempotency_key: str | None = None


async def register(db: Database, order: DirectRegistration) -> UUID:
    """Put her on the register: valid for five years from today, with a row of history that names the evidence."""
    key, entry = uuid7(), order.entry
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, "nurseRegisterDirect", order.idempotency_key)
        if not await idempotency.first_time(tx, retry, asdict(entry), key):
            return await idempotency.result(tx, retry)
        require_registrar(actor)
        known, place = checked(entry, tx.today), await _place(tx, actor, entry.institution_id)
        after = register_first(
            Registration(key),
            tx.today,
            certificate_number=entry.certificate_number,
            institution_id=place.id,
            authority_id=place.authority_id,
        )
        values = {name: getattr(entry, name) for name in _COPIED}
        exam = {"exam_year": entry.exam_passed_on.year, "exam_certificate_number": entry.exam_certificate_number}
        person = {"name": known.name, "sex": known.sex, "birth_date": known.birth_date}
        row = {**values, **exam, **person}
        await direct.insert(tx, row, known.identity.number, after, by=actor.account_id, reason=entry.evidence)
        await audit.record(tx, "nurse.register_direct", actor.account_id, {"institution": place.id}, nurse_id=key)
        tx.woken.add(place.id)
    return key


async def _place(tx: Tx, actor: Actor, institution_id: UUID) -> Institution:
    """Where she works: an active institution in the province."""
    place = await institution.lock(tx, institution_id)
    if not place.path.startswith(actor.path or "-"):
        raise NotFound
    if place.state is not InstitutionState.ACTIVE:
        raise NotAllowed("INSTITUTION_NOT_ACTIVE", NOT_ACTIVE)
    return place
