"""Frequent questions with their answers (常见问题), as clients read and keep them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.node import global_id, key_of
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules import faq as rules
from rules.errors import Language, Words
from rules.faq import FaqState, FaqText, HelpAudience

for listed in (FaqState, HelpAudience):
    strawberry.enum(listed)


@strawberry.type
class Faq:
    """A frequent question with its answer (常见问题)."""

    id: strawberry.ID = strawberry.field(description="Its id, for the steps on it.")
    audience: HelpAudience = strawberry.field(description="适用对象.")
    state: FaqState = strawberry.field(
        description="Where it stands; everybody but those who keep them reads PUBLISHED."
    )
    place: int = strawberry.field(description="顺序: smaller ones come first.")
    question: str = strawberry.field(description="问题, in the language of the request.")
    answer: str = strawberry.field(description="解答, in the language of the request; line breaks count.")
    question_zh: str = strawberry.field(description="问题, Chinese.")
    question_en: str = strawberry.field(description="问题, English.")
    answer_zh: str = strawberry.field(description="解答, Chinese.")
    answer_en: str = strawberry.field(description="解答, English.")
    version: int = strawberry.field(description="Rises with every step; give it back as `expectedVersion`.")
    since: datetime | None = strawberry.field(description="Of an earlier version: from when on it stood so.")

    @classmethod
    def of(cls, one: rules.Faq, language: Language, since: datetime | None = None) -> Faq:
        """An entry as it is shown."""
        text = one.text
        return cls(
            id=global_id("Faq", one.id),
            audience=text.audience,
            state=one.state,
            place=text.place,
            question=text.question.within(language),
            answer=text.answer.within(language),
            question_zh=text.question.zh,
            question_en=text.question.en,
            answer_zh=text.answer.zh,
            answer_en=text.answer.en,
            version=one.version,
            since=since,
        )


@strawberry.input
class FaqTextInput(IdempotentInput):
    """An entry as it should be, in both languages."""

    audience: HelpAudience = strawberry.field(description="适用对象.")
    place: int = strawberry.field(default=100, description="顺序, 1 to 9999.")
    question_zh: str = strawberry.field(description="问题, Chinese: 1 to 200 characters.")
    question_en: str = strawberry.field(description="问题, English: 1 to 200 characters.")
    answer_zh: str = strawberry.field(description="解答, Chinese: 1 to 4,000 characters.")
    answer_en: str = strawberry.field(description="解答, English: 1 to 4,000 characters.")

    def text(self) -> FaqText:
        """The text."""
        asked, answer = Words(self.question_zh, self.question_en), Words(self.answer_zh, self.answer_en)
        return FaqText(self.audience, self.place, asked, answer)


@strawberry.input
class FaqCreateInput(FaqTextInput):
    """A new entry, as a draft."""


@strawberry.input
class FaqChangeInput(FaqTextInput):
    """An entry as it should be from now on."""

    id: strawberry.ID = strawberry.field(description="The entry's id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")


@strawberry.input
class FaqStepInput(IdempotentInput):
    """One step on one entry."""

    id: strawberry.ID = strawberry.field(description="The entry's id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")

    def seen(self) -> tuple[UUID, int]:
        """The entry, and the version of it that was seen."""
        return key_of("Faq", self.id), self.expected_version


@strawberry.interface
class FaqPayload:
    """The step was taken."""

    faq: Faq = strawberry.field(description="The entry as it stands now.")

    query = query_after("Anything else you want to read after the step.")
