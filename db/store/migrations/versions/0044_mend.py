"""The recommendation on the application: which way it went, and the version that it made; an approval against it says why."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The way there; the defaults rewrite no row, and only what is recommended and undecided is filled in."""
    op.execute("ALTER TABLE application ADD COLUMN recommended_against BOOLEAN DEFAULT false NOT NULL")
    op.execute("ALTER TABLE application ADD COLUMN recommended_version INTEGER")
    op.execute("""
update application set recommended_against = said.outcome = 'REFUSED', row_version = row_version + 1,
  recommended_version = case when moved_at = said.at and moved_by is not distinct from said.decider_id then version end
from (
  select distinct on (application_id) application_id, outcome, at, decider_id from review_decision
  where stage = 'AUTHORITY_REVIEW' and outcome in ('AGREED', 'REFUSED')
    and application_id in (select id from application where state = 'ACCEPTED' and recommender_id is not null)
  order by application_id, at desc, id desc
) as said
where application.id = said.application_id
""")


def downgrade() -> None:
    """The way back."""
    op.execute("ALTER TABLE application DROP COLUMN recommended_version")
    op.execute("ALTER TABLE application DROP COLUMN recommended_against")
