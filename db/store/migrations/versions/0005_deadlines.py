"""A period's warnings are called after the deadline they are about."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename what is stored under the old words."""
    op.execute(
        "UPDATE event SET type = 'deadline.' || substr(type, 7) WHERE type IN ('clock.warning', 'clock.breached')"
    )
    op.execute("ALTER INDEX application_clock RENAME TO application_waiting")


def downgrade() -> None:
    """Give them their old words again."""
    op.execute("ALTER INDEX application_waiting RENAME TO application_clock")
    op.execute("UPDATE event SET type = 'clock.' || substr(type, 10) WHERE type LIKE 'deadline.%'")
