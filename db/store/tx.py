"""The connection of a query (`Reader`), and the transaction of a step (`Tx`)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Final, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import Executable, func, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from db.store.keys import Keyring
from db.store.statement import Statement
from rules.moment import SHANGHAI

KINDS_KEPT: Final = 20_000
Found: TypeAlias = Sequence[Mapping[str, Any]]
Meaning: TypeAlias = Callable[[asyncpg.PostgresError], Exception | None]
"""The meaning of an error of the database to the step; None where it is the database's own."""


@dataclass
class Reader:
    """A connection for one query; never shared by two resolvers."""

    connection: AsyncConnection
    keyring: Keyring
    kept: dict[str, Any] = field(default_factory=dict)
    """Rows that this process has read and that never change any more, such as the law of a day that has begun."""

    async def execute(self, query: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run one statement."""
        return await self.connection.execute(query, parameters)


@dataclass
class Tx(Reader):
    """One transaction.

    Only `Database.begin` makes it, so a step cannot be handed a bare reader. Its time is the database's: the statement
    that reads the session brings it along (`tell_time`), or `ask_time` without a session. `woken` collects what every
    process is told after the commit: feed scopes with news, and sessions to be read again. `posted` is True once the
    outbox has a new message.
    """

    foresees: ClassVar[bool] = False
    """True where what a step reads may have been asked for ahead (`db/store/step_tx.py`)."""
    clock: Callable[[], datetime] | None = None
    woken: set[UUID] = field(default_factory=set)
    posted: bool = False
    now: datetime = field(init=False)

    @property
    def kinds(self) -> OrderedDict[object, str]:
        """The kinds of applications that this process has moved: they never change, and say what need not be asked."""
        found: OrderedDict[object, str] = self.kept.setdefault("kinds", OrderedDict())
        return found

    def learn(self, application_id: UUID, kind: str) -> None:
        """Remember the kind of an application, of so many."""
        kinds = self.kinds
        kinds[application_id] = kind
        if len(kinds) > KINDS_KEPT:
            kinds.popitem(last=False)

    @property
    def nurses(self) -> frozenset[UUID]:
        """The nurses who may be written to, where that is known ahead: a step on an application tells its own."""
        return frozenset()

    def tell_time(self, now: datetime) -> None:
        """Set the transaction's time; a test's clock goes first."""
        self.now = self.clock() if self.clock else now

    async def run(self, statement: Statement, values: Mapping[str, Any]) -> Found:
        """Run a compiled statement on the transaction's own connection, once its first statement has begun it."""
        raw: Any = await self.connection.get_raw_connection()
        rows: list[asyncpg.Record] = await raw.driver_connection.fetch(statement.sql, *statement.values(values))
        return rows

    async def write(
        self,
        statement: Statement,
        values: Mapping[str, Any],
        *,
        means: Meaning | None = None,
        then: Callable[[Found], None] | None = None,
    ) -> None:
        """Run a statement whose answer no rule waits for: it may go with the commit.

        `means` says what an error means; `then` is given the rows once they are there, before anybody is woken.
        """
        rows = await self.hoped(statement, values, means=means)
        if then is not None:
            then(rows)

    async def hoped(self, statement: Statement, values: Mapping[str, Any], *, means: Meaning | None = None) -> Found:
        """Run a statement that nearly always answers that there is nothing more to do.

        The rows, or nothing where that is still to be seen: then the step is taken anew if it was not so.
        """
        try:
            return await self.run(statement, values)
        except asyncpg.PostgresError as error:
            raise (means(error) if means else None) or error from error

    async def ask_time(self) -> None:
        """Set the transaction's time by a statement of its own."""
        self.tell_time((await self.execute(select(func.now()))).scalar_one())

    @property
    def today(self) -> date:
        """The date of `now` in China."""
        return self.date_of(self.now)

    def date_of(self, moment: datetime) -> date:
        """The date of a moment in China."""
        return moment.astimezone(SHANGHAI).date()
