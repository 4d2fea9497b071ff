"""The table of the days on which something is to be said of a nurse's right to practise (执业资格预警)."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, PrimaryKeyConstraint, SmallInteger, Table, Uuid, text

from db.store.columns import metadata

practice_watch = Table(
    "practice_watch",
    metadata,
    Column("nurse_id", Uuid, ForeignKey("nurse.id", ondelete="CASCADE"), nullable=False),
    # The last day of validity that it is about; an entry whose last day moves has another row, kept by a trigger.
    Column("valid_until", Date, nullable=False),
    # The next day on which there is something to say; none where nothing is left, or the entry has another last day.
    Column("due_on", Date),
    # The nearest threshold that was told, in days before the last day of validity.
    Column("announced", SmallInteger),
    # The entry came back into force: that is said first.
    Column("restores", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("nurse_id", "valid_until"),
    Index("practice_watch_due_on", "due_on", "nurse_id", postgresql_where=text("due_on is not null")),
)
