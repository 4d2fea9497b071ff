"""Being known: correcting what was typed, and being compared with the register and the exam library."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.account import name_note, viewer
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.verification import (
    AccountCorrectIdentityInput,
    AccountDeclareMilitarySourceInput,
    AccountVerifyIdentityInput,
    Corrected,
    Known,
)
from workflow.step import take
from workflow.verification import (
    AccountCorrectIdentity,
    AccountDeclareMilitarySource,
    AccountVerifyIdentity,
    verify_identity,
)


async def _correct(context: Context, input: AccountCorrectIdentityInput) -> Fields:
    key = retry_key(input)
    wish = AccountCorrectIdentity(input.name, input.document_type, input.id_number, idempotency_key=key)
    await take(context.db, context.signed_in, wish)
    return {**await viewer(context), "name_note": name_note(context, input.name)}


async def _verify(context: Context, input: AccountVerifyIdentityInput) -> Fields:
    await verify_identity(context.db, context.signed_in, AccountVerifyIdentity(idempotency_key=retry_key(input)))
    return await viewer(context)


def _declare(input: AccountDeclareMilitarySourceInput) -> AccountDeclareMilitarySource:
    return AccountDeclareMilitarySource(idempotency_key=retry_key(input))


MUTATIONS: Final = (
    Mutation(
        AccountCorrectIdentity,
        AccountCorrectIdentityInput,
        Corrected,
        "Correct your name or ID number (X5): before the verification has succeeded, at most five times.",
        _correct,
    ),
    Mutation(
        AccountVerifyIdentity,
        AccountVerifyIdentityInput,
        Known,
        "Let your name and ID number be compared with the register and the exam library (护士信息验证, N5).",
        _verify,
        secret=True,
    ),
    mutation.of(
        AccountDeclareMilitarySource,
        AccountDeclareMilitarySourceInput,
        Known,
        "Declare that you come from the military or the armed police (军队武警, N6, N17), where nobody knows you.",
        _declare,
        viewer,
    ),
)
