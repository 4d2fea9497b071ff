"""Batches (批量办理) and the applications of each: the shapes, and the lists of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select

from db.read import scope
from db.read.listing import Listing
from db.read.shape import FeedPosition, One, Shape, plain
from db.read.viewer import STAFF, ScopeViewer
from db.store.tables_application import application_batch, application_batch_item
from rules.batch import BatchOutcome

_b, _i = application_batch.c, application_batch_item.c
_DONE: Final = and_(_i.done_at.is_not(None), _i.problems.is_(None))


def _counted(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    query = select(func.count()).where(_i.application_batch_id == _b.id, *conditions)
    return query.correlate(application_batch).scalar_subquery()


_outcome: Final = case(
    (_i.problems.is_not(None), BatchOutcome.REFUSED.value),
    (_i.done_at.is_not(None), BatchOutcome.DONE.value),
    else_=BatchOutcome.WAITING.value,
)


def _items(viewer: ScopeViewer, _: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The applications of one batch."""
    return and_(_i.application_batch_id == key, scope.batch_items(viewer))


SHAPES: Final[Mapping[str, Shape]] = {
    "ApplicationBatch": Shape(
        application_batch,
        _b.id,
        scope.batches,
        {
            "id": _b.id,
            **plain(application_batch, "step", "state", "createdAt", "finishedAt", "rowVersion"),
            "total": _counted(),
            "done": _counted(_DONE),
            "refused": _counted(_i.problems.is_not(None)),
        },
        {"account_key": _b.account_id},
        links={"feedCursor": FeedPosition(), "account": One("Account", "account_key")},
    ),
    "ApplicationBatchItem": Shape(
        application_batch_item,
        _i.application_batch_id,
        scope.batch_items,
        {**plain(application_batch_item, "place"), "outcome": _outcome},
        {"application_key": _i.application_id, "kept_problems": _i.problems},
        links={"application": One("Application", "application_key")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "applicationBatches": Listing(
        "ApplicationBatch",
        application_batch,
        lambda viewer, *_: scope.batches(viewer),
        _b.id,
        newest_first=True,
        readers=STAFF,
    ),
    "ApplicationBatch.items": Listing(
        "ApplicationBatchItem",
        application_batch_item,
        _items,
        _i.place,
        arguments={"onlyRefused": (_outcome == BatchOutcome.REFUSED.value, "eq")},
    ),
}
