"""Edits of a nurse's record by her institution (机构修改护士信息, I27), and her objection to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.information_change import EDITS, InformationChange
from rules.information_form import DIPLOMAS, WORK


def require_work(asked: Collection[str]) -> None:
    """Refuse what an institution may not write at once: it is not of her work there."""
    if others := [name for name in asked if name not in WORK]:
        raise Invalid(*(FieldProblem(name, "NOT_OF_HER_WORK", _NOT_WORK) for name in others))


def require_diplomas(asked: Collection[str]) -> None:
    """Refuse what no proof paper of an institution changes: her work needs none, and all else she asks for herself."""
    if others := [name for name in asked if name not in DIPLOMAS]:
        words = {name: _AT_ONCE if name in WORK else _NO_DIPLOMA for name in others}
        raise Invalid(*(FieldProblem(name, "NOT_BY_DIPLOMA", words[name]) for name in others))


def require_undisputed(asked: Collection[str], waiting: Iterable[InformationChange]) -> None:
    """Refuse a field of which an earlier edit waits for her objection, or for the decision on it."""
    taken = {name for one in waiting if one.state in EDITS for name in one.asked}
    if found := [name for name in asked if name in taken]:
        raise Invalid(*(FieldProblem(name, "FIELD_IN_DISPUTE", _IN_DISPUTE) for name in found))


def disputable(change: InformationChange, record: Mapping[str, str | None]) -> tuple[str, ...]:
    """The fields of an edit that her objection is about; of one that took effect, those that the record still has."""
    at_once = change.stands_at_once
    return tuple(name for name, value in change.asked.items() if not at_once or record[name] == value)


_NOT_WORK: Final = Words(
    "该项不属于其在本机构的工作信息：学历、学位、职称请凭证明材料修改，其他由护士本人申请修改",
    "That is not of her work with you: change education, degree and title with a proof paper; she asks for the rest.",
)
_AT_ONCE: Final = Words("该项无需证明材料，请直接修改", "That needs no proof paper: change it at once.")
_NO_DIPLOMA: Final = Words("该项由护士本人申请修改", "She asks for that change herself.")
_IN_DISPUTE: Final = Words(
    "该项已有一项机构修改在异议期内或待注册机关裁定，请等待结果",
    "An earlier edit of this field waits for her objection, or for the authority's decision: wait for that.",
)
