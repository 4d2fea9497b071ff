"""The tables.

Every rule that the database can check by itself is in it: keys, enums, check digits, one open application.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy import (
    event as listen,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.store import (  # noqa: F401  they belong to the same metadata
    tables_account,
    tables_application,
    tables_certificate,
    tables_conduct,
    tables_help,
    tables_look,
    tables_practice,
    tables_roster,
    tables_unit,
)
from db.store.columns import (
    KEY,
    NEW_ID,
    NOW,
    at_time,
    characters,
    listed,
    metadata,
    new_id,
    one_of,
    row_version,
    sealed,
    searched,
    to,
)
from db.store.functions import FUNCTIONS, TRIGGERS
from rules.dispatch import DispatchKind
from rules.events import QueueChange
from rules.identity import DocumentType
from rules.institution import InstitutionState
from rules.interruption import InterruptionReason
from rules.kinds import Kind
from rules.nurse import Degree, Department, Education, HealthStatus, Post, Sex, StudyLength, Title, WorkCategory
from rules.people import AccountState, Party, Role
from rules.registration import DeregistrationReason, RegistrationStatus
from rules.verification import IdentityOutcome

authority = Table(
    "authority",
    metadata,
    new_id(),
    row_version("authority"),
    Column("code", KEY, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column(
        "level",
        KEY,
        CheckConstraint("level in ('NATION', 'PROVINCE', 'CITY', 'DISTRICT')", name="level"),
        nullable=False,
    ),
    to("authority", "parent_id", nullable=True),
    Column("path", KEY, nullable=False, unique=True),
    Column("two_persons", Boolean, nullable=False, server_default=text("true")),
    Column(
        "renewal_window_days",
        Integer,
        CheckConstraint("renewal_window_days between 30 and 365", name="window"),
        nullable=False,
        server_default="90",
    ),
    Column("promised_days", Integer, CheckConstraint("promised_days between 1 and 20", name="promise")),
    CheckConstraint("(level = 'NATION') = (parent_id is null)", name="tree"),
)

institution = Table(
    "institution",
    metadata,
    new_id(),
    row_version("institution"),
    Column("code", KEY, CheckConstraint("institution_code_valid(code)", name="code"), nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    one_of("state", InstitutionState),
    Column("responsible_name", Text),
    to("institution", "merged_into", nullable=True),
    at_time("closed_at"),
    Column("division", KEY, CheckConstraint("division ~ '^[0-9]{6}$'", name="division"), nullable=False),
    to("authority"),
    at_time("created_at", False, server_default=NOW),
    Index("institution_authority_id", "authority_id", "id"),
    Index("institution_state", "state", "name", "id"),
)


def searched_name(of: ColumnElement[str]) -> ColumnElement[str]:
    """An institution's name as it is searched, without case, brackets and dashes: as rules.institution.name_part."""
    return func.translate(func.lower(of), text("'（）·、—-'"), text("''"), type_=Text())


institution_key = searched_name(institution.c.name)
"""The same of an institution."""
Index("institution_name_characters", characters(institution_key), postgresql_using="gin")

approval_setting = Table(
    "approval_setting",
    metadata,
    to("institution"),
    one_of("kind", Kind),
    to("authority", nullable=True),
    at_time("set_at", False, server_default=NOW),
    PrimaryKeyConstraint("institution_id", "kind"),
)

blob = Table(
    "blob",
    metadata,
    new_id(),
    # An HMAC: equal files have one row, and a dump does not tell whether a file that somebody has is among them.
    Column("content_index", LargeBinary, unique=True),
    Column("content_key_id", KEY),
    # 28 bytes more than the file.
    Column("content_sealed", LargeBinary, CheckConstraint("octet_length(content_sealed) <= 5242908", name="size")),
    # As an earlier release has kept it, until a server has sealed it.
    Column("plain", LargeBinary),
    Column("media_type", KEY, nullable=False),
    at_time("created_at", False, server_default=NOW),
    CheckConstraint(
        "(plain is null) = all(array["
        "content_index is not null, content_key_id is not null, content_sealed is not null])",
        name="sealed",
    ),
    Index("blob_plain", "id", postgresql_where=text("plain is not null")),
)

