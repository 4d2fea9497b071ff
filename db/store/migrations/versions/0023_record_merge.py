"""Two records of one nurse become one (合并档案), and two again: where each row was, and what a proposal says of it."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KINDS = "'DEREGISTRATION', 'KEY_FACT'{more}, 'RECOVERY'{last}, 'VOID'"


def _kinds(more: str, last: str) -> None:
    op.execute("alter table desk_request drop constraint desk_request_kind")
    listed = KINDS.format(more=more, last=last)
    op.execute(f"alter table desk_request add constraint desk_request_kind check (kind in ({listed}))")


def upgrade() -> None:
    """No record is merged yet; whose a row of history is may change from now on, what it says may not."""
    op.execute("alter table nurse add column merged_into uuid constraint nurse_merged_into_fkey references nurse (id)")
    op.execute("create index nurse_merged_into on nurse (merged_into) where merged_into is not null")
    _kinds(", 'MERGE'", ", 'UNMERGE'")
    op.execute(
        "alter table desk_request add column merged_id uuid"
        " constraint desk_request_merged_id_fkey references nurse (id), add column objections_until date"
    )
    op.execute("create index desk_request_nurse_id on desk_request (nurse_id, kind) where nurse_id is not null")
    op.execute(
        """
create table record_merge (
  id uuid not null,
  kept_id uuid not null,
  merged_id uuid not null,
  merged_at timestamptz not null,
  undone_at timestamptz,
  before jsonb not null,
  documents_swapped boolean default false not null,
  constraint record_merge_pkey primary key (id),
  constraint record_merge_id_fkey foreign key (id) references desk_request (id),
  constraint record_merge_kept_id_fkey foreign key (kept_id) references nurse (id),
  constraint record_merge_merged_id_fkey foreign key (merged_id) references nurse (id),
  constraint record_merge_two check (kept_id <> merged_id)
)
"""
    )
    op.execute("create index record_merge_kept_id on record_merge (kept_id, id)")
    op.execute("create unique index record_merge_standing on record_merge (merged_id) where undone_at is null")
    op.execute(
        """
create table record_merge_row (
  record_merge_id uuid not null,
  what text collate "C" not null,
  row_id uuid not null,
  constraint record_merge_row_pkey primary key (record_merge_id, what, row_id),
  constraint record_merge_row_record_merge_id_fkey foreign key (record_merge_id) references record_merge (id)
)
"""
    )
    op.execute("grant select, insert, update on record_merge to hushi_app")
    op.execute("grant select, insert on record_merge_row to hushi_app")
    op.execute("grant update (nurse_id) on registration_history to hushi_app")


def downgrade() -> None:
    """Forget it; refused by the database while a record is merged into another."""
    op.execute("revoke update (nurse_id) on registration_history from hushi_app")
    op.execute("drop table record_merge_row")
    op.execute("drop table record_merge")
    op.execute("delete from desk_request where kind in ('MERGE', 'UNMERGE')")
    _kinds("", "")
    op.execute("drop index desk_request_nurse_id")
    op.execute("alter table desk_request drop column merged_id, drop column objections_until")
    op.execute(
        "do $$ begin if exists (select from nurse where merged_into is not null) then"
        " raise exception 'records are merged: undo that first'; end if; end $$"
    )
    op.execute("drop index nurse_merged_into")
    op.execute("alter table nurse drop column merged_into")
