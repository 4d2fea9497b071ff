"""Questions to the help desk: asked by people with an account, answered by desks."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key, shown
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.shown import Shows
from graph.schema import question as schema
from graph.schema.page import Connection, Taken, listed
from workflow.question import QuestionAddFile, QuestionAsk, QuestionClose, QuestionReply, add_file
from workflow.question_desk import QuestionAnswer, QuestionHandOver, QuestionPutBack, QuestionTake

Where = Annotated[schema.QuestionWhere | None, strawberry.argument(description="Only those for which this holds.")]
OrderBy = Annotated[
    list[schema.QuestionOrder] | None,
    strawberry.argument(description="By which columns; the newest first unless told."),
]
Waiting = Annotated[
    list[schema.QuestionOrder] | None,
    strawberry.argument(description="By which columns; the longest waiting first unless told."),
]
_SHOWN: Final = Shows("Question")


@strawberry.type
class QuestionQuery:
    """Looking."""

    questions = listed(
        "questions",
        Connection[schema.Question],
        "Questions (提问记录): your own, and for desks all that they may answer or have handed over.",
        where=Taken(Where),
        orderBy=Taken(OrderBy),
    )
    question_queue = listed(
        "questionQueue",
        Connection[schema.Question],
        "The questions that wait for an answer of your desk (待答复), longest waiting first; for the help desk, and "
        "for reviewers what was handed over to their authority.",
        where=Taken(Where),
        orderBy=Taken(Waiting),
    )


def _ask(input: schema.QuestionAskInput) -> QuestionAsk:
    about = optional_key("Application", input.application_id)
    return QuestionAsk(input.topic, input.title, input.text, about, idempotency_key=retry_key(input))


def _reply(input: schema.QuestionWordsInput) -> QuestionReply:
    return QuestionReply(*input.seen(), input.text, idempotency_key=retry_key(input))


def _close(input: schema.QuestionStepInput) -> QuestionClose:
    return QuestionClose(*input.seen(), idempotency_key=retry_key(input))


def _take(input: schema.QuestionStepInput) -> QuestionTake:
    return QuestionTake(*input.seen(), idempotency_key=retry_key(input))


def _put_back(input: schema.QuestionStepInput) -> QuestionPutBack:
    return QuestionPutBack(*input.seen(), idempotency_key=retry_key(input))


async def _answer(context: Context, input: schema.QuestionWordsInput) -> QuestionAnswer:
    page = context.services.help_url
    return QuestionAnswer(*input.seen(), input.text, page, idempotency_key=retry_key(input))


def _hand_over(input: schema.QuestionHandOverInput) -> QuestionHandOver:
    to = optional_key("Authority", input.authority_id)
    return QuestionHandOver(*input.seen(), input.text, to, idempotency_key=retry_key(input))


async def _add_file(context: Context, input: schema.QuestionAddFileInput) -> Fields:
    key = await add_file(context.db, context.signed_in, *input.seen(), input.file, retry_key(input))
    return {"question": await shown(context, "Question", key)}


MUTATIONS: Final = (
    mutation.of(
        QuestionAsk,
        schema.QuestionAskInput,
        schema.QuestionPayload,
        "Ask the help desk something (提问, N21, I25), also before your account is active.",
        _ask,
        _SHOWN,
    ),
    mutation.of(
        QuestionReply,
        schema.QuestionWordsInput,
        schema.QuestionPayload,
        "Say something more to your question (补充提问); after an answer it is asked again (再次提问).",
        _reply,
        _SHOWN,
    ),
    mutation.of(
        QuestionClose,
        schema.QuestionStepInput,
        schema.QuestionPayload,
        "Be done with your question (关闭提问); 14 days after an answer it is closed by itself.",
        _close,
        _SHOWN,
    ),
    Mutation(
        QuestionAddFile,
        schema.QuestionAddFileInput,
        schema.QuestionPayload,
        "Add a file to your question (添加附件), as a multipart request.",
        _add_file,
    ),
    mutation.of(
        QuestionTake,
        schema.QuestionStepInput,
        schema.QuestionPayload,
        "Work on a question for half an hour (领取提问), or keep it for another.",
        _take,
        _SHOWN,
    ),
    mutation.of(
        QuestionPutBack,
        schema.QuestionStepInput,
        schema.QuestionPayload,
        "Leave a question to the others (放回提问).",
        _put_back,
        _SHOWN,
    ),
    mutation.prepared(
        QuestionAnswer,
        schema.QuestionWordsInput,
        schema.QuestionPayload,
        "Answer a question (答复提问); who has asked is told.",
        _answer,
        _SHOWN,
    ),
    mutation.of(
        QuestionHandOver,
        schema.QuestionHandOverInput,
        schema.QuestionPayload,
        "Have the authority in competence answer a question about law or about a decision (转办提问).",
        _hand_over,
        _SHOWN,
    ),
)
