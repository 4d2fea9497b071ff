"""The review of a change of information (护士信息修改审核, I15): the fields that are accepted, marked, and answered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.form_terms import TERMS
from rules.information_change import InformationChange
from rules.information_form import PROVEN


def require_accepted(
    change: InformationChange, accepted: Collection[str] | None, opinion: str | None, *, originals_seen: bool
) -> tuple[str, ...]:
    """The fields that are accepted, in the form's order: all, or those named; the others are refused in words."""
    names = tuple(name for name, value in change.asked.items() if value is not None)
    chosen = names if accepted is None else tuple(name for name in names if name in accepted)
    problems = [*_not_asked("acceptedFields", change, accepted or ())]
    if not chosen:
        problems.append(FieldProblem("acceptedFields", "FIELD_REQUIRED", _NONE_ACCEPTED))
    elif chosen != names and not opinion:
        problems.append(FieldProblem("opinion", "FIELD_REQUIRED", _SAY_WHY))
    if not originals_seen and PROVEN & {*chosen}:
        problems.append(FieldProblem("originalsSeen", "ORIGINALS_UNSEEN", _ORIGINALS))
    if problems:
        raise Invalid(*problems)
    return chosen


def _not_asked(path: str, change: InformationChange, names: Collection[str]) -> Iterator[FieldProblem]:
    if strange := [name for name in names if name not in change.asked]:
        titles = "、".join(TERMS[name].title.zh if name in TERMS else f"“{name}”" for name in strange)
        zh, en = f"本次修改不包括：{titles}", f"This change does not ask for {', '.join(strange)}."
        yield FieldProblem(path, "FIELD_NOT_ASKED", Words(zh, en))


def require_marks(change: InformationChange, marked: Collection[str]) -> tuple[str, ...]:
    """The fields to correct, in the form's order; refuses none, or one that was not asked for."""
    problems = [*_not_asked("markedFields", change, marked)]
    if not marked:
        problems.append(FieldProblem("markedFields", "FIELD_REQUIRED", _MARK))
    if problems:
        raise Invalid(*problems)
    return tuple(name for name in change.asked if name in marked)


def require_answer(change: InformationChange, asked: Mapping[str, str | None]) -> None:
    """Refuse an answer that changes what was not marked, or nothing of what was."""
    others = {*asked, *change.asked} - {*change.marked_fields}
    if change.marked_fields and not any(asked.get(name) != change.asked.get(name) for name in change.marked_fields):
        raise Invalid(*(FieldProblem(name, "FIELD_UNANSWERED", _UNANSWERED) for name in change.marked_fields))
    if locked := [name for name in sorted(others) if asked.get(name) != change.asked.get(name)]:
        raise Invalid(*(FieldProblem(name, "FIELD_LOCKED", _LOCKED) for name in locked))


_NONE_ACCEPTED: Final = Words(
    "请至少同意一项；全部不同意的请办理“不同意”", "Agree to a field at least; if to none, reject the change."
)
_SAY_WHY: Final = Words("部分项未同意的，请说明理由", "Say why the other fields are not accepted.")
_ORIGINALS: Final = Words(
    "学历、学位、职称、民族、国籍等须核对证书或证件原件，请确认已核对",
    "Diploma, title or document must be seen in the original: say that you have seen it.",
)
_MARK: Final = Words("请标注需要护士修改的项", "Mark the fields that she is to correct.")
_UNANSWERED: Final = Words(
    "该项已被标注，请修改；无需修改的，请撤回或与审核人联系",
    "This field was marked: give another value, or take the change back.",
)
_LOCKED: Final = Words("该项未被标注，不能修改", "This field was not marked, so it may not change.")
