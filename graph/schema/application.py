"""Applications as clients see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.deadline import ApplicationDeadline
from graph.schema.form import ApplicationForm, shown_form
from graph.schema.link import link, links
from graph.schema.material import ChecklistItem, Material, MaterialMark
from graph.schema.node import Node, key_of
from graph.schema.nurse import Nurse
from graph.schema.place import Authority, Institution
from graph.schema.problem import FieldProblem
from rules.application import State, Step
from rules.decision import DecisionOutcome, DecisionStage
from rules.identity import DocumentType
from rules.kinds import Kind
from rules.nurse import Sex
from rules.people import Party
from rules.reasons import Reason
from rules.recusal import Unconfirmed

strawberry.enum(Party)
strawberry.enum(Reason)
strawberry.enum(DecisionStage)
strawberry.enum(DecisionOutcome)
strawberry.enum(Unconfirmed)


@strawberry.type
class ReviewDecision(Node):
    """One decision on an application (审核意见), never changed afterwards."""

    revision: int = strawberry.field(description="Which revision of the application it judged.")
    stage: DecisionStage = strawberry.field(description="环节.")
    outcome: DecisionOutcome = strawberry.field(description="审核结果.")
    reasons: list[Reason] = strawberry.field(description="The coded reasons.")
    marked_fields: list[str] = strawberry.field(description="The fields of the form that were marked.")
    opinion: str | None = strawberry.field(description="意见.")
    at: datetime = strawberry.field(description="When.")
    decider: str | None = strawberry.field(description="Who decided; shown to staff only.")
    on_behalf_of: str | None = strawberry.field(
        description="代: the absent colleague for whom a deputy decided; shown to staff only."
    )
    key: strawberry.Private[UUID]
    marked_materials = links(MaterialMark, "key", "The materials that were marked, by their codes.")
    delivery = link(
        "graph.schema.delivery.Delivery",
        "key",
        "How it reaches her (送达); null where nothing is delivered, or was decided before this was kept.",
    )


@strawberry.type
class ApplicationRevision:
    """One filing of the application, and its differences from the revision before."""

    revision: int = strawberry.field(description="Counts from 1.")
    changed_fields: list[str] = strawberry.field(description="The fields that differ from the revision before.")
    at: datetime = strawberry.field(description="When it was filed.")
    kind: strawberry.Private[Kind]
    form_json: strawberry.Private[Mapping[str, object]]

    @strawberry.field
    def form(self) -> ApplicationForm:
        """The form as it was filed then."""
        return shown_form(self.kind, self.form_json)


@strawberry.type
class Application(Node):
    """A nurse's request to change the register, and where it stands (业务申请)."""

    kind: Kind = strawberry.field(description="业务类型.")
    state: State = strawberry.field(description="Where it stands.")
    version: int = strawberry.field(description="Rises with every change; give it back as `expectedVersion`.")
    revision: int = strawberry.field(description="How often it was filed; 0 for a draft.")
    filed_by: Party = strawberry.field(
        description="Who filed it: the nurse, her institution, or her authority at its counter."
    )
    nurse_name: str = strawberry.field(description="姓名 when it was filed.")
    nurse_sex: Sex = strawberry.field(description="性别 when it was filed.")
    nurse_birth_date: date = strawberry.field(description="出生日期 when it was filed.")
    document_type: DocumentType = strawberry.field(description="证件类型 when it was filed.")
    id_number_masked: str = strawberry.field(description="证件号, masked.")
    certificate_number: str | None = strawberry.field(description="护士执业证书编号 when it was filed.")
    marked_fields: list[str] = strawberry.field(
        description="The fields the nurse is asked to correct; only these are open."
    )
    receipt_number: str | None = strawberry.field(description="受理编号, without gaps within an authority and year.")
    due_on: date | None = strawberry.field(description="The day by which the law wants the decision.")
    promised_due_on: date | None = strawberry.field(description="The day by which the authority promises it.")
    deemed: bool = strawberry.field(description="Granted by law, because nobody decided in time (视为准予延续).")
    objected: bool = strawberry.field(description="Whether an objection of the nurse waits for an answer (异议).")
    objection: str | None = strawberry.field(description="What the nurse objects to it (异议).")
    objection_answer: str | None = strawberry.field(description="What the authority answered (答复异议).")
    created_at: datetime = strawberry.field(description="When the draft was begun.")
    submitted_at: datetime | None = strawberry.field(description="When it was first filed.")
    queued_at: datetime | None = strawberry.field(description="Since when it waits on the desk where it is.")
    forwarded_at: datetime | None = strawberry.field(description="When it reached the authority.")
    accepted_at: datetime | None = strawberry.field(description="受理时间.")
    decided_at: datetime | None = strawberry.field(description="When it ended.")
    escalated_at: datetime | None = strawberry.field(
        description="When it went on without the institution's word (未经机构确认)."
    )
    answer_until: date | None = strawberry.field(
        description="答复截止日期: the last day on which the nurse can answer what was returned or marked, or name an "
        "institution where none has taken it up; then it lapses (逾期失效). Null where nothing is waited for of her."
    )
    escalates_from: date | None = strawberry.field(
        description="可直接报送日: the first day on which the nurse may take it to the authority without the word of "
        "the institution that has it (直接报送); null where no institution's word is waited for."
    )
    unconfirmed: Unconfirmed | None = strawberry.field(
        description="Why nobody at the institution could confirm it (回避): then it came to the authority at once."
    )
    institution_outcome: DecisionOutcome | None = strawberry.field(
        description="机构审核结果: what the institution last said of it as it is filed now; null where it has not said "
        "anything, and where it filed this itself."
    )
    held_by: str | None = strawberry.field(description="The colleague who works on it; shown to her colleagues only.")
    held_until: datetime | None = strawberry.field(description="Until when she holds it; shown to her colleagues only.")
    key: strawberry.Private[UUID]
    form_json: strawberry.Private[Mapping[str, object]]
    nurse_id: strawberry.Private[UUID]
    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    passed_up_from_id: strawberry.Private[UUID | None]
    blocked_by_id: strawberry.Private[UUID | None]
    feed_place: strawberry.Private[str | None]

    @strawberry.field
    def form(self) -> ApplicationForm:
        """The form as last filed."""
        return shown_form(self.kind, self.form_json)

    nurse = link(Nurse, "nurse_id", "The nurse it is about, while you may read her record.")
    institution = link(Institution, "institution_id", "The institution that reviews it.")
    authority = link(
        Authority, "authority_id", "The authority that decides, stamped when the institution forwarded it."
    )
    passed_up_from = link(
        Authority,
        "passed_up_from_id",
        "The authority that lacked an officer for it, or a second one: the one above decides in its place, and the"
        " entry stays its own (转由上级机关办理).",
    )
    blocked_by = link(
        "graph.schema.application.Application",
        "blocked_by_id",
        "The undecided deregistration before whose end nothing is granted here (暂缓决定), where you may read it.",
    )
    decisions = links(
        ReviewDecision,
        "key",
        "What was decided on it, newest first; a reviewer's opinion shows inside the authority only.",
    )
    revisions = links(ApplicationRevision, "key", "What was filed, newest first.")
    pre_reviews = links(
        "graph.schema.unit.PreReview",
        "key",
        "What ward heads said to it (预审), newest first; shown to her institution only.",
        of="PreReview",
    )
    deadline = link(
        ApplicationDeadline, "key", "The deadline of the decision (审批期限), once it has reached the authority."
    )
    materials = links(Material, "key", "What was handed in (申请材料), newest first.")
    marked_materials = links(
        "graph.schema.material.MaterialMark",
        "key",
        "The materials the nurse is asked for, while an answer is waited for; only these may be handed in.",
        of="WaitingMaterialMark",
    )

    @strawberry.field
    async def checklist(
        self,
        info: Info,
        institution_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="As if it went to this institution: another one that you will name."),
        ] = None,
    ) -> list[ChecklistItem]:
        """The materials asked for (申请材料清单) as of the day it was filed, and those that are there.

        Of a draft: what filing it today asks for.
        """
        place = None if institution_id is None else key_of("Institution", institution_id)
        items = await info.context.load.checklist(self.key, place)
        return [ChecklistItem.of(item, info.context.language) for item in items]

    @strawberry.field
    async def form_problems(self, info: Info) -> list[FieldProblem]:
        """The problems of a draft's form, missing fields included, if it were filed today (填报检查)."""
        found = await info.context.load.form_problems(self.key) if self.state == State.DRAFT else ()
        return [FieldProblem.of(one, info.context.language) for one in found]

    @strawberry.field
    async def available_steps(self, info: Info) -> list[Step]:
        """The steps open to you now: exactly those that would not be refused, if what you send with them is right.

        SUBMIT of a draft is judged with the materials of where it is addressed to now.
        """
        return await info.context.load.steps(self.key)

    @strawberry.field
    def feed_cursor(self, info: Info) -> str | None:
        """The place of your own feed when this was read: follow it `after` this, and no event falls between."""
        return info.context.cursor_at(self.feed_place)
