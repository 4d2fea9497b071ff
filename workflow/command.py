"""A step as it is declared: a command, the rows that its rules read, and what it leaves behind.

A command is a frozen dataclass whose fields are what somebody asks for. Its class says the rest: the rows that its
rules read, the tables that it writes, and what it does. It is carried out in one way: `workflow/step.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Any, ClassVar, Final, Generic, Self, TypeVar
from uuid import UUID

import orjson

from db.feed.event import Addressed
from db.session import Session
from db.store.ahead import Ahead
from db.store.engine import Tx
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, NotFound, RegistryError
from rules.people import Actor

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
    CERTIFICATE = 6
    BLANK = 7
    NONE = 9  # rows that are read without a lock, once all locks are held


@dataclass(frozen=True, eq=False, slots=True)
class Read(Generic[Asked_contra, Rows_co]):
    """Rows that the rules of a step read: how they are asked for, and their place in the order of the locks.

    `ahead` are the statements of it that are sent with the opening.
    """

    lock: Lock
    ahead: tuple[Ahead, ...]
    ask: Callable[[Underway[Asked_contra]], Awaitable[Rows_co]]


class read:
    """A decorator that declares what a function asks for as rows that the rules of a step read."""

    def __init__(self, lock: Lock = Lock.NONE, *ahead: Ahead) -> None:
        self._lock, self._ahead = lock, ahead

    def __call__(self, ask: Callable[[Underway[Asked_contra]], Awaitable[Rows]]) -> Read[Asked_contra, Rows]:
        """The declared rows, by which a step finds what was read."""
        return Read(self._lock, self._ahead, ask)


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
    ahead: ClassVar[tuple[Ahead, ...]] = ()
    """The reads of its change, sent with the opening."""
    foreseen: ClassVar[bool] = False
    """True for a step in two messages to the database."""
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

    @property
    def notices(self) -> bool:
        """True where the nurse whose application it is may be written to."""
        return False

    def said(self) -> Mapping[str, object]:
        """The parameters that the command gives its opening, for the reads that are asked for ahead."""
        return {"opening_named": None, "opening_names": False}

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """A problem with its path from the mutation's input; most rules say it so already."""
        return problem

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
    shown: bytes | None = None
    """The answer of a read that went behind the commit, where one was asked for and has come."""
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
