"""Who may act on a nurse's entry, and what people may write about her."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from rules.departure import DepartureReason, require_retirable
from rules.errors import Invalid, NotAllowed, NotFound
from rules.nationality import nationality_problems
from rules.own_nurse import require_at_counter, require_not_herself, require_own_nurse
from rules.people import PARTY_OF, Actor, Party, Role
from rules.registration import Registration
from rules.wording import decision_number, remark, wording

TODAY = date(2026, 11, 30)
NURSE, HOSPITAL, DISTRICT = UUID(int=1), UUID(int=2), UUID(int=3)
ENTRY = Registration(NURSE, institution_id=HOSPITAL, authority_id=DISTRICT)
PLACES = {Party.INSTITUTION: HOSPITAL, Party.AUTHORITY: DISTRICT, Party.NURSE: NURSE}
NEEDED = (Role.OPERATOR, Role.REVIEWER, Role.DECIDER)


def somebody(role: Role) -> Actor:
    """Somebody of the nurse's own places."""
    party = PARTY_OF[role]
    return Actor(UUID(int=7), party, PLACES.get(party) if party else None, frozenset({role}))


@pytest.mark.parametrize("needed", NEEDED)
@pytest.mark.parametrize("role", Role)
def test_the_role_decides_and_strangers_find_nobody(needed: Role, role: Role) -> None:
    actor, same = somebody(role), PARTY_OF[role] is PARTY_OF[needed]
    if actor.has(needed):
        require_own_nurse(actor, ENTRY, needed)
    else:
        with pytest.raises(NotAllowed if same else NotFound):
            require_own_nurse(actor, ENTRY, needed)
    for stranger in (replace(actor, party_id=UUID(int=8)), replace(actor, active=False)):
        with pytest.raises(NotFound):
            require_own_nurse(stranger, ENTRY, needed)
    with pytest.raises(NotFound):
        require_own_nurse(actor, Registration(NURSE), needed)


def test_nobody_acts_on_herself() -> None:
    with pytest.raises(NotAllowed) as refusal:
        require_own_nurse(replace(somebody(Role.DECIDER), nurse_id=NURSE), ENTRY, Role.DECIDER)
    assert refusal.value.reason == "ABOUT_YOURSELF"
    with pytest.raises(NotAllowed) as refusal:
        require_not_herself(replace(somebody(Role.REVIEWER), nurse_id=NURSE), NURSE)
    assert refusal.value.reason == "ABOUT_YOURSELF"
    require_not_herself(somebody(Role.REVIEWER), NURSE)


def test_who_is_registered_nowhere_may_come_to_any_counter() -> None:
    reviewer = somebody(Role.REVIEWER)
    assert require_at_counter(reviewer, Registration(NURSE)) == DISTRICT
    assert require_at_counter(reviewer, ENTRY) == DISTRICT
    for actor, entry in (
        (somebody(Role.OPERATOR), Registration(NURSE)),
        (replace(reviewer, party_id=UUID(int=8)), ENTRY),
        (replace(reviewer, active=False), Registration(NURSE)),
    ):
        with pytest.raises(NotFound):
            require_at_counter(actor, entry)


def test_what_people_write_is_short_visible_and_there_where_it_is_needed() -> None:
    assert (remark("text", "  "), remark("text", None), remark("text", " 好\n的 ")) == (None, None, "好\n的")
    assert (wording("text", "字" * 500), decision_number("卫〔2024〕1号", TODAY)) == ("字" * 500, "卫〔2024〕1号")
    for path, given, code in (
        ("text", "字" * 501, "TEXT_TOO_LONG"),
        ("text", "a\u202eb", "TEXT_HIDDEN_CHARACTER"),
        ("text", " ", "FIELD_REQUIRED"),
        ("decisionNumber", "1" * 61, "TEXT_TOO_LONG"),
    ):
        with pytest.raises(Invalid) as refusal:
            decision_number(given, TODAY) if path == "decisionNumber" else wording(path, given)
        assert [(problem.path, problem.code) for problem in refusal.value.problems] == [(path, code)]


@pytest.mark.parametrize(
    "number", ["卫医罚〔2027〕17号", "卫医罚[2027]17号", "京卫（2031）3号", "【 2099 】1", "2027年", "2099年3号"]
)
def test_a_decision_of_a_year_that_is_still_to_come_is_none(number: str) -> None:
    with pytest.raises(Invalid) as refusal:
        decision_number(number, TODAY)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("decisionNumber", "DECISION_YEAR_AHEAD")]


@pytest.mark.parametrize(
    "number", ["卫医罚〔2026〕2027号", "卫〔1998〕3号", "2099", "卫〔20267〕1号", "卫字第三号", "2026年第1号"]
)
def test_a_year_that_has_begun_and_a_running_number_pass(number: str) -> None:
    assert decision_number(number, TODAY) == number


@pytest.mark.parametrize("number", ["abc", "西卫罚", "〔2026〕", "2026年", "卫罚〔2026〕号"])
def test_what_has_no_number_beside_the_year_is_no_number_of_a_decision(number: str) -> None:
    with pytest.raises(Invalid) as refusal:
        decision_number(number, TODAY)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("decisionNumber", "DECISION_NUMBER_FORM")]


@pytest.mark.parametrize(
    ("born", "problem"),
    [(date(2001, 5, 1), True), (date(1986, 12, 1), True), (date(1986, 11, 30), False), (date(1970, 1, 1), False)],
)
def test_nobody_retires_under_forty(born: date, problem: bool) -> None:
    require_retirable(DepartureReason.RESIGNED, born, TODAY)
    if not problem:
        require_retirable(DepartureReason.RETIRED, born, TODAY)
        return
    with pytest.raises(Invalid) as refusal:
        require_retirable(DepartureReason.RETIRED, born, TODAY)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("reason", "RETIREMENT_TOO_YOUNG")]


@pytest.mark.parametrize(
    ("document", "nationality", "codes"),
    [
        ("RESIDENT_ID", "法国", ["NATIONALITY_OF_DOCUMENT"]),
        ("HK_MACAO_PERMIT", "英国", ["NATIONALITY_OF_DOCUMENT"]),
        ("RESIDENT_ID", " 中国 ", []),
        ("RESIDENT_ID", None, []),
        ("FOREIGN_PERMANENT_RESIDENCE", "中国", ["NATIONALITY_OF_DOCUMENT"]),
        ("FOREIGN_PERMANENT_RESIDENCE", "法国", []),
        ("PASSPORT", "法国", []),
        ("PASSPORT", "中国", []),
    ],
)
def test_a_nationality_is_that_of_the_document(document: str, nationality: str | None, codes: list[str]) -> None:
    assert [one.code for one in nationality_problems(nationality, document)] == codes
