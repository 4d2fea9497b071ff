"""The law as data: what holds on a day and at a place, who sets it, and which values are possible."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from rules.application import Step
from rules.eligibility import RULES
from rules.errors import Invalid, NotAllowed, Words
from rules.form import check
from rules.grounds import ENDED_UNDER, GRANTED_UNDER, OF_LETTERS
from rules.kinds import Kind
from rules.law import KNOWN, LAW, ORDER_OF_2021, Law, LawSubject, Setting
from rules.law_setting import NOTICE, PROVINCIAL, require_setter, require_setting
from rules.nurse import Department
from rules.people import Actor, Party, Role
from rules.reasons import REASONS, Reason
from rules.record import department_problems
from rules.review import require_reasons, unasked_health
from tests.support.kinds import forms

pytestmark = pytest.mark.feature("A4")
TODAY = date(2026, 3, 2)
HEALTH = LawSubject.HEALTH_ARTICLE
FORM = forms(TODAY)[Kind.RENEWAL]


def law(**values: tuple[str, ...]) -> Law:
    """The newest law with other values."""
    return Law({**LAW.values, **{LawSubject(subject): value for subject, value in values.items()}})


def test_every_subject_has_a_value_since_the_regulation_came_into_force() -> None:
    assert set(Law.of(KNOWN, date(2008, 5, 12)).values) == set(LawSubject)
    assert Law.of(KNOWN, date(2008, 5, 11)).values == {}
    for setting in KNOWN:
        require_setting(setting.subject, TODAY + NOTICE, setting.value, TODAY)


@pytest.mark.parametrize(
    ("day", "article"),
    [
        (ORDER_OF_2021 - timedelta(days=1), "《护士执业注册管理办法》第六条"),
        (ORDER_OF_2021, "《护士执业注册管理办法》第七条"),
    ],
)
def test_the_article_of_the_health_standard_has_moved_by_one(day: date, article: str) -> None:
    assert Law.of(KNOWN, day).article(HEALTH) == article


def test_a_provinces_own_value_goes_before_the_nations_even_a_newer_one() -> None:
    subject = LawSubject.DEPARTMENTS
    settings = [
        Setting(subject, date(2020, 1, 1), ("WARD", "OTHER")),
        Setting(subject, date(2022, 1, 1), ("WARD", "OUTPATIENT")),
        Setting(subject, date(2021, 1, 1), ("EMERGENCY",), "/nation/north/"),
    ]
    there = "/nation/north/district/"
    assert Law.of(settings, date(2020, 12, 31), there).departments == ("WARD", "OTHER")
    assert Law.of(settings, date(2023, 1, 1), there).departments == ("EMERGENCY",)
    assert Law.of(settings, date(2023, 1, 1), "/nation/south/").departments == ("WARD", "OUTPATIENT")
    assert Law.of(settings, date(2021, 6, 1)).departments == ("WARD", "OTHER")


def test_every_rule_reason_and_letter_cites_a_subject_that_is_an_article() -> None:
    cited = {rule.article for rules in RULES.values() for rule, _ in rules} | {one.article for one in REASONS.values()}
    cited |= {*OF_LETTERS, *GRANTED_UNDER.values(), *ENDED_UNDER.values()}
    assert cited - {None} == {one for one in LawSubject if one.endswith("_ARTICLE")}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_refused_for_the_grounds_of_its_law_only(kind: Kind) -> None:
    grounds = [reason for reason, rule in REASONS.items() if Step.REJECT in rule.steps]
    assert require_reasons(Step.REJECT, ["HEALTH_UNFIT"], kind=kind, law=law(**{f"{kind}_REFUSALS": ("HEALTH_UNFIT",)}))
    for reason in grounds:
        if reason in LAW.refusals(kind):
            assert require_reasons(Step.REJECT, [reason], kind=kind, opinion="见附件") == (reason,)
            continue
        with pytest.raises(Invalid) as refusal:
            require_reasons(Step.REJECT, [reason], kind=kind, opinion="见附件")
        assert [one.code for one in refusal.value.problems] == ["REASON_NOT_FOR_KIND"]


def test_a_change_that_cannot_be_refused_for_it_cites_the_article_of_that_day() -> None:
    moved = law(CHANGE_ARTICLE=("《护士条例》第十条",))
    with pytest.raises(Invalid) as refusal:
        require_reasons(Step.REJECT, [Reason.HEALTH_UNFIT], kind=Kind.CHANGE, law=moved)
    assert refusal.value.problems[0].words == Words(
        "变更注册是报告事项（《护士条例》第十条），“不符合健康标准”不能作为不予变更注册的原因",
        "CHANGE is not refused for HEALTH_UNFIT.",
    )


def test_an_examination_is_as_old_as_the_law_lets_it_be() -> None:
    check(FORM, TODAY + timedelta(days=150))
    with pytest.raises(Invalid) as refusal:
        check(FORM, TODAY + timedelta(days=150), law=law(EXAMINATION_MONTHS=("3",)))
    (problem,) = refusal.value.problems
    assert (problem.path, problem.code) == ("healthExaminedOn", "EXAMINATION_TOO_OLD")
    assert "已超过3个月" in problem.words.zh


def test_a_department_is_on_the_list_of_the_day_or_on_record() -> None:
    few = law(DEPARTMENTS=("WARD", "OTHER"))
    assert [*department_problems(FORM, {}, LAW)] == []
    assert [*department_problems(FORM, {"department": "INTENSIVE_CARE"}, few)] == []
    (problem,) = department_problems(FORM, {"department": "WARD"}, few)
    assert (problem.path, problem.code) == ("department", "DEPARTMENT_UNLISTED")
    assert problem.words.zh == "工作科室目录中没有“监护室”，可选：病房、其他"


ADMIN = Actor(UUID(int=1), Party.AUTHORITY, UUID(int=2), frozenset({Role.PROVINCIAL_ADMIN}))


def test_the_nation_sets_everything_and_a_province_its_departments() -> None:
    for subject in LawSubject:
        assert require_setter(ADMIN, "NATION", subject)
        if subject in PROVINCIAL:
            assert not require_setter(ADMIN, "PROVINCE", subject)
            continue
        with pytest.raises(NotAllowed) as refusal:
            require_setter(ADMIN, "PROVINCE", subject)
        assert refusal.value.reason == "NOT_NATIONAL"


@pytest.mark.parametrize("level", ["CITY", "DISTRICT", None])
def test_nobody_below_a_province_sets_anything(level: str | None) -> None:
    with pytest.raises(NotAllowed) as refusal:
        require_setter(ADMIN, level, LawSubject.DEPARTMENTS)
    assert refusal.value.reason == "NO_LAW_PLACE"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PROVINCIAL_ADMIN])
def test_nobody_but_an_administrator_sets_the_law(role: Role) -> None:
    with pytest.raises(NotAllowed):
        require_setter(Actor(UUID(int=1), Party.AUTHORITY, UUID(int=2), frozenset({role})), "NATION", HEALTH)


BEGINS = TODAY + NOTICE
WRONG = [
    (HEALTH, BEGINS - timedelta(days=1), ["第七条"], ("fromDay", "DATE_TOO_NEAR")),
    (HEALTH, date(2020, 1, 1), ["第七条"], ("fromDay", "DATE_TOO_NEAR")),
    (HEALTH, BEGINS, [], ("value", "FIELD_REQUIRED")),
    (HEALTH, BEGINS, [" "], ("value", "FIELD_REQUIRED")),
    (HEALTH, BEGINS, ["第六条", "第七条"], ("value", "ONE_VALUE")),
    (HEALTH, BEGINS, ["条" * 101], ("value", "TEXT_TOO_LONG")),
    (HEALTH, BEGINS, ["第\u202e七条"], ("value", "TEXT_HIDDEN_CHARACTER")),
    (LawSubject.EXAMINATION_MONTHS, BEGINS, ["0"], ("value", "NUMBER_RANGE")),
    (LawSubject.EXAMINATION_MONTHS, BEGINS, ["25"], ("value", "NUMBER_RANGE")),
    (LawSubject.EXAMINATION_MONTHS, BEGINS, ["六"], ("value", "NUMBER_RANGE")),
    (LawSubject.DEPARTMENTS, BEGINS, ["WARD", "ATTIC"], ("value", "CODE_UNKNOWN")),
    (LawSubject.DEPARTMENTS, BEGINS, ["WARD", "WARD"], ("value", "VALUE_TWICE")),
    (LawSubject.CHANGE_REFUSALS, BEGINS, ["LEAVING"], ("value", "CODE_UNKNOWN")),
    (LawSubject.CHANGE_REFUSALS, BEGINS, ["FIELD_INCOMPLETE"], ("value", "CODE_UNKNOWN")),
]


@pytest.mark.parametrize(("subject", "day", "value", "problem"), WRONG)
def test_a_value_that_cannot_be_is_refused(
    subject: LawSubject, day: date, value: list[str], problem: tuple[str, str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        require_setting(subject, day, value, TODAY)
    assert [(one.path, one.code) for one in refusal.value.problems] == [problem]


def test_possible_values_may_be_set_two_days_ahead() -> None:
    require_setting(LawSubject.DEPARTMENTS, BEGINS, [Department.WARD], TODAY)
    require_setting(LawSubject.EXAMINATION_MONTHS, BEGINS, ["24"], TODAY)
    require_setting(LawSubject.CHANGE_REFUSALS, BEGINS, ["FALSE_MATERIAL"], TODAY)


@pytest.mark.parametrize("kind", list(Kind))
def test_reasons_of_health_are_for_the_kinds_that_ask_for_it(kind: Kind) -> None:
    proofs = {Reason.HEALTH_PROOF_MISSING, Reason.HEALTH_PROOF_TOO_OLD}
    every = proofs | {Reason.HEALTH_UNCLEAR, Reason.HEALTH_UNFIT}
    examined = {Kind.FIRST, Kind.RENEWAL, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER}
    assert unasked_health(kind, law()) == (set() if kind in examined else every)
    assert unasked_health(kind, law(EXAMINED_KINDS=())) == (proofs if kind in examined else every)
