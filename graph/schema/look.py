"""Looks at somebody's data (查阅), complaints about one, and the audit trail of an area."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.filter import UNSET, Among, TextFilter
from graph.schema.link import link
from graph.schema.node import Node, key_of
from graph.schema.nurse import Nurse
from graph.schema.place import Authority
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.look_complaint import ComplaintState
from rules.look_up import LookKind, LookUpPurpose
from rules.people import Party, Role
from rules.ticket import FileKind

for listed in (LookKind, LookUpPurpose):
    strawberry.enum(listed)
strawberry.enum(ComplaintState, name="LookComplaintState")


@strawberry.type
class Look(Node):
    """A look of somebody at your data (查阅记录): from which place, in which office, what for, when; never by whom."""

    at: datetime = strawberry.field(description="查阅时间.")
    kind: LookKind = strawberry.field(description="查阅行为.")
    purpose: LookUpPurpose | None = strawberry.field(description="查阅目的, where one was asked for.")
    note: str | None = strawberry.field(description="说明: the words beside the purpose.")
    file: FileKind | None = strawberry.field(description="Which file, where one was printed or downloaded.")
    party: Party | None = strawberry.field(description="Whose people they are.")
    place_name: str | None = strawberry.field(description="查阅单位.")
    roles: list[Role] = strawberry.field(description="岗位: the roles of whoever looked.")


@strawberry.type
class LookComplaint(Node):
    """A complaint of a nurse about a look at her data (查阅投诉); the authority that supervises the place answers."""

    look_id: str = strawberry.field(description="The look, by its global id.")
    state: ComplaintState = strawberry.field(description="Where it stands.")
    looked_at: datetime = strawberry.field(description="查阅时间.")
    kind: LookKind = strawberry.field(description="查阅行为.")
    purpose: LookUpPurpose | None = strawberry.field(description="查阅目的.")
    party: Party = strawberry.field(description="Whose people they are.")
    place_name: str | None = strawberry.field(description="查阅单位.")
    roles: list[Role] = strawberry.field(description="岗位: the roles of whoever looked.")
    officer_name: str | None = strawberry.field(
        description="查阅人姓名: for the authority that answers, never for her."
    )
    officer_user_name: str | None = strawberry.field(description="查阅人用户名, likewise.")
    nurse_name: str = strawberry.field(description="投诉人姓名.")
    words: str = strawberry.field(description="投诉内容.")
    created_at: datetime = strawberry.field(description="投诉时间.")
    upheld: bool | None = strawberry.field(description="投诉是否成立; null while nobody has answered.")
    answer: str | None = strawberry.field(description="答复.")
    answered_at: datetime | None = strawberry.field(description="答复时间.")
    version: int = strawberry.field(description="Rises with every step; give it back as `expectedVersion`.")
    authority_id: strawberry.Private[UUID]
    authority = link(Authority, "authority_id", "The authority that answers (督办机关).")


@strawberry.type
class Investigation(Node):
    """An investigation (调查): once a second officer has confirmed it, looks of the two under it are withheld from the
    nurse until its day, and then told.
    """

    case_number: str = strawberry.field(description="案号.")
    legal_ground: str = strawberry.field(description="法律依据.")
    withheld_until: date = strawberry.field(description="保密至: the last day on which a look is withheld.")
    opened_at: datetime = strawberry.field(description="立案时间.")
    opened_by_name: str = strawberry.field(description="立案人.")
    confirmed_at: datetime | None = strawberry.field(description="确认时间; null while nobody has confirmed it.")
    confirmed_by_name: str | None = strawberry.field(description="确认人: another officer.")
    withheld_looks: int = strawberry.field(description="How many looks are withheld under it now.")
    version: int = strawberry.field(description="Rises with every step; give it back as `expectedVersion`.")
    authority_id: strawberry.Private[UUID]
    authority = link(Authority, "authority_id", "Whose investigation it is.")


@strawberry.input
class InvestigationOpenInput(IdempotentInput):
    """An investigation."""

    case_number: str = strawberry.field(description="案号, up to 60 characters.")
    legal_ground: str = strawberry.field(description="法律依据, up to 500 characters.")
    withheld_until: date = strawberry.field(description="保密至: from tomorrow, at most six months from today.")


@strawberry.input
class InvestigationConfirmInput(IdempotentInput):
    """A colleague's investigation."""

    id: strawberry.ID = strawberry.field(description="The investigation's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")

    def seen(self) -> tuple[UUID, int]:
        """The investigation, and the version of it that was seen."""
        return key_of("Investigation", self.id), self.expected_version


