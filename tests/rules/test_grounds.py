"""The articles that a letter cites: of the reasons that were given, as they hold that day, each once."""

from __future__ import annotations

from datetime import date

import pytest

from rules.grounds import ENDED_UNDER, cited, met
from rules.kinds import Kind
from rules.law import KNOWN, LAW, ORDER_OF_2021, Law, LawSubject
from rules.nurse import DeregistrationReason
from rules.reasons import Reason

pytestmark = pytest.mark.feature("A4")
ACT, MEASURES = "《中华人民共和国行政许可法》", "《护士执业注册管理办法》"
REFUSAL, INTAKE = LawSubject.REFUSAL_ARTICLE, LawSubject.INTAKE_ARTICLE


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ((Reason.CONDITIONS_NOT_MET,), f"{ACT}第三十八条第二款"),
        ((Reason.NOT_VERIFIABLE,), f"{ACT}第三十八条第二款"),
        ((Reason.HEALTH_UNFIT,), f"{MEASURES}第七条和{ACT}第三十八条第二款"),
        ((Reason.SUSPENSION_RUNNING,), f"《护士条例》第三十一条和{ACT}第三十八条第二款"),
        ((Reason.BAR_RUNNING,), f"{ACT}第七十八条、第七十九条和{ACT}第三十八条第二款"),
        (
            (Reason.HEALTH_UNFIT, Reason.REGISTRATION_NOT_VALID, Reason.OTHER_REFUSAL),
            f"{MEASURES}第七条、《护士条例》第十条和{ACT}第三十八条第二款",
        ),
        (("一个旧的理由",), f"{ACT}第三十八条第二款"),
    ],
)
def test_a_refusal_cites_the_articles_of_its_reasons_and_its_own(reasons: tuple[str, ...], said: str) -> None:
    assert cited(reasons, LAW, REFUSAL, always=True) == said


def test_the_intake_cites_its_own_article_only_where_a_reason_has_none() -> None:
    assert cited([Reason.OUT_OF_COMPETENCE], LAW, INTAKE, always=False) == f"{ACT}第三十二条第一款第二项"
    both = [Reason.OUTSIDE_WINDOW, Reason.DUPLICATE]
    assert cited(both, LAW, INTAKE, always=False) == f"《护士条例》第十条和{ACT}第三十二条第一款"


def test_the_article_is_that_of_the_day() -> None:
    before = Law.of(KNOWN, date(2020, 12, 31))
    assert cited([Reason.HEALTH_UNFIT], before, REFUSAL, always=True).startswith(f"{MEASURES}第六条")
    since = Law.of(KNOWN, ORDER_OF_2021)
    assert cited([Reason.HEALTH_UNFIT], since, REFUSAL, always=True).startswith(f"{MEASURES}第七条")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.FIRST, "《护士条例》第七条"),
        (Kind.RENEWAL, "《护士条例》第十条"),
        (Kind.CHANGE, "《护士条例》第九条"),
        (Kind.REREGISTRATION, f"{MEASURES}重新申请注册的情形"),
        (Kind.REISSUE, f"《护士条例》和{MEASURES}"),
    ],
)
def test_a_grant_names_what_was_met(kind: Kind, said: str) -> None:
    assert met(kind, LAW) == said


def test_every_reason_of_an_end_has_its_article() -> None:
    assert set(ENDED_UNDER) == set(DeregistrationReason)
