"""A nurse's own step on her certificate."""

from __future__ import annotations

import strawberry

from graph.schema.nurse import Nurse
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput


@strawberry.input
class CertificateTokenVoidInput(IdempotentInput):
    """Nothing but the retry key: it is about your own certificate in force."""


@strawberry.type
class CertificateTokenVoidPayload:
    """The code opens nothing any more."""

    nurse: Nurse = strawberry.field(description="Your record as it stands now.")

    query = query_after("Anything else you want to read after the step.")
