"""Collective filings (集体申请) and the nurses of each: the shapes, and the lists of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select

from db.read import scope
from db.read.listing import Listing
from db.read.shape import FeedPosition, One, Shape, plain
from db.read.viewer import ScopeViewer
from db.store.tables_application import collective_filing, collective_item
from rules.collective import ItemOutcome

_f, _i = collective_filing.c, collective_item.c


def _counted(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    query = select(func.count()).where(_i.collective_filing_id == _f.id, *conditions)
    return query.correlate(collective_filing).scalar_subquery()


_outcome: Final = case(
    (_i.application_id.is_not(None), ItemOutcome.FILED.value),
    (_i.problems.is_not(None), ItemOutcome.REFUSED.value),
    (_i.done_at.is_not(None), ItemOutcome.CANCELLED.value),
    else_=ItemOutcome.WAITING.value,
)


def _items(viewer: ScopeViewer, _: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The nurses of one filing."""
    return and_(_i.collective_filing_id == key, scope.filing_items(viewer))


SHAPES: Final[Mapping[str, Shape]] = {
    "CollectiveFiling": Shape(
        collective_filing,
        collective_filing.c.id,
        scope.filings,
        {
            "id": _f.id,
            **plain(collective_filing, "kind", "state", "createdAt", "finishedAt", "rowVersion"),
            "total": _counted(),
            "filed": _counted(_i.application_id.is_not(None)),
            "refused": _counted(_i.problems.is_not(None)),
        },
        links={"feedCursor": FeedPosition()},
    ),
    "CollectiveFilingItem": Shape(
        collective_item,
        collective_item.c.collective_filing_id,
        scope.filing_items,
        {**plain(collective_item, "place", "line"), "outcome": _outcome},
        {"nurse_id": _i.nurse_id, "application_id": _i.application_id, "kept_problems": _i.problems},
        links={"nurse": One("Nurse", "nurse_id"), "application": One("Application", "application_id")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "collectiveFilings": Listing(
        "CollectiveFiling",
        collective_filing,
        lambda viewer, *_: scope.filings(viewer),
        collective_filing.c.id,
        newest_first=True,
    ),
    "CollectiveFiling.items": Listing(
        "CollectiveFilingItem",
        collective_item,
        _items,
        collective_item.c.place,
        arguments={"onlyRefused": (_outcome == ItemOutcome.REFUSED.value, "eq")},
    ),
}
