"""The law that needs no release: articles, grounds of refusal, periods and departments, each from a day on (法规设定)."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SUBJECTS = (
    "'AGAIN_ARTICLE', 'BAR_ARTICLE', 'CHANGE_ARTICLE', 'CHANGE_REFUSALS', 'COMPETENCE_ARTICLE', 'CONDITIONS_ARTICLE',"
    " 'CORRECTION_ARTICLE', 'DECEIT_ARTICLE', 'DEPARTMENTS', 'DEREGISTRATION_REFUSALS', 'ENDING_ARTICLE',"
    " 'EXAMINATION_MONTHS', 'FALSEHOOD_ARTICLE', 'FIRST_REFUSALS', 'HEALTH_ARTICLE', 'MILITARY_TRANSFER_REFUSALS',"
    " 'NOT_NEEDED_ARTICLE', 'NO_RENEWAL_ARTICLE', 'REFUSAL_ARTICLE', 'REISSUE_REFUSALS', 'RENEWAL_REFUSALS',"
    " 'REREGISTRATION_REFUSALS', 'SILENCE_ARTICLE', 'TERM_ARTICLE'"
)


def upgrade() -> None:
    """The values that a release knows are written when it has brought the tables up to date."""
    op.execute(
        f"""
CREATE TABLE law_setting (
  id UUID DEFAULT uuidv7() NOT NULL,
  subject TEXT COLLATE "C" NOT NULL CONSTRAINT law_setting_subject CHECK (subject in ({SUBJECTS})),
  authority_id UUID,
  from_day DATE NOT NULL,
  value TEXT[] COLLATE "C" NOT NULL,
  set_by UUID,
  set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT law_setting_pkey PRIMARY KEY (id),
  CONSTRAINT law_setting_subject_authority_id_from_day_key
    UNIQUE NULLS NOT DISTINCT (subject, authority_id, from_day),
  CONSTRAINT law_setting_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT law_setting_set_by_fkey FOREIGN KEY(set_by) REFERENCES account (id)
)
"""
    )
    op.execute("grant select, insert, update on law_setting to hushi_app")
    # The order of 2021-01-08 has taken these two off the list of the 办法 (80 % sure); a province may ask for more.
    op.execute(
        "update material_requirement set valid_until = '2021-01-07' where authority_id is null and kind = 'FIRST'"
        " and code in ('EXAM_PASS', 'HEALTH_REPORT') and valid_until is null"
    )


def downgrade() -> None:
    """The law is the release's again."""
    op.execute(
        "update material_requirement set valid_until = null where authority_id is null and kind = 'FIRST'"
        " and code in ('EXAM_PASS', 'HEALTH_REPORT') and valid_until = '2021-01-07'"
    )
    op.execute("drop table law_setting")
