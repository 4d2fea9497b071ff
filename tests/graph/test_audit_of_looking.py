"""Whoever looks somebody up leaves an entry about her, by whatever way: a new way without one fails here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, build_schema

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.kinds import Kind
from rules.people import Party, Role
from rules.span_list import InterruptionRow
from tests.support.collective_group import Group
from tests.support.filed_applications import put
from tests.support.live import Client, Live
from tests.support.people import NAME, form, known
from tests.support.world import TODAY, Cast, Person, World
from workflow import roster
from workflow.span_list import InterruptionList, rows_of
from workflow.step import take

SCHEMA: Final = build_schema((Path(__file__).parents[2] / "graph/schema.graphql").read_text("utf-8"))
NUMBERS: Final = ("idnumber", "csv")
"""What names somebody whom one may not know yet; certificate numbers are searched within what one reads, but for those that a root field takes."""
ELSEWHERE: Final = {
    **dict.fromkeys(
        ("AccountRegisterInput.idNumber", "AccountCorrectIdentityInput.idNumber", "RecoveryRequestInput.idNumber"),
        "her own, which finds nobody for her",
    ),
    **dict.fromkeys(
        (
            *("InstitutionCreateInput.responsibleIdNumber", "InstitutionReplaceManagerInput.responsibleIdNumber"),
            *("StaffInviteInput.idNumber", "StaffSetIdentityInput.idNumber"),
        ),
        "of staff, compared with no record that is shown",
    ),
    **dict.fromkeys(
        (
            *("KeyFactRequestInput.idNumber", "KeyFactApproveInput.idNumber"),
            *("NurseRegisterDirectInput.idNumber", "NurseSettleExamNameInput.idNumber"),
        ),
        "a step about her, which the trail keeps as every step",
    ),
}
"""The inputs that take a number and look nobody up."""


@dataclass
class Scene:
    """A nurse of the hospital with her number, and everybody's front ends."""

    live: Live
    world: World
    services: Services
    cast: Cast
    number: str

    def as_(self, person: Person) -> Client:
        """Somebody's front end."""
        return self.live.as_(person)


Look = Callable[[Scene], Awaitable[tuple[Person, str | None]]]


async def _by_document(scene: Scene) -> tuple[Person, str | None]:
    query = "query($n: String!) { nurseByDocument(documentType: RESIDENT_ID, idNumber: $n, purpose: COMPLAINT) { id } }"
    await scene.as_(scene.cast.reviewer).ask(query, n=scene.number)
    return scene.cast.reviewer, "COMPLAINT"


async def _verified(scene: Scene) -> tuple[Person, str | None]:
    """By an operator of elsewhere."""
    person = (await scene.world.cast()).operator
    query = (
        "query($n: String!) { nurseVerification(documentType: RESIDENT_ID, idNumber: $n, purpose: TRAINING) { name } }"
    )
    assert (await scene.as_(person).ask(query, n=scene.number))["nurseVerification"] is not None
    return person, "TRAINING"


async def _verified_by_certificate(scene: Scene) -> tuple[Person, str | None]:
    person, entry = (
        (await scene.world.cast()).reviewer,
        await scene.world.row("registration", scene.cast.nurse_id, "nurse_id"),
    )
    query = """query($n: String!, $name: String!) {
      nurseVerificationByCertificate(certificateNumber: $n, name: $name, purpose: SUPERVISION) { name } }"""
    found = await scene.as_(person).ask(query, n=entry["certificate_number"], name=NAME)
    assert found == {"nurseVerificationByCertificate": {"name": NAME}}
    return person, "SUPERVISION"


def _listed(name: str, noun: str) -> Look:
    async def look(scene: Scene) -> tuple[Person, str | None]:
        await put(scene.world, scene.cast, State.AUTHORITY_INTAKE)
        query = f"query($where: {noun}Where) {{ {name}(where: $where) {{ totalCount }} }}"
        await scene.as_(scene.cast.operator).ask(query, where={"idNumber": {"eq": scene.number}})
        return scene.cast.operator, None

    return look


async def _at_counter(scene: Scene) -> tuple[Person, str | None]:
    text = "mutation($input: ApplicationFileAtCounterInput!) { applicationFileAtCounter(input: $input) { __typename } }"
    wish = {"form": {"change": {"department": "WARD", "changeReason": "搬家"}}, "identitySeen": True}
    where = {"institutionId": global_id("Institution", scene.cast.hospital), "idNumber": scene.number}
    await scene.as_(scene.cast.reviewer).ask(text, input={**wish, **where})
    return scene.cast.reviewer, "FILING"


async def _unaddressed(scene: Scene) -> Person:
    """She has filed without naming an institution; an operator elsewhere who may claim it."""
    nobodys = {"institution_id": None, "authority_id": None}
    await put(scene.world, scene.cast, State.INSTITUTION_REVIEW, Kind.CHANGE, **nobodys)
    elsewhere = await scene.world.institution(scene.cast.district)
    return await scene.world.person(Party.INSTITUTION, elsewhere, Role.OPERATOR)


async def _before_claiming(scene: Scene) -> tuple[Person, str | None]:
    person = await _unaddressed(scene)
    found = await scene.as_(person).ask("query($n: String!) { claimCandidate(idNumber: $n) { kind } }", n=scene.number)
    assert found == {"claimCandidate": {"kind": "CHANGE"}}
    return person, "FILING"


