"""More departments in which nurses work (工作科室)."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = (
    "'EMERGENCY', 'INTENSIVE_CARE', 'NURSING_OFFICE', 'OPERATING_ROOM', 'OTHER', 'OUTPATIENT', 'RESPIRATORY',"
    " 'STERILE_SUPPLY', 'WARD'"
)
AFTER = (
    "'COMMUNITY', 'EMERGENCY', 'ENDOSCOPY', 'HAEMODIALYSIS', 'INFECTIOUS_DISEASES', 'INTENSIVE_CARE', 'NURSING_OFFICE',"
    " 'OBSTETRICS_GYNAECOLOGY', 'OPERATING_ROOM', 'OTHER', 'OUTPATIENT', 'PAEDIATRICS', 'RESPIRATORY',"
    " 'STERILE_SUPPLY', 'WARD'"
)


def upgrade() -> None:
    """The list is longer."""
    _departments(AFTER)


def downgrade() -> None:
    """Nurses of a department that is not listed any more work in another one."""
    op.execute(f"update nurse set department = 'OTHER' where department not in ({BEFORE})")
    _departments(BEFORE)


def _departments(values: str) -> None:
    op.execute(
        "alter table nurse drop constraint nurse_department,"
        f" add constraint nurse_department check (department in ({values}))"
    )
