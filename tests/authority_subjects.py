"""How to ask for each object of the authorization matrix: one document a section, the same for everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from db.cursor import Cursors
from graph.root import schema
from graph.schema.node import global_id
from tests.authority_matrix import Section
from tests.authority_stage import Stage
from tests.world import Person

Pick = Callable[[Any], Any]


@dataclass(frozen=True)
class Subject:
    """A document with a place for the fields, the object in its answer, and who "the nurse" is."""

    document: str
    pick: Pick
    nurse: Person | None = None
    variables: Callable[[Person | None], Mapping[str, Any]] = field(default=lambda person: {})


def fields_of(kind: str) -> dict[str, str]:
    """Each field of a type, as it is selected."""
    found = schema._schema.type_map[kind]
    assert isinstance(found, GraphQLObjectType)
    leaf = {name: is_leaf_type(get_named_type(one.type)) for name, one in found.fields.items()}
    return {name: name if leaf[name] else f"{name} {{ __typename }}" for name in leaf}


def _by_id(noun: str, key: UUID, nurse: Person | None = None, inside: str = "%s", pick: Pick = lambda it: it) -> Subject:
    document = f'{{ it: node(id: "{global_id(noun, key)}") {{ ... on {noun} {{ {inside} }} }} }}'
    return Subject(document, lambda data: data["it"] and pick(data["it"]), nurse)


def _first(name: str) -> Pick:
    return lambda it: next(iter(it[name]), None)


def _decision(stage: Stage, stage_name: str, outcome: str) -> Subject:
    def pick(it: Any) -> Any:
        found = [one for one in it["decisions"] if (one["_stage"], one["_outcome"]) == (stage_name, outcome)]
        return found[0] if found else None

    inside = "decisions { _stage: stage _outcome: outcome %s }"
    return _by_id("Application", stage.ids["under decision"], stage.cast.nurse, inside, pick)


def _roots(stage: Stage) -> Subject:
    application, nurse = stage.ids["under decision"], global_id("Nurse", stage.cast.nurse_id)
    arguments = {
        "node": f'(id: "{nurse}")',
        "nodes": f'(ids: ["{nurse}"])',
        "nurse": f'(id: "{nurse}")',
        "application": f'(id: "{global_id("Application", application)}")',
        "institution": f'(id: "{global_id("Institution", stage.cast.hospital)}")',
    }
    asked = [name + arguments.get(name, "") + " { __typename }" for name in fields_of("Query")]
    return Subject("{ " + " ".join(asked) + " }", lambda data: data, stage.cast.nurse)


def _page(inside: str, *path: str) -> Subject:
    def pick(data: Any) -> Any:
        found = data["pendingReviews"]
        for name in path:
            found = found[name][0] if isinstance(found[name], list) else found[name]
        return found

    return Subject(f"{{ pendingReviews {{ {inside} }} }}", pick)


def _event(stage: Stage, kind: str) -> Subject:
    """The nurse's own event of this type, in the feed of whoever asks."""
    story = {global_id("Application", key) for name, key in stage.ids.items() if name == "under decision"}

    def pick(data: Any) -> Any:
        named = [one for one in data["events"]["nodes"] if one["__typename"] == kind]
        mine = [one for one in named if one["_nurse"] and one["_nurse"]["nurseName"] and _of(stage, one["_nurse"])]
        return (mine or [None])[0]

    assert story
    about = "_nurse: application { nurseName nurse { id } }"
    document = f"{{ events(first: 100) {{ nodes {{ __typename ... on {kind} {{ {about} %s }} }} }} }}"
    return Subject(document, pick, stage.cast.nurse)


def _of(stage: Stage, application: Any) -> bool:
    nurse = application["nurse"]
    return bool(nurse) and nurse["id"] == global_id("Nurse", stage.cast.nurse_id)


def _feed(stage: Stage, kind: str, cursors: Cursors) -> Subject:
    """The first message of this type, after the very beginning of one's own feed."""

    def after(person: Person | None) -> Mapping[str, Any]:
        scope = person.actor.party_id if person else None
        return {"after": cursors.write(scope or UUID(int=0), 0)}

    document = f"subscription($after: String) {{ it: pendingReviewFeed(after: $after) {{ __typename ... on {kind} {{ %s }} }} }}"
    return Subject(document, lambda data: data["it"], None, after)
