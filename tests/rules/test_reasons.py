"""Coded reasons: every reason against every step, and marks that no reason covers."""

from datetime import date
from itertools import product

import pytest

from rules.application import Step
from rules.errors import Invalid
from rules.form import field_names
from rules.kinds import Kind, RenewalForm
from rules.reasons import ANY_FIELD, MATERIALS, REASONS, Cure, Reason, bar_until, require_reasons

FIELDS = field_names(RenewalForm)
BACK = {Step.RETURN, Step.REQUIRE_CORRECTION}
OTHERS = {Reason.OTHER_CORRECTION, Reason.OTHER_REFUSAL}


def problems(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in error.value.problems]


def marks(reason: Reason) -> list[str]:
    """A field that the reason may mark, where it marks any."""
    return [field for field in (*FIELDS, MATERIALS) if REASONS[reason].may_mark(field)][:1]


def test_every_reason_is_whole() -> None:
    assert list(REASONS) == list(Reason)
    assert len(REASONS) >= 20
    for rule in REASONS.values():
        assert rule.code.label
        assert rule.en
        assert rule.steps
        assert (rule.cure is Cure.CURABLE) == (rule.steps <= BACK) == bool(rule.fields)
        assert (rule.cure is Cure.BARRING) == (rule.bar_years > 0)
        assert rule.fields == ANY_FIELD or rule.fields <= {*FIELDS, MATERIALS}
    assert (
        len({rule.code.label for rule in REASONS.values()})
        == len({rule.en for rule in REASONS.values()})
        == len(REASONS)
    )


@pytest.mark.parametrize(("step", "reason"), list(product(Step, Reason)))
def test_a_reason_serves_its_steps_and_no_other(step: Step, reason: Reason) -> None:
    marked = marks(reason) if step in BACK else []
    if step in REASONS[reason].steps:
        assert require_reasons(step, [reason.value], marked, markable=FIELDS, opinion="见附件") == (reason,)
        return
    with pytest.raises(Invalid) as error:
        require_reasons(step, [reason.value], marked, markable=FIELDS, opinion="见附件")
    assert ("reasons", "REASON_NOT_FOR_STEP") in problems(error)


@pytest.mark.parametrize("step", [*sorted(BACK), Step.DECLINE, Step.REFUSE_INTAKE, Step.REJECT])
def test_every_refusal_can_be_reasoned_and_none_goes_without(step: Step) -> None:
    assert any(step in rule.steps for rule in REASONS.values())
    with pytest.raises(Invalid) as error:
        require_reasons(step, [])
    assert ("reasons", "FIELD_REQUIRED") in problems(error)


def test_sending_back_without_marks_is_refused() -> None:
    with pytest.raises(Invalid) as error:
        require_reasons(Step.RETURN, ["FIELD_INCOMPLETE"], [], markable=FIELDS)
    assert problems(error) == [("markedFields", "FIELD_REQUIRED")]


@pytest.mark.parametrize(
    ("reason", "allowed"),
    [
        *((reason, True) for reason in ("REGISTRATION_NOT_VALID", "CONDITIONS_NOT_MET", "NOT_VERIFIABLE")),
        *((reason, True) for reason in ("CORRECTION_INSUFFICIENT", "FALSE_MATERIAL")),
        *((reason, False) for reason in ("HEALTH_UNFIT", "SUSPENSION_RUNNING", "BAR_RUNNING", "OTHER_REFUSAL")),
    ],
)
def test_a_change_is_a_report_and_refused_for_few_reasons(reason: str, allowed: bool) -> None:
    assert require_reasons(Step.REJECT, [reason], kind=Kind.RENEWAL, opinion="见附件") == (Reason(reason),)
    if allowed:
        assert require_reasons(Step.REJECT, [reason], kind=Kind.CHANGE, opinion="见附件") == (Reason(reason),)
        return
    with pytest.raises(Invalid) as error:
        require_reasons(Step.REJECT, [reason], kind=Kind.CHANGE, opinion="见附件")
    assert [problem.code for problem in error.value.problems] == ["REASON_NOT_FOR_KIND"]


