"""The province registers somebody who passed before 2008-05: whole, once, and nobody else does."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from graph.context import Services
from rules.direct_registration import DirectEntry
from rules.errors import Conflict, Invalid, NotAllowed, NotFound
from rules.identity import DocumentType
from rules.nurse import Degree, HealthStatus
from rules.working_days import add_years
from tests.support.direct_entries import entry
from tests.support.institution_people import audited
from tests.support.key_facts import EVIDENCE, Place
from tests.support.people import form, passed
from tests.support.rounds import ROUNDS
from tests.support.world import Person, World
from workflow.direct_registration import NurseRegisterDirect
from workflow.step import take


async def register(services: Services, who: Person, given: DirectEntry, key: str | None = None) -> UUID:
    """Put somebody on the register."""
    return await take(services.db, who.session, NurseRegisterDirect(given, idempotency_key=key))


async def in_library(world: World, number: str, name: str, year: int, on: date | None) -> None:
    """The exam library has this number under this name."""
    await passed(world, replace(form(), name=name, id_number=number), year, on)


async def known(services: Services, world: World, number: str) -> int:
    """How many nurses there are of a number."""
    index = services.db.keyring.blind_index(number, "id_number")
    found: int = await world.owner.fetchval("select count(*) from nurse where id_number_index = $1", index)
    return found


@pytest.mark.feature("A6")
@pytest.mark.feature("X6")
async def test_she_is_on_the_register_with_a_history_that_names_the_evidence(
    services: Services,
    world: World,
    place: Place,
) -> None:
    given = entry(place)
    key = await register(services, place.admin, given, "direct-00001")
    assert await register(services, place.admin, given, "direct-00001") == key
    nurse, row = await world.row("nurse", key), await world.row("registration", key, "nurse_id")
    assert (nurse["name"], nurse["sex"], nurse["birth_date"]) == ("陈早年", "MALE", date(1991, 3, 2))
    assert (nurse["exam_passed_on"], nurse["exam_year"]) == (date(2007, 6, 1), 2007)
    assert (row["status"], row["certificate_number"], row["last_kind"]) == ("VALID", given.certificate_number, "FIRST")
    assert (row["institution_id"], row["authority_id"]) == (place.cast.hospital, place.cast.district)
    assert row["valid_until"] == add_years(row["first_registered_on"], 5)
    history = await world.row("registration_history", key, "nurse_id")
    proof = f"{EVIDENCE}\n临床护理培训：示范医院，2026-01-01至2026-04-01"
    assert (history["reason"], history["account_id"], history["status"]) == (proof, place.admin.account_id, "VALID")
    assert await audited(world, place.admin) == ["nurseRegisterDirect"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"exam_passed_on": date(2008, 5, 1)}, ("examPassedOn", "EXAM_NOT_BEFORE_2008")),
        ({"certificate_number": "?"}, ("certificateNumber", "CERTIFICATE_NUMBER_FORMAT")),
        ({"evidence": " "}, ("evidence", "FIELD_REQUIRED")),
        ({"name": "Chen"}, ("name", "NAME_CHARACTERS")),
        ({"document_type": DocumentType.PASSPORT, "id_number": "E1234567"}, ("birthDate", "FIELD_REQUIRED")),
        ({"exam_passed_on": date(2007, 3, 1)}, ("examPassedOn", "EXAM_UNDER_AGE")),
        ({"ethnicity": "火星人"}, ("ethnicity", "ETHNIC_GROUP_UNKNOWN")),
        ({"health_status": HealthStatus.UNFIT}, ("healthStatus", "HEALTH")),
        ({"degree": Degree.BACHELOR}, ("degree", "DEGREE_ABOVE_EDUCATION")),
        (
            {"training_institution": None, "trained_from": None, "trained_until": None},
            ("trainingInstitution", "TRAINED"),
        ),
        ({"trained_until": date(2026, 3, 30)}, ("trainedUntil", "TRAINED")),
        ({"trained_until": None}, ("trainedUntil", "FIELD_REQUIRED")),
        ({"trained_from": date(2007, 5, 1)}, ("trainedFrom", "TRAINED_BEFORE_EXAM")),
    ],
)
async def test_what_is_wrong_is_said_and_nobody_is_registered(
    services: Services,
    world: World,
    place: Place,
    changes: dict[str, Any],
    problem: tuple[str, str],
) -> None:
    given = entry(place, **changes)
    with pytest.raises(Invalid) as refusal:
        await register(services, place.admin, given)
    assert [(one.path, one.code) for one in refusal.value.problems] == [problem]
    assert await known(services, world, given.id_number) == 0


async def test_all_that_is_wrong_is_said_at_once(services: Services, world: World, place: Place) -> None:
    wrong = {"ethnicity": "火星人", "health_status": HealthStatus.UNFIT, "name": "Chen", "certificate_number": "?"}
    given = entry(place, **wrong, exam_passed_on=date(2009, 5, 1), evidence="")
    with pytest.raises(Invalid) as refusal:
        await register(services, place.admin, given)
    assert {one.path for one in refusal.value.problems} == {
        *("name", "ethnicity", "certificateNumber", "examPassedOn", "healthStatus", "evidence")
    }
    assert await known(services, world, given.id_number) == 0


@pytest.mark.parametrize(
    ("library", "problem"),
    [
        (("许若兰", 2006, date(2006, 6, 1)), ("name", "EXAM_LIBRARY_NAME")),
        (("陈(zao)年", 2007, date(2007, 6, 1)), ("name", "EXAM_LIBRARY_NAME")),
        (("陈早年", 2015, date(2015, 6, 1)), ("examPassedOn", "EXAM_NOT_BEFORE_2008")),
        (("陈早年", 2006, date(2006, 6, 1)), ("examPassedOn", "EXAM_LIBRARY_DATE")),
        (("陈早年", 2006, None), ("examPassedOn", "EXAM_LIBRARY_DATE")),
    ],
)
async def test_nobody_is_registered_against_the_exam_library(
    services: Services, world: World, place: Place, library: tuple[str, int, date | None], problem: tuple[str, str]
) -> None:
    given = entry(place)
    await in_library(world, given.id_number, *library)
    with pytest.raises(Invalid) as refusal:
        await register(services, place.admin, given)
    assert [(one.path, one.code) for one in refusal.value.problems] == [problem]
    assert await known(services, world, given.id_number) == 0


async def test_who_is_in_the_library_as_her_papers_say_is_registered_with_the_groups_whole_name(
    services: Services, world: World, place: Place
) -> None:
    given = entry(place, ethnicity="汉")
    await in_library(world, given.id_number, "陈早年", 2007, date(2007, 6, 1))
    assert (await world.row("nurse", await register(services, place.admin, given)))["ethnicity"] == "汉族"


async def test_only_the_province_of_the_institution_registers(
    services: Services,
    world: World,
    place: Place,
) -> None:
    given, abroad = entry(place), (await world.cast()).hospital
    for who in (place.cast.reviewer, place.cast.decider, place.cast.manager, place.cast.nurse):
        with pytest.raises(NotAllowed):
            await register(services, who, given)
    with pytest.raises(NotFound):
        await register(services, place.admin, replace(given, institution_id=abroad))
    await world.owner.execute("update institution set state = 'SUSPENDED' where id = $1", place.cast.hospital)
    with pytest.raises(NotAllowed):
        await register(services, place.admin, given)
    assert await known(services, world, given.id_number) == 0


async def test_nobody_is_registered_twice_even_at_once(
    services: Services,
    world: World,
    place: Place,
) -> None:
    for _ in range(ROUNDS):
        given = entry(place)
        tasks = [
            register(services, place.admin, replace(given, certificate_number=f"D{secrets.token_hex(6).upper()}"))
            for _ in range(4)
        ]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        losers = [type(answer) for answer in answers if not isinstance(answer, UUID)]
        assert losers == [Conflict] * 3
        assert await known(services, world, given.id_number) == 1
    taken = entry(place)
    await register(services, place.admin, taken)
    with pytest.raises(Invalid) as refusal:
        await register(services, place.admin, entry(place, certificate_number=taken.certificate_number))
    assert [(one.path, one.code) for one in refusal.value.problems] == [("certificateNumber", "TAKEN")]