nurse = Table(
    "nurse",
    metadata,
    new_id(),
    row_version("nurse"),
    Column("name", KEY, nullable=False),
    # How lists of names are ordered (db/store/name_order.py).
    Column("name_order", KEY, nullable=False),
    one_of("document_type", DocumentType),
    *sealed("id_number", nullable=False),
    *sealed("phone", nullable=True),
    *sealed("email", nullable=True),
    one_of("sex", Sex),
    Column("birth_date", Date, nullable=False),
    Column("ethnicity", Text, nullable=False),
    Column("nationality", Text, nullable=False, server_default="中国"),
    one_of("health_status", HealthStatus),
    Column("exam_score", Text),
    Column("exam_passed_on", Date),
    Column("exam_year", SmallInteger),
    Column("exam_certificate_number", KEY, unique=True),
    Column("exam_pool_linked", Boolean, nullable=False, server_default=text("false")),
    Column("school", Text),
    Column("major", Text),
    one_of("study_length", StudyLength, nullable=True),
    one_of("education", Education),
    Column("other_education", Text),
    one_of("degree", Degree),
    Column("graduated_on", Date),
    Column("study_history", Text),
    one_of("work_category", WorkCategory, nullable=True),
    one_of("department", Department, nullable=True),
    Column("other_department", Text),
    one_of("post", Post, nullable=True),
    Column("other_post", Text),
    one_of("title", Title, nullable=True),
    Column("started_work_on", Date),
    Column("work_history", Text),
    Column("auxiliary", Text),
    Column("good_record", Text),
    Column("bad_record", Text),
    to("blob", "photo_id", nullable=True),
    at_time("created_at", False, server_default=NOW),
    at_time("delivery_consent_at"),
    # The record that stands for this one since they were merged (合并档案).
    to("nurse", "merged_into", nullable=True),
    UniqueConstraint("document_type", "id_number_index"),
    Index("nurse_name", "name", "id"),
    Index("nurse_name_order", "name_order", "id"),
    Index("nurse_photo_id", "photo_id", postgresql_where=text("photo_id is not null")),
    Index("nurse_merged_into", "merged_into", postgresql_where=text("merged_into is not null")),
    CheckConstraint(
        "document_type not in ('RESIDENT_ID', 'HMT_RESIDENCE_PERMIT')"
        " or id_number_masked ~ '^[0-9]{3}[*]{11}[0-9X]{2}$'",
        name="id_number_masked",
    ),
    # Nobody writes a name without its place in the order.
    CheckConstraint("right(name_order, length(name) + 1) = ' ' || name", name="name_order"),
)
nurse_key = searched(nurse.c.name)
Index("nurse_name_characters", characters(nurse_key), postgresql_using="gin")

registration = Table(
    "registration",
    metadata,
    Column("nurse_id", Uuid, ForeignKey("nurse.id"), primary_key=True),
    one_of("status", RegistrationStatus),
    Column("certificate_number", KEY, unique=True),
    Column("first_registered_on", Date),
    Column("valid_until", Date),
    to("institution", nullable=True),
    to("authority", nullable=True),
    one_of("last_kind", Kind, nullable=True),
    one_of("deregistration_reason", DeregistrationReason, nullable=True),
    Column("bar_until", Date),
    Column("version", Integer, nullable=False, server_default="1"),
    # Of her institution; a trigger takes it away where she leaves that.
    Column("unit_id", Uuid),
    ForeignKeyConstraint(["unit_id", "institution_id"], ["unit.id", "unit.institution_id"]),
    Index("registration_unit_id", "unit_id", "valid_until", "nurse_id", postgresql_where=text("unit_id is not null")),
    Index("registration_roster", "institution_id", "valid_until", "nurse_id"),
    Index("registration_authority", "authority_id", "valid_until", "nurse_id"),
    Index("registration_valid_until", "valid_until", "nurse_id"),
    CheckConstraint(
        "status = 'NEVER' or (certificate_number is not null and valid_until is not null and authority_id is not null)",
        name="complete",
    ),
    CheckConstraint("(status = 'DEREGISTERED') = (deregistration_reason is not null)", name="reason"),
)

registration_span = Table(
    "registration_span",
    metadata,
    new_id(),
    to("nurse"),
    Column(
        "kind", KEY, CheckConstraint("kind in ('SUSPENSION', 'INTERRUPTION', 'DISPATCH')", name="kind"), nullable=False
    ),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("decision_number", KEY),
    # In words, of a suspension; an interruption has a code, or nothing: never why in words.
    Column("reason", Text),
    one_of("cause", InterruptionReason, nullable=True),
    to("account", nullable=True),
    # Who recorded an interruption or a dispatch: the institution, which may set it right also when she has left.
    to("institution", nullable=True),
    one_of("dispatch_kind", DispatchKind, nullable=True),
    to("institution", "to_institution_id", nullable=True),
    Column("place", Text),
    at_time("recorded_at"),
    Column("dispute", Text),
    at_time("disputed_at"),
    Column("answer", Text),
    at_time("answered_at"),
    at_time("withdrawn_at"),
    row_version("registration_span"),
    Index("registration_span_nurse_id", "nurse_id", "starts_on"),
    Index("registration_span_institution_id", "institution_id", "kind", "id"),
    Index(
        "registration_span_guests", "to_institution_id", "id", postgresql_where=text("to_institution_id is not null")
    ),
    Index("registration_span_suspension", "ends_on", postgresql_where=text("kind = 'SUSPENSION'")),
    CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
    CheckConstraint("kind <> 'INTERRUPTION' or reason is null", name="no_words"),
    CheckConstraint("(kind = 'DISPATCH') = (dispatch_kind is not null)", name="dispatch"),
)

