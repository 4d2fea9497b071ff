"""The tables for getting an account: exams, captchas, codes, contacts, and requests to a desk."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE exam_record (
  id UUID DEFAULT uuidv7() NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  document_type TEXT COLLATE "C" NOT NULL CONSTRAINT exam_record_document_type CHECK (document_type in ('FOREIGN_PERMANENT_RESIDENCE', 'HK_MACAO_PERMIT', 'HMT_RESIDENCE_PERMIT', 'PASSPORT', 'RESIDENT_ID', 'TAIWAN_PERMIT')),
  id_number_key_id TEXT COLLATE "C" NOT NULL,
  id_number_sealed BYTEA NOT NULL,
  id_number_index BYTEA NOT NULL,
  id_number_masked TEXT COLLATE "C" NOT NULL,
  exam_certificate_number TEXT COLLATE "C" NOT NULL,
  passed_on DATE,
  year SMALLINT NOT NULL,
  score TEXT,
  pool_linked BOOLEAN DEFAULT false NOT NULL,
  sex TEXT COLLATE "C" CONSTRAINT exam_record_sex CHECK (sex in ('FEMALE', 'MALE')),
  birth_date DATE,
  ethnicity TEXT,
  education TEXT COLLATE "C" CONSTRAINT exam_record_education CHECK (education in ('BACHELOR', 'COLLEGE', 'DOCTOR', 'MASTER', 'OTHER', 'SECONDARY_VOCATIONAL')),
  CONSTRAINT exam_record_pkey PRIMARY KEY (id),
  CONSTRAINT exam_record_exam_certificate_number_key UNIQUE (exam_certificate_number)
)
    """,
    """
CREATE INDEX exam_record_id_number ON exam_record (document_type, id_number_index)
    """,
    """
CREATE TABLE captcha (
  id UUID DEFAULT uuidv7() NOT NULL,
  answer_hash BYTEA NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT captcha_pkey PRIMARY KEY (id)
)
    """,
    """
CREATE INDEX captcha_expires_at ON captcha (expires_at)
    """,
    """
CREATE TABLE code (
  id UUID DEFAULT uuidv7() NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL CONSTRAINT code_purpose CHECK (purpose in ('CHANGE_CONTACT', 'CONFIRM_CONTACT', 'FIRST_SIGN_IN', 'RECOVERY')),
  account_id UUID NOT NULL,
  channel TEXT COLLATE "C" NOT NULL CONSTRAINT code_channel CHECK (channel in ('MAIL', 'SMS')),
  target_index BYTEA NOT NULL,
  code_hash BYTEA NOT NULL,
  tries SMALLINT DEFAULT '0' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  burned_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT code_pkey PRIMARY KEY (id),
  CONSTRAINT code_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
    """,
    """
CREATE UNIQUE INDEX code_live ON code (account_id, purpose, channel) WHERE burned_at is null
    """,
    """
CREATE TABLE activation_code (
  id UUID DEFAULT uuidv7() NOT NULL,
  account_id UUID NOT NULL,
  institution_id UUID,
  authority_id UUID,
  issued_by UUID NOT NULL,
  code_hash BYTEA NOT NULL,
  tries SMALLINT DEFAULT '0' NOT NULL,
  issued_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  voided_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT activation_code_pkey PRIMARY KEY (id),
  CONSTRAINT activation_code_issuer CHECK ((institution_id is null) <> (authority_id is null)),
  CONSTRAINT activation_code_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT activation_code_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT activation_code_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT activation_code_issued_by_fkey FOREIGN KEY(issued_by) REFERENCES account (id)
)
    """,
    """
CREATE INDEX activation_code_account_id ON activation_code (account_id, issued_at)
    """,
    """
CREATE UNIQUE INDEX activation_code_live ON activation_code (account_id) WHERE used_at is null and voided_at is null
    """,
    """
CREATE TABLE desk_request (
  id UUID DEFAULT uuidv7() NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT desk_request_kind CHECK (kind in ('KEY_FACT', 'RECOVERY')),
  state TEXT COLLATE "C" NOT NULL CONSTRAINT desk_request_state CHECK (state in ('APPROVED', 'PENDING', 'REJECTED')),
  account_id UUID,
  nurse_id UUID,
  authority_id UUID,
  content_key_id TEXT COLLATE "C" NOT NULL,
  content_sealed BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decided_by UUID,
  reason TEXT,
  CONSTRAINT desk_request_pkey PRIMARY KEY (id),
  CONSTRAINT desk_request_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT desk_request_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT desk_request_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT desk_request_decided_by_fkey FOREIGN KEY(decided_by) REFERENCES account (id)
)
    """,
    """
CREATE INDEX desk_request_pending ON desk_request (authority_id, kind, created_at) WHERE state = 'PENDING'
    """,
    """
CREATE TABLE institution_document (
  institution_id UUID NOT NULL,
  document TEXT COLLATE "C" NOT NULL,
  seen_by UUID NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT institution_document_institution_id_document_key UNIQUE (institution_id, document),
  CONSTRAINT institution_document_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT institution_document_seen_by_fkey FOREIGN KEY(seen_by) REFERENCES account (id)
)
    """,
    """
alter table account
  add column document_type text collate "C" constraint account_document_type
    check (document_type in ('FOREIGN_PERMANENT_RESIDENCE', 'HK_MACAO_PERMIT', 'HMT_RESIDENCE_PERMIT', 'PASSPORT',
      'RESIDENT_ID', 'TAIWAN_PERMIT')),
  add column id_number_key_id text collate "C", add column id_number_sealed bytea,
  add column id_number_index bytea, add column id_number_masked text collate "C",
  add column identity_outcome text collate "C" constraint account_identity_outcome
    check (identity_outcome in ('DEREGISTERED', 'EXAM_PASSED', 'MILITARY_SOURCE', 'MULTIPLE', 'NAME_MISMATCH', 'NO_MATCH',
      'PRE_2008', 'REGISTERED')),
  add column corrections smallint default '0' not null,
  add column certificate_tries smallint default '0' not null,
  add column phone_key_id text collate "C", add column phone_sealed bytea,
  add column phone_index bytea, add column phone_masked text collate "C",
  add column email_key_id text collate "C", add column email_sealed bytea,
  add column email_index bytea, add column email_masked text collate "C",
  add column phone_verified_at timestamptz,
  add column email_verified_at timestamptz,
  add column contact_held_until timestamptz,
  add column must_set_password boolean default false not null,
  add column activated_at timestamp with time zone,
  add column invited_until timestamptz
    """,
    """
create unique index account_id_number_key on account (document_type, id_number_index)
  where state <> 'REVOKED' and id_number_index is not null
    """,
    """
create unique index account_phone_key on account (phone_index) where state <> 'REVOKED' and phone_verified_at is not null
    """,
    """
create unique index account_email_key on account (email_index) where state <> 'REVOKED' and email_verified_at is not null
    """,
    """
alter table institution add column responsible_name text, add column merged_into uuid, add column closed_at timestamptz,
  add constraint institution_merged_into_fkey foreign key (merged_into) references institution (id)
    """,
    """
alter table outbox drop column params, add column content_key_id text collate "C" not null,
  add column content_sealed bytea not null, add column claimed_until timestamptz
    """,
    "grant select, insert, update, delete on exam_record, captcha, code, activation_code, desk_request,"
    " institution_document to hushi_app",
)


def upgrade() -> None:
    """Make room for people."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Registrations since then would be lost."""
    raise NotImplementedError("accounts made since cannot be kept: restore a backup of the release before instead")
