"""Certificates of practice (护士执业证书): their numbers, and which serial is in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from db.opening import ENTERS_ANEW, YEAR
from db.store.ahead import Ahead
from db.store.engine import Tx
from db.store.statement import Statement, given
from db.store.tables import authority, nurse, registration
from db.store.tables_certificate import NEW_TOKEN, certificate, certificate_counter
from rules.certificate import ISSUED, void_after
from rules.certificate_blank import Certificate
from rules.kinds import Kind
from rules.nurse import DeregistrationReason

DIGITS: Final = 6
_ABOVE: Final = authority.alias("above")
_SELF: Final = authority.alias("self")
# Who counts: her province, or where there is none, whoever decides.
_COUNTS: Final = (
    select(
        _ABOVE.c.id,
        case((_ABOVE.c.level == "PROVINCE", func.left(_ABOVE.c.code, 2)), else_=_ABOVE.c.code).label("code"),
    )
    .join(_SELF, func.starts_with(_SELF.c.path, _ABOVE.c.path))
    .where(_SELF.c.id == bindparam("authority", type_=Uuid()))
    .order_by((_ABOVE.c.level == "PROVINCE").desc(), func.length(_ABOVE.c.path).desc())
    .limit(1)
    .cte("counts")
)
_YEAR: Final = bindparam("year", type_=certificate_counter.c.year.type)
_COUNTED: Final = (
    upsert(certificate_counter)
    .from_select(["authority_id", "year", "last"], select(_COUNTS.c.id, _YEAR, 1))
    .on_conflict_do_update(index_elements=["authority_id", "year"], set_={"last": certificate_counter.c.last + 1})
    .returning(certificate_counter.c.last)
    .cte("counted")
)
_NUMBER: Final = func.concat(_YEAR, _COUNTS.c.code, func.lpad(cast(_COUNTED.c.last, Text), DIGITS, "0"))
# On a certificate, now or before: a serial is a number with a hyphen and more, which the full stop follows.
_TAKEN: Final = or_(
    exists().where(registration.c.certificate_number == _NUMBER),
    exists().where(certificate.c.serial > func.concat(_NUMBER, "-"), certificate.c.serial < func.concat(_NUMBER, ".")),
)
_NEXT: Final = Statement(
    select(_COUNTS.c.id, _COUNTS.c.code, _COUNTED.c.last, _TAKEN.label("taken")), ("authority", "year")
)
NEXT_AHEAD: Final = Ahead(_NEXT, authority=ENTERS_ANEW, year=YEAR)
_VOID: Final = Statement(
    update(certificate)
    .where(certificate.c.nurse_id == bindparam("nurse", type_=Uuid()), certificate.c.voided_at.is_(None))
    .values({name: bindparam(f"new_{name}", type_=certificate.c[name].type) for name in ("voided_at", "void_reason")}),
    ("nurse", "new_voided_at", "new_void_reason"),
)
# One statement; the insert reads what was voided, so that the one before is void before there is another in force.
_ISSUE: Final = Statement(
    text("""
