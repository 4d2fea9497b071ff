"""Deputyships (代理): the shape, and the list of a place's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Text, case, func, literal, or_

from db.read import scope
from db.read.listing import Listing
from db.read.shape import One, Shape, plain
from db.read.viewer import STAFF
from db.store.tables import account
from db.store.tables_account import deputyship
from rules.deputy import DeputyshipState

_TODAY: Final = func.current_date()
_STATE: Final = case(
    (
        or_(deputyship.c.ended_at.is_not(None), deputyship.c.ends_on < _TODAY),
        literal(DeputyshipState.ENDED.value, Text()),
    ),
    (deputyship.c.starts_on > _TODAY, literal(DeputyshipState.PLANNED.value, Text())),
    else_=literal(DeputyshipState.RUNNING.value, Text()),
)
SHAPES: Final[Mapping[str, Shape]] = {
    "Deputyship": Shape(
        deputyship.join(account, account.c.id == deputyship.c.absent_id),
        deputyship.c.id,
        scope.deputyships,
        {
            "id": deputyship.c.id,
            "state": _STATE,
            **plain(deputyship, "roles", "startsOn", "endsOn", "namedAt", "endedAt", "rowVersion"),
        },
        {"absent_id": deputyship.c.absent_id, "deputy_id": deputyship.c.deputy_id},
        links={"absent": One("Account", "absent_id"), "deputy": One("Account", "deputy_id")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "deputyships": Listing(
        "Deputyship",
        SHAPES["Deputyship"].source,
        lambda viewer, *_: scope.deputyships(viewer),
        deputyship.c.id,
        newest_first=True,
        readers=STAFF,
    ),
}
