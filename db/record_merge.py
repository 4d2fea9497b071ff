"""Queries that merge two records of one nurse (合并档案), and that undo it: every row that moved is listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    String,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from db.store.engine import Tx
from db.store.tables import account, nurse, registration_history, registration_span
from db.store.tables_account import desk_request, record_merge, record_merge_row
from db.store.tables_application import (
    application,
    collective_item,
    delivery,
    departure,
    information_change,
    photo,
    review_decision,
)
from db.store.tables_certificate import certificate
from db.store.tables_conduct import conduct_record
from db.store.tables_look import look_complaint
from rules.application import OPEN, State
from rules.people import AccountState

_a, _m, _i = application.c, record_merge.c, collective_item.c
_OTHERS: Final = application.alias("others")
_WAITING: Final = information_change.alias("waiting")
_SHOWN: Final = photo.alias("shown")
_HEARD: Final = look_complaint.alias("heard")
_THERE: Final = collective_item.alias("there")


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that stands, with all that it takes to undo it."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    before: Mapping[str, Any]
    documents_swapped: bool


@dataclass(frozen=True, slots=True)
class _Moving:
    """A column that says whose a row is: how the row is known, and which rows go along, there and back."""

    column: Column[Any]
    key: Column[Any]
    there: ColumnElement[bool] | None = None
    back: ColumnElement[bool] | None = None

    @property
    def what(self) -> str:
        """Its name in the list of what moved."""
        return f"{self.column.table.name}.{self.column.name}"


def _no_draft_there(kept_id: UUID) -> ColumnElement[bool]:
    same = and_(_OTHERS.c.nurse_id == kept_id, _OTHERS.c.kind == _a.kind, _OTHERS.c.state == State.DRAFT)
    return or_(_a.state != State.DRAFT, ~exists().where(same).correlate(application))


def _none_open_there(kept_id: UUID) -> ColumnElement[bool]:
    # Of two open changes hers alone goes on; the other waits in its record until the merge is undone.
    open_there = exists().where(_WAITING.c.nurse_id == kept_id, _WAITING.c.decided_at.is_(None))
    return or_(information_change.c.decided_at.is_not(None), ~open_there.correlate(information_change))


def _no_photo_there(kept_id: UUID) -> ColumnElement[bool]:
    # Of two that are reviewed, or on record, the kept record's own goes on.
    same = and_(_SHOWN.c.nurse_id == kept_id, _SHOWN.c.state == photo.c.state, _SHOWN.c.ended_at.is_(None))
    return ~exists().where(same).correlate(photo)


def _no_complaint_there(kept_id: UUID) -> ColumnElement[bool]:
    # About one look one complaint.
    same = and_(_HEARD.c.nurse_id == kept_id, _HEARD.c.look_id == look_complaint.c.look_id)
    return ~exists().where(same).correlate(look_complaint)


def _not_there(kept_id: UUID) -> ColumnElement[bool]:
    same = and_(_THERE.c.nurse_id == kept_id, _THERE.c.collective_filing_id == _i.collective_filing_id)
    return ~exists().where(same).correlate(collective_item)


def _moving(kept_id: UUID, merged_id: UUID, since: ColumnElement[Any]) -> tuple[_Moving, ...]:
    """Everything that points to a nurse. What has become of an application since a merge stays, with its deliveries."""
    its = exists().where(
        review_decision.c.id == delivery.c.id, _a.id == review_decision.c.application_id, _a.nurse_id == merged_id
    )
    return (
        _Moving(_a.nurse_id, _a.id, _no_draft_there(kept_id), _a.moved_at <= since),
        _Moving(registration_history.c.nurse_id, registration_history.c.id),
        _Moving(registration_span.c.nurse_id, registration_span.c.id),
        _Moving(conduct_record.c.nurse_id, conduct_record.c.id),
        _Moving(certificate.c.nurse_id, certificate.c.id),
        _Moving(departure.c.nurse_id, departure.c.id),
        _Moving(information_change.c.nurse_id, information_change.c.id, _none_open_there(kept_id)),
        _Moving(photo.c.nurse_id, photo.c.id, _no_photo_there(kept_id)),
        _Moving(look_complaint.c.nurse_id, look_complaint.c.id, _no_complaint_there(kept_id)),
        _Moving(delivery.c.nurse_id, delivery.c.id, None, its.correlate(delivery)),
        _Moving(_i.nurse_id, _i.collective_filing_id, _not_there(kept_id)),
        _Moving(desk_request.c.nurse_id, desk_request.c.id),
        _Moving(account.c.self_nurse_id, account.c.id),
        _Moving(nurse.c.merged_into, nurse.c.id),
    )


_ACCOUNTS: Final = _Moving(account.c.nurse_id, account.c.id)


async def living_accounts(tx: Tx, *nurse_ids: UUID) -> dict[UUID, UUID]:
    """The living account of each of these nurses who has one, locked until the transaction ends."""
    living = (account.c.nurse_id.in_(nurse_ids), account.c.state != AccountState.REVOKED)
    query = select(account.c.nurse_id, account.c.id).where(*living).order_by(account.c.id).with_for_update()
    return {row.nurse_id: row.id for row in await tx.execute(query)}


async def accounts_of(tx: Tx, *nurse_ids: UUID) -> list[UUID]:
    """The accounts of these nurses, unlocked."""
    return list((await tx.execute(select(account.c.id).where(account.c.nurse_id.in_(nurse_ids)))).scalars())


async def merge(tx: Tx, key: UUID, kept_id: UUID, merged_id: UUID, before: Mapping[str, Any]) -> None:
    """Let one locked record stand for another locked one, in all that points to it."""
    row = {"id": key, "kept_id": kept_id, "merged_id": merged_id, "merged_at": tx.now, "before": dict(before)}
    await tx.execute(insert(record_merge).values(row))
    ways = _moving(kept_id, merged_id, literal(tx.now))
    # Her living account comes along where the kept record has none; else it is switched off, and stays.
    for one in ways if before["disabled"] else (*ways, _ACCOUNTS):
        there = true() if one.there is None else one.there
        moved = update(one.column.table).where(one.column == merged_id, there).values({one.column.name: kept_id})
        rows = moved.returning(one.key.label("row_id")).cte("moved")
        listed = select(literal(key), literal(one.what, String()), rows.c.row_id)
        await tx.execute(insert(record_merge_row).from_select(["record_merge_id", "what", "row_id"], listed))
    await tx.execute(update(nurse).where(nurse.c.id == merged_id).values(merged_into=kept_id))


async def unmerge(tx: Tx, done: Merge) -> None:
    """Give back every row that came with a merge and is still where it came to."""
    merged_at = select(_m.merged_at).where(_m.id == done.id).scalar_subquery()
    await tx.execute(update(nurse).where(nurse.c.id == done.merged_id).values(merged_into=None))
    for one in (*_moving(done.kept_id, done.merged_id, merged_at), _ACCOUNTS):
        mine = select(record_merge_row.c.row_id).where(
            record_merge_row.c.record_merge_id == done.id, record_merge_row.c.what == one.what
        )
        still = (one.column == done.kept_id, one.key.in_(mine), true() if one.back is None else one.back)
        await tx.execute(update(one.column.table).where(*still).values({one.column.name: done.merged_id}))
    await tx.execute(update(record_merge).where(_m.id == done.id).values(undone_at=tx.now))


async def last(tx: Tx, kept_id: UUID) -> Merge | None:
    """The last merge into a locked record that was not undone."""
    query = (
        select(record_merge)
        .where(_m.kept_id == kept_id, _m.undone_at.is_(None))
        .order_by(_m.merged_at.desc(), _m.id.desc())
        .limit(1)
    )
    row = (await tx.execute(query.with_for_update())).one_or_none()
    return row and Merge(row.id, row.kept_id, row.merged_id, row.before, row.documents_swapped)


async def filed_since(tx: Tx, done: Merge) -> bool:
    """True while an application is open that was filed for the kept record since the merge."""
    since = select(_m.merged_at).where(_m.id == done.id).scalar_subquery()
    moved = func.greatest(_a.created_at, _a.moved_at) > since
    query = select(exists().where(_a.nurse_id == done.kept_id, _a.state.in_(sorted(OPEN)), moved))
    return bool((await tx.execute(query)).scalar_one())


async def request_waits(tx: Tx, nurse_id: UUID, besides: UUID) -> bool:
    """True while a request or a proposal about a nurse waits, except one."""
    about = or_(desk_request.c.nurse_id == nurse_id, desk_request.c.merged_id == nurse_id)
    query = select(exists().where(about, desk_request.c.state == "PENDING", desk_request.c.id != besides))
    return bool((await tx.execute(query)).scalar_one())


async def filing_waits(tx: Tx, nurse_id: UUID) -> bool:
    """True while a nurse's place in a collective filing is still to be done."""
    query = select(exists().where(_i.nurse_id == nurse_id, _i.done_at.is_(None)))
    return bool((await tx.execute(query)).scalar_one())
