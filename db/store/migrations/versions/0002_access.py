"""Each feed's count of changes to the right to read it, kept by triggers."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    # Since this release an event says its application's kind.
    """
update event e set body = body || jsonb_build_object('kind', a.kind)
from application a where a.id = e.application_id and not e.body ? 'kind'
    """,
    "alter table feed_scope add column access bigint not null default 0",
    """
create function access_changed() returns trigger language plpgsql as $$
declare scopes uuid[];
begin
  case tg_table_name
    when 'session' then
      select array[coalesce(nurse_id, institution_id, authority_id)] into scopes from account where id = old.account_id;
    when 'account' then
      scopes := array[coalesce(old.nurse_id, old.institution_id, old.authority_id),
        coalesce(new.nurse_id, new.institution_id, new.authority_id)];
    else
      scopes := array[old.id];
  end case;
  insert into feed_scope (scope, seq, access)
    select distinct one, 0, 1 from unnest(scopes) one where one is not null order by one
    on conflict (scope) do update set access = feed_scope.access + 1;
  return null;
end $$
    """,
    """
create constraint trigger session_update_access after update on session deferrable initially deferred
for each row when ((old.revoked_at, old.expires_at) is distinct from (new.revoked_at, new.expires_at)) execute function access_changed()
    """,
    """
create constraint trigger session_delete_access after delete on session deferrable initially deferred
for each row when (old.revoked_at is null and old.expires_at > now()) execute function access_changed()
    """,
    """
create constraint trigger account_update_access after update on account deferrable initially deferred
for each row when ((old.party, old.nurse_id, old.institution_id, old.authority_id, old.self_nurse_id, old.state, old.roles) is distinct from (new.party, new.nurse_id, new.institution_id, new.authority_id, new.self_nurse_id, new.state, new.roles)) execute function access_changed()
    """,
    """
create constraint trigger institution_update_access after update on institution deferrable initially deferred
for each row when (old.state is distinct from new.state) execute function access_changed()
    """,
    """
create constraint trigger authority_update_access after update on authority deferrable initially deferred
for each row when (old.path is distinct from new.path) execute function access_changed()
    """,
)


def upgrade() -> None:
    """Begin to count."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Nothing reads the count before this."""
    raise NotImplementedError("feeds need the count: restore a backup of the release before instead")
