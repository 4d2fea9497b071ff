"""A name of the exam library that no machine can read is settled by the province."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OUTCOMES = (
    "'DEREGISTERED', 'EXAM_PASSED', 'MILITARY_SOURCE', 'MULTIPLE',"
    " 'NAME_MISMATCH', 'NO_MATCH', 'PRE_2008', 'REGISTERED'"
)


def upgrade() -> None:
    """One more outcome of a comparison; the library's own spelling, and who settled the name, when and by what."""
    _outcomes(OUTCOMES.replace("'NO_MATCH'", "'NAME_UNDECIDED', 'NO_MATCH'"))
    op.execute(
        'alter table exam_record add column recorded_name text collate "C",'
        " add column name_settled_at timestamptz,"
        " add column name_settled_by uuid constraint exam_record_name_settled_by_fkey references account (id),"
        " add column name_evidence text"
    )


def downgrade() -> None:
    """The library's spelling comes back."""
    op.execute("update exam_record set name = recorded_name where recorded_name is not null")
    op.execute(
        "alter table exam_record drop column recorded_name, drop column name_settled_at,"
        " drop column name_settled_by, drop column name_evidence"
    )
    op.execute("update account set identity_outcome = 'NAME_MISMATCH' where identity_outcome = 'NAME_UNDECIDED'")
    _outcomes(OUTCOMES)


def _outcomes(values: str) -> None:
    op.execute(
        "alter table account drop constraint account_identity_outcome,"
        f" add constraint account_identity_outcome check (identity_outcome in ({values}))"
    )
