"""What a seeded record looks like, before any database."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from math import gcd

import pytest

from db.seed import LARGEST
from db.seed.entry import history_rows, registration_row
from db.seed.identity import ALL, PERMITS, REGIONS, STRIDE
from db.seed.institutions import FIRST_NAME
from db.seed.people import Nurse
from db.seed.record import nurse_row
from db.seed.register import Fate, Register
from db.seed.seeded_application import SeededApplication
from db.store.keys import Keyring, new_keys
from rules.identity import DocumentType, identify, person_name
from rules.institution import InstitutionState, institution_code, standard_name
from rules.kinds import Kind
from rules.nurse import Education
from rules.registration import RegistrationStatus
from rules.working_days import add_years

TODAY = date(2026, 11, 20)
DEMO_SIZE = 20_000


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.make(1, DEMO_SIZE, TODAY)


@pytest.fixture(scope="module")
def nurses(register: Register) -> list[Nurse]:
    return [Nurse.at(register, index) for index in (*range(3000), *range(18_500, DEMO_SIZE))]


def test_a_nurse_is_the_same_each_time_whatever_was_asked_before(register: Register) -> None:
    again = Register.make(1, DEMO_SIZE, TODAY)
    for index in (0, 2, 12, 777, 19_999):
        assert Nurse.at(register, index).identity == Nurse.at(again, index).identity
        assert registration_row(Nurse.at(register, index)) == registration_row(Nurse.at(again, index))


def test_every_id_number_is_valid_and_tells_the_sex_and_birth_date(nurses: list[Nurse]) -> None:
    for nurse in nurses:
        who = nurse.identity
        found = identify(who.document_type, who.number, TODAY)
        assert found.number == who.number
        assert found.birth_date in (who.birth_date, None)
        assert found.sex in (who.sex, None)
        assert person_name(who.name, who.document_type) == who.name
    assert len({nurse.identity.number for nurse in nurses}) == len(nurses)
    assert {nurse.identity.document_type for nurse in nurses} == set(DocumentType) - {
        DocumentType.FOREIGN_PERMANENT_RESIDENCE
    }


def test_id_numbers_suffice_for_the_largest_register() -> None:
    assert ALL >= LARGEST
    assert ALL // REGIONS >= LARGEST // PERMITS
    assert gcd(STRIDE, ALL) == 1
    fewest = min(len(seats) for seats in Register.make(1, 1000, TODAY).seats.values())
    assert fewest >= REGIONS


def test_rare_han_of_the_higher_planes_are_among_the_names(nurses: list[Nurse]) -> None:
    planes = {ord(character) >> 16 for nurse in nurses for character in nurse.identity.name}
    assert planes == {0, 2, 3}
    assert any("·" in nurse.identity.name for nurse in nurses)


def test_every_institution_code_and_name_is_valid_and_its_own(register: Register) -> None:
    places = register.institutions
    for place in places:
        assert institution_code(place.code) == place.code
        assert standard_name(place.name) == place.name
    assert len({place.code for place in places}) == len({place.name for place in places}) == len(places) == 100
    assert {place.state for place in places} == set(InstitutionState)
    assert sum(place.size for place in places) == DEMO_SIZE * 94 // 100


def test_the_first_hospital_is_the_decks(register: Register, nurses: list[Nurse]) -> None:
    first = register.institutions[0]
    assert (first.name, first.size, first.authority.code) == (FIRST_NAME, 1996, "110102")
    assert first.authority.path == "/100000/110000/110102/"
    roster = [nurse for nurse in nurses if nurse.home is first and nurse.index < first.size]
    assert Counter(nurse.education for nurse in roster) == {
        Education.SECONDARY_VOCATIONAL: 512,
        Education.COLLEGE: 1148,
        Education.BACHELOR: 330,
        Education.MASTER: 5,
        Education.DOCTOR: 1,
    }
    days = Counter(registration_row(nurse)["valid_until"] for nurse in roster)
    assert days.most_common(1)[0][0] == TODAY + timedelta(days=425)
    assert 0.4 < days.most_common(1)[0][1] / len(roster) < 0.55


def test_some_are_red_some_blue_some_never_registered_some_deregistered(nurses: list[Nurse]) -> None:
    rows = [registration_row(nurse) for nurse in nurses]
    assert {row["status"] for row in rows} == set(RegistrationStatus)
    valid = [row["valid_until"] for row in rows if row["status"] is RegistrationStatus.VALID]
    red = [day for day in valid if isinstance(day, date) and day < TODAY]
    blue = [day for day in valid if isinstance(day, date) and TODAY <= day <= TODAY + timedelta(days=365)]
    assert 0.05 < len(red) / len(valid) < 0.2
    assert 0.05 < len(blue) / len(valid) < 0.3


def test_a_life_is_in_order(nurses: list[Nurse]) -> None:
    for nurse in nurses:
        assert 15 <= nurse.graduated_on.year - nurse.identity.birth_date.year <= 34
        first_on = nurse.career.first_on
        assert first_on is None or nurse.graduated_on < first_on < TODAY
        days = [stage.on for stage in nurse.career.stages]
        assert days == sorted(days)
        assert all(day < TODAY for day in days)


def test_a_renewal_gives_the_old_expiry_five_more_years(nurses: list[Nurse]) -> None:
    quiet = [nurse for nurse in nurses if nurse.story is None]
    pairs = [pair for nurse in quiet for pair in pairwise(nurse.career.stages)]
    pairs = [(before, after) for before, after in pairs if after.kind is Kind.RENEWAL and after.business]
    assert len(pairs) > 1000
    for before, renewal in pairs:
        assert renewal.valid_until == add_years(before.valid_until, 5)
        assert renewal.on <= before.valid_until


def test_whoever_is_or_was_registered_has_a_history_that_ends_where_she_stands(nurses: list[Nurse]) -> None:
    for nurse in nurses:
        row, history = registration_row(nurse), list(history_rows(nurse, SeededApplication.of(nurse)))
        assert bool(history) is (nurse.register.fate(nurse.index) is not Fate.NEVER)
        for column in ("status", "certificate_number", "valid_until", "institution_id", "authority_id"):
            assert not history or history[-1][column] == row[column]
        assert [entry["id"] for entry in history] == sorted(str(entry["id"]) for entry in history)


def test_the_private_values_open_again_and_show_only_their_mask(register: Register) -> None:
    keyring, nurse = Keyring.parse(new_keys()), Nurse.at(register, 0)
    row = nurse_row(nurse, keyring)
    assert row["id_number_index"] == keyring.blind_index(nurse.identity.number, "id_number")
    assert row["id_number_masked"] == f"{nurse.identity.number[:3]}***********{nurse.identity.number[-2:]}"
    assert nurse.identity.number.encode() not in row["id_number_sealed"]  # type: ignore[operator]
