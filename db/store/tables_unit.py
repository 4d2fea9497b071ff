"""The tables of an institution's own units (科室病区): the tree, and what ward heads say to applications."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.store.columns import NOW, at_time, metadata, new_id, one_of, row_version, to
from rules.nurse import Department
from rules.unit import UnitKind

unit = Table(
    "unit",
    metadata,
    new_id(),
    row_version("unit"),
    to("institution"),
    Column("parent_id", new_id().type),
    one_of("kind", UnitKind),
    Column("name", Text, nullable=False),
    one_of("department", Department, nullable=True),
    Column("other_department", Text),
    at_time("created_at", False, server_default=NOW),
    at_time("closed_at"),
    UniqueConstraint("id", "institution_id"),
    # A unit and what lies below it are one institution's.
    ForeignKeyConstraint(["parent_id", "institution_id"], ["unit.id", "unit.institution_id"]),
    Index("unit_name", "institution_id", "name", unique=True, postgresql_where=text("closed_at is null")),
    Index("unit_parent_id", "parent_id", postgresql_where=text("parent_id is not null")),
    CheckConstraint("(kind = 'WARD') = (department is not null)", name="mapped"),
    CheckConstraint("kind = 'WARD' or parent_id is null", name="tree"),
)

pre_review = Table(
    "pre_review",
    metadata,
    new_id(),
    to("application"),
    Column("revision", Integer, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("note", Text),
    to("account"),
    # For whom a deputy said it.
    to("account", "on_behalf_of_id", nullable=True),
    at_time("at", False, server_default=NOW),
    Index("pre_review_application_id", "application_id", "id"),
    CheckConstraint("confirmed or note is not null", name="said"),
)
