"""A guess at next year's holidays is no announcement: each day says what it rests on, and due dates can follow."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# 2026 was the last year with worked weekends (调休) in the release before; further days were set by the nation.
_UP = (
    'ALTER TABLE calendar_day ADD COLUMN basis TEXT COLLATE "C", ADD COLUMN guess BOOLEAN,'
    " ADD COLUMN settled_at TIMESTAMP WITH TIME ZONE",
    "UPDATE calendar_day SET basis = CASE WHEN day > '2027-12-31' OR day IN (SELECT (detail->>'day')::date FROM audit"
    " WHERE action in ('calendar.set_day', 'calendarSetDay')) THEN 'SET'"
    " WHEN day <= '2026-12-31' THEN 'ANNOUNCED' ELSE 'PROVISIONAL' END",
    "ALTER TABLE calendar_day ALTER COLUMN basis SET NOT NULL,"
    " ADD CONSTRAINT calendar_day_basis CHECK (basis in ('ANNOUNCED', 'PROVISIONAL', 'SET')),"
    " ADD CONSTRAINT calendar_day_settled CHECK ((guess is null) = (settled_at is null)),"
    " ADD CONSTRAINT calendar_day_provisional CHECK (basis <> 'PROVISIONAL' or guess is null)",
    "ALTER TABLE application ADD COLUMN due_counted_at TIMESTAMP WITH TIME ZONE",
)


def upgrade() -> None:
    """Say of each day what is known of it."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Forget it again."""
    op.execute("ALTER TABLE application DROP COLUMN due_counted_at")
    op.execute("ALTER TABLE calendar_day DROP COLUMN basis, DROP COLUMN guess, DROP COLUMN settled_at")
