"""The statements of the feed's reader.

Whatever is read from a place on is read together with what tells whether this history holds that place.
"""

from __future__ import annotations

from typing import Final

PAGE: Final = 200

_COLUMNS: Final = (
    "e.scope, e.seq, e.at, e.id, e.previous_id, e.type, e.application_id, e.account_id, e.queue, e.body, e.unit_ids"
)
# A scope without a row has had no event; where one had, the database was restored from before it.
NEW: Final = f"""
select s.scope as followed, coalesce(f.access, 0) as access, coalesce(f.seq, 0) as stands, f.last_id, {_COLUMNS}
from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as s(scope, last, since)
left join feed_scope f on f.scope = s.scope
left join lateral (select * from event e where e.scope = s.scope and e.seq > s.last
  and e.at >= s.since order by e.seq limit {PAGE}) e on true order by s.scope, e.seq"""
MISSED: Final = f"""
select {_COLUMNS}, (select access from feed_scope where scope = $1) as access
from event e where e.scope = $1 and e.seq > $2 order by e.seq limit $3"""
MOVED: Final = """select s.scope
from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[]) as s(scope, last, last_id, access)
left join feed_scope f on f.scope = s.scope
where (coalesce(f.seq, 0), f.last_id, coalesce(f.access, 0)) is distinct from (s.last, s.last_id, s.access)"""
STAND: Final = "select seq, last_id, access from feed_scope where scope = $1"
ENTER: Final = """
select birth.epoch, coalesce(f.seq, 0) as last, f.last_id, next.seq is not null as kept, next.previous_id
from feed_epoch birth left join feed_scope f on f.scope = $1
left join event next on next.scope = $1 and next.seq = $2::bigint + 1"""
# The same event is in both scopes, and whatever comes after it in the one comes after it in the other.
CONTINUED: Final = """
select birth.epoch, f.seq as last, f.last_id, earlier.seq > $3::bigint as is_next, earlier.id, earlier.previous_id,
  later.seq, later.previous_id as there_previous_id
from feed_epoch birth left join feed_scope f on f.scope = $1
left join lateral (select * from event e where e.scope = $1 and e.seq in ($3::bigint, $3::bigint + 1)
  order by e.seq limit 1) earlier on true
left join event later on later.scope = $2 and later.id = earlier.id"""
HISTORY: Final = f"""
select s.*, next.seq is not null as kept, next.previous_id as start_id,
  past.seq is not null as end_kept, past.previous_id as end_id, {_COLUMNS}
from (select epoch, last, last_id,
    coalesce($2::bigint, (select min(seq) - 1 from event where scope = $1), last) as start
  from (select birth.epoch, coalesce(f.seq, 0) as last, f.last_id
    from feed_epoch birth left join feed_scope f on f.scope = $1) as stand) s
left join event next on next.scope = $1 and next.seq = s.start + 1
left join event past on past.scope = $1 and past.seq = $3::bigint + 1
left join lateral (select * from event e where e.scope = $1 and e.seq > s.start
  and ($3::bigint is null or e.seq <= $3) and ($4::text[] is null or e.type = any($4))
  and ($5::uuid is null or e.application_id = $5)
  and ($7::uuid[] is null or e.unit_ids && $7) order by e.seq limit $6) e on true order by e.seq"""
