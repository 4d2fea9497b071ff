"""The tables of applications: filings, decisions, counts, materials, and due days."""

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

from db.store.columns import KEY, NOW, at_time, listed, metadata, new_id, one_of, row_version, to
from rules.application import OPEN, PENDING, State
from rules.batch import STEPS, BatchState
from rules.calendar import DayBasis
from rules.collective import FilingState
from rules.delivery import DeliveryWay
from rules.hold import Pause
from rules.identity import DocumentType
from rules.information_change import ChangeState
from rules.kinds import Kind
from rules.law import LawSubject
from rules.nurse import Sex
from rules.people import Party
from rules.photo import ENDED, PhotoState
from rules.recusal import Unconfirmed

_UNADDRESSED = "state = 'INSTITUTION_REVIEW' and institution_id is null"

application = Table(
    "application",
    metadata,
    new_id(),
    row_version("application"),
    one_of("kind", Kind),
    one_of("state", State),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("revision", Integer, nullable=False, server_default="0"),
    to("nurse"),
    to("institution", nullable=True),
    to("authority", nullable=True),
    one_of("filed_by", Party),
    Column("nurse_name", Text, nullable=False),
    one_of("nurse_sex", Sex),
    Column("nurse_birth_date", Date, nullable=False),
    one_of("document_type", DocumentType),
    Column("id_number_masked", KEY, nullable=False),
    Column("certificate_number", KEY),
    Column("form", JSONB, nullable=False),
    Column("marked_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("corrections", SmallInteger, nullable=False, server_default="0"),
    to("account", "recommender_id", nullable=True),
    Column("recommended_against", Boolean, nullable=False, server_default=text("false")),
    # The version that the recommendation made: what happened since gives cause for another one.
    Column("recommended_version", Integer),
    # Who answers for the recommendation since it was handed over; until then who gave it.
    to("account", "answering_id", nullable=True),
    Column("on_hold", Boolean, nullable=False, server_default=text("false")),
    Column("objected", Boolean, nullable=False, server_default=text("false")),
    Column("extended", Boolean, nullable=False, server_default=text("false")),
    Column("deemed", Boolean, nullable=False, server_default=text("false")),
    Column("receipt_number", KEY, unique=True),
    Column("due_on", Date),
    Column("promised_due_on", Date),
    # As the acceptance told them, wherever the period has gone since.
    Column("told_due_on", Date),
    Column("told_promised_due_on", Date),
    # When they were counted; until they are counted again, at the acceptance.
    at_time("due_counted_at"),
    to("account", "holder_id", nullable=True),
    at_time("held_until"),
    # Went to the authority without the institution's word.
    at_time("escalated_at"),
    one_of("unconfirmed", Unconfirmed, nullable=True),
    # The authority that lacked the officers; the one above decides in its place, and the entry stays its own.
    to("authority", "passed_up_from_id", nullable=True),
    Column("objection", Text),
    Column("objection_answer", Text),
    Column("extension_reason", Text),
    # As the letter tells it, wherever the period has gone since.
    at_time("extended_at"),
    Column("extended_from", Date),
    Column("extended_until", Date),
    # By the institution that it is with; without it she has named that herself.
    Column("claimed", Boolean, nullable=False, server_default=text("false")),
    # The deregistration before whose end nothing is granted; written before it is itself.
    Column("blocked_by_id", Uuid, ForeignKey("application.id", deferrable=True, initially="DEFERRED")),
    to("collective_filing", nullable=True),
    at_time("created_at", False, server_default=NOW),
    at_time("submitted_at"),
    at_time("queued_at"),
    at_time("forwarded_at"),
    at_time("accepted_at"),
    at_time("decided_at"),
    to("account", "moved_by", nullable=True),
    at_time("moved_at", False, server_default=NOW),
    # Two halves of one rule: any two open ones collide, except a CHANGE beside a RENEWAL, and what is blocked.
    Index(
        "application_one_open_but_change",
        "nurse_id",
        unique=True,
        postgresql_where=text(f"state in ({listed(OPEN)}) and kind <> 'CHANGE' and blocked_by_id is null"),
    ),
    Index(
        "application_one_open_but_renewal",
        "nurse_id",
        unique=True,
        postgresql_where=text(f"state in ({listed(OPEN)}) and kind <> 'RENEWAL' and blocked_by_id is null"),
    ),
    Index("application_one_draft", "nurse_id", "kind", unique=True, postgresql_where=text("state = 'DRAFT'")),
    Index("application_nurse_id", "nurse_id", "id"),
    Index("application_institution_id", "institution_id", "submitted_at", "id"),
    Index("application_authority_id", "authority_id", "submitted_at", "id"),
    Index("application_submitted_at", "submitted_at", "id", postgresql_where=text("revision > 0")),
    Index(
        "application_institution_desk",
        "institution_id",
        "queued_at",
        "id",
        postgresql_where=text(f"state in ({listed(PENDING[Party.INSTITUTION])})"),
    ),
    Index(
        "application_authority_desk",
        "authority_id",
        "queued_at",
        "id",
        postgresql_where=text(f"state in ({listed(PENDING[Party.AUTHORITY])})"),
    ),
    # For the scheduler: open ones by how long they have stood.
    Index("application_waiting", "moved_at", "id", postgresql_where=text(f"state in ({listed(OPEN)})")),
    Index("application_blocked_by_id", "blocked_by_id", "id", postgresql_where=text("blocked_by_id is not null")),
    # Leases by their end; most applications have none.
    Index("application_held_until", "held_until", "id", postgresql_where=text("held_until is not null")),
    Index("application_unaddressed", "id", postgresql_where=text(_UNADDRESSED)),
    CheckConstraint("state in ('DRAFT', 'WITHDRAWN') or (revision > 0 and submitted_at is not null)", name="submitted"),
    CheckConstraint("state not in ('ACCEPTED', 'APPROVED', 'REJECTED') or (authority_id is not null)", name="stamped"),
    CheckConstraint(
        f"state not in ({listed(frozenset().union(*PENDING.values()))}) or queued_at is not null", name="queued"
    ),
)

application_revision = Table(
    "application_revision",
    metadata,
    to("application"),
    Column("revision", Integer, nullable=False),
    Column("form", JSONB, nullable=False),
    Column("changed_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    # Of the first: what the register and her record said when it was filed; none in filings of an earlier release.
    Column("on_record", JSONB),
    to("account", nullable=True),
    at_time("at", False, server_default=NOW),
    PrimaryKeyConstraint("application_id", "revision"),
)

review_decision = Table(
    "review_decision",
    metadata,
    new_id(),
    to("application"),
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
            "outcome in ('AGREED', 'REFUSED', 'RETURNED', 'CORRECTION_REQUIRED', 'ACCEPTED', 'NOT_ACCEPTED',"
            " 'TRANSFERRED', 'NO_OTHER_PERSON', 'PASSED_UP', 'DEEMED', 'VOIDED')",
            name="outcome",
        ),
        nullable=False,
    ),
    Column("reasons", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("marked_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("opinion", Text),
    to("account", "decider_id", nullable=True),
    # For whom a deputy decided.
    to("account", "on_behalf_of_id", nullable=True),
    at_time("at", False, server_default=NOW),
    Index("review_decision_application_id", "application_id", "id"),
)

delivery = Table(
    "delivery",
    metadata,
    # Of the decision that is delivered, and its id.
    Column("id", Uuid, ForeignKey("review_decision.id"), primary_key=True),
    to("nurse"),
    to("authority"),
    at_time("decided_at", False),
    one_of("how", DeliveryWay, nullable=True),
    at_time("at"),
    Column("postal_number", Text),
    to("account", "recorded_by", nullable=True),
    CheckConstraint("(how is null) = (at is null) and (at is null) = (recorded_by is null)", name="recorded"),
    CheckConstraint("(how is not distinct from 'POST') = (postal_number is not null)", name="posted"),
    Index("delivery_undelivered", "authority_id", "decided_at", "id", postgresql_where=text("at is null")),
)

application_pause = Table(
    "application_pause",
    metadata,
    new_id(),
    to("application"),
    one_of("kind", Pause),
    Column("reason", Text),
    # The working days that it is thought to take (所需时间).
    Column("expected_days", SmallInteger),
    at_time("started_at", False),
    at_time("ended_at"),
    # The working days by which it moved the due date; written when it ends.
    Column("working_days", SmallInteger),
    Index("application_pause_running", "application_id", unique=True, postgresql_where=text("ended_at is null")),
    Index("application_pause_application_id", "application_id", "id"),
)

claim_rejection = Table(
    "claim_rejection",
    metadata,
    to("application"),
    to("institution"),
    at_time("at", False, server_default=NOW),
    PrimaryKeyConstraint("application_id", "institution_id"),
)

reminder = Table(
    "reminder",
    metadata,
    # What was told, to whom: an application's or a nurse's id, and which of its reminders.
    Column("subject", Uuid, nullable=False),
    Column("what", KEY, nullable=False),
    at_time("at", False, server_default=NOW),
    PrimaryKeyConstraint("subject", "what"),
)

material_requirement = Table(
    "material_requirement",
    metadata,
    new_id(),
    row_version("material_requirement"),
    one_of("kind", Kind),
    # Of which province; none: everywhere where the province says nothing of this code.
    to("authority", nullable=True),
    Column("code", KEY, CheckConstraint("code ~ '^[A-Z][A-Z0-9_]{1,39}$'", name="code"), nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("needed", Boolean, nullable=False, server_default=text("true")),
    Column("paper", Boolean, nullable=False, server_default=text("true")),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    UniqueConstraint("kind", "authority_id", "code", "valid_from", postgresql_nulls_not_distinct=True),
    CheckConstraint("valid_until is null or valid_until >= valid_from", name="order"),
)

law_setting = Table(
    "law_setting",
    metadata,
    new_id(),
    one_of("subject", LawSubject),
    # For which province; none: everywhere where the province has not set it.
    to("authority", nullable=True),
    Column("from_day", Date, nullable=False),
    Column("value", ARRAY(KEY), nullable=False),
    # None: known to the release.
    to("account", "set_by", nullable=True),
    at_time("set_at", False, server_default=NOW),
    UniqueConstraint("subject", "authority_id", "from_day", postgresql_nulls_not_distinct=True),
)

material = Table(
    "material",
    metadata,
    new_id(),
    to("application"),
    Column("code", KEY, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("media_type", KEY, nullable=False),
    Column("size", Integer, nullable=False),
    to("blob"),
    to("account", "uploaded_by"),
    at_time("uploaded_at", False, server_default=NOW),
    at_time("removed_at"),
    Index("material_application_id", "application_id", "id"),
    Index("material_blob_id", "blob_id"),
)

material_mark = Table(
    "material_mark",
    metadata,
    new_id(),
    to("application"),
    to("review_decision", "decision_id"),
    Column("code", KEY, nullable=False),
    # As the list had it when it was marked: a notice stays as it was written.
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("reason", KEY, nullable=False),
    Column("note", Text),
    UniqueConstraint("decision_id", "code"),
    Index("material_mark_application_id", "application_id"),
)

material_check = Table(
    "material_check",
    metadata,
    to("application"),
    Column("code", KEY, nullable=False),
    to("account", "seen_by"),
    at_time("seen_at", False, server_default=NOW),
    PrimaryKeyConstraint("application_id", "code"),
)

ticket = Table(
    "ticket",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    # Of the session that asked for it: a ticket ends with it. None for what everybody may read.
    Column("session_hash", LargeBinary),
    to("account", nullable=True),
    Column("file", KEY, nullable=False),
    Column("subjects", ARRAY(Uuid), nullable=False),
    at_time("expires_at", False),
    at_time("used_at"),
    Index("ticket_expires_at", "expires_at"),
)

departure = Table(
    "departure",
    metadata,
    new_id(),
    row_version("departure"),
    to("nurse"),
    to("institution"),
    Column("reason", KEY, nullable=False),
    Column("remarks", Text),
    Column("left_on", Date, nullable=False),
    to("account", "reported_by"),
    at_time("reported_at", False, server_default=NOW),
    Column("dispute", Text),
    at_time("disputed_at"),
    at_time("withdrawn_at"),
    Index("departure_nurse_id", "nurse_id", "id"),
    Index("departure_institution_id", "institution_id", "id"),
)

information_change = Table(
    "information_change",
    metadata,
    new_id(),
    row_version("information_change"),
    to("nurse"),
    one_of("state", ChangeState),
    one_of("filed_by", Party),
    to("account"),
    # The wanted values by the names of a form's fields, and those that they replace.
    Column("asked", JSONB, nullable=False),
    Column("recorded", JSONB, nullable=False),
    Column("accepted_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("marked_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("superseded_fields", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("opinion", Text),
    Column("originals_seen", Boolean, nullable=False, server_default=text("false")),
    Column("version", Integer, nullable=False, server_default="1"),
    at_time("created_at", False, server_default=NOW),
    at_time("queued_at", False, server_default=NOW),
    at_time("escalated_at"),
    at_time("decided_at"),
    to("account", "decided_by", nullable=True),
    Column("objection", Text),
    at_time("objected_at"),
    # The paper that proves what an institution writes.
    to("blob", "proof_id", nullable=True),
    Column("proof_file_name", Text),
    Index("information_change_nurse_id", "nurse_id", "id"),
    # She asks for one at a time; few are open of all that ever were.
    Index(
        "information_change_one_open",
        "nurse_id",
        unique=True,
        postgresql_where=text("state in ('PENDING', 'RETURNED')"),
    ),
    Index("information_change_announced", "id", postgresql_where=text("state = 'ANNOUNCED'")),
    CheckConstraint(
        "(state in ('PENDING', 'RETURNED', 'ANNOUNCED', 'DISPUTED')) = (decided_at is null)", name="decided"
    ),
    CheckConstraint("(proof_id is null) = (proof_file_name is null)", name="proof"),
)

photo = Table(
    "photo",
    metadata,
    new_id(),
    row_version("photo"),
    to("nurse"),
    one_of("state", PhotoState),
    one_of("filed_by", Party),
    to("account"),
    to("blob", nullable=True),
    # That of the file once it was erased: it tells an equal one.
    Column("erased_index", LargeBinary),
    Column("size", Integer, nullable=False),
    # Of a hundred points along its border, how many are near white.
    Column("white_border", SmallInteger, nullable=False),
    Column("cut", Boolean, nullable=False, server_default=text("false")),
    Column("warnings", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("reasons", ARRAY(KEY), nullable=False, server_default="{}"),
    Column("opinion", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    at_time("created_at", False, server_default=NOW),
    # Null while it was never filed.
    at_time("queued_at"),
    at_time("escalated_at"),
    at_time("decided_at"),
    to("account", "decided_by", nullable=True),
    at_time("ended_at"),
    Index("photo_nurse_id", "nurse_id", "id"),
    # One that waits to be filed, one that is reviewed, one on record.
    Index(
        "photo_one_each",
        "nurse_id",
        "state",
        unique=True,
        postgresql_where=text("state in ('UPLOADED', 'PENDING', 'CURRENT')"),
    ),
    Index("photo_blob_id", "blob_id"),
    # What waits, wherever the nurses are: few of all.
    Index("photo_state", "state", "queued_at"),
    Index("photo_unfiled", "created_at", postgresql_where=text("queued_at is null")),
    Index("photo_ended_at", "ended_at", postgresql_where=text("ended_at is not null and blob_id is not null")),
    CheckConstraint(f"(state in ({listed(ENDED)})) = (ended_at is not null)", name="ended"),
    CheckConstraint("state <> 'UPLOADED' or queued_at is null", name="filed"),
    CheckConstraint("(blob_id is null) = (erased_index is not null)", name="erased"),
)

nurse_change = Table(
    "nurse_change",
    metadata,
    new_id(),
    to("nurse"),
    # A column of `nurse`, with what it said and what it says, and since when that is so: null is since ever.
    Column("field", KEY, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("valid_from", Date),
    at_time("recorded_at", False, server_default=NOW),
    Index("nurse_change_nurse_id", "nurse_id", "field", "id"),
)

collective_filing = Table(
    "collective_filing",
    metadata,
    new_id(),
    row_version("collective_filing"),
    to("institution"),
    one_of("kind", Kind),
    one_of("state", FilingState),
    to("account", "filed_by"),
    at_time("created_at", False, server_default=NOW),
    # When its institution was last told how far it is.
    at_time("told_at"),
    at_time("finished_at"),
    Index("collective_filing_institution_id", "institution_id", "id"),
    Index("collective_filing_running", "id", postgresql_where=text("state = 'RUNNING'")),
)

collective_item = Table(
    "collective_item",
    metadata,
    to("collective_filing"),
    Column("place", Integer, nullable=False),
    # Of the list it came from; none where a filter chose her.
    Column("line", Integer),
    # Nobody where the list names nobody.
    to("nurse", nullable=True),
    Column("form", JSONB, nullable=False),
    # The fields that may change what is on record of her.
    Column("meant", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    to("application", nullable=True),
    # What was wrong with it, as {path, code, zh, en} each.
    Column("problems", JSONB),
    at_time("done_at"),
    PrimaryKeyConstraint("collective_filing_id", "place"),
    UniqueConstraint("collective_filing_id", "nurse_id"),
    # What is still to be done, of all filings in turn.
    Index("collective_item_waiting", "place", "collective_filing_id", postgresql_where=text("done_at is null")),
)

application_batch = Table(
    "application_batch",
    metadata,
    new_id(),
    row_version("application_batch"),
    to("institution", nullable=True),
    to("authority", nullable=True),
    to("account"),
    # Where a deputy acts for a colleague.
    to("deputyship", nullable=True),
    Column("step", KEY, CheckConstraint(f"step in ({listed(frozenset(STEPS))})", name="step"), nullable=False),
    # What the step takes besides: an opinion, reasons, marks.
    Column("given", JSONB, nullable=False),
    one_of("state", BatchState),
    at_time("created_at", False, server_default=NOW),
    # When its place was last told how far it is.
    at_time("told_at"),
    at_time("finished_at"),
    CheckConstraint("(institution_id is null) <> (authority_id is null)", name="one_place"),
    Index("application_batch_institution_id", "institution_id", "id"),
    Index("application_batch_authority_id", "authority_id", "id"),
    Index("application_batch_running", "id", postgresql_where=text("state = 'RUNNING'")),
)

application_batch_item = Table(
    "application_batch_item",
    metadata,
    to("application_batch"),
    Column("place", Integer, nullable=False),
    to("application"),
    # As the check has seen it; of one that it has not, none.
    Column("version", Integer),
    # What was wrong with it, as {path, code, zh, en} each.
    Column("problems", JSONB),
    at_time("done_at"),
    PrimaryKeyConstraint("application_batch_id", "place"),
    UniqueConstraint("application_batch_id", "application_id"),
    Index(
        "application_batch_item_waiting",
        "application_batch_id",
        "place",
        postgresql_where=text("done_at is null"),
    ),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("note", Text),
    one_of("basis", DayBasis),
    # What it was taken for while it was provisional, and when that ended: due dates across it are counted afresh, once.
    Column("guess", Boolean),
    at_time("settled_at"),
    CheckConstraint("(guess is null) = (settled_at is null)", name="settled"),
    CheckConstraint("basis <> 'PROVISIONAL' or guess is null", name="provisional"),
)

receipt_counter = Table(
    "receipt_counter",
    metadata,
    to("authority"),
    Column("year", SmallInteger, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("authority_id", "year"),
)
