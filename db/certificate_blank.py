"""Queries on blank certificates (空白证书): the steps' side, and the blanks that a list of certificates is on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, column, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from db.read.certificate_blank import SOURCE, STATE
from db.store.engine import Reader, Tx
from db.store.tables_certificate import certificate, certificate_blank
from rules.certificate_blank import Blank, BlankState, SpoilReason, series
from rules.hand_out import Taking

_b: Final = certificate_blank.c
_LIVE: Final = _b.spoiled_at.is_(None)


async def receive(tx: Tx, authority_id: UUID, numbers: Sequence[str], by: UUID) -> set[str]:
    """New blanks of an authority; gives the numbers that are new, and passes over those that are known."""
    given = (
        func.unnest(literal(list(numbers), ARRAY(Text())))
        .table_valued(column("number", Text()))
        .render_derived(name="given")
    )
    values = (given.c.number, literal(authority_id, Uuid()), literal(by, Uuid()), literal(tx.now))
    rows = select(*values).order_by(given.c.number.collate("C"))
    query = insert(certificate_blank).from_select(["number", "authority_id", "received_by", "received_at"], rows)
    made = await tx.execute(query.on_conflict_do_nothing(index_elements=["number"]).returning(_b.number))
    return {row.number for row in made}


async def lock_range(tx: Tx, numbers: Sequence[str]) -> list[Blank]:
    """The blanks of these numbers, whoever has them, held until the commit."""
    return await _locked(tx, _b.number == any_(literal(list(numbers), ARRAY(Text()))))


async def is_stocked(tx: Tx, authority_id: UUID, number: str) -> bool:
    """True where an authority has received a blank of this number, whatever became of it."""
    query = select(exists().where(_b.authority_id == authority_id, _b.number == number))
    return bool((await tx.execute(query)).scalar_one())


async def lock_free(tx: Tx, authority_id: UUID, first: str, wanted: int) -> list[Blank]:
    """The first free blanks of an authority's series from a number on, as many as are wanted, held until the commit."""
    start, end = series(first)
    free = (_b.certificate_id.is_(None), _LIVE, func.length(_b.number) == len(start))
    within = (_b.authority_id == authority_id, _b.number >= first, _b.number <= end)
    return await _locked(tx, *within, *free, most=wanted)


async def lock_of(tx: Tx, certificate_ids: Sequence[UUID]) -> list[Blank]:
    """The blanks that bear these certificates and are not spoiled, held until the commit."""
    return await _locked(tx, _b.certificate_id == any_(_keys(certificate_ids)), _LIVE)


async def _locked(tx: Tx, *where: ColumnElement[bool], most: int | None = None) -> list[Blank]:
    """Blanks in the order of their numbers, read once they are locked: who waited sees what was written meanwhile."""
    order = select(_b.id).where(*where).order_by(_b.number).limit(most).with_for_update()
    keys = list((await tx.execute(order)).scalars())
    shown = (_b.id, _b.number, _b.authority_id, STATE.label("state"), _b.certificate_id, certificate.c.nurse_id)
    query = select(*shown).select_from(SOURCE).where(_b.id == any_(_keys(keys))).order_by(_b.number)
    return [
        Blank(row.id, row.number, row.authority_id, BlankState(row.state), row.certificate_id, row.nurse_id)
        for row in await tx.execute(query)
    ]


async def use(tx: Tx, certificates: Mapping[UUID, UUID], by: UUID) -> None:
    """Record which certificate is on each of these blanks."""
    names = (column("blank", Uuid()), column("certificate", Uuid()))
    pairs = func.unnest(_keys(certificates), _keys(certificates.values())).table_valued(*names)
    given = pairs.render_derived(name="given")
    values = {"certificate_id": given.c.certificate, "printed_by": by, "printed_at": tx.now}
    await tx.execute(update(certificate_blank).where(_b.id == given.c.blank).values(**values))


async def spoil(tx: Tx, key: UUID, reason: SpoilReason, note: str | None, by: UUID) -> None:
    """Record that a blank is spoiled; the certificate that it was to bear can be on another one."""
    await _write(tx, [key], spoil_reason=reason, spoil_note=note, spoiled_by=by, spoiled_at=tx.now)


async def release(tx: Tx, keys: Sequence[UUID]) -> None:
    """Make blanks free again."""
    await _write(tx, keys, certificate_id=None, printed_by=None, printed_at=None)


async def withdraw(tx: Tx, keys: Sequence[UUID]) -> None:
    """Take blanks out of the stock."""
    await tx.execute(delete(certificate_blank).where(_b.id == any_(_keys(keys))))


async def hand_out(tx: Tx, keys: Sequence[UUID], how: Taking, at: datetime, by: UUID) -> None:
    """Record who took the certificates on these blanks, and when."""
    proxy = {"proxy_name": how.proxy_name, "proxy_document_last4": how.proxy_last4}
    values = {"collector": how.collector, **proxy, "postal_number": how.postal_number}
    await _write(tx, keys, **values, handed_out_at=at, handed_out_by=by)


async def take_back(tx: Tx, keys: Sequence[UUID]) -> None:
    """Take back who took the certificates on these blanks, and when: they wait again."""
    nobody = {"collector": None, "proxy_name": None, "proxy_document_last4": None, "postal_number": None}
    await _write(tx, keys, **nobody, handed_out_at=None, handed_out_by=None)


async def _write(tx: Tx, keys: Sequence[UUID], **values: Any) -> None:
    await tx.execute(update(certificate_blank).where(_b.id == any_(_keys(keys))).values(**values))


def _keys(keys: Iterable[UUID]) -> ColumnElement[list[UUID]]:
    return literal(list(keys), ARRAY(Uuid()))


async def of_nurses(reader: Reader, nurse_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The blanks that bear the certificates in force of nurses, by nurse."""
    query = select(certificate.c.nurse_id, _b.id).select_from(SOURCE).where(_LIVE, certificate.c.voided_at.is_(None))
    found = await reader.execute(query.where(certificate.c.nurse_id.in_(list(nurse_ids))))
    return {row.nurse_id: row.id for row in found}
