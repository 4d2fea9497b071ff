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

from db.store.engine import Tx
from db.store.statement import Statement
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
_NEXT: Final = Statement(select(_COUNTS.c.id, _COUNTS.c.code, _COUNTED.c.last), ("authority", "year"))
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
    ((counts, code, last),) = await tx.run(_NEXT, {"authority": authority_id, "year": year})
    prefix = f"{year}{code}"
    if await _taken(tx, f"{prefix}{last:0{DIGITS}d}"):
        last = await _count(tx, counts, year, await _highest(tx, prefix))
    return f"{prefix}{last:0{DIGITS}d}"


async def _count(tx: Tx, authority_id: UUID, year: int, above: int) -> int:
    more = func.greatest(certificate_counter.c.last, above) + 1
    counted = upsert(certificate_counter).values(authority_id=authority_id, year=year, last=above + 1)
    query = counted.on_conflict_do_update(index_elements=["authority_id", "year"], set_={"last": more})
    found: int = (await tx.execute(query.returning(certificate_counter.c.last))).scalar_one()
    return found


async def _taken(tx: Tx, number: str) -> bool:
    """True if the number is on a certificate, now or before."""
    # A serial is a number with a hyphen and more, which the full stop follows.
    had = exists().where(certificate.c.serial > f"{number}-", certificate.c.serial < f"{number}.")
    query = select(or_(exists().where(registration.c.certificate_number == number), had))
    return bool((await tx.execute(query)).scalar_one())


async def _highest(tx: Tx, prefix: str) -> int:
    """The highest number given under a prefix."""
    number, serial = registration.c.certificate_number, certificate.c.serial
    # The colon follows the digits.
    has = select(number.label("number")).where(number >= prefix, number < f"{prefix}:")
    had = select(certificate.c.number).where(serial >= prefix, serial < f"{prefix}:")
    given = union_all(has, had).subquery()
    query = select(func.max(cast(func.right(given.c.number, DIGITS), Integer)))
    found = await tx.execute(query.where(given.c.number.regexp_match(f"^{prefix}[0-9]{{{DIGITS}}}$")))
    return found.scalar_one() or 0


async def issue(tx: Tx, nurse_id: UUID, number: str, *, authority_id: UUID, application_id: UUID, kind: Kind) -> None:
    """The certificate of an approval, with a serial of its own; the one before it is void.

    Issued anew (补办) it is the second at least, also where the first was never recorded here.
    """
    values = {"nurse": nurse_id, "number": number, "least": int(kind is Kind.REISSUE), "issued_on": tx.today}
    by = {"authority": authority_id, "application": application_id}
    await tx.run(_ISSUE, {**values, **by, "at": tx.now, "why": ISSUED[kind]})


async def void(tx: Tx, nurse_id: UUID, reason: DeregistrationReason) -> None:
    """Void the nurse's certificate, if there is one: her registration has ended."""
    await tx.run(_VOID, {"nurse": nurse_id, "new_voided_at": tx.now, "new_void_reason": void_after(reason)})


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
