"""Making captchas; they are judged where they are answered."""

from __future__ import annotations

from base64 import b64encode

import strawberry

from graph.context import Info
from graph.resolvers.rate_limit import count_try
from graph.schema.captcha import Captcha, CaptchaCreateInput, CaptchaCreatePayload, CaptchaCreateResult
from graph.schema.node import global_id


@strawberry.type
class CaptchaMutation:
    """Acting."""

    @strawberry.mutation
    async def captcha_create(self, info: Info, input: CaptchaCreateInput) -> CaptchaCreateResult:
        """Ask for a captcha (验证码, 换一张, N1): it lives for five minutes and takes one answer."""
        await count_try(info)
        made = await info.context.services.captchas.create(info.context.db, input.form, info.context.language)
        captcha = Captcha(
            id=global_id("Captcha", made.id),
            picture=b64encode(made.picture).decode() if made.picture else None,
            question=made.question,
            expires_at=made.expires_at,
        )
        return CaptchaCreatePayload(captcha=captcha)
