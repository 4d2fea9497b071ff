"""Collective filings (集体申请) as they are shown: the progress, and the outcome for each nurse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from db.store.engine import Reader
from db.store.tables import account
from db.store.tables_application import collective_filing, collective_item
from rules.collective import FilingState
from rules.kinds import Kind

_f, _i = collective_filing.c, collective_item.c


@dataclass(frozen=True, slots=True)
class FilingProgress:
    """A collective filing and its progress."""

    id: UUID
    institution_id: UUID
    kind: Kind
    state: FilingState
    total: int
    filed: int
    refused: int
    units: tuple[UUID, ...]
    """The units that whoever filed is limited to."""


def _counted(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    query = select(func.count()).where(_i.collective_filing_id == _f.id, *conditions)
    return query.correlate(collective_filing).scalar_subquery()


_SHOWN: Final[Select[Any]] = select(
    *(_f[name] for name in ("id", "institution_id", "kind", "state")),
    _counted().label("total"),
    _counted(_i.application_id.is_not(None)).label("filed"),
    _counted(_i.problems.is_not(None)).label("refused"),
    select(account.c.unit_ids).where(account.c.id == _f.filed_by).scalar_subquery().label("units"),
)


def _filing(row: Any) -> FilingProgress:
    return FilingProgress(
        **{**row._mapping, "kind": Kind(row.kind), "state": FilingState[row.state], "units": tuple(row.units)}
    )


async def running(reader: Reader) -> list[UUID]:
    """The filings that are not finished, the oldest first."""
    query = select(_f.id).where(_f.state == FilingState.RUNNING).order_by(_f.id)
    return list((await reader.execute(query)).scalars())


async def get(reader: Reader, key: UUID) -> FilingProgress:
    """A filing and its progress."""
    return _filing((await reader.execute(_SHOWN.where(_f.id == key))).one())
