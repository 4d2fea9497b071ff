"""The mutations on applications: one a step, all made from the same table."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Info
from graph.resolvers.act import optional_key, retry_key
from graph.schema.node import global_id, key_of
from graph.schema.step import CREATE_DRAFT, STEPS, StepMutation
from rules.errors import FieldProblem, Invalid, NotFound, Words
from workflow import application as workflow

LONGEST_OPINION = 500


async def _create_draft(info: Info, mutation: StepMutation, input: Any) -> Any:
    context = info.context
    target = optional_key("Institution", input.institution_id)
    draft = workflow.Draft(context.signed_in, input.form.filled(), retry_key(input), target)
    return await _payload(info, mutation, await workflow.create_draft(context.db, draft))


async def _take(info: Info, mutation: StepMutation, input: Any) -> Any:
    context, form = info.context, getattr(input, "form", None)
    order = workflow.Order(
        context.signed_in,
        mutation.step,
        key_of("Application", input.id),
        input.expected_version,
        retry_key(input),
        form=form.filled() if form else None,
        reasons=tuple(getattr(input, "reasons", ())),
        marked_fields=tuple(getattr(input, "marked_fields", ())),
        confirmed_fields=tuple(getattr(input, "confirmed_fields", ())),
        opinion=_opinion(getattr(input, "opinion", None)),
        agrees=getattr(input, "agrees", True),
        given=input.given(),
    )
    return await _payload(info, mutation, await workflow.take(context.db, order))


async def _payload(info: Info, mutation: StepMutation, application_id: Any) -> Any:
    if mutation.leaves:
        return mutation.payload(id=global_id("Application", application_id))
    info.context.forget()
    application = await info.context.load.one("Application", application_id)
    if application is None:
        raise NotFound
    return mutation.payload(application=application)


def _opinion(text: str | None) -> str | None:
    if text is not None and len(text) > LONGEST_OPINION:
        words = Words("意见不得超过500字", "An opinion has at most 500 characters.")
        raise Invalid(FieldProblem("opinion", "TEXT_TOO_LONG", words))
    return text or None


def _field(mutation: StepMutation) -> Any:
    carry = _create_draft if mutation is CREATE_DRAFT else _take

    async def resolve(info: Info, input: Any) -> Any:
        return await carry(info, mutation, input)

    resolve.__annotations__ = {"info": Info, "input": mutation.input, "return": mutation.result}
    resolve.__doc__ = mutation.description
    return strawberry.mutation(resolver=resolve, name=mutation.name)


ApplicationMutation: Any = strawberry.type(
    type("ApplicationMutation", (), {m.name: _field(m) for m in (CREATE_DRAFT, *STEPS)} | {"__doc__": "Acting."})
)
