"""Changing what the register says of a nurse."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from db import eligibility
from db import law as laws
from graph.context import Context, Info
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.shown import Shows
from graph.schema import information_act as act
from graph.schema import information_change as schema
from graph.schema.form_definition import FormField
from graph.schema.page import Connection, Taken, listed
from rules.form_definition import defined
from rules.information_form import InformationForm
from rules.people import Party
from workflow.information_change import (
    InformationChangeAnswer,
    InformationChangeEscalate,
    InformationChangeRequest,
    InformationChangeWithdraw,
)
from workflow.information_edit import (
    InformationChangeObject,
    InformationEdit,
    InformationEditWithProof,
    edit_with_proof,
)
from workflow.information_review import InformationChangeApprove, InformationChangeReject, InformationChangeReturn

Where = Annotated[
    schema.InformationChangeWhere | None, strawberry.argument(description="Only those for which this holds.")
]
OrderBy = Annotated[
    list[schema.InformationChangeOrder] | None,
    strawberry.argument(description="The columns to order by; the newest first unless told."),
]
_SHOWN: Final = Shows("InformationChange")


def _request(input: act.InformationChangeRequestInput) -> InformationChangeRequest:
    return InformationChangeRequest(input.filled(), idempotency_key=retry_key(input))


def _answer(input: act.InformationChangeAnswerInput) -> InformationChangeAnswer:
    return InformationChangeAnswer(*input.seen(), input.filled(), idempotency_key=retry_key(input))


def _withdraw(input: act.InformationChangeStepInput) -> InformationChangeWithdraw:
    return InformationChangeWithdraw(*input.seen(), idempotency_key=retry_key(input))


def _escalate(input: act.InformationChangeStepInput) -> InformationChangeEscalate:
    return InformationChangeEscalate(*input.seen(), idempotency_key=retry_key(input))


def _approve(input: act.InformationChangeApproveInput) -> InformationChangeApprove:
    accepted = None if input.accepted_fields is None else tuple(input.accepted_fields)
    return InformationChangeApprove(
        *input.seen(), accepted, input.originals_seen, input.opinion, idempotency_key=retry_key(input)
    )


def _reject(input: act.InformationChangeRejectInput) -> InformationChangeReject:
    return InformationChangeReject(*input.seen(), input.opinion, idempotency_key=retry_key(input))


def _return(input: act.InformationChangeReturnInput) -> InformationChangeReturn:
    marked = tuple(input.marked_fields)
    return InformationChangeReturn(*input.seen(), marked, input.opinion, idempotency_key=retry_key(input))


def _edit(input: act.InformationEditInput) -> InformationEdit:
    return InformationEdit(input.nurse_key(), input.filled(), idempotency_key=retry_key(input))


async def _edit_with_proof(context: Context, input: act.InformationEditWithProofInput) -> Fields:
    given = (input.nurse_key(), input.filled(), input.file)
    wish = InformationEditWithProof(*given, idempotency_key=retry_key(input))
    return await _SHOWN(context, await edit_with_proof(context.db, context.signed_in, wish))


def _object(input: act.InformationChangeObjectInput) -> InformationChangeObject:
    return InformationChangeObject(*input.seen(), input.text, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        InformationChangeRequest,
        act.InformationChangeRequestInput,
        schema.InformationChangePayload,
        "Ask for a change of your information (个人信息修改, N14): it takes effect when your institution agrees; "
        "before your first registration at once.",
        _request,
        _SHOWN,
    ),
    mutation.of(
        InformationChangeAnswer,
        act.InformationChangeAnswerInput,
        schema.InformationChangePayload,
        "Answer a return (N14): the whole change again.",
        _answer,
        _SHOWN,
    ),
    mutation.of(
        InformationChangeWithdraw,
        act.InformationChangeStepInput,
        schema.InformationChangePayload,
        "Take your change back (撤回信息修改, N14).",
        _withdraw,
        _SHOWN,
    ),
    mutation.of(
        InformationChangeEscalate,
        act.InformationChangeStepInput,
        schema.InformationChangePayload,
        "Have your 注册机关 review it, where your institution has not for ten working days, or nobody there may.",
        _escalate,
        _SHOWN,
    ),
    mutation.of(
        InformationChangeApprove,
        act.InformationChangeApproveInput,
        schema.InformationChangePayload,
        "Agree to a change, field by field (护士信息修改审核: 同意, I15): the record says so from now on.",
        _approve,
        _SHOWN,
    ),
    mutation.of(
        InformationChangeReject,
        act.InformationChangeRejectInput,
        schema.InformationChangePayload,
        "Do not agree to a change, with a reason (护士信息修改审核: 不同意, I15).",
        _reject,
        _SHOWN,
    ),
    mutation.of(
        InformationChangeReturn,
        act.InformationChangeReturnInput,
        schema.InformationChangePayload,
        "Ask the nurse to correct fields of her change (退回); after thirty days without an answer it lapses.",
        _return,
        _SHOWN,
    ),
    mutation.of(
        InformationEdit,
        act.InformationEditInput,
        schema.InformationChangePayload,
        "Write what a nurse of yours does at your institution (修改护士信息, I27): at once, and she is told.",
        _edit,
        _SHOWN,
    ),
    Mutation(
        InformationEditWithProof,
        act.InformationEditWithProofInput,
        schema.InformationChangePayload,
        "Write education, degree or title of a nurse of yours by a proof paper (凭证明修改, I27), as a multipart "
        "request: it takes effect after five working days unless she objects.",
        _edit_with_proof,
    ),
    mutation.of(
        InformationChangeObject,
        act.InformationChangeObjectInput,
        schema.InformationChangePayload,
        "Object to what your institution wrote of you (信息异议), within five working days: the old value stands until "
        "your 注册机关 decides, by `informationChangeApprove` or `informationChangeReject`, within twenty.",
        _object,
        _SHOWN,
    ),
)


@strawberry.type
class InformationChangeQuery:
    """Looking."""

    information_changes = listed(
        "informationChanges",
        Connection[schema.InformationChange],
        "Changes of information, newest first: your own (信息修改记录, N13), or those of the nurses registered with "
        "you (护士信息修改审核, I14).",
        where=Taken(Where),
        orderBy=Taken(OrderBy),
    )

    @strawberry.field
    async def information_definition(self, info: Info) -> list[FormField]:
        """The fields of a change of information as data (填报要求, N14); for everybody."""
        async with info.context.db.read() as reader:
            today, law = await eligibility.today(reader), await laws.here(reader, None, None)
        fields = defined(InformationForm, Party.NURSE, today, law)
        return [FormField.of(one, info.context.language, law) for one in fields]
