"""The audit trail by months; what nurses were told of their data and accepted; relatives who got a record."""

from alembic import op

revision = "0033"
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

    op.execute("""
CREATE TABLE privacy_notice (
  version INTEGER NOT NULL,
  from_day DATE NOT NULL,
  text_zh TEXT NOT NULL,
  text_en TEXT NOT NULL,
  CONSTRAINT privacy_notice_pkey PRIMARY KEY (version)
)
""")
    op.execute("""
CREATE TABLE privacy_acceptance (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  version INTEGER NOT NULL,
  sensitive BOOLEAN NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT privacy_acceptance_pkey PRIMARY KEY (id),
  CONSTRAINT privacy_acceptance_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX privacy_acceptance_account_id ON privacy_acceptance (account_id, id)")
    op.execute("""
CREATE TABLE relative_request (
  id UUID DEFAULT uuidv7() NOT NULL,
  nurse_id UUID NOT NULL,
  relation TEXT COLLATE "C" NOT NULL CONSTRAINT relative_request_relation CHECK (relation in ('CHILD', 'GRANDCHILD', 'GRANDPARENT', 'PARENT', 'SIBLING', 'SPOUSE')),
  relative_name TEXT NOT NULL,
  document_last4 TEXT COLLATE "C" NOT NULL CONSTRAINT relative_request_last4 CHECK (document_last4 ~ '^[0-9A-Z]{4}$'),
  proof TEXT NOT NULL,
  case_note TEXT NOT NULL,
  authority_id UUID NOT NULL,
  issued_by UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT relative_request_pkey PRIMARY KEY (id),
  CONSTRAINT relative_request_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT relative_request_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT relative_request_issued_by_fkey FOREIGN KEY(issued_by) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX relative_request_nurse_id ON relative_request (nurse_id, id)")
    op.execute("GRANT select ON privacy_notice TO hushi_app")
    op.execute("GRANT select, insert ON privacy_acceptance, relative_request TO hushi_app")


def downgrade() -> None:
    """The way back: an entry about many becomes one for each, places and what was accepted are forgotten."""
    for table in ("relative_request", "privacy_acceptance", "privacy_notice"):
        op.execute(f"DROP TABLE {table}")
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
