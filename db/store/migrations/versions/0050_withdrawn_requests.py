"""A request to a desk may be taken back by whoever asked."""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def _states(more: str) -> None:
    """The states that there are, checked in a statement of its own, which stops nobody from writing."""
    states = f"'APPROVED', 'PENDING', 'REJECTED'{more}"
    op.execute("ALTER TABLE desk_request DROP CONSTRAINT desk_request_state")
    op.execute(f"ALTER TABLE desk_request ADD CONSTRAINT desk_request_state CHECK (state IN ({states})) NOT VALID")
    op.execute("ALTER TABLE desk_request VALIDATE CONSTRAINT desk_request_state")


def upgrade() -> None:
    """The way there."""
    _states(", 'WITHDRAWN'")


def downgrade() -> None:
    """The way back: what was taken back counts as refused."""
    op.execute("update desk_request set state = 'REJECTED', row_version = row_version + 1 where state = 'WITHDRAWN'")
    _states("")
