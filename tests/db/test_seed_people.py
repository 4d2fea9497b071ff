"""The people of the demonstration who have no account yet: the same in every register, and known as they should be."""

from __future__ import annotations

from datetime import date

import pytest

from db.seed.accounts import nurse_account
from db.seed.demo import DEMO_PEOPLE, WITHOUT_ACCOUNT
from db.seed.exams import exam_rows
from db.seed.people import Nurse
from db.seed.register import Register
from db.store.keys import Keyring, new_keys
from rules.activation import ABANDONED
from rules.identity import DocumentType, identify
from rules.people import AccountState
from rules.registration import RegistrationStatus

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("size", [1000, 3000])
def test_the_registered_one_has_the_number_that_is_told(seed: int, size: int) -> None:
    nurse, person = Nurse.at(Register.make(seed, size, TODAY), WITHOUT_ACCOUNT), DEMO_PEOPLE[0]
    assert (nurse.identity.name, nurse.identity.number) == (person.name, person.id_number)
    assert nurse.certificate_number == person.certificate
    assert nurse.account_state is None
    assert nurse.home.number == 0
    assert nurse.career.last is not None
    assert nurse.career.last.status is RegistrationStatus.VALID


def test_their_numbers_are_valid() -> None:
    for person in DEMO_PEOPLE:
        assert identify(DocumentType.RESIDENT_ID, person.id_number, TODAY).number == person.id_number


def test_the_latest_certificate_is_the_one_that_is_told() -> None:
    rows = [row for row in exam_rows(1, Keyring.parse(new_keys())) if row["name"] == DEMO_PEOPLE[1].name]
    assert max(rows, key=lambda row: str(row["year"]))["exam_certificate_number"] == DEMO_PEOPLE[1].certificate


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_of_the_demonstration_is_freed_for_taking_too_long(seed: int) -> None:
    register = Register.make(seed, 3000, TODAY)
    rows = [nurse_account(Nurse.at(register, index), Keyring.parse(new_keys()), True) for index in range(3000)]
    waiting = [row for row in rows if row and row["state"] is AccountState.INACTIVE]
    assert "nurse002" in {row["user_name"] for row in waiting}
    oldest = min(row["created_at"] for row in waiting)
    assert TODAY - oldest.date() <= ABANDONED / 2
