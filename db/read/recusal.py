"""Whether somebody else than the nurse may act on an application where it lies (回避), as SQL."""

from __future__ import annotations

from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    any_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from db.store.tables import account, authority
from rules.application import PENDING, State
from rules.people import AccountState, Party, Role

Id: TypeAlias = ColumnElement[Any]
JUDGED_BY: Final = ("state", "nurse_id", "institution_id", "authority_id", "recommender_id")
"""The columns of an application that this hangs on."""


def _acts(one: FromClause, nurse_id: Id, without: Id | None, *roles: Role) -> ColumnElement[bool]:
    """True for an active account with one of the roles, of somebody who is not this nurse."""
    others = one.c.id != without if without is not None else true()
    held = or_(*(literal(role, Text()) == any_(one.c.roles) for role in roles))
    return and_(one.c.state == AccountState.ACTIVE, held, one.c.self_nurse_id.is_distinct_from(nurse_id), others)


def unattended(which: FromClause, without: Id | None = None) -> ColumnElement[bool]:
    """True where an institution reviews an application, and none of its active people but the nurse may act on it."""
    colleague = account.alias("colleague")
    acts = _acts(colleague, which.c.nurse_id, without, Role.OPERATOR, Role.MANAGER)
    somebody = exists().where(colleague.c.institution_id == which.c.institution_id, acts).correlate(which)
    return and_(which.c.state == State.INSTITUTION_REVIEW, which.c.institution_id.is_not(None), ~somebody)


def _staffed(
    which: FromClause, place: FromClause, recommender_id: Id | None, without: Id | None
) -> ColumnElement[bool]:
    """True where an authority has officers for every step still to come, and two persons where it wants two.

    Whoever gave the opinion does not decide; while there are two to do it anew, it is no obstacle that she did.
    """
    reviewer, decider = account.alias("reviewer"), account.alias("decider")
    reviews = and_(reviewer.c.authority_id == place.c.id, _acts(reviewer, which.c.nurse_id, without, Role.REVIEWER))
    decides = and_(decider.c.authority_id == place.c.id, _acts(decider, which.c.nurse_id, without, Role.DECIDER))
    pair = exists().where(reviews, decides, reviewer.c.id != decider.c.id)
    second = (
        false()
        if recommender_id is None
        else and_(
            recommender_id.is_not(None), exists().where(decides, decider.c.id != recommender_id).correlate(which, place)
        )
    )
    intake = or_(which.c.state == State.ACCEPTED, exists().where(reviews).correlate(which, place))
    decision = case(
        (place.c.two_persons, or_(pair.correlate(which, place), second)),
        else_=exists().where(decides).correlate(which, place),
    )
    return and_(intake, decision)


def authority_above(which: FromClause, without: Id | None = None) -> ColumnElement[UUID]:
    """The nearest authority above an application's that has the officers for it; null where its own has, or none."""
    own, above = authority.alias("own"), authority.alias("above")
    higher = and_(func.starts_with(own.c.path, above.c.path), above.c.id != own.c.id)
    lacking = and_(
        which.c.state.in_(sorted(PENDING[Party.AUTHORITY])),
        own.c.id == which.c.authority_id,
        ~_staffed(which, own, which.c.recommender_id, without),
    )
    able = _staffed(which, above, None, without)
    found = select(above.c.id).select_from(own.join(above, higher)).where(lacking, able)
    return found.order_by(func.length(above.c.path).desc()).limit(1).correlate(which).scalar_subquery()


def stuck(which: FromClause, without: Id | None = None) -> ColumnElement[bool]:
    """True where an application goes on at once, since nobody may act on it where it lies."""
    return or_(unattended(which, without), authority_above(which, without).is_not(None))
