"""Making captchas; they are judged where they are answered."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.captcha import Captcha, CaptchaCreateInput, CaptchaCreatePayload, captcha_key
from graph.schema.node import global_id
from workflow.captcha import Captcha as Made
from workflow.captcha import CaptchaCreate
from workflow.session import CaptchaAnswer


def answer_of(context: Context, captcha_id: str | None, answer: str | None) -> CaptchaAnswer | None:
    """An answer to a captcha, where one came along."""
    return None if captcha_id is None else CaptchaAnswer(captcha_key(captcha_id), answer or "", context.address)


def shown(one: Made) -> Fields:
    """A new captcha."""
    captcha = Captcha(
        id=global_id("Captcha", one.id),
        picture=b64encode(one.picture).decode() if one.picture else None,
        question=one.question,
        expires_at=one.expires_at,
    )
    return {"captcha": captcha}


async def _create(context: Context, input: CaptchaCreateInput) -> Fields:
    return shown(await context.services.captchas.create(context.db, input.form, context.language))


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
