"""The database says which key makes its indexes, so that it need not be the oldest for ever."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None so far: the oldest."""
    op.execute('ALTER TABLE keyring_check ADD COLUMN key_id TEXT COLLATE "C"')


def downgrade() -> None:
    """Forget it again, where it is the oldest still."""
    op.execute("ALTER TABLE keyring_check DROP COLUMN key_id")
