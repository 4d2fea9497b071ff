"""The end of things: a row of history that is undone (恢复注册), the words of a closed question, announcements."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


SUBJECTS = (
    *("CONDITIONS_ARTICLE", "CHANGE_ARTICLE", "TERM_ARTICLE", "HEALTH_ARTICLE", "NO_RENEWAL_ARTICLE", "AGAIN_ARTICLE"),
    *("BAR_ARTICLE", "SILENCE_ARTICLE", "ENDING_ARTICLE", "NOT_NEEDED_ARTICLE", "COMPETENCE_ARTICLE"),
    *("CORRECTION_ARTICLE", "REFUSAL_ARTICLE", "FALSEHOOD_ARTICLE", "DECEIT_ARTICLE", "GRANT_ARTICLE"),
    *("ACCEPTANCE_ARTICLE", "INTAKE_ARTICLE", "CERTIFICATE_ARTICLE", "EXPIRY_ENDING_ARTICLE", "DEATH_ENDING_ARTICLE"),
    *("STRUCK_ENDING_ARTICLE", "SUSPENSION_ARTICLE", "RECONSIDERATION_ARTICLE", "LITIGATION_ARTICLE"),
    *("FIRST_REFUSALS", "RENEWAL_REFUSALS", "CHANGE_REFUSALS", "DEREGISTRATION_REFUSALS", "REREGISTRATION_REFUSALS"),
    *("MILITARY_TRANSFER_REFUSALS", "REISSUE_REFUSALS", "EXAMINATION_MONTHS", "EXAMINED_KINDS", "DEPARTMENTS"),
    *("INTERRUPTION_YEARS", "DISPATCH_KINDS"),
)


def _subjects(*names: str) -> None:
    listed = ", ".join(f"'{name}'" for name in sorted(names))
    op.execute("ALTER TABLE law_setting DROP CONSTRAINT law_setting_subject")
    op.execute(f"ALTER TABLE law_setting ADD CONSTRAINT law_setting_subject CHECK (subject in ({listed}))")


def _contact(whose: str) -> None:
    op.execute("ALTER TABLE question DROP CONSTRAINT question_asker, DROP CONSTRAINT question_contact")
    op.execute(f"""
ALTER TABLE question
  ADD CONSTRAINT question_asker CHECK (({whose}) = (contact_sealed is not null)),
  ADD CONSTRAINT question_contact CHECK (({whose}) = all(array[channel is not null, contact_key_id is not null,
    contact_masked is not null, token_hash is not null]) and (account_id is null) = (asker_party is null))
""")


def _kinds(more: str) -> None:
    op.execute("ALTER TABLE desk_request DROP CONSTRAINT desk_request_kind")
    listed = f"'DEREGISTRATION', 'KEY_FACT', 'MERGE', 'RECOVERY'{more}, 'UNMERGE', 'VOID'"
    op.execute(f"ALTER TABLE desk_request ADD CONSTRAINT desk_request_kind CHECK (kind in ({listed}))")


def upgrade() -> None:
    """The way there; no row undoes another yet: the column rewrites nothing, the constraint reads the history once."""
    op.execute("ALTER TABLE registration_history ADD COLUMN undoes_id UUID")
    op.execute(
        "ALTER TABLE registration_history ADD CONSTRAINT registration_history_undoes_id_fkey"
        " FOREIGN KEY (undoes_id) REFERENCES registration_history (id)"
    )
    _kinds(", 'REINSTATEMENT'")
    op.execute("ALTER TABLE question ADD COLUMN erased_at TIMESTAMPTZ")
    _contact("account_id is null and erased_at is null")
    op.execute(
        "CREATE INDEX question_unerased ON question (closed_at) WHERE closed_at is not null and erased_at is null"
    )
    op.execute(
        "CREATE INDEX announcement_institution_id ON announcement (institution_id) WHERE institution_id is not null"
    )
    _subjects(*SUBJECTS, "QUESTION_TEXT_MONTHS")


def downgrade() -> None:
    """The way back; who came back on the register stays there, and a question without its contact goes with its words."""
    op.execute("DELETE FROM law_setting WHERE subject = 'QUESTION_TEXT_MONTHS'")
    _subjects(*SUBJECTS)
    op.execute("DROP INDEX announcement_institution_id")
    guests = "SELECT id FROM question WHERE erased_at is not null and account_id is null"
    for table in ("question_message", "question_file"):
        op.execute(f"DELETE FROM {table} WHERE question_id IN ({guests})")
    op.execute("DELETE FROM question WHERE erased_at is not null and account_id is null")
    _contact("account_id is null")
    op.execute("ALTER TABLE question DROP COLUMN erased_at")
    op.execute("DELETE FROM desk_request WHERE kind = 'REINSTATEMENT'")
    _kinds("")
    op.execute("ALTER TABLE registration_history DROP COLUMN undoes_id")