account = Table(
    "account",
    metadata,
    new_id(),
    row_version("account"),
    one_of("party", Party),
    to("nurse", nullable=True),
    to("institution", nullable=True),
    to("authority", nullable=True),
    to("nurse", "self_nurse_id", nullable=True),
    Column(
        "user_name", KEY, CheckConstraint("user_name ~ '^[A-Za-z][A-Za-z0-9]{5,11}$'", name="user_name"), nullable=False
    ),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    # What a nurse says of herself before the register knows her (N1), afterwards her record rules; of staff, what their
    # manager has seen, by which they are joined to their own records (db/self_nurse.py).
    one_of("document_type", DocumentType, nullable=True),
    *sealed("id_number", True),
    one_of("identity_outcome", IdentityOutcome, nullable=True),
    Column("corrections", SmallInteger, nullable=False, server_default="0"),
    Column("certificate_tries", SmallInteger, nullable=False, server_default="0"),
    *sealed("phone", True),
    *sealed("email", True),
    at_time("phone_verified_at"),
    at_time("email_verified_at"),
    at_time("contact_held_until"),
    Column("must_set_password", Boolean, nullable=False, server_default=text("false")),
    at_time("invited_until"),
    one_of("state", AccountState),
    Column(
        "roles",
        ARRAY(KEY),
        CheckConstraint(f"roles <@ array[{listed(Role)}]::text[] and cardinality(roles) > 0", name="roles"),
        nullable=False,
    ),
    # The units that it is limited to; none is no limit, but for a ward head.
    Column("unit_ids", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("identity_verified", Boolean, nullable=False, server_default=text("false")),
    Column("contact_verified", Boolean, nullable=False, server_default=text("false")),
    Column("certificate_verified", Boolean, nullable=False, server_default=text("false")),
    at_time("created_at", False, server_default=NOW),
    at_time("activated_at"),
    at_time("last_sign_in_at"),
    # Of who leads an office: whether she wants to be written to each week about what waits there.
    Column("weekly_summary", Boolean, nullable=False, server_default=text("true")),
    Index("account_user_name_key", text("lower(user_name)"), unique=True),
    Index("account_name_undecided", "created_at", "id", postgresql_where=text("identity_outcome = 'NAME_UNDECIDED'")),
    Index("account_nurse_id_key", "nurse_id", unique=True, postgresql_where=text("state <> 'REVOKED'")),
    Index(
        "account_id_number_key",
        "document_type",
        "id_number_index",
        unique=True,
        postgresql_where=text("party = 'NURSE' and state <> 'REVOKED' and id_number_index is not null"),
    ),
    # Of whoever works somewhere: one account a place, so that two accounts never stand for two persons.
    Index(
        "account_staff_id_number_key",
        "document_type",
        "id_number_index",
        text("coalesce(institution_id, authority_id)"),
        unique=True,
        postgresql_where=text("party <> 'NURSE' and id_number_index is not null"),
    ),
    Index(
        "account_phone_key",
        "phone_index",
        unique=True,
        postgresql_where=text("state <> 'REVOKED' and phone_verified_at is not null"),
    ),
    Index(
        "account_email_key",
        "email_index",
        unique=True,
        postgresql_where=text("state <> 'REVOKED' and email_verified_at is not null"),
    ),
    Index("account_institution_id", "institution_id", postgresql_where=text("institution_id is not null")),
    Index("account_authority_id", "authority_id", postgresql_where=text("authority_id is not null")),
    CheckConstraint(
        "(party = 'NURSE' or nurse_id is null) and (party = 'INSTITUTION') = (institution_id is not null)"
        " and (party = 'AUTHORITY') = (authority_id is not null)",
        name="speaks_for",
    ),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    to("account"),
    at_time("created_at", False, server_default=NOW),
    at_time("expires_at", False),
    at_time("revoked_at"),
    # Of a deputy who acts for an absent colleague: for as long as it is signed in to, and never changed.
    to("deputyship", nullable=True),
    Index("session_account_id", "account_id", postgresql_where=text("revoked_at is null")),
)

attempt = Table(
    "attempt",
    metadata,
    new_id(),
    Column("subject", LargeBinary, nullable=False),
    at_time("at", False, server_default=NOW),
    Index("attempt_subject", "subject", "at"),
)

registration_history = Table(
    "registration_history",
    metadata,
    new_id(),
    to("nurse"),
    one_of("kind", Kind, nullable=True),
    Column("reason", Text),
    to("application", nullable=True),
    to("account", nullable=True),
    at_time("at", False, server_default=NOW),
    one_of("status", RegistrationStatus),
    Column("certificate_number", KEY),
    Column("valid_until", Date),
    to("institution", nullable=True),
    to("authority", nullable=True),
    Index("registration_history_nurse_id", "nurse_id", "id"),
)

feed_scope = Table(
    "feed_scope",
    metadata,
    Column("scope", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("access", BigInteger, nullable=False, server_default=text("0")),
)

feed_epoch = Table(
    "feed_epoch",
    metadata,
    Column("epoch", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column(
        "single",
        Boolean,
        CheckConstraint("single", name="single"),
        unique=True,
        nullable=False,
        server_default=text("true"),
    ),
)

event = Table(
    "event",
    metadata,
    Column("scope", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    at_time("at", False),
    Column("id", Uuid, nullable=False),
    Column("type", KEY, nullable=False),
    Column("application_id", Uuid),
    Column("account_id", Uuid),
    Column("queue", KEY, CheckConstraint(f"queue in ({listed(QueueChange)})", name="queue")),
    Column("body", JSONB, nullable=False),
    # The units whose people hear it where they are limited: of an institution's scope, the nurse's when it happened.
    Column("unit_ids", ARRAY(Uuid)),
    PrimaryKeyConstraint("scope", "seq", "at"),
    postgresql_partition_by="RANGE (at)",
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("client", KEY, nullable=False),
    Column("mutation", KEY, nullable=False),
    Column("key", KEY, CheckConstraint("length(key) between 8 and 64", name="key"), nullable=False),
    Column("input_hash", LargeBinary, nullable=False),
    Column("result_id", Uuid, nullable=False),
    at_time("created_at", False, server_default=NOW),
    PrimaryKeyConstraint("client", "mutation", "key"),
    Index("idempotency_created_at", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    new_id(),
    row_version("outbox"),
    Column("channel", KEY, CheckConstraint("channel in ('MAIL', 'SMS')", name="channel"), nullable=False),
    Column("recipient_key_id", KEY, nullable=False),
    Column("recipient_sealed", LargeBinary, nullable=False),
    Column("template", KEY, nullable=False),
    # Its values may be a code or a first password.
    Column("content_key_id", KEY, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    at_time("created_at", False, server_default=NOW),
    at_time("due_at", False, server_default=NOW),
    at_time("claimed_until"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    at_time("sent_at"),
    at_time("dead_at"),
    Column("last_error", Text),
    # One of many at once: whoever waits for a code goes first.
    Column("bulk", Boolean, nullable=False, server_default=text("false")),
    Index("outbox_due", "bulk", "due_at", postgresql_where=text("sent_at is null and dead_at is null")),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Uuid, nullable=False, server_default=NEW_ID),
    at_time("at", False, server_default=NOW),
    Column("account_id", Uuid),
    # Whose account it was at that time: its party, its institution or authority, its roles.
    Column("party", KEY),
    Column("place_id", Uuid),
    Column("roles", ARRAY(KEY), nullable=False, server_default="{}"),
    # Whom it is about: one nurse, or all of a list.
    Column("nurse_id", Uuid),
    Column("members", ARRAY(Uuid)),
    Column("action", KEY, nullable=False),
    Column("purpose", KEY),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    # Of a look for an investigation (调查): until this day the nurse is not told of it.
    Column("withheld_until", Date),
    PrimaryKeyConstraint("id", "at"),
    Index("audit_nurse_id", "nurse_id", "at"),
    Index("audit_place_id", "place_id", "at"),
    Index("audit_members", "members", postgresql_using="gin", postgresql_where=text("members is not null")),
    postgresql_partition_by="RANGE (at)",
)

keyring_check = Table(
    "keyring_check",
    metadata,
    Column("value", LargeBinary, primary_key=True),
    # The key that makes indexes and signatures; the oldest where a release before has left none.
    Column("key_id", KEY),
)

APPEND_ONLY = (
    *("event", "review_decision", "registration_history", "application_revision", "audit", "privacy_acceptance"),
    "relative_request",
)
"""The application's role may add to these and read them, never change or delete."""

for function in FUNCTIONS:
    listen.listen(metadata, "before_create", DDL(function.replace("%", "%%")))  # type: ignore[no-untyped-call]
for trigger in TRIGGERS:
    listen.listen(metadata, "after_create", DDL(trigger.replace("%", "%%")))  # type: ignore[no-untyped-call]
