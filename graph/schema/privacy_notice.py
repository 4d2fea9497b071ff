"""The privacy notice (隐私政策), as clients see it."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from graph.schema.query import query_after
from graph.schema.step import IdempotentInput


@strawberry.type
class PrivacyAcceptance:
    """The word on the notice that you gave last."""

    version: int = strawberry.field(description="Of the notice.")
    sensitive: bool = strawberry.field(description="单独同意: for sensitive data that rest on your consent alone.")
    at: datetime = strawberry.field(description="When.")


@strawberry.type
class PrivacyNotice:
    """The notice that a nurse reads of her data (隐私政策): one version."""

    version: int = strawberry.field(description="版本: to be named where it is accepted.")
    from_day: date = strawberry.field(description="生效日期.")
    text: str = strawberry.field(description="The text, in paragraphs; the Chinese one is what holds.")
    due: bool = strawberry.field(
        description="Whether you, a nurse, are asked to read and accept it: nothing is closed to you until you do."
    )
    accepted: PrivacyAcceptance | None = strawberry.field(
        description="What you have accepted last, of this version or another; null where nothing was."
    )


@strawberry.input
class PrivacyNoticeAcceptInput(IdempotentInput):
    """The version that you have read, and your separate consent."""

    version: int = strawberry.field(description="The one in force.")
    sensitive: bool = strawberry.field(
        description="单独同意: true gives, false withdraws your consent for sensitive data that rest on it alone."
    )


@strawberry.interface
class PrivacyNoticePayload:
    """Your word is kept."""

    notice: PrivacyNotice = strawberry.field(description="The notice in force, with what you have accepted.")

    query = query_after("Anything else you want to read after it.")
