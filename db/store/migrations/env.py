"""Run by alembic inside the transaction that `db.store.migrate` opened."""

import re

from alembic import context

from db.store.columns import metadata

# The months of the events and of the audit trail come and go by themselves.
PARTITION = re.compile(r"(event|audit)_(\d{4}_\d{2}|other)")


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """False for a month of a table, which no migration makes."""
    return kind != "table" or name is None or not PARTITION.fullmatch(name)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
