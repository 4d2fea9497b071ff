"""Units of an institution (科室病区): its campuses and wards, who is limited to some, and what ward heads say (预审).

One licence is one institution: a campus with a licence of its own is another one, and who moves there files a change.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from rules import spelling
from rules.application_record import Application
from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, NotFound, Words, WrongState
from rules.label import Labelled
from rules.moves import State
from rules.nurse import Department
from rules.other import trimmed, words_problems
from rules.own_nurse import require_not_herself
from rules.people import Actor, Party, Role, require
from rules.wording import remark, wording

LONGEST_NAME: Final = 50
MOST: Final = 500
"""So many nurses are assigned at once."""


class UnitKind(Labelled):
    """The kind of a unit: a campus holds wards and who is in none of them, a ward nurses and maybe wards of its own."""

    CAMPUS = "CAMPUS", "院区"
    WARD = "WARD", "科室病区"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a locked institution."""

    id: UUID
    institution_id: UUID
    kind: UnitKind
    name: str
    parent_id: UUID | None
    row_version: int
    closed: bool


def require_whole(actor: Actor) -> None:
    """Refuse who is limited to units in what concerns the whole institution."""
    if actor.units is not None:
        raise NotAllowed("LIMITED_TO_UNITS", _LIMITED)


def require_assigner(actor: Actor) -> None:
    """Refuse whoever may not say to which unit a nurse belongs."""
    require(actor, Role.OPERATOR)
    require_whole(actor)


def unit_name(text: str) -> str:
    """The name of a unit: 1 to 50 characters, nothing hidden in it."""
    return wording("name", spelling.name(text), LONGEST_NAME, _NAME, allowed="")


def require_mapped(kind: UnitKind, department: Department | None, other: str | None) -> str | None:
    """The words of a ward's 科室 where it is OTHER; refuses a ward without one, and a campus with one."""
    if kind is UnitKind.CAMPUS and department is not None:
        raise Invalid(FieldProblem("department", "CAMPUS_WITHOUT_DEPARTMENT", _NO_DEPARTMENT))
    if kind is UnitKind.WARD and department is None:
        raise Invalid(FieldProblem("department", "FIELD_REQUIRED", _DEPARTMENT))
    if problems := [*words_problems(department, "otherDepartment", other)]:
        raise Invalid(*problems)
    return trimmed(other)


def require_place(kind: UnitKind, parent: Unit | None) -> None:
    """Refuse a place in the tree: a campus stands on top, a ward there or right below one that does and is open."""
    if parent is None:
        return
    if kind is UnitKind.CAMPUS or parent.parent_id is not None:
        raise Invalid(FieldProblem("parent", "UNIT_TOO_DEEP", _TOO_DEEP))
    if parent.closed:
        raise Invalid(FieldProblem("parent", "UNIT_CLOSED", CLOSED))


def require_free_name(taken: bool) -> None:
    """Refuse a name that an open unit of the institution has."""
    if taken:
        raise Invalid(FieldProblem("name", "TAKEN", _TAKEN))


def require_open(unit: Unit, expected_version: int | None = None) -> None:
    """Refuse a step on a unit that is closed, or was changed since it was read."""
    if unit.closed:
        raise NotAllowed("UNIT_CLOSED", CLOSED)
    if expected_version not in (None, unit.row_version):
        raise Conflict(Situation.VERSION_STALE, current_version=unit.row_version)


def require_empty(*, nurses: bool, units: bool) -> None:
    """Refuse to close a unit to which nurses belong, or below which others are open."""
    if nurses:
        raise NotAllowed("UNIT_HAS_NURSES", _HAS_NURSES)
    if units:
        raise NotAllowed("UNIT_HAS_UNITS", _HAS_UNITS)


def require_few(nurses: Collection[UUID]) -> None:
    """Refuse none, and more than are assigned at once."""
    if not 0 < len(nurses) <= MOST:
        zh, en = f"每次请选择1至{MOST}名护士", f"Name 1 to {MOST} nurses at once."
        raise Invalid(FieldProblem("ids", "WRONG_NUMBER", Words(zh, en)))


def require_may_limit(party: Party, roles: Collection[Role]) -> None:
    """Refuse a limit for whoever sees all of her place anyway."""
    if party is not Party.INSTITUTION or Role.MANAGER in roles:
        raise NotAllowed("NOT_LIMITED", _NOT_LIMITED)


def require_may_pre_review(actor: Actor, application: Application, expected_version: int) -> None:
    """Refuse a word on an application by anybody but a ward head of the nurse's unit, while her institution reviews it.

    NotFound to others, and of whatever belongs to another unit.
    """
    own = actor.party is Party.INSTITUTION and application.institution_id == actor.party_id
    if not actor.active or not own or application.revision == 0 or not actor.reaches(application.unit_id):
        raise NotFound
    require(actor, Role.WARD_HEAD)
    require_not_herself(actor, application.nurse_id)
    if application.state is not State.INSTITUTION_REVIEW:
        raise WrongState(application.state)
    if application.version != expected_version:
        raise Conflict(Situation.VERSION_STALE, current_version=application.version)


def require_unsaid(said: bool) -> None:
    """Refuse a word that its giver has given already on the application as it is filed now, and nobody since."""
    if said:
        raise NotAllowed("PRE_REVIEWED_ALREADY", _SAID)


def pre_review_note(text: str | None, *, confirmed: bool) -> str | None:
    """The words of a ward head, needed where she does not confirm the facts."""
    return remark("note", text) if confirmed else wording("note", text, missing=_SAY_WHAT)


CLOSED: Final = Words("该科室病区已撤销", "This unit is closed.")
_LIMITED: Final = Words(
    "您的账户限于部分科室病区，此操作涉及全院，请由不受限的经办人办理",
    "Your account is limited to units, and this concerns the whole institution: ask somebody who is not limited.",
)
_NAME: Final = Words("请填写名称", "Give a name.")
_NO_DEPARTMENT: Final = Words("院区不对应科室，请留空", "A campus is no department: leave it out.")
_DEPARTMENT: Final = Words("请选择对应的科室", "Say which national department it is.")
_TOO_DEEP: Final = Words(
    "院区下设科室病区，科室病区下可再设一级；院区只能直属机构",
    "A campus stands right below the institution, and units go two levels deep.",
)
_TAKEN: Final = Words("本机构已有同名的科室病区", "Your institution has a unit of this name.")
_HAS_NURSES: Final = Words(
    "该科室病区还有护士，请先调整到其他科室病区", "Nurses belong to this unit: assign them to others first."
)
_HAS_UNITS: Final = Words("该科室病区下还有未撤销的科室病区", "Units below this one are open: close them first.")
_NOT_LIMITED: Final = Words(
    "机构管理员办理全院业务，不能限定科室病区", "A manager works for the whole institution and is never limited."
)
_SAID: Final = Words(
    "您已提出相同的预审意见，此后没有变化；改变意见的，请提出不同的意见",
    "You have said the same, and nothing has happened since: say something else where you have changed your mind.",
)
_SAY_WHAT: Final = Words("事实有疑问的，请说明", "Say what is not right.")
