"""Nurses who may not practise today (执业资格预警), as a dashboard lists them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import strawberry

from graph.schema.filter import UNSET, DateFilter, TextFilter, UnitFilter
from graph.schema.link import link
from graph.schema.nurse import Nurse
from graph.schema.place import Authority, Institution
from rules.label import Labelled
from rules.nurse import DeregistrationReason
from rules.practice_reason import PracticeCause


@strawberry.type
class PracticeAlert:
    """A nurse on the register who may not practise today (不得执业): since when, and not why."""

    nurse_name: str = strawberry.field(description="姓名.")
    id_number_masked: str = strawberry.field(
        description="证件号, masked: so that two nurses of one name are told apart."
    )
    certificate_number: str = strawberry.field(description="护士执业证书编号.")
    since: date | None = strawberry.field(
        description="The first day on which she might not practise; null where history does not say."
    )
    nurse_id: strawberry.Private[UUID]
    unit_id: strawberry.Private[UUID | None]
    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_id", "Her record.")
    unit = link("graph.schema.unit.Unit", "unit_id", "科室病区, for those who work there.")
    institution = link(Institution, "institution_id", "执业机构; null where she has none.")
    authority = link(Authority, "authority_id", "注册机关.")


@strawberry.input
class PracticeAlertWhere:
    """Conditions on nurses who may not practise; all that is given must hold."""

    and_: list[PracticeAlertWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[PracticeAlertWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: PracticeAlertWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    nurse_name: TextFilter | None = strawberry.field(default=UNSET, description="姓名: by equality or its beginning.")
    since: DateFilter | None = strawberry.field(default=UNSET, description="Since when she may not.")
    unit: UnitFilter | None = strawberry.field(default=UNSET, description="科室病区, not those below it.")


@strawberry.enum
class PracticeAlertOrder(Labelled):
    """One column to order them by; rows that are equal in all of them keep the order of their ids."""

    VALID_UNTIL_ASC = "validUntil", "有效期，从早到晚"
    VALID_UNTIL_DESC = "-validUntil", "有效期，从晚到早"
    NAME_ASC = "nameOrder", "姓名，按拼音顺序"
    NAME_DESC = "-nameOrder", "姓名，按拼音倒序"


strawberry.enum(PracticeCause)


@strawberry.type
class PracticeReason:
    """Why a nurse may not practise today (不得执业原因)."""

    causes: list[PracticeCause] = strawberry.field(description="All that keep her from it; empty where nothing does.")
    valid_until: date | None = strawberry.field(description="有效期至.")
    suspended_until: date | None = strawberry.field(description="The last day of a suspension that runs.")
    decision_number: str | None = strawberry.field(description="决定书文号 of that suspension.")
    deregistration_reason: DeregistrationReason | None = strawberry.field(description="注销理由.")
