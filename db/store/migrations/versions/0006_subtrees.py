"""Lists of an authority reach over all below it: the nation's page is read from its front, not sorted."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index what rosters and applications are ordered by, whoever's they are."""
    op.execute("CREATE INDEX registration_valid_until ON registration (valid_until, nurse_id)")
    op.execute("CREATE INDEX application_submitted_at ON application (submitted_at, id) WHERE revision > 0")


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP INDEX application_submitted_at")
    op.execute("DROP INDEX registration_valid_until")
