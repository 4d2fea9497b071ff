"""One way through a step: who asks, whether it was carried out before, the rows its rules read, its change, its news.

A step is a command: a frozen dataclass whose fields are what somebody asks for. Its class says the rest: the rows that
its rules read, the tables that it writes, and what it does. The opening is here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import IntEnum
from hashlib import sha256
from typing import Any, ClassVar, Final, Generic, Self, TypeVar
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from db import audit, idempotency, news
from db import session as sessions
from db.feed.event import Addressed
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RegistryError
from rules.events import ON_BEHALF_OF
from rules.people import SYSTEM, Actor
from rules.record_merge import MergedInto

ANYBODY: Final = UUID(int=0)
"""The client of the retry keys that come without a sign-in."""
USUAL: Final[frozenset[type[RegistryError]]] = frozenset({Conflict, Invalid, NotAllowed, NotFound})
"""The refusals of most steps."""
Asked_contra = TypeVar("Asked_contra", bound="Command", contravariant=True)
Taken_co = TypeVar("Taken_co", bound="Command", covariant=True)
Wanted = TypeVar("Wanted", bound="Command")
Rows = TypeVar("Rows")
Rows_co = TypeVar("Rows_co", covariant=True)


class Lock(IntEnum):
    """The order in which every step locks rows, so that two steps never deadlock."""

    REQUEST = 0  # a request, a proposal, a collective filing: before what it is about
    APPLICATION = 1
    NURSE = 2
    REGISTRATION = 3
    PLACE = 4
    ACCOUNT = 5
    NONE = 9  # rows that are read without a lock, once all locks are held


@dataclass(frozen=True, eq=False, slots=True)
class Read(Generic[Asked_contra, Rows_co]):
    """Rows that the rules of a step read: how they are asked for, and their place in the order of the locks."""

    lock: Lock
    ask: Callable[[Underway[Asked_contra]], Awaitable[Rows_co]]


class read:
    """A decorator that declares what a function asks for as rows that the rules of a step read."""

    def __init__(self, lock: Lock = Lock.NONE) -> None:
        self._lock = lock

    def __call__(self, ask: Callable[[Underway[Asked_contra]], Awaitable[Rows]]) -> Read[Asked_contra, Rows]:
        """The declared rows, by which a step finds what was read."""
        return Read(self._lock, ask)


UNKEPT: Final = {"kept": False}
"""The metadata of a field that does not make it another request: what was worked out from the others, as a hash."""


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Command:
    """Somebody's wish to have one step taken; each step has a class of its own.

    The class is named as its mutation: `StaffInvite` is `staffInvite` in the schema, for retry keys and in the audit
    trail. Two commands with equal fields are the same request.
    """

    idempotency_key: str | None = None
    reads: ClassVar[tuple[Read[Any, Any], ...]] = ()
    """The rows that the rules read."""
    writes: ClassVar[frozenset[str]] = frozenset()
    """The tables that the step writes, besides retry keys, audit trail, events with their notices, and sessions."""
    refuses: ClassVar[frozenset[type[RegistryError]]] = USUAL
    """The refusals that the step can have; its mutation names these and no others."""
    audited: ClassVar[bool] = True
    """True where the audit trail keeps the step."""

    @classmethod
    def mutation(cls) -> str:
        """The name of the step: of its mutation, its retry keys, and its entries in the audit trail."""
        return cls.__name__[0].lower() + cls.__name__[1:]

    @property
    def subject(self) -> UUID | None:
        """The id of the row that the step moves; None where it makes a new one."""
        return None

    def content(self) -> bytes:
        """The request as bytes, without its retry key: equal for equal requests."""
        kept = (one.name for one in fields(self) if one.name != "idempotency_key" and one.metadata.get("kept", True))
        return orjson.dumps({name: getattr(self, name) for name in kept}, _plain, _OPTIONS)

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """Lock what this step must have locked before its own session; most steps lock nothing."""

    async def take(self, step: Underway[Self]) -> None:
        """Judge the rows that were read, and write what the step changes; what is refused is raised."""
        raise NotImplementedError


_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_NON_STR_KEYS


def _plain(value: Any) -> Any:
    """A value that JSON does not know; a nested object says of which class it is."""
    match value:
        case bytes():
            return sha256(value).hexdigest()
        case set() | frozenset():
            return sorted(value)
        case Mapping():
            return dict(value)
    if is_dataclass(value):
        return [type(value).__name__, {one.name: getattr(value, one.name) for one in fields(value)}]
    return str(value)


@dataclass(slots=True)
class Underway(Generic[Taken_co]):
    """A step under way: who takes it, the rows that were read for it, and what it leaves behind."""

    tx: Tx
    actor: Actor
    command: Taken_co
    key: UUID
    """The id of what the step makes or moves; a step that finds it by other means sets it."""
    rows: dict[Read[Any, Any], Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    """Ids and codes for the audit trail, never a name, a number or a secret."""
    nurse_id: UUID | None = None
    """The nurse whom the audit trail names."""
    news: list[Addressed] = field(default_factory=list)
    """The events of the step, for each party; recorded last."""
    by: UUID | None = None
    """The account that the audit trail names: the actor's, or whose account a step without a sign-in was about."""
    repeated: bool = False
    """True where this very request was carried out before; then nothing was read and nothing is left behind."""

    def __post_init__(self) -> None:
        if self.actor.party is not None:
            self.by = self.actor.account_id

    def __getitem__(self, rows: Read[Taken_co, Rows]) -> Rows:
        """The rows of one declared read."""
        found: Rows = self.rows[rows]
        return found

    async def read(self, *reads: Read[Any, Any]) -> None:
        """Read rows in the order of the locks."""
        for one in sorted(reads, key=lambda each: each.lock):
            self.rows[one] = await one.ask(self)


