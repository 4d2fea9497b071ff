"""Names of the exam library that no machine can read: told apart from names of somebody else, and settled by people."""

from __future__ import annotations

from datetime import date

import pytest

from rules.account import AccountStep, Progress, open_steps
from rules.errors import Invalid, NotFound
from rules.exam_name import SettledName, checked, require_settles
from rules.identity import DocumentType
from rules.matching import MESSAGES, Entry, Exam, judge, may_mean
from rules.people import AccountState
from rules.registration import RegistrationStatus
from rules.verification import IdentityOutcome as Outcome

pytestmark = pytest.mark.feature("N5", "X3")
UNREAD = [
    "王(suo)", "王（suo）", "王〈suo〉", "王[娑-女]", "王(三点水加少女)", "王\ue863", "王\U000f1234", "王？", "王*", "王□", "王〓", "王\ufffd",
    "王suo", "王⿱沙女", "王(suo", "(suo)", "\ue863\ue864", "王(SUO)1", "王. suo",
]  # fmt: skip


@pytest.mark.parametrize("recorded", UNREAD)
def test_a_spelling_that_stands_for_a_character_is_not_decided_by_machine(recorded: str) -> None:
    assert judge("王娑", None, [Exam(recorded, 2015)]) is Outcome.NAME_UNDECIDED
    assert require_settles("王娑", [recorded, "李梅"]) == [recorded]


@pytest.mark.parametrize("recorded", ["李(suo)", "李\ue863", "王(suo)梅"])
def test_what_can_be_read_of_it_must_be_in_the_name(recorded: str) -> None:
    assert judge("王娑", None, [Exam(recorded, 2015)]) is Outcome.NAME_MISMATCH
    with pytest.raises(Invalid) as refusal:
        require_settles("王娑", [recorded])
    assert [(one.path, one.code) for one in refusal.value.problems] == [("name", "OTHER_THAN_RECORDED")]


@pytest.mark.parametrize("recorded", ["李梅", "王 娑娑", "阿依古丽.买买提", "Mary Jane", "Smith, J."])
def test_a_name_that_can_be_read_is_not_settled(recorded: str) -> None:
    assert not may_mean(recorded, None)
    assert judge("王娑", None, [Exam(recorded, 2015)]) is Outcome.NAME_MISMATCH
    with pytest.raises(NotFound):
        require_settles("王娑", [recorded])
    with pytest.raises(NotFound):
        require_settles("王娑", [])


def test_one_record_under_her_name_and_one_that_cannot_be_read_wait_for_the_province_too() -> None:
    assert judge("王娑", None, [Exam("王娑", 2015), Exam("王(suo)", 2016)]) is Outcome.NAME_UNDECIDED
    assert judge("王娑", None, [Exam("王娑", 2015), Exam("王娑", 2016)]) is Outcome.EXAM_PASSED
    entry = Entry("王娑", RegistrationStatus.VALID)
    assert judge("王娑", entry, [Exam("王(suo)", 2016)]) is Outcome.REGISTERED


def test_a_mixed_name_that_is_the_same_needs_nobody() -> None:
    assert judge("陈David", None, [Exam("陈ＤＡＶＩＤ", 2015)]) is Outcome.EXAM_PASSED


def test_who_waits_for_the_province_may_correct_and_verify_again_and_is_told_where_to_go() -> None:
    steps = open_steps(Progress(AccountState.INACTIVE, Outcome.NAME_UNDECIDED))
    assert steps == (AccountStep.CORRECT_IDENTITY, AccountStep.VERIFY_IDENTITY)
    assert "省级" in MESSAGES[Outcome.NAME_UNDECIDED].zh


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"name": "王(suo)"}, "NAME_CHARACTERS"), ({"id_number": "1"}, "ID_NUMBER_FORMAT"), ({"evidence": " "}, "FIELD_REQUIRED"),
     ({"evidence": "x" * 1001}, "TEXT_TOO_LONG")],
)  # fmt: skip
def test_what_the_province_reads_off_the_originals_is_a_name_a_number_and_evidence(
    changes: dict[str, str], code: str
) -> None:
    values = {
        "name": "王娑",
        "document_type": DocumentType.RESIDENT_ID,
        "id_number": "11010519491231002X",
        "evidence": "户口簿",
    }
    with pytest.raises(Invalid) as refusal:
        checked(SettledName(**{**values, **changes}), date(2026, 11, 29))  # type: ignore[arg-type]
    assert [one.code for one in refusal.value.problems] == [code]
