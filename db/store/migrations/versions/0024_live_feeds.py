"""A nurse has a feed before her account is active, whose readers hear of her access; leases are found by their end."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_FUNCTION = """
create or replace function access_changed() returns trigger language plpgsql as $$
declare scopes uuid[];
begin
  case tg_table_name
    when 'session' then
      select array[coalesce(nurse_id, institution_id, authority_id){session}]
        into scopes from account where id = old.account_id;
    when 'account' then
      scopes := array[coalesce(old.nurse_id, old.institution_id, old.authority_id),
        coalesce(new.nurse_id, new.institution_id, new.authority_id){account}];
    else
      scopes := array[old.id];
  end case;
  insert into feed_scope (scope, seq, access)
    select distinct one, 0, 1 from unnest(scopes) one where one is not null order by one
    on conflict (scope) do update set access = feed_scope.access + 1;
  return null;
end $$
"""


def upgrade() -> None:
    """Count the changes of who is not active yet in the scope of her account too; forget leases that ran out."""
    session = ", case state when 'INACTIVE' then id end"
    op.execute(_FUNCTION.format(session=session, account=", case old.state when 'INACTIVE' then old.id end"))
    op.execute("UPDATE application SET holder_id = NULL, held_until = NULL WHERE held_until <= now()")
    op.execute("CREATE INDEX application_held_until ON application (held_until, id) WHERE held_until IS NOT NULL")


def downgrade() -> None:
    """Count them by party alone."""
    op.execute("DROP INDEX application_held_until")
    op.execute(_FUNCTION.format(session="", account=""))
