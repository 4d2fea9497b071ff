"""The audit trail by months, with whom an entry is about, the actor's place at that time, and the purpose."""

from alembic import op

revision = "0036"
down_revision = "0032"
branch_labels = None
depends_on = None

_COLUMNS = "id, at, account_id, nurse_id, action"


def upgrade() -> None:
    """The way there: old entries get the place that their account has today, which no account ever leaves."""
    _put_aside("id", "at", "action", "detail")
    op.execute("""
CREATE TABLE audit (
  id UUID DEFAULT uuidv7() NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  account_id UUID,
  party TEXT COLLATE "C",
  place_id UUID,
  roles TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  nurse_id UUID,
  members UUID[],
  action TEXT COLLATE "C" NOT NULL,
  purpose TEXT COLLATE "C",
  detail JSONB DEFAULT '{}' NOT NULL,
  CONSTRAINT audit_pkey PRIMARY KEY (id, at)
) PARTITION BY RANGE (at)
""")
    # Months in China's time, from the oldest entry that is kept to a year ahead.
    op.execute("""
do $$
declare month timestamptz; zone text := 'Asia/Shanghai';
begin
  for month in select generate_series(
      date_trunc('month', greatest(least(now(), (select min(at) from audit_before)), now() - interval '3 years'), zone),
      now() + interval '1 year', interval '1 month', zone) loop
    execute format('create table audit_%s partition of audit for values from (%L) to (%L)',
      to_char(month at time zone zone, 'YYYY_MM'), month, date_add(month, interval '1 month', zone));
  end loop;
  create table audit_other partition of audit default;
end $$
""")
    op.execute(
        f"INSERT INTO audit ({_COLUMNS}, party, place_id, roles, purpose, detail)"
        " SELECT b.id, b.at, b.account_id, b.nurse_id, b.action, a.party, coalesce(a.institution_id, a.authority_id),"
        " coalesce(a.roles, '{}'), b.detail->>'purpose', b.detail - 'purpose'"
        " FROM audit_before b LEFT JOIN account a ON a.id = b.account_id"
    )
    op.execute("DROP TABLE audit_before")
    op.execute("CREATE INDEX audit_nurse_id ON audit (nurse_id, at)")
    op.execute("CREATE INDEX audit_members ON audit USING gin (members) WHERE members is not null")
    op.execute("GRANT select, insert ON audit TO hushi_app")


def downgrade() -> None:
    """The way back: an entry about many becomes one for each, and places are forgotten."""
    _put_aside("id", "at", "roles", "action", "detail")
    op.execute("""
CREATE TABLE audit (
  id UUID DEFAULT uuidv7() NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  account_id UUID,
  nurse_id UUID,
  action TEXT COLLATE "C" NOT NULL,
  detail JSONB DEFAULT '{}' NOT NULL,
  CONSTRAINT audit_pkey PRIMARY KEY (id)
)
""")
    purpose = "CASE WHEN purpose IS NULL THEN detail ELSE detail || jsonb_build_object('purpose', purpose) END"
    op.execute(f"INSERT INTO audit SELECT {_COLUMNS}, {purpose} FROM audit_before WHERE members IS NULL")
    op.execute(
        f"INSERT INTO audit (at, account_id, nurse_id, action, detail) SELECT at, account_id, one, action, {purpose}"
        " FROM audit_before, unnest(members) one WHERE members IS NOT NULL"
    )
    op.execute("DROP TABLE audit_before")
    op.execute("CREATE INDEX audit_nurse_id ON audit (nurse_id, at)")
    op.execute("GRANT select, insert ON audit TO hushi_app")


def _put_aside(*filled: str) -> None:
    """Rename the table with all that bears its name."""
    op.execute("ALTER TABLE audit RENAME TO audit_before")
    for name in ("pkey", *(f"{column}_not_null" for column in filled)):
        op.execute(f"ALTER TABLE audit_before RENAME CONSTRAINT audit_{name} TO audit_before_{name}")
    op.execute("DROP INDEX audit_nurse_id")
