"""The columns of which the tables are made."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    Uuid,
    func,
    literal_column,
    null,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

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


def new_id() -> Column[object]:
    """The row's own id, in the order of time."""
    return Column("id", Uuid, primary_key=True, server_default=NEW_ID)


def at_time(name: str, nullable: bool = True, **more: object) -> Column[object]:
    """A moment."""
    return Column(name, DateTime(timezone=True), nullable=nullable, **more)  # type: ignore[arg-type]


def row_version(table: str) -> Column[object]:
    """The number of changes of the row, from 1 on: every `update(table)` raises it, because the column says so here.

    Of two copies of a row the one with the higher number is the newer: a row is locked while it is changed.
    """
    raised: ColumnElement[int] = literal_column(f"{table}.row_version + 1")
    return Column("row_version", Integer, nullable=False, server_default="1", onupdate=raised)


def to(target: str, name: str | None = None, nullable: bool = False) -> Column[object]:
    """A reference to another table."""
    return Column(name or f"{target}_id", Uuid, ForeignKey(f"{target}.id"), nullable=nullable)


def one_of(name: str, values: type[StrEnum], nullable: bool = False) -> Column[object]:
    """One of a closed list."""
    return Column(name, KEY, CheckConstraint(f"{name} in ({listed(values)})", name=name), nullable=nullable)


def listed(values: type[StrEnum] | frozenset[StrEnum]) -> str:
    """A closed list, for SQL."""
    return ", ".join(f"'{value}'" for value in sorted(values))


def sealed(name: str, nullable: bool) -> tuple[Column[object], ...]:
    """A private value: ciphertext, the id of its key, a keyed blind index to find it by, and a mask to show."""
    return (
        Column(f"{name}_key_id", KEY, nullable=nullable),
        Column(f"{name}_sealed", LargeBinary, nullable=nullable),
        Column(f"{name}_index", LargeBinary, nullable=nullable),
        Column(f"{name}_masked", KEY, nullable=nullable),
    )


def characters(of: ColumnElement[str]) -> ColumnElement[list[str]]:
    """The characters of a text, by which an index finds any part of it: Chinese words are too short for trigrams."""
    return func.string_to_array(of, null(), type_=ARRAY(Text))


def searched(name: ColumnElement[str]) -> ColumnElement[str]:
    """A person's name as parts of names are searched: without what `rules.institution.name_part` leaves out."""
    return func.translate(func.lower(name), text("'（）·、—- '"), text("''"), type_=Text())
