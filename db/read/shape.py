"""What each noun shows, declared once: field -> column and who may see it, link -> key.

The keys are GraphQL names; a test compares them with the schema. A field that is not declared here cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Text, Uuid, case, cast, exists, func, literal, null, or_, select
from sqlalchemy.sql.elements import KeyedColumnElement

from db.read import deadline, scope
from db.read.facts import facts_sql
from db.read.viewer import ScopeViewer, Visibility
from db.store.tables import (
    account,
    approval_setting,
    authority,
    event,
    feed_scope,
    institution,
    nurse,
    registration,
    registration_history,
    registration_span,
)
from db.store.tables_application import application, application_pause, application_revision, material, review_decision
from rules.events import EVENTS
from rules.kinds import FORMS
from rules.people import AccountState
from rules.registration import EXPIRING, RegistrationStatus, Standing
from rules.suspension import SpanKind

Scope = Callable[[ScopeViewer | None], ColumnElement[bool]]


@dataclass(frozen=True)
class One:
    """The noun whose key stands in the column `key` of this row.

    `within` is what restricts those rows for somebody who sees this one, where that is less than their own scope:
    a nurse's registration is seen by whoever sees the nurse.
    """

    noun: str
    key: str
    within: Scope | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the row that the link reads."""
        return (self.key,)


@dataclass(frozen=True)
class Many(One):
    """The newest rows of a noun that belong to the key in the column `key`; the argument `first` says how many."""


@dataclass(frozen=True)
class JsonUnion:
    """An object inside the JSON column `key`, whose GraphQL type the column `tells` says."""

    key: str
    tells: str
    types: Mapping[str, str]

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the row that the object is made of."""
        return (self.key, self.tells)


@dataclass(frozen=True)
class SameRow:
    """This very row, shown as another noun."""

    noun: str


@dataclass(frozen=True)
class Computed:
    """A value that Python makes of what `facts` says about the row with the key in the column `key`.

    A personal one is another for each person, even where two may read the same rows.
    """

    mark: str
    key: str
    facts: Callable[[ColumnElement[Any]], ColumnElement[Any]]
    personal: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the row that the value is made of."""
        return (self.key,)


@dataclass(frozen=True)
class FeedPosition:
    """Where the viewer's own feed stands, read in the same snapshot as the row."""


Link = One | JsonUnion | SameRow | FeedPosition | Computed


@dataclass(frozen=True)
class Shape:
    """One noun: its rows, who may read them, and its fields. `keys` are columns that links need.

    `alone` is the source without what only the scope needs. Where the rows are of several GraphQL types, `types`
    says which, by the value of the column `tells`. `party` is whose people a field for colleagues tells of.
    """

    source: FromClause
    key: KeyedColumnElement[Any]
    scope: Scope
    fields: Mapping[str, ColumnElement[Any]]
    keys: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    who: Mapping[str, Visibility] = field(default_factory=dict)
    newest_first: KeyedColumnElement[Any] | None = None
    alone: FromClause | None = None
    links: Mapping[str, Link] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    tells: str = ""
    party: ColumnElement[Any] | None = None

    def column(self, name: str) -> ColumnElement[Any]:
        """A column by its Python name, whether it is shown or only linked by."""
        return self.keys[name] if name in self.keys else next(c for n, c in self.fields.items() if snake(n) == name)

    def shown(self, name: str, viewer: ScopeViewer | None) -> ColumnElement[Any]:
        """A field as one viewer sees it: null where it is hidden from her."""
        who, column = self.who.get(name, Visibility.READER), self.fields[name]
        if viewer is None or not who.sees(viewer):
            return column if who is Visibility.READER else null()
        if who is not Visibility.COLLEAGUE:
            return column
        assert self.party is not None
        return case((scope.colleagues(viewer, self.party), column))

    def columns(self, viewer: ScopeViewer | None) -> list[ColumnElement[Any]]:
        """The select list for one viewer, labelled with Python names; a hidden field is null."""
        shown = [self.shown(name, viewer).label(snake(name)) for name in self.fields]
        stands = [stand(viewer).label(FEED_PLACE)] if FeedPosition() in self.links.values() else []
        return [*shown, *(column.label(name) for name, column in self.keys.items()), *stands]


FEED_CURSOR: Final = "c"
"""Marks a feed cursor to be written: the scope and number follow, with a colon between."""
FEED_PLACE: Final = "feed_place"
OPEN_STEPS: Final = "s"
"""Marks the steps open to the viewer: what the rules need of the application follows."""


def stand(viewer: ScopeViewer | None) -> ColumnElement[Any]:
    """Where the viewer's feed stands, as a feed cursor is made of it; null for whoever has none."""
    if viewer is None:
        return null()
    own = scope.feed(viewer)
    return place(own, last(own))


