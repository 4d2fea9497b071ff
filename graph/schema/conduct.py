"""Good and bad records (良好记录、不良记录, 条例 11): the noun, its list, and what the steps take."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.filter import UNSET, Among, BooleanFilter, TextFilter
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.place import Authority, Institution
from graph.schema.query import query_after
from graph.schema.registration_act import NurseActInput
from graph.schema.step import IdempotentInput
from rules.conduct import ConductKind, ConductSource, ConductState, Decided, WithdrawalGround

for listed in (ConductKind, ConductSource, ConductState):
    strawberry.enum(listed)


@strawberry.type
class ConductRecord(Node):
    """A good or bad record of a nurse's conduct (良好记录、不良记录, 条例 11).

    It shows to herself, to where she is registered, to whoever reviews an application of hers, and to her 注册机关:
    never in public, in an event or in a count.
    """

    nurse_name: str = strawberry.field(description="姓名.")
    certificate_number: str | None = strawberry.field(description="护士执业证书编号.")
    kind: ConductKind = strawberry.field(description="良好 or 不良.")
    state: ConductState = strawberry.field(description="Where it stands.")
    source: ConductSource = strawberry.field(description="来源.")
    text: str = strawberry.field(description="内容.")
    decision_number: str | None = strawberry.field(description="决定书文号; a bad record that stands has one.")
    decided_on: date | None = strawberry.field(description="决定日期.")
    served_on: date | None = strawberry.field(description="送达日期.")
    issuer: str | None = strawberry.field(description="作出机关.")
    created_at: datetime = strawberry.field(description="When it was proposed, or written.")
    recorded_at: datetime | None = strawberry.field(description="Since when it stands (记录时间).")
    declined_why: str | None = strawberry.field(description="未采纳理由.")
    statement: str | None = strawberry.field(description="What the nurse says to it (本人陈述).")
    stated_at: datetime | None = strawberry.field(description="When she said it.")
    correction_asked: str | None = strawberry.field(description="What she wants put right (申请更正).")
    correction_asked_at: datetime | None = strawberry.field(description="When she asked for it.")
    correction_answer: str | None = strawberry.field(description="What her 注册机关 answered (更正答复).")
    correction_answered_at: datetime | None = strawberry.field(description="When it answered.")
    withdrawn_at: datetime | None = strawberry.field(
        description="When it was withdrawn from view (撤除); from then on only she and her 注册机关 read it."
    )
    withdrawal_ground: WithdrawalGround | None = strawberry.field(description="撤除依据.")
    withdrawal_number: str | None = strawberry.field(description="撤除文号.")
    nurse_id: strawberry.Private[UUID]
    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_id", "Whom it is about.")
    institution = link(Institution, "institution_id", "报送机构: who proposed it.")
    authority = link(Authority, "authority_id", "注册机关: who has written it, or decides on it.")


@strawberry.input
class ConductKindFilter(Among[ConductKind]):
    """Compares good and bad."""


@strawberry.input
class ConductStateFilter(Among[ConductState]):
    """Compares where records stand."""


@strawberry.input
class ConductRecordWhere:
    """Conditions on records; all that is given must hold."""

    and_: list[ConductRecordWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[ConductRecordWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: ConductRecordWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    nurse_name: TextFilter | None = strawberry.field(default=UNSET, description="姓名: by equality or its beginning.")
    kind: ConductKindFilter | None = strawberry.field(default=UNSET, description="良好 or 不良.")
    state: ConductStateFilter | None = strawberry.field(default=UNSET, description="Where it stands.")
    decision_number: TextFilter | None = strawberry.field(default=UNSET, description="决定书文号.")
    correction_waits: BooleanFilter | None = strawberry.field(
        default=UNSET, description="Whether she has asked for a correction that is not answered."
    )


@strawberry.input
class DecidedInput:
    """The decision that a record is written from: all of it for a bad record."""

    decision_number: str | None = strawberry.field(default=None, description="决定书文号, up to 60 characters.")
    decided_on: date | None = strawberry.field(default=None, description="决定日期.")
    served_on: date | None = strawberry.field(default=None, description="送达日期, at most today.")
    issuer: str | None = strawberry.field(default=None, description="作出机关, up to 100 characters.")

    def decided(self) -> Decided:
        """The decision, for the rules."""
        return Decided(self.decision_number, self.decided_on, self.served_on, self.issuer)


@strawberry.input
class ConductProposeInput(NurseActInput):
    """A record that an institution proposes."""

    kind: ConductKind = strawberry.field(description="良好, or 不良 that is reported.")
    text: str = strawberry.field(description="内容, up to 500 characters.")


@strawberry.input
class ConductEnterInput(ConductProposeInput):
    """A record that an authority writes."""

    decided: DecidedInput = strawberry.field(description="The decision that it is written from.")


@strawberry.input
class ConductStepInput(IdempotentInput):
    """One record."""

    id: strawberry.ID = strawberry.field(description="The record's global id.")


@strawberry.input
class ConductConfirmInput(ConductStepInput):
    """The confirmation of what was proposed."""

    decided: DecidedInput = strawberry.field(description="The decision: needed for a bad record.")


@strawberry.input
class ConductDeclineInput(ConductStepInput):
    """The refusal of what was proposed."""

    reason: str = strawberry.field(description="未采纳理由, up to 500 characters.")


@strawberry.input
class ConductWordsInput(ConductStepInput):
    """A nurse's words on a record."""

    text: str = strawberry.field(description="陈述 or 更正事项, up to 500 characters.")


@strawberry.input
class ConductCorrectInput(ConductStepInput):
    """A record as it is right, and the answer to her."""

    text: str = strawberry.field(description="内容 as it is right.")
    decided: DecidedInput = strawberry.field(description="The decision as it is right.")
    answer: str = strawberry.field(description="更正答复, up to 500 characters; also why nothing was changed.")


@strawberry.input
class ConductWithdrawInput(ConductStepInput):
    """The withdrawal of a record."""

    ground: WithdrawalGround = strawberry.field(description="撤除依据.")
    decision_number: str = strawberry.field(description="撤除文号, up to 60 characters.")


@strawberry.interface
class ConductPayload:
    """The step was taken."""

    conduct_record: ConductRecord = strawberry.field(description="The record as it stands now.")

    query = query_after("Anything else you want to read after the step.")
