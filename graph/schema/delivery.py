"""The delivery of a decision (送达)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.application import Application
from graph.schema.link import link
from graph.schema.nurse import Nurse
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.decision import DecisionOutcome
from rules.delivery import DeliveryWay

strawberry.enum(DeliveryWay)


@strawberry.type
class Delivery:
    """The delivery of a decision to the nurse (送达, 许可法 44): its way and its time, once it reached her."""

    id: strawberry.ID = strawberry.field(description="Global id.")
    nurse_name: str = strawberry.field(description="姓名 when it was filed.")
    outcome: DecisionOutcome = strawberry.field(description="审核结果 of the decision.")
    decided_at: datetime = strawberry.field(description="When it was decided.")
    how: DeliveryWay | None = strawberry.field(description="送达方式; null while it is not delivered.")
    at: datetime | None = strawberry.field(description="送达时间; null while it is not delivered.")
    postal_number: str | None = strawberry.field(description="邮件号, of what was posted.")
    due_on: date | None = strawberry.field(
        description="The day by which it is to be delivered: the tenth working day after it was decided (许可法 44). "
        "Null where the working calendar ends before."
    )
    overdue: bool = strawberry.field(description="Whether it was delivered after that day, or is not yet.")
    review_until: date | None = strawberry.field(
        description="The last day to ask for an administrative review (行政复议), 60 days from the delivery on; null "
        "while it is not delivered, and for a request to correct."
    )
    consented: bool = strawberry.field(
        description="Whether she consents to electronic delivery (电子送达) today; without it goes on paper."
    )
    application_id: strawberry.Private[UUID]
    application = link(Application, "application_id", "The application that was decided.")


@strawberry.input
class DecisionAcknowledgeInput(IdempotentInput):
    """The decision that you have read."""

    id: strawberry.ID = strawberry.field(description="The delivery's global id, as `ReviewDecision.delivery` has it.")


@strawberry.input
class DecisionDeliverInput(DecisionAcknowledgeInput):
    """The way in which a decision reached the nurse."""

    how: DeliveryWay = strawberry.field(
        description="COUNTER or POST; SMS_NOTICE only with her consent. PAGE is recorded by herself."
    )
    at: datetime | None = strawberry.field(default=None, description="送达时间; now unless told.")
    postal_number: str | None = strawberry.field(default=None, description="邮件号, for POST alone.")


@strawberry.input
class DeliveryWithdrawInput(IdempotentInput):
    """The delivery that was recorded by mistake, and why that was wrong."""

    id: strawberry.ID = strawberry.field(description="The delivery's global id, as `ReviewDecision.delivery` has it.")
    reason: str = strawberry.field(description="撤销原因, in words, up to 500 characters.")


@strawberry.input
class DeliveryConsentSetInput(IdempotentInput):
    """Your consent to electronic delivery of decisions, or its end."""

    consents: bool = strawberry.field(description="True: by page and text message. False: on paper, as without a word.")


@strawberry.interface
class DeliveryPayload:
    """The step was taken."""

    delivery: Delivery = strawberry.field(description="The delivery as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.type
class DeliveryConsentSetPayload:
    """Your wish is recorded."""

    nurse: Nurse = strawberry.field(description="Your record as it stands now.")

    query = query_after("Anything else you want to read after the step.")
