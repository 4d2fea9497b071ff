"""Verifying anybody's registration, by the document or by the certificate."""

from __future__ import annotations

from typing import Annotated

import strawberry

from db.nurse_verification import Verified
from graph.context import Info
from graph.listing import only_once
from graph.resolvers.look_up import Investigation, Note, Number, Purpose, Type, reason
from graph.schema.nurse_verification import NurseVerification
from workflow import nurse_verification as verification

Certificate = Annotated[str, strawberry.argument(description="护士执业证书编号: the whole number; one a request.")]
Name = Annotated[str, strawberry.argument(description="姓名: her whole name; another one is answered as nobody's.")]


@strawberry.type
class NurseVerificationQuery:
    """Looking."""

    @strawberry.field
    async def nurse_verification(
        self,
        info: Info,
        document_type: Type,
        id_number: Number,
        purpose: Purpose,
        note: Note = None,
        investigation: Investigation = None,
    ) -> NurseVerification | None:
        """A nurse's registration wherever she is (护士执业信息验证, I11), by the number of her document.

        For operators and managers of institutions and for authorities, unless limited to units. Null where the
        register has no registration of this person. Counted for you and for your institution or authority, and kept in
        the audit trail before anybody is looked for; she sees that you looked, and for what.
        """
        context = info.context
        only_once(context)
        why = reason(context.actor, purpose, note, investigation)
        return _shown(await verification.by_document(context.db, context.signed_in, document_type, id_number, why))

    @strawberry.field
    async def nurse_verification_by_certificate(
        self,
        info: Info,
        certificate_number: Certificate,
        name: Name,
        purpose: Purpose,
        note: Note = None,
        investigation: Investigation = None,
    ) -> NurseVerification | None:
        """The same by the number of her certificate and her whole name: without what only her document tells.

        Another name, and a number of nobody, are answered alike.
        """
        context = info.context
        only_once(context)
        why = reason(context.actor, purpose, note, investigation)
        return _shown(await verification.by_certificate(context.db, context.signed_in, certificate_number, name, why))


def _shown(found: Verified | None) -> NurseVerification | None:
    return None if found is None else NurseVerification(**found)
