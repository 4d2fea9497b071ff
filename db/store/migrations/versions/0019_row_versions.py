"""Every row that clients keep a copy of says how often it was changed."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = (
    *("authority", "institution", "nurse", "account", "outbox", "application", "material_requirement", "departure"),
    *("collective_filing", "desk_request"),
)


def upgrade() -> None:
    """Count from now on; no row is written afresh for it."""
    for table in TABLES:
        op.execute(f"alter table {table} add column row_version integer not null default 1")


def downgrade() -> None:
    """Nobody counts."""
    for table in TABLES:
        op.execute(f"alter table {table} drop column row_version")