@pytest.mark.parametrize(
    ("reason", "markable"),
    [
        (Reason.FIELD_INCOMPLETE, {*FIELDS, MATERIALS}),
        (Reason.OTHER_CORRECTION, {*FIELDS, MATERIALS}),
        (Reason.HEALTH_UNCLEAR, {"healthStatus", "healthExaminedOn"}),
        (Reason.DEPARTMENT_WRONG, {"department"}),
        (Reason.TITLE_UNPROVEN, {"title"}),
        (Reason.SEAL_MISSING, {MATERIALS}),
        (Reason.LEAVING, set()),
    ],
)
def test_what_a_reason_may_mark(reason: Reason, markable: set[str]) -> None:
    assert {field for field in (*FIELDS, MATERIALS) if REASONS[reason].may_mark(field)} == markable


CURABLE = [reason for reason, rule in REASONS.items() if rule.cure is Cure.CURABLE]


@pytest.mark.parametrize(("reason", "field"), list(product(CURABLE, (*FIELDS, MATERIALS))))
def test_a_mark_needs_a_reason_that_may_mark_it(reason: Reason, field: str) -> None:
    if REASONS[reason].may_mark(field):
        assert require_reasons(Step.RETURN, [reason], [field], markable=FIELDS, opinion="见附件") == (reason,)
        return
    with pytest.raises(Invalid) as error:
        require_reasons(Step.RETURN, [reason], [field], markable=FIELDS)
    assert problems(error) == [("markedFields", "MARK_WITHOUT_REASON"), ("reasons", "REASON_WITHOUT_MARK")]


def test_a_field_the_form_does_not_have_cannot_be_marked() -> None:
    with pytest.raises(Invalid) as error:
        require_reasons(Step.RETURN, ["FIELD_INCOMPLETE"], ["title", "salary"], markable=FIELDS)
    assert problems(error) == [("markedFields", "FIELD_UNKNOWN")]
    assert "salary" in error.value.problems[0].words.en


def test_a_refusal_marks_nothing() -> None:
    with pytest.raises(Invalid) as error:
        require_reasons(Step.DECLINE, ["LEAVING"], ["title"], markable=FIELDS)
    assert problems(error) == [("markedFields", "MARK_NOT_FOR_STEP")]


def test_an_unknown_reason_is_named() -> None:
    with pytest.raises(Invalid) as error:
        require_reasons(Step.DECLINE, ["BECAUSE"])
    assert problems(error) == [("reasons", "REASON_UNKNOWN")]
    assert "BECAUSE" in error.value.problems[0].words.zh


@pytest.mark.parametrize("opinion", ["", "  \n"])
@pytest.mark.parametrize(("step", "reason"), [(Step.RETURN, "OTHER_CORRECTION"), (Step.REJECT, "OTHER_REFUSAL")])
def test_another_reason_is_said_in_words(step: Step, reason: str, opinion: str) -> None:
    marked = ["title"] if step is Step.RETURN else []
    with pytest.raises(Invalid) as error:
        require_reasons(step, [reason], marked, markable=FIELDS, opinion=opinion)
    assert problems(error) == [("opinion", "FIELD_REQUIRED")]


def test_several_reasons_come_back_once_each_in_the_tables_order() -> None:
    codes = ["MATERIAL_MISSING", "TITLE_UNPROVEN", "MATERIAL_MISSING"]
    found = require_reasons(Step.RETURN, codes, ["title", MATERIALS], markable=FIELDS)
    assert found == (Reason.TITLE_UNPROVEN, Reason.MATERIAL_MISSING)


@pytest.mark.parametrize(
    ("reasons", "until"),
    [
        ([], None),
        ([Reason.CONDITIONS_NOT_MET], None),
        ([Reason.FALSE_MATERIAL], date(2025, 2, 28)),
        ([Reason.FRAUD], date(2027, 2, 28)),
        ([Reason.FALSE_MATERIAL, Reason.FRAUD, Reason.HEALTH_UNFIT], date(2027, 2, 28)),
    ],
)
def test_a_bar_runs_for_the_longest_of_its_reasons(reasons: list[Reason], until: date | None) -> None:
    assert bar_until(reasons, date(2024, 2, 29)) == until
