"""The tables for getting an account: exams, captchas, codes, and the requests to a desk."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.store.columns import KEY, NOW, at_time, listed, metadata, new_id, one_of, row_version, sealed, to
from rules.identity import DocumentType
from rules.nurse import Education, Sex
from rules.people import Role
from rules.relative import Relation
from rules.verification import Channel, CodePurpose, RequestKind, RequestState

exam_record = Table(
    "exam_record",
    metadata,
    new_id(),
    Column("name", Text(collation="C"), nullable=False),
    one_of("document_type", DocumentType),
    *sealed("id_number", False),
    Column("exam_certificate_number", KEY, nullable=False, unique=True),
    Column("passed_on", Date),
    Column("year", SmallInteger, nullable=False),
    Column("score", Text),
    Column("pool_linked", Boolean, nullable=False, server_default=text("false")),
    # What her first record is made of (N9b); most ID numbers tell the first two by themselves.
    one_of("sex", Sex, nullable=True),
    Column("birth_date", Date),
    Column("ethnicity", Text),
    one_of("education", Education, nullable=True),
    # A name that no machine can read is settled by the province; the library's own spelling stays.
    Column("recorded_name", Text(collation="C")),
    at_time("name_settled_at"),
    to("account", "name_settled_by", nullable=True),
    Column("name_evidence", Text),
    Index("exam_record_id_number", "document_type", "id_number_index"),
)

captcha = Table(
    "captcha",
    metadata,
    new_id(),
    Column("answer_hash", LargeBinary, nullable=False),
    at_time("expires_at", False),
    Index("captcha_expires_at", "expires_at"),
)

code = Table(
    "code",
    metadata,
    new_id(),
    one_of("purpose", CodePurpose),
    to("account"),
    one_of("channel", Channel),
    # Where it was sent: a channel that changed meanwhile is not what the code proves.
    Column("target_index", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    at_time("created_at", False, server_default=NOW),
    at_time("expires_at", False),
    at_time("burned_at"),
    Index("code_live", "account_id", "purpose", "channel", unique=True, postgresql_where=text("burned_at is null")),
)

activation_code = Table(
    "activation_code",
    metadata,
    new_id(),
    to("account"),
    to("institution", nullable=True),
    to("authority", nullable=True),
    to("account", "issued_by"),
    Column("code_hash", LargeBinary, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    at_time("issued_at", False, server_default=NOW),
    at_time("expires_at", False),
    at_time("used_at"),
    at_time("voided_at"),
    Index(
        "activation_code_live",
        "account_id",
        unique=True,
        postgresql_where=text("used_at is null and voided_at is null"),
    ),
    Index("activation_code_account_id", "account_id", "issued_at"),
    CheckConstraint("(institution_id is null) <> (authority_id is null)", name="issuer"),
)

desk_request = Table(
    "desk_request",
    metadata,
    new_id(),
    row_version("desk_request"),
    one_of("kind", RequestKind),
    one_of("state", RequestState),
    to("account", nullable=True),
    to("nurse", nullable=True),
    to("authority", nullable=True),
    # What is asked for, sealed as a whole: it holds names, numbers and where to answer.
    Column("content_key_id", KEY, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    at_time("created_at", False, server_default=NOW),
    at_time("decided_at"),
    to("account", "decided_by", nullable=True),
    # Who answers for a proposal since it was handed over; until then whose account it is.
    to("account", "answering_id", nullable=True),
    Column("reason", Text),
    # Of a proposal to merge two records, or to undo that: the other one, and how long the nurses may object.
    to("nurse", "merged_id", nullable=True),
    Column("objections_until", Date),
    Index("desk_request_nurse_id", "nurse_id", "kind", postgresql_where=text("nurse_id is not null")),
    Index("desk_request_pending", "authority_id", "kind", "created_at", postgresql_where=text("state = 'PENDING'")),
)

record_merge = Table(
    "record_merge",
    metadata,
    # Of the proposal that was confirmed, and its id.
    Column("id", Uuid, ForeignKey("desk_request.id"), primary_key=True),
    to("nurse", "kept_id"),
    to("nurse", "merged_id"),
    at_time("merged_at", False),
    at_time("undone_at"),
    # Both registrations and the account as they were, and the facts that the kept record got: all that is undone.
    Column("before", JSONB, nullable=False),
    # Whether the kept record has the other one's document since, and that one its own.
    Column("documents_swapped", Boolean, nullable=False, server_default=text("false")),
    Index("record_merge_kept_id", "kept_id", "id"),
    Index("record_merge_standing", "merged_id", unique=True, postgresql_where=text("undone_at is null")),
    CheckConstraint("kept_id <> merged_id", name="two"),
)

record_merge_row = Table(
    "record_merge_row",
    metadata,
    to("record_merge"),
    # Which column of which table points to the kept record since, and the row.
    Column("what", KEY, nullable=False),
    Column("row_id", Uuid, nullable=False),
    PrimaryKeyConstraint("record_merge_id", "what", "row_id"),
)

institution_document = Table(
    "institution_document",
    metadata,
    to("institution"),
    Column("document", KEY, nullable=False),
    to("account", "seen_by"),
    at_time("seen_at", False, server_default=NOW),
    UniqueConstraint("institution_id", "document"),
)

deputyship = Table(
    "deputyship",
    metadata,
    new_id(),
    # Two accounts of one institution or authority.
    to("account", "absent_id"),
    to("account", "deputy_id"),
    Column(
        "roles",
        ARRAY(KEY),
        CheckConstraint(f"roles <@ array[{listed(Role)}]::text[] and cardinality(roles) > 0", name="roles"),
        nullable=False,
    ),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    to("account", "named_by"),
    at_time("named_at", False, server_default=NOW),
    # Only where it ended before its last day.
    at_time("ended_at"),
    row_version("deputyship"),
    to("account", "ended_by", nullable=True),
    CheckConstraint("ends_on >= starts_on", name="order"),
    CheckConstraint("absent_id <> deputy_id", name="two"),
    CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),
    Index("deputyship_absent_id", "absent_id", "id"),
    Index("deputyship_deputy_id", "deputy_id", "id"),
)

work_handover = Table(
    "work_handover",
    metadata,
    new_id(),
    to("account", "from_id"),
    to("account", "to_id"),
    to("account", "handed_by"),
    at_time("at", False, server_default=NOW),
    # What moved, and what stayed for which reason: ids and codes.
    Column("items", JSONB, nullable=False),
    Index("work_handover_from_id", "from_id", "id"),
)

privacy_notice = Table(
    "privacy_notice",
    metadata,
    # What a nurse is told of her data (隐私政策): never changed, followed by the next version.
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("from_day", Date, nullable=False),
    Column("text_zh", Text, nullable=False),
    Column("text_en", Text, nullable=False),
)

privacy_acceptance = Table(
    "privacy_acceptance",
    metadata,
    new_id(),
    to("account"),
    Column("version", Integer, nullable=False),
    # Her separate consent for sensitive data that rest on consent (单独同意, PIPL 29); the last word counts.
    Column("sensitive", Boolean, nullable=False),
    at_time("at", False, server_default=NOW),
    Index("privacy_acceptance_account_id", "account_id", "id"),
)

relative_request = Table(
    "relative_request",
    metadata,
    new_id(),
    to("nurse"),
    one_of("relation", Relation),
    Column("relative_name", Text, nullable=False),
    Column("document_last4", KEY, CheckConstraint("document_last4 ~ '^[0-9A-Z]{4}$'", name="last4"), nullable=False),
    Column("proof", Text, nullable=False),
    Column("case_note", Text, nullable=False),
    to("authority"),
    to("account", "issued_by"),
    at_time("at", False, server_default=NOW),
    Index("relative_request_nurse_id", "nurse_id", "id"),
)
