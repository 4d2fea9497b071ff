"""The delivery of decisions (送达): how and when each reached the nurse, and her consent to electronic delivery."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Decisions of before are not waited for: nobody recorded how it was delivered."""
    op.execute("alter table nurse add column delivery_consent_at timestamptz")
    op.execute(
        """
create table delivery (
  id uuid not null,
  nurse_id uuid not null,
  authority_id uuid not null,
  decided_at timestamptz not null,
  how text collate "C",
  at timestamptz,
  postal_number text,
  recorded_by uuid,
  constraint delivery_pkey primary key (id),
  constraint delivery_id_fkey foreign key (id) references review_decision (id),
  constraint delivery_nurse_id_fkey foreign key (nurse_id) references nurse (id),
  constraint delivery_authority_id_fkey foreign key (authority_id) references authority (id),
  constraint delivery_recorded_by_fkey foreign key (recorded_by) references account (id),
  constraint delivery_how check (how in ('COUNTER', 'PAGE', 'POST', 'SMS_NOTICE')),
  constraint delivery_recorded check ((how is null) = (at is null) and (at is null) = (recorded_by is null)),
  constraint delivery_posted check ((how is not distinct from 'POST') = (postal_number is not null))
)
"""
    )
    op.execute("create index delivery_undelivered on delivery (authority_id, decided_at, id) where at is null")
    op.execute("grant select, insert, update, delete on delivery to hushi_app")


def downgrade() -> None:
    """Nobody records deliveries again."""
    op.execute("drop table delivery")
    op.execute("alter table nurse drop column delivery_consent_at")
