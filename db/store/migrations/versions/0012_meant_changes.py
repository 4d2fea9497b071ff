"""A collective filing says which fields may change what is on record of a nurse."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filings begun before were not meant to change anything; each nurse who still differs is refused and told."""
    op.execute("alter table collective_item add column meant text[] not null default '{}'")


def downgrade() -> None:
    """Nothing is kept of it."""
    op.execute("alter table collective_item drop column meant")
