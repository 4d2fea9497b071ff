"""Units of an institution (科室病区), their nurses as ward heads see them, and what the steps take and answer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.filter import UNSET, StandingFilter, TextFilter, UnitFilter
from graph.schema.link import link, links
from graph.schema.node import Node
from graph.schema.query import query_after
from graph.schema.step import ApplicationStepInput, IdempotentInput
from rules.application import State
from rules.kinds import Kind
from rules.label import Labelled
from rules.nurse import Department, Post, Title
from rules.registration import Standing
from rules.unit import UnitKind

strawberry.enum(UnitKind)


@strawberry.type
class Unit(Node):
    """A unit of an institution (院区、科室病区): its own name for a place, and the national 科室 that it is."""

    name: str = strawberry.field(description="名称, as the institution calls it.")
    kind: UnitKind = strawberry.field(description="院区 or 科室病区.")
    department: Department | None = strawberry.field(description="对应科室; null for a campus.")
    other_department: str | None = strawberry.field(description="Which one, where the department is OTHER.")
    created_at: datetime = strawberry.field(description="When it was set up.")
    closed_at: datetime | None = strawberry.field(description="撤销时间; null while it is open.")
    parent_id: strawberry.Private[UUID | None]
    parent = link("graph.schema.unit.Unit", "parent_id", "上级: what it lies in; null right below the institution.")


@strawberry.type
class UnitLimit:
    """One of the units that a colleague is limited to (限定科室病区)."""

    name: str = strawberry.field(description="名称.")
    unit_id: strawberry.Private[UUID]
    unit = link(Unit, "unit_id", "The unit, where you may read it.")


@strawberry.type
class PreReview:
    """A word of a ward head on an application (预审意见): a note for whoever reviews it, no decision."""

    revision: int = strawberry.field(description="Which revision of the application she saw.")
    confirmed: bool = strawberry.field(description="True where the facts are right (属实).")
    note: str | None = strawberry.field(description="说明; always there where they are not.")
    at: datetime = strawberry.field(description="When.")
    by: str | None = strawberry.field(description="Who said it.")


@strawberry.type
class WardApplication:
    """An application that waits at the institution, as the ward head of the nurse sees it: no form, no papers."""

    application_id: strawberry.ID = strawberry.field(description="The application, by its global id.")
    kind: Kind = strawberry.field(description="业务类型.")
    state: State = strawberry.field(description="Where it stands.")
    version: int = strawberry.field(description="Rises with every change; give it back as `expectedVersion`.")
    submitted_at: datetime | None = strawberry.field(description="申请时间.")
    application_key: strawberry.Private[UUID]
    pre_reviews = links(PreReview, "application_key", "What ward heads said to it (预审), newest first.")


@strawberry.type
class WardNurse(Node):
    """A nurse as the ward head (护士长) of her unit sees her: name, work and standing, and nothing private."""

    name: str = strawberry.field(description="姓名.")
    department: Department | None = strawberry.field(description="工作科室 on record.")
    post: Post | None = strawberry.field(description="职务 on record.")
    title: Title | None = strawberry.field(description="技术职称 on record.")
    standing: Standing = strawberry.field(description="执业状态 today.")
    may_practise: bool = strawberry.field(description="Whether she may work as a nurse today.")
    valid_until: date | None = strawberry.field(description="注册有效期至, inclusive.")
    key: strawberry.Private[UUID]
    unit_id: strawberry.Private[UUID | None]
    unit = link(Unit, "unit_id", "The unit that she belongs to.")
    applications = links(WardApplication, "key", "Her applications that wait at the institution, newest first.")


@strawberry.input
class WardNurseWhere:
    """Conditions on the nurses of a ward; all that is given must hold."""

    and_: list[WardNurseWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[WardNurseWhere] | None = strawberry.field(default=UNSET, name="or", description="At least one of these.")
    not_: WardNurseWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    nurse_name: TextFilter | None = strawberry.field(default=UNSET, description="姓名: by equality or its beginning.")
    standing: StandingFilter | None = strawberry.field(default=UNSET, description="执业状态 today.")
    unit: UnitFilter | None = strawberry.field(default=UNSET, description="科室病区, not those below it.")


@strawberry.enum
class WardNurseOrder(Labelled):
    """One column to order them by; rows that are equal in all of them keep the order of their ids."""

    NAME_ASC = "nameOrder", "姓名，按拼音顺序"
    NAME_DESC = "-nameOrder", "姓名，按拼音倒序"
    VALID_UNTIL_ASC = "validUntil", "有效期，从早到晚"
    VALID_UNTIL_DESC = "-validUntil", "有效期，从晚到早"


@strawberry.input
class UnitCreateInput(IdempotentInput):
    """A unit to be."""

    name: str = strawberry.field(description="名称: 1 to 50 characters, of no other open unit of yours.")
    kind: UnitKind = strawberry.field(description="院区 or 科室病区; it never changes.")
    department: Department | None = strawberry.field(
        default=None, description="对应科室: needed for a ward, left out for a campus."
    )
    other_department: str | None = strawberry.field(
        default=None, description="Which one, where the department is OTHER."
    )
    parent: strawberry.ID | None = strawberry.field(
        default=None, description="上级: the campus or ward right below the institution in which it lies."
    )


@strawberry.input
class UnitStepInput(IdempotentInput):
    """One step on one unit."""

    id: strawberry.ID = strawberry.field(description="The unit's global id.")
    expected_version: int = strawberry.field(description="Its `rowVersion` as you last read it.")


@strawberry.input
class UnitChangeInput(UnitStepInput):
    """A unit as it should be."""

    name: str = strawberry.field(description="名称.")
    department: Department | None = strawberry.field(default=None, description="对应科室.")
    other_department: str | None = strawberry.field(
        default=None, description="Which one, where the department is OTHER."
    )


@strawberry.input
class UnitAssignInput(IdempotentInput):
    """Nurses, and the unit that they belong to from now on."""

    ids: list[strawberry.ID] = strawberry.field(description="The nurses' global ids, 1 to 500 of your roster.")
    unit: strawberry.ID | None = strawberry.field(description="科室病区; null for none.")


@strawberry.input
class StaffSetUnitsInput(IdempotentInput):
    """The units that a colleague is limited to."""

    id: strawberry.ID = strawberry.field(description="The account's global id.")
    units: list[strawberry.ID] = strawberry.field(
        description="All of them, with those below; none for no limit (a ward head without one sees nobody)."
    )


@strawberry.input
class ApplicationPreReviewInput(ApplicationStepInput):
    """A ward head's word on an application."""

    confirmed: bool = strawberry.field(description="True where the facts are right (属实).")
    note: str | None = strawberry.field(
        default=None, description="说明, up to 500 characters; needed where they are not."
    )


@strawberry.interface
class UnitPayload:
    """The step was taken."""

    unit: Unit = strawberry.field(description="The unit as it stands now.")

    query = query_after("Anything else you want to read after the step.")
