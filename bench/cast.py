"""The people of the stage: institutions that look, desks that are full, nurses whose renewals are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

VIEWERS: Final = 48
"""Institutions whose operators ask; each has at least FEWEST nurses, so that two pages are full."""
FEWEST: Final = 105
DESKS: Final = 24
ON_DESK: Final = 60
STEPS_EACH: Final = 5

# Who acts: nurses of the viewers' institutions who have nothing open. Those of a DESK file once and wait; those who
# STEP file and are approved while it is measured, and all of that is undone.
CAST: Final = f"""
create table bench_institution as
select i.id, s.authority_id, operator.id as operator_id, reviewer.id as reviewer_id, decider.id as decider_id
from institution i
join approval_setting s on s.institution_id = i.id and s.kind = 'RENEWAL'
cross join lateral (
  select id from account where institution_id = i.id and roles @> '{{OPERATOR}}' order by id limit 1) operator
cross join lateral (
  select id from account where authority_id = s.authority_id and roles @> '{{REVIEWER}}' order by id limit 1) reviewer
cross join lateral (
  select id from account where authority_id = s.authority_id and roles @> '{{DECIDER}}' order by id limit 1) decider
where i.state = 'ACTIVE' and (select count(*) from registration where institution_id = i.id) >= {FEWEST}
order by md5(i.id::text) limit {VIEWERS};

create table bench_nurse as
with free as (
  select r.nurse_id, i.*, row_number() over (partition by i.id order by md5(r.nurse_id::text)) as nth,
    dense_rank() over (order by md5(i.id::text)) as desk
  from registration r join bench_institution i on i.id = r.institution_id
  where r.status = 'VALID'
    and not exists (select from application a where a.nurse_id = r.nurse_id)
    and not exists (select from registration_span p where p.nurse_id = r.nurse_id)
    and not exists (select from account a where a.nurse_id = r.nurse_id and a.state <> 'ACTIVE')
)
select nurse_id, id as institution_id, authority_id, operator_id, reviewer_id, decider_id, nth > {STEPS_EACH} as waits
from free where nth <= {STEPS_EACH} or (desk <= {DESKS} and nth <= {STEPS_EACH} + {ON_DESK});

insert into account (party, nurse_id, user_name, display_name, password_hash, state, roles,
  identity_verified, contact_verified, certificate_verified)
select 'NURSE', id, 'b' || left(md5(id::text), 11), name, '-', 'ACTIVE', '{{NURSE}}', true, true, true
from nurse where id in (select nurse_id from bench_nurse) and id not in (
  select nurse_id from account where nurse_id is not null);

create table bench_since as select now() as at where false
"""
NEAR: Final = (
    "update registration set valid_until = current_date + 20 where nurse_id in (select nurse_id from bench_nurse)"
)
DONE: Final = "insert into bench_since values (clock_timestamp())"

UNDO: Final = """
create temp table undone on commit drop as
  select id from application where created_at > coalesce((select at from bench_since), '-infinity')
    and nurse_id in (select nurse_id from bench_nurse);
delete from event where application_id in (select id from undone);
delete from delivery where id in (select id from review_decision where application_id in (select id from undone));
delete from review_decision where application_id in (select id from undone);
delete from application_revision where application_id in (select id from undone);
delete from registration_history where application_id in (select id from undone);
delete from application where id in (select id from undone);
update feed_scope f set (seq, last_id) = (select coalesce(max(seq), 0), (array_agg(id order by seq desc))[1]
  from event e where e.scope = f.scope)
where scope in (select unnest(array[nurse_id, institution_id, authority_id]) from bench_nurse);
update receipt_counter c set last = coalesce((
  select max(right(receipt_number, 6)::int) from application a
  where a.authority_id = c.authority_id and split_part(right(receipt_number, 11), '-', 1) = c.year::text), 0)
where authority_id in (select authority_id from bench_nurse)
"""
TOUCHED: Final = (
    "application, application_revision, review_decision, registration, registration_history, event, feed_scope"
)


@dataclass(frozen=True)
class Person:
    """One of the cast who is signed in."""

    account_id: UUID
    token: str


@dataclass(frozen=True)
class Case:
    """One renewal to be carried through, and by whom."""

    nurse: Person
    operator: Person
    reviewer: Person
    decider: Person
