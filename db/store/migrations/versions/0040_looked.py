"""The audit trail by places, for whoever supervises them; looks that are withheld; complaints; investigations."""

from alembic import op

revision = "0040"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The way there; entries wait while the index over the months that are kept is built."""
    op.execute("ALTER TABLE audit ADD COLUMN withheld_until DATE")
    op.execute("CREATE INDEX audit_place_id ON audit (place_id, at)")
    op.execute("""
CREATE TABLE look_complaint (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT 1 NOT NULL,
  look_id UUID NOT NULL,
  looked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  purpose TEXT COLLATE "C",
  party TEXT COLLATE "C" NOT NULL CONSTRAINT look_complaint_party CHECK (party in ('ANALYST', 'AUTHORITY', 'HELP_DESK', 'INSTITUTION', 'NURSE')),
  place_id UUID,
  roles TEXT[] COLLATE "C" NOT NULL,
  officer_id UUID NOT NULL,
  nurse_id UUID NOT NULL,
  authority_id UUID NOT NULL,
  state TEXT COLLATE "C" NOT NULL CONSTRAINT look_complaint_state CHECK (state in ('ANSWERED', 'PENDING')),
  words TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  upheld BOOLEAN,
  answer TEXT,
  answered_at TIMESTAMP WITH TIME ZONE,
  answered_by UUID,
  version INTEGER DEFAULT 1 NOT NULL,
  CONSTRAINT look_complaint_pkey PRIMARY KEY (id),
  CONSTRAINT look_complaint_nurse_id_look_id_key UNIQUE (nurse_id, look_id),
  CONSTRAINT look_complaint_answered CHECK ((state = 'ANSWERED') = all(array[upheld is not null, answer is not null, answered_at is not null])),
  CONSTRAINT look_complaint_officer_id_fkey FOREIGN KEY(officer_id) REFERENCES account (id),
  CONSTRAINT look_complaint_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT look_complaint_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT look_complaint_answered_by_fkey FOREIGN KEY(answered_by) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX look_complaint_authority_id ON look_complaint (authority_id, id)")
    op.execute("""
CREATE TABLE investigation (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT 1 NOT NULL,
  authority_id UUID NOT NULL,
  case_number TEXT COLLATE "C" NOT NULL,
  legal_ground TEXT NOT NULL,
  withheld_until DATE NOT NULL,
  opened_by UUID NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  confirmed_by UUID,
  confirmed_at TIMESTAMP WITH TIME ZONE,
  version INTEGER DEFAULT 1 NOT NULL,
  CONSTRAINT investigation_pkey PRIMARY KEY (id),
  CONSTRAINT investigation_confirmed CHECK ((confirmed_by is null) = (confirmed_at is null)),
  CONSTRAINT investigation_two_persons CHECK (confirmed_by <> opened_by),
  CONSTRAINT investigation_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT investigation_opened_by_fkey FOREIGN KEY(opened_by) REFERENCES account (id),
  CONSTRAINT investigation_confirmed_by_fkey FOREIGN KEY(confirmed_by) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX investigation_authority_id ON investigation (authority_id, id)")
    op.execute("GRANT select, insert, update ON look_complaint, investigation TO hushi_app")


def downgrade() -> None:
    """The way back: complaints and investigations are forgotten."""
    op.execute("DROP TABLE investigation")
    op.execute("DROP TABLE look_complaint")
    op.execute("DROP INDEX audit_place_id")
    op.execute("ALTER TABLE audit DROP COLUMN withheld_until")
