"""The table of good and bad records (良好记录、不良记录, 条例 11)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Date, Index, Table, Text

from db.store.columns import KEY, NOW, at_time, metadata, new_id, one_of, row_version, to
from rules.conduct import ConductKind, ConductSource, ConductState, WithdrawalGround

conduct_record: Final = Table(
    "conduct_record",
    metadata,
    new_id(),
    row_version("conduct_record"),
    to("nurse"),
    one_of("kind", ConductKind),
    one_of("state", ConductState),
    one_of("source", ConductSource),
    Column("text", Text, nullable=False),
    Column("decision_number", KEY),
    Column("decided_on", Date),
    Column("served_on", Date),
    Column("issuer", Text),
    # Who reported or proposed it, and the authority that has written it.
    to("institution", nullable=True),
    to("authority", nullable=True),
    to("account", nullable=True),
    at_time("created_at", False, server_default=NOW),
    at_time("recorded_at"),
    Column("declined_why", Text),
    Column("statement", Text),
    at_time("stated_at"),
    Column("asked", Text),
    at_time("asked_at"),
    Column("answer", Text),
    at_time("answered_at"),
    at_time("withdrawn_at"),
    one_of("withdrawal_ground", WithdrawalGround, nullable=True),
    Column("withdrawal_number", KEY),
    Index("conduct_record_nurse_id", "nurse_id", "id"),
    Index("conduct_record_institution_id", "institution_id", "id"),
    CheckConstraint("(state = 'WITHDRAWN') = (withdrawn_at is not null)", name="withdrawn"),
    CheckConstraint(
        "kind = 'GOOD' or state in ('PROPOSED', 'DECLINED') or decision_number is not null", name="decided"
    ),
)