def place(scope: Any, seq: ColumnElement[Any]) -> ColumnElement[Any]:
    """A place in a scope's feed, as a feed cursor is made of it."""
    return cast(scope, Text()).concat(":").concat(cast(seq, Text()))


def last(scope: Any) -> ColumnElement[Any]:
    """The number of a scope's last event."""
    return func.coalesce(select(feed_scope.c.seq).where(feed_scope.c.scope == scope).scalar_subquery(), 0)


def global_id(noun: str, key: ColumnElement[Any]) -> ColumnElement[Any]:
    """base64(`Type:uuid`), as graph.schema.node writes it."""
    return func.encode(func.convert_to(literal(f"{noun}:").concat(key.cast(Text())), "UTF8"), "base64")


def snake(name: str) -> str:
    """`validUntil` is `valid_until` in Python."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _plain(table: FromClause, *names: str) -> dict[str, ColumnElement[Any]]:
    return {name: table.c[snake(name)] for name in names}


today = func.current_date()


def _within(kind: SpanKind) -> ColumnElement[bool]:
    """Whether a registration is within a span of this kind today."""
    return (
        exists()
        .where(
            registration_span.c.nurse_id == registration.c.nurse_id,
            registration_span.c.kind == kind.value,
            registration_span.c.starts_on <= today,
            or_(registration_span.c.ends_on.is_(None), registration_span.c.ends_on >= today),
        )
        .correlate(registration)
    )


suspended, interrupted = _within(SpanKind.SUSPENSION), _within(SpanKind.INTERRUPTION)

# The same answer as rules.registration.standing; a test proves it.
standing = case(
    (registration.c.status == RegistrationStatus.NEVER, Standing.NEVER.value),
    (registration.c.status == RegistrationStatus.DEREGISTERED, Standing.DEREGISTERED.value),
    (registration.c.valid_until < today, Standing.EXPIRED.value),
    (suspended, Standing.SUSPENDED.value),
    (registration.c.valid_until - today <= EXPIRING.days, Standing.EXPIRING.value),
    else_=Standing.VALID.value,
)
may_practise = (
    (registration.c.status == RegistrationStatus.VALID)
    & ~suspended
    & (registration.c.valid_until >= today)
    & registration.c.institution_id.is_not(None)
)

NURSE_FACTS = (
    *("name", "documentType", "idNumberMasked", "phoneMasked", "emailMasked", "sex", "birthDate", "ethnicity"),
    *("nationality", "healthStatus", "examScore", "examPassedOn", "examYear", "examCertificateNumber"),
    *("examPoolLinked", "school", "major", "studyLength", "education", "degree", "graduatedOn", "studyHistory"),
    *("workCategory", "department", "post", "title", "startedWorkOn", "workHistory", "auxiliary"),
    *("goodRecord", "badRecord"),
)

_FORM: Final = JsonUnion("form_json", "kind", {kind: form.__name__ for kind, form in FORMS.items()})
_role: Any = func.unnest(account.c.roles).column_valued("role")

_held: Final = application.c.held_until > func.now()

_APPLICATION: Final = Shape(
    application.outerjoin(account, account.c.id == application.c.holder_id),
    application.c.id,
    scope.applications,
    {
        "id": application.c.id,
        **_plain(application, "kind", "state", "version", "revision", "filedBy", "nurseName", "idNumberMasked"),
        **_plain(application, "certificateNumber", "markedFields", "receiptNumber", "dueOn", "promisedDueOn"),
        **_plain(application, "deemed", "createdAt", "submittedAt", "queuedAt", "forwardedAt", "acceptedAt"),
        **_plain(application, "decidedAt", "escalatedAt", "objected", "objection", "objectionAnswer"),
        "heldBy": case((_held, account.c.display_name)),
        "heldUntil": case((_held, application.c.held_until)),
    },
    {
        "form_json": application.c.form,
        "nurse_id": application.c.nurse_id,
        "institution_id": application.c.institution_id,
        "authority_id": application.c.authority_id,
    },
    links={
        "form": _FORM,
        "nurse": One("Nurse", "nurse_id"),
        "institution": One("Institution", "institution_id"),
        "authority": One("Authority", "authority_id"),
        "decisions": Many("ReviewDecision", "id", scope.told),
        "deadline": One("ApplicationDeadline", "id", scope.received),
        "availableSteps": Computed(OPEN_STEPS, "id", facts_sql, personal=True),
        "revisions": Many("ApplicationRevision", "id", scope.everything),
        "materials": Many("Material", "id", scope.handed_in),
        "feedCursor": FeedPosition(),
    },
    who={"heldBy": Visibility.COLLEAGUE, "heldUntil": Visibility.COLLEAGUE},
    party=func.coalesce(account.c.institution_id, account.c.authority_id),
)

_NURSE_KEY: Final = event.c.body.op("->>")("nurse").cast(Uuid())
_EVENT_KEYS: Final = {
    "application_key": event.c.application_id,
    "nurse_key": _NURSE_KEY,
    "place": event.c.scope.cast(Text()).concat(":").concat(event.c.seq.cast(Text())),
}
_EVENT_LINKS: Final[Mapping[str, Link]] = {
    "application": One("Application", "application_key"),
    "cursor": Computed(FEED_CURSOR, "place", lambda place: place),
}

SHAPES: Final[Mapping[str, Shape]] = {
    "Nurse": Shape(
        nurse,
        nurse.c.id,
        scope.nurses,
        {
            "id": nurse.c.id,
            **_plain(nurse, *NURSE_FACTS),
            "age": func.date_part("year", func.age(today, nurse.c.birth_date)).cast(nurse.c.exam_year.type),
        },
        links={
            "registration": One("Registration", "id", scope.everything),
            "applications": Many("NurseApplication", "id"),
            "feedCursor": FeedPosition(),
        },
    ),
    "Registration": Shape(
        registration.join(nurse, nurse.c.id == registration.c.nurse_id),
        registration.c.nurse_id,
        scope.nurses,
        {
            "id": registration.c.nurse_id,
            **_plain(registration, "status", "certificateNumber", "firstRegisteredOn", "validUntil", "lastKind"),
            **_plain(registration, "deregistrationReason", "barUntil", "version"),
            "standing": standing,
            "mayPractise": may_practise,
            "interrupted": interrupted,
        },
        {"institution_id": registration.c.institution_id, "authority_id": registration.c.authority_id},
        alone=registration,
        links={
            "institution": One("Institution", "institution_id"),
            "authority": One("Authority", "authority_id"),
            "history": Many("RegistrationHistory", "id", scope.everything),
            "spans": Many("RegistrationSpan", "id", scope.everything),
        },
    ),
    "RegistrationHistory": Shape(
        registration_history.join(nurse, nurse.c.id == registration_history.c.nurse_id),
        registration_history.c.nurse_id,
        scope.nurses,
        {
            "id": registration_history.c.id,
            **_plain(registration_history, "kind", "reason", "at", "status", "certificateNumber", "validUntil"),
        },
        {
            "application_id": registration_history.c.application_id,
            "institution_id": registration_history.c.institution_id,
            "authority_id": registration_history.c.authority_id,
        },
        newest_first=registration_history.c.id,
        alone=registration_history,
        links={
            "application": One("Application", "application_id"),
            "institution": One("Institution", "institution_id"),
            "authority": One("Authority", "authority_id"),
        },
    ),
    "RegistrationSpan": Shape(
        registration_span.join(nurse, nurse.c.id == registration_span.c.nurse_id),
        registration_span.c.nurse_id,
        scope.nurses,
        _plain(registration_span, "kind", "startsOn", "endsOn", "decisionNumber", "reason"),
        newest_first=registration_span.c.id,
        alone=registration_span,
    ),
    "Application": _APPLICATION,
    "NurseApplication": replace(_APPLICATION, key=application.c.nurse_id, newest_first=application.c.id),
    "ApplicationDeadline": Shape(
        application,
        application.c.id,
        scope.deadlines,
        {
            "basis": deadline.basis,
            **_plain(application, "dueOn", "promisedDueOn", "extended", "extensionReason"),
            "workingDaysLeft": deadline.working_days_left,
        },
        {"id": application.c.id},
        links={"pausedSpans": Many("ApplicationPause", "id", scope.everything)},
    ),
    "ApplicationPause": Shape(
        application_pause,
        application_pause.c.application_id,
        scope.pauses,
        _plain(application_pause, "kind", "reason", "startedAt", "endedAt", "workingDays"),
        newest_first=application_pause.c.id,
    ),
    "ReviewDecision": Shape(
        review_decision.outerjoin(account, account.c.id == review_decision.c.decider_id),
        review_decision.c.application_id,
        scope.decisions,
        {
            "id": review_decision.c.id,
            **_plain(review_decision, "revision", "stage", "outcome", "reasons", "markedFields", "opinion", "at"),
            "decider": account.c.display_name,
        },
        who={"decider": Visibility.STAFF},
        newest_first=review_decision.c.id,
    ),
    "ApplicationRevision": Shape(
        application_revision.join(application, application.c.id == application_revision.c.application_id),
        application_revision.c.application_id,
        scope.applications,
        _plain(application_revision, "revision", "changedFields", "at"),
        {"kind": application.c.kind, "form_json": application_revision.c.form},
        newest_first=application_revision.c.revision,
        links={"form": _FORM},
    ),
    "Material": Shape(
        material.join(application, application.c.id == material.c.application_id),
        material.c.application_id,
        scope.materials,
        {"id": material.c.id, **_plain(material, "code", "fileName", "mediaType", "size", "uploadedAt")},
        newest_first=material.c.id,
        alone=material,
    ),
    "Institution": Shape(
        institution,
        institution.c.id,
        scope.institutions,
        {"id": institution.c.id, **_plain(institution, "code", "name", "state", "division")},
        {"authority_id": institution.c.authority_id, "merged_into_id": institution.c.merged_into},
        links={
            "authority": One("Authority", "authority_id"),
            "mergedInto": One("Institution", "merged_into_id"),
            "approvalSettings": Many("ApprovalSetting", "id"),
        },
    ),
    "ApprovalSetting": Shape(
        approval_setting,
        approval_setting.c.institution_id,
        scope.approval_settings,
        _plain(approval_setting, "kind", "setAt"),
        {"authority_id": approval_setting.c.authority_id},
        newest_first=approval_setting.c.kind,
        links={"authority": One("Authority", "authority_id")},
    ),
    "Authority": Shape(
        authority,
        authority.c.id,
        scope.authorities,
        {"id": authority.c.id, **_plain(authority, "code", "name", "level")},
        {"parent_id": authority.c.parent_id},
        links={"parent": One("Authority", "parent_id")},
    ),
    "Account": Shape(
        account,
        account.c.id,
        scope.accounts,
        {"id": account.c.id, **_plain(account, "party", "state", "roles", "userName", "displayName", "createdAt")},
    ),
    "AccountSecurity": Shape(
        account,
        account.c.id,
        scope.own_account,
        {
            **_plain(account, "documentType", "idNumberMasked", "phoneMasked", "phoneVerifiedAt", "emailMasked"),
            **_plain(account, "emailVerifiedAt", "contactHeldUntil", "identityOutcome", "identityVerified"),
            **_plain(account, "contactVerified", "certificateVerified", "corrections"),
        },
    ),
    "Viewer": Shape(
        account,
        account.c.id,
        scope.own_account,
        {
            **_plain(account, "displayName", "party"),
            "roles": func.array(select(_role).order_by(_role).scalar_subquery()),
            "active": account.c.state == AccountState.ACTIVE,
        },
        {
            "account_id": account.c.id,
            "nurse_id": case((account.c.state == AccountState.ACTIVE, account.c.nurse_id)),
            "institution_id": account.c.institution_id,
            "authority_id": account.c.authority_id,
        },
        links={
            "account": One("Account", "account_id"),
            "security": One("AccountSecurity", "account_id"),
            "nurse": One("Nurse", "nurse_id"),
            "institution": One("Institution", "institution_id"),
            "authority": One("Authority", "authority_id"),
        },
    ),
    "Event": Shape(
        event,
        event.c.id,
        scope.events,
        {
            "id": global_id("Event", event.c.id),
            "applicationId": global_id("Application", event.c.application_id),
            **_plain(event, "at", "type"),
            "actor": event.c.body.op("->>")("by"),
            "kind": event.c.body.op("->>")("kind"),
            "step": event.c.body.op("->>")("step"),
            "fromState": event.c.body.op("->>")("from"),
            "toState": event.c.body.op("->>")("to"),
            "version": event.c.body.op("->")("version"),
            "outcome": event.c.body.op("->>")("outcome"),
            "warning": event.c.body.op("->>")("warning"),
            "nurseId": global_id("Nurse", _NURSE_KEY),
            "nurseName": event.c.body.op("->>")("name"),
            "collectiveFilingId": global_id("CollectiveFiling", event.c.body.op("->>")("filing")),
            "filingState": event.c.body.op("->>")("state"),
            **{name: event.c.body.op("->")(name) for name in ("total", "filed", "refused")},
        },
        _EVENT_KEYS,
        links={**_EVENT_LINKS, "nurse": One("Nurse", "nurse_key")},
        types={kind.type: kind.name for kind in EVENTS.values()},
        tells="type",
    ),
    "PendingReviewChange": Shape(
        event,
        event.c.id,
        scope.events,
        {
            "applicationId": global_id("Application", event.c.application_id),
            **_plain(event, "at"),
            "change": event.c.queue,
            "kind": event.c.body.op("->>")("kind"),
            "left": event.c.body.op("->>")("left"),
            "entered": event.c.body.op("->>")("entered"),
        },
        _EVENT_KEYS,
        links={**_EVENT_LINKS, "event": SameRow("Event")},
    ),
}
