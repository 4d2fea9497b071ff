"""Coded reasons: every reason against every step, and marks that no reason covers."""

from datetime import date
from itertools import product

import pytest

from rules.application import Step
from rules.errors import Invalid, Words
from rules.form import field_names
from rules.kinds import Kind, RenewalForm
from rules.marks import LONGEST_NOTE, MaterialMark
from rules.reasons import ANY, HEALTH_REPORT, REASONS, Cure, Reason, bar_until
from rules.review import markable_fields, require_reasons

FIELDS = field_names(RenewalForm)
LISTED = {"CERTIFICATE": Words("护士执业证书", "The certificate"), HEALTH_REPORT: Words("体检证明", "Health report")}
BACK = {Step.RETURN, Step.REQUIRE_CORRECTION}
OTHERS = {Reason.OTHER_CORRECTION, Reason.OTHER_REFUSAL}


def problems(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in error.value.problems]


def fields_of(reason: Reason) -> list[str]:
    """A field that the reason may mark, where it marks any."""
    return [field for field in FIELDS if REASONS[reason].may_mark(field)][:1]


def materials_of(reason: Reason) -> list[MaterialMark]:
    """A material that the reason may mark, where it marks no field."""
    codes = [code for code in LISTED if REASONS[reason].may_mark_material(code)][:1]
    return [] if fields_of(reason) else [MaterialMark(code, reason, "见附件") for code in codes]


def test_every_reason_is_whole() -> None:
    assert list(REASONS) == list(Reason)
    assert len(REASONS) >= 20
    for rule in REASONS.values():
        assert rule.code.label
        assert rule.en
        assert rule.steps
        assert (rule.cure is Cure.CURABLE) == (rule.steps <= BACK) == bool(rule.fields | rule.materials)
        assert (rule.cure is Cure.BARRING) == (rule.bar_years > 0)
        assert rule.fields == ANY or rule.fields <= {*FIELDS}
        assert rule.materials == ANY or rule.materials <= {HEALTH_REPORT}
    assert (
        len({rule.code.label for rule in REASONS.values()})
        == len({rule.en for rule in REASONS.values()})
        == len(REASONS)
    )


@pytest.mark.parametrize(("step", "reason"), list(product(Step, Reason)))
def test_a_reason_serves_its_steps_and_no_other(step: Step, reason: Reason) -> None:
    marked = (fields_of(reason), materials_of(reason)) if step in BACK else ()
    if step in REASONS[reason].steps:
        known = {"markable": FIELDS, "listed": LISTED}
        assert require_reasons(step, [reason.value], *marked, **known, opinion="见附件") == (reason,)  # type: ignore[arg-type]
        return
    with pytest.raises(Invalid) as error:
        require_reasons(step, [reason.value], *marked, markable=FIELDS, listed=LISTED, opinion="见附件")
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
        (Reason.FIELD_INCOMPLETE, {*FIELDS}),
        (Reason.OTHER_CORRECTION, {*FIELDS, *LISTED}),
        (Reason.HEALTH_PROOF_MISSING, {HEALTH_REPORT}),
        (Reason.HEALTH_UNCLEAR, {"healthStatus", "healthExaminedOn", HEALTH_REPORT}),
        (Reason.DEPARTMENT_WRONG, {"department", "otherDepartment"}),
        (Reason.TITLE_UNPROVEN, {"title"}),
        (Reason.SEAL_MISSING, {*LISTED}),
        (Reason.LEAVING, set()),
    ],
)
def test_what_a_reason_may_mark(reason: Reason, markable: set[str]) -> None:
    fields = {field for field in FIELDS if REASONS[reason].may_mark(field)}
    assert fields | {code for code in LISTED if REASONS[reason].may_mark_material(code)} == markable


CURABLE = [reason for reason, rule in REASONS.items() if rule.cure is Cure.CURABLE]


@pytest.mark.parametrize(("reason", "field"), list(product(CURABLE, FIELDS)))
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
    codes, papers = ["TITLE_UNPROVEN", "TITLE_UNPROVEN"], [MaterialMark("CERTIFICATE", Reason.MATERIAL_MISSING)]
    found = require_reasons(Step.RETURN, codes, ["title"], papers, markable=FIELDS, listed=LISTED)
    assert found == (Reason.TITLE_UNPROVEN, Reason.MATERIAL_MISSING)


@pytest.mark.feature("A4")
@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([MaterialMark("CERTIFICATE", Reason.SEAL_MISSING, "缺单位盖章")], []),
        ([MaterialMark("DIPLOMA", Reason.SEAL_MISSING)], ["MATERIAL_UNKNOWN"]),
        ([MaterialMark("CERTIFICATE", Reason.HEALTH_PROOF_MISSING)], ["MARK_WITHOUT_REASON"]),
        ([MaterialMark("CERTIFICATE", Reason.LEAVING)], ["MARK_WITHOUT_REASON"]),
        ([MaterialMark("CERTIFICATE", Reason.SEAL_MISSING)] * 2, ["MARKED_TWICE"]),
        ([MaterialMark("CERTIFICATE", Reason.OTHER_CORRECTION, " ")], ["FIELD_REQUIRED"]),
        ([MaterialMark("CERTIFICATE", Reason.OTHER_CORRECTION, "请附译文")], []),
        ([MaterialMark("CERTIFICATE", Reason.SEAL_MISSING, "长" * (LONGEST_NOTE + 1))], ["TEXT_TOO_LONG"]),
        ([MaterialMark("CERTIFICATE", Reason.SEAL_MISSING, "缺\u202e章")], ["TEXT_HIDDEN_CHARACTER"]),
    ],
)
def test_each_material_is_marked_by_its_code_for_a_reason_of_its_own(
    marks: list[MaterialMark], expected: list[str]
) -> None:
    if not expected:
        assert require_reasons(Step.RETURN, [], [], marks, listed=LISTED) == (marks[0].reason,)
        return
    with pytest.raises(Invalid) as error:
        require_reasons(Step.RETURN, [], [], marks, listed=LISTED)
    assert problems(error) == [("markedMaterials", code) for code in expected]


@pytest.mark.feature("A4")
def test_materials_as_a_whole_are_no_field_that_could_be_marked() -> None:
    with pytest.raises(Invalid) as error:
        require_reasons(Step.RETURN, ["FIELD_INCOMPLETE"], ["materials"], markable=FIELDS, listed=LISTED)
    assert problems(error) == [("markedFields", "FIELD_UNKNOWN")]
    assert error.value.problems[0].words.zh == "申请材料请逐项标注"


@pytest.mark.feature("A4")
def test_a_reason_of_a_field_needs_a_field_even_beside_a_marked_material() -> None:
    with pytest.raises(Invalid) as error:
        papers = [MaterialMark("CERTIFICATE", Reason.SEAL_MISSING)]
        require_reasons(Step.RETURN, ["TITLE_UNPROVEN"], [], papers, markable=FIELDS, listed=LISTED)
    assert problems(error) == [("reasons", "REASON_WITHOUT_MARK")]


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


def test_of_a_change_no_health_is_marked() -> None:
    named = ("department", "healthStatus", "healthExaminedOn")
    assert markable_fields(Kind.CHANGE, named) == ("department",)
    assert markable_fields(Kind.RENEWAL, named) == named
