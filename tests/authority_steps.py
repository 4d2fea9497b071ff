"""The mutations of the authorization matrix: what each needs, how to take it, and how to read the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import get_named_type

from graph.root import schema
from rules.application import State
from rules.form import form_to_json
from tests.authority_matrix import EVERYBODY, SECTIONS
from tests.authority_stage import FILLED, PASSWORD, QUICK_HASH, Stage, put
from tests.authority_subjects import fields_of
from tests.live import Client
from tests.world import TODAY, Cast, Person, World

STEPS: Final = next(section.cells for section in SECTIONS if section.types == ("Mutation",))
"""Of the first such section, which is about applications; the others are about accounts and places."""
TOLD: Final = {
    kind: [*section.cells] for section in SECTIONS for kind in section.types if EVERYBODY in section.cells.values()
}
RENEWAL: Final = {"healthStatus": "GOOD", "healthExaminedOn": TODAY.isoformat(), "department": "WARD", "title": "NURSE"}
FORM: Final = {"form": {"renewal": RENEWAL}}
MARK: Final = {"reasons": ["FIELD_INCOMPLETE"], "markedFields": ["department"]}
ANSWER: Final = {"form": {"renewal": form_to_json(FILLED)}, "confirmedFields": ["department"]}
ON: Final[Mapping[str, tuple[State, Mapping[str, Any]]]] = {
    "applicationSubmit": (State.DRAFT, {}),
    "applicationReturn": (State.INSTITUTION_REVIEW, MARK),
    "applicationForward": (State.INSTITUTION_REVIEW, {}),
    "applicationDecline": (State.INSTITUTION_REVIEW, {"reasons": ["LEAVING"]}),
    "applicationResubmit": (State.RETURNED, ANSWER),
    "applicationRequireCorrection": (State.AUTHORITY_INTAKE, MARK),
    "applicationSupplement": (State.CORRECTION_REQUIRED, ANSWER),
    "applicationAccept": (State.AUTHORITY_INTAKE, {}),
    "applicationRefuseIntake": (State.AUTHORITY_INTAKE, {"reasons": ["OUT_OF_COMPETENCE"]}),
    "applicationRecommend": (State.ACCEPTED, {"agrees": True}),
    "applicationApprove": (State.ACCEPTED, {}),
    "applicationReject": (State.ACCEPTED, {"reasons": ["CONDITIONS_NOT_MET"]}),
    "applicationWithdraw": (State.ACCEPTED, {}),
}
"""The right state for each step, and what it needs besides."""
LETTERS: Final = {"NotFoundProblem": "F", "NotAllowedProblem": "A", "WrongStateProblem": "W"}
PLAIN: Final = {"NotFoundProblem": "NOT_FOUND", "NotAllowedProblem": "NOT_ALLOWED", "WrongStateProblem": "WRONG_STATE"}
COUNTED: Final = ("application", "application_revision", "event", "review_decision", "registration_history", "session")


def document(mutation: str) -> str:
    """A mutation, asking for everything that any answer to it holds."""
    field = schema._schema.mutation_type.fields[mutation]  # type: ignore[union-attr]
    told = []
    for kind in get_named_type(field.type).types:
        selected = fields_of(kind.name)
        told.append(f"... on {kind.name} {{ {' '.join(selected[name] for name in TOLD[kind.name])} }}")
    head = f"($input: {field.args['input'].type})" if field.args else ""
    given = "(input: $input)" if field.args else ""
    return f"mutation It{head} {{ it: {mutation}{given} {{ __typename {' '.join(told)} }} }}"


async def take(
    client: Client, mutation: str, input: Mapping[str, Any] | None, *, plain: bool = True
) -> tuple[str, Any]:
    """The letter of the answer, and the answer; a `plain` refusal gives no reason besides who asks."""
    body = (await client.post(document(mutation), {"input": input} if input is not None else {})).json()
    if "errors" in body:
        assert [error["extensions"]["code"] for error in body["errors"]] == ["UNAUTHENTICATED"]
        return "U", None
    it = body["data"]["it"]
    if it["__typename"] not in LETTERS:
        return "P" if it["__typename"].endswith("Payload") else it["__typename"], it
    assert not plain or it["code"] == PLAIN[it["__typename"]]
    return LETTERS[it["__typename"]], it


async def fresh(stage: Stage, state: State, **more: Any) -> tuple[Cast, Any]:
    """A nurse of her own, and her application in this state."""
    cast = await stage.nurse(f"fresh {state}", stage.cast.hospital, stage.cast.district)
    marked = {"marked_fields": MARK["markedFields"]} if state in (State.RETURNED, State.CORRECTION_REQUIRED) else {}
    recommended = {"recommender_id": cast.reviewer.account_id} if state is State.ACCEPTED else {}
    return cast, await put(stage.world, cast, state, **{**marked, **recommended, **more})


async def everything(world: World, cast: Cast) -> dict[str, Any]:
    """What a step could have changed, for this nurse and for anybody."""
    counts = {table: await world.owner.fetchval(f"select count(*) from {table}") for table in COUNTED}
    return {**await world.traces(cast), **{f"all {table}": count for table, count in counts.items()}}


async def credentials(world: World, person: Person) -> dict[str, str]:
    """What this person types in."""
    sql = "update account set password_hash = $2 where id = $1 returning user_name"
    return {"userName": await world.owner.fetchval(sql, person.account_id, QUICK_HASH), "password": PASSWORD}
