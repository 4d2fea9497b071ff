"""The days on which something is said of a nurse's right to practise; what goes to many waits for who needs a code."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_FUNCTION = """
create function watch_practice() returns trigger language plpgsql as $$
declare back boolean := false;
begin
  if tg_op = 'UPDATE' then
    update practice_watch set due_on = null where nurse_id = new.nurse_id and due_on is not null;
    back := old.status = 'DEREGISTERED' or exists (select from practice_watch w
      where w.nurse_id = new.nurse_id and w.valid_until = old.valid_until and w.announced = -1);
  end if;
  if new.status = 'VALID' then
    insert into practice_watch as w (nurse_id, valid_until, due_on, restores)
      values (new.nurse_id, new.valid_until, case when back then date '1900-01-01' else new.valid_until - 365 end, back)
      on conflict (nurse_id, valid_until) do update set due_on = excluded.due_on, restores = excluded.restores,
        announced = case when w.announced < 0 then 0 else w.announced end;
  end if;
  return null;
end $$
"""
# What has run out already is recorded as told; of what runs out, the nearest day is told at the first start.
_KNOWN = """
insert into practice_watch (nurse_id, valid_until, due_on, announced)
select nurse_id, valid_until, case when valid_until >= today then valid_until - 365 end,
  case when valid_until < today then -1 end
from registration, (select (now() at time zone 'Asia/Shanghai')::date as today) clock
where status = 'VALID'
"""
_ENDED = """
insert into reminder (subject, what)
select id, 'SUSPENSION_ENDED' from registration_span
where kind = 'SUSPENSION' and ends_on < (now() at time zone 'Asia/Shanghai')::date
on conflict do nothing
"""


def upgrade() -> None:
    """The way there: one pass over the register, in one statement; its indexes are built on what is there."""
    op.execute("""
CREATE TABLE practice_watch (
  nurse_id UUID NOT NULL,
  valid_until DATE NOT NULL,
  due_on DATE,
  announced SMALLINT,
  restores BOOLEAN DEFAULT false NOT NULL
)
""")
    op.execute(_KNOWN)
    op.execute("ALTER TABLE practice_watch ADD CONSTRAINT practice_watch_pkey PRIMARY KEY (nurse_id, valid_until)")
    op.execute(
        "ALTER TABLE practice_watch ADD CONSTRAINT practice_watch_nurse_id_fkey"
        " FOREIGN KEY(nurse_id) REFERENCES nurse (id) ON DELETE CASCADE"
    )
    op.execute("CREATE INDEX practice_watch_due_on ON practice_watch (due_on, nurse_id) WHERE due_on is not null")
    op.execute("GRANT select, insert, update ON practice_watch TO hushi_app")
    op.execute(_FUNCTION)
    op.execute("""
create trigger registration_watch after insert on registration
for each row when (new.status = 'VALID') execute function watch_practice()
""")
    op.execute("""
create trigger registration_rewatch after update on registration
for each row when ((old.status, old.valid_until) is distinct from (new.status, new.valid_until))
execute function watch_practice()
""")
    op.execute("CREATE INDEX registration_span_suspension ON registration_span (ends_on) WHERE kind = 'SUSPENSION'")
    op.execute(_ENDED)
    op.execute("ALTER TABLE account ADD COLUMN weekly_summary BOOLEAN DEFAULT true NOT NULL")
    op.execute("ALTER TABLE outbox ADD COLUMN bulk BOOLEAN DEFAULT false NOT NULL")
    op.execute("DROP INDEX outbox_due_at")
    op.execute("CREATE INDEX outbox_due ON outbox (bulk, due_at) WHERE sent_at is null and dead_at is null")


def downgrade() -> None:
    """The way back: what was told is forgotten."""
    op.execute("DROP INDEX outbox_due")
    op.execute("CREATE INDEX outbox_due_at ON outbox (due_at) WHERE sent_at is null and dead_at is null")
    op.execute("ALTER TABLE outbox DROP COLUMN bulk")
    op.execute("ALTER TABLE account DROP COLUMN weekly_summary")
    op.execute("DELETE FROM reminder WHERE what = 'SUSPENSION_ENDED' or what like 'WEEKLY@%' or what like 'WORK@%'")
    op.execute("DROP INDEX registration_span_suspension")
    op.execute("DROP TRIGGER registration_rewatch ON registration")
    op.execute("DROP TRIGGER registration_watch ON registration")
    op.execute("DROP FUNCTION watch_practice()")
    op.execute("DROP TABLE practice_watch")