@strawberry.interface
class InvestigationPayload:
    """The step was taken."""

    investigation: Investigation = strawberry.field(description="The investigation as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.type
class AuditEntry:
    """An entry of the audit trail (审计日志): who did what with whose data, from which place, for what purpose."""

    at: datetime = strawberry.field(description="时间.")
    action: str = strawberry.field(description="行为: the name of a step, or of a look as the trail keeps it.")
    kind: LookKind | None = strawberry.field(description="查阅行为, where it is a look.")
    purpose: LookUpPurpose | None = strawberry.field(description="目的, where one was asked for.")
    note: str | None = strawberry.field(description="说明: the words beside the purpose.")
    file: FileKind | None = strawberry.field(description="Which file, where one was printed or downloaded.")
    party: Party | None = strawberry.field(description="Whose people they are.")
    place_name: str | None = strawberry.field(description="单位.")
    roles: list[Role] = strawberry.field(description="岗位: the roles at that time.")
    officer_name: str | None = strawberry.field(description="经办人姓名.")
    officer_user_name: str | None = strawberry.field(description="经办人用户名.")
    nurse_name: str | None = strawberry.field(description="姓名 of the nurse whom it is about; null for a list.")
    id_number_masked: str | None = strawberry.field(description="Her 证件号, masked.")
    member_count: int = strawberry.field(description="How many nurses a list had; 0 where it was none.")
    withheld_until: date | None = strawberry.field(description="Until which day she is not told of it (调查).")
    nurse_id: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_id", "Her whole record, where you may read it.")


@strawberry.input
class LookUpPurposeFilter(Among[LookUpPurpose]):
    """Compares purposes."""


@strawberry.input
class ActingPartyFilter(Among[Party]):
    """Compares whose people they are."""


@strawberry.input
class AccountFilter(Among[strawberry.ID]):
    """Compares accounts, by global ids."""


@strawberry.input
class LookComplaintStateFilter(Among[ComplaintState]):
    """Compares where complaints stand."""


@strawberry.input
class AuditWhere:
    """Conditions on entries of the audit trail; all that is given must hold."""

    and_: list[AuditWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[AuditWhere] | None = strawberry.field(default=UNSET, name="or", description="At least one of these.")
    not_: AuditWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    action: TextFilter | None = strawberry.field(default=UNSET, description="行为.")
    purpose: LookUpPurposeFilter | None = strawberry.field(default=UNSET, description="目的.")
    party: ActingPartyFilter | None = strawberry.field(default=UNSET, description="Whose people they are.")
    account: AccountFilter | None = strawberry.field(default=UNSET, description="经办人.")


@strawberry.input
class LookComplaintWhere:
    """Conditions on complaints; all that is given must hold."""

    and_: list[LookComplaintWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[LookComplaintWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: LookComplaintWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    state: LookComplaintStateFilter | None = strawberry.field(default=UNSET, description="Where they stand.")


@strawberry.input
class LookComplainInput(IdempotentInput):
    """A look that you complain about."""

    look_id: strawberry.ID = strawberry.field(description="The look's global id.")
    words: str = strawberry.field(description="投诉内容, up to 500 characters.")


@strawberry.input
class LookComplaintAnswerInput(IdempotentInput):
    """The answer to a complaint."""

    id: strawberry.ID = strawberry.field(description="The complaint's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")
    upheld: bool = strawberry.field(description="投诉是否成立.")
    answer: str = strawberry.field(description="答复, up to 500 characters; she reads it: name no officer.")

    def seen(self) -> tuple[UUID, int]:
        """The complaint, and the version of it that was seen."""
        return key_of("LookComplaint", self.id), self.expected_version


@strawberry.interface
class LookComplaintPayload:
    """The step was taken."""

    look_complaint: LookComplaint = strawberry.field(description="The complaint as it stands now.")

    query = query_after("Anything else you want to read after the step.")
