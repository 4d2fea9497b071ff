"""The materials that a province asks for, by kind of application (申请材料目录): rows with days, never code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, Words
from rules.form_checks import text_problems
from rules.kinds import Kind
from rules.people import Actor, Role, require
from rules.reasons import HEALTH_REPORT

LONGEST_TITLE: Final = 100


@dataclass(frozen=True, slots=True)
class Requirement:
    """A material that a province asks for, from a day on; `needed`: to be handed in, `paper`: the original too."""

    kind: Kind
    code: str
    title: Words
    needed: bool
    paper: bool
    valid_from: date
    valid_until: date | None = None


def require_sets(actor: Actor) -> UUID:
    """The authority whose list it is; refuses an actor who is not its provincial admin."""
    require(actor, Role.PROVINCIAL_ADMIN)
    assert actor.party_id is not None, "an admin has an authority"
    return actor.party_id


_CODE: Final = re.compile("[A-Z][A-Z0-9_]{1,39}")
_CODE_FORM: Final = Words(
    "材料代码须为2至40个大写字母、数字或下划线，以字母开头",
    "A code has 2 to 40 capital letters, digits and underscores, a letter first.",
)


_NO_HEALTH_PROOF: Final = Words(
    "变更注册是报告事项（条例第九条），不得要求健康体检证明（许可法第三十一条）",
    "A change is a report (条例 9): no proof of health may be asked for (许可法 31).",
)


def check_requirement(one: Requirement, today: date) -> None:
    """Refuse an impossible requirement: its code, its titles, or its days; a period in the past stays as it was."""
    problems = [*_title_problems("titleZh", one.title.zh), *_title_problems("titleEn", one.title.en)]
    if not _CODE.fullmatch(one.code):
        problems.append(FieldProblem("code", "CODE_FORM", _CODE_FORM))
    if one.kind is Kind.CHANGE and one.code == HEALTH_REPORT:
        problems.append(FieldProblem("code", "NO_HEALTH_PROOF", _NO_HEALTH_PROOF))
    if one.valid_from < today:
        words = Words(f"生效日期不得早于今天（{today}）", f"It can begin today ({today}) or later, not in the past.")
        problems.append(FieldProblem("validFrom", "DATE_PASSED", words))
    if one.valid_until is not None and one.valid_until < one.valid_from:
        words = Words("失效日期早于生效日期", "It would end before it begins.")
        problems.append(FieldProblem("validUntil", "ENDS_BEFORE_START", words))
    if problems:
        raise Invalid(*problems)


def _title_problems(path: str, title: str) -> Iterator[FieldProblem]:
    return text_problems(path, title, LONGEST_TITLE, needed=True, allowed="")


def check_end(valid_from: date, valid_until: date | None, last_day: date, today: date) -> None:
    """Refuse a last day in the past, before the first, or after the day already set.

    A later day would be a new requirement.
    """
    problem = None
    if last_day < max(today, valid_from):
        words = Words(f"最后一天不得早于{max(today, valid_from)}", f"It can end on {max(today, valid_from)} or later.")
        problem = FieldProblem("validUntil", "DATE_PASSED" if last_day < today else "ENDS_BEFORE_START", words)
    elif valid_until is not None and last_day > valid_until:
        words = Words(f"该要求已于{valid_until}失效，请重新设置", f"It ends on {valid_until}: set it anew.")
        problem = FieldProblem("validUntil", "ENDS_ALREADY", words)
    if problem:
        raise Invalid(problem)
