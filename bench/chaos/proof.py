"""The proof: what the tables hold against what was acknowledged, and against what each watcher received."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg
import orjson

from bench.chaos.register import Register
from bench.chaos.teller import TOLD, Act
from bench.chaos.watcher import NEWS, TYPES, Noted, Watcher
from bench.chaos.writer import ASKED, Done
from db.store.columns import listed
from graph.schema.node import global_id
from rules.application import State, Step
from rules.events import EVENT_OF, EVENTS
from rules.moves import LEASES
from rules.people import Party

DECISIONS: Final[Mapping[Step, tuple[str, str]]] = {
    Step.RETURN: ("INSTITUTION", "RETURNED"),
    Step.FORWARD: ("INSTITUTION", "AGREED"),
    Step.ACCEPT: ("AUTHORITY_REVIEW", "ACCEPTED"),
    Step.RECOMMEND: ("AUTHORITY_REVIEW", "AGREED"),
    Step.APPROVE: ("AUTHORITY_DECISION", "AGREED"),
}
FILINGS: Final = frozenset({Step.SUBMIT, Step.RESUBMIT})
ENDS: Final = {Step.APPROVE: State.APPROVED, Step.WITHDRAW: State.WITHDRAWN}

_OURS: Final = "(select id from application where nurse_id = any($1))"
TRACES: Final = {
    "application": f"select id, state, version from application where id in {_OURS}",
    "event": "select application_id, (body->>'version')::int, body->>'step', type, scope from event"
    f" where application_id in {_OURS}",
    "decision": f"select application_id, revision, stage, outcome from review_decision where application_id in {_OURS}",
    "revision": f"select application_id, revision from application_revision where application_id in {_OURS}",
    "history": f"select application_id, nurse_id from registration_history where application_id in {_OURS}",
    "key": f"select result_id, mutation, key from idempotency where result_id in {_OURS}",
}
"""The rows that the steps of a renewal leave in each table."""

BROKEN: Final = {
    "a feed with a gap": "select scope from event group by scope having count(*) <> max(seq) - min(seq) + 1"
    " or max(seq) <> (select seq from feed_scope f where f.scope = event.scope)",
    "a nurse with two open renewals": "select nurse_id from application where kind = 'RENEWAL' and state in"
    " ('DRAFT', 'INSTITUTION_REVIEW', 'RETURNED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'ACCEPTED')"
    " group by nurse_id having count(*) > 1",
    # Leases and the clock's warnings leave the version as it is.
    "a step with two events": "select application_id from event where body->>'step' is not null"
    f" and body->>'step' <> all (array[{listed(LEASES)}]) group by application_id, body->>'version'"
    " having count(distinct id) > 1",
    # The nurses who renew come near their last day at the start: it is told under load, and killed in the middle.
    "a day of an entry told twice": "select scope from event where type in ('registration.expiring',"
    " 'registration.expired') group by scope, body->>'nurse', body->>'validUntil', body->>'daysLeft'"
    " having count(*) > 1",
    "a day of an entry told to nobody": "select w.nurse_id from practice_watch w join registration r using"
    " (nurse_id, valid_until) join nurse n on n.id = w.nurse_id and n.merged_into is null"
    " where r.status = 'VALID' and w.due_on <= current_date and w.valid_until >= current_date",
    "a gap among receipt numbers": "select authority_id from application where receipt_number is not null"
    " group by authority_id, left(receipt_number, -7)"
    " having count(*) <> max(right(receipt_number, 6)::int) - min(right(receipt_number, 6)::int) + 1",
}
"""Invariants of the tables, each as a statement that must return no row."""

Trace: TypeAlias = tuple[Any, ...]
"""One row that a step leaves: the table of `TRACES`, and what matters of it."""

_REVIEWS: Final = (
    "select id, application_id, queue, body from event where scope = $1 and seq > $2 and queue is not null order by seq"
)
_NEWS: Final = "select id from event where scope = $1 and seq > $2 and type = any ($3) order by seq"
_TOLD: Final = "select type, scope, seq from event where scope = any ($1) and type = any ($2)"
_KEYS: Final = "select mutation, key from idempotency where mutation = any ($1)"
_Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Watched: TypeAlias = tuple[UUID, str]
"""A feed as it is watched: its scope, and the document that asks for it."""


@dataclass(frozen=True)
class Compared:
    """The difference between what was received and the table; `strange` was received and is in no table."""

    lost: Counter[Noted]
    doubled: Counter[Noted]
    strange: Counter[Noted]
    in_order: bool

    @property
    def equal(self) -> bool:
        """True if there is no difference, nor in the order."""
        return self.in_order and not (self.lost or self.doubled or self.strange)


@dataclass(frozen=True)
class Proof:
    """The findings at the end.

    `missing` are traces that the acknowledged steps must have left and have not, `twice` those that are there beyond
    them, `broken` what does not hold.
    """

    events: int
    feeds: Mapping[str, Compared]
    missing: Counter[Trace]
    twice: Counter[Trace]
    broken: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """True if nothing was lost, doubled, reordered or broken."""
        return all(one.equal for one in self.feeds.values()) and not (self.missing or self.twice or self.broken)

    def examples(self, most: int = 5) -> Iterator[str]:
        """A few of whatever was found, to begin the search with."""
        for name, one in self.feeds.items():
            for what, found in (("lost", one.lost), ("got twice", one.doubled), ("got from nowhere", one.strange)):
                yield from (f"{name} {what}: {noted}" for noted in list(found)[:most])
        for what, traces in (("missing", self.missing), ("not asked for", self.twice)):
            yield from (f"{what}: {', '.join(map(str, trace))}" for trace in list(traces)[:most])


def compare(table: Sequence[Noted], received: Sequence[Noted]) -> Compared:
    """One watcher's record against the feed's table; the order is compared of what is in both."""
    wanted, found = Counter(table), Counter(received)
    return Compared(
        lost=wanted - found,
        doubled=found - Counter(found.keys()),
        strange=Counter(found.keys() - wanted.keys()),
        in_order=[one for one in dict.fromkeys(received) if one in wanted] == [one for one in table if one in found],
    )


async def prove(register: Register, done: Sequence[Done], acts: Sequence[Act], watchers: Sequence[Watcher]) -> Proof:
    """Compare everything with everything."""
    tables = await feeds(register, {one.watched for one in watchers})
    async with _owner(register) as owner:
        wanted, found = expected(done) + told(acts), await _traces(owner, register) + await _told(owner, register)
        broken = [what for what, question in BROKEN.items() if await owner.fetch(f"{question} limit 1")]
    return Proof(
        events=sum(map(len, tables.values())),
        feeds={one.name: compare(tables[one.watched], one.received) for one in watchers},
        missing=wanted - found,
        twice=found - wanted,
        broken=tuple(broken),
    )


async def feeds(register: Register, watched: Iterable[Watched]) -> dict[Watched, list[Noted]]:
    """What each feed has told since the beginning, as the event table has it."""
    async with _owner(register) as owner:
        return {one: await _feed(owner, register, *one) for one in watched}


async def _feed(owner: _Owner, register: Register, scope: UUID, document: str) -> list[Noted]:
    stood = register.stood.get(scope, 0)
    if document == NEWS:
        return [Noted(global_id("Event", key)) for (key,) in await owner.fetch(_NEWS, scope, stood, TYPES)]
    return [_noted(row) for row in await owner.fetch(_REVIEWS, scope, stood)]


def _noted(row: asyncpg.Record) -> Noted:
    event, application = global_id("Event", row["id"]), global_id("Application", row["application_id"])
    return Noted(event, application, row["queue"], orjson.loads(row["body"])["version"])


@asynccontextmanager
async def _owner(register: Register) -> AsyncIterator[_Owner]:
    """A connection of the owner, who sees everything."""
    owner = await asyncpg.connect(register.owner_url)
    try:
        yield owner
    finally:
        await owner.close()


async def _traces(owner: _Owner, register: Register) -> Counter[Trace]:
    """Everything that the renewals have left in the tables."""
    nurses = [case.nurse_id for case in register.cases]
    return Counter([(table, *row) for table, question in TRACES.items() for row in await owner.fetch(question, nurses)])


def told(acts: Iterable[Act]) -> Counter[Trace]:
    """Everything that the acknowledged acts of the tellers must have left."""
    return Counter(trace for one in acts for trace in (("asked", one.mutation, one.key), ("told", *_feed_of(one))))


def _feed_of(act: Act) -> tuple[str, UUID]:
    return TOLD[act.mutation][0], act.scope


async def _told(owner: _Owner, register: Register) -> Counter[Trace]:
    """The keys of the tellers' acts, and their events, each in the feed in which it is counted."""
    places = {"INSTITUTION": [one.institution_id for one in register.desks]}
    places["NURSE"] = [one.nurse_id for one in register.cases]
    found: Counter[Trace] = Counter(("asked", *row) for row in await owner.fetch(_KEYS, list(TOLD)))
    for kind, whose in TOLD.values():
        rows = await owner.fetch(_TOLD, places[whose], [kind])
        found.update(("told", one, scope) for one, scope, seq in rows if seq > register.stood.get(scope, 0))
    return found


