"""Filing for many nurses at once (集体申请): the kinds, the greatest number of nurses, and the record of a refusal."""

from __future__ import annotations

from typing import Final

from rules.errors import FieldProblem, Invalid, RegistryError, Words
from rules.form import Form
from rules.kinds import KINDS, Kind, kind_of
from rules.label import Labelled
from rules.moves import MOVES_OF, Step

MOST: Final = 5_000
"""The greatest number of nurses in one filing."""
COLLECTIVE_KINDS: Final = frozenset[Kind]().union(*(move.kinds for move in MOVES_OF[Step.FILE_COLLECTIVELY]))


class FilingState(Labelled):
    """The state of a collective filing."""

    RUNNING = "RUNNING", "办理中"
    FINISHED = "FINISHED", "已完成"
    CANCELLED = "CANCELLED", "已取消"


class ItemOutcome(Labelled):
    """The outcome for one nurse of a collective filing."""

    WAITING = "WAITING", "待提交"
    FILED = "FILED", "已提交"
    REFUSED = "REFUSED", "未通过"
    CANCELLED = "CANCELLED", "已取消"


def require_collective(kind: Kind, form: Form | None) -> None:
    """Refuse kinds that are not filed together, and a form of another kind."""
    if kind not in COLLECTIVE_KINDS:
        titles = [KINDS[one].title for one in sorted(COLLECTIVE_KINDS)]
        zh, en = "、".join(one.zh for one in titles), ", ".join(sorted(COLLECTIVE_KINDS))
        raise bad("kind", "KIND_NOT_COLLECTIVE", f"只有{zh}可以集体申请", f"Only {en} are filed together, not {kind}.")
    if form is not None and kind_of(form) is not kind:
        raise bad("form", "OTHER_KIND", "表单与业务类型不符", "The form is of another kind.")


def require_one_choice(by_filter: bool, by_list: bool) -> None:
    """Refuse a choice of nurses by both ways, or by none."""
    if by_filter == by_list:
        raise bad("where", "ONE_CHOICE", "筛选条件与名单须填且只填一项", "Give a filter or a list: exactly one.")


def require_few(found: int, path: str, most: int = MOST) -> None:
    """Refuse a filing for no nurse, or for more nurses than the limit."""
    if found > most:
        words = f"一次最多为{most}人办理，请分批办理", f"At most {most} nurses at once: split it."
        raise bad(path, "TOO_MANY", *words)
    if found == 0 and path == "csv":
        raise bad(
            path, "NOBODY", "名单中没有护士：列名行以下没有数据行", "The list names nobody: no row below its heads."
        )
    if found == 0:
        raise bad(path, "NOBODY", "没有符合条件的护士", "Nobody is chosen by this.")


NOT_FOUND: Final = Words(
    "没有与所填姓名、证件号或证书编号相符的本机构护士", "No such nurse of yours: check name, document and certificate."
)
TWICE: Final = Words(
    "名单中已有该护士，只为其申请一次", "She is in the list already: one application is filed for her."
)


def field_problems(refusal: RegistryError) -> tuple[FieldProblem, ...]:
    """The problems of a refusal: of the fields of her form, or of the nurse herself."""
    if isinstance(refusal, Invalid):
        return refusal.problems
    return (FieldProblem("nurse", getattr(refusal, "reason", refusal.code), refusal.words),)


def problems_of(refusal: RegistryError) -> list[dict[str, str | None]]:
    """The problems of a refusal as they are kept with the nurse concerned: one entry a problem."""
    return [kept(one) for one in field_problems(refusal)]


def kept(problem: FieldProblem) -> dict[str, str | None]:
    """One problem as it is kept."""
    return {"path": problem.path, "code": problem.code, "zh": problem.words.zh, "en": problem.words.en}


def bad(path: str, code: str, zh: str, en: str) -> Invalid:
    """The refusal of one part of an input."""
    return Invalid(FieldProblem(path, code, Words(zh, en)))
