"""Messages that could not be sent."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.schema.node import Node
from graph.schema.payload import Payload
from graph.schema.step import IdempotentInput
from rules.message import Template
from rules.verification import Channel

strawberry.enum(Channel)
strawberry.enum(Template, name="MessageTemplate")


@strawberry.type
class DeadLetter(Node):
    """A message that was given up (未送达通知): refused for good, or tried for a day."""

    channel: Channel = strawberry.field(description="How it was to go.")
    template: Template = strawberry.field(description="What it says; the text itself never shows.")
    recipient: str = strawberry.field(description="Whom it is for, masked.")
    tries: int = strawberry.field(description="How often it was tried.")
    last_error: str = strawberry.field(description="Why it failed the last time: a code, as SMTP_RECIPIENT_550.")
    at: datetime = strawberry.field(description="When it was given up.")


@strawberry.input
class DeadLetterRetryInput(IdempotentInput):
    """A dead letter to be tried afresh."""

    id: strawberry.ID = strawberry.field(description="Its global id.")


@strawberry.type
class DeadLetterRetryPayload(Payload):
    """The message waits to be sent again."""

    message_id: strawberry.ID = strawberry.field(description="The message's global id.")
