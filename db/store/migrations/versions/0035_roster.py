"""Names are ordered by pinyin, and found by any part in the whole register."""

import sqlalchemy as sa
from alembic import op

from db.store.name_order import name_order

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BATCH = 10_000
_KEPT = """
create or replace function keep_nurse_change() returns trigger language plpgsql as $$
begin
  insert into nurse_change (nurse_id, field, before, after, valid_from)
    select new.id, was.key, was.value, present.value, case when was.key not in ('name', 'document_type',
      'id_number_masked', 'sex', 'birth_date', 'ethnicity', 'nationality') then current_date end
    from jsonb_each_text(to_jsonb(old)) was join jsonb_each_text(to_jsonb(new)) present using (key)
    where was.value is distinct from present.value and was.key not in ('row_version', 'created_at',
      'delivery_consent_at', 'merged_into'{0}was.key !~ '^(id_number|phone|email)_(key_id|sealed|index)$'
    order by was.key;
  return null;
end $$
"""


def upgrade() -> None:
    """The way there: the order of a name is no change of a record."""
    op.execute(_KEPT.format(", 'name_order')\n      and "))
    op.execute('ALTER TABLE nurse ADD COLUMN name_order TEXT COLLATE "C"')
    op.execute("ALTER TABLE nurse DISABLE TRIGGER nurse_change")
    _order(op.get_bind())
    op.execute("ALTER TABLE nurse ENABLE TRIGGER nurse_change")
    op.execute("ALTER TABLE nurse ALTER COLUMN name_order SET NOT NULL")
    op.execute(
        "ALTER TABLE nurse ADD CONSTRAINT nurse_name_order CHECK (right(name_order, length(name) + 1) = ' ' || name)"
    )
    op.execute("CREATE INDEX nurse_name_order ON nurse (name_order, id)")
    op.execute(
        "CREATE INDEX nurse_name_characters ON nurse"
        " USING gin (string_to_array(translate(lower(name), '（）·、—- ', ''), NULL))"
    )


def _order(bind: sa.Connection) -> None:
    """Each name is read once, however many are called so."""
    op.execute('CREATE TEMP TABLE read_name (name TEXT COLLATE "C" PRIMARY KEY, name_order TEXT) ON COMMIT DROP')
    some = sa.text("select distinct name from nurse where name > :last order by name limit :batch")
    last = ""
    while names := list(bind.execute(some, {"last": last, "batch": BATCH}).scalars()):
        rows = [{"name": one, "name_order": name_order(one)} for one in names]
        bind.execute(sa.text("insert into read_name values (:name, :name_order)"), rows)
        last = names[-1]
    op.execute("UPDATE nurse SET name_order = r.name_order FROM read_name r WHERE r.name = nurse.name")


def downgrade() -> None:
    """The way back: by their characters again."""
    op.execute("DROP INDEX nurse_name_characters")
    op.execute("ALTER TABLE nurse DROP COLUMN name_order")
    op.execute(_KEPT.format(") and "))
