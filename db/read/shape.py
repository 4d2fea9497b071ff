"""The shape of each noun, declared once: field -> column and its visibility, link -> key.

The keys are GraphQL names; a test compares them with the schema. A field that is not declared here cannot be read.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Text, case, cast, func, literal, null, select
from sqlalchemy.sql.elements import KeyedColumnElement

from db.read import scope
from db.read.viewer import ScopeViewer, Visibility
from db.store.keys import Keyring
from db.store.keys import Sealed as SealedText
from db.store.tables import feed_scope

Scope = Callable[[ScopeViewer | None], ColumnElement[bool]]


@dataclass(frozen=True)
class One:
    """The noun whose key stands in the column `key` of this row.

    `within` is what restricts those rows for somebody who sees this one, where that is less than their own scope:
    a nurse's registration is seen by whoever sees the nurse.
    """

    noun: str
    key: str
    within: Scope | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the row that the link reads."""
        return (self.key,)


@dataclass(frozen=True)
class Many(One):
    """The newest rows of a noun that belong to the key in the column `key`; the argument `first` says how many."""


@dataclass(frozen=True)
class JsonUnion:
    """An object inside the JSON column `key`, whose GraphQL type the column `tells` says."""

    key: str
    tells: str
    types: Mapping[str, str]

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the row that the object is made of."""
        return (self.key, self.tells)


@dataclass(frozen=True)
class JsonObject:
    """An object inside the JSON column `key`, of one GraphQL type."""

    key: str
    type: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the row that the object is made of."""
        return (self.key,)


@dataclass(frozen=True)
class SameRow:
    """This very row, shown as another noun."""

    noun: str


@dataclass(frozen=True)
class Computed:
    """A value that Python makes of what `facts` says about the row with the key in the column `key`.

    A personal one is another for each person, even where two may read the same rows.
    """

    placeholder: str
    key: str
    facts: Callable[[ColumnElement[Any]], ColumnElement[Any]]
    personal: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the row that the value is made of."""
        return (self.key,)


@dataclass(frozen=True)
class FeedPosition:
    """The position of the viewer's own feed, read in the same snapshot as the row."""


@dataclass(frozen=True)
class Sealed:
    """A value inside a sealed column, as `sealed` selects it: Python opens it after the statement.

    `read` takes the value out of what was sealed for `purpose`, and of what the row says about it in the clear.
    """

    purpose: str
    read: Callable[[str, str], Any]
    key: str = "sealed"

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the row that the value is made of."""
        return (self.key,)

    def opened(self, keyring: Keyring, text: str) -> Any:
        """The value, from the text that `sealed` has selected."""
        about, _, rest = text.partition(" ")
        key_id, _, body = rest.rpartition(" ")
        return self.read(about, keyring.unseal(SealedText(key_id, b64decode(body)), self.purpose))


Link = One | JsonUnion | JsonObject | SameRow | FeedPosition | Computed | Sealed


@dataclass(frozen=True)
class Shape:
    """One noun: its rows, who may read them, and its fields. `keys` are columns that links need.

    `alone` is the source without what only the scope needs. Where the rows are of several GraphQL types, `types`
    says which, by the value of the column `tells`. `party` is whose people a field for colleagues tells of.
    `stands_for` gives the key of the row that stands for a row of old (合并档案), where somebody names it.
    """

    source: FromClause
    key: KeyedColumnElement[Any]
    scope: Scope
    fields: Mapping[str, ColumnElement[Any]]
    keys: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    who: Mapping[str, Visibility] = field(default_factory=dict)
    newest_first: KeyedColumnElement[Any] | None = None
    alone: FromClause | None = None
    links: Mapping[str, Link] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    tells: str = ""
    party: ColumnElement[Any] | None = None
    stands_for: Callable[[ColumnElement[Any]], ColumnElement[Any]] | None = None

    def column(self, name: str) -> ColumnElement[Any]:
        """A column by its Python name, whether it is shown or only linked by."""
        return self.keys[name] if name in self.keys else next(c for n, c in self.fields.items() if snake(n) == name)

    def shown(self, name: str, viewer: ScopeViewer | None) -> ColumnElement[Any]:
        """A field as one viewer sees it: null where it is hidden from her."""
        who, column = self.who.get(name, Visibility.READER), self.fields[name]
        if viewer is None or not who.sees(viewer):
            return column if who is Visibility.READER else null()
        if who is not Visibility.COLLEAGUE:
            return column
        assert self.party is not None
        return case((scope.colleagues(viewer, self.party), column))

    def columns(self, viewer: ScopeViewer | None) -> list[ColumnElement[Any]]:
        """The select list for one viewer, labelled with Python names; a hidden field is null."""
        shown = [self.shown(name, viewer).label(snake(name)) for name in self.fields]
        stands = [feed_position(viewer).label(FEED_PLACE)] if FeedPosition() in self.links.values() else []
        return [*shown, *(column.label(name) for name, column in self.keys.items()), *stands]

    def opened(self, keyring: Keyring, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row of `columns` with what is sealed in it opened."""
        sealed = {name: link for name, link in self.links.items() if isinstance(link, Sealed)}
        if not sealed:
            return row
        plain = {name: value for name, value in row.items() if name != "sealed"}
        return plain | {snake(name): link.opened(keyring, row[link.key]) for name, link in sealed.items()}


