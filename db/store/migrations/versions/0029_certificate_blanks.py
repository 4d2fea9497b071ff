"""The stock of blank certificates (空白证书): used, spoiled, and handed out with a certificate."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has entered a stock yet; certificates of before are on no blank that is known."""
    op.execute(
        """
CREATE TABLE certificate_blank (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT '1' NOT NULL,
  number TEXT COLLATE "C" NOT NULL CONSTRAINT certificate_blank_number
    CHECK (number ~ '^[^0-9]{0,6}[0-9]{4,12}$'),
  authority_id UUID NOT NULL,
  received_by UUID NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  certificate_id UUID,
  printed_by UUID,
  printed_at TIMESTAMP WITH TIME ZONE,
  spoil_reason TEXT COLLATE "C" CONSTRAINT certificate_blank_spoil_reason
    CHECK (spoil_reason in ('DAMAGED', 'LOST', 'MISPRINT', 'OTHER', 'PRINTER_FAULT')),
  spoil_note TEXT,
  spoiled_by UUID,
  spoiled_at TIMESTAMP WITH TIME ZONE,
  collector TEXT COLLATE "C" CONSTRAINT certificate_blank_collector
    CHECK (collector in ('HERSELF', 'POST', 'PROXY')),
  proxy_name TEXT,
  proxy_document_last4 TEXT COLLATE "C",
  postal_number TEXT,
  handed_out_by UUID,
  handed_out_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT certificate_blank_pkey PRIMARY KEY (id),
  CONSTRAINT certificate_blank_printed
    CHECK ((certificate_id is null) = (printed_at is null) and (printed_at is null) = (printed_by is null)),
  CONSTRAINT certificate_blank_spoiled
    CHECK ((spoil_reason is null) = (spoiled_at is null) and (spoiled_at is null) = (spoiled_by is null)),
  CONSTRAINT certificate_blank_said CHECK (spoil_reason is distinct from 'OTHER' or spoil_note is not null),
  CONSTRAINT certificate_blank_handed_out
    CHECK ((collector is null) = (handed_out_at is null) and (handed_out_at is null) = (handed_out_by is null)),
  CONSTRAINT certificate_blank_taken
    CHECK (handed_out_at is null or (printed_at is not null and spoiled_at is null)),
  CONSTRAINT certificate_blank_proxy
    CHECK ((collector is not distinct from 'PROXY') = (proxy_name is not null)
    and (proxy_name is null) = (proxy_document_last4 is null)),
  CONSTRAINT certificate_blank_posted
    CHECK ((collector is not distinct from 'POST') = (postal_number is not null)),
  CONSTRAINT certificate_blank_number_key UNIQUE (number),
  CONSTRAINT certificate_blank_authority_id_fkey FOREIGN KEY(authority_id) REFERENCES authority (id),
  CONSTRAINT certificate_blank_received_by_fkey FOREIGN KEY(received_by) REFERENCES account (id),
  CONSTRAINT certificate_blank_certificate_id_fkey FOREIGN KEY(certificate_id) REFERENCES certificate (id),
  CONSTRAINT certificate_blank_printed_by_fkey FOREIGN KEY(printed_by) REFERENCES account (id),
  CONSTRAINT certificate_blank_spoiled_by_fkey FOREIGN KEY(spoiled_by) REFERENCES account (id),
  CONSTRAINT certificate_blank_handed_out_by_fkey FOREIGN KEY(handed_out_by) REFERENCES account (id)
)
"""
    )
    op.execute(
        "CREATE UNIQUE INDEX certificate_blank_live ON certificate_blank (certificate_id) WHERE spoiled_at is null"
    )
    op.execute("CREATE INDEX certificate_blank_authority_id ON certificate_blank (authority_id, number)")
    op.execute("""
create function blank_reused() returns trigger language plpgsql as $$
begin
  raise check_violation using constraint = 'certificate_blank_one', message = 'a blank bears one certificate';
end $$
""")
    op.execute(
        """
create trigger certificate_blank_one before update on certificate_blank
for each row when (old.certificate_id <> new.certificate_id) execute function blank_reused()
"""
    )
    op.execute("grant select, insert, update, delete on certificate_blank to hushi_app")


def downgrade() -> None:
    """Nobody keeps a stock again."""
    op.execute("drop table certificate_blank")
    op.execute("drop function blank_reused")
