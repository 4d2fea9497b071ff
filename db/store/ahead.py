"""Reads that are asked for ahead: their parameters are said with the step, or found by the database itself.

A step reads her entry by the nurse of the application that it locked just before. To ask for both in one message the
parameter is a subselect. What the step then asks for in Python is compared with what was asked ahead, and only equal
questions have that answer: a declaration that is wrong costs a trip and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol, TypeAlias

from sqlalchemy import BindParameter, Boolean, ColumnElement, Date, DateTime, LargeBinary, Uuid, bindparam, cast, func
from sqlalchemy.sql.visitors import replacement_traverse

from db.store.statement import Statement

KEY: Final[BindParameter[Any]] = bindparam("opening_key", type_=Uuid())
"""The row that the step moves."""
TOKEN: Final[BindParameter[Any]] = bindparam("opening_token", type_=LargeBinary())
"""The digest of the token of the session."""
_NOW: Final[BindParameter[Any]] = bindparam("opening_now", type_=DateTime(timezone=True))
NAMED: Final[BindParameter[Any]] = bindparam("opening_named", type_=Uuid())
"""The institution that the step names, where it `NAMES` one or none."""
NAMES: Final[BindParameter[Any]] = bindparam("opening_names", type_=Boolean())
_OPENING: Final = ("opening_key", "opening_token", "opening_now", "opening_named", "opening_names")
NOW_SQL: Final[ColumnElement[Any]] = func.coalesce(_NOW, func.now())
"""The step's time: the database's, unless a test has a clock."""
TODAY_SQL: Final[ColumnElement[Any]] = cast(NOW_SQL, Date())


class Opened(Protocol):
    """A step's transaction once its opening is answered: by it Python finds what the database was asked with."""

    answered: dict[str, Sequence[Mapping[str, Any]]]
    given: dict[str, object]
    now: datetime

    @property
    def today(self) -> date:
        """The date of `now` in China."""

    def date_of(self, moment: datetime) -> date:
        """The date of a moment in China."""


@dataclass(frozen=True, slots=True)
class Said:
    """A parameter that the step's command says."""

    of: Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Sought:
    """A parameter that the database finds, and the same as Python finds it once the answers are there."""

    sql: ColumnElement[Any]
    of: Callable[[Opened], object]
    kinds: frozenset[str] | None = None
    """The kinds of application of which anything is asked; None: of all."""


Source: TypeAlias = Said | Sought
TODAY: Final = Sought(TODAY_SQL, lambda tx: tx.today)
NOW: Final = Sought(NOW_SQL, lambda tx: tx.now)


def always(_: object) -> bool:
    """Said of what is read whatever the command is."""
    return True


class Ahead:
    """One statement as it is asked ahead, with where each of its parameters comes from.

    By its `name` Python finds in its answer what others are asked with. `held`: it locks what it finds, and finding
    nothing it may have asked for nothing, since whose the row is was not known; then it is asked again.
    """

    def __init__(
        self,
        statement: Statement,
        *,
        name: str = "",
        held: bool = False,
        when: Callable[[Any], bool] = always,
        known: Callable[[Mapping[str, Any]], bool] = always,
        more: Mapping[str, Source] | None = None,
        **others: Source,
    ) -> None:
        sources = {**others, **(more or {})}
        if missing := set(statement.parameters) - set(sources):
            raise TypeError(f"nothing says where {sorted(missing)} come from")
        self.statement, self.sources = statement, sources
        self.name, self.held, self._when, self._known = name, held, when, known
        only = [one.kinds for one in sources.values() if isinstance(one, Sought) and one.kinds is not None]
        self.kinds = frozenset.intersection(*only) if only else None
        """The kinds of application of which it asks anything; None: of all."""
        self._said = [name for name, one in sources.items() if isinstance(one, Said)]
        self._made: Statement | None = None

    @property
    def made(self) -> Statement:
        """The statement with its subselects; made when it is first wanted."""
        if self._made is None:
            found = {name: one.sql for name, one in self.sources.items() if isinstance(one, Sought)}

            def put(element: Any, **_: object) -> ColumnElement[Any] | None:
                return found.get(element.key) if isinstance(element, BindParameter) else None

            source: Any = self.statement.source
            self._made = Statement(replacement_traverse(source, {}, put), (*self._said, *_OPENING))
        return self._made

    def wanted(self, command: object, kept: Mapping[str, Any], kind: str | None) -> bool:
        """True where the command reads it, by what the process knows; `kind` is None where it has not seen it."""
        return (kind is None or self.kinds is None or kind in self.kinds) and self._when(command) and self._known(kept)

    def said(self, command: object) -> dict[str, object]:
        """The parameters that the command says."""
        return {name: one.of(command) for name, one in self.sources.items() if isinstance(one, Said)}

    def answers(self, tx: Opened, said: Mapping[str, object], values: Mapping[str, Any]) -> bool:
        """True if it was asked ahead with the values that are wanted now."""
        try:
            return all(
                values[name] == (said[name] if isinstance(one, Said) else one.of(tx))
                for name, one in self.sources.items()
                if name in values
            )
        except (LookupError, AttributeError):
            return False