FEED_CURSOR: Final = "c"
"""The placeholder of a feed cursor to be written: scope, number and id of the event follow, with colons between."""
FEED_PLACE: Final = "feed_place"
OPEN_STEPS: Final = "s"
"""The placeholder of the steps open to the viewer: what the rules need of the application follows."""
CHANGE_STEPS: Final = "i"
"""The same of the steps on a change of information."""
OPENED: Final = "o"
"""The placeholder of a sealed value to be opened: its noun and field follow, and what `sealed` selects."""
WORDED: Final = "w"
"""The placeholder of a text in the reader's language: the text in each follows, as base64 of JSON."""


NEVER_CHANGED: Final = literal(1)
"""The version of a row that is written once."""


def feed_position(viewer: ScopeViewer | None) -> ColumnElement[Any]:
    """The position of the viewer's feed, of which a feed cursor is made; null for an anonymous viewer."""
    if viewer is None:
        return null()
    own = scope.feed(viewer)
    stand = select(_numbered(feed_scope.c.seq, feed_scope.c.last_id)).where(feed_scope.c.scope == own)
    return cast(own, Text()).concat(":").concat(func.coalesce(stand.scalar_subquery(), _numbered(literal(0), null())))


def place(scope: Any, seq: ColumnElement[Any], event_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """A place in a scope's feed, of which a feed cursor is made: after this event."""
    return cast(scope, Text()).concat(":").concat(_numbered(seq, event_id))


def _numbered(seq: ColumnElement[Any], event_id: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(seq, Text()).concat(":").concat(func.coalesce(cast(event_id, Text()), ""))


def last(scope: Any) -> ColumnElement[Any]:
    """The number of a scope's last event."""
    return func.coalesce(select(feed_scope.c.seq).where(feed_scope.c.scope == scope).scalar_subquery(), 0)


def last_id(scope: Any) -> ColumnElement[Any]:
    """The id of a scope's last event, also when that one is no longer kept."""
    return select(feed_scope.c.last_id).where(feed_scope.c.scope == scope).scalar_subquery()


def global_id(noun: str, key: ColumnElement[Any]) -> ColumnElement[Any]:
    """base64(`Type:uuid`), as graph.schema.node writes it."""
    return func.encode(func.convert_to(literal(f"{noun}:").concat(key.cast(Text())), "UTF8"), "base64")


def snake(name: str) -> str:
    """`validUntil` is `valid_until` in Python."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def plain(table: FromClause, *names: str) -> dict[str, ColumnElement[Any]]:
    """Columns by their GraphQL names."""
    return {name: table.c[snake(name)] for name in names}


def worded(titles: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text in each language, as JSON, for the placeholder of the reader's."""
    return base64(func.convert_to(titles, "UTF8"))


def base64(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Bytes as base64 in one line."""
    return func.translate(func.encode(text, "base64"), "\n", "")


def sealed(about: ColumnElement[Any], key_id: ColumnElement[Any], body: ColumnElement[Any]) -> ColumnElement[Any]:
    """A sealed column with the id of its key, and one word about it in the clear, as `Sealed` reads them."""
    return about.concat(" ").concat(key_id).concat(" ").concat(base64(body))
