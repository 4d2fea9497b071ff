"""Lists of places and people: the tree of authorities (A9), and the accounts of one's own place."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_

from db.read import scope
from db.read.listing import Listing, require_owner
from db.read.shape import SHAPES
from db.store.tables import account, authority
from rules.people import Actor, Party


def _below(viewer: Actor, of: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The children of an authority, or the root of the tree."""
    require_owner(viewer)
    parent = authority.c.parent_id
    return and_(scope.authorities(viewer), parent.is_(None) if key is None else parent == key)


def _colleagues(viewer: Actor, of: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The viewer's colleagues; a nurse's account is none, even where a scope would show it."""
    require_owner(viewer)
    return and_(scope.accounts(viewer), account.c.party.in_((Party.INSTITUTION, Party.AUTHORITY)))


AUTHORITIES: Final = Listing(
    "Authority",
    SHAPES["Authority"].source,
    _below,
    authority.c.id,
    {"code": authority.c.code},
    (("code", False),),
)
STAFF: Final = Listing(
    "Account",
    SHAPES["Account"].source,
    _colleagues,
    account.c.id,
    {"userName": account.c.user_name},
    (("userName", False),),
)
