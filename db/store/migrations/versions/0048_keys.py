"""The history's key is the nurse and the row: nobody looks a row up by its id alone, and each approval writes an index less."""

from alembic import op

revision = "0048"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The way there: the index is built beside the readers, who wait only for the moment in which the keys change."""
    op.execute("CREATE UNIQUE INDEX registration_history_new_pkey ON registration_history (nurse_id, id)")
    _change()
    op.execute("DROP INDEX registration_history_nurse_id")


def downgrade() -> None:
    """The way back."""
    op.execute("CREATE INDEX registration_history_nurse_id ON registration_history (nurse_id, id)")
    op.execute("CREATE UNIQUE INDEX registration_history_new_pkey ON registration_history (id)")
    _change()


def _change() -> None:
    op.execute(
        "ALTER TABLE registration_history DROP CONSTRAINT registration_history_pkey,"
        " ADD CONSTRAINT registration_history_pkey PRIMARY KEY USING INDEX registration_history_new_pkey"
    )
