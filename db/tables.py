"""The tables. What the database can refuse by itself, it refuses: keys, enums, check digits, one open application."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
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

from db.functions import FUNCTIONS, TRIGGERS
from rules.application import OPEN, PENDING, State
from rules.events import QueueChange
from rules.identity import DocumentType
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.nurse import Degree, Department, Education, HealthStatus, Post, Sex, StudyLength, Title, WorkCategory
from rules.people import AccountState, Party, Role
from rules.registration import DeregistrationReason, RegistrationStatus

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

KEY = Text(collation="C")
"""Text that is compared byte by byte: codes, numbers, sort columns."""
NOW = func.now()
NEW_ID = text("uuidv7()")


def _id() -> Column[object]:
    return Column("id", Uuid, primary_key=True, server_default=NEW_ID)


def _at(name: str, nullable: bool = True, **more: object) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, **more)  # type: ignore[arg-type]


def _to(target: str, name: str | None = None, nullable: bool = False) -> Column[object]:
    return Column(name or f"{target}_id", Uuid, ForeignKey(f"{target}.id"), nullable=nullable)


def _one_of(name: str, values: type[StrEnum], nullable: bool = False) -> Column[object]:
    return Column(name, KEY, CheckConstraint(f"{name} in ({_listed(values)})", name=name), nullable=nullable)


def _listed(values: type[StrEnum] | frozenset[State]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _sealed(name: str, nullable: bool) -> tuple[Column[object], ...]:
    """A private value: ciphertext, the id of its key, a keyed blind index to find it by, and a mask to show."""
    return (
        Column(f"{name}_key_id", KEY, nullable=nullable),
        Column(f"{name}_sealed", LargeBinary, nullable=nullable),
        Column(f"{name}_index", LargeBinary, nullable=nullable),
        Column(f"{name}_masked", KEY, nullable=nullable),
    )


authority = Table(
    "authority",
    metadata,
    _id(),
    Column("code", KEY, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column(
        "level",
        KEY,
        CheckConstraint("level in ('NATION', 'PROVINCE', 'CITY', 'DISTRICT')", name="level"),
        nullable=False,
    ),
    _to("authority", "parent_id", nullable=True),
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
    _id(),
    Column("code", KEY, CheckConstraint("institution_code_valid(code)", name="code"), nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    _one_of("state", InstitutionState),
    Column("division", KEY, CheckConstraint("division ~ '^[0-9]{6}$'", name="division"), nullable=False),
    _to("authority"),
    _at("created_at", False, server_default=NOW),
    Index("institution_authority_id", "authority_id", "id"),
)

approval_setting = Table(
    "approval_setting",
    metadata,
    _to("institution"),
    _one_of("kind", Kind),
    _to("authority", nullable=True),
    _at("set_at", False, server_default=NOW),
    PrimaryKeyConstraint("institution_id", "kind"),
)

blob = Table(
    "blob",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("media_type", KEY, nullable=False),
    Column("content", LargeBinary, CheckConstraint("octet_length(content) <= 5242880", name="size"), nullable=False),
    _at("created_at", False, server_default=NOW),
    CheckConstraint("sha256 = sha256(content)", name="sha256"),
)

nurse = Table(
    "nurse",
    metadata,
    _id(),
    Column("name", KEY, nullable=False),
    _one_of("document_type", DocumentType),
    *_sealed("id_number", nullable=False),
    *_sealed("phone", nullable=True),
    *_sealed("email", nullable=True),
    _one_of("sex", Sex),
    Column("birth_date", Date, nullable=False),
    Column("ethnicity", Text, nullable=False),
    Column("nationality", Text, nullable=False, server_default="中国"),
    _one_of("health_status", HealthStatus),
    Column("exam_score", Text),
    Column("exam_passed_on", Date),
    Column("exam_year", SmallInteger),
    Column("exam_certificate_number", KEY, unique=True),
    Column("exam_pool_linked", Boolean, nullable=False, server_default=text("false")),
    Column("school", Text),
    Column("major", Text),
    _one_of("study_length", StudyLength, nullable=True),
    _one_of("education", Education),
    _one_of("degree", Degree),
    Column("graduated_on", Date),
    Column("study_history", Text),
    _one_of("work_category", WorkCategory, nullable=True),
    _one_of("department", Department, nullable=True),
    _one_of("post", Post, nullable=True),
    _one_of("title", Title, nullable=True),
    Column("started_work_on", Date),
    Column("work_history", Text),
    Column("auxiliary", Text),
    Column("good_record", Text),
    Column("bad_record", Text),
    Column("photo_sha256", LargeBinary, ForeignKey("blob.sha256")),
    _at("created_at", False, server_default=NOW),
    UniqueConstraint("document_type", "id_number_index"),
    Index("nurse_name", "name", "id"),
    CheckConstraint(
        "document_type not in ('RESIDENT_ID', 'HMT_RESIDENCE_PERMIT')"
        " or id_number_masked ~ '^[0-9]{3}[*]{11}[0-9X]{2}$'",
        name="id_number_masked",
    ),
)

registration = Table(
    "registration",
    metadata,
    Column("nurse_id", Uuid, ForeignKey("nurse.id"), primary_key=True),
    _one_of("status", RegistrationStatus),
    Column("certificate_number", KEY, unique=True),
    Column("first_registered_on", Date),
    Column("valid_until", Date),
    _to("institution", nullable=True),
    _to("authority", nullable=True),
    _one_of("last_kind", Kind, nullable=True),
    _one_of("deregistration_reason", DeregistrationReason, nullable=True),
    Column("bar_until", Date),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("registration_roster", "institution_id", "valid_until", "nurse_id"),
    Index("registration_authority", "authority_id", "valid_until", "nurse_id"),
    CheckConstraint(
        "status = 'NEVER' or (certificate_number is not null and valid_until is not null and authority_id is not null)",
        name="complete",
    ),
    CheckConstraint("(status = 'DEREGISTERED') = (deregistration_reason is not null)", name="reason"),
)

registration_span = Table(
    "registration_span",
    metadata,
    _id(),
    _to("nurse"),
    Column(
        "kind", KEY, CheckConstraint("kind in ('SUSPENSION', 'INTERRUPTION', 'DISPATCH')", name="kind"), nullable=False
    ),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("decision_number", KEY),
    Index("registration_span_nurse_id", "nurse_id", "starts_on"),
    CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
)

account = Table(
    "account",
    metadata,
    _id(),
    _one_of("party", Party),
    _to("nurse", nullable=True),
    _to("institution", nullable=True),
    _to("authority", nullable=True),
    _to("nurse", "self_nurse_id", nullable=True),
    Column(
        "user_name", KEY, CheckConstraint("user_name ~ '^[A-Za-z][A-Za-z0-9]{5,11}$'", name="user_name"), nullable=False
    ),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    _one_of("state", AccountState),
    Column(
        "roles",
        ARRAY(KEY),
        CheckConstraint(f"roles <@ array[{_listed(Role)}]::text[] and cardinality(roles) > 0", name="roles"),
        nullable=False,
    ),
    Column("identity_verified", Boolean, nullable=False, server_default=text("false")),
    Column("contact_verified", Boolean, nullable=False, server_default=text("false")),
    Column("certificate_verified", Boolean, nullable=False, server_default=text("false")),
    _at("created_at", False, server_default=NOW),
    Index("account_user_name_key", text("lower(user_name)"), unique=True),
    Index("account_nurse_id_key", "nurse_id", unique=True, postgresql_where=text("state <> 'REVOKED'")),
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
    _to("account"),
    _at("created_at", False, server_default=NOW),
    _at("expires_at", False),
    _at("revoked_at"),
    Index("session_account_id", "account_id", postgresql_where=text("revoked_at is null")),
)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    Column("subject", LargeBinary, nullable=False),
    _at("at", False, server_default=NOW),
    Index("attempt_subject", "subject", "at"),
)

application = Table(
    "application",
    metadata,
    _id(),
    _one_of("kind", Kind),
    _one_of("state", State),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("revision", Integer, nullable=False, server_default="0"),
    _to("nurse"),
    _to("institution", nullable=True),
    _to("authority", nullable=True),
    _one_of("filed_by", Party),
    Column("nurse_name", Text, nullable=False),
    Column("id_number_masked", KEY, nullable=False),
    Column("certificate_number", KEY),
    Column("form", JSONB, nullable=False),
    Column("marked_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("corrections", SmallInteger, nullable=False, server_default="0"),
    _to("account", "recommender_id", nullable=True),
    Column("on_hold", Boolean, nullable=False, server_default=text("false")),
    Column("objected", Boolean, nullable=False, server_default=text("false")),
    Column("extended", Boolean, nullable=False, server_default=text("false")),
    Column("deemed", Boolean, nullable=False, server_default=text("false")),
    Column("receipt_number", KEY, unique=True),
    Column("due_on", Date),
    Column("promised_due_on", Date),
    _to("account", "holder_id", nullable=True),
    _at("held_until"),
    _at("created_at", False, server_default=NOW),
    _at("submitted_at"),
    _at("queued_at"),
    _at("forwarded_at"),
    _at("accepted_at"),
    _at("decided_at"),
    _to("account", "moved_by", nullable=True),
    _at("moved_at", False, server_default=NOW),
    # Two halves of one rule: any two open ones collide, except a CHANGE beside a RENEWAL.
    Index(
        "application_one_open_but_change",
        "nurse_id",
        unique=True,
        postgresql_where=text(f"state in ({_listed(OPEN)}) and kind <> 'CHANGE'"),
    ),
    Index(
        "application_one_open_but_renewal",
        "nurse_id",
        unique=True,
        postgresql_where=text(f"state in ({_listed(OPEN)}) and kind <> 'RENEWAL'"),
    ),
    Index("application_one_draft", "nurse_id", "kind", unique=True, postgresql_where=text("state = 'DRAFT'")),
    Index("application_nurse_id", "nurse_id", "id"),
    Index("application_institution_id", "institution_id", "id"),
    Index("application_authority_id", "authority_id", "id"),
    Index(
        "application_institution_desk",
        "institution_id",
        "queued_at",
        "id",
        postgresql_where=text(f"state in ({_listed(PENDING[Party.INSTITUTION])})"),
    ),
    Index(
        "application_authority_desk",
        "authority_id",
        "queued_at",
        "id",
        postgresql_where=text(f"state in ({_listed(PENDING[Party.AUTHORITY])})"),
    ),
    CheckConstraint("state in ('DRAFT', 'WITHDRAWN') or (revision > 0 and submitted_at is not null)", name="submitted"),
    CheckConstraint("state not in ('ACCEPTED', 'APPROVED', 'REJECTED') or (authority_id is not null)", name="stamped"),
    CheckConstraint(
        f"state not in ({_listed(frozenset().union(*PENDING.values()))}) or queued_at is not null", name="queued"
    ),
)

application_revision = Table(
    "application_revision",
    metadata,
    _to("application"),
    Column("revision", Integer, nullable=False),
    Column("form", JSONB, nullable=False),
    Column("changed_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    _to("account", nullable=True),
    _at("at", False, server_default=NOW),
    PrimaryKeyConstraint("application_id", "revision"),
)

review_decision = Table(
    "review_decision",
    metadata,
    _id(),
    _to("application"),
    Column("revision", Integer, nullable=False),
    Column(
        "stage",
        KEY,
        CheckConstraint("stage in ('INSTITUTION', 'AUTHORITY_REVIEW', 'AUTHORITY_DECISION')", name="stage"),
        nullable=False,
    ),
    Column(
        "outcome",
        KEY,
        CheckConstraint(
            "outcome in ('AGREED', 'REFUSED', 'RETURNED', 'CORRECTION_REQUIRED', 'ACCEPTED', 'NOT_ACCEPTED')",
            name="outcome",
        ),
        nullable=False,
    ),
    Column("reasons", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("marked_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("opinion", Text),
    _to("account", "decider_id", nullable=True),
    _at("at", False, server_default=NOW),
    Index("review_decision_application_id", "application_id", "id"),
)

registration_history = Table(
    "registration_history",
    metadata,
    _id(),
    _to("nurse"),
    _one_of("kind", Kind, nullable=True),
    Column("reason", Text),
    _to("application", nullable=True),
    _to("account", nullable=True),
    _at("at", False, server_default=NOW),
    _one_of("status", RegistrationStatus),
    Column("certificate_number", KEY),
    Column("valid_until", Date),
    _to("institution", nullable=True),
    _to("authority", nullable=True),
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
    _at("at", False),
    Column("id", Uuid, nullable=False),
    Column("type", KEY, nullable=False),
    Column("application_id", Uuid),
    Column("account_id", Uuid),
    Column("queue", KEY, CheckConstraint(f"queue in ({_listed(QueueChange)})", name="queue")),
    Column("body", JSONB, nullable=False),
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
    _at("created_at", False, server_default=NOW),
    PrimaryKeyConstraint("client", "mutation", "key"),
    Index("idempotency_created_at", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("channel", KEY, CheckConstraint("channel in ('MAIL', 'SMS')", name="channel"), nullable=False),
    Column("recipient_key_id", KEY, nullable=False),
    Column("recipient_sealed", LargeBinary, nullable=False),
    Column("template", KEY, nullable=False),
    Column("params", JSONB, nullable=False),
    _at("created_at", False, server_default=NOW),
    _at("due_at", False, server_default=NOW),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    _at("sent_at"),
    _at("dead_at"),
    Column("last_error", Text),
    Index("outbox_due_at", "due_at", postgresql_where=text("sent_at is null and dead_at is null")),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _at("at", False, server_default=NOW),
    Column("account_id", Uuid),
    Column("nurse_id", Uuid),
    Column("action", KEY, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Index("audit_nurse_id", "nurse_id", "at"),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("note", Text),
)

receipt_counter = Table(
    "receipt_counter",
    metadata,
    _to("authority"),
    Column("year", SmallInteger, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("authority_id", "year"),
)

keyring_check = Table(
    "keyring_check",
    metadata,
    Column("value", LargeBinary, primary_key=True),
)

APPEND_ONLY = ("event", "review_decision", "registration_history", "application_revision", "audit")
"""The application's role may add to these and read them, never change or delete."""

for function in FUNCTIONS:
    listen.listen(metadata, "before_create", DDL(function.replace("%", "%%")))  # type: ignore[no-untyped-call]
for trigger in TRIGGERS:
    listen.listen(metadata, "after_create", DDL(trigger.replace("%", "%%")))  # type: ignore[no-untyped-call]
