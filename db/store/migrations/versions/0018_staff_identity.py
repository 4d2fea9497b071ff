"""Staff are known by their document too, at most once a place: a nurse has an account of her own besides."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NURSES = "CREATE UNIQUE INDEX account_id_number_key ON account (document_type, id_number_index) WHERE "


def upgrade() -> None:
    """Number them apart."""
    op.execute("DROP INDEX account_id_number_key")
    op.execute(f"{NURSES}party = 'NURSE' and state <> 'REVOKED' and id_number_index is not null")
    op.execute(
        "CREATE UNIQUE INDEX account_staff_id_number_key ON account"
        " (document_type, id_number_index, coalesce(institution_id, authority_id))"
        " WHERE party <> 'NURSE' and id_number_index is not null"
    )


def downgrade() -> None:
    """Forget the numbers of staff, which had none before."""
    op.execute("DROP INDEX account_staff_id_number_key")
    op.execute("DROP INDEX account_id_number_key")
    op.execute(
        "UPDATE account SET document_type = NULL, id_number_key_id = NULL, id_number_sealed = NULL,"
        " id_number_index = NULL, id_number_masked = NULL WHERE party <> 'NURSE'"
    )
    op.execute(f"{NURSES}state <> 'REVOKED' and id_number_index is not null")
