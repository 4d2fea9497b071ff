"""Each event names the one before it in its scope, and each scope its last: a cursor knows its event by them."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The way there; of the oldest event that is kept nobody knows the one before."""
    op.execute("ALTER TABLE event ADD COLUMN previous_id UUID")
    op.execute("ALTER TABLE feed_scope ADD COLUMN last_id UUID")
    op.execute("""
update event set previous_id = before.id
from (select scope, seq, at, lag(id) over (partition by scope order by seq) as id from event) before
where (event.scope, event.seq, event.at) = (before.scope, before.seq, before.at) and before.id is not null
""")
    op.execute("""
update feed_scope set last_id = event.id from event
where event.scope = feed_scope.scope and event.seq = feed_scope.seq
""")


def downgrade() -> None:
    """The way back."""
    op.execute("ALTER TABLE feed_scope DROP COLUMN last_id")
    op.execute("ALTER TABLE event DROP COLUMN previous_id")
