"""Help: frequent questions, questions and their answers, announcements, manuals, and codes for the help desk."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The way there."""
    _texts()
    _questions()
    _announcements()
    op.execute("ALTER TABLE ticket ALTER COLUMN session_hash DROP NOT NULL")
    op.execute("ALTER TABLE ticket ALTER COLUMN account_id DROP NOT NULL")


def _texts() -> None:
    op.execute("""
CREATE TABLE faq (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT '1' NOT NULL,
  audience TEXT COLLATE "C" NOT NULL CONSTRAINT faq_audience CHECK (audience in ('AUTHORITY', 'EVERYBODY', 'INSTITUTION', 'NURSE')),
  state TEXT COLLATE "C" NOT NULL CONSTRAINT faq_state CHECK (state in ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
  place INTEGER NOT NULL,
  question_zh TEXT NOT NULL,
  question_en TEXT NOT NULL,
  answer_zh TEXT NOT NULL,
  answer_en TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT faq_pkey PRIMARY KEY (id)
)
""")
    op.execute("CREATE INDEX faq_state ON faq (state, audience, place)")
    op.execute("""
CREATE TABLE faq_version (
  faq_id UUID NOT NULL,
  version INTEGER NOT NULL,
  content JSONB NOT NULL,
  changed_by UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT faq_version_pkey PRIMARY KEY (faq_id, version),
  CONSTRAINT faq_version_faq_id_fkey FOREIGN KEY(faq_id) REFERENCES faq (id),
  CONSTRAINT faq_version_changed_by_fkey FOREIGN KEY(changed_by) REFERENCES account (id)
)
""")
    op.execute("""
CREATE TABLE manual (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT '1' NOT NULL,
  audience TEXT COLLATE "C" NOT NULL CONSTRAINT manual_audience CHECK (audience in ('AUTHORITY', 'EVERYBODY', 'INSTITUTION', 'NURSE')),
  language TEXT COLLATE "C" NOT NULL CONSTRAINT manual_language CHECK (language in ('EN', 'ZH')),
  title TEXT NOT NULL,
  version TEXT NOT NULL,
  dated DATE NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  size INTEGER NOT NULL,
  blob_id UUID NOT NULL,
  account_id UUID NOT NULL,
  published_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  replaced_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT manual_pkey PRIMARY KEY (id),
  CONSTRAINT manual_blob_id_fkey FOREIGN KEY(blob_id) REFERENCES blob (id),
  CONSTRAINT manual_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX manual_blob_id ON manual (blob_id)")
    op.execute("CREATE UNIQUE INDEX manual_current ON manual (audience, language, title) WHERE replaced_at is null")
    op.execute("GRANT select, insert, update ON faq, manual TO hushi_app")
    op.execute("GRANT select, insert ON faq_version TO hushi_app")


def _questions() -> None:
    op.execute("""
CREATE TABLE question (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT '1' NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  state TEXT COLLATE "C" NOT NULL CONSTRAINT question_state CHECK (state in ('ANSWERED', 'CLOSED', 'OPEN', 'REOPENED')),
  topic TEXT COLLATE "C" NOT NULL CONSTRAINT question_topic CHECK (topic in ('ACCOUNT', 'APPLICATION', 'CERTIFICATE', 'INFORMATION', 'INSTITUTION', 'LAW', 'OTHER', 'SIGN_IN')),
  title TEXT NOT NULL,
  account_id UUID,
  asker_party TEXT COLLATE "C" CONSTRAINT question_asker_party CHECK (asker_party in ('ANALYST', 'AUTHORITY', 'HELP_DESK', 'INSTITUTION', 'NURSE')),
  channel TEXT COLLATE "C" CONSTRAINT question_channel CHECK (channel in ('MAIL', 'SMS')),
  contact_key_id TEXT COLLATE "C",
  contact_sealed BYTEA,
  contact_masked TEXT COLLATE "C",
  token_hash BYTEA,
  application_id UUID,
  authority_id UUID,
  holder_id UUID,
  held_until TIMESTAMP WITH TIME ZONE,
  due_on DATE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  queued_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  answered_at TIMESTAMP WITH TIME ZONE,
  overdue_at TIMESTAMP WITH TIME ZONE,
  closed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT question_pkey PRIMARY KEY (id),
  CONSTRAINT question_asker CHECK ((account_id is null) = (contact_sealed is not null)),
  CONSTRAINT question_contact CHECK ((account_id is null) = all(array[channel is not null, contact_key_id is not null, contact_masked is not null, token_hash is not null, asker_party is null])),
  CONSTRAINT question_held CHECK ((holder_id is null) = (held_until is null)),
  CONSTRAINT question_closed CHECK ((state = 'CLOSED') = (closed_at is not null)),
  CONSTRAINT question_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT question_token_hash_key UNIQUE (token_hash),
  CONSTRAINT question_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT question_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT question_holder_id_fkey FOREIGN KEY(holder_id) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX question_account_id ON question (account_id, id) WHERE account_id is not null")
    op.execute("CREATE INDEX question_answered ON question (answered_at) WHERE state = 'ANSWERED'")
    op.execute("CREATE INDEX question_application_id ON question (application_id) WHERE application_id is not null")
    op.execute("CREATE INDEX question_held_until ON question (held_until) WHERE held_until is not null")
    op.execute(
        "CREATE INDEX question_overdue ON question (due_on) WHERE state in ('OPEN', 'REOPENED') and overdue_at is null"
    )
    op.execute("CREATE INDEX question_created_at ON question (created_at, id)")
    op.execute(
        "CREATE INDEX question_authority_id ON question (authority_id, created_at) WHERE authority_id is not null"
    )
    op.execute(
        "CREATE INDEX question_waiting ON question (authority_id, queued_at, id) WHERE state in ('OPEN', 'REOPENED')"
    )
    op.execute("""
CREATE TABLE question_message (
  id UUID DEFAULT uuidv7() NOT NULL,
  question_id UUID NOT NULL,
  said TEXT COLLATE "C" NOT NULL CONSTRAINT question_message_said CHECK (said in ('ADDED', 'ANSWERED', 'ASKED', 'HANDED_OVER')),
  text TEXT NOT NULL,
  account_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT question_message_pkey PRIMARY KEY (id),
  CONSTRAINT question_message_question_id_fkey FOREIGN KEY(question_id) REFERENCES question (id),
  CONSTRAINT question_message_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX question_message_question_id ON question_message (question_id, id)")
    op.execute("""
CREATE TABLE question_file (
  id UUID DEFAULT uuidv7() NOT NULL,
  question_id UUID NOT NULL,
  file_name TEXT NOT NULL,
  media_type TEXT COLLATE "C" NOT NULL,
  size INTEGER NOT NULL,
  blob_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  erased_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT question_file_pkey PRIMARY KEY (id),
  CONSTRAINT question_file_erased CHECK ((blob_id is null) = (erased_at is not null)),
  CONSTRAINT question_file_question_id_fkey FOREIGN KEY(question_id) REFERENCES question (id),
  CONSTRAINT question_file_blob_id_fkey FOREIGN KEY(blob_id) REFERENCES blob (id)
)
""")
    op.execute("CREATE INDEX question_file_blob_id ON question_file (blob_id) WHERE blob_id is not null")
    op.execute("CREATE INDEX question_file_question_id ON question_file (question_id, id)")
    op.execute("""
CREATE TABLE contact_code (
  target_index BYTEA NOT NULL,
  id UUID NOT NULL,
  code_hash BYTEA NOT NULL,
  tries SMALLINT DEFAULT '0' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT contact_code_pkey PRIMARY KEY (target_index)
)
""")
    op.execute("CREATE INDEX contact_code_expires_at ON contact_code (expires_at)")
    op.execute("""
CREATE TABLE help_code (
  account_id UUID NOT NULL,
  code_hash BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT help_code_pkey PRIMARY KEY (account_id),
  CONSTRAINT help_code_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT help_code_code_hash_key UNIQUE (code_hash)
)
""")
    op.execute("CREATE INDEX help_code_expires_at ON help_code (expires_at)")
    op.execute("GRANT select, insert, update ON question, question_file TO hushi_app")
    op.execute("GRANT select, insert ON question_message TO hushi_app")
    op.execute("GRANT select, insert, update, delete ON contact_code, help_code TO hushi_app")


def _announcements() -> None:
    op.execute("""
CREATE TABLE announcement (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT '1' NOT NULL,
  version INTEGER DEFAULT '1' NOT NULL,
  state TEXT COLLATE "C" NOT NULL CONSTRAINT announcement_state CHECK (state in ('PUBLISHED', 'WITHDRAWN')),
  authority_id UUID,
  institution_id UUID,
  reach TEXT COLLATE "C" NOT NULL,
  audience TEXT[] COLLATE "C" NOT NULL CONSTRAINT announcement_audience CHECK (audience <@ array['AUTHORITY', 'INSTITUTION', 'NURSE']::text[] and cardinality(audience) > 0),
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE,
  account_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  told_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT announcement_pkey PRIMARY KEY (id),
  CONSTRAINT announcement_place CHECK ((authority_id is null) <> (institution_id is null)),
  CONSTRAINT announcement_span CHECK (ends_at is null or ends_at > starts_at),
  CONSTRAINT announcement_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT announcement_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT announcement_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX announcement_reach ON announcement (reach, starts_at)")
    op.execute(
        "CREATE INDEX announcement_untold ON announcement (starts_at) WHERE told_at is null and state = 'PUBLISHED'"
    )
    op.execute("""
CREATE TABLE announcement_version (
  announcement_id UUID NOT NULL,
  version INTEGER NOT NULL,
  content JSONB NOT NULL,
  changed_by UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT announcement_version_pkey PRIMARY KEY (announcement_id, version),
  CONSTRAINT announcement_version_announcement_id_fkey FOREIGN KEY(announcement_id) REFERENCES announcement (id),
  CONSTRAINT announcement_version_changed_by_fkey FOREIGN KEY(changed_by) REFERENCES account (id)
)
""")
    op.execute("""
CREATE TABLE announcement_read (
  account_id UUID NOT NULL,
  announcement_id UUID NOT NULL,
  version INTEGER NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT announcement_read_pkey PRIMARY KEY (account_id, announcement_id),
  CONSTRAINT announcement_read_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT announcement_read_announcement_id_fkey FOREIGN KEY(announcement_id) REFERENCES announcement (id)
)
""")
    op.execute("GRANT select, insert, update ON announcement, announcement_read TO hushi_app")
    op.execute("GRANT select, insert ON announcement_version TO hushi_app")


def downgrade() -> None:
    """The way back: help is forgotten, as are tickets of nobody."""
    op.execute("DELETE FROM ticket WHERE session_hash IS NULL OR account_id IS NULL")
    op.execute("ALTER TABLE ticket ALTER COLUMN account_id SET NOT NULL")
    op.execute("ALTER TABLE ticket ALTER COLUMN session_hash SET NOT NULL")
    op.execute("DROP TABLE announcement_read")
    op.execute("DROP TABLE announcement_version")
    op.execute("DROP TABLE announcement")
    op.execute("DROP TABLE help_code")
    op.execute("DROP TABLE contact_code")
    op.execute("DROP TABLE question_file")
    op.execute("DROP TABLE question_message")
    op.execute("DROP TABLE question")
    op.execute("DROP TABLE manual")
    op.execute("DROP TABLE faq_version")
    op.execute("DROP TABLE faq")
