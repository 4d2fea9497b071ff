"""A nurse put on the register by the province (A6): the record, the entry, its first row of history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import asyncpg

from db import registration as registrations
from db import self_nurse
from db.store.engine import Tx
from db.store.name_order import named
from db.store.statement import Statement
from db.store.tables import nurse, registration
from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, Words
from rules.privacy import mask_id_number
from rules.registration import Registration, RegistrationStatus

_TAKEN: Final = Words("该编号已属于他人", "This number is another's.")
_NUMBERS: Final = {
    "registration_certificate_number_key": "certificateNumber",
    "nurse_exam_certificate_number_key": "examCertificateNumber",
}
_SEALED: Final = ("id_number_key_id", "id_number_sealed", "id_number_index", "id_number_masked")
_NURSE: Final = Statement.insert(
    nurse,
    *(
        "id",
        "name",
        "name_order",
        "document_type",
        *_SEALED,
        "sex",
        "birth_date",
        "ethnicity",
        "health_status",
        "education",
    ),
    *("other_education", "degree", "exam_passed_on", "exam_year", "exam_certificate_number", "created_at"),
)
_ENTRY: Final = Statement.insert(registration, "nurse_id", "status")


async def insert(tx: Tx, values: Mapping[str, Any], number: str, after: Registration, *, by: UUID, reason: str) -> None:
    """Insert the record and the entry.

    Conflict if the nurse is on record, Invalid if a number belongs to another person.
    """
    sealed, index = tx.keyring.seal(number, "id_number"), tx.keyring.blind_index(number, "id_number")
    document = dict(zip(_SEALED, (sealed.key_id, sealed.ciphertext, index, mask_id_number(number)), strict=True))
    try:
        await tx.run(
            _NURSE, {**values, **named(values["name"]), **document, "id": after.nurse_id, "created_at": tx.now}
        )
        await tx.run(_ENTRY, {"nurse_id": after.nurse_id, "status": RegistrationStatus.NEVER})
        await registrations.change(tx, after, account_id=by, reason=reason)
    except asyncpg.UniqueViolationError as error:
        path = _NUMBERS.get(error.constraint_name or "")
        raise (
            Conflict(Situation.ALREADY_ON_REGISTER) if path is None else Invalid(FieldProblem(path, "TAKEN", _TAKEN))
        ) from error
    await self_nurse.join_nurse(tx, after.nurse_id)
