"""Tables of looks at somebody's data: complaints (查阅投诉), and investigations under which one is withheld (调查)."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from db.store.columns import KEY, NOW, at_time, metadata, new_id, one_of, row_version, to
from rules.look_complaint import ComplaintState
from rules.people import Party

look_complaint = Table(
    "look_complaint",
    metadata,
    new_id(),
    row_version("look_complaint"),
    # The look as its entry in the audit trail has it: that goes with its month, this stays.
    Column("look_id", Uuid, nullable=False),
    at_time("looked_at", False),
    Column("action", KEY, nullable=False),
    Column("purpose", KEY),
    one_of("party", Party),
    Column("place_id", Uuid),
    Column("roles", ARRAY(KEY), nullable=False),
    to("account", "officer_id"),
    to("nurse"),
    # The authority that supervises that place (督办), or the nearest above it that has somebody for it.
    to("authority"),
    one_of("state", ComplaintState),
    Column("words", Text, nullable=False),
    at_time("created_at", False, server_default=NOW),
    Column("upheld", Boolean),
    Column("answer", Text),
    at_time("answered_at"),
    to("account", "answered_by", nullable=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("nurse_id", "look_id"),
    Index("look_complaint_authority_id", "authority_id", "id"),
    CheckConstraint(
        "(state = 'ANSWERED') = all(array[upheld is not null, answer is not null, answered_at is not null])",
        name="answered",
    ),
)

investigation = Table(
    "investigation",
    metadata,
    new_id(),
    row_version("investigation"),
    to("authority"),
    Column("case_number", KEY, nullable=False),
    Column("legal_ground", Text, nullable=False),
    Column("withheld_until", Date, nullable=False),
    to("account", "opened_by"),
    at_time("opened_at", False, server_default=NOW),
    to("account", "confirmed_by", nullable=True),
    at_time("confirmed_at"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index("investigation_authority_id", "authority_id", "id"),
    CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed"),
    CheckConstraint("confirmed_by <> opened_by", name="two_persons"),
)
