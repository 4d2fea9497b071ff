"""The register as it was when an application was filed, the days that an acceptance told, the articles of letters."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BEFORE = (
    *("AGAIN_ARTICLE", "BAR_ARTICLE", "CHANGE_ARTICLE", "CHANGE_REFUSALS", "COMPETENCE_ARTICLE", "CONDITIONS_ARTICLE"),
    *("CORRECTION_ARTICLE", "DECEIT_ARTICLE", "DEPARTMENTS", "DEREGISTRATION_REFUSALS", "ENDING_ARTICLE"),
    *("EXAMINATION_MONTHS", "FALSEHOOD_ARTICLE", "FIRST_REFUSALS", "HEALTH_ARTICLE", "MILITARY_TRANSFER_REFUSALS"),
    *("NOT_NEEDED_ARTICLE", "NO_RENEWAL_ARTICLE", "REFUSAL_ARTICLE", "REISSUE_REFUSALS", "RENEWAL_REFUSALS"),
    *("REREGISTRATION_REFUSALS", "SILENCE_ARTICLE", "TERM_ARTICLE"),
)
NEW = (
    *("ACCEPTANCE_ARTICLE", "CERTIFICATE_ARTICLE", "DEATH_ENDING_ARTICLE", "EXPIRY_ENDING_ARTICLE", "GRANT_ARTICLE"),
    *("INTAKE_ARTICLE", "LITIGATION_ARTICLE", "RECONSIDERATION_ARTICLE", "STRUCK_ENDING_ARTICLE"),
    "SUSPENSION_ARTICLE",
)
SHORT, FULL = "《行政许可法》", "《中华人民共和国行政许可法》"
# Letters have named the paragraph all along.
PARAGRAPHS = {"REFUSAL_ARTICLE": ("第三十八条", "第三十八条第二款"), "SILENCE_ARTICLE": ("第五十条", "第五十条第二款")}


def upgrade() -> None:
    """Applications that were filed before have no such memory: the history tells how the entry stood."""
    op.execute("ALTER TABLE application_revision ADD COLUMN on_record JSONB")
    op.execute("ALTER TABLE application ADD COLUMN told_due_on DATE, ADD COLUMN told_promised_due_on DATE")
    _subjects((*BEFORE, *NEW))
    # The release's own values, never one that somebody has set.
    _spell(SHORT, FULL)
    for subject, (short, full) in PARAGRAPHS.items():
        _rename(subject, f"{FULL}{short}", f"{FULL}{full}")


def downgrade() -> None:
    """Forget them again; the articles of letters are the release's."""
    for subject, (short, full) in PARAGRAPHS.items():
        _rename(subject, f"{FULL}{full}", f"{FULL}{short}")
    _spell(FULL, SHORT)
    op.execute(f"delete from law_setting where subject in ({_listed(NEW)})")
    _subjects(BEFORE)
    op.execute("ALTER TABLE application DROP COLUMN told_due_on, DROP COLUMN told_promised_due_on")
    op.execute("ALTER TABLE application_revision DROP COLUMN on_record")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _subjects(names: tuple[str, ...]) -> None:
    op.execute("ALTER TABLE law_setting DROP CONSTRAINT law_setting_subject")
    op.execute(f"ALTER TABLE law_setting ADD CONSTRAINT law_setting_subject CHECK (subject in ({_listed(names)}))")


def _rename(subject: str, old: str, new: str) -> None:
    where = f"subject = '{subject}' and set_by is null and value = array['{old}']"
    op.execute(f"update law_setting set value = array['{new}'] where {where}")


def _spell(old: str, new: str) -> None:
    """The law's name in the articles: each is the one value of its subject."""
    article = "set_by is null and right(subject, 8) = '_ARTICLE'"
    op.execute(f"update law_setting set value = array[replace(value[1], '{old}', '{new}')] where {article}")
