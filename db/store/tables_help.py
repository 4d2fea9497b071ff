"""The tables of help (帮助): FAQ, questions, announcements (公告), manuals (手册), and codes for the help desk."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
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
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.store.columns import KEY, NOW, at_time, listed, metadata, new_id, one_of, row_version, to
from rules.announcement import AUDIENCES, AnnouncementState
from rules.faq import FaqState, HelpAudience
from rules.manual import ManualLanguage
from rules.people import Party
from rules.question import QuestionState, QuestionTopic, Said
from rules.verification import Channel

_WAITING = "state in ('OPEN', 'REOPENED')"

faq = Table(
    "faq",
    metadata,
    new_id(),
    row_version("faq"),
    one_of("audience", HelpAudience),
    one_of("state", FaqState),
    Column("place", Integer, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("question_zh", "question_en", "answer_zh", "answer_en")),
    at_time("created_at", False, server_default=NOW),
    at_time("changed_at", False, server_default=NOW),
    Index("faq_state", "state", "audience", "place"),
)

faq_version = Table(
    "faq_version",
    metadata,
    to("faq"),
    Column("version", Integer, nullable=False),
    # Audience, state, place and texts as they were from then on.
    Column("content", JSONB, nullable=False),
    # None for what came with the service.
    to("account", "changed_by", nullable=True),
    at_time("at", False, server_default=NOW),
    PrimaryKeyConstraint("faq_id", "version"),
)

question = Table(
    "question",
    metadata,
    new_id(),
    row_version("question"),
    Column("version", Integer, nullable=False, server_default="1"),
    one_of("state", QuestionState),
    one_of("topic", QuestionTopic),
    Column("title", Text, nullable=False),
    # Who asks: an account, or a contact that a code has proved.
    to("account", nullable=True),
    one_of("asker_party", Party, nullable=True),
    one_of("channel", Channel, nullable=True),
    Column("contact_key_id", KEY),
    Column("contact_sealed", LargeBinary),
    Column("contact_masked", KEY),
    # Of the link by which somebody without an account comes back.
    Column("token_hash", LargeBinary, unique=True),
    to("application", nullable=True),
    # Whose desk has it: none is the help desk's.
    to("authority", nullable=True),
    to("account", "holder_id", nullable=True),
    at_time("held_until"),
    Column("due_on", Date),
    at_time("created_at", False, server_default=NOW),
    at_time("queued_at", False, server_default=NOW),
    at_time("answered_at"),
    at_time("overdue_at"),
    at_time("closed_at"),
    Index("question_account_id", "account_id", "id", postgresql_where=text("account_id is not null")),
    Index("question_application_id", "application_id", postgresql_where=text("application_id is not null")),
    Index("question_created_at", "created_at", "id"),
    Index("question_authority_id", "authority_id", "created_at", postgresql_where=text("authority_id is not null")),
    Index("question_waiting", "authority_id", "queued_at", "id", postgresql_where=text(_WAITING)),
    Index("question_answered", "answered_at", postgresql_where=text("state = 'ANSWERED'")),
    Index("question_held_until", "held_until", postgresql_where=text("held_until is not null")),
    Index("question_overdue", "due_on", postgresql_where=text(f"{_WAITING} and overdue_at is null")),
    CheckConstraint("(account_id is null) = (contact_sealed is not null)", name="asker"),
    CheckConstraint(
        "(account_id is null) = all(array[channel is not null, contact_key_id is not null,"
        " contact_masked is not null, token_hash is not null, asker_party is null])",
        name="contact",
    ),
    CheckConstraint("(holder_id is null) = (held_until is null)", name="held"),
    CheckConstraint("(state = 'CLOSED') = (closed_at is not null)", name="closed"),
)

question_message = Table(
    "question_message",
    metadata,
    new_id(),
    to("question"),
    one_of("said", Said),
    Column("text", Text, nullable=False),
    # None for who has no account.
    to("account", nullable=True),
    at_time("at", False, server_default=NOW),
    Index("question_message_question_id", "question_id", "id"),
)

question_file = Table(
    "question_file",
    metadata,
    new_id(),
    to("question"),
    Column("file_name", Text, nullable=False),
    Column("media_type", KEY, nullable=False),
    Column("size", Integer, nullable=False),
    # None once the file was erased.
    to("blob", nullable=True),
    at_time("at", False, server_default=NOW),
    at_time("erased_at"),
    Index("question_file_question_id", "question_id", "id"),
    Index("question_file_blob_id", "blob_id", postgresql_where=text("blob_id is not null")),
    CheckConstraint("(blob_id is null) = (erased_at is not null)", name="erased"),
)

contact_code = Table(
    "contact_code",
    metadata,
    # A code that proves the contact of somebody without an account: one a contact.
    Column("target_index", LargeBinary, primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    at_time("created_at", False, server_default=NOW),
    at_time("expires_at", False),
    Index("contact_code_expires_at", "expires_at"),
)

help_code = Table(
    "help_code",
    metadata,
    # By which the help desk sees for ten minutes where somebody stands: one an account.
    Column("account_id", Uuid, ForeignKey("account.id"), primary_key=True),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    at_time("created_at", False, server_default=NOW),
    at_time("expires_at", False),
    Index("help_code_expires_at", "expires_at"),
)

announcement = Table(
    "announcement",
    metadata,
    new_id(),
    row_version("announcement"),
    Column("version", Integer, nullable=False, server_default="1"),
    one_of("state", AnnouncementState),
    # For whom: the area of an authority with all below it, or the people of an institution.
    to("authority", nullable=True),
    to("institution", nullable=True),
    # The place in the tree of those who read it: whoever's own place begins with it.
    Column("reach", KEY, nullable=False),
    Column(
        "audience",
        ARRAY(KEY),
        CheckConstraint(
            f"audience <@ array[{listed(AUDIENCES)}]::text[] and cardinality(audience) > 0", name="audience"
        ),
        nullable=False,
    ),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    at_time("starts_at", False),
    at_time("ends_at"),
    to("account"),
    at_time("created_at", False, server_default=NOW),
    at_time("changed_at", False, server_default=NOW),
    # When those who read it were told.
    at_time("told_at"),
    Index("announcement_reach", "reach", "starts_at"),
    Index("announcement_untold", "starts_at", postgresql_where=text("told_at is null and state = 'PUBLISHED'")),
    CheckConstraint("(authority_id is null) <> (institution_id is null)", name="place"),
    CheckConstraint("ends_at is null or ends_at > starts_at", name="span"),
)

announcement_version = Table(
    "announcement_version",
    metadata,
    to("announcement"),
    Column("version", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    to("account", "changed_by"),
    at_time("at", False, server_default=NOW),
    PrimaryKeyConstraint("announcement_id", "version"),
)

announcement_read = Table(
    "announcement_read",
    metadata,
    to("account"),
    to("announcement"),
    # Of the announcement when it was read: a correction is to be read again.
    Column("version", Integer, nullable=False),
    at_time("at", False, server_default=NOW),
    PrimaryKeyConstraint("account_id", "announcement_id"),
)

manual = Table(
    "manual",
    metadata,
    new_id(),
    row_version("manual"),
    one_of("audience", HelpAudience),
    one_of("language", ManualLanguage),
    Column("title", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("dated", Date, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", KEY, nullable=False),
    Column("size", Integer, nullable=False),
    to("blob"),
    to("account"),
    at_time("published_at", False, server_default=NOW),
    at_time("replaced_at"),
    Index("manual_blob_id", "blob_id"),
    Index("manual_current", "audience", "language", "title", unique=True, postgresql_where=text("replaced_at is null")),
)
