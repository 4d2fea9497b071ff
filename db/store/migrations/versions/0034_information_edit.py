"""Edits of an institution that wait for her objection, or for the decision on it, with their proof papers."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_BEFORE = "'APPROVED', 'LAPSED', 'PENDING', 'REJECTED', 'RETURNED', 'SUPERSEDED', 'WITHDRAWN'"
_AFTER = "'ANNOUNCED', 'APPROVED', 'DISPUTED', 'LAPSED', 'PENDING', 'REJECTED', 'RETURNED', 'SUPERSEDED', 'WITHDRAWN'"
_OPEN = "'PENDING', 'RETURNED'"


def _constrain(states: str, open_states: str) -> None:
    for name, condition in (
        ("state", f"state in ({states})"),
        ("decided", f"(state in ({open_states})) = (decided_at is null)"),
    ):
        op.execute(f"ALTER TABLE information_change DROP CONSTRAINT information_change_{name}")
        op.execute(
            f"ALTER TABLE information_change ADD CONSTRAINT information_change_{name} CHECK ({condition}) NOT VALID"
        )
        op.execute(f"ALTER TABLE information_change VALIDATE CONSTRAINT information_change_{name}")


def upgrade() -> None:
    """The way there."""
    op.execute("ALTER TABLE information_change ADD COLUMN objection TEXT")
    op.execute("ALTER TABLE information_change ADD COLUMN objected_at TIMESTAMP WITH TIME ZONE")
    op.execute(
        "ALTER TABLE information_change ADD COLUMN proof_id UUID"
        " CONSTRAINT information_change_proof_id_fkey REFERENCES blob (id)"
    )
    op.execute("ALTER TABLE information_change ADD COLUMN proof_file_name TEXT")
    op.execute(
        "ALTER TABLE information_change ADD CONSTRAINT information_change_proof"
        " CHECK ((proof_id is null) = (proof_file_name is null))"
    )
    _constrain(_AFTER, f"{_OPEN}, 'ANNOUNCED', 'DISPUTED'")
    op.execute("CREATE INDEX information_change_announced ON information_change (id) WHERE state = 'ANNOUNCED'")


def downgrade() -> None:
    """The way back: edits under way are forgotten, and papers with them."""
    op.execute("DELETE FROM information_change WHERE state in ('ANNOUNCED', 'DISPUTED')")
    op.execute("DROP INDEX information_change_announced")
    _constrain(_BEFORE, _OPEN)
    op.execute("ALTER TABLE information_change DROP CONSTRAINT information_change_proof")
    for name in ("objection", "objected_at", "proof_id", "proof_file_name"):
        op.execute(f"ALTER TABLE information_change DROP COLUMN {name}")
