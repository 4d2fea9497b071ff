"""Queries for the verification of a registration (护士执业信息验证, I11): of anybody in the country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, case, func, literal, or_, select

from db.document import nurse_of
from db.read.standing import may_practise, standing
from db.store.engine import Tx
from db.store.tables import authority, institution, institution_key, nurse, registration, searched_name
from rules.identity import Identity
from rules.nurse_verification import VerifiedPlace
from rules.people import Actor, Party
from rules.registration import RegistrationStatus
from rules.spelling import same_name

Verified = Mapping[str, Any]
"""The answer, by the names of its fields."""
_ON_REGISTER: Final = registration.c.status != RegistrationStatus.NEVER
_OWN: Final = institution.alias("own")
NOBODY: Final = UUID(int=0)
_ALIKE: Final = 4
"""So many characters a name has at least that is looked for inside another one."""


async def of_document(tx: Tx, document: Identity) -> UUID | None:
    """The nurse of a document who is on the register, or was."""
    query = select(registration.c.nurse_id).where(registration.c.nurse_id == nurse_of(tx.keyring, document))
    return (await tx.execute(query.where(_ON_REGISTER))).scalar_one_or_none()


async def of_certificate(tx: Tx, on_it: tuple[str, str]) -> UUID | None:
    """The nurse of a certificate's number, if the name is hers too."""
    number, name = on_it
    query = select(registration.c.nurse_id, nurse.c.name).join(nurse, nurse.c.id == registration.c.nurse_id)
    row = (await tx.execute(query.where(registration.c.certificate_number == number, _ON_REGISTER))).one_or_none()
    return row.nurse_id if row is not None and same_name(row.name, name) else None


async def read(tx: Tx, asker: Actor, nurse_id: UUID | None) -> Verified | None:
    """The answer about a nurse; the same statement where there is none."""
    own = asker.party_id if asker.party is Party.INSTITUTION else None
    source = registration.join(nurse, nurse.c.id == registration.c.nurse_id)
    source = source.outerjoin(institution, institution.c.id == registration.c.institution_id)
    source = source.outerjoin(authority, authority.c.id == registration.c.authority_id)
    query = select(*_SHOWN, _place(own).label("place")).select_from(source)
    row = (await tx.execute(query.where(registration.c.nurse_id == (nurse_id or NOBODY)))).mappings().one_or_none()
    return None if row is None else dict(row)


_SHOWN: Final = (
    *(nurse.c[name] for name in ("name", "document_type", "id_number_masked", "sex", "birth_date", "title")),
    *(nurse.c[name] for name in ("department", "other_department", "work_category", "exam_pool_linked")),
    func.date_part("year", nurse.c.birth_date).label("birth_year"),
    standing.label("standing"),
    may_practise.label("may_practise"),
    registration.c.certificate_number,
    registration.c.valid_until,
    institution.c.name.label("institution_name"),
    institution.c.code.label("institution_code"),
    authority.c.name.label("authority_name"),
)


def _place(own: UUID | None) -> ColumnElement[Any]:
    """Her institution beside that of the asker; null for an authority, which compares nothing."""
    if own is None:
        return literal(None, Text())
    named = select(searched_name(_OWN.c.name)).where(_OWN.c.id == own).scalar_subquery()
    longer, shorter = func.length(named) >= _ALIKE, func.length(institution_key) >= _ALIKE
    inside = and_(
        longer, shorter, or_(func.strpos(institution_key, named) > 0, func.strpos(named, institution_key) > 0)
    )
    return case(
        (registration.c.institution_id.is_(None), VerifiedPlace.NOWHERE.value),
        (registration.c.institution_id == own, VerifiedPlace.HERE.value),
        (or_(institution_key == named, inside), VerifiedPlace.NAMED_ALIKE.value),
        else_=VerifiedPlace.ELSEWHERE.value,
    )
