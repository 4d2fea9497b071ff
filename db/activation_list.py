"""The accounts that an institution vouches for (生成激活码列表, I7), page by page; never a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from db.read import listing
from db.read.filter import EVERYTHING, Compare
from db.read.listing import Listing, Window
from db.read.viewer import ScopeViewer, single
from db.store.engine import Reader
from db.store.tables import account, institution, nurse, registration
from db.store.tables_account import activation_code
from rules.activation import CODE_TRIES, CodeState
from rules.errors import NotAllowed
from rules.institution import InstitutionState
from rules.people import AccountState, Actor, Party, Role, require

_newest: Final = (
    select(activation_code)
    .where(activation_code.c.account_id == account.c.id)
    .order_by(activation_code.c.issued_at.desc())
    .limit(1)
    .lateral("newest")
)


def _columns(viewer: ScopeViewer) -> list[ColumnElement[Any]]:
    """What the list shows; a code of somebody else than the viewer, who vouches now, is void."""
    hers = _newest.c.institution_id if viewer.party is Party.INSTITUTION else _newest.c.authority_id
    unspent = and_(_newest.c.voided_at.is_(None), _newest.c.tries < CODE_TRIES)
    state = case(
        (_newest.c.id.is_(None), CodeState.NONE.value),
        (_newest.c.used_at.is_not(None), CodeState.USED.value),
        (and_(unspent, _newest.c.expires_at > func.now(), hers == viewer.party_id), CodeState.ISSUED.value),
        else_=CodeState.EXPIRED.value,
    )
    return [
        account.c.id.label("account_id"),
        nurse.c.name,
        nurse.c.id_number_masked,
        account.c.created_at.label("registered_at"),
        (account.c.state == AccountState.ACTIVE).label("activated"),
        account.c.certificate_verified,
        state.label("code_state"),
        _newest.c.issued_at,
        _newest.c.expires_at,
        account.c.activated_at,
    ]


def _vouched(viewer: ScopeViewer, of: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """Whose issuer the viewer is, as rules/activation.py says it of one; refuses whoever vouches for nobody."""
    living = and_(account.c.party == Party.NURSE, account.c.state.in_((AccountState.INACTIVE, AccountState.ACTIVE)))
    works = institution.c.state == InstitutionState.ACTIVE
    match viewer.party:
        case Party.INSTITUTION:
            return and_(living, works, registration.c.institution_id == viewer.party_id)
        case Party.AUTHORITY:
            nowhere = or_(registration.c.institution_id.is_(None), ~works)
            return and_(living, nowhere, registration.c.authority_id == viewer.party_id)
    raise NotAllowed


CODES: Final = Listing(
    "Activation",
    registration.join(nurse, nurse.c.id == registration.c.nurse_id)
    .join(account, account.c.nurse_id == nurse.c.id)
    .outerjoin(institution, institution.c.id == registration.c.institution_id)
    .outerjoin(_newest, account.c.id == _newest.c.account_id),
    _vouched,
    account.c.id,
    {"registeredAt": account.c.created_at},
    (("registeredAt", True),),
    {"name": nurse.c.name},
)

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Some of the accounts, the newest first, each with its cursor."""

    rows: list[Row]
    cursors: list[str]
    more: bool


async def page(reader: Reader, viewer: Actor, *, size: int, after: str | None, name: str | None) -> Page:
    """So many accounts after a cursor, of nurses whose name begins like this."""
    window = Window(size, CODES.order, where=Compare("name", "startsWith", name) if name else EVERYTHING)
    window = replace(window, after=listing.read_cursor(CODES, window, "after", after))
    require(viewer, Role.OPERATOR, Role.VIEWER, Role.REVIEWER)
    who = single(viewer)
    query = listing.rows(CODES, window, who, _columns(who), listing.given)
    found = [dict(row) for row in (await reader.execute(query)).mappings()]
    shown = found[:size]
    return Page([_noun(row) for row in shown], [listing.write_cursor(window, row) for row in shown], len(found) > size)


async def one(reader: Reader, viewer: Actor, account_id: UUID) -> Row | None:
    """One of them, or None where the viewer does not vouch for it."""
    who = single(viewer)
    query = (
        select(*_columns(who)).select_from(CODES.source).where(_vouched(who, None, None), account.c.id == account_id)
    )
    row = (await reader.execute(query)).mappings().one_or_none()
    return None if row is None else _noun(dict(row))


def _noun(row: Row) -> Row:
    plain = {name: value for name, value in row.items() if not name.startswith("_")}
    return {**plain, "code_state": CodeState[row["code_state"]]}
