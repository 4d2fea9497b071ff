"""The tables for getting an account: exams, captchas, codes, and the requests to a desk."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.store.columns import KEY, NOW, at_time, metadata, new_id, one_of, row_version, sealed, to
from rules.identity import DocumentType
from rules.nurse import Education, Sex
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
    Column("reason", Text),
    Index("desk_request_pending", "authority_id", "kind", "created_at", postgresql_where=text("state = 'PENDING'")),
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
