"""A nurse's first record (N9b): found by the document, or made from the exam library (考试库)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, and_, select
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from db import self_nurse
from db.store.engine import Tx
from db.store.keys import Keyring, Sealed
from db.store.name_order import named
from db.store.tables import account, nurse, registration
from db.store.tables_account import exam_record
from rules import spelling
from rules.conflict import Situation
from rules.errors import Conflict
from rules.identity import DocumentType, identify
from rules.nurse import Degree, Education, HealthStatus
from rules.registration import RegistrationStatus

_UNKNOWN: Final = "未说明"


async def latest_exam(tx: Tx, account_id: UUID) -> Row[Any] | None:
    """The newest exam certificate of the account's document, if it has any."""
    newest = (exam_record.c.year.desc(), exam_record.c.passed_on.desc().nulls_last(), exam_record.c.id.desc())
    query = select(exam_record).join(account, _same_document(exam_record)).where(account.c.id == account_id)
    return (await tx.execute(query.order_by(*newest).limit(1))).one_or_none()


async def known_nurse(tx: Tx, account_id: UUID) -> Row[Any] | None:
    """The record that the account's document has already, as of an account that was revoked."""
    query = select(nurse.c.id, nurse.c.exam_certificate_number, registration.c.status)
    joined = nurse.join(registration, registration.c.nurse_id == nurse.c.id).join(account, _same_document(nurse))
    return (await tx.execute(query.select_from(joined).where(account.c.id == account_id))).one_or_none()


def _same_document(table: Table) -> ColumnElement[bool]:
    """Rows of the same person as the account: the key is type and number."""
    columns = ("document_type", "id_number_index")
    return and_(*(table.c[name] == account.c[name] for name in columns))


def sex_and_birth(keyring: Keyring, exam: Row[Any], today: date) -> tuple[str, date] | None:
    """The sex and birth date by the ID number or, without them, by the exam record; None if neither has them."""
    number = keyring.unseal(Sealed(exam.id_number_key_id, exam.id_number_sealed), "id_number")
    identity = identify(DocumentType[exam.document_type], number, today)
    sex, born = identity.sex or exam.sex, identity.birth_date or exam.birth_date
    return (sex, born) if sex and born else None


async def insert_nurse(tx: Tx, account_id: UUID, exam: Row[Any], sex: str, birth_date: date) -> UUID:
    """The nurse's first record, with a registration that never was (N9b); raises Conflict if it is there meanwhile."""
    key, same = uuid7(), ("document_type", "id_number_key_id", "id_number_sealed", "id_number_index")
    reach = [f"{one}_{part}" for one in ("phone", "email") for part in ("key_id", "sealed", "index", "masked")]
    own = (await tx.execute(select(*(account.c[name] for name in reach)).where(account.c.id == account_id))).one()
    abroad = exam.document_type in (DocumentType.PASSPORT, DocumentType.FOREIGN_PERMANENT_RESIDENCE)
    values = {
        **{name: getattr(exam, name) for name in (*same, "id_number_masked")},
        **own._mapping,
        "id": key,
        **named(spelling.name(exam.name)),
        "sex": sex,
        "birth_date": birth_date,
        "ethnicity": exam.ethnicity or _UNKNOWN,
        "nationality": _UNKNOWN if abroad else "中国",
        # Her first application says how she is, with the proof.
        "health_status": HealthStatus.GOOD,
        "education": exam.education or Education.OTHER,
        "degree": Degree.NONE,
        "exam_score": exam.score,
        "exam_passed_on": exam.passed_on,
        "exam_year": exam.year,
        "exam_certificate_number": exam.exam_certificate_number,
        "exam_pool_linked": exam.pool_linked,
        "created_at": tx.now,
    }
    try:
        await tx.execute(nurse.insert().values(values))
    except IntegrityError as error:
        raise Conflict(Situation.REGISTERED_MEANWHILE) from error
    await tx.execute(registration.insert().values(nurse_id=key, status=RegistrationStatus.NEVER))
    await self_nurse.join_nurse(tx, key)
    return key
