"""Applications that nobody may act on where they lie go on: past the institution, or to the authority above."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE = (
    "'AGREED', 'REFUSED', 'RETURNED', 'CORRECTION_REQUIRED', 'ACCEPTED', 'NOT_ACCEPTED', 'TRANSFERRED', 'DEEMED',"
    " 'VOIDED'"
)


def upgrade() -> None:
    """Keep why nobody confirmed it, and which authority lacked the officers."""
    op.execute(
        'ALTER TABLE application ADD COLUMN unconfirmed TEXT COLLATE "C"'
        " CONSTRAINT application_unconfirmed CHECK (unconfirmed in ('NO_OTHER_PERSON')),"
        " ADD COLUMN passed_up_from_id UUID CONSTRAINT application_passed_up_from_id_fkey REFERENCES authority (id)"
    )
    _outcomes(BEFORE.replace("'DEEMED'", "'NO_OTHER_PERSON', 'PASSED_UP', 'DEEMED'"))


def downgrade() -> None:
    """Forget both; what went on stays where it went, as if it had been transferred."""
    op.execute("DELETE FROM review_decision WHERE outcome = 'NO_OTHER_PERSON'")
    op.execute("UPDATE review_decision SET outcome = 'TRANSFERRED' WHERE outcome = 'PASSED_UP'")
    _outcomes(BEFORE)
    op.execute("ALTER TABLE application DROP COLUMN passed_up_from_id, DROP COLUMN unconfirmed")


def _outcomes(listed: str) -> None:
    op.execute(
        "ALTER TABLE review_decision DROP CONSTRAINT review_decision_outcome,"
        f" ADD CONSTRAINT review_decision_outcome CHECK (outcome in ({listed}))"
    )
