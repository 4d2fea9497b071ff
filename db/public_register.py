"""Queries on the public register (上网公示). They run in the transaction that counts them, so on the primary."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error
from typing import Any, Final

from sqlalchemy import Row, func, select

from db.read.standing import may_practise
from db.store.engine import Reader, Tx
from db.store.tables import institution, nurse, registration
from db.store.tables_certificate import certificate
from rules.public_register import LISTED, PublicCertificate, PublicCertificateState, PublicNurse

TOKEN_BYTES: Final = 16
_WRITTEN: Final = 22
"""The characters of a token in base64url."""
_SOURCE: Final = registration.join(nurse, nurse.c.id == registration.c.nurse_id).outerjoin(
    institution, institution.c.id == registration.c.institution_id
)
_SHOWN: Final = (
    nurse.c.name,
    registration.c.certificate_number,
    institution.c.name.label("institution_name"),
    registration.c.valid_until,
    may_practise.label("may_practise"),
    func.now().label("as_of"),
)


async def by_number(tx: Tx, number: str) -> PublicNurse | None:
    """The listed nurse of a certificate number; the caller compares her name."""
    query = select(*_SHOWN).select_from(_SOURCE).where(registration.c.certificate_number == number)
    row = (await tx.execute(query.where(registration.c.status == LISTED))).one_or_none()
    return None if row is None else _nurse(row)


async def by_token(tx: Tx, token: bytes) -> PublicCertificate | None:
    """The certificate of a token: a void one tells only that."""
    source = _SOURCE.join(certificate, certificate.c.nurse_id == registration.c.nurse_id)
    query = select(*_SHOWN, registration.c.status, certificate.c.voided_at).select_from(source)
    row = (await tx.execute(query.where(certificate.c.token == token))).one_or_none()
    if row is None:
        return None
    if row.voided_at is not None:
        return PublicCertificate(PublicCertificateState.REPLACED)
    return PublicCertificate(PublicCertificateState.LISTED, _nurse(row)) if row.status == LISTED else None


async def is_in_force(reader: Reader, serial: str) -> bool | None:
    """True if a certificate of this serial is in force, False if it is void; None where none is known."""
    query = select(certificate.c.voided_at.is_(None)).where(certificate.c.serial == serial)
    return (await reader.execute(query)).scalar_one_or_none()


def token_of(text: str) -> bytes:
    """The bytes of a token as it stands in an address; of what is none, bytes that nobody has."""
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) == _WRITTEN and text.isascii() else b""
    except (Error, ValueError):
        found = b""
    return found if len(found) == TOKEN_BYTES else bytes(TOKEN_BYTES)


def _nurse(row: Row[Any]) -> PublicNurse:
    return PublicNurse(
        row.name, row.certificate_number, row.institution_name, row.valid_until, row.may_practise, row.as_of
    )
