"""All that the register holds about a nurse, as clients ask for it."""

from __future__ import annotations

import strawberry

from rules.relative import Relation
from rules.ticket import RecordFormat

strawberry.enum(RecordFormat)
strawberry.enum(Relation)


@strawberry.input
class RecordTicketCreateInput:
    """The form of the file, and your password, given again."""

    format: RecordFormat = strawberry.field(description="PDF to read, JSON for a program.")
    password: str = strawberry.field(description="当前密码.")


@strawberry.input
class RecordTicketCreateForRelativeInput:
    """The near relative who has come to the desk, and what was seen."""

    nurse_id: strawberry.ID = strawberry.field(description="The deceased nurse's global id.")
    relation: Relation = strawberry.field(description="The relation to her (近亲属).")
    relative_name: str = strawberry.field(description="The relative's name (姓名), up to 50 characters.")
    document_last4: str = strawberry.field(description="证件号码后4位, of the relative's own document.")
    proof: str = strawberry.field(description="The proof of the relation that was seen (亲属关系证明), in words.")
    case_note: str = strawberry.field(description="What the relative needs it for (查阅事由).")
    papers_seen: bool = strawberry.field(description="Whether document and proof were seen as originals; else refused.")
