"""Questions of people without an account: a proved contact, and the token of a question."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from db import question as questions
from graph.context import Context, Info
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.rate_limit import count_try
from graph.schema import question as schema
from rules.errors import NotFound
from rules.question import QuestionState, QuestionTopic, Said
from workflow.code import RESEND
from workflow.question_guest import (
    QuestionGuestAsk,
    QuestionGuestClose,
    QuestionGuestReply,
    QuestionGuestSendCode,
    ask,
    send_code,
)
from workflow.session import CaptchaAnswer
from workflow.step import take_unsigned

Token = Annotated[str, strawberry.argument(description="查询码, as it was shown or came with the answer.")]


async def _question(context: Context, token: str) -> schema.GuestQuestion:
    async with context.db.read() as reader:
        row = await questions.by_token(reader, token)
        if row is None:
            raise NotFound
        said = await questions.thread(reader, row.id)
    messages = [schema.QuestionMessage(said=Said(one.said), text=one.text, at=one.at) for one in said]
    return schema.GuestQuestion(
        topic=QuestionTopic(row.topic),
        title=row.title,
        state=QuestionState(row.state),
        contact_masked=row.contact_masked,
        authority=row.authority,
        created_at=row.created_at,
        due_on=row.due_on,
        closed_at=row.closed_at,
        messages=messages,
    )


@strawberry.type
class QuestionGuestQuery:
    """Looking."""

    @strawberry.field
    async def guest_question(self, info: Info, token: Token) -> schema.GuestQuestion | None:
        """Your question, if you asked without an account (查询提问); null where no question has the token."""
        await count_try(info)
        try:
            return await _question(info.context, token)
        except NotFound:
            return None


async def _send_code(context: Context, input: schema.QuestionGuestSendCodeInput) -> Fields:
    await send_code(context.db, input.channel, input.to, CaptchaAnswer(*input.captcha(), context.address))
    return {"resend_after": int(RESEND.total_seconds())}


async def _ask(context: Context, input: schema.QuestionGuestAskInput) -> Fields:
    said = input.topic, input.title, input.text
    return {"token": await ask(context.db, input.channel, input.to, input.code, said)}


async def _reply(context: Context, input: schema.QuestionGuestReplyInput) -> Fields:
    await take_unsigned(context.db, QuestionGuestReply(input.token, input.text))
    return {"question": await _question(context, input.token)}


async def _close(context: Context, input: schema.QuestionGuestStepInput) -> Fields:
    await take_unsigned(context.db, QuestionGuestClose(input.token))
    return {"question": await _question(context, input.token)}


MUTATIONS: Final = (
    Mutation(
        QuestionGuestSendCode,
        schema.QuestionGuestSendCodeInput,
        schema.QuestionGuestSendCodePayload,
        "Have a code sent to a phone or mail box (校验码), so that you can ask the help desk without an account.",
        _send_code,
        public=True,
        secret=True,
    ),
    Mutation(
        QuestionGuestAsk,
        schema.QuestionGuestAskInput,
        schema.QuestionGuestAskPayload,
        "Ask the help desk something without an account (未注册人员提问), with the code that came.",
        _ask,
        public=True,
        secret=True,
    ),
    Mutation(
        QuestionGuestReply,
        schema.QuestionGuestReplyInput,
        schema.QuestionGuestPayload,
        "Say something more to your question (补充提问), by its token.",
        _reply,
        public=True,
        secret=True,
    ),
    Mutation(
        QuestionGuestClose,
        schema.QuestionGuestStepInput,
        schema.QuestionGuestPayload,
        "Be done with your question (关闭提问), by its token.",
        _close,
        public=True,
        secret=True,
    ),
)
