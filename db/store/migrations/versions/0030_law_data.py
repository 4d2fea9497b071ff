"""Words for what no list has, and the training of a nurse from the military is proven as everybody's is."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SUBJECTS = (
    *("ACCEPTANCE_ARTICLE", "AGAIN_ARTICLE", "BAR_ARTICLE", "CERTIFICATE_ARTICLE", "CHANGE_ARTICLE", "CHANGE_REFUSALS"),
    *("COMPETENCE_ARTICLE", "CONDITIONS_ARTICLE", "CORRECTION_ARTICLE", "DEATH_ENDING_ARTICLE", "DECEIT_ARTICLE"),
    *("DEPARTMENTS", "DEREGISTRATION_REFUSALS", "ENDING_ARTICLE", "EXAMINATION_MONTHS", "EXPIRY_ENDING_ARTICLE"),
    *("FALSEHOOD_ARTICLE", "FIRST_REFUSALS", "GRANT_ARTICLE", "HEALTH_ARTICLE", "INTAKE_ARTICLE", "LITIGATION_ARTICLE"),
    *("MILITARY_TRANSFER_REFUSALS", "NOT_NEEDED_ARTICLE", "NO_RENEWAL_ARTICLE", "RECONSIDERATION_ARTICLE"),
    *("REFUSAL_ARTICLE", "REISSUE_REFUSALS", "RENEWAL_REFUSALS", "REREGISTRATION_REFUSALS", "SILENCE_ARTICLE"),
    *("STRUCK_ENDING_ARTICLE", "SUSPENSION_ARTICLE", "TERM_ARTICLE"),
)


def upgrade() -> None:
    """A department and a schooling that no list has are said in words; what a rule asks for stands in the list."""
    _subjects(*SUBJECTS, "EXAMINED_KINDS")
    op.execute("alter table nurse add column other_education text, add column other_department text")
    op.execute(
        "insert into material_requirement (kind, code, title_zh, title_en, needed, paper, valid_from) values"
        " ('MILITARY_TRANSFER', 'TRAINING',"
        " '在教学、综合医院接受3个月临床护理培训并考核合格的证明（原证有效期届满超过3年的）',"
        " 'Proof of three months of clinical training, where the certificate ended more than three years ago',"
        " false, true, '2008-05-12')"
    )


def downgrade() -> None:
    """The lists are as they were, and the words are lost."""
    op.execute("alter table nurse drop column other_education, drop column other_department")
    op.execute("delete from law_setting where subject = 'EXAMINED_KINDS'")
    _subjects(*SUBJECTS)
    op.execute(
        "delete from material_requirement where authority_id is null and kind = 'MILITARY_TRANSFER'"
        " and code = 'TRAINING'"
    )


def _subjects(*names: str) -> None:
    subjects = ", ".join(f"'{name}'" for name in sorted(names))
    op.execute(
        "alter table law_setting drop constraint law_setting_subject,"
        f" add constraint law_setting_subject check (subject in ({subjects}))"
    )
