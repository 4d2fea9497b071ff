"""An application keeps the nurse's sex, birth date and type of document as it keeps her name."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

DOCUMENTS = (
    "'FOREIGN_PERMANENT_RESIDENCE', 'HK_MACAO_PERMIT', 'HMT_RESIDENCE_PERMIT', 'PASSPORT', 'RESIDENT_ID',"
    " 'TAIWAN_PERMIT'"
)


def upgrade() -> None:
    """Fill them from the record, which is the best that is known of what was filed before."""
    op.execute(
        'alter table application add column nurse_sex text collate "C", add column nurse_birth_date date,'
        ' add column document_type text collate "C"'
    )
    op.execute(
        "update application set nurse_sex = nurse.sex, nurse_birth_date = nurse.birth_date,"
        " document_type = nurse.document_type from nurse where nurse.id = application.nurse_id"
    )
    op.execute(
        "alter table application alter column nurse_sex set not null, alter column nurse_birth_date set not null,"
        " alter column document_type set not null,"
        " add constraint application_nurse_sex check (nurse_sex in ('FEMALE', 'MALE')),"
        f" add constraint application_document_type check (document_type in ({DOCUMENTS}))"
    )


def downgrade() -> None:
    """Forget them again."""
    op.execute("alter table application drop column nurse_sex, drop column nurse_birth_date, drop column document_type")
