"""The rows that a person may read: the one place that decides it, always as SQL.

The viewer comes in as SQL, so that one statement serves everybody of her key. Whoever is not named in a scope
(anonymous, an inactive nurse, help desk, analyst) reads no rows of it at all.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import array

from db.read import recusal
from db.read.look import looked_at
from db.read.practice import hosted
from db.read.requirement import in_force_for
from db.read.viewer import ScopeViewer
from db.store.practice import may_practise
from db.store.tables import (
    account,
    approval_setting,
    audit,
    authority,
    event,
    institution,
    nurse,
    outbox,
    registration,
    registration_history,
    registration_span,
)
from db.store.tables_account import desk_request
from db.store.tables_application import (
    application,
    application_pause,
    application_revision,
    collective_filing,
    collective_item,
    delivery,
    departure,
    information_change,
    material,
    photo,
    review_decision,
)
from db.store.tables_certificate import certificate_blank
from db.store.tables_conduct import conduct_record
from db.store.tables_help import announcement, announcement_read, manual, question, question_file, question_message
from db.store.tables_look import investigation, look_complaint
from db.store.tables_roster import roster_check, roster_check_row
from db.store.tables_unit import pre_review, unit
from rules.announcement import FEED as ANNOUNCEMENTS
from rules.announcement import AnnouncementState
from rules.applicant import BEFORE_ACTIVATION
from rules.application import OPEN, PENDING
from rules.conduct import ConductState
from rules.faq import HelpAudience
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.moves import ANSWERING, State
from rules.people import HELP_DESK_FEED, AccountState, Party, Role
from rules.photo import PhotoState
from rules.proposal import ROLE_OF
from rules.question import WAITING
from rules.registration import RegistrationStatus
from rules.staff import HELPERS
from rules.suspension import SpanKind
from rules.verification import IdentityOutcome, RequestKind, RequestState


def subtree(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The authorities at and below the viewer's own place in the tree."""
    return func.starts_with(authority.c.path, viewer.path)


def _under(column: ColumnElement[object], viewer: ScopeViewer) -> ColumnElement[bool]:
    return column.in_(select(authority.c.id).where(subtree(viewer)))


