"""All kinds of applications: claims, the clock, papers, certificates, filing together."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE collective_filing (
  id UUID DEFAULT uuidv7() NOT NULL,
  institution_id UUID NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT collective_filing_kind CHECK (kind in ('CHANGE', 'DEREGISTRATION', 'FIRST', 'MILITARY_TRANSFER', 'REISSUE', 'RENEWAL', 'REREGISTRATION')),
  state TEXT COLLATE "C" NOT NULL CONSTRAINT collective_filing_state CHECK (state in ('RUNNING', 'FINISHED', 'CANCELLED')),
  filed_by UUID NOT NULL,
  filed INTEGER DEFAULT '0' NOT NULL,
  refused INTEGER DEFAULT '0' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  claimed_until TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT collective_filing_pkey PRIMARY KEY (id),
  CONSTRAINT collective_filing_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT collective_filing_filed_by_fkey FOREIGN KEY(filed_by) REFERENCES account (id)
)
    """,
    """
CREATE INDEX collective_filing_institution_id ON collective_filing (institution_id, id)
    """,
    """
CREATE INDEX collective_filing_running ON collective_filing (id) WHERE state = 'RUNNING'
    """,
    """
CREATE TABLE application_pause (
  id UUID DEFAULT uuidv7() NOT NULL,
  application_id UUID NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT application_pause_kind CHECK (kind in ('APPRAISAL', 'CORRECTION', 'EXPERT_REVIEW', 'HEARING', 'INSPECTION', 'QUARANTINE')),
  reason TEXT,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  working_days SMALLINT,
  CONSTRAINT application_pause_pkey PRIMARY KEY (id),
  CONSTRAINT application_pause_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id)
)
    """,
    """
CREATE INDEX application_pause_application_id ON application_pause (application_id, id)
    """,
    """
CREATE UNIQUE INDEX application_pause_running ON application_pause (application_id) WHERE ended_at is null
    """,
    """
CREATE TABLE claim_rejection (
  application_id UUID NOT NULL,
  institution_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT claim_rejection_pkey PRIMARY KEY (application_id, institution_id),
  CONSTRAINT claim_rejection_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT claim_rejection_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id)
)
    """,
    """
CREATE TABLE reminder (
  subject UUID NOT NULL,
  what TEXT COLLATE "C" NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT reminder_pkey PRIMARY KEY (subject, what)
)
    """,
    """
CREATE TABLE material_requirement (
  id UUID DEFAULT uuidv7() NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT material_requirement_kind CHECK (kind in ('CHANGE', 'DEREGISTRATION', 'FIRST', 'MILITARY_TRANSFER', 'REISSUE', 'RENEWAL', 'REREGISTRATION')),
  authority_id UUID,
  code TEXT COLLATE "C" NOT NULL CONSTRAINT material_requirement_code CHECK (code ~ '^[A-Z][A-Z0-9_]{1,39}$'),
  title_zh TEXT NOT NULL,
  title_en TEXT NOT NULL,
  needed BOOLEAN DEFAULT true NOT NULL,
  paper BOOLEAN DEFAULT true NOT NULL,
  valid_from DATE NOT NULL,
  valid_until DATE,
  CONSTRAINT material_requirement_pkey PRIMARY KEY (id),
  CONSTRAINT material_requirement_kind_authority_id_code_valid_from_key UNIQUE NULLS NOT DISTINCT (kind, authority_id, code, valid_from),
  CONSTRAINT material_requirement_order CHECK (valid_until is null or valid_until >= valid_from),
  CONSTRAINT material_requirement_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id)
)
    """,
    """
CREATE TABLE material (
  id UUID DEFAULT uuidv7() NOT NULL,
  application_id UUID NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  file_name TEXT NOT NULL,
  media_type TEXT COLLATE "C" NOT NULL,
  size INTEGER NOT NULL,
  sha256 BYTEA NOT NULL,
  uploaded_by UUID NOT NULL,
  uploaded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  removed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT material_pkey PRIMARY KEY (id),
  CONSTRAINT material_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT material_sha256_fkey FOREIGN KEY(sha256) REFERENCES blob (sha256),
  CONSTRAINT material_uploaded_by_fkey FOREIGN KEY(uploaded_by) REFERENCES account (id)
)
    """,
    """
CREATE INDEX material_application_id ON material (application_id, id)
    """,
    """
CREATE TABLE material_check (
  application_id UUID NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  seen_by UUID NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT material_check_pkey PRIMARY KEY (application_id, code),
  CONSTRAINT material_check_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT material_check_seen_by_fkey FOREIGN KEY(seen_by) REFERENCES account (id)
)
    """,
    """
CREATE TABLE ticket (
  token_hash BYTEA NOT NULL,
  account_id UUID NOT NULL,
  file TEXT COLLATE "C" NOT NULL,
  subject UUID NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT ticket_pkey PRIMARY KEY (token_hash),
  CONSTRAINT ticket_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
    """,
    """
CREATE INDEX ticket_expires_at ON ticket (expires_at)
    """,
    """
CREATE TABLE certificate (
  id UUID DEFAULT uuidv7() NOT NULL,
  nurse_id UUID NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  serial TEXT COLLATE "C" NOT NULL,
  issued_on DATE NOT NULL,
  authority_id UUID NOT NULL,
  application_id UUID,
  voided_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT certificate_pkey PRIMARY KEY (id),
  CONSTRAINT certificate_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT certificate_serial_key UNIQUE (serial),
  CONSTRAINT certificate_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT certificate_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id)
)
    """,
    """
CREATE UNIQUE INDEX certificate_in_force ON certificate (nurse_id) WHERE voided_at is null
    """,
    """
CREATE INDEX certificate_nurse_id ON certificate (nurse_id, id)
    """,
    """
CREATE TABLE departure (
  id UUID DEFAULT uuidv7() NOT NULL,
  nurse_id UUID NOT NULL,
  institution_id UUID NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  remarks TEXT,
  left_on DATE NOT NULL,
  reported_by UUID NOT NULL,
  reported_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  dispute TEXT,
  disputed_at TIMESTAMP WITH TIME ZONE,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT departure_pkey PRIMARY KEY (id),
  CONSTRAINT departure_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT departure_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT departure_reported_by_fkey FOREIGN KEY(reported_by) REFERENCES account (id)
)
    """,
    """
CREATE INDEX departure_nurse_id ON departure (nurse_id, id)
    """,
    """
CREATE TABLE collective_item (
  collective_filing_id UUID NOT NULL,
  place INTEGER NOT NULL,
  nurse_id UUID NOT NULL,
  form JSONB NOT NULL,
  application_id UUID,
  problems JSONB,
  done_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT collective_item_pkey PRIMARY KEY (collective_filing_id, place),
  CONSTRAINT collective_item_collective_filing_id_nurse_id_key UNIQUE (collective_filing_id, nurse_id),
  CONSTRAINT collective_item_collective_filing_id_fkey FOREIGN KEY(collective_filing_id) REFERENCES collective_filing (id),
  CONSTRAINT collective_item_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT collective_item_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id)
)
    """,
    """
CREATE TABLE certificate_counter (
  authority_id UUID NOT NULL,
  year SMALLINT NOT NULL,
  last INTEGER NOT NULL,
  CONSTRAINT certificate_counter_pkey PRIMARY KEY (authority_id, year),
  CONSTRAINT certificate_counter_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id)
)
    """,
    """
alter table application add column escalated_at timestamp with time zone, add column objection text, add column objection_answer text, add column extension_reason text, add column collective_filing_id uuid constraint application_collective_filing_id_fkey references collective_filing (id)
    """,
    """
CREATE INDEX application_clock ON application (moved_at, id) WHERE state in ('ACCEPTED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'INSTITUTION_REVIEW', 'RETURNED')
    """,
    """
CREATE INDEX application_unaddressed ON application (id) WHERE state = 'INSTITUTION_REVIEW' and institution_id is null
    """,
    """
alter table review_decision drop constraint review_decision_outcome, add constraint review_decision_outcome check (outcome in ('AGREED', 'REFUSED', 'RETURNED', 'CORRECTION_REQUIRED', 'ACCEPTED', 'NOT_ACCEPTED', 'TRANSFERRED', 'DEEMED', 'VOIDED'))
    """,
    """
alter table desk_request drop constraint desk_request_kind, add constraint desk_request_kind check (kind in ('DEREGISTRATION', 'KEY_FACT', 'RECOVERY', 'VOID'))
    """,
    """
alter table registration_span add column reason text, add column account_id uuid constraint registration_span_account_id_fkey references account (id)
    """,
    "grant select, insert, update, delete on collective_filing, application_pause, claim_rejection, reminder,"
    " material_requirement, material, material_check, ticket, certificate, departure, collective_item,"
    " certificate_counter to hushi_app",
)


def upgrade() -> None:
    """Make room for all kinds."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """What was filed since would be forgotten."""
    raise NotImplementedError("applications of these kinds cannot be kept: restore a backup of the release before")
