"""The province lists the accounts whose names wait for it (待核定姓名): few of millions, so by an index of their own."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """In the order of the list: the longest wait first."""
    where = "identity_outcome = 'NAME_UNDECIDED'"
    op.execute(f"CREATE INDEX account_name_undecided ON account (created_at, id) WHERE {where}")


def downgrade() -> None:
    """Nothing is lost."""
    op.execute("DROP INDEX account_name_undecided")
