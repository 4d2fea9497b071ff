"""Being known to the register, as clients see it: correcting what was typed, being compared."""

from __future__ import annotations

import strawberry

from graph.schema.account import KEY, NAME_NOTE, Viewer
from rules.identity import DocumentType


@strawberry.input
class AccountCorrectIdentityInput:
    """The right name and document, in full."""

    name: str = strawberry.field(description="姓名.")
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号码.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input
class AccountVerifyIdentityInput:
    """Nothing but the retry key: what is compared was registered."""

    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input
class AccountDeclareMilitarySourceInput:
    """Nothing but the retry key: the application itself says from which force."""

    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type
class Known:
    """You, as you stand now."""

    viewer: Viewer | None = strawberry.field(description="You; `activation` says what comes next.")


@strawberry.type
class Corrected(Known):
    """You, as you stand now, and how your name was read."""

    name_note: str | None = strawberry.field(description=NAME_NOTE)
