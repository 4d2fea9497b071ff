"""Which rows a person may read: the one place that decides it, always as SQL.

The viewer comes in as bind parameters, so that one statement serves everybody. Whoever is not named here
(anonymous, an inactive nurse, help desk, analyst) reads no rows of people at all.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select, true

from db.read.viewer import ScopeViewer
from db.store.tables import account, approval_setting, authority, event, institution, nurse, registration
from db.store.tables_application import application, application_pause, application_revision, material, review_decision
from rules.applicant import BEFORE_ACTIVATION
from rules.application import OPEN, PENDING
from rules.errors import NotAllowed
from rules.people import Party


def subtree(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The authorities at and below the viewer's own place in the tree."""
    return func.starts_with(authority.c.path, viewer.path)


def _under(column: ColumnElement[object], viewer: ScopeViewer) -> ColumnElement[bool]:
    return column.in_(select(authority.c.id).where(subtree(viewer)))


def applications(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An application shows to its nurse, and once filed to its institution and to its authority's whole line."""
    # Not by its state: a draft that was withdrawn has never been filed either.
    filed = application.c.revision > 0
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return application.c.nurse_id == viewer.party_id
        case ScopeViewer(active=False, party=Party.NURSE):
            return _her_own_doing(viewer)
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            return and_(filed, application.c.institution_id == viewer.party_id)
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return and_(filed, _under(application.c.authority_id, viewer))
        case _:
            return false()


def _her_own_doing(viewer: ScopeViewer) -> ColumnElement[bool]:
    """Before her account is active (激活前) a nurse sees what she filed with this very account, and nothing older."""
    revised = and_(
        application_revision.c.application_id == application.c.id,
        application_revision.c.account_id == viewer.account_id,
    )
    drafted = and_(application.c.revision == 0, application.c.moved_by == viewer.account_id)
    early = application.c.kind.in_(sorted(BEFORE_ACTIVATION))
    return and_(early, or_(drafted, exists().where(revised).correlate(application)))


def received(_: ScopeViewer | None) -> ColumnElement[bool]:
    """The applications that have reached an authority: their deadlines show to whoever sees them."""
    return application.c.forwarded_at.is_not(None)


def deadlines(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The deadline of an application shows with it."""
    return and_(received(viewer), applications(viewer))


def pauses(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """What stopped the period shows with the application."""
    mine = and_(application.c.id == application_pause.c.application_id, applications(viewer))
    return exists(application.c.id).where(mine).correlate(application_pause)


def nurses(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A nurse shows to herself, to where she is registered, and to whoever reviews an open application of hers."""
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return nurse.c.id == viewer.party_id
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            own = registration.c.institution_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            own = _under(registration.c.authority_id, viewer)
        case _:
            return false()
    reviewing = and_(application.c.nurse_id == nurse.c.id, application.c.state.in_(sorted(OPEN)), applications(viewer))
    registered = and_(registration.c.nurse_id == nurse.c.id, own)
    return or_(exists().where(registered).correlate(nurse), exists().where(reviewing).correlate(nurse))


_RECOMMENDED: Final = ("AGREED", "REFUSED")


def decisions(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A decision shows with its application; a reviewer's recommendation (审查意见) stays inside the authority.

    What the authority's reviewer asks or tells her (补正, 受理, 不予受理) the nurse must read, with its reasons.
    """
    mine = and_(application.c.id == review_decision.c.application_id, applications(viewer))
    # Named, because a viewer who reads nothing leaves no other trace of the table.
    return and_(exists(application.c.id).where(mine).correlate(review_decision), told(viewer))


def told(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """Which decisions on an application that she sees a viewer is told of."""
    if viewer is not None and viewer.party is Party.AUTHORITY:
        return true()
    recommended = and_(review_decision.c.stage == "AUTHORITY_REVIEW", review_decision.c.outcome.in_(_RECOMMENDED))
    return not_(recommended)


def materials(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A material shows with its application, until it is removed; the query joins the two."""
    return and_(applications(viewer), handed_in(viewer))


def handed_in(_: ScopeViewer | None) -> ColumnElement[bool]:
    """The materials that were not removed, for those who see their application."""
    return material.c.removed_at.is_(None)


def everything(_: ScopeViewer | None) -> ColumnElement[bool]:
    """All rows, for those who see what they hang on."""
    return true()


def institutions(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An institution's name and code show to everybody who is signed in."""
    return true() if viewer is not None else false()


def approval_settings(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """Who decides for an institution shows to its own staff, and to the authorities above it."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            return approval_setting.c.institution_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            below = select(institution.c.id).where(_under(institution.c.authority_id, viewer))
            return approval_setting.c.institution_id.in_(below)
        case _:
            return false()


def authorities(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An authority's name and code show to everybody who is signed in."""
    return true() if viewer is not None else false()


def accounts(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An account shows to itself, and while it is active its colleagues' of the same institution, or of the same
    authority and those below it.
    """
    match viewer:
        case None:
            return false()
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            return account.c.institution_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return _under(account.c.authority_id, viewer)
        case _:
            return account.c.id == viewer.account_id


def own_account(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The viewer's own account."""
    return false() if viewer is None else account.c.id == viewer.account_id


def events(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The events of the viewer's own party."""
    return false() if viewer is None or not viewer.active else event.c.scope == viewer.party_id


def desk(viewer: ScopeViewer) -> ColumnElement[bool]:
    """What waits on the viewer's own desk; refuses whoever has none."""
    if not viewer.active or viewer.party is None or viewer.party not in PENDING:
        raise NotAllowed
    owner = application.c.institution_id if viewer.party is Party.INSTITUTION else application.c.authority_id
    return and_(owner == viewer.party_id, application.c.state.in_(sorted(PENDING[viewer.party])))


def filed(viewer: ScopeViewer, of: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The applications filed with an institution or an authority: the viewer's own, or one below her authority."""
    if not viewer.active or viewer.party not in PENDING:
        raise NotAllowed
    if of is None:
        own = application.c.institution_id if viewer.party is Party.INSTITUTION else application.c.authority_id
        return and_(own == viewer.party_id, application.c.revision > 0)
    column = application.c.institution_id if of == "Institution" else application.c.authority_id
    return and_(column == key, applications(viewer))


def roster(viewer: ScopeViewer, of: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The nurses registered at an institution or with an authority: the viewer's own, or one below her authority."""
    if not viewer.active or viewer.party not in PENDING:
        raise NotAllowed
    if of is None and viewer.party is Party.INSTITUTION:
        return registration.c.institution_id == viewer.party_id
    if of is None:
        return registration.c.authority_id == viewer.party_id
    column = registration.c.institution_id if of == "Institution" else registration.c.authority_id
    if viewer.party is Party.INSTITUTION:
        return and_(column == key, registration.c.institution_id == viewer.party_id)
    return and_(column == key, _under(registration.c.authority_id, viewer))


def counted(viewer: ScopeViewer, of: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The nurses a viewer may count: as in `roster`, but those of an authority with all that is below it."""
    if viewer.party is not Party.AUTHORITY or of == "Institution":
        return roster(viewer, of, key)
    if not viewer.active:
        raise NotAllowed
    if of is None:
        return _under(registration.c.authority_id, viewer)
    top = authority.alias("top")
    path = select(top.c.path).where(top.c.id == key).scalar_subquery()
    below = select(authority.c.id).where(func.starts_with(authority.c.path, path), subtree(viewer))
    return registration.c.authority_id.in_(below)


def feed(viewer: ScopeViewer) -> ColumnElement[UUID]:
    """The scope of the viewer's own feed: her party's."""
    return viewer.party_id


def colleagues(viewer: ScopeViewer, party: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a party is the viewer's own, so that its people are her colleagues."""
    return party == viewer.party_id
