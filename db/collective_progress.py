"""Collective filings (集体申请) as they are shown: how far they are, and what came of each nurse."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select

from db.collective import own
from db.store.engine import Reader
from db.store.tables import feed_scope
from db.store.tables_application import collective_filing, collective_item
from rules.collective import FilingState, ItemOutcome
from rules.kinds import Kind
from rules.people import Actor

_f, _i = collective_filing.c, collective_item.c


@dataclass(frozen=True, slots=True)
class Filing:
    """A collective filing as it is shown; `seq` is where its institution's feed stood in the same snapshot."""

    id: UUID
    institution_id: UUID
    kind: Kind
    state: FilingState
    created_at: datetime
    finished_at: datetime | None
    total: int
    filed: int
    refused: int
    seq: int


def _counted(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    query = select(func.count()).where(_i.collective_filing_id == _f.id, *conditions)
    return query.correlate(collective_filing).scalar_subquery()


_SEQ: Final = select(feed_scope.c.seq).where(feed_scope.c.scope == _f.institution_id).scalar_subquery()
_SHOWN: Final[Select[Any]] = select(
    *(_f[name] for name in ("id", "institution_id", "kind", "state", "created_at", "finished_at")),
    _counted().label("total"),
    _counted(_i.application_id.is_not(None)).label("filed"),
    _counted(_i.problems.is_not(None)).label("refused"),
    func.coalesce(_SEQ, 0).label("seq"),
)


def _filing(row: Any) -> Filing:
    return Filing(**{**row._mapping, "kind": Kind(row.kind), "state": FilingState[row.state]})


async def running(reader: Reader) -> list[UUID]:
    """The filings that are not finished, the oldest first."""
    query = select(_f.id).where(_f.state == FilingState.RUNNING).order_by(_f.id)
    return list((await reader.execute(query)).scalars())


async def get(reader: Reader, key: UUID) -> Filing:
    """A filing and how far it is."""
    return _filing((await reader.execute(_SHOWN.where(_f.id == key))).one())


async def find(reader: Reader, viewer: Actor, key: UUID) -> Filing | None:
    """A filing that the viewer may see."""
    row = (await reader.execute(_SHOWN.where(_f.id == key, own(viewer)))).one_or_none()
    return None if row is None else _filing(row)


async def page(reader: Reader, viewer: Actor, first: int, before: UUID | None = None) -> list[Filing]:
    """The filings that the viewer may see, newest first, from before that one on."""
    query = _SHOWN.where(own(viewer)) if before is None else _SHOWN.where(own(viewer), _f.id < before)
    return [_filing(row) for row in await reader.execute(query.order_by(_f.id.desc()).limit(first))]


_OUTCOME: Final = case(
    (_i.application_id.is_not(None), ItemOutcome.FILED.value),
    (_i.problems.is_not(None), ItemOutcome.REFUSED.value),
    (_i.done_at.is_not(None), ItemOutcome.CANCELLED.value),
    else_=ItemOutcome.WAITING.value,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One nurse of a filing as it is shown."""

    place: int
    line: int | None
    nurse_id: UUID | None
    application_id: UUID | None
    outcome: ItemOutcome
    problems: list[dict[str, str | None]] | None


async def items(reader: Reader, key: UUID, first: int, after: int, outcomes: Collection[ItemOutcome]) -> list[Item]:
    """The items of a filing in their order, after one place; of these outcomes only."""
    columns = [_i[name] for name in ("place", "line", "nurse_id", "application_id", "problems")]
    query = select(*columns, _OUTCOME.label("outcome")).where(_i.collective_filing_id == key, _i.place > after)
    query = query.where(_OUTCOME.in_(sorted(outcomes))).order_by(_i.place).limit(first)
    rows = await reader.execute(query)
    return [Item(**{**row._mapping, "outcome": ItemOutcome[row.outcome]}) for row in rows]