async def _by_claim(scene: Scene) -> tuple[Person, str | None]:
    person = await _unaddressed(scene)
    text = """mutation($input: ApplicationClaimByIdNumberInput!) {
      applicationClaimByIdNumber(input: $input) { __typename ... on ApplicationPayload { application { id } } } }"""
    answer = await scene.as_(person).ask(text, input={"documentType": "RESIDENT_ID", "idNumber": scene.number})
    assert "application" in answer["applicationClaimByIdNumber"]
    return person, "FILING"


def _by_list(ask: Callable[[Group, bytes], Awaitable[object]]) -> Look:
    async def look(scene: Scene) -> tuple[Person, str | None]:
        group = Group(scene.services.db, scene.world, scene.cast)
        await ask(group, f"idNumber\n{scene.number}\n".encode())
        return scene.cast.operator, "FILING"

    return look


async def _on_roster(scene: Scene) -> tuple[Person, str | None]:
    person = scene.cast.operator
    wish = await roster.wish(scene.services.db, person.session, f"idNumber\n{scene.number}\n".encode(), None)
    await take(scene.services.db, person.session, wish)
    return person, "ROSTER"


async def _interrupted(scene: Scene) -> tuple[Person, str | None]:
    person, csv = scene.cast.operator, f"idNumber,startsOn\n{scene.number},{TODAY}\n".encode()
    rows = await rows_of(scene.services.db, person.session, InterruptionRow, csv)
    await take(scene.services.db, person.session, InterruptionList(csv, True, rows))
    return person, "ROSTER"


LOOKS: Final[Mapping[str, Look]] = {
    "Query.nurseByDocument.idNumber": _by_document,
    "Query.nurseVerification.idNumber": _verified,
    "Query.nurseVerificationByCertificate.certificateNumber": _verified_by_certificate,
    "NurseWhere.idNumber": _listed("nurses", "Nurse"),
    "ApplicationWhere.idNumber": _listed("applications", "Application"),
    "InformationChangeWhere.idNumber": _listed("informationChanges", "InformationChange"),
    "PhotoWhere.idNumber": _listed("photos", "Photo"),
    "ActivationCodeWhere.idNumber": _listed("activationCodes", "ActivationCode"),
    "ApplicationFileAtCounterInput.idNumber": _at_counter,
    "Query.claimCandidate.idNumber": _before_claiming,
    "ApplicationClaimByIdNumberInput.idNumber": _by_claim,
    "RosterCompareInput.csv": _on_roster,
    "SpanListInput.csv": _interrupted,
    "CollectiveFilingCheckInput.csv": _by_list(lambda group, csv: group.check(10, csv=csv)),
    "CollectiveFilingStartInput.csv": _by_list(lambda group, csv: group.start(csv=csv)),
}


def numbers() -> set[str]:
    """The arguments and input fields of the schema that name somebody by a number, or many by a list."""
    found: list[str] = []
    for name, one in SCHEMA.type_map.items():
        if isinstance(one, GraphQLInputObjectType):
            found += [f"{name}.{field}" for field in one.fields]
        elif isinstance(one, GraphQLObjectType):
            found += [f"{name}.{field}.{argument}" for field, at in one.fields.items() for argument in at.args]
    nationwide = (one for one in found if one.startswith("Query.") and one.endswith(".certificateNumber"))
    return {*nationwide, *(one for one in found if one.lower().endswith(NUMBERS))}


async def found(world: World, nurse_id: UUID, person: Person) -> list[dict[str, Any]]:
    """What the trail has of somebody who has found this nurse, as she would find it."""
    sql = """select party, place_id, roles, purpose from audit
      where action in ('identity.found', 'nurse.verified') and account_id = $2 and (nurse_id = $1 or members @> array[$1::uuid])"""
    return [dict(row) for row in await world.owner.fetch(sql, nurse_id, person.account_id)]


def test_every_way_to_look_somebody_up_is_asked_here_or_named_as_none() -> None:
    assert numbers() == {*LOOKS, *ELSEWHERE}
    assert not LOOKS.keys() & ELSEWHERE.keys()


@pytest.mark.feature("I11")
@pytest.mark.parametrize("way", LOOKS)
async def test_whoever_was_found_has_an_entry_with_the_place_and_the_purpose(
    live: Live, world: World, services: Services, cast: Cast, way: str
) -> None:
    given = form()
    nurse_id = await known(world, cast, given)
    nurse = await world.person(Party.NURSE, nurse_id, Role.NURSE)
    scene = Scene(live, world, services, replace(cast, nurse_id=nurse_id, nurse=nurse), given.id_number)
    person, purpose = await LOOKS[way](scene)
    expected = {
        "party": str(person.actor.party),
        "place_id": person.actor.party_id,
        "roles": [*person.actor.roles],
        "purpose": purpose,
    }
    assert await found(world, nurse_id, person) == [expected]
    assert await found(world, cast.nurse_id, person) == []


def test_no_object_shows_a_number_or_a_contact_in_full() -> None:
    """What is shown in full is printed or downloaded, and that is kept."""
    secret = ("idnumber", "phone", "email", "mail")
    shown = [
        f"{name}.{field}"
        for name, one in SCHEMA.type_map.items()
        if isinstance(one, GraphQLObjectType)
        for field in one.fields
        if field.lower().endswith(secret)
    ]
    # The help line is nobody's.
    assert sorted(shown) == ["Mutation.applicationClaimByIdNumber", "SupportLine.mail", "SupportLine.phone"]
