"""A deputy acts for an absent colleague, in a session of its own; work is handed over; accounts know the last sign-in."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ROLES = (
    "'ANALYST', 'DECIDER', 'HELP_DESK', 'MANAGER', 'NURSE', 'OPERATOR', 'PROVINCIAL_ADMIN', 'REVIEWER',"
    " 'SUPERVISOR', 'SYSTEM', 'VIEWER'"
)


def upgrade() -> None:
    """The way there: nobody has a deputy yet, and the last sign-in is that of the sessions that are kept."""
    op.execute(f"""
CREATE TABLE deputyship (
  id UUID NOT NULL DEFAULT uuidv7(),
  absent_id UUID NOT NULL,
  deputy_id UUID NOT NULL,
  roles TEXT[] COLLATE "C" NOT NULL CONSTRAINT deputyship_roles
    CHECK (roles <@ array[{ROLES}]::text[] and cardinality(roles) > 0),
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  named_by UUID NOT NULL,
  named_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  ended_at TIMESTAMP WITH TIME ZONE,
  ended_by UUID,
  row_version INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT deputyship_pkey PRIMARY KEY (id),
  CONSTRAINT deputyship_absent_id_fkey FOREIGN KEY (absent_id) REFERENCES account (id),
  CONSTRAINT deputyship_deputy_id_fkey FOREIGN KEY (deputy_id) REFERENCES account (id),
  CONSTRAINT deputyship_named_by_fkey FOREIGN KEY (named_by) REFERENCES account (id),
  CONSTRAINT deputyship_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES account (id),
  CONSTRAINT deputyship_order CHECK (ends_on >= starts_on),
  CONSTRAINT deputyship_two CHECK (absent_id <> deputy_id),
  CONSTRAINT deputyship_ended CHECK ((ended_at is null) = (ended_by is null))
)""")
    op.execute("CREATE INDEX deputyship_absent_id ON deputyship (absent_id, id)")
    op.execute("CREATE INDEX deputyship_deputy_id ON deputyship (deputy_id, id)")
    op.execute("GRANT select, insert, update, delete ON deputyship TO hushi_app")
    op.execute(
        "ALTER TABLE session ADD COLUMN deputyship_id UUID"
        " CONSTRAINT session_deputyship_id_fkey REFERENCES deputyship (id)"
    )
    op.execute(
        "ALTER TABLE review_decision ADD COLUMN on_behalf_of_id UUID"
        " CONSTRAINT review_decision_on_behalf_of_id_fkey REFERENCES account (id)"
    )
    for table in ("application", "desk_request"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN answering_id UUID"
            f" CONSTRAINT {table}_answering_id_fkey REFERENCES account (id)"
        )
    op.execute("""
CREATE TABLE work_handover (
  id UUID NOT NULL DEFAULT uuidv7(),
  from_id UUID NOT NULL,
  to_id UUID NOT NULL,
  handed_by UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  items JSONB NOT NULL,
  CONSTRAINT work_handover_pkey PRIMARY KEY (id),
  CONSTRAINT work_handover_from_id_fkey FOREIGN KEY (from_id) REFERENCES account (id),
  CONSTRAINT work_handover_to_id_fkey FOREIGN KEY (to_id) REFERENCES account (id),
  CONSTRAINT work_handover_handed_by_fkey FOREIGN KEY (handed_by) REFERENCES account (id)
)""")
    op.execute("CREATE INDEX work_handover_from_id ON work_handover (from_id, id)")
    op.execute("GRANT select, insert, update, delete ON work_handover TO hushi_app")
    op.execute("ALTER TABLE account ADD COLUMN last_sign_in_at TIMESTAMP WITH TIME ZONE")
    op.execute(
        "UPDATE account SET last_sign_in_at = (SELECT max(created_at) FROM session WHERE account_id = account.id)"
        " WHERE EXISTS (SELECT FROM session WHERE account_id = account.id)"
    )


def downgrade() -> None:
    """The way back: deputies are signed out, and what they decided is theirs alone."""
    op.execute("ALTER TABLE account DROP COLUMN last_sign_in_at")
    op.execute("DROP TABLE work_handover")
    for table in ("application", "desk_request"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN answering_id")
    op.execute("ALTER TABLE review_decision DROP COLUMN on_behalf_of_id")
    op.execute("DELETE FROM session WHERE deputyship_id IS NOT NULL")
    op.execute("ALTER TABLE session DROP COLUMN deputyship_id")
    op.execute("DROP TABLE deputyship")
