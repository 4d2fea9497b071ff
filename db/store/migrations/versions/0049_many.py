"""Batches (批量办理): one step on many applications, each with what became of it."""

from alembic import op

revision = "0049"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The way there: two new tables, no row of any other is touched."""
    op.execute("""
CREATE TABLE application_batch (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT '1' NOT NULL,
  institution_id UUID,
  authority_id UUID,
  account_id UUID NOT NULL,
  deputyship_id UUID,
  step TEXT COLLATE "C" NOT NULL CONSTRAINT application_batch_step CHECK (step in ('ACCEPT', 'APPROVE', 'FORWARD', 'RECOMMEND', 'RETURN', 'TAKE')),
  given JSONB NOT NULL,
  state TEXT COLLATE "C" NOT NULL CONSTRAINT application_batch_state CHECK (state in ('FINISHED', 'RUNNING')),
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  told_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT application_batch_pkey PRIMARY KEY (id),
  CONSTRAINT application_batch_one_place CHECK ((institution_id is null) <> (authority_id is null)),
  CONSTRAINT application_batch_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT application_batch_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT application_batch_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT application_batch_deputyship_id_fkey FOREIGN KEY(deputyship_id) REFERENCES deputyship (id)
)
""")
    op.execute("CREATE INDEX application_batch_institution_id ON application_batch (institution_id, id)")
    op.execute("CREATE INDEX application_batch_authority_id ON application_batch (authority_id, id)")
    op.execute("CREATE INDEX application_batch_running ON application_batch (id) WHERE state = 'RUNNING'")
    op.execute("""
CREATE TABLE application_batch_item (
  application_batch_id UUID NOT NULL,
  place INTEGER NOT NULL,
  application_id UUID NOT NULL,
  version INTEGER,
  problems JSONB,
  done_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT application_batch_item_pkey PRIMARY KEY (application_batch_id, place),
  CONSTRAINT application_batch_item_application_batch_id_application_id_key UNIQUE (application_batch_id, application_id),
  CONSTRAINT application_batch_item_application_batch_id_fkey FOREIGN KEY(application_batch_id) REFERENCES application_batch (id),
  CONSTRAINT application_batch_item_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id)
)
""")
    op.execute("""
CREATE INDEX application_batch_item_waiting ON application_batch_item (application_batch_id, place) WHERE done_at is null
""")
    op.execute("GRANT select, insert, update ON application_batch, application_batch_item TO hushi_app")


def downgrade() -> None:
    """The way back: what became of each application stays in the applications."""
    op.execute("DROP TABLE application_batch_item")
    op.execute("DROP TABLE application_batch")
