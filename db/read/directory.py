"""Lists of places and people: the tree of authorities (A9), and the accounts of one's own place."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_

from db.read import scope
from db.read.listing import Listing
from db.read.shape import SHAPES
from db.read.viewer import ScopeViewer
from db.store.tables import account, authority
from rules.people import Party


def _below(viewer: ScopeViewer, of: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The children of an authority, or the root of the tree."""
    parent = authority.c.parent_id
    return and_(scope.authorities(viewer), parent.is_(None) if key is None else parent == key)


def _colleagues(viewer: ScopeViewer, of: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The viewer's colleagues; a nurse's account is none, even where a scope would show it."""
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
