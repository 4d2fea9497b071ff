"""The kinds and the coded reasons, as a front end looks them up before anybody has signed in."""

from __future__ import annotations

import pytest

from rules.kinds import Kind
from rules.reasons import REASONS, Cure, Reason
from tests.support.live import Live

KINDS = "{ applicationKinds { kind title explanation fields decisionDays countedFrom } }"
REVIEW = "{ reviewReasons { code title article cure steps fields barYears } }"


@pytest.mark.feature("N16")
async def test_every_kind_is_explained_with_its_period_and_the_fields_of_its_form(live: Live) -> None:
    found = {one["kind"]: one for one in (await live.as_(None).ask(KINDS))["applicationKinds"]}
    assert [*found] == [*Kind]
    change = found["CHANGE"]
    assert change.pop("explanation").startswith("护士在其执业注册有效期内变更执业地点的")
    fields = ["department", "changeReason", "healthStatus", "healthExaminedOn", "otherDepartment"]
    expected = {"kind": "CHANGE", "title": "变更注册", "decisionDays": 7, "countedFrom": "RECEIPT"}
    assert change == {**expected, "fields": fields}
    assert found["RENEWAL"]["countedFrom"] == "ACCEPTANCE"


@pytest.mark.feature("I17", "A4")
async def test_a_reason_says_whether_it_can_be_cured_refuses_or_bars_and_for_how_long(live: Live) -> None:
    found = {one["code"]: one for one in (await live.as_(None).ask(REVIEW))["reviewReasons"]}
    assert [*found] == [*Reason]
    assert {code: one["cure"] for code, one in found.items()} == {code: rule.cure for code, rule in REASONS.items()}
    assert {code: one["barYears"] for code, one in found.items() if one["cure"] == Cure.BARRING} == {
        "FALSE_MATERIAL": 1,
        "FRAUD": 3,
    }
    assert found["DEPARTMENT_WRONG"] == {
        "code": "DEPARTMENT_WRONG",
        "title": "工作科室与实际不符",
        "article": "《中华人民共和国行政许可法》第三十二条第一款第四项",
        "cure": "CURABLE",
        "steps": ["RETURN", "REQUIRE_CORRECTION"],
        "fields": ["department", "otherDepartment"],
        "barYears": 0,
    }