def expected(done: Iterable[Done]) -> Counter[Trace]:
    """Everything that the acknowledged steps must have left in the tables."""
    steps: dict[UUID, list[Done]] = {}
    for one in done:
        steps.setdefault(one.application, []).append(one)
    return Counter(trace for each in steps.values() for trace in _expected(each))


def _expected(steps: Sequence[Done]) -> Iterator[Trace]:
    """The traces that one renewal must have left."""
    revision, parties = 0, {Party.NURSE, Party.INSTITUTION}
    for one in steps:
        step, application = one.step, one.application
        yield "key", application, ASKED[step][1], one.key
        if step in FILINGS:
            revision += 1
            yield "revision", application, revision
        if step is Step.FORWARD:
            parties.add(Party.AUTHORITY)
        if step in DECISIONS:
            yield "decision", application, revision, *DECISIONS[step]
        if step is Step.APPROVE:
            yield "history", application, one.case.nurse_id
        if step in EVENT_OF and revision:
            kind = EVENTS[EVENT_OF[step]]
            for party in parties & kind.audience:
                yield "event", application, one.version, step.value, kind.type, _scope(one, party)
    yield "application", steps[-1].application, ENDS[steps[-1].step].value, steps[-1].version


def _scope(done: Done, party: Party) -> UUID:
    desk = done.case.desk
    return {Party.NURSE: done.case.nurse_id, Party.INSTITUTION: desk.institution_id}.get(party, desk.authority_id)
