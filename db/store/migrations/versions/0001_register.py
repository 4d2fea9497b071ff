"""The register: its tables, and the role that may not rewrite history."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
create function institution_code_valid(code text) returns boolean language sql immutable strict parallel safe
return code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$' and (
  select sum((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, n, 1)) - 1)
    * (array[1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28,1])[n]) % 31 = 0
  from generate_series(1, 18) n)
    """,
    """
create function open_event_months(months integer) returns void language plpgsql as $$
declare month date;
begin
  for month in select generate_series(date_trunc('month', now()) - interval '2 months',
      date_trunc('month', now()) + months * interval '1 month', interval '1 month')::date loop
    execute format('create table if not exists event_%s partition of event for values from (%L) to (%L)',
      to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date);
  end loop;
  create table if not exists event_other partition of event default;
end $$
    """,
    """
CREATE TABLE attempt (
  id UUID DEFAULT uuidv7() NOT NULL,
  subject BYTEA NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT attempt_pkey PRIMARY KEY (id)
)
    """,
    """
CREATE INDEX attempt_subject ON attempt (subject, at)
    """,
    """
CREATE TABLE audit (
  id UUID DEFAULT uuidv7() NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  account_id UUID,
  nurse_id UUID,
  action TEXT COLLATE "C" NOT NULL,
  detail JSONB DEFAULT '{}' NOT NULL,
  CONSTRAINT audit_pkey PRIMARY KEY (id)
)
    """,
    """
CREATE INDEX audit_nurse_id ON audit (nurse_id, at)
    """,
    """
CREATE TABLE authority (
  id UUID DEFAULT uuidv7() NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  level TEXT COLLATE "C" NOT NULL CONSTRAINT authority_level CHECK (level in ('NATION', 'PROVINCE', 'CITY', 'DISTRICT')),
  parent_id UUID,
  path TEXT COLLATE "C" NOT NULL,
  two_persons BOOLEAN DEFAULT true NOT NULL,
  renewal_window_days INTEGER DEFAULT '90' NOT NULL CONSTRAINT authority_window CHECK (renewal_window_days between 30 and 365),
  promised_days INTEGER CONSTRAINT authority_promise CHECK (promised_days between 1 and 20),
  CONSTRAINT authority_pkey PRIMARY KEY (id),
  CONSTRAINT authority_tree CHECK ((level = 'NATION') = (parent_id is null)),
  CONSTRAINT authority_code_key UNIQUE (code),
  CONSTRAINT authority_parent_id_fkey FOREIGN KEY(parent_id) REFERENCES authority (id),
  CONSTRAINT authority_path_key UNIQUE (path)
)
    """,
    """
CREATE TABLE blob (
  sha256 BYTEA NOT NULL,
  media_type TEXT COLLATE "C" NOT NULL,
  content BYTEA NOT NULL CONSTRAINT blob_size CHECK (octet_length(content) <= 5242880),
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT blob_pkey PRIMARY KEY (sha256),
  CONSTRAINT blob_sha256 CHECK (sha256 = sha256(content))
)
    """,
    """
CREATE TABLE calendar_day (
  day DATE NOT NULL,
  working BOOLEAN NOT NULL,
  note TEXT,
  CONSTRAINT calendar_day_pkey PRIMARY KEY (day)
)
    """,
    """
CREATE TABLE event (
  scope UUID NOT NULL,
  seq BIGINT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  id UUID NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  application_id UUID,
  account_id UUID,
  queue TEXT COLLATE "C" CONSTRAINT event_queue CHECK (queue in ('ADDED', 'CHANGED', 'PUT_BACK', 'REMOVED', 'TAKEN')),
  body JSONB NOT NULL,
  CONSTRAINT event_pkey PRIMARY KEY (scope, seq, at)
)
 PARTITION BY RANGE (at)
    """,
    """
CREATE TABLE feed_epoch (
  epoch UUID DEFAULT gen_random_uuid() NOT NULL,
  single BOOLEAN DEFAULT true NOT NULL CONSTRAINT feed_epoch_single CHECK (single),
  CONSTRAINT feed_epoch_pkey PRIMARY KEY (epoch),
  CONSTRAINT feed_epoch_single_key UNIQUE (single)
)
    """,
    """
CREATE TABLE feed_scope (
  scope UUID NOT NULL,
  seq BIGINT NOT NULL,
  CONSTRAINT feed_scope_pkey PRIMARY KEY (scope)
)
    """,
    """
CREATE TABLE idempotency (
  client TEXT COLLATE "C" NOT NULL,
  mutation TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL CONSTRAINT idempotency_key CHECK (length(key) between 8 and 64),
  input_hash BYTEA NOT NULL,
  result_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT idempotency_pkey PRIMARY KEY (client, mutation, key)
)
    """,
    """
CREATE INDEX idempotency_created_at ON idempotency (created_at)
    """,
    """
CREATE TABLE keyring_check (
  value BYTEA NOT NULL,
  CONSTRAINT keyring_check_pkey PRIMARY KEY (value)
)
    """,
    """
CREATE TABLE outbox (
  id UUID DEFAULT uuidv7() NOT NULL,
  channel TEXT COLLATE "C" NOT NULL CONSTRAINT outbox_channel CHECK (channel in ('MAIL', 'SMS')),
  recipient_key_id TEXT COLLATE "C" NOT NULL,
  recipient_sealed BYTEA NOT NULL,
  template TEXT COLLATE "C" NOT NULL,
  params JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  tries SMALLINT DEFAULT '0' NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  dead_at TIMESTAMP WITH TIME ZONE,
  last_error TEXT,
  CONSTRAINT outbox_pkey PRIMARY KEY (id)
)
    """,
    """
CREATE INDEX outbox_due_at ON outbox (due_at) WHERE sent_at is null and dead_at is null
    """,
    """
CREATE TABLE institution (
  id UUID DEFAULT uuidv7() NOT NULL,
  code TEXT COLLATE "C" NOT NULL CONSTRAINT institution_code CHECK (institution_code_valid(code)),
  name TEXT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CONSTRAINT institution_state CHECK (state in ('ACTIVE', 'CLOSED', 'PENDING', 'SUSPENDED')),
  division TEXT COLLATE "C" NOT NULL CONSTRAINT institution_division CHECK (division ~ '^[0-9]{6}$'),
  authority_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT institution_pkey PRIMARY KEY (id),
  CONSTRAINT institution_code_key UNIQUE (code),
  CONSTRAINT institution_name_key UNIQUE (name),
  CONSTRAINT institution_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id)
)
    """,
    """
CREATE INDEX institution_authority_id ON institution (authority_id, id)
    """,
    """
CREATE TABLE nurse (
  id UUID DEFAULT uuidv7() NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  document_type TEXT COLLATE "C" NOT NULL CONSTRAINT nurse_document_type CHECK (document_type in ('FOREIGN_PERMANENT_RESIDENCE', 'HK_MACAO_PERMIT', 'HMT_RESIDENCE_PERMIT', 'PASSPORT', 'RESIDENT_ID', 'TAIWAN_PERMIT')),
  id_number_key_id TEXT COLLATE "C" NOT NULL,
  id_number_sealed BYTEA NOT NULL,
  id_number_index BYTEA NOT NULL,
  id_number_masked TEXT COLLATE "C" NOT NULL,
  phone_key_id TEXT COLLATE "C",
  phone_sealed BYTEA,
  phone_index BYTEA,
  phone_masked TEXT COLLATE "C",
  email_key_id TEXT COLLATE "C",
  email_sealed BYTEA,
  email_index BYTEA,
  email_masked TEXT COLLATE "C",
  sex TEXT COLLATE "C" NOT NULL CONSTRAINT nurse_sex CHECK (sex in ('FEMALE', 'MALE')),
  birth_date DATE NOT NULL,
  ethnicity TEXT NOT NULL,
  nationality TEXT DEFAULT '中国' NOT NULL,
  health_status TEXT COLLATE "C" NOT NULL CONSTRAINT nurse_health_status CHECK (health_status in ('CHRONIC_ILLNESS', 'DISABILITY', 'FAIR', 'GOOD', 'UNFIT')),
  exam_score TEXT,
  exam_passed_on DATE,
  exam_year SMALLINT,
  exam_certificate_number TEXT COLLATE "C",
  exam_pool_linked BOOLEAN DEFAULT false NOT NULL,
  school TEXT,
  major TEXT,
  study_length TEXT COLLATE "C" CONSTRAINT nurse_study_length CHECK (study_length in ('EIGHT_YEARS', 'FIVE_YEARS', 'FOUR_YEARS', 'SEVEN_YEARS', 'SIX_YEARS', 'THREE_YEARS', 'TWO_YEARS')),
  education TEXT COLLATE "C" NOT NULL CONSTRAINT nurse_education CHECK (education in ('BACHELOR', 'COLLEGE', 'DOCTOR', 'MASTER', 'OTHER', 'SECONDARY_VOCATIONAL')),
  degree TEXT COLLATE "C" NOT NULL CONSTRAINT nurse_degree CHECK (degree in ('BACHELOR', 'DOCTOR', 'MASTER', 'NONE')),
  graduated_on DATE,
  study_history TEXT,
  work_category TEXT COLLATE "C" CONSTRAINT nurse_work_category CHECK (work_category in ('CLINICAL_NURSING', 'NURSING_ADMINISTRATION')),
  department TEXT COLLATE "C" CONSTRAINT nurse_department CHECK (department in ('EMERGENCY', 'INTENSIVE_CARE', 'NURSING_OFFICE', 'OPERATING_ROOM', 'OTHER', 'OUTPATIENT', 'RESPIRATORY', 'STERILE_SUPPLY', 'WARD')),
  post TEXT COLLATE "C" CONSTRAINT nurse_post CHECK (post in ('DEPARTMENT_HEAD_NURSE', 'DEPUTY_NURSING_DIRECTOR', 'HEAD_NURSE', 'NONE', 'NURSING_DIRECTOR', 'OTHER')),
  title TEXT COLLATE "C" CONSTRAINT nurse_title CHECK (title in ('ASSOCIATE_CHIEF_NURSE', 'CHIEF_NURSE', 'NURSE', 'SENIOR_NURSE', 'SUPERVISOR_NURSE')),
  started_work_on DATE,
  work_history TEXT,
  auxiliary TEXT,
  good_record TEXT,
  bad_record TEXT,
  photo_sha256 BYTEA,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT nurse_pkey PRIMARY KEY (id),
  CONSTRAINT nurse_document_type_id_number_index_key UNIQUE (document_type, id_number_index),
  CONSTRAINT nurse_id_number_masked CHECK (document_type not in ('RESIDENT_ID', 'HMT_RESIDENCE_PERMIT') or id_number_masked ~ '^[0-9]{3}[*]{11}[0-9X]{2}$'),
  CONSTRAINT nurse_exam_certificate_number_key UNIQUE (exam_certificate_number),
  CONSTRAINT nurse_photo_sha256_fkey FOREIGN KEY(photo_sha256) REFERENCES blob (sha256)
)
    """,
    """
CREATE INDEX nurse_name ON nurse (name, id)
    """,
    """
CREATE TABLE receipt_counter (
  authority_id UUID NOT NULL,
  year SMALLINT NOT NULL,
  last INTEGER NOT NULL,
  CONSTRAINT receipt_counter_pkey PRIMARY KEY (authority_id, year),
  CONSTRAINT receipt_counter_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id)
)
    """,
    """
CREATE TABLE account (
  id UUID DEFAULT uuidv7() NOT NULL,
  party TEXT COLLATE "C" NOT NULL CONSTRAINT account_party CHECK (party in ('ANALYST', 'AUTHORITY', 'HELP_DESK', 'INSTITUTION', 'NURSE')),
  nurse_id UUID,
  institution_id UUID,
  authority_id UUID,
  self_nurse_id UUID,
  user_name TEXT COLLATE "C" NOT NULL CONSTRAINT account_user_name CHECK (user_name ~ '^[A-Za-z][A-Za-z0-9]{5,11}$'),
  display_name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CONSTRAINT account_state CHECK (state in ('ACTIVE', 'DISABLED', 'INACTIVE', 'INVITED', 'REVOKED')),
  roles TEXT[] COLLATE "C" NOT NULL CONSTRAINT account_roles CHECK (roles <@ array['ANALYST', 'DECIDER', 'HELP_DESK', 'MANAGER', 'NURSE', 'OPERATOR', 'PROVINCIAL_ADMIN', 'REVIEWER', 'SUPERVISOR', 'SYSTEM', 'VIEWER']::text[] and cardinality(roles) > 0),
  identity_verified BOOLEAN DEFAULT false NOT NULL,
  contact_verified BOOLEAN DEFAULT false NOT NULL,
  certificate_verified BOOLEAN DEFAULT false NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT account_pkey PRIMARY KEY (id),
  CONSTRAINT account_speaks_for CHECK ((party = 'NURSE' or nurse_id is null) and (party = 'INSTITUTION') = (institution_id is not null) and (party = 'AUTHORITY') = (authority_id is not null)),
  CONSTRAINT account_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT account_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT account_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT account_self_nurse_id_fkey FOREIGN KEY(self_nurse_id) REFERENCES nurse (id)
)
    """,
    """
CREATE INDEX account_authority_id ON account (authority_id) WHERE authority_id is not null
    """,
    """
CREATE INDEX account_institution_id ON account (institution_id) WHERE institution_id is not null
    """,
    """
CREATE UNIQUE INDEX account_nurse_id_key ON account (nurse_id) WHERE state <> 'REVOKED'
    """,
    """
CREATE UNIQUE INDEX account_user_name_key ON account (lower(user_name))
    """,
    """
CREATE TABLE approval_setting (
  institution_id UUID NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT approval_setting_kind CHECK (kind in ('CHANGE', 'DEREGISTRATION', 'FIRST', 'MILITARY_TRANSFER', 'REISSUE', 'RENEWAL', 'REREGISTRATION')),
  authority_id UUID,
  set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT approval_setting_pkey PRIMARY KEY (institution_id, kind),
  CONSTRAINT approval_setting_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT approval_setting_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id)
)
    """,
    """
CREATE TABLE registration (
  nurse_id UUID NOT NULL,
  status TEXT COLLATE "C" NOT NULL CONSTRAINT registration_status CHECK (status in ('DEREGISTERED', 'NEVER', 'VALID')),
  certificate_number TEXT COLLATE "C",
  first_registered_on DATE,
  valid_until DATE,
  institution_id UUID,
  authority_id UUID,
  last_kind TEXT COLLATE "C" CONSTRAINT registration_last_kind CHECK (last_kind in ('CHANGE', 'DEREGISTRATION', 'FIRST', 'MILITARY_TRANSFER', 'REISSUE', 'RENEWAL', 'REREGISTRATION')),
  deregistration_reason TEXT COLLATE "C" CONSTRAINT registration_deregistration_reason CHECK (deregistration_reason in ('ANNULLED', 'DEATH', 'EXPIRED', 'INCAPACITY', 'LICENCE_REVOKED', 'OTHER')),
  bar_until DATE,
  version INTEGER DEFAULT '1' NOT NULL,
  CONSTRAINT registration_pkey PRIMARY KEY (nurse_id),
  CONSTRAINT registration_complete CHECK (status = 'NEVER' or (certificate_number is not null and valid_until is not null and authority_id is not null)),
  CONSTRAINT registration_reason CHECK ((status = 'DEREGISTERED') = (deregistration_reason is not null)),
  CONSTRAINT registration_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT registration_certificate_number_key UNIQUE (certificate_number),
  CONSTRAINT registration_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT registration_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id)
)
    """,
    """
CREATE INDEX registration_authority ON registration (authority_id, valid_until, nurse_id)
    """,
    """
CREATE INDEX registration_roster ON registration (institution_id, valid_until, nurse_id)
    """,
    """
CREATE TABLE registration_span (
  id UUID DEFAULT uuidv7() NOT NULL,
  nurse_id UUID NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT registration_span_kind CHECK (kind in ('SUSPENSION', 'INTERRUPTION', 'DISPATCH')),
  starts_on DATE NOT NULL,
  ends_on DATE,
  decision_number TEXT COLLATE "C",
  CONSTRAINT registration_span_pkey PRIMARY KEY (id),
  CONSTRAINT registration_span_order CHECK (ends_on is null or ends_on >= starts_on),
  CONSTRAINT registration_span_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id)
)
    """,
    """
CREATE INDEX registration_span_nurse_id ON registration_span (nurse_id, starts_on)
    """,
    """
CREATE TABLE application (
  id UUID DEFAULT uuidv7() NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT application_kind CHECK (kind in ('CHANGE', 'DEREGISTRATION', 'FIRST', 'MILITARY_TRANSFER', 'REISSUE', 'RENEWAL', 'REREGISTRATION')),
  state TEXT COLLATE "C" NOT NULL CONSTRAINT application_state CHECK (state in ('ACCEPTED', 'APPROVED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'DRAFT', 'INSTITUTION_REJECTED', 'INSTITUTION_REVIEW', 'LAPSED', 'NOT_ACCEPTED', 'REJECTED', 'RETURNED', 'VOIDED', 'WITHDRAWN')),
  version INTEGER DEFAULT '1' NOT NULL,
  revision INTEGER DEFAULT '0' NOT NULL,
  nurse_id UUID NOT NULL,
  institution_id UUID,
  authority_id UUID,
  filed_by TEXT COLLATE "C" NOT NULL CONSTRAINT application_filed_by CHECK (filed_by in ('ANALYST', 'AUTHORITY', 'HELP_DESK', 'INSTITUTION', 'NURSE')),
  nurse_name TEXT NOT NULL,
  id_number_masked TEXT COLLATE "C" NOT NULL,
  certificate_number TEXT COLLATE "C",
  form JSONB NOT NULL,
  marked_fields TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  corrections SMALLINT DEFAULT '0' NOT NULL,
  recommender_id UUID,
  on_hold BOOLEAN DEFAULT false NOT NULL,
  objected BOOLEAN DEFAULT false NOT NULL,
  extended BOOLEAN DEFAULT false NOT NULL,
  deemed BOOLEAN DEFAULT false NOT NULL,
  receipt_number TEXT COLLATE "C",
  due_on DATE,
  promised_due_on DATE,
  holder_id UUID,
  held_until TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  submitted_at TIMESTAMP WITH TIME ZONE,
  queued_at TIMESTAMP WITH TIME ZONE,
  forwarded_at TIMESTAMP WITH TIME ZONE,
  accepted_at TIMESTAMP WITH TIME ZONE,
  decided_at TIMESTAMP WITH TIME ZONE,
  moved_by UUID,
  moved_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT application_pkey PRIMARY KEY (id),
  CONSTRAINT application_submitted CHECK (state in ('DRAFT', 'WITHDRAWN') or (revision > 0 and submitted_at is not null)),
  CONSTRAINT application_stamped CHECK (state not in ('ACCEPTED', 'APPROVED', 'REJECTED') or (authority_id is not null)),
  CONSTRAINT application_queued CHECK (state not in ('ACCEPTED', 'AUTHORITY_INTAKE', 'INSTITUTION_REVIEW') or queued_at is not null),
  CONSTRAINT application_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT application_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT application_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT application_recommender_id_fkey FOREIGN KEY(recommender_id) REFERENCES account (id),
  CONSTRAINT application_receipt_number_key UNIQUE (receipt_number),
  CONSTRAINT application_holder_id_fkey FOREIGN KEY(holder_id) REFERENCES account (id),
  CONSTRAINT application_moved_by_fkey FOREIGN KEY(moved_by) REFERENCES account (id)
)
    """,
    """
CREATE INDEX application_authority_desk ON application (authority_id, queued_at, id) WHERE state in ('ACCEPTED', 'AUTHORITY_INTAKE')
    """,
    """
CREATE INDEX application_authority_id ON application (authority_id, id)
    """,
    """
CREATE INDEX application_institution_desk ON application (institution_id, queued_at, id) WHERE state in ('INSTITUTION_REVIEW')
    """,
    """
CREATE INDEX application_institution_id ON application (institution_id, id)
    """,
    """
CREATE INDEX application_nurse_id ON application (nurse_id, id)
    """,
    """
CREATE UNIQUE INDEX application_one_draft ON application (nurse_id, kind) WHERE state = 'DRAFT'
    """,
    """
CREATE UNIQUE INDEX application_one_open_but_change ON application (nurse_id) WHERE state in ('ACCEPTED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'INSTITUTION_REVIEW', 'RETURNED') and kind <> 'CHANGE'
    """,
    """
CREATE UNIQUE INDEX application_one_open_but_renewal ON application (nurse_id) WHERE state in ('ACCEPTED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'INSTITUTION_REVIEW', 'RETURNED') and kind <> 'RENEWAL'
    """,
    """
CREATE TABLE session (
  token_hash BYTEA NOT NULL,
  account_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT session_pkey PRIMARY KEY (token_hash),
  CONSTRAINT session_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
    """,
    """
CREATE INDEX session_account_id ON session (account_id) WHERE revoked_at is null
    """,
    """
CREATE TABLE application_revision (
  application_id UUID NOT NULL,
  revision INTEGER NOT NULL,
  form JSONB NOT NULL,
  changed_fields TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  account_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT application_revision_pkey PRIMARY KEY (application_id, revision),
  CONSTRAINT application_revision_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT application_revision_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
    """,
    """
CREATE TABLE registration_history (
  id UUID DEFAULT uuidv7() NOT NULL,
  nurse_id UUID NOT NULL,
  kind TEXT COLLATE "C" CONSTRAINT registration_history_kind CHECK (kind in ('CHANGE', 'DEREGISTRATION', 'FIRST', 'MILITARY_TRANSFER', 'REISSUE', 'RENEWAL', 'REREGISTRATION')),
  reason TEXT,
  application_id UUID,
  account_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  status TEXT COLLATE "C" NOT NULL CONSTRAINT registration_history_status CHECK (status in ('DEREGISTERED', 'NEVER', 'VALID')),
  certificate_number TEXT COLLATE "C",
  valid_until DATE,
  institution_id UUID,
  authority_id UUID,
  CONSTRAINT registration_history_pkey PRIMARY KEY (id),
  CONSTRAINT registration_history_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT registration_history_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT registration_history_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT registration_history_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT registration_history_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id)
)
    """,
    """
CREATE INDEX registration_history_nurse_id ON registration_history (nurse_id, id)
    """,
    """
CREATE TABLE review_decision (
  id UUID DEFAULT uuidv7() NOT NULL,
  application_id UUID NOT NULL,
  revision INTEGER NOT NULL,
  stage TEXT COLLATE "C" NOT NULL CONSTRAINT review_decision_stage CHECK (stage in ('INSTITUTION', 'AUTHORITY_REVIEW', 'AUTHORITY_DECISION')),
  outcome TEXT COLLATE "C" NOT NULL CONSTRAINT review_decision_outcome CHECK (outcome in ('AGREED', 'REFUSED', 'RETURNED', 'CORRECTION_REQUIRED', 'ACCEPTED', 'NOT_ACCEPTED')),
  reasons TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  marked_fields TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL,
  opinion TEXT,
  decider_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT review_decision_pkey PRIMARY KEY (id),
  CONSTRAINT review_decision_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT review_decision_decider_id_fkey FOREIGN KEY(decider_id) REFERENCES account (id)
)
    """,
    """
CREATE INDEX review_decision_application_id ON review_decision (application_id, id)
    """,
)

# The role is the cluster's, the rights are this database's. Two migrations of two databases may meet here.
ROLE = """
do $$ begin
  if not exists (select from pg_roles where rolname = 'hushi_app') then create role hushi_app nologin; end if;
exception when duplicate_object or unique_violation then null;
end $$
"""

GRANTS = (
    "grant usage on schema public to hushi_app",
    "grant select, insert, update, delete on all tables in schema public to hushi_app",
    "revoke update, delete on event, review_decision, registration_history, application_revision, audit from hushi_app",
    "revoke insert, update, delete on keyring_check, feed_epoch, alembic_version from hushi_app",
    "revoke execute on function open_event_months from public",
    # After the grants, so that a partition can be reached through its parent only.
    "select open_event_months(12)",
    "insert into feed_epoch default values",
    "do $$ begin execute format('grant hushi_app to %I', current_user); end $$",
)


def upgrade() -> None:
    """Make everything."""
    connection = op.get_bind()
    for statement in (*TABLES, ROLE, *GRANTS):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """There is nothing before the register."""
    raise NotImplementedError("the first migration cannot be undone: drop the database instead")