with voided as (
  update certificate set voided_at = :at, void_reason = :why where nurse_id = :nurse and voided_at is null returning id
), before as (
  select max(cast(substr(serial, length(number) + 2) as integer)) as nth from certificate where number = :number
)
insert into certificate (nurse_id, number, serial, issued_on, authority_id, application_id)
select :nurse, :number, :number || '-' || coalesce(before.nth, :least) + 1, :issued_on, :authority, :application
from before, (select count(*) from voided) as ended
""").bindparams(
        *(bindparam(name, type_=Uuid()) for name in ("nurse", "authority", "application")),
        *(bindparam(name, type_=Text()) for name in ("number", "why")),
        bindparam("least", type_=Integer()),
        bindparam("issued_on", type_=Date()),
        bindparam("at", type_=DateTime(timezone=True)),
    ),
    ("nurse", "number", "least", "issued_on", "authority", "application", "at", "why"),
)


async def next_number(tx: Tx, authority_id: UUID, year: int) -> str:
    """The next certificate number of a province and year; numbers that are taken already are passed over.

    The counter's row is held until the commit.
    """
    (row,) = await tx.run(_NEXT, {"authority": authority_id, "year": year})
    prefix, last = f"{year}{row['code']}", row["last"]
    if row["taken"]:
        last = await _count(tx, row["id"], year, await _highest(tx, prefix))
    return f"{prefix}{last:0{DIGITS}d}"


_LAST: Final = func.greatest(certificate_counter.c.last, bindparam("above", type_=Integer())) + 1
_COUNT_ON: Final = Statement(
    upsert(certificate_counter)
    .values(**given(certificate_counter, ("authority_id", "year")), last=bindparam("above", type_=Integer()) + 1)
    .on_conflict_do_update(index_elements=["authority_id", "year"], set_={"last": _LAST})
    .returning(certificate_counter.c.last),
    ("authority_id", "year", "above"),
)
_PREFIX: Final = bindparam("prefix", type_=Text())
_GIVEN: Final = union_all(
    # The colon follows the digits.
    select(registration.c.certificate_number.label("number")).where(
        registration.c.certificate_number >= _PREFIX,
        registration.c.certificate_number < func.concat(_PREFIX, ":"),
    ),
    select(certificate.c.number).where(
        certificate.c.serial >= _PREFIX, certificate.c.serial < func.concat(_PREFIX, ":")
    ),
).subquery()
_HIGHEST: Final = Statement(
    select(func.max(cast(func.right(_GIVEN.c.number, DIGITS), Integer)).label("highest")).where(
        _GIVEN.c.number.regexp_match(func.concat("^", _PREFIX, f"[0-9]{{{DIGITS}}}$"))
    ),
    ("prefix",),
)


async def _count(tx: Tx, authority_id: UUID, year: int, above: int) -> int:
    (row,) = await tx.run(_COUNT_ON, {"authority_id": authority_id, "year": year, "above": above})
    found: int = row["last"]
    return found


async def _highest(tx: Tx, prefix: str) -> int:
    """The highest number given under a prefix."""
    (row,) = await tx.run(_HIGHEST, {"prefix": prefix})
    return row["highest"] or 0


async def issue(tx: Tx, nurse_id: UUID, number: str, *, authority_id: UUID, application_id: UUID, kind: Kind) -> None:
    """The certificate of an approval, with a serial of its own; the one before it is void.

    Issued anew (补办) it is the second at least, also where the first was never recorded here.
    """
    values = {"nurse": nurse_id, "number": number, "least": int(kind is Kind.REISSUE), "issued_on": tx.today}
    by = {"authority": authority_id, "application": application_id}
    await tx.write(_ISSUE, {**values, **by, "at": tx.now, "why": ISSUED[kind]})


async def void(tx: Tx, nurse_id: UUID, reason: DeregistrationReason) -> None:
    """Void the nurse's certificate, if there is one: her registration has ended."""
    await tx.write(_VOID, {"nurse": nurse_id, "new_voided_at": tx.now, "new_void_reason": void_after(reason)})


async def lock_in_force(tx: Tx, authority_id: UUID, nurse_ids: Sequence[UUID]) -> dict[UUID, Certificate]:
    """The certificates in force that an authority has issued to nurses, by nurse, held until the commit."""
    columns = (certificate.c.id, certificate.c.nurse_id, certificate.c.application_id, certificate.c.number)
    query = select(*columns, certificate.c.issued_on, nurse.c.name, nurse.c.id_number_masked)
    query = query.join_from(certificate, nurse, nurse.c.id == certificate.c.nurse_id)
    query = query.where(certificate.c.nurse_id.in_(list(nurse_ids)), certificate.c.voided_at.is_(None))
    query = query.where(certificate.c.authority_id == authority_id).order_by(certificate.c.id)
    rows = (await tx.execute(query.with_for_update(of=certificate))).mappings()
    return {row["nurse_id"]: Certificate(**row) for row in rows}


async def new_token(tx: Tx, nurse_id: UUID) -> UUID | None:
    """Another token for the certificate in force of a locked nurse; its id, None where there is none."""
    in_force = update(certificate).where(certificate.c.nurse_id == nurse_id, certificate.c.voided_at.is_(None))
    found: UUID | None = (
        await tx.execute(in_force.values(token=NEW_TOKEN).returning(certificate.c.id))
    ).scalar_one_or_none()
    return found
