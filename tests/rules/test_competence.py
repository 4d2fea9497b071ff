"""Which authorities may decide an application, by their places in the tree."""

from __future__ import annotations

import pytest

from rules.competence import Places, competent_paths, may_decide, not_competent
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS

XICHENG, CHAOYANG, BEIJING, NATION = "/cn/bj/xc/", "/cn/bj/cy/", "/cn/bj/", "/cn/"
SHANGHAI, HUANGPU, BJ_ELSE = "/cn/sh/", "/cn/sh/hp/", "/cn/bj2/"
PLACES = Places(deciding=None, licensing=XICHENG, registered=HUANGPU)


@pytest.mark.feature("A4")
@pytest.mark.parametrize("kind", list(Kind))
def test_the_institutions_authority_and_those_above_it_decide_every_kind(kind: Kind) -> None:
    assert [path for path in (XICHENG, BEIJING, NATION) if may_decide(kind, PLACES, path)] == [XICHENG, BEIJING, NATION]
    assert not any(may_decide(kind, PLACES, path) for path in (CHAOYANG, BJ_ELSE, f"{XICHENG}a/", None))


@pytest.mark.feature("A4")
@pytest.mark.parametrize("kind", list(Kind))
def test_her_own_authority_and_those_above_it_decide_what_concerns_her_registration(kind: Kind) -> None:
    stays = kind not in CLAIMED_KINDS
    assert [may_decide(kind, PLACES, path) for path in (HUANGPU, SHANGHAI)] == [stays, stays]
    hers = [HUANGPU] if stays else []
    above = [BEIJING, SHANGHAI] if stays else [BEIJING]
    assert competent_paths(kind, PLACES) == [XICHENG, *hers, *above, NATION]


def test_without_an_institution_nobody_decides_where_she_would_go() -> None:
    nowhere = Places(XICHENG, None, XICHENG)
    assert [may_decide(kind, nowhere, XICHENG) for kind in (Kind.FIRST, Kind.REISSUE)] == [False, True]
    assert competent_paths(Kind.FIRST, nowhere) == []
    assert not_competent([]).words.zh == "该机关无权审批此业务，有权审批的机关：无"
