"""Captchas, as clients ask for them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.node import key_of
from rules.captcha import CaptchaForm
from rules.errors import NotFound

strawberry.enum(CaptchaForm)


@strawberry.type
class Captcha:
    """A question that only people should be able to answer (验证码); for another one (换一张) ask again."""

    id: strawberry.ID = strawberry.field(
        description="Give it back with the answer; good for one answer, right or wrong."
    )
    picture: str | None = strawberry.field(description="The letters to read, as base64 of a PNG.")
    question: str | None = strawberry.field(
        description="The question in words, for those who cannot see, in the language of the request; it says what to "
        "answer: two words in any order, or a number."
    )
    expires_at: datetime = strawberry.field(description="Until when it can be answered.")


@strawberry.input
class CaptchaCreateInput:
    """The kind of captcha."""

    form: CaptchaForm = strawberry.field(
        default=CaptchaForm.PICTURE, description="A picture, or words for a screen reader."
    )


@strawberry.type
class CaptchaCreatePayload:
    """A new captcha."""

    captcha: Captcha = strawberry.field(description="The captcha.")


def captcha_key(given: str) -> UUID:
    """The key behind a captcha's id; what is no such id is one that nobody has."""
    try:
        return key_of("Captcha", given)
    except NotFound:
        return UUID(int=0)
