"""The event log, written in the same transaction as the change.

Each scope (an institution, an authority, a nurse) has a counter row. Its lock is held until the commit, so a
scope's events are gapless and in the order of their commits.

Before her account is active a nurse has a feed of her own in the scope of her account: what happens to the applications
that she filed with it is recorded there too, as the same event.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
)
from uuid_utils.compat import uuid7

from db.store.engine import Tx
from db.store.practice import may_practise
from db.store.statement import Statement, compiled
from db.store.tables import institution, registration
from rules.events import QueueChange
from rules.practice_alert import PRACTICE


@dataclass(frozen=True, slots=True)
class Addressed:
    """One event for one scope."""

    scope: UUID
    type: str
    application_id: UUID | None
    account_id: UUID | None
    queue: QueueChange | None
    body: dict[str, Any]
    units: tuple[UUID, ...] = ()
    """The units (科室病区) whose limited people hear it; unless told, that of the nurse it is about."""


def _practice_told() -> str:
    """Her right to practise from now on, as her entry has it: of an institution, the right to practise there."""
    day, scope = literal_column("cast(:today as date)", Date()), literal_column("t.scope", Uuid())
    other = institution.c.id.is_distinct_from(registration.c.institution_id)
    elsewhere = exists().where(institution.c.id == scope, other)
    may = and_(may_practise(day), ~elsewhere.correlate(registration))
    announced = func.jsonb_build_object(literal("may", Text()), may, literal("since", Text()), day)
    return compiled(select(announced).where(registration.c.nurse_id == literal_column("(t.body->>'nurse')::uuid")), ())[
        0
    ]


# One statement over the sorted scopes: two transactions with events for the same scopes cannot deadlock.
_RECORD: Final = Statement(
    text(f"""
with given as (
  select * from jsonb_to_recordset(cast(:events as jsonb))
    as t(n int, scope uuid, id uuid, type text, application_id uuid, account_id uuid, queue text, body jsonb,
      unit_ids uuid[])
), early as (
  select t.n, a.id as scope, t.id, t.type, t.application_id, t.account_id, t.queue, t.body, null::uuid[]
  from given t join account a on a.nurse_id = t.scope and a.state = 'INACTIVE'
  where exists (select from application_revision r where r.application_id = t.application_id and r.account_id = a.id)
), addressed as (
  select * from given union all select * from early
), counted as (
  insert into feed_scope (scope, seq) select scope, count(*) from addressed group by scope order by scope
  on conflict (scope) do update set seq = feed_scope.seq + excluded.seq
  returning scope, seq
), recorded as (
  insert into event (scope, seq, at, id, type, application_id, account_id, queue, body, unit_ids)
  select t.scope, c.seq + 1 - row_number() over (partition by t.scope order by t.n desc),
    :at, t.id, t.type, t.application_id, t.account_id, t.queue,
    case when t.type = any(cast(:practice as text[])) and not jsonb_exists(t.body, 'may')
      then coalesce(t.body || ({_practice_told()}), t.body) else t.body end,
    coalesce(t.unit_ids, (select array[r.unit_id] from registration r where r.institution_id = t.scope
      and r.unit_id is not null and r.nurse_id = coalesce((t.body->>'nurse')::uuid,
        (select a.nurse_id from application a where a.id = t.application_id))))
  from addressed t join counted c using (scope)
)
(select null as early, nurse_id, phone_verified_at is not null as by_phone, phone_key_id, phone_sealed,
  email_key_id, email_sealed
from account where nurse_id = any(cast(:noticed as uuid[])) and state <> 'REVOKED'
  and (phone_verified_at is not null or email_verified_at is not null)
order by id)
union all
select distinct scope, cast(null as uuid), false, null, cast(null as bytea), null, cast(null as bytea) from early
""").bindparams(
        bindparam("events", type_=Text()),
        bindparam("at", type_=DateTime(timezone=True)),
        bindparam("noticed", type_=ARRAY(Uuid())),
        bindparam("today", type_=Date()),
        bindparam("practice", type_=ARRAY(Text())),
    ),
    ["events", "at", "noticed", "today", "practice"],
)


async def record(tx: Tx, addressed: Sequence[Addressed], noticed: Collection[UUID] = ()) -> list[asyncpg.Record]:
    """Record the events in every scope; the last statement of a step, since it holds the scopes' locks.

    Gives the proved contacts of those nurses of `noticed` who have one, still sealed.
    """
    if not addressed:
        return []
    event_ids = {_identity(one): str(uuid7()) for one in addressed}
    rows = [
        {
            "n": n,
            "scope": str(one.scope),
            "id": event_ids[_identity(one)],
            "type": one.type,
            "application_id": one.application_id and str(one.application_id),
            "account_id": one.account_id and str(one.account_id),
            "queue": one.queue,
            "body": one.body,
            "unit_ids": [str(unit) for unit in one.units] or None,
        }
        for n, one in enumerate(addressed)
    ]
    values: dict[str, Any] = {"events": orjson.dumps(rows).decode(), "at": tx.now, "noticed": list(noticed)}
    values |= {"today": tx.today, "practice": list(PRACTICE)}
    found = await tx.run(_RECORD, values)
    tx.woken.update(one.scope for one in addressed)
    tx.woken.update(one["early"] for one in found if one["early"])
    return [one for one in found if not one["early"]]


def _identity(one: Addressed) -> tuple[str, UUID | None, Any]:
    """The identity of an event in all its scopes: its type, and its application, nurse, question or announcement."""
    about = (one.body.get(noun) for noun in ("nurse", "question", "announcement"))
    return one.type, one.application_id, next((key for key in about if key), None)
