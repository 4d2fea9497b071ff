"""A step's transaction in two messages: one opens it with all that is read ahead, one ends it with all that is written.

What was not foreseen is asked for by itself, behind what is to be written before it: nothing is read too early, and the
only price is a trip.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import structlog
from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult

from db.store.ahead import Ahead
from db.store.engine import Database
from db.store.statement import Statement
from db.store.step_queue import Foreseen, Queued, Then, meant
from db.store.tx import Found, Meaning, Tx
from db.store.wire import Wire
from db.store.wire_message import Answer, Asked, Unsent
from rules.errors import OutcomeUnknown

_ENDS = frozenset({"commit", "rollback"})
APPLICATION = "application"
"""The name of the locked application among the answers."""
log = structlog.get_logger(__name__)


@dataclass
class StepTx(Tx):
    """One step's transaction."""

    foresees: ClassVar[bool] = True
    wire: Wire = field(kw_only=True)
    hopes: bool = True
    begun: bool = False
    answered: dict[str, Found] = field(default_factory=dict)
    """The answers of what was read ahead under a name, by which Python finds parameters."""
    given: dict[str, object] = field(default_factory=dict)
    """The parameters that the opening knows by itself."""
    shown: bytes | None = None
    _foreseen: list[Foreseen] = field(default_factory=list)
    _queued: list[Queued] = field(default_factory=list)
    _failed: Exception | None = None
    _autocommit: bool = False

    @property
    def nurses(self) -> frozenset[UUID]:
        """The nurse of the application."""
        return frozenset(row["nurse_id"] for row in self.answered.get(APPLICATION, ()))

    def foresee(self, reads: Iterable[tuple[Ahead, object]], given: Mapping[str, object]) -> None:
        """Ask for these with the first statement, each as somebody says; `given` is what the opening itself knows."""
        self.given = {**given, "opening_now": self.clock() if self.clock else None}
        kind = self.kinds.get(given["opening_key"])
        self._foreseen = [Foreseen(one, one.said(by)) for one, by in reads if one.wanted(by, self.kept, kind)]

    async def run(self, statement: Statement, values: Mapping[str, Any]) -> Found:
        """The rows of a statement: those that were asked for ahead, or else those of now."""
        if not self.begun and self._foreseen:
            await self._open()
        for one in self._foreseen:
            if one.ahead.statement is statement and one.ahead.answers(self, one.said, values):
                self._foreseen.remove(one)
                if one.rows is not None and not (one.ahead.held and not one.rows):
                    return one.rows
                break
        if self._failed is not None:
            raise self._failed
        return (await self._trip(Asked(statement.sql, statement.values(values))))[-1]

    async def hoped(self, statement: Statement, values: Mapping[str, Any], *, means: Meaning | None = None) -> Found:
        """Queue a statement that fails if there is more to do; taken anew, ask."""
        if statement.hopeful is None or not self.hopes:
            return await super().hoped(statement, values, means=means)
        self._queue(Queued(Asked(statement.hopeful.sql, statement.hopeful.values(values)), means, None, True))
        return []

    async def write(
        self, statement: Statement, values: Mapping[str, Any], *, means: Meaning | None = None, then: Then | None = None
    ) -> None:
        """Queue a statement: it goes with the next trip, the last of which is the commit."""
        self._queue(Queued(Asked(statement.sql, statement.values(values)), means, then))

    async def execute(self, query: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement of SQLAlchemy's on the same connection, in the same transaction."""
        await self._settle()
        if not self._autocommit:  # the transaction is begun and ended here
            await self.connection.execution_options(isolation_level="AUTOCOMMIT")
            self._autocommit = True
        return await self.connection.execute(query, parameters)

    async def finish(self, last: Asked | None = None, *, keep: bool = True) -> None:
        """End it: what is still to be written, the commit, and a read behind it, which may fail by itself.

        Without `keep` nothing of it stays: the step was taken before, and what the opening has counted counts not.
        """
        if self._failed is not None:
            raise self._failed
        count = (not self.begun) + len(self._queued)
        answer = await self._send(Asked("commit" if keep else "rollback"), *([last] if last else ()))
        if answer.unconfirmed:
            raise OutcomeUnknown
        if answer.error is not None:
            log.info("a read behind a commit failed", error=type(answer.error).__name__)
        elif last is not None and len(answer.rows) > count + 1 and answer.rows[-1]:
            self.shown = next(iter(answer.rows[-1][0].values()))

    async def leave(self, raw: Any) -> None:
        """Tell asyncpg that its connection is in no transaction, where it has seen one."""
        if self._autocommit:
            await raw.execute("select")

    async def roll_back(self, raw: Any) -> None:
        """Undo what was begun."""
        if self.begun:
            await self.wire.send([Asked("rollback")])
            await self.leave(raw)

    def _queue(self, one: Queued) -> None:
        if self._failed is not None:
            raise self._failed
        self._queued.append(one)

    async def _open(self) -> None:
        """The first message; what fails in it is told when it is asked for."""
        asked = [Asked(one.ahead.made.sql, one.ahead.made.values({**self.given, **one.said})) for one in self._foreseen]
        answer = await self.wire.send([Asked("begin"), *asked])
        self.begun = True
        self._failed = answer.error
        for one, rows in zip(self._foreseen, answer.rows[1:], strict=False):
            one.rows = self.answered[one.ahead.name] = rows
        for row in self.answered.get(APPLICATION, ()):
            self.learn(row["id"], row["kind"])

    async def _settle(self) -> None:
        """Begin, and write what is to be written, before anything else is asked."""
        if self._foreseen and not self.begun:
            await self._open()
        if self._failed is not None:
            raise self._failed
        if self._queued or not self.begun:
            await self._trip()

    async def _trip(self, *asked: Asked) -> list[list[Mapping[str, Any]]]:
        answer = await self._send(*asked)
        if answer.error is not None:
            raise answer.error
        return answer.rows

    async def _send(self, *asked: Asked) -> Answer:
        """The answer to what is queued and to these; an error of what is queued has its own meaning."""
        queued, self._queued = self._queued, []
        first = [] if self.begun else [Asked("begin")]
        try:
            answer = await self.wire.send([*first, *(one.asked for one in queued), *asked])
        except asyncio.CancelledError as cut:
            if asked and asked[0].sql == "commit":  # it may be done: who asks again with the same key finds it
                raise OutcomeUnknown from cut
            raise
        except ConnectionError as lost:
            if asked and asked[0].sql == "commit" and not isinstance(lost, Unsent):
                raise OutcomeUnknown from lost
            raise
        self.begun = True
        done = answer.rows[len(first) :]
        for one, rows in zip(queued, done, strict=False):
            if one.then is not None:
                one.then(rows)
        if answer.error is not None and len(done) < len(queued):
            self._failed = answer.error
            raise meant(queued[len(done)], answer.error)
        if answer.error is not None and asked and asked[0].sql in _ENDS and len(done) == len(queued):
            raise answer.error  # the commit itself: a deferred constraint
        return answer


@asynccontextmanager
async def begin_step(db: Database, *, hopes: bool = True) -> AsyncIterator[StepTx]:
    """A transaction for one step; whoever uses it ends it with `finish`, or it is rolled back."""
    async with db.lent() as connection:
        fairy = await connection.get_raw_connection()
        raw: Any = fairy.driver_connection
        wire: Wire = fairy.info.get("wire") or fairy.info.setdefault("wire", Wire(raw))
        tx = StepTx(connection, db.keyring, db.kept, db.clock, wire=wire, hopes=hopes)
        try:
            yield tx
            await tx.leave(raw)
        except BaseException:
            if wire.broken:
                await connection.invalidate()
            elif not raw.is_closed():
                await asyncio.shield(asyncio.ensure_future(tx.roll_back(raw)))
            raise
    db.tell(tx)
