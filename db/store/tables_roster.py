"""The tables of a roster that was compared with an institution's own list (名册核对)."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from db.store.columns import NOW, at_time, metadata, new_id, one_of, row_version, to
from rules.roster import RosterFinding

roster_check = Table(
    "roster_check",
    metadata,
    new_id(),
    row_version("roster_check"),
    to("institution"),
    to("account"),
    at_time("created_at", False, server_default=NOW),
    # What of the list was not read, as {path, code, zh, en} each.
    Column("notes", JSONB, nullable=False),
    # The last one of each account is kept.
    Index("roster_check_account_id", "account_id", unique=True),
    Index("roster_check_institution_id", "institution_id", "id"),
)

roster_check_row = Table(
    "roster_check_row",
    metadata,
    to("roster_check"),
    Column("place", Integer, nullable=False),
    # Of the list; none of a nurse who is in no row. Of who is not on the roster nothing else is kept.
    Column("line", Integer),
    one_of("finding", RosterFinding),
    Column("nurse_id", Uuid),
    # The values that differ, by the names of the form's fields.
    Column("recorded", JSONB, nullable=False),
    Column("wanted", JSONB, nullable=False),
    Column("problems", JSONB, nullable=False),
    at_time("done_at"),
    PrimaryKeyConstraint("roster_check_id", "place"),
)
