"""One person by the number of her document."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.context import Info
from graph.listing import only_once
from graph.resolvers.act import optional_key
from graph.schema.nurse import Nurse
from rules.identity import DocumentType
from rules.look_up import LookUpPurpose, Why, require_own_purpose
from rules.people import Actor
from workflow import look_up

strawberry.enum(LookUpPurpose)
Type = Annotated[DocumentType, strawberry.argument(description="证件类型.")]
Number = Annotated[str, strawberry.argument(description="证件号: the whole number, in any spelling; one a request.")]
Purpose = Annotated[LookUpPurpose, strawberry.argument(description="查找目的: kept with who asked and when.")]
Note = Annotated[
    str | None,
    strawberry.argument(
        description="查找目的的说明, up to 200 characters, without numbers or names; needed with OTHER."
    ),
]


Investigation = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="调查: with INVESTIGATION, by global id; the look is withheld from her until its day."
    ),
]


def reason(actor: Actor, purpose: LookUpPurpose, note: str | None, investigation: str | None) -> Why:
    """The purpose of a look-up with what belongs to it; Invalid where that is missing, or no purpose of the actor's."""
    require_own_purpose(actor, purpose)
    return Why.of(purpose, note, optional_key("Investigation", investigation))


@strawberry.type
class LookUpQuery:
    """Looking."""

    @strawberry.field
    async def nurse_by_document(
        self,
        info: Info,
        document_type: Type,
        id_number: Number,
        purpose: Purpose,
        note: Note = None,
        investigation: Investigation = None,
    ) -> Nurse | None:
        """The nurse of a document, for institutions and authorities; not for viewers.

        Null where there is none, and where she is none of yours to read. Counted for you and for your institution or
        authority, and kept in the audit trail before anybody is looked for.
        """
        context = info.context
        only_once(context)
        why = reason(context.actor, purpose, note, investigation)
        key = await look_up.by_document(context.db, context.signed_in, document_type, id_number, why)
        return None if key is None else await context.load.one(Nurse, key)