def _hers(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The nurses registered at the viewer's institution; of these, those of her units where she is limited to some."""
    own = registration.c.institution_id == viewer.party_id
    return and_(own, registration.c.unit_id == any_(viewer.units)) if viewer.limited else own


def _about_hers(viewer: ScopeViewer, nurse_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Rows about such a nurse, for a viewer who is limited to units; for every other one all of her institution."""
    if not viewer.limited:
        return true()
    limited = registration.alias("limited")
    hers = and_(limited.c.institution_id == viewer.party_id, limited.c.unit_id == any_(viewer.units))
    return nurse_id.in_(select(limited.c.nurse_id).where(hers))


def applications(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An application shows to its nurse, and once filed to its institution and to its authority's whole line."""
    # Not by its state: a draft that was withdrawn has never been filed either.
    filed = application.c.revision > 0
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return application.c.nurse_id == viewer.party_id
        case ScopeViewer(active=False, party=Party.NURSE):
            return _her_own_doing(viewer)
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            own = application.c.institution_id == viewer.party_id
            return and_(filed, own, _about_hers(viewer, application.c.nurse_id))
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
    """A pause (计时中止) of the period shows with its application."""
    mine = and_(application.c.id == application_pause.c.application_id, applications(viewer))
    return exists(application.c.id).where(mine).correlate(application_pause)


def nurses(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A nurse shows to herself, to where she is registered, and to whoever reviews an open application of hers."""
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return nurse.c.id == viewer.party_id
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            own = _hers(viewer)
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
    return and_(exists(application.c.id).where(mine).correlate(review_decision), decision_shown(viewer))


def decision_shown(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The decisions that a viewer of the application reads: outside the authority no recommendation (审查意见)."""
    if viewer is not None and viewer.party is Party.AUTHORITY:
        return true()
    recommended = and_(review_decision.c.stage == "AUTHORITY_REVIEW", review_decision.c.outcome.in_(_RECOMMENDED))
    return not_(recommended)


def deliveries(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A delivery (送达) shows with the application that was decided; the query joins the two."""
    return applications(viewer)


def undelivered(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The decisions of the viewer's authority, or of one below it, that are not delivered yet."""
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return and_(delivery.c.at.is_(None), _under(delivery.c.authority_id, viewer), applications(viewer))
        case _:
            return false()


def materials(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A material shows with its application, until it is removed; the query joins the two."""
    return and_(applications(viewer), handed_in(viewer))


def handed_in(_: ScopeViewer | None) -> ColumnElement[bool]:
    """The materials that were not removed, for those who see their application."""
    return material.c.removed_at.is_(None)


def marks(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A marked material shows with its application; the query joins the two."""
    return applications(viewer)


def waiting_marks(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The marked materials of which a file is waited for now."""
    return and_(applications(viewer), waiting(viewer))


def waiting(_: ScopeViewer | None) -> ColumnElement[bool]:
    """The marks on an application's own revision while it waits for an answer, for those who see the application."""
    return and_(application.c.state.in_(sorted(ANSWERING)), review_decision.c.revision == application.c.revision)


def everything(_: ScopeViewer | None) -> ColumnElement[bool]:
    """All rows, for those who see what they hang on."""
    return true()


def institutions(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An institution's name and code show to everybody who is signed in."""
    return true() if viewer is not None else false()


def approval_settings(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An approval setting (审批机关设置) shows to the staff of its institution, and to the authorities above it."""
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
    authority and those below it; to those of its officers who help institutions also the people of these.
    """
    match viewer:
        case None:
            return false()
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            return account.c.institution_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            licensed = select(institution.c.id).where(_under(institution.c.authority_id, viewer))
            helps = or_(*(viewer.has(role) for role in sorted(HELPERS)))
            return or_(_under(account.c.authority_id, viewer), and_(helps, account.c.institution_id.in_(licensed)))
        case _:
            return account.c.id == viewer.account_id


def deputyships(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A deputyship shows to the colleagues of the two; the query joins the account of whoever is away."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            return account.c.institution_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return account.c.authority_id == viewer.party_id
        case _:
            return false()


def own_account(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The viewer's own account."""
    return false() if viewer is None else account.c.id == viewer.account_id


def events(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The events of the viewer's own feed; of these, those of her units where she is limited to some."""
    if viewer is None or viewer.ward_only:
        return false()
    own = event.c.scope == feed(viewer)
    return and_(own, event.c.unit_ids.bool_op("&&")(viewer.units)) if viewer.limited else own


def desk(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The applications that wait on the viewer's own desk."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            owner, waiting = application.c.institution_id, PENDING[Party.INSTITUTION]
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            owner, waiting = application.c.authority_id, PENDING[Party.AUTHORITY]
        case _:
            return false()
    lies_there = and_(owner == viewer.party_id, application.c.state.in_(sorted(waiting)))
    return and_(lies_there, _about_hers(viewer, application.c.nurse_id))


def own_applications(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The applications of the nurse who asks, drafts too; before her account is active those that she filed with it."""
    return applications(viewer) if viewer.party is Party.NURSE else false()


def filed(viewer: ScopeViewer, noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The applications filed with the viewer's institution, or with her authority and all below it; of these, those
    within a place where she names one.
    """
    staff = viewer.party in (Party.INSTITUTION, Party.AUTHORITY)
    return and_(applications(viewer), _inside(application, noun, key)) if staff else false()


def roster(viewer: ScopeViewer, noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The nurses registered at the viewer's institution, or with her authority and all below it; of these, those
    within a place where she names one. Lists and counts speak of the same rows.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            own = _hers(viewer)
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            own = _under(registration.c.authority_id, viewer)
        case _:
            return false()
    return and_(own, _inside(registration, noun, key))


def practice_alerts(
    viewer: ScopeViewer | None, noun: str | None = None, key: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """The nurses on the register who may not practise today show to those who see them on the roster."""
    if viewer is None:
        return false()
    barred = not_(may_practise(func.current_date()))
    return and_(roster(viewer, noun, key), registration.c.status == RegistrationStatus.VALID, barred)


def _inside(table: FromClause, noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """Rows of one institution, or of one authority and all below it."""
    if noun is None:
        return true()
    if noun == "Institution":
        return (institution.c.id if table is institution else table.c.institution_id) == key
    return table.c.authority_id.in_(_below(key))


def _below(key: ColumnElement[Any] | None) -> Select[Any]:
    """An authority and all below it."""
    top = authority.alias("top")
    path = select(top.c.path).where(top.c.id == key).scalar_subquery()
    return select(authority.c.id).where(func.starts_with(authority.c.path, path))


def fileable(viewer: ScopeViewer, kind: Kind) -> ColumnElement[bool]:
    """The nurses for whom an institution may file: its own, and for a first registration whoever was never registered
    anywhere, unless the viewer is limited to units. Nobody else is looked for: a nurse of others and nobody at all are
    told alike.
    """
    own, at = _hers(viewer), registration.c.institution_id
    new = and_(registration.c.status == RegistrationStatus.NEVER, at.is_(None))
    return or_(own, new) if kind is Kind.FIRST and not viewer.limited else own


def departures(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A report of a departure shows to the nurse, to the institution that reported it (of who is limited to units to
    whoever reported it), and to the line of her 注册机关; the query joins the registration.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return departure.c.nurse_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            own = departure.c.institution_id == viewer.party_id
            # Who has left has no unit any more.
            hers = or_(_about_hers(viewer, departure.c.nurse_id), departure.c.reported_by == viewer.account_id)
            return and_(own, hers)
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return _under(registration.c.authority_id, viewer)
        case _:
            return false()


def information_changes(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A change of information shows to the nurse, where she is registered now, and to the line of her 注册机关; the
    query joins the registration.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return information_change.c.nurse_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            return _hers(viewer)
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return _under(registration.c.authority_id, viewer)
        case _:
            return false()


def _recorded(viewer: ScopeViewer, kind: SpanKind) -> ColumnElement[bool]:
    """Spans of a kind that show to the nurse, to the institution that recorded them (of who is limited to units to
    whoever recorded it), and to the line of her 注册机关; the query joins the registration.
    """
    of = registration_span.c.kind == kind.value
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return and_(of, registration_span.c.nurse_id == viewer.party_id)
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            own = registration_span.c.institution_id == viewer.party_id
            by_herself = registration_span.c.account_id == viewer.account_id
            return and_(of, own, or_(_about_hers(viewer, registration_span.c.nurse_id), by_herself))
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return and_(of, _under(registration.c.authority_id, viewer))
        case _:
            return false()


def interruptions(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An interruption (中断执业) shows to the nurse, to who recorded it and to the line of her 注册机关: never to the
    institution where she goes next.
    """
    return false() if viewer is None else _recorded(viewer, SpanKind.INTERRUPTION)


def own_dispatches(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A dispatch (派出) shows to the nurse, to who recorded it and to the line of her 注册机关."""
    return false() if viewer is None else _recorded(viewer, SpanKind.DISPATCH)


def guests(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The dispatches that run today show to the institution that has her as a guest (接收人员), for those days only;
    a guest is in no unit.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False, limited=False):
            return and_(registration_span.c.kind == SpanKind.DISPATCH.value, hosted(viewer.party_id))
        case _:
            return false()


def dispatches(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A dispatch shows to those on either side of it."""
    return or_(own_dispatches(viewer), guests(viewer))


def conduct_records(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A record of conduct (良好、不良记录) shows to the nurse and to the line of her 注册机关, with what was withdrawn;
    while it stands to where she is registered, and to whoever reviews an open application of hers; and what waits or
    was not taken up to who proposed it. The query joins the registration.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return conduct_record.c.nurse_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            reviewing = and_(application.c.nurse_id == conduct_record.c.nurse_id, application.c.state.in_(sorted(OPEN)))
            reviewing &= applications(viewer)
            here = or_(_hers(viewer), exists().where(reviewing).correlate(conduct_record))
            own = and_(conduct_record.c.institution_id == viewer.party_id, _hers(viewer))
            stands = conduct_record.c.state == ConductState.RECORDED.value
            return or_(and_(stands, here), and_(conduct_record.c.state != ConductState.WITHDRAWN.value, own))
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return _under(registration.c.authority_id, viewer)
        case _:
            return false()


def spans(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The spans of a nurse, to whoever reads her entry: without what was taken back, and an interruption to none but
    herself, who recorded it and her 注册机关.
    """
    s = registration_span.c
    stands = s.withdrawn_at.is_(None)
    match viewer:
        case ScopeViewer(party=Party.INSTITUTION):
            return and_(stands, or_(s.kind != SpanKind.INTERRUPTION.value, s.institution_id == viewer.party_id))
        case None:
            return false()
        case _:
            return stands


def nurse_spans(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The same, for whoever reads the nurse; the query joins her."""
    return and_(nurses(viewer), spans(viewer))


_PHOTO_SHOWN: Final = (PhotoState.PENDING, PhotoState.CURRENT, PhotoState.REJECTED)


def photo_list(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A photo shows to the nurse; once filed, and until another took its place, to the operators where she is
    registered now, and to the officers of her 注册机关 itself. The query joins the registration.
    """
    shown = photo.c.state.in_(sorted(_PHOTO_SHOWN))
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return photo.c.nurse_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            return and_(shown, sees_photos(viewer), _hers(viewer))
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return and_(shown, sees_photos(viewer), registration.c.authority_id == viewer.party_id)
        case _:
            return false()


def photos(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The same, and what whoever reviews now must see besides: a photo that travels with an application which she has,
    and one on whose review the authority above sits, because hers has nobody else (回避).
    """
    if viewer is None or viewer.party not in (Party.INSTITUTION, Party.AUTHORITY):
        return photo_list(viewer)
    institution, waiting = viewer.party is Party.INSTITUTION, photo.c.state == PhotoState.PENDING
    here = true() if institution else application.c.authority_id == viewer.party_id
    filed = and_(application.c.state.in_(sorted(OPEN)), applications(viewer), here)
    shown = and_(photo.c.state.in_(sorted(_PHOTO_SHOWN)), sees_photos(viewer))
    reviewing = exists().where(application.c.nurse_id == photo.c.nurse_id, filed).correlate(photo)
    also = [and_(shown, reviewing)]
    if not institution:
        office = recusal.office(registration.c.authority_id, registration.c.nurse_id, Role.REVIEWER)
        also.append(and_(waiting, sees_photos(viewer), office == viewer.party_id))
    return or_(photo_list(viewer), *also)


def sees_photos(viewer: ScopeViewer) -> ColumnElement[bool]:
    """True for the people who see photos at all, of those nurses whom they may read: of an institution its operators,
    of an authority its reviewers and deciders, and each nurse.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return true()
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            return viewer.has(Role.OPERATOR)
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return or_(viewer.has(Role.REVIEWER), viewer.has(Role.DECIDER))
        case _:
            return false()


def _on_desk(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The requests kept for the viewer's authority, and those of one below that lacks an officer for them (回避)."""
    below = and_(_under(desk_request.c.authority_id, viewer), recusal.desk(desk_request) == viewer.party_id)
    return or_(desk_request.c.authority_id == viewer.party_id, below)


def recoveries(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A request to be let in shows to the reviewers of the nurse's authority, and to the help desk where no authority
    is known.
    """
    kind = desk_request.c.kind == RequestKind.RECOVERY
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return and_(kind, viewer.has(Role.REVIEWER), _on_desk(viewer))
        case ScopeViewer(active=True, party=Party.HELP_DESK):
            return and_(kind, viewer.has(Role.HELP_DESK), desk_request.c.authority_id.is_(None))
        case _:
            return false()


def key_facts(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A request to correct a record shows to its nurse, before her account is active where she asked for it herself; to
    the institution whose people asked for it; and while it waits to the administrators of the province.
    """
    kind = desk_request.c.kind == RequestKind.KEY_FACT
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return and_(kind, desk_request.c.nurse_id == viewer.party_id)
        case ScopeViewer(active=False, party=Party.NURSE):
            return and_(kind, desk_request.c.account_id == viewer.account_id)
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            people = select(account.c.id).where(account.c.institution_id == viewer.party_id)
            asked = desk_request.c.account_id.in_(people)
            return and_(kind, asked, _about_hers(viewer, desk_request.c.nurse_id))
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            hers = and_(viewer.has(Role.PROVINCIAL_ADMIN), _on_desk(viewer))
            return and_(kind, desk_request.c.state == RequestState.PENDING, hers)
        case _:
            return false()


def proposals(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A proposal shows to those of its authority who may confirm such a one, but not to whom it is about."""
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            held = (and_(desk_request.c.kind == kind, viewer.has(role)) for kind, role in ROLE_OF.items())
            about_others = desk_request.c.nurse_id.is_distinct_from(viewer.nurse_id)
            # Most proposals name no second record, and most officers are no nurses: two nulls are not the same person.
            merged = desk_request.c.merged_id
            about_others &= or_(merged.is_(None), merged.is_distinct_from(viewer.nurse_id))
            return and_(or_(*held), _on_desk(viewer), about_others)
        case _:
            return false()


def vouched(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A nurse's account shows to whoever vouches for it, as rules/activation.py says: the institution where she is
    registered while it is open and others work there, else her authority. The query joins account, registration and
    institution.
    """
    living = and_(account.c.party == Party.NURSE, account.c.state.in_((AccountState.INACTIVE, AccountState.ACTIVE)))
    works = institution.c.state == InstitutionState.ACTIVE
    vouches = and_(works, recusal.attended(registration.c.institution_id, account.c.nurse_id))
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            return and_(living, works, _hers(viewer))
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            nowhere = or_(registration.c.institution_id.is_(None), not_(vouches))
            return and_(living, nowhere, registration.c.authority_id == viewer.party_id)
        case _:
            return false()


def filings(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A collective filing shows to the staff of the institution that files it; of who is limited to units her own."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            own = collective_filing.c.institution_id == viewer.party_id
            return and_(own, collective_filing.c.filed_by == viewer.account_id) if viewer.limited else own
        case _:
            return false()


def filing_items(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The nurses of a collective filing show with it."""
    mine = and_(collective_filing.c.id == collective_item.c.collective_filing_id, filings(viewer))
    return exists(collective_filing.c.id).where(mine).correlate(collective_item)


def roster_checks(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A roster that was compared with a list (名册核对) shows to who compared it, while she is an operator there."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION, ward_only=False):
            own = roster_check.c.institution_id == viewer.party_id
            return and_(own, roster_check.c.account_id == viewer.account_id, viewer.has(Role.OPERATOR))
        case _:
            return false()


def roster_rows(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The findings of a comparison show with it."""
    mine = and_(roster_check.c.id == roster_check_row.c.roster_check_id, roster_checks(viewer))
    return exists(roster_check.c.id).where(mine).correlate(roster_check_row)


def units(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The units (科室病区) of an institution show to its staff, those of who is limited hers; a nurse sees her own."""
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return unit.c.id.in_(select(registration.c.unit_id).where(registration.c.nurse_id == viewer.party_id))
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            own = unit.c.institution_id == viewer.party_id
            return and_(own, unit.c.id == any_(viewer.units)) if viewer.limited else own
        case _:
            return false()


def ward_nurses(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """Name and standing of the nurses of an institution show to its staff, of who is limited those of her units."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            return _hers(viewer)
        case _:
            return false()


def ward_applications(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The applications of such nurses that wait at the institution show to the same people, without their forms."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            own = and_(application.c.revision > 0, application.c.institution_id == viewer.party_id)
            waits = application.c.state.in_(sorted(PENDING[Party.INSTITUTION]))
            return and_(own, waits, _about_hers(viewer, application.c.nurse_id))
        case _:
            return false()


def pre_reviews(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The word of a ward head on an application (预审) shows to those of her institution who see that it is there."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            own = and_(application.c.revision > 0, application.c.institution_id == viewer.party_id)
            said = and_(application.c.id == pre_review.c.application_id, own)
            said &= _about_hers(viewer, application.c.nurse_id)
            return exists(application.c.id).where(said).correlate(pre_review)
        case _:
            return false()


def questions(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A question (提问) shows to who has asked it, to the help desk, and to reviewers of the authority that has it."""
    if viewer is None:
        return false()
    own = question.c.account_id == viewer.account_id
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return or_(own, and_(viewer.has(Role.REVIEWER), question.c.authority_id == viewer.party_id))
        case ScopeViewer(active=True, party=Party.HELP_DESK):
            return or_(own, viewer.has(Role.HELP_DESK))
        case _:
            return own


def question_queue(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The questions that wait for an answer of the viewer's desk."""
    waits = question.c.state.in_(sorted(WAITING))
    match viewer:
        case ScopeViewer(party=Party.AUTHORITY):
            here = question.c.authority_id == viewer.party_id
        case _:
            here = question.c.authority_id.is_(None)
    return and_(waits, here, questions(viewer), question.c.account_id.is_distinct_from(viewer.account_id))


def question_messages(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The messages of a question show with it."""
    shown = and_(question.c.id == question_message.c.question_id, questions(viewer))
    return exists(question.c.id).where(shown).correlate(question_message)


def question_files(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The files of a question show with it."""
    shown = and_(question.c.id == question_file.c.question_id, questions(viewer))
    return exists(question.c.id).where(shown).correlate(question_file)


def announced(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An announcement (公告) shows, while it lasts, to those whom it is for and who belong where it is made; the same
    rule in Python is `rules.announcement.reaches`.
    """
    if viewer is None or viewer.party is None:
        return false()
    its = announcement.c
    lasts = and_(its.starts_at <= func.now(), or_(its.ends_at.is_(None), its.ends_at > func.now()))
    hers = and_(its.reach == any_(viewer.areas), literal(viewer.party.value, Text()) == any_(its.audience))
    return and_(its.state == AnnouncementState.PUBLISHED, lasts, hers)


def announcements(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The announcements for a viewer, and all of her own place for who may make them."""
    match viewer:
        case ScopeViewer(active=True, party=Party.INSTITUTION):
            own = and_(announcement.c.institution_id == viewer.party_id, viewer.has(Role.MANAGER))
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            below = _under(announcement.c.authority_id, viewer)
            own = and_(below, viewer.has(Role.PROVINCIAL_ADMIN))
        case _:
            return announced(viewer)
    return or_(announced(viewer), own)


def unread(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The announcements for a viewer that she has not marked as read since they were last corrected."""
    its, mark = announcement.c, announcement_read.c
    same = and_(mark.announcement_id == its.id, mark.account_id == viewer.account_id, mark.version == its.version)
    return and_(announced(viewer), not_(exists().where(same).correlate(announcement)))


def read_marks(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The viewer's own marks of what she has read."""
    return false() if viewer is None else announcement_read.c.account_id == viewer.account_id


def announcement_events(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The events of announcements that concern a viewer."""
    if viewer is None or viewer.party is None:
        return false()
    reach, audience = event.c.body.op("->>")("reach"), event.c.body.op("->")("audience")
    hers = and_(reach == any_(viewer.areas), audience.op("?")(literal(viewer.party.value, Text())))
    return and_(event.c.scope == literal(ANNOUNCEMENTS, Uuid()), hers)


def manuals(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A manual (手册) shows to whom it is for, and to who keeps them with those that were replaced."""
    its, current = manual.c, manual.c.replaced_at.is_(None)
    if viewer is None or viewer.party is None:
        return and_(current, its.audience == HelpAudience.EVERYBODY)
    for_her = its.audience.in_((HelpAudience.EVERYBODY.value, viewer.party.value))
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return or_(and_(current, for_her), viewer.has(Role.PROVINCIAL_ADMIN))
        case ScopeViewer(active=True, party=Party.HELP_DESK):
            return current
        case _:
            return and_(current, for_her)


def dead_letters(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A message that was given up shows to the administrators of the provinces."""
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return and_(viewer.has(Role.PROVINCIAL_ADMIN), outbox.c.dead_at.is_not(None))
        case _:
            return false()


def certificate_blanks(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A blank certificate (空白证书) shows to the officers of the authority that keeps it, and of those above."""
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return _under(certificate_blank.c.authority_id, viewer)
        case _:
            return false()


def blanks_within(viewer: ScopeViewer, noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The blanks that a viewer reads; of these, those of one authority and all below it where she names one."""
    # No institution keeps any.
    within = false() if noun == "Institution" else _inside(certificate_blank, noun, key)
    return and_(certificate_blanks(viewer), within)


def stocks(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """The counts of blanks of an authority that has some, or had, show to its officers, and to those above it."""
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            keeps = exists().where(certificate_blank.c.authority_id == authority.c.id).correlate(authority)
            return and_(subtree(viewer), keeps)
        case _:
            return false()


def undecided_names(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An account whose name a province has to settle shows to the admins of all provinces: any may settle it."""
    waits = (
        account.c.party == Party.NURSE,
        account.c.state == AccountState.INACTIVE,
        account.c.identity_outcome == IdentityOutcome.NAME_UNDECIDED,
    )
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            return and_(viewer.has(Role.PROVINCIAL_ADMIN), *waits)
        case _:
            return false()


def signed_in(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """Rows that show to everybody who is signed in: the working calendar, what is asked for of a kind."""
    return true() if viewer is not None else false()


def requirements(viewer: ScopeViewer, noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The requirements in force today for an authority: the one named, else the one that concerns the viewer, which
    is that of where she or her institution is registered, or her own.
    """
    if key is None:
        of_nurse = select(registration.c.authority_id).where(registration.c.nurse_id == viewer.party_id)
        of_institution = select(institution.c.authority_id).where(institution.c.id == viewer.party_id)
        key = func.coalesce(of_nurse.scalar_subquery(), of_institution.scalar_subquery(), viewer.party_id)
    return in_force_for(key)


def institutions_to_choose(
    viewer: ScopeViewer, noun: str | None, key: ColumnElement[Any] | None
) -> ColumnElement[bool]:
    """The institutions that work, for everybody who chooses one; for an authority those licensed by it or below it, in
    every state. Of these, those within an authority where one is named.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            own = _under(institution.c.authority_id, viewer)
        case _:
            own = institution.c.state == InstitutionState.ACTIVE
    return and_(own, _inside(institution, noun, key))


def children(viewer: ScopeViewer, noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The authorities right below one, or the root of the tree."""
    parent = authority.c.parent_id
    return and_(authorities(viewer), parent.is_(None) if key is None else parent == key)


def staff(viewer: ScopeViewer, noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The viewer's colleagues, with those of the authorities below hers; or the people of the place that she names, as
    far as she sees them. A nurse's account is none, even where a scope would show it.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY) if noun != "Institution":
            own = _under(account.c.authority_id, viewer)
        case ScopeViewer(active=True, party=Party.INSTITUTION | Party.AUTHORITY):
            own = accounts(viewer)
        case _:
            return false()
    return and_(own, _inside(account, noun, key))


def feed(viewer: ScopeViewer) -> ColumnElement[UUID]:
    """The scope of the viewer's own feed: her party's; of a nurse whose account is not active yet, that of her account.

    As Actor.feed says it.
    """
    if viewer.party is Party.HELP_DESK:
        return literal(HELP_DESK_FEED, Uuid())
    return viewer.account_id if viewer.party is Party.NURSE and not viewer.active else viewer.party_id


def colleagues(viewer: ScopeViewer, party: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a party is the viewer's own, so that its people are her colleagues."""
    return party == viewer.party_id


def looks(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A look at her data (查阅) shows to the nurse alone, and to nobody where she works (rights 13)."""
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return looked_at(viewer.party_id)
        case _:
            return false()


def look_complaints(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """A complaint about a look shows to the nurse, and to the supervisors of the authority that answers, but to neither
    whose look it was nor whom it is about.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.NURSE):
            return look_complaint.c.nurse_id == viewer.party_id
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            own = and_(viewer.has(Role.SUPERVISOR), look_complaint.c.authority_id == viewer.party_id)
            others = look_complaint.c.officer_id != viewer.account_id
            return and_(own, others, look_complaint.c.nurse_id.is_distinct_from(viewer.nurse_id))
        case _:
            return false()


def audit_entries(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An entry of the audit trail shows to the supervisors (督办人) of the authority from which it was, or which
    licensed the institution from which it was, and of those above; but not what was done about themselves.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            licensed = select(institution.c.id).where(_under(institution.c.authority_id, viewer))
            area = or_(_under(audit.c.place_id, viewer), audit.c.place_id.in_(licensed))
            # Of a list nobody is named, and most officers are no nurses: two nulls are not the same person.
            alone = or_(audit.c.nurse_id.is_(None), audit.c.nurse_id.is_distinct_from(viewer.nurse_id))
            among = func.coalesce(viewer.nurse_id == any_(audit.c.members), false())
            return and_(viewer.has(Role.SUPERVISOR), area, alone, not_(among))
        case _:
            return false()


def audit_within(viewer: ScopeViewer, noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """The entries that a supervisor reads; of these, those about one nurse, or from one place and all below it."""
    return and_(audit_entries(viewer), _concerning(noun, key))


def _concerning(noun: str | None, key: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """Entries about one nurse, alone or as one of a list; or from one institution, or one authority and all below."""
    match noun:
        case None:
            return true()
        case "Nurse":
            return or_(audit.c.nurse_id == key, audit.c.members.bool_op("@>")(cast(array([key]), audit.c.members.type)))
        case "Institution":
            return audit.c.place_id == key
    licensed = select(institution.c.id).where(_inside(institution, noun, key))
    return or_(audit.c.place_id.in_(_below(key)), audit.c.place_id.in_(licensed))


def investigations(viewer: ScopeViewer | None) -> ColumnElement[bool]:
    """An investigation (调查) shows to the deciders and supervisors of its authority, and to the supervisors above it,
    who see how much is withheld.
    """
    match viewer:
        case ScopeViewer(active=True, party=Party.AUTHORITY):
            own = and_(viewer.has(Role.DECIDER), investigation.c.authority_id == viewer.party_id)
            return or_(own, and_(viewer.has(Role.SUPERVISOR), _under(investigation.c.authority_id, viewer)))
        case _:
            return false()


def past_days(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The days of a history (历史沿革) that a viewer of the nurse reads: an institution those on which she was its own
    (rights 15), everybody else all.
    """
    own = registration_history.c.institution_id == viewer.party_id
    return func.coalesce(own, false()) if viewer.party is Party.INSTITUTION else true()


def unheld_days(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The days before her history begins: no institution's, since nobody knows whose she was."""
    return false() if viewer.party is Party.INSTITUTION else true()


def kept_past(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The rows of a history for a viewer of the nurse: what an annulled decision wrote is for her, and for who decided;
    the query joins the application outside.
    """
    annulled = func.coalesce(application.c.state == State.VOIDED, false())
    match viewer.party:
        case Party.NURSE:
            return true()
        case Party.AUTHORITY:
            return or_(not_(annulled), application.c.authority_id == viewer.party_id)
        case _:
            return not_(annulled)


def former_identity(viewer: ScopeViewer) -> ColumnElement[bool]:
    """The name and number that she had before they were put right (A5): for her, and for the authority that did it."""
    if viewer.party is Party.NURSE:
        return true()
    of = (desk_request.c.nurse_id == nurse.c.id, desk_request.c.authority_id == viewer.party_id)
    done = (desk_request.c.kind == RequestKind.KEY_FACT, desk_request.c.state == RequestState.APPROVED)
    return exists().where(*of, *done).correlate(nurse) if viewer.party is Party.AUTHORITY else false()
