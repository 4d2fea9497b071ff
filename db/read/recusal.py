"""Conditions on the people of a place, as SQL: that somebody else than the nurse may act there (回避)."""

from __future__ import annotations

from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
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

from db.read.unit import within_limit
from db.store.tables import account, authority
from rules.application import PENDING, State
from rules.people import AccountState, Party, Role
from rules.recusal import OFFICE_OF

Id: TypeAlias = ColumnElement[Any]
JUDGED_BY: Final = ("state", "nurse_id", "institution_id", "authority_id", "recommender_id")
"""The columns of an application that this hangs on."""


def _acts(one: FromClause, nurse_id: Id, without: Id | None, *roles: Role) -> ColumnElement[bool]:
    """True for an active account with one of the roles, of somebody who is not this nurse."""
    others = one.c.id != without if without is not None else true()
    return and_(_holds(one, *roles), one.c.self_nurse_id.is_distinct_from(nurse_id), others)


def _holds(one: FromClause, *roles: Role) -> ColumnElement[bool]:
    held = or_(*(literal(role, Text()) == any_(one.c.roles) for role in roles))
    return and_(one.c.state == AccountState.ACTIVE, held)


def unattended(which: FromClause, without: Id | None = None) -> ColumnElement[bool]:
    """True where an institution reviews an application, and none of its active people but the nurse may act on it."""
    lies_there = and_(which.c.state == State.INSTITUTION_REVIEW, which.c.institution_id.is_not(None))
    return and_(lies_there, ~attended(which.c.institution_id, which.c.nurse_id, without))


def attended(institution_id: Id, nurse_id: Id, without: Id | None = None) -> ColumnElement[bool]:
    """True where somebody else than the nurse is active at an institution and may act there."""
    colleague = account.alias("colleague")
    acts = and_(
        _acts(colleague, nurse_id, without, Role.OPERATOR, Role.MANAGER),
        within_limit(colleague, institution_id, nurse_id),
    )
    return exists().where(colleague.c.institution_id == institution_id, acts).correlate_except(colleague)


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


def _on_the_line(above: FromClause, own: FromClause) -> ColumnElement[bool]:
    """True for an authority and those above it, whose paths its own begins with: the index reads only these few."""
    end = func.generate_series(2, func.length(own.c.path)).column_valued("n")
    ends = select(func.left(own.c.path, end)).where(func.substr(own.c.path, end, 1) == "/").correlate(own)
    return above.c.path == any_(func.array(ends.scalar_subquery(), type_=ARRAY(Text())))


def authority_above(which: FromClause, without: Id | None = None) -> ColumnElement[UUID]:
    """The nearest authority above an application's that has the officers for it; null where its own has, or none."""
    own, above = authority.alias("own"), authority.alias("above")
    higher = and_(_on_the_line(above, own), above.c.id != own.c.id)
    lacking = and_(
        which.c.state.in_(sorted(PENDING[Party.AUTHORITY])),
        own.c.id == which.c.authority_id,
        ~_staffed(which, own, which.c.recommender_id, without),
    )
    able = _staffed(which, above, None, without)
    found = select(above.c.id).select_from(own.join(above, higher)).where(lacking, able)
    return found.order_by(func.length(above.c.path).desc()).limit(1).correlate(which).scalar_subquery()


def may_lack_officers(which: FromClause) -> ColumnElement[bool]:
    """True where an application may have to go to the authority above: a guess that is never too narrow.

    Its authority lacks officers for anybody, or the nurse works at some authority: few, found once for all of them.
    """
    # Counted once for all: asked of each authority, the scan of the accounts is repeated for each.
    own, officer = authority.alias("own"), account.alias("officer")
    reviews, decides = _holds(officer, Role.REVIEWER), _holds(officer, Role.DECIDER)
    counts = {"reviewers": reviews, "deciders": decides, "persons": or_(reviews, decides)}
    counted = (
        select(officer.c.authority_id, *(func.count().filter(of).label(name) for name, of in counts.items()))
        .where(officer.c.authority_id.is_not(None))
        .group_by(officer.c.authority_id)
        .subquery("counted")
    )
    here = counted.c
    two = or_(~own.c.two_persons, here.persons > 1)
    enough = func.coalesce(and_(here.reviewers > 0, here.deciders > 0, two), false())
    lacking = select(own.c.id).select_from(own.outerjoin(counted, here.authority_id == own.c.id)).where(~enough)
    officers = select(account.c.self_nurse_id).where(
        account.c.authority_id.is_not(None), account.c.self_nurse_id.is_not(None)
    )
    return or_(which.c.authority_id.in_(lacking), which.c.nurse_id.in_(officers))


def stuck(which: FromClause, without: Id | None = None) -> ColumnElement[bool]:
    """True where an application goes on at once, since nobody may act on it where it lies."""
    return or_(unattended(which, without), authority_above(which, without).is_not(None))


def desk(request: FromClause) -> ColumnElement[UUID]:
    """The authority whose desk a request is on: the one it is kept for, or the nearest above that has an officer.

    The officer is neither whom it is about nor who asked for it, in any account of hers. Null where no authority on
    the line has one: then it stays where it is kept.
    """
    asked_by = request.c.account_id
    nearest = (
        (request.c.kind == kind, office(request.c.authority_id, request.c.nurse_id, role, asked_by))
        for kind, role in OFFICE_OF.items()
    )
    return case(*nearest)


def office(place: Id, nurse_id: Id, role: Role, besides: Id | None = None) -> ColumnElement[UUID]:
    """The authority, or else the nearest above it, that has an officer of this role who is not the nurse.

    Nor is she the person of the account `besides`. Null where none has one.
    """
    own, above = authority.alias("own"), authority.alias("above")
    officer, asker = account.alias("officer"), account.alias("asker")
    able = and_(officer.c.authority_id == above.c.id, _acts(officer, nurse_id, None, role))
    if besides is not None:
        one_document = and_(
            asker.c.document_type == officer.c.document_type, asker.c.id_number_index == officer.c.id_number_index
        )
        same = exists().where(asker.c.id == besides, or_(asker.c.id == officer.c.id, one_document))
        able = and_(able, ~same.correlate_except(asker))
    line = own.join(above, _on_the_line(above, own))
    found = (
        select(above.c.id).select_from(line).where(own.c.id == place, exists().where(able).correlate_except(officer))
    )
    return found.order_by(func.length(above.c.path).desc()).limit(1).correlate_except(own, above).scalar_subquery()
