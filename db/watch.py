"""The watch on ended sessions: one statement asks for all of them and answers only those that are no longer good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    LargeBinary,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy import bindparam as parameter
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from db.store.engine import Database
from db.store.outage import run_forever
from db.store.statement import compiled
from db.store.tables import session
from rules.errors import AccessChanged, Unauthenticated
from rules.people import AccountState, Actor, Party

_NONE: Final = "-"
Ended = Callable[[Unauthenticated], None]
"""Hears why a session is no longer what it was."""


def short(token_hash: bytes) -> bytes:
    """The part of a token's digest that tells sessions apart, as long as the id of a scope: wake-ups carry it."""
    return token_hash[:16]


def _access(actor: Actor) -> str:
    """Everything that decides what an actor may see, as one text; `_access_now` says the same in SQL."""
    state = AccountState.ACTIVE if actor.active else AccountState.INACTIVE
    ids = (actor.account_id, actor.party, actor.party_id, actor.nurse_id, actor.path, state)
    units = _NONE if actor.units is None else ",".join(sorted(map(str, actor.units)))
    return " ".join([*(_NONE if one is None else str(one) for one in ids), units, *sorted(actor.roles)])


def _access_now(live: FromClause) -> ColumnElement[str]:
    known = or_(live.c.state == AccountState.ACTIVE, live.c.party != Party.NURSE)
    ids = (live.c.id, live.c.party, case((known, live.c.party_id)), live.c.nurse_id, live.c.path, live.c.state)
    role = func.unnest(live.c.roles).column_valued("role")
    sorted_roles = select(func.string_agg(role, aggregate_order_by(literal(" "), role))).scalar_subquery()
    roles = case((func.cardinality(live.c.roles) == 1, live.c.roles[1]), else_=sorted_roles)
    units = func.array_to_string(live.c.units, ",")
    return func.concat_ws(" ", *(func.coalesce(cast(one, Text), _NONE) for one in (*ids, units)), roles)


def _ended(live: Select[Any]) -> tuple[str, tuple[str, ...]]:
    """The places, from 1, of those asked for whose session ended, or whose access has changed while it lives."""
    asked = (
        func.unnest(parameter("tokens", type_=ARRAY(LargeBinary)), parameter("accesses", type_=ARRAY(Text)))
        .table_valued("token", "access", with_ordinality="place")
        .render_derived()
    )
    # The limit keeps the planner from reading every session there is; a token has one anyway.
    found = live.where(session.c.token_hash == asked.c.token).limit(1).lateral()
    same = found.c.token_hash.is_not(None) & (_access_now(found) == asked.c.access)
    shown = (asked.c.place, found.c.token_hash.is_not(None).label("live"))
    query = select(*shown).select_from(asked.outerjoin(found, true())).where(same.is_not(True))
    return compiled(query, ("tokens", "accesses"))


@dataclass(eq=False, slots=True)
class _Watched:
    """A socket or an event stream: its session, its access when it was opened, and the callback at the end."""

    token_hash: bytes
    access: str
    ended: Ended


class Watch:
    """The watch that ends sockets and streams with their session, one task for all of a process.

    During an outage of the database it ends none.
    """

    def __init__(self, db: Database, live: Select[Any]) -> None:
        self._db, self._ended = db, _ended(live)
        self._watched: set[_Watched] = set()
        self._looking: set[asyncio.Task[None]] = set()
        self._named: set[bytes] = set()
        self._news = asyncio.Event()

    async def open(self, seconds: float) -> None:
        """Begin to look at all every so many seconds, and at once at those that are named."""
        looks = partial(self._look, seconds), self._look_at_named
        self._looking = {asyncio.create_task(run_forever(look)) for look in looks}

    async def close(self) -> None:
        """Stop looking."""
        for task in self._looking:
            task.cancel()
        if self._looking:
            await asyncio.wait(self._looking)

    def watch(self, token_hash: bytes, actor: Actor, ended: Ended) -> Callable[[], object]:
        """Call `ended` once and say why, when the session is no longer what it was; gives what stops the watching."""
        one = _Watched(token_hash, _access(actor), ended)
        self._watched.add(one)
        return partial(self._watched.discard, one)

    def look_at(self, key: bytes) -> None:
        """Look soon at a session, by the short form of its token's digest."""
        self._named.add(key)
        self._news.set()

    async def _look_at_named(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            named, self._named = self._named, set()
            if asked := [one for one in self._watched if short(one.token_hash) in named]:
                await self._tell(asked)

    async def _look(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            if asked := list(self._watched):
                await self._tell(asked)

    async def _tell(self, asked: list[_Watched]) -> None:
        sql, names = self._ended
        values = {"tokens": [one.token_hash for one in asked], "accesses": [one.access for one in asked]}
        for row in await self._db.pool.fetch(sql, *(values[name] for name in names)):
            one = asked[row["place"] - 1]
            if one in self._watched:
                self._watched.discard(one)
                one.ended(AccessChanged() if row["live"] else Unauthenticated())
