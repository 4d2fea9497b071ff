"""The viewer as SQL: the one argument that a scope takes, and the key under which a statement made for her is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, bindparam, cast, func, literal, null, or_
from sqlalchemy.types import TypeEngine

from rules.errors import NotAllowed, Words, listed_words
from rules.people import Actor, Party, Role, require, require_active


@dataclass(frozen=True)
class ViewerKey:
    """The facts of a viewer that shape a statement; whatever else a scope reads of her is SQL."""

    party: Party | None
    active: bool
    limited: bool = False
    ward_only: bool = False

    @classmethod
    def of(cls, actor: Actor) -> ViewerKey:
        """The key of one signed-in viewer."""
        return cls(actor.party, actor.active, actor.units is not None, actor.ward_only)


Shown = Callable[[str, TypeEngine[Any]], ColumnElement[Any]]
"""The way from a fact of the viewer, by name and type, to its expression in a statement."""

VIEWER: Final[Mapping[str, tuple[TypeEngine[Any], Callable[[Actor | None], Any]]]] = {
    "viewer_account_id": (Uuid(), lambda actor: actor and actor.account_id),
    "viewer_party_id": (Uuid(), lambda actor: actor and actor.party_id),
    "viewer_nurse_id": (Uuid(), lambda actor: actor and actor.nurse_id),
    "viewer_path": (Text(), lambda actor: actor and actor.path),
    "viewer_roles": (Text(), lambda actor: actor and " ".join(sorted(actor.roles))),
    "viewer_areas": (Text(), lambda actor: actor and " ".join(actor.areas)),
    "viewer_units": (Text(), lambda actor: actor and " ".join(sorted(map(str, actor.units or ())))),
}
"""The parameters of the viewer; her roles are one text, since a batch of viewers cannot be an array of arrays, and so
are the units (科室病区) that she is limited to."""


@dataclass(frozen=True, eq=False)
class ScopeViewer:
    """A viewer as scopes see her: her key is plain, everything else is an SQL expression."""

    key: ViewerKey
    account_id: ColumnElement[UUID]
    party_id: ColumnElement[UUID]
    nurse_id: ColumnElement[UUID]
    path: ColumnElement[str]
    roles: ColumnElement[str]
    area_names: ColumnElement[str]
    unit_ids: ColumnElement[str]

    @property
    def limited(self) -> bool:
        """True if she is limited to units (科室病区) of her institution."""
        return self.key.limited

    @property
    def ward_only(self) -> bool:
        """True for a ward head (护士长) without another role, as `Actor.ward_only` says it."""
        return self.key.ward_only

    @property
    def units(self) -> ColumnElement[Any]:
        """The units that she is limited to."""
        return cast(func.string_to_array(self.unit_ids, " "), ARRAY(Uuid()))

    @property
    def areas(self) -> ColumnElement[Any]:
        """The areas that she belongs to, as `Actor.areas` says it."""
        return cast(func.string_to_array(self.area_names, " "), ARRAY(Text()))

    @property
    def party(self) -> Party | None:
        """The end of the system that she speaks for."""
        return self.key.party

    @property
    def active(self) -> bool:
        """True if her account is active."""
        return self.key.active

    def has(self, role: Role) -> ColumnElement[bool]:
        """The condition that she holds a role, as `Actor.has` says it."""
        held = any_(func.string_to_array(self.roles, " "))
        named = literal(role.value, Text()) == held
        return or_(named, literal(Role.MANAGER.value, Text()) == held) if role is Role.OPERATOR else named


def key_of(actor: Actor | None) -> ViewerKey | None:
    """The key under which statements for this viewer are kept."""
    return None if actor is None else ViewerKey.of(actor)


def as_parameter(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """A fact of the viewer as a parameter, so that one statement serves everybody of her key."""
    return bindparam(name, type_=kind)


def shared(key: ViewerKey, shown: Shown = as_parameter) -> ScopeViewer:
    """The viewers of this key: no other fact of a viewer can get into the statement."""
    return ScopeViewer(key, *(shown(name, kind) for name, (kind, _) in VIEWER.items()))


def single(actor: Actor) -> ScopeViewer:
    """This one viewer, with her facts as values: for a statement that is run once."""
    facts = (_value(read(actor), kind) for kind, read in VIEWER.values())
    return ScopeViewer(ViewerKey.of(actor), *facts)


def _value(value: Any, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    return cast(null(), kind) if value is None else literal(value, kind)


@dataclass(frozen=True)
class Readers:
    """The people who may ask for a list at all: active accounts of these parties with one of these roles; everybody if
    neither is named. Anybody else is refused; the list's scope decides the rows. A nurse whose account is not active
    yet may ask for what nurses may; a ward head without another role reads no list of records (`records`).
    """

    parties: tuple[Party, ...] = ()
    roles: tuple[Role, ...] = ()
    records: bool = False

    def require(self, actor: Actor) -> None:
        """Raise NotAllowed unless she is one of them."""
        if self.parties and actor.party not in self.parties:
            zh, en = listed_words(self.parties)
            raise NotAllowed("NOT_ALLOWED", Words(f"该列表仅供{zh}账户查看", f"This list is for accounts of: {en}."))
        if self.parties:
            require_active(actor)
        if self.records and actor.ward_only:
            raise NotAllowed("WARD_NURSES_ONLY", WARD_NURSES_ONLY)
        if self.roles:
            early = actor.party is Party.NURSE and Role.NURSE in self.roles
            require(replace(actor, active=actor.active or early), *self.roles)


WARD_NURSES_ONLY: Final = Words(
    "护士长不能查看护士档案和业务，本病区护士请在“病区护士”中查看",
    "A ward head reads no records and no applications: the nurses of the ward are in wardNurses.",
)
EVERYBODY: Final = Readers()
"""Everybody who is signed in."""
NURSES: Final = Readers(roles=(Role.NURSE,))
"""Nurses, before their account is active too: nobody else has anything of her own to list."""
STAFF: Final = Readers((Party.INSTITUTION, Party.AUTHORITY))
"""People who work for an institution or an authority: the others have no rows of people to list."""
RECORDS: Final = replace(STAFF, records=True)
"""Those of them who read records."""


class Visibility(Enum):
    """The viewers who see a field among those who may read its row."""

    READER = auto()  # whoever may read the row
    STAFF = auto()  # institutions and authorities, not the nurse
    COLLEAGUE = auto()  # those of the same institution or authority as whom it tells of

    def sees(self, viewer: ScopeViewer | None) -> bool:
        """True if the field shows to this viewer at all."""
        staff = viewer is not None and viewer.party in (Party.INSTITUTION, Party.AUTHORITY)
        return self is Visibility.READER or staff
