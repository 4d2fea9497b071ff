"""Photos: what was handed in, what is reviewed, what is on record; and who still needs a file, found by an index."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The way there."""
    op.execute("""
CREATE TABLE photo (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT 1 NOT NULL,
  nurse_id UUID NOT NULL,
  state TEXT COLLATE "C" NOT NULL CONSTRAINT photo_state CHECK (state in ('CURRENT', 'PENDING', 'REJECTED', 'REPLACED', 'UPLOADED', 'WITHDRAWN')),
  filed_by TEXT COLLATE "C" NOT NULL CONSTRAINT photo_filed_by CHECK (filed_by in ('ANALYST', 'AUTHORITY', 'HELP_DESK', 'INSTITUTION', 'NURSE')),
  account_id UUID NOT NULL,
  blob_id UUID,
  erased_index BYTEA,
  size INTEGER NOT NULL,
  white_border SMALLINT NOT NULL,
  cut BOOLEAN DEFAULT false NOT NULL,
  warnings TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  reasons TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  opinion TEXT,
  version INTEGER DEFAULT 1 NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  queued_at TIMESTAMP WITH TIME ZONE,
  escalated_at TIMESTAMP WITH TIME ZONE,
  decided_at TIMESTAMP WITH TIME ZONE,
  decided_by UUID,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT photo_pkey PRIMARY KEY (id),
  CONSTRAINT photo_ended CHECK ((state in ('REJECTED', 'REPLACED', 'WITHDRAWN')) = (ended_at is not null)),
  CONSTRAINT photo_filed CHECK (state <> 'UPLOADED' or queued_at is null),
  CONSTRAINT photo_erased CHECK ((blob_id is null) = (erased_index is not null)),
  CONSTRAINT photo_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT photo_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT photo_blob_id_fkey FOREIGN KEY(blob_id) REFERENCES blob (id),
  CONSTRAINT photo_decided_by_fkey FOREIGN KEY(decided_by) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX photo_nurse_id ON photo (nurse_id, id)")
    op.execute(
        "CREATE UNIQUE INDEX photo_one_each ON photo (nurse_id, state)"
        " WHERE state in ('UPLOADED', 'PENDING', 'CURRENT')"
    )
    op.execute("CREATE INDEX photo_blob_id ON photo (blob_id)")
    op.execute("CREATE INDEX photo_state ON photo (state, queued_at)")
    op.execute("CREATE INDEX photo_unfiled ON photo (created_at) WHERE queued_at is null")
    op.execute("CREATE INDEX photo_ended_at ON photo (ended_at) WHERE ended_at is not null and blob_id is not null")
    op.execute("CREATE INDEX nurse_photo_id ON nurse (photo_id) WHERE photo_id is not null")
    op.execute("CREATE INDEX material_blob_id ON material (blob_id)")
    op.execute("GRANT select, insert, update ON photo TO hushi_app")


def downgrade() -> None:
    """The way back: photos on record stay there, those under way are forgotten."""
    op.execute("DROP INDEX material_blob_id")
    op.execute("DROP INDEX nurse_photo_id")
    op.execute("DROP TABLE photo")
