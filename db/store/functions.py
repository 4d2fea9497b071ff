"""Functions and triggers of the database, made with the tables."""

from __future__ import annotations

from typing import Final

# GB 32100: 17 characters weighted by powers of 3 modulo 31; the 18th makes the sum divisible.
INSTITUTION_CODE_VALID: Final = """
create function institution_code_valid(code text) returns boolean language sql immutable strict parallel safe
return code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$' and (
  select sum((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, n, 1)) - 1)
    * (array[1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28,1])[n]) % 31 = 0
  from generate_series(1, 18) n)
"""

# A month's partition each, from two months back; the default one keeps an insert from ever failing.
OPEN_EVENT_MONTHS: Final = """
create function open_event_months(months integer) returns void language plpgsql as $$
declare month date;
begin
  for month in select generate_series(date_trunc('month', now()) - interval '2 months',
      date_trunc('month', now()) + months * interval '1 month', interval '1 month')::date loop
    execute format('create table if not exists event_%s partition of event for values from (%L) to (%L)',
      to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date);
  end loop;
  create table if not exists event_other partition of event default;
end $$
"""

# Whoever reads a scope's events reads this number in the same statement: an event told after somebody's access
# ended comes with another number than before, so that no step and no script can forget to tell the feeds. A nurse whose
# account is not active yet reads the scope of her account.
ACCESS_CHANGED: Final = """
create function access_changed() returns trigger language plpgsql as $$
declare scopes uuid[];
begin
  case tg_table_name
    when 'session' then
      select array[coalesce(nurse_id, institution_id, authority_id), case state when 'INACTIVE' then id end]
        into scopes from account where id = old.account_id;
    when 'account' then
      scopes := array[coalesce(old.nurse_id, old.institution_id, old.authority_id),
        coalesce(new.nurse_id, new.institution_id, new.authority_id), case old.state when 'INACTIVE' then old.id end];
    when 'unit' then
      scopes := array[new.institution_id];
    else
      scopes := array[old.id];
  end case;
  insert into feed_scope (scope, seq, access)
    select distinct one, 0, 1 from unnest(scopes) one where one is not null order by one
    on conflict (scope) do update set access = feed_scope.access + 1;
  return null;
end $$
"""

# A blank bears one certificate: it can be taken back, and never be another.
BLANK_REUSED: Final = """
create function blank_reused() returns trigger language plpgsql as $$
begin
  raise check_violation using constraint = 'certificate_blank_one', message = 'a blank bears one certificate';
end $$
"""

# A column of a record is kept whenever it changes, by whatever path: what was so since, and when the register came to
# know it. Who somebody is has been so since ever; of what is private the mask tells that it changed.
KEEP_NURSE_CHANGE: Final = """
create function keep_nurse_change() returns trigger language plpgsql as $$
begin
  insert into nurse_change (nurse_id, field, before, after, valid_from)
    select new.id, was.key, was.value, present.value, case when was.key not in ('name', 'document_type',
      'id_number_masked', 'sex', 'birth_date', 'ethnicity', 'nationality') then current_date end
    from jsonb_each_text(to_jsonb(old)) was join jsonb_each_text(to_jsonb(new)) present using (key)
    where was.value is distinct from present.value and was.key not in ('row_version', 'created_at',
      'delivery_consent_at', 'merged_into', 'name_order')
      and was.key !~ '^(id_number|phone|email)_(key_id|sealed|index)$'
    order by was.key;
  return null;
end $$
"""

# Whoever leaves an institution, by whatever path, leaves its unit.
LEAVE_UNIT: Final = """
create function leave_unit() returns trigger language plpgsql as $$
begin
  new.unit_id := null;
  return new;
end $$
"""

# What is said of the right to practise hangs on the last day of validity, by whatever path that moves. What was told of
# a day is not told again, but for her right itself, which she has lost anew where a renewal was undone.
WATCH_PRACTICE: Final = """
create function watch_practice() returns trigger language plpgsql as $$
declare back boolean := false;
begin
  if tg_op = 'UPDATE' then
    update practice_watch set due_on = null where nurse_id = new.nurse_id and due_on is not null;
    back := old.status = 'DEREGISTERED' or exists (select from practice_watch w
      where w.nurse_id = new.nurse_id and w.valid_until = old.valid_until and w.announced = -1);
  end if;
  if new.status = 'VALID' then
    insert into practice_watch as w (nurse_id, valid_until, due_on, restores)
      values (new.nurse_id, new.valid_until, case when back then date '1900-01-01' else new.valid_until - 365 end, back)
      on conflict (nurse_id, valid_until) do update set due_on = excluded.due_on, restores = excluded.restores,
        announced = case when w.announced < 0 then 0 else w.announced end;
  end if;
  return null;
end $$
"""

FUNCTIONS: Final = (
    INSTITUTION_CODE_VALID,
    OPEN_EVENT_MONTHS,
    ACCESS_CHANGED,
    BLANK_REUSED,
    KEEP_NURSE_CHANGE,
    LEAVE_UNIT,
    WATCH_PRACTICE,
)


def _at_the_end(table: str, what: str, when: str) -> str:
    # At the commit, since a step locks the scopes last.
    return f"""
create constraint trigger {table}_{what}_access after {what} on {table} deferrable initially deferred
for each row {when} execute function access_changed()
"""


TRIGGERS: Final = (
    _at_the_end(
        "session", "update", "when ((old.revoked_at, old.expires_at) is distinct from (new.revoked_at, new.expires_at))"
    ),
    _at_the_end("session", "delete", "when (old.revoked_at is null and old.expires_at > now())"),
    _at_the_end(
        "account",
        "update",
        "when ((old.party, old.nurse_id, old.institution_id, old.authority_id, old.self_nurse_id, old.state, old.roles,"
        " old.unit_ids)"
        " is distinct from"
        " (new.party, new.nurse_id, new.institution_id, new.authority_id, new.self_nurse_id, new.state, new.roles,"
        " new.unit_ids))",
    ),
    _at_the_end("institution", "update", "when (old.state is distinct from new.state)"),
    _at_the_end("authority", "update", "when (old.path is distinct from new.path)"),
    _at_the_end("unit", "insert", "when (new.parent_id is not null)"),
    """
create trigger registration_leave_unit before update on registration
for each row when (old.institution_id is distinct from new.institution_id) execute function leave_unit()
""",
    """
create trigger registration_watch after insert on registration
for each row when (new.status = 'VALID') execute function watch_practice()
""",
    """
create trigger registration_rewatch after update on registration
for each row when ((old.status, old.valid_until) is distinct from (new.status, new.valid_until))
execute function watch_practice()
""",
    """
create trigger certificate_blank_one before update on certificate_blank
for each row when (old.certificate_id <> new.certificate_id) execute function blank_reused()
""",
    """
create trigger nurse_change after update on nurse for each row when (old.* is distinct from new.*)
execute function keep_nurse_change()
""",
)
