"""Interruptions without words, dispatches with a place, and good and bad records with their decisions."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

SUBJECTS = (
    *("ACCEPTANCE_ARTICLE", "AGAIN_ARTICLE", "BAR_ARTICLE", "CERTIFICATE_ARTICLE", "CHANGE_ARTICLE", "CHANGE_REFUSALS"),
    *("COMPETENCE_ARTICLE", "CONDITIONS_ARTICLE", "CORRECTION_ARTICLE", "DEATH_ENDING_ARTICLE", "DECEIT_ARTICLE"),
    *("DEPARTMENTS", "DEREGISTRATION_REFUSALS", "ENDING_ARTICLE", "EXAMINATION_MONTHS", "EXPIRY_ENDING_ARTICLE"),
    *("FALSEHOOD_ARTICLE", "FIRST_REFUSALS", "GRANT_ARTICLE", "HEALTH_ARTICLE", "INTAKE_ARTICLE", "LITIGATION_ARTICLE"),
    *("MILITARY_TRANSFER_REFUSALS", "NOT_NEEDED_ARTICLE", "NO_RENEWAL_ARTICLE", "RECONSIDERATION_ARTICLE"),
    *("REFUSAL_ARTICLE", "REISSUE_REFUSALS", "RENEWAL_REFUSALS", "REREGISTRATION_REFUSALS", "SILENCE_ARTICLE"),
    *("STRUCK_ENDING_ARTICLE", "SUSPENSION_ARTICLE", "TERM_ARTICLE", "EXAMINED_KINDS"),
)
NEW = ("INTERRUPTION_YEARS", "DISPATCH_KINDS")


def upgrade() -> None:
    """The way there: what was said of an interruption in words is forgotten, since it may have been an illness."""
    _subjects(*SUBJECTS, *NEW)
    op.execute("""
ALTER TABLE registration_span
  ADD COLUMN cause TEXT COLLATE "C" CONSTRAINT registration_span_cause CHECK (cause in ('LEAVE', 'OTHER', 'OTHER_POST', 'STUDY')),
  ADD COLUMN institution_id UUID CONSTRAINT registration_span_institution_id_fkey REFERENCES institution (id),
  ADD COLUMN dispatch_kind TEXT COLLATE "C" CONSTRAINT registration_span_dispatch_kind CHECK (dispatch_kind in ('ASSISTANCE', 'FREE_CLINIC', 'HOME_VISIT', 'STUDY', 'SUPPORT', 'TRUSTEESHIP')),
  ADD COLUMN to_institution_id UUID CONSTRAINT registration_span_to_institution_id_fkey REFERENCES institution (id),
  ADD COLUMN place TEXT,
  ADD COLUMN recorded_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN dispute TEXT,
  ADD COLUMN disputed_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN answer TEXT,
  ADD COLUMN answered_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN withdrawn_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN row_version INTEGER DEFAULT 1 NOT NULL
""")
    op.execute("""
update registration_span s set
  reason = case when s.kind <> 'INTERRUPTION' then s.reason end,
  dispatch_kind = case when s.kind = 'DISPATCH' then 'SUPPORT' end,
  institution_id = coalesce((select a.institution_id from account a where a.id = s.account_id), r.institution_id)
from registration r where r.nurse_id = s.nurse_id and s.kind <> 'SUSPENSION'
""")
    op.execute("""
ALTER TABLE registration_span
  ADD CONSTRAINT registration_span_no_words CHECK (kind <> 'INTERRUPTION' or reason is null),
  ADD CONSTRAINT registration_span_dispatch CHECK ((kind = 'DISPATCH') = (dispatch_kind is not null))
""")
    op.execute("CREATE INDEX registration_span_institution_id ON registration_span (institution_id, kind, id)")
    op.execute(
        "CREATE INDEX registration_span_guests ON registration_span (to_institution_id, id)"
        " WHERE to_institution_id is not null"
    )
    op.execute("""
