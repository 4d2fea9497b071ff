"""Global ids: base64(`Type:uuid`), and the interface of everything that has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import strawberry
from strawberry.relay.utils import from_base64, to_base64

from rules.errors import FieldProblem, Invalid, NotFound, Words
from rules.ticket import require_all

BY_ID = frozenset(
    {
        *(
            "Account",
            "Announcement",
            "Application",
            "ApplicationBatch",
            "Authority",
            "CertificateBlank",
            "CollectiveFiling",
        ),
        *("ConductRecord", "DeadLetter", "Departure", "Deputyship", "Dispatch", "InformationChange", "Institution"),
        *("Interruption", "Investigation", "KeyFactRequest", "Look", "LookComplaint", "MaterialRequirement", "Nurse"),
        *("Proposal", "Question", "RecoveryRequest", "Registration", "RosterCheck", "Unit"),
    }
)
"""The nouns that can be read again by their global id."""


@strawberry.interface
class Node:
    """Anything with a global id, to be read again by `node(id)`."""

    id: strawberry.ID = strawberry.field(description="Global id, the same wherever this object appears.")
    row_version: int = strawberry.field(
        description="How often this object's own row was changed, leases included, from 1 on: of two copies the one "
        "with the higher number is the newer, in whatever order answers and feeds arrive. What today's date or "
        "another object tells does not count: that object has its own."
    )


def global_id(noun: str, key: UUID) -> strawberry.ID:
    """The global id of a noun's row."""
    return strawberry.ID(to_base64(noun, str(key)))


def key_of(noun: str, given: str) -> UUID:
    """The key behind a global id of this noun; anything else is NotFound, as a strange id is."""
    found = parsed(given)
    if found is None or found[0] != noun:
        raise NotFound
    return found[1]


def _of(other: str, noun: str) -> Words:
    return Words(
        f"此处须用“{noun}”的编号，而这是“{other}”的编号", f"This takes the id of a {noun}, and it is of a {other}."
    )


def keys_of(noun: str, given: Sequence[str], path: str = "ids") -> tuple[UUID, ...]:
    """The keys behind a list of global ids at a path; refuses each that is of another noun, and of none."""
    others = [(place, found[0]) for place, one in enumerate(given) if (found := parsed(one)) and found[0] != noun]
    if others:
        raise Invalid(
            *(FieldProblem(f"{path}.{place}", "ID_OF_ANOTHER_NOUN", _of(other, noun)) for place, other in others)
        )
    keys = [found[1] if (found := parsed(one)) and found[0] == noun else None for one in given]
    known = tuple(key for key in keys if key is not None)
    require_all(keys, known, path=path)
    return known


def parsed(given: str) -> tuple[str, UUID] | None:
    """The noun and key of a global id, or None where it is not one."""
    try:
        noun, key = from_base64(given)
        return noun, UUID(key)
    except ValueError:
        return None


def fields(noun: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the fields of its type."""
    return {**row, "id": global_id(noun, row["id"])}
