"""The training of a nurse from the military is proven as everybody's is."""

from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What the rule asks for stands in the list of materials too."""
    op.execute(
        "insert into material_requirement (kind, code, title_zh, title_en, needed, paper, valid_from) values"
        " ('MILITARY_TRANSFER', 'TRAINING',"
        " '在教学、综合医院接受3个月临床护理培训并考核合格的证明（原证有效期届满超过3年的）',"
        " 'Proof of three months of clinical training, where the certificate ended more than three years ago',"
        " false, true, '2008-05-12')"
    )


def downgrade() -> None:
    """The list is as it was."""
    op.execute(
        "delete from material_requirement where authority_id is null and kind = 'MILITARY_TRANSFER'"
        " and code = 'TRAINING'"
    )