CREATE TABLE conduct_record (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT 1 NOT NULL,
  nurse_id UUID NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT conduct_record_kind CHECK (kind in ('BAD', 'GOOD')),
  state TEXT COLLATE "C" NOT NULL CONSTRAINT conduct_record_state CHECK (state in ('DECLINED', 'PROPOSED', 'RECORDED', 'WITHDRAWN')),
  source TEXT COLLATE "C" NOT NULL CONSTRAINT conduct_record_source CHECK (source in ('AUTHORITY', 'INSTITUTION', 'REVOCATION', 'SUSPENSION')),
  text TEXT NOT NULL,
  decision_number TEXT COLLATE "C",
  decided_on DATE,
  served_on DATE,
  issuer TEXT,
  institution_id UUID,
  authority_id UUID,
  account_id UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE,
  declined_why TEXT,
  statement TEXT,
  stated_at TIMESTAMP WITH TIME ZONE,
  asked TEXT,
  asked_at TIMESTAMP WITH TIME ZONE,
  answer TEXT,
  answered_at TIMESTAMP WITH TIME ZONE,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  withdrawal_ground TEXT COLLATE "C" CONSTRAINT conduct_record_withdrawal_ground CHECK (withdrawal_ground in ('ANNULLED', 'COURT', 'MISTAKE', 'RECONSIDERATION')),
  withdrawal_number TEXT COLLATE "C",
  CONSTRAINT conduct_record_pkey PRIMARY KEY (id),
  CONSTRAINT conduct_record_withdrawn CHECK ((state = 'WITHDRAWN') = (withdrawn_at is not null)),
  CONSTRAINT conduct_record_decided CHECK (kind = 'GOOD' or state in ('PROPOSED', 'DECLINED') or decision_number is not null),
  CONSTRAINT conduct_record_nurse_id_fkey FOREIGN KEY(nurse_id) REFERENCES nurse (id),
  CONSTRAINT conduct_record_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT conduct_record_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT conduct_record_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX conduct_record_nurse_id ON conduct_record (nurse_id, id)")
    op.execute("CREATE INDEX conduct_record_institution_id ON conduct_record (institution_id, id)")
    # A suspension has its bad record (条例 11), as a new one gets it; both have one id.
    op.execute("""
insert into conduct_record (id, nurse_id, kind, state, source, text, decision_number, decided_on, issuer, authority_id, recorded_at)
select s.id, s.nurse_id, 'BAD', 'RECORDED', 'SUSPENSION', '暂停执业', s.decision_number, s.starts_on, a.name, r.authority_id, now()
from registration_span s join registration r on r.nurse_id = s.nurse_id left join authority a on a.id = r.authority_id
where s.kind = 'SUSPENSION' and s.decision_number is not null
""")
    op.execute("GRANT select, insert, update ON conduct_record TO hushi_app")


def downgrade() -> None:
    """The way back: good and bad records, where nurses were sent, and what was disputed are lost."""
    op.execute("DROP TABLE conduct_record")
    op.execute("delete from registration_span where withdrawn_at is not null")
    op.execute("""
ALTER TABLE registration_span DROP CONSTRAINT registration_span_no_words,
  DROP COLUMN cause, DROP COLUMN institution_id, DROP COLUMN dispatch_kind,
  DROP COLUMN to_institution_id, DROP COLUMN place, DROP COLUMN recorded_at, DROP COLUMN dispute, DROP COLUMN disputed_at,
  DROP COLUMN answer, DROP COLUMN answered_at, DROP COLUMN withdrawn_at, DROP COLUMN row_version
""")
    op.execute("delete from law_setting where subject in ('INTERRUPTION_YEARS', 'DISPATCH_KINDS')")
    _subjects(*SUBJECTS)


def _subjects(*names: str) -> None:
    subjects = ", ".join(f"'{name}'" for name in sorted(names))
    op.execute(
        "alter table law_setting drop constraint law_setting_subject,"
        f" add constraint law_setting_subject check (subject in ({subjects}))"
    )
