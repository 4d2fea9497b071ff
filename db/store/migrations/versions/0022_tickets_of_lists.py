"""A ticket is for the papers of a list."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One subject is a list of one."""
    op.execute("ALTER TABLE ticket RENAME COLUMN subject TO subjects")
    op.execute("ALTER TABLE ticket RENAME CONSTRAINT ticket_subject_not_null TO ticket_subjects_not_null")
    op.execute("ALTER TABLE ticket ALTER COLUMN subjects TYPE UUID[] USING ARRAY[subjects]")


def downgrade() -> None:
    """A ticket of a list lives for ten minutes: it is asked for anew."""
    op.execute("DELETE FROM ticket WHERE cardinality(subjects) <> 1")
    op.execute("ALTER TABLE ticket ALTER COLUMN subjects TYPE UUID USING subjects[1]")
    op.execute("ALTER TABLE ticket RENAME COLUMN subjects TO subject")
    op.execute("ALTER TABLE ticket RENAME CONSTRAINT ticket_subjects_not_null TO ticket_subject_not_null")