async def take(db: Database, session: Session, command: Command) -> UUID:
    """Takes a step for somebody who is signed in; gives the id of what it has made or moved.

    The same request under the same retry key is carried out once. Raises Unauthenticated where the session has ended,
    Conflict where the retry key came with another request, and whatever the rules refuse.
    """
    return (await taken(db, session, command)).key


async def taken(db: Database, session: Session, command: Wanted) -> Underway[Wanted]:
    """Takes a step in the same way; gives all of it, for an answer of more than an id."""
    try:
        return await _taken(db, session, command, command.content)
    except MergedInto as found:
        # What was asked for is the same request, whichever of her records it names.
        return await _taken(db, session, _of_kept(command, found.kept_id), command.content)


async def _taken(db: Database, session: Session, command: Wanted, content: Callable[[], bytes]) -> Underway[Wanted]:
    async with db.begin() as tx:
        await command.lock_first(tx, session)
        actor = await sessions.require(tx, session)
        return await _once(tx, actor, command, actor.account_id, content)


def _of_kept(command: Wanted, kept_id: UUID) -> Wanted:
    """The same wish about the record that stands for a merged one."""
    named = {one.name for one in fields(command)}
    wish: Any = command
    return replace(wish, nurse_id=kept_id) if "nurse_id" in named else command


async def take_unsigned(db: Database, command: Wanted) -> Underway[Wanted]:
    """Takes a step for somebody without a sign-in, in the same way."""
    async with db.begin() as tx:
        await tx.ask_time()
        return await _once(tx, SYSTEM, command, ANYBODY, command.content)


async def _once(tx: Tx, actor: Actor, command: Wanted, client: UUID, asked: Callable[[], bytes]) -> Underway[Wanted]:
    """The step, carried out unless this very request was before."""
    step = Underway(tx, actor, command, command.subject or uuid7())
    began_with, retry = step.key, idempotency.Key(client, command.mutation(), command.idempotency_key)
    content = b"" if retry.text is None else asked()
    earlier = await idempotency.earlier(tx, retry, content, step.key)
    if earlier is not None:
        step.key, step.repeated = earlier, True
        return step
    await carry_out(step)
    if step.key != began_with:
        await idempotency.settle(tx, retry, step.key)
    return step


async def carry_out(step: Underway[Any]) -> None:
    """A step in a transaction that is open already: its reads, its rules and changes, the audit trail, its news."""
    await step.read(*step.command.reads)
    await step.command.take(step)
    absent = step.actor.on_behalf_of
    if absent is not None:  # whatever a deputy does says for whom
        step.detail["onBehalfOf"] = absent
        step.news = [replace(one, body={**one.body, ON_BEHALF_OF: str(absent)}) for one in step.news]
    if step.command.audited:
        await audit.record(step.tx, step.command.mutation(), step.by, step.detail, nurse_id=step.nurse_id)
    await news.tell(step.tx, step.news)


async def was_taken(db: Database, session: Session | None, command: Command) -> UUID | None:
    """The result of this very request where it was carried out before, for steps that are judged outside as well.

    Raises Conflict where the retry key came with another request.
    """
    async with db.begin() as tx:
        client = ANYBODY if session is None else (await sessions.require(tx, session)).account_id
        retry = idempotency.Key(client, command.mutation(), command.idempotency_key)
        seen = await idempotency.seen(tx, retry, command.content())
        return await idempotency.result(tx, retry) if seen else None
