"""Materials are marked one by one, with the reason of each (补正, 许可法 32(4))."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MARKS = """
CREATE TABLE material_mark (
  id UUID DEFAULT uuidv7() NOT NULL,
  application_id UUID NOT NULL,
  decision_id UUID NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  title_zh TEXT NOT NULL,
  title_en TEXT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  note TEXT,
  CONSTRAINT material_mark_pkey PRIMARY KEY (id),
  CONSTRAINT material_mark_decision_id_code_key UNIQUE (decision_id, code),
  CONSTRAINT material_mark_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT material_mark_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES review_decision (id)
)
"""


def upgrade() -> None:
    """Requests of before keep their mark `materials`, which says of none which it is."""
    op.execute(MARKS)
    op.execute("CREATE INDEX material_mark_application_id ON material_mark (application_id)")
    op.execute("grant select, insert on material_mark to hushi_app")


def downgrade() -> None:
    """Applications that wait for a material wait for all of them again."""
    op.execute(
        "update application set marked_fields = array_append(marked_fields, 'materials')"
        " where state in ('RETURNED', 'CORRECTION_REQUIRED') and id in (select application_id from material_mark)"
        " and not 'materials' = any(marked_fields)"
    )
    op.execute("drop table material_mark")
