"""The days that the letters of an extension and of a hold tell: when, from which to which, how long it may take."""

from alembic import op

revision = "0045"
down_revision = "0044"
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
    *("INTERRUPTION_YEARS", "DISPATCH_KINDS"),
)
NEW = ("EXTENSION_ARTICLE", "PAUSE_ARTICLE")


def upgrade() -> None:
    """The way there; only the few that were ever extended are filled in, by the step that moved them or the last one."""
    _subjects(*SUBJECTS, *NEW)
    op.execute("ALTER TABLE application_pause ADD COLUMN expected_days SMALLINT")
    op.execute("""
ALTER TABLE application
  ADD COLUMN extended_at TIMESTAMP WITH TIME ZONE, ADD COLUMN extended_from DATE, ADD COLUMN extended_until DATE
""")
    op.execute("""
update application set row_version = row_version + 1, extended_until = coalesce(due_on, moved_at::date),
  extended_at = coalesce((
    select max(e.at) from event e
    where e.scope = application.nurse_id and e.type = 'application.extended' and e.application_id = application.id
  ), moved_at)
where extended
""")


def downgrade() -> None:
    """The way back."""
    op.execute("""
ALTER TABLE application
  DROP COLUMN extended_at, DROP COLUMN extended_from, DROP COLUMN extended_until
""")
    op.execute("ALTER TABLE application_pause DROP COLUMN expected_days")
    op.execute("delete from law_setting where subject in ('EXTENSION_ARTICLE', 'PAUSE_ARTICLE')")
    _subjects(*SUBJECTS)


def _subjects(*names: str) -> None:
    subjects = ", ".join(f"'{name}'" for name in sorted(names))
    op.execute(
        "alter table law_setting drop constraint law_setting_subject,"
        f" add constraint law_setting_subject check (subject in ({subjects}))"
    )
