"""The closed lists: what the deck shows, as it shows it."""

import pickle

import pytest

from rules.errors import Invalid
from rules.label import Labelled
from rules.nurse import (
    ETHNIC_GROUPS,
    AccountStatus,
    Degree,
    Department,
    Education,
    ExamResult,
    HealthStatus,
    Post,
    Sex,
    StudyLength,
    Title,
    WorkCategory,
    ethnic_group,
    nationality_code,
)

LISTS: list[type[Labelled]] = [
    *(Sex, Education, Degree, StudyLength, Title, Post, Department, WorkCategory),
    *(HealthStatus, ExamResult, AccountStatus),
]


@pytest.mark.parametrize(
    ("members", "shown"),
    [
        (Education, "中专 大学专科 大学本科 硕士 博士 其它"),
        (Title, "护士 护师 主管护师 副主任护师 主任护师"),
        (
            Department,
            "病房 门诊 急诊(科)室 手术室 供应室 监护室 护理部 呼吸科 儿科 妇产科 血液透析室 内镜室 社区卫生服务 感染科 其他",
        ),
        (WorkCategory, "临床护理 护理行政管理"),
        (AccountStatus, "尚未注册账户 未激活 已激活"),
    ],
)
def test_a_list_shows_what_the_deck_shows_in_its_order(members: type[Labelled], shown: str) -> None:
    assert " ".join(member.label for member in members) == shown


@pytest.mark.parametrize(
    ("member", "label"),
    [
        (Degree.NONE, "无学位"),
        (Post.NONE, "无"),
        (Post.DEPARTMENT_HEAD_NURSE, "科护士长"),
        (Post.DEPUTY_NURSING_DIRECTOR, "护理部副主任"),
        (StudyLength.FOUR_YEARS, "四年制"),
        (HealthStatus.GOOD, "健康或良好"),
        (ExamResult.PASSED, "合格"),
        (Sex.FEMALE, "女"),
    ],
)
def test_values_on_the_decks_screens(member: Labelled, label: str) -> None:
    assert member.label == label


@pytest.mark.parametrize("members", LISTS)
def test_a_member_is_its_stable_value(members: type[Labelled]) -> None:
    for member in members:
        assert member == member.name == member.value == str(member)
        assert members(member.value) is member
        assert pickle.loads(pickle.dumps(member)) is member
    assert len({member.label for member in members}) == len(members)


def test_the_56_ethnic_groups_in_the_standards_order() -> None:
    assert len(ETHNIC_GROUPS) == len(set(ETHNIC_GROUPS)) == 56
    ends = {
        1: "汉族",
        2: "蒙古族",
        9: "布依族",
        23: "高山族",
        31: "达斡尔族",
        44: "俄罗斯族",
        51: "独龙族",
        56: "基诺族",
    }
    assert {code: ETHNIC_GROUPS[code - 1] for code in ends} == ends


def test_an_ethnic_group_is_known_with_and_without_its_last_character() -> None:
    assert [ethnic_group(text) for text in (" 汉族", "维吾尔", "壮族")] == ["汉族", "维吾尔族", "壮族"]
    with pytest.raises(Invalid) as error:
        ethnic_group("汉人")
    assert [(p.path, p.code) for p in error.value.problems] == [("ethnicGroup", "ETHNIC_GROUP_UNKNOWN")]
    assert "汉人" in error.value.problems[0].words.zh


def test_a_nationality_is_three_letters() -> None:
    assert nationality_code(" chn ") == "CHN"
    for text in ("", "CN", "CHNA", "中国", "C1N"):
        with pytest.raises(Invalid) as error:
            nationality_code(text)
        assert [(p.path, p.code) for p in error.value.problems] == [("nationality", "NATIONALITY_FORMAT")]
