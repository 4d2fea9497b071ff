"""Changes of what the register says of a nurse, and every change of a record, with both its times."""

from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The way there: what changed before is not known."""
    op.execute("ALTER TABLE nurse ADD COLUMN other_post TEXT")
    op.execute("""
CREATE TABLE information_change (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT 1 NOT NULL,
  nurse_id UUID NOT NULL,
  state TEXT COLLATE "C" NOT NULL CONSTRAINT information_change_state CHECK (state in ('APPROVED', 'LAPSED', 'PENDING', 'REJECTED', 'RETURNED', 'SUPERSEDED', 'WITHDRAWN')),
  filed_by TEXT COLLATE "C" NOT NULL CONSTRAINT information_change_filed_by CHECK (filed_by in ('ANALYST', 'AUTHORITY', 'HELP_DESK', 'INSTITUTION', 'NURSE')),
  account_id UUID NOT NULL,
  asked JSONB NOT NULL,
  recorded JSONB NOT NULL,
  accepted_fields TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  marked_fields TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  superseded_fields TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  opinion TEXT,
  originals_seen BOOLEAN DEFAULT false NOT NULL,
  version INTEGER DEFAULT 1 NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  queued_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  escalated_at TIMESTAMP WITH TIME ZONE,
  decided_at TIMESTAMP WITH TIME ZONE,
  decided_by UUID,
  CONSTRAINT information_change_pkey PRIMARY KEY (id),
  CONSTRAINT information_change_decided CHECK ((state in ('PENDING', 'RETURNED')) = (decided_at is null)),
  CONSTRAINT information_change_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT information_change_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT information_change_decided_by_fkey FOREIGN KEY(decided_by) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX information_change_nurse_id ON information_change (nurse_id, id)")
    op.execute(
        "CREATE UNIQUE INDEX information_change_one_open ON information_change (nurse_id)"
        " WHERE state in ('PENDING', 'RETURNED')"
    )
    op.execute("""
CREATE TABLE nurse_change (
  id UUID DEFAULT uuidv7() NOT NULL,
  nurse_id UUID NOT NULL,
  field TEXT COLLATE "C" NOT NULL,
  before TEXT,
  after TEXT,
  valid_from DATE,
  recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT nurse_change_pkey PRIMARY KEY (id),
  CONSTRAINT nurse_change_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id)
)
""")
    op.execute("CREATE INDEX nurse_change_nurse_id ON nurse_change (nurse_id, field, id)")
    op.execute("GRANT select, insert, update ON information_change TO hushi_app")
    op.execute("GRANT select, insert ON nurse_change TO hushi_app")
    op.execute("""
create function keep_nurse_change() returns trigger language plpgsql as $$
begin
  insert into nurse_change (nurse_id, field, before, after, valid_from)
    select new.id, was.key, was.value, present.value, case when was.key not in ('name', 'document_type',
      'id_number_masked', 'sex', 'birth_date', 'ethnicity', 'nationality') then current_date end
    from jsonb_each_text(to_jsonb(old)) was join jsonb_each_text(to_jsonb(new)) present using (key)
    where was.value is distinct from present.value and was.key not in ('row_version', 'created_at',
      'delivery_consent_at', 'merged_into') and was.key !~ '^(id_number|phone|email)_(key_id|sealed|index)$'
    order by was.key;
  return null;
end $$
""")
    op.execute(
        "create trigger nurse_change after update on nurse for each row when (old.* is distinct from new.*)"
        " execute function keep_nurse_change()"
    )


def downgrade() -> None:
    """The way back: changes under way are forgotten."""
    op.execute("DROP TRIGGER nurse_change ON nurse")
    op.execute("DROP FUNCTION keep_nurse_change")
    op.execute("DROP TABLE nurse_change")
    op.execute("DROP TABLE information_change")
    op.execute("ALTER TABLE nurse DROP COLUMN other_post")
