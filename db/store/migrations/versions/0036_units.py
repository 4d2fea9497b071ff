"""Units of an institution (科室病区), who is limited to some, and what ward heads say to applications."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_ROLES = "'ANALYST', 'DECIDER', 'HELP_DESK', 'MANAGER', 'NURSE', 'OPERATOR', 'PROVINCIAL_ADMIN', 'REVIEWER',"
_ROLES += " 'SUPERVISOR', 'SYSTEM', 'VIEWER'"
_ACCESS = """
create or replace function access_changed() returns trigger language plpgsql as $$
declare scopes uuid[];
begin
  case tg_table_name
    when 'session' then
      select array[coalesce(nurse_id, institution_id, authority_id), case state when 'INACTIVE' then id end]
        into scopes from account where id = old.account_id;
    when 'account' then
      scopes := array[coalesce(old.nurse_id, old.institution_id, old.authority_id),
        coalesce(new.nurse_id, new.institution_id, new.authority_id), case old.state when 'INACTIVE' then old.id end];
{unit}    else
      scopes := array[old.id];
  end case;
  insert into feed_scope (scope, seq, access)
    select distinct one, 0, 1 from unnest(scopes) one where one is not null order by one
    on conflict (scope) do update set access = feed_scope.access + 1;
  return null;
end $$
"""
_FACTS = ("party", "nurse_id", "institution_id", "authority_id", "self_nurse_id", "state", "roles")


def _watch(*facts: str) -> None:
    old, new = (", ".join(f"{row}.{fact}" for fact in facts) for row in ("old", "new"))
    op.execute("DROP TRIGGER account_update_access ON account")
    op.execute(f"""
create constraint trigger account_update_access after update on account deferrable initially deferred
for each row when (({old}) is distinct from ({new})) execute function access_changed()
""")


def _allow(roles: str) -> None:
    for table in ("account", "deputyship"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_roles")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_roles"
            f" CHECK (roles <@ array[{roles}]::text[] and cardinality(roles) > 0)"
        )


def upgrade() -> None:
    """Nobody belongs to a unit yet, and nobody is limited."""
    op.execute("""
CREATE TABLE unit (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT '1' NOT NULL,
  institution_id UUID NOT NULL,
  parent_id UUID,
  kind TEXT COLLATE "C" NOT NULL CONSTRAINT unit_kind CHECK (kind in ('CAMPUS', 'WARD')),
  name TEXT NOT NULL,
  department TEXT COLLATE "C" CONSTRAINT unit_department CHECK (department in ('COMMUNITY', 'EMERGENCY', 'ENDOSCOPY',
    'HAEMODIALYSIS', 'INFECTIOUS_DISEASES', 'INTENSIVE_CARE', 'NURSING_OFFICE', 'OBSTETRICS_GYNAECOLOGY',
    'OPERATING_ROOM', 'OTHER', 'OUTPATIENT', 'PAEDIATRICS', 'RESPIRATORY', 'STERILE_SUPPLY', 'WARD')),
  other_department TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT unit_pkey PRIMARY KEY (id),
  CONSTRAINT unit_id_institution_id_key UNIQUE (id, institution_id),
  CONSTRAINT unit_parent_id_institution_id_fkey FOREIGN KEY(parent_id, institution_id)
    REFERENCES unit (id, institution_id),
  CONSTRAINT unit_mapped CHECK ((kind = 'WARD') = (department is not null)),
  CONSTRAINT unit_tree CHECK (kind = 'WARD' or parent_id is null),
  CONSTRAINT unit_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id)
)
""")
    op.execute("CREATE UNIQUE INDEX unit_name ON unit (institution_id, name) WHERE closed_at is null")
    op.execute("CREATE INDEX unit_parent_id ON unit (parent_id) WHERE parent_id is not null")
    op.execute("""
