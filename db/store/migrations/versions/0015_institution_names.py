"""Institutions are found by any part of their names."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the institutions that work by name, and the characters of each name, as they are searched."""
    op.execute("CREATE INDEX institution_state ON institution (state, name, id)")
    op.execute(
        "CREATE INDEX institution_name_characters ON institution"
        " USING gin (string_to_array(translate(lower(name), '（）·、—-', ''), NULL))"
    )


def downgrade() -> None:
    """Drop it again."""
    op.execute("DROP INDEX institution_name_characters")
    op.execute("DROP INDEX institution_state")
