"""The way back onto the register (恢复注册): the row of history that another one undoes, and the proposal of it."""

from alembic import op

revision = "0046"
down_revision = "0044"
branch_labels = None
depends_on = None


def _kinds(more: str) -> None:
    op.execute("ALTER TABLE desk_request DROP CONSTRAINT desk_request_kind")
    listed = f"'DEREGISTRATION', 'KEY_FACT', 'MERGE', 'RECOVERY'{more}, 'UNMERGE', 'VOID'"
    op.execute(f"ALTER TABLE desk_request ADD CONSTRAINT desk_request_kind CHECK (kind in ({listed}))")


def upgrade() -> None:
    """The way there; no row undoes another yet: the column rewrites nothing, the constraint reads the history once."""
    op.execute("ALTER TABLE registration_history ADD COLUMN undoes_id UUID")
    op.execute(
        "ALTER TABLE registration_history ADD CONSTRAINT registration_history_undoes_id_fkey"
        " FOREIGN KEY (undoes_id) REFERENCES registration_history (id)"
    )
    _kinds(", 'REINSTATEMENT'")


def downgrade() -> None:
    """The way back; who came back on the register stays there."""
    op.execute("DELETE FROM desk_request WHERE kind = 'REINSTATEMENT'")
    _kinds("")
    op.execute("ALTER TABLE registration_history DROP COLUMN undoes_id")
