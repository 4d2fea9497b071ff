"""What a registration form must be, what a password must be, and which step of the activation follows which."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules.account import AccountForm, AccountStep, Progress, checked, open_steps, require_step
from rules.errors import Invalid, NotAllowed
from rules.identity import DocumentType, check_digit
from rules.matching import MESSAGES, VERIFIED, Entry, Exam, judge
from rules.passwords import COMMON, PasswordPolicy
from rules.people import AccountState
from rules.registration import RegistrationStatus
from rules.verification import IdentityOutcome

TODAY = date(2026, 11, 23)
NUMBER = "11010219900307002" + check_digit("11010219900307002")
FORM = AccountForm(
    "张秀兰",
    DocumentType.RESIDENT_ID,
    NUMBER,
    "13912345678",
    "lan@example.com",
    "xiulan90",
    "Blue-Lantern-7",
)
POLICY = PasswordPolicy()


def refused(policy: PasswordPolicy = POLICY, **changes: object) -> list[tuple[str, str]]:
    """Which fields are refused, and why."""
    form = replace(FORM, **changes)  # type: ignore[arg-type]
    try:
        checked(form, TODAY, policy)
    except Invalid as refusal:
        return [(problem.path, problem.code) for problem in refusal.problems]
    return []


@pytest.mark.feature("N1")
def test_a_form_in_order_is_kept_in_one_form() -> None:
    made = checked(
        replace(FORM, id_number=f" {NUMBER} ", phone="+86 139-1234-5678", email="Lan@Example.com"), TODAY, POLICY
    )
    assert (made.stated.name, made.stated.identity.number, made.phone) == ("张秀兰", NUMBER, "13912345678")
    assert (made.email, made.user_name) == ("lan@example.com", "xiulan90")


@pytest.mark.feature("N1")
@pytest.mark.feature("N2")
def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = {"name": "Zhang3", "id_number": "123", "phone": "12", "email": "x", "user_name": "9a", "password": "short"}
    assert refused(**wrong) == [
        ("name", "NAME_CHARACTERS"),
        ("idNumber", "ID_NUMBER_FORMAT"),
        ("phone", "PHONE_FORMAT"),
        ("email", "EMAIL_FORMAT"),
        ("userName", "USER_NAME_FORMAT"),
        ("password", "PASSWORD_LENGTH"),
    ]


@pytest.mark.feature("N1")
def test_latin_letters_are_for_documents_from_outside_alone() -> None:
    assert refused(name="Maria Cruz") == [("name", "NAME_CHARACTERS")]
    assert refused(name="Maria Cruz", document_type=DocumentType.PASSPORT, id_number="P1234567B") == []
    assert refused(name="阿依古丽·买买提") == []


@pytest.mark.feature("N2")
@pytest.mark.parametrize("name", ["a12345", "Abcdef123456", "nurse001"])
def test_user_names_of_the_deck_are_good(name: str) -> None:
    assert refused(user_name=name) == []


@pytest.mark.feature("N2")
@pytest.mark.parametrize(
    "name", ["", "a1234", "a123456789012", "1abcdef", "ab_cdef", "abcdéf", "abcde/f", "护士abcdef"]
)
def test_other_user_names_are_not(name: str) -> None:
    assert refused(user_name=name) == [("userName", "USER_NAME_FORMAT")]


@pytest.mark.parametrize(
    "email", ["a@b", "a b@c.de", "a@b.c", "a@-b.de", "a@b..de", "a\r\nb@c.de", ".a@b.de", "a@b.de,c@d.ef"]
)
def test_what_is_no_single_mail_address(email: str) -> None:
    assert refused(email=email) == [("email", "EMAIL_FORMAT")]


@pytest.mark.feature("N2")
@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Ab3defg", "PASSWORD_LENGTH"),
        ("x" * 65, "PASSWORD_LENGTH"),
        ("Woaini1314", "PASSWORD_COMMON"),
        ("QWERTYUIOP", "PASSWORD_COMMON"),
        ("abababab", "PASSWORD_COMMON"),
        ("my-XIULAN90!", "PASSWORD_IS_USER_NAME"),
    ],
)
def test_passwords_that_are_refused_and_never_repeated(password: str, code: str) -> None:
    assert refused(password=password) == [("password", code)]
    with pytest.raises(Invalid) as refusal:
        POLICY.require(password, user_name="xiulan90")
    assert password not in repr(refusal.value.problems)


@pytest.mark.parametrize("password", ["Ab3defgh", "护士的长长的密码", "correct horse battery", "x9" * 2 + "y" * 60])
def test_passwords_of_any_characters_are_good(password: str) -> None:
    assert refused(password=password) == []


def test_the_decks_profile_takes_six_and_staff_need_twelve() -> None:
    assert refused(PasswordPolicy(6), password="k4m9zt") == []
    assert PasswordPolicy(6).for_staff == PasswordPolicy(12)
    assert PasswordPolicy(14).for_staff == PasswordPolicy(14)
    assert all(len(word) < 6 or word == word.lower() for word in COMMON)


ENTRY = Entry("张秀兰", RegistrationStatus.VALID)
EXAM, EARLY = Exam("张秀兰", 2019), Exam("张秀兰", 2006)
JUDGED: dict[str, tuple[Entry | None, list[Exam], IdentityOutcome]] = {
    "on the register": (ENTRY, [], IdentityOutcome.REGISTERED),
    "on the register with an exam of another name": (ENTRY, [replace(EXAM, name="李四")], IdentityOutcome.REGISTERED),
    "off the register": (replace(ENTRY, status=RegistrationStatus.DEREGISTERED), [], IdentityOutcome.DEREGISTERED),
    "another name on the register": (replace(ENTRY, name="李四"), [EXAM], IdentityOutcome.NAME_MISMATCH),
    "passed": (None, [EXAM], IdentityOutcome.EXAM_PASSED),
    "passed twice, the first time early": (None, [EXAM, EARLY], IdentityOutcome.EXAM_PASSED),
    "in the register, never registered": (
        replace(ENTRY, status=RegistrationStatus.NEVER, exam_year=2015),
        [],
        IdentityOutcome.EXAM_PASSED,
    ),
    "passed under another name": (None, [replace(EXAM, name="李四")], IdentityOutcome.NAME_MISMATCH),
    "passed under two names": (None, [EXAM, replace(EARLY, name="李四")], IdentityOutcome.MULTIPLE),
    "passed before 2008": (None, [EARLY], IdentityOutcome.PRE_2008),
    "passed in April 2008": (None, [Exam("张秀兰", 2008, date(2008, 4, 30))], IdentityOutcome.PRE_2008),
    "passed in May 2008": (None, [Exam("张秀兰", 2008, date(2008, 5, 1))], IdentityOutcome.EXAM_PASSED),
    "passed in 2008": (None, [Exam("张秀兰", 2008)], IdentityOutcome.EXAM_PASSED),
    "nowhere": (None, [], IdentityOutcome.NO_MATCH),
}


@pytest.mark.feature("N5")
@pytest.mark.feature("X6")
@pytest.mark.parametrize("case", JUDGED)
def test_what_comes_of_the_comparison(case: str) -> None:
    entry, exams, outcome = JUDGED[case]
    assert judge("张秀兰", entry, exams) is outcome


def test_a_name_is_the_same_whatever_its_case_and_width() -> None:
    assert judge("Maria CRUZ", replace(ENTRY, name="Ｍaria  Cruz"), []) is IdentityOutcome.REGISTERED


@pytest.mark.feature("N6")
def test_every_outcome_says_what_to_do() -> None:
    assert set(MESSAGES) == set(IdentityOutcome)


S, Known = AccountStep, IdentityOutcome
NEXT: list[tuple[Progress, tuple[AccountStep, ...]]] = [
    (Progress(AccountState.INACTIVE), (S.VERIFY_IDENTITY, S.CORRECT_IDENTITY)),
    (
        Progress(AccountState.INACTIVE, Known.NO_MATCH),
        (S.CORRECT_IDENTITY, S.DECLARE_MILITARY_SOURCE, S.VERIFY_IDENTITY),
    ),
    (Progress(AccountState.INACTIVE, Known.NO_MATCH, 5), (S.DECLARE_MILITARY_SOURCE, S.VERIFY_IDENTITY)),
    (Progress(AccountState.INACTIVE, Known.NAME_MISMATCH), (S.CORRECT_IDENTITY, S.VERIFY_IDENTITY)),
    (Progress(AccountState.INACTIVE, Known.MULTIPLE), (S.VERIFY_IDENTITY, S.CORRECT_IDENTITY)),
    (Progress(AccountState.INACTIVE, Known.PRE_2008), (S.VERIFY_IDENTITY, S.CORRECT_IDENTITY)),
    (Progress(AccountState.INACTIVE, Known.MILITARY_SOURCE), (S.CONFIRM_CONTACT, S.CORRECT_IDENTITY)),
    (
        Progress(AccountState.INACTIVE, Known.MILITARY_SOURCE, contact_verified=True),
        (S.FILE_MILITARY_TRANSFER, S.CORRECT_IDENTITY),
    ),
    *(
        (Progress(AccountState.INACTIVE, outcome, identity_verified=True), (S.CONFIRM_CONTACT,))
        for outcome in sorted(VERIFIED)
    ),
    (Progress(AccountState.INACTIVE, Known.REGISTERED, 0, True, True), (S.SUBMIT_CERTIFICATE,)),
    (Progress(AccountState.INACTIVE, Known.DEREGISTERED, 0, True, True), (S.SUBMIT_CERTIFICATE,)),
    (Progress(AccountState.INACTIVE, Known.EXAM_PASSED, 0, True, True), (S.SUBMIT_EXAM_CERTIFICATE,)),
    (Progress(AccountState.INACTIVE, Known.REGISTERED, 0, True, True, True), (S.ACTIVATE, S.FILE_CHANGE)),
    *((Progress(state), ()) for state in AccountState if state is not AccountState.INACTIVE),
]


@pytest.mark.parametrize(("progress", "steps"), NEXT)
def test_each_step_is_open_where_it_is_due_and_refused_elsewhere(
    progress: Progress, steps: tuple[AccountStep, ...]
) -> None:
    assert open_steps(progress) == steps
    for step in AccountStep:
        if step in steps:
            require_step(progress, step)
        else:
            with pytest.raises(NotAllowed) as refusal:
                require_step(progress, step)
            shut = {"NO_CORRECTIONS_LEFT", "IDENTITY_VERIFIED", "STEP_DONE", "STEP_NOT_OPEN"}
            reasons = {AccountState.INACTIVE: shut, AccountState.ACTIVE: {"ACCOUNT_ACTIVE"}}
            assert refusal.value.reason in reasons.get(progress.state, {"NOT_INACTIVE"})


DONE = [
    (Progress(AccountState.INACTIVE, Known.REGISTERED, identity_verified=True), S.VERIFY_IDENTITY, "验证手机或邮箱"),
    (Progress(AccountState.INACTIVE, Known.REGISTERED, 0, True, True), S.CONFIRM_CONTACT, "填写护士执业证书编号"),
    (Progress(AccountState.INACTIVE, Known.REGISTERED, 0, True, True, True), S.SUBMIT_CERTIFICATE, "填写激活码"),
    (Progress(AccountState.INACTIVE, Known.MILITARY_SOURCE), S.DECLARE_MILITARY_SOURCE, "验证手机或邮箱"),
]


@pytest.mark.parametrize(("progress", "step", "following"), DONE)
def test_a_step_taken_twice_is_told_as_done(progress: Progress, step: AccountStep, following: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        require_step(progress, step)
    assert (refusal.value.reason, refusal.value.words.zh) == (
        "STEP_DONE",
        f"“{step.label}”已完成，无需重复办理，下一步：{following}",
    )


@pytest.mark.feature("X5")
def test_the_sixth_correction_is_refused_by_its_own_reason() -> None:
    with pytest.raises(NotAllowed) as refusal:
        require_step(Progress(AccountState.INACTIVE, Known.NAME_MISMATCH, 5), S.CORRECT_IDENTITY)
    assert refusal.value.reason == "NO_CORRECTIONS_LEFT"
