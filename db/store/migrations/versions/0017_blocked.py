"""A deregistration that is undecided blocks what else is open; what an institution claimed is told from what it was sent."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OPEN = "'ACCEPTED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'INSTITUTION_REVIEW', 'RETURNED'"
HALVES = {"application_one_open_but_change": "CHANGE", "application_one_open_but_renewal": "RENEWAL"}


def upgrade() -> None:
    """The way there: what is blocked stands beside what blocks it."""
    op.execute(
        "ALTER TABLE application ADD COLUMN blocked_by_id UUID CONSTRAINT application_blocked_by_id_fkey"
        " REFERENCES application (id) DEFERRABLE INITIALLY DEFERRED"
    )
    op.execute(
        "CREATE INDEX application_blocked_by_id ON application (blocked_by_id, id) WHERE blocked_by_id is not null"
    )
    _only_open(" and blocked_by_id is null")
    op.execute("ALTER TABLE application ADD COLUMN claimed BOOLEAN NOT NULL DEFAULT false")
    op.execute(
        "UPDATE application SET claimed = true WHERE state in ('INSTITUTION_REVIEW', 'RETURNED') and EXISTS"
        " (SELECT FROM event WHERE event.scope = application.institution_id"
        " and event.application_id = application.id and event.type = 'application.claimed')"
    )


def downgrade() -> None:
    """The way back, once nothing is blocked."""
    op.execute("DROP INDEX application_blocked_by_id")
    _only_open("")
    op.execute("ALTER TABLE application DROP COLUMN blocked_by_id, DROP COLUMN claimed")


def _only_open(besides: str) -> None:
    for name, kind in HALVES.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(
            f"CREATE UNIQUE INDEX {name} ON application (nurse_id)"
            f" WHERE state in ({OPEN}) and kind <> '{kind}'{besides}"
        )
