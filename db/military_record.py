"""The first record of a nurse from the military (N17): the values of the account, until an approval adds more."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from db import self_nurse
from db.opening import CHANGES, TRANSFERS
from db.session import read_afresh
from db.store.ahead import Ahead
from db.store.engine import Tx
from db.store.keys import Sealed
from db.store.name_order import named
from db.store.statement import Statement
from db.store.tables import account, nurse, registration
from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, Words
from rules.identity import DocumentType, identify
from rules.nurse import Degree, Education, HealthStatus
from rules.people import AccountState
from rules.registration import RegistrationStatus
from rules.verification import IdentityOutcome

INCOMPLETE: Final = Words(
    "该证件不含性别和出生日期，请到审批机关窗口办理",
    "This document does not tell sex and birth date: file at the counter.",
)
_SEALED: Final = [f"id_number_{part}" for part in ("key_id", "sealed", "index", "masked")]
_REACH: Final = [f"{one}_{part}" for one in ("phone", "email") for part in ("key_id", "sealed", "index", "masked")]
_UNSAID: Final = "未说明"


async def insert(tx: Tx, account_id: UUID) -> UUID:
    """Insert the nurse's record and an entry that never was; Conflict if the document is on record meanwhile."""
    row = (await tx.execute(select(account).where(account.c.id == account_id).with_for_update(key_share=True))).one()
    if row.id_number_index is None:
        raise Conflict(Situation.REGISTERED_MEANWHILE)
    key = uuid7()
    try:
        await tx.execute(nurse.insert().values({**_person(tx, row), "id": key, "created_at": tx.now}))
    except IntegrityError as error:
        raise Conflict(Situation.REGISTERED_MEANWHILE) from error
    await tx.execute(registration.insert().values(nurse_id=key, status=RegistrationStatus.NEVER))
    await tx.execute(update(account).where(account.c.id == account_id).values(nurse_id=key))
    await read_afresh(tx, account_id)
    await self_nurse.join_nurse(tx, key)
    return key


def _person(tx: Tx, row: Row[Any]) -> dict[str, Any]:
    document = DocumentType[row.document_type]
    number = tx.keyring.unseal(Sealed(row.id_number_key_id, row.id_number_sealed), "id_number")
    identity = identify(document, number, tx.today)
    if identity.sex is None or identity.birth_date is None:
        raise NotAllowed("RECORD_INCOMPLETE", INCOMPLETE)
    same = {name: getattr(row, name) for name in ("document_type", *_SEALED, *_REACH)}
    # Her application says how she is, with the proof.
    presumed = {"health_status": HealthStatus.GOOD, "education": Education.OTHER, "degree": Degree.NONE}
    born = {"sex": identity.sex, "birth_date": identity.birth_date}
    return {**same, **presumed, **born, **named(row.display_name), "ethnicity": _UNSAID, "nationality": "中国"}


_KNOWN: Final = Statement(
    update(account)
    .where(account.c.nurse_id == bindparam("nurse", type_=Uuid()), account.c.state == AccountState.INACTIVE)
    .values(identity_outcome=IdentityOutcome.REGISTERED, identity_verified=True, certificate_verified=True)
    .returning(account.c.id),
    ["nurse"],
)
KNOWN_AHEAD: Final = Ahead(_KNOWN, nurse=TRANSFERS)


async def known_now(tx: Tx, nurse_id: UUID) -> UUID | None:
    """Make the account that waited for this record a known one, and give its id; None if none waits."""
    found = await tx.run(_KNOWN, {"nurse": nurse_id})
    return found[0]["id"] if found else None


_WAITING: Final = Statement(
    select(account.c.id).where(
        account.c.nurse_id == bindparam("nurse", type_=Uuid()), account.c.state == AccountState.INACTIVE
    ),
    ["nurse"],
)
WAITING_AHEAD: Final = Ahead(_WAITING, nurse=CHANGES)


async def waiting(tx: Tx, nurse_id: UUID) -> UUID | None:
    """The nurse's account, where it is not active yet."""
    found = await tx.run(_WAITING, {"nurse": nurse_id})
    return found[0]["id"] if found else None
