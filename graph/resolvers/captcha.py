"""Making captchas; they are judged where they are answered."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.captcha import Captcha, CaptchaCreateInput, CaptchaCreatePayload, captcha_key
from graph.schema.node import global_id
from workflow.captcha import CaptchaCreate
from workflow.session import CaptchaAnswer


def answer_of(context: Context, captcha_id: str | None, answer: str | None) -> CaptchaAnswer | None:
    """An answer to a captcha, where one came along."""
    return None if captcha_id is None else CaptchaAnswer(captcha_key(captcha_id), answer or "", context.address)


async def _create(context: Context, input: CaptchaCreateInput) -> Fields:
    made = await context.services.captchas.create(context.db, input.form, context.language)
    captcha = Captcha(
        id=global_id("Captcha", made.id),
        picture=b64encode(made.picture).decode() if made.picture else None,
        question=made.question,
        expires_at=made.expires_at,
    )
    return {"captcha": captcha}


MUTATIONS: Final = (
    Mutation(
        CaptchaCreate,
        CaptchaCreateInput,
        CaptchaCreatePayload,
        "Ask for a captcha (验证码, 换一张, N1): it lives for five minutes and takes one answer.",
        _create,
        public=True,
        secret=True,
    ),
)