CREATE TABLE pre_review (
  id UUID DEFAULT uuidv7() NOT NULL,
  application_id UUID NOT NULL,
  revision INTEGER NOT NULL,
  confirmed BOOLEAN NOT NULL,
  note TEXT,
  account_id UUID NOT NULL,
  on_behalf_of_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pre_review_pkey PRIMARY KEY (id),
  CONSTRAINT pre_review_said CHECK (confirmed or note is not null),
  CONSTRAINT pre_review_application_id_fkey FOREIGN KEY(application_id) REFERENCES application (id),
  CONSTRAINT pre_review_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT pre_review_on_behalf_of_id_fkey FOREIGN KEY(on_behalf_of_id) REFERENCES account (id)
)
""")
    op.execute("CREATE INDEX pre_review_application_id ON pre_review (application_id, id)")
    op.execute("GRANT select, insert, update ON unit TO hushi_app")
    op.execute("GRANT select, insert ON pre_review TO hushi_app")
    op.execute("ALTER TABLE registration ADD COLUMN unit_id UUID")
    op.execute(
        "ALTER TABLE registration ADD CONSTRAINT registration_unit_id_institution_id_fkey"
        " FOREIGN KEY(unit_id, institution_id) REFERENCES unit (id, institution_id)"
    )
    op.execute(
        "CREATE INDEX registration_unit_id ON registration (unit_id, valid_until, nurse_id) WHERE unit_id is not null"
    )
    op.execute("ALTER TABLE account ADD COLUMN unit_ids UUID[] DEFAULT '{}' NOT NULL")
    op.execute("ALTER TABLE event ADD COLUMN unit_ids UUID[]")
    _allow(f"{_ROLES}, 'WARD_HEAD'")
    op.execute(_ACCESS.format(unit="    when 'unit' then\n      scopes := array[new.institution_id];\n"))
    _watch(*_FACTS, "unit_ids")
    op.execute("""
create constraint trigger unit_insert_access after insert on unit deferrable initially deferred
for each row when (new.parent_id is not null) execute function access_changed()
""")
    op.execute("""
create function leave_unit() returns trigger language plpgsql as $$
begin
  new.unit_id := null;
  return new;
end $$
""")
    op.execute("""
create trigger registration_leave_unit before update on registration
for each row when (old.institution_id is distinct from new.institution_id) execute function leave_unit()
""")
    _rosters()


def _rosters() -> None:
    op.execute("""
CREATE TABLE roster_check (
  id UUID DEFAULT uuidv7() NOT NULL,
  row_version INTEGER DEFAULT '1' NOT NULL,
  institution_id UUID NOT NULL,
  account_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  notes JSONB NOT NULL,
  CONSTRAINT roster_check_pkey PRIMARY KEY (id),
  CONSTRAINT roster_check_institution_id_fkey FOREIGN KEY(institution_id) REFERENCES institution (id),
  CONSTRAINT roster_check_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
)
""")
    op.execute("CREATE UNIQUE INDEX roster_check_account_id ON roster_check (account_id)")
    op.execute("CREATE INDEX roster_check_institution_id ON roster_check (institution_id, id)")
    op.execute("""
CREATE TABLE roster_check_row (
  roster_check_id UUID NOT NULL,
  place INTEGER NOT NULL,
  line INTEGER,
  finding TEXT COLLATE "C" NOT NULL CONSTRAINT roster_check_row_finding
    CHECK (finding in ('DIFFERENT', 'EQUAL', 'NOT_LISTED', 'NOT_ON_ROSTER', 'UNREADABLE')),
  nurse_id UUID,
  recorded JSONB NOT NULL,
  wanted JSONB NOT NULL,
  problems JSONB NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT roster_check_row_pkey PRIMARY KEY (roster_check_id, place),
  CONSTRAINT roster_check_row_roster_check_id_fkey FOREIGN KEY(roster_check_id) REFERENCES roster_check (id)
)
""")
    op.execute("GRANT select, insert, update, delete ON roster_check, roster_check_row TO hushi_app")


def downgrade() -> None:
    """Forget units, limits and notes; ward heads lose that role, and the account of who had no other is disabled."""
    op.execute("DROP TABLE roster_check_row")
    op.execute("DROP TABLE roster_check")
    op.execute("DROP TRIGGER registration_leave_unit ON registration")
    op.execute("DROP FUNCTION leave_unit()")
    _watch(*_FACTS)
    op.execute("UPDATE account SET state = 'DISABLED' WHERE roles = array['WARD_HEAD'] and state <> 'DISABLED'")
    for table in ("account", "deputyship"):
        op.execute(f"UPDATE {table} SET roles = array['VIEWER'] WHERE roles = array['WARD_HEAD']")
        op.execute(f"UPDATE {table} SET roles = array_remove(roles, 'WARD_HEAD') WHERE 'WARD_HEAD' = any(roles)")
    op.execute("ALTER TABLE event DROP COLUMN unit_ids")
    op.execute("ALTER TABLE account DROP COLUMN unit_ids")
    op.execute("ALTER TABLE registration DROP COLUMN unit_id")
    op.execute("DROP TABLE pre_review")
    op.execute("DROP TABLE unit")
    op.execute(_ACCESS.format(unit=""))
    _allow(_ROLES)
