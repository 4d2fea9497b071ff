"""No field of the record is without a way to change it, or says that it has none yet."""

from __future__ import annotations

import re
from pathlib import Path

from db.store.tables import nurse
from graph.root import schema

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "record-fields.md"
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| `")
]
TECHNICAL = {"id", "row_version", "created_at", "merged_into", "name_order"}
WITHOUT = {"good_record", "bad_record"}
"""The columns that nobody writes yet."""


def names(cell: str) -> list[str]:
    """What a cell names."""
    return re.findall(r"`(\w+)`", cell)


def test_every_column_of_a_record_has_one_row() -> None:
    parts = ("_key_id", "_sealed", "_index", "_masked")
    columns = {re.sub(rf"({'|'.join(parts)})$", "", column.name) for column in nurse.c} | {"photo_id"}
    said = [name for row in ROWS for name in names(row[0])]
    assert sorted(said) == sorted(columns - TECHNICAL - {"photo"})


def test_every_way_is_a_mutation_and_only_those_that_say_so_have_none() -> None:
    mutations = {*schema._schema.mutation_type.fields} if schema._schema.mutation_type else set[str]()
    assert {name for row in ROWS for name in names(row[5])} <= mutations
    assert {name for row in ROWS if not names(row[5]) for name in names(row[0])} == WITHOUT
    assert all(all(row[:5]) for row in ROWS if names(row[5]))
