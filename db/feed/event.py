"""The event log, written in the same transaction as the change.

Each scope (an institution, an authority, a nurse) has a counter row. Its lock is held until the commit, so a
scope's events are gapless and in the order of their commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import DateTime, Text, bindparam, text
from uuid_utils.compat import uuid7

from db.store.engine import Tx
from db.store.statement import Statement
from rules.events import QueueChange


@dataclass(frozen=True, slots=True)
class Addressed:
    """One event for one scope."""

    scope: UUID
    type: str
    application_id: UUID | None
    account_id: UUID | None
    queue: QueueChange | None
    body: dict[str, Any]


# One statement over the sorted scopes: two transactions with events for the same scopes cannot deadlock.
_RECORD: Final = Statement(
    text("""
with addressed as (
  select * from jsonb_to_recordset(cast(:events as jsonb))
    as t(n int, scope uuid, id uuid, type text, application_id uuid, account_id uuid, queue text, body jsonb)
), counted as (
  insert into feed_scope (scope, seq) select scope, count(*) from addressed group by scope order by scope
  on conflict (scope) do update set seq = feed_scope.seq + excluded.seq
  returning scope, seq
)
insert into event (scope, seq, at, id, type, application_id, account_id, queue, body)
select t.scope, c.seq + 1 - row_number() over (partition by t.scope order by t.n desc),
  :at, t.id, t.type, t.application_id, t.account_id, t.queue, t.body
from addressed t join counted c using (scope)
""").bindparams(bindparam("events", type_=Text()), bindparam("at", type_=DateTime(timezone=True))),
    ["events", "at"],
)


async def record(tx: Tx, addressed: Sequence[Addressed]) -> None:
    """Record the events in every scope; the last statement of a step, since it holds the scopes' locks."""
    if not addressed:
        return
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
        }
        for n, one in enumerate(addressed)
    ]
    await tx.run(_RECORD, {"events": orjson.dumps(rows).decode(), "at": tx.now})
    tx.woken.update(one.scope for one in addressed)


def _identity(one: Addressed) -> tuple[str, UUID | None, Any]:
    """The identity of an event in all its scopes: its type, and its application or nurse."""
    return one.type, one.application_id, one.body.get("nurse")
