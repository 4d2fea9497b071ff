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
  state TEXT COLLATE "C" NOT NULL CONSTRAINT collective_filing_state CHECK (state in ('CANCELLED', 'FINISHED', 'RUNNING')),
  filed_by UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  told_at TIMESTAMP WITH TIME ZONE,
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
  session_hash BYTEA NOT NULL,
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
CREATE INDEX departure_institution_id ON departure (institution_id, id)
    """,
    """
CREATE TABLE collective_item (
  collective_filing_id UUID NOT NULL,
  place INTEGER NOT NULL,
  line INTEGER,
  nurse_id UUID,
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
CREATE INDEX collective_item_waiting ON collective_item (place, collective_filing_id) WHERE done_at is null
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
    "drop index application_institution_id",
    "create index application_institution_id on application (institution_id, submitted_at, id)",
    "drop index application_authority_id",
    "create index application_authority_id on application (authority_id, submitted_at, id)",
    "grant select, insert, update, delete on collective_filing, application_pause, claim_rejection, reminder,"
    " material_requirement, material, material_check, ticket, certificate, departure, collective_item,"
    " certificate_counter to hushi_app",
    # What the law asks for everywhere (护士执业注册管理办法, in force since 2008-05-12).
    """
insert into material_requirement (kind, code, title_zh, title_en, needed, paper, valid_from) values
  ('FIRST', 'APPLICATION_FORM', '护士执业注册申请审核表', 'Form of application for registration', false, true, '2008-05-12'),
  ('FIRST', 'IDENTITY', '申请人身份证明', 'Proof of identity', false, true, '2008-05-12'),
  ('FIRST', 'EDUCATION', '申请人学历证书及专业学习中的临床实习证明', 'Diploma, and proof of the clinical internship', true, true, '2008-05-12'),
  ('FIRST', 'EXAM_PASS', '护士执业资格考试成绩合格证明', 'Proof of the examination passed', false, true, '2008-05-12'),
  ('FIRST', 'HEALTH_REPORT', '医疗机构出具的申请人6个月内健康体检证明', 'Health examination of the last six months', true, true, '2008-05-12'),
  ('FIRST', 'EMPLOYMENT', '医疗卫生机构拟聘用的相关材料', 'The institution''s word that it will employ her', false, true, '2008-05-12'),
  ('FIRST', 'TRAINING', '在教学、综合医院接受3个月临床护理培训并考核合格的证明（通过考试逾3年的）', 'Proof of three months of clinical training, where the examination is more than three years past', false, true, '2008-05-12'),
  ('RENEWAL', 'APPLICATION_FORM', '护士延续注册申请审核表', 'Form of application for renewal', false, true, '2008-05-12'),
  ('RENEWAL', 'CERTIFICATE', '护士执业证书', 'The certificate', false, true, '2008-05-12'),
  ('RENEWAL', 'HEALTH_REPORT', '医疗机构出具的申请人6个月内健康体检证明', 'Health examination of the last six months', false, true, '2008-05-12'),
  ('CHANGE', 'APPLICATION_FORM', '护士变更注册申请审核表', 'Form of application for a change', false, true, '2008-05-12'),
  ('CHANGE', 'CERTIFICATE', '护士执业证书', 'The certificate', false, true, '2008-05-12'),
  ('DEREGISTRATION', 'APPLICATION_FORM', '护士注销注册申请审核表', 'Form of application for deregistration', false, true, '2008-05-12'),
  ('DEREGISTRATION', 'CERTIFICATE', '护士执业证书', 'The certificate', false, true, '2008-05-12'),
  ('DEREGISTRATION', 'PROOF', '死亡证明、丧失民事行为能力的判决或吊销决定等证明材料', 'Proof of the reason: death certificate, court finding, penalty decision', false, true, '2008-05-12'),
  ('REREGISTRATION', 'APPLICATION_FORM', '护士重新注册申请审核表', 'Form of application to be registered again', false, true, '2008-05-12'),
  ('REREGISTRATION', 'IDENTITY', '申请人身份证明', 'Proof of identity', false, true, '2008-05-12'),
  ('REREGISTRATION', 'HEALTH_REPORT', '医疗机构出具的申请人6个月内健康体检证明', 'Health examination of the last six months', false, true, '2008-05-12'),
  ('REREGISTRATION', 'TRAINING', '在教学、综合医院接受3个月临床护理培训并考核合格的证明（中断护理执业活动超过3年的）', 'Proof of three months of clinical training, after an interruption of more than three years', false, true, '2008-05-12'),
  ('REREGISTRATION', 'RECOVERY', '恢复民事行为能力的证明（因丧失民事行为能力被注销的）', 'Proof that capacity was recovered, where its loss had ended the registration', false, true, '2008-05-12'),
  ('MILITARY_TRANSFER', 'APPLICATION_FORM', '军队、武警护士变更到地方申请审核表', 'Form of application for a transfer from the military', false, true, '2008-05-12'),
  ('MILITARY_TRANSFER', 'IDENTITY', '申请人身份证明', 'Proof of identity', false, true, '2008-05-12'),
  ('MILITARY_TRANSFER', 'MILITARY_CERTIFICATE', '军队或武警部队核发的护士执业证书', 'The certificate of the military or the armed police', false, true, '2008-05-12'),
  ('MILITARY_TRANSFER', 'DISCHARGE', '转业、复员、退伍等证明', 'Proof of discharge or transfer', false, true, '2008-05-12'),
  ('MILITARY_TRANSFER', 'HEALTH_REPORT', '医疗机构出具的申请人6个月内健康体检证明', 'Health examination of the last six months', false, true, '2008-05-12'),
  ('MILITARY_TRANSFER', 'EMPLOYMENT', '医疗卫生机构拟聘用的相关材料', 'The institution''s word that it will employ her', false, true, '2008-05-12'),
  ('REISSUE', 'APPLICATION_FORM', '护士执业证书补办申请表', 'Form of application for a new certificate', false, true, '2008-05-12'),
  ('REISSUE', 'IDENTITY', '申请人身份证明', 'Proof of identity', false, true, '2008-05-12'),
  ('REISSUE', 'LOSS_STATEMENT', '遗失声明（遗失的）', 'Statement of loss, where it was lost', false, true, '2008-05-12'),
  ('REISSUE', 'CERTIFICATE', '原护士执业证书（损坏的）', 'The old certificate, where it was damaged', false, true, '2008-05-12')
    """,
)


def upgrade() -> None:
    """Make room for all kinds."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Applications filed since then would be lost."""
    raise NotImplementedError("applications of these kinds cannot be kept: restore a backup of the release before")
