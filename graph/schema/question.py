"""Questions to the help desk (提问): what is read of them, and what their steps take."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.account import Account
from graph.schema.application import Application
from graph.schema.captcha import captcha_key
from graph.schema.filter import UNSET, Among, DateFilter, MomentFilter
from graph.schema.link import link, links
from graph.schema.node import Node, key_of
from graph.schema.place import Authority
from graph.schema.query import query_after
from graph.schema.recovery import CAPTCHA_ANSWER, CAPTCHA_ID
from graph.schema.step import IdempotentInput
from rules.label import Labelled
from rules.material import UploadedFile
from rules.people import Party
from rules.question import QuestionState, QuestionTopic, Said
from rules.verification import Channel

for listed in (QuestionState, QuestionTopic):
    strawberry.enum(listed)
strawberry.enum(Said, name="QuestionMessageKind")


@strawberry.type
class QuestionMessage:
    """Something that was said to a question (提问记录)."""

    said: Said = strawberry.field(description="提问、补充、答复或转办.")
    text: str = strawberry.field(description="内容; ID numbers and phones in it are masked.")
    at: datetime = strawberry.field(description="When.")


@strawberry.type
class QuestionFile:
    """A file that came with a question (附件); it is downloaded with a ticket (`QUESTION_FILE`)."""

    id: strawberry.ID = strawberry.field(description="Its id, for a ticket.")
    file_name: str = strawberry.field(description="文件名.")
    media_type: str = strawberry.field(description="Its type, by its content.")
    size: int = strawberry.field(description="In bytes.")
    at: datetime = strawberry.field(description="When it was added.")
    erased: bool = strawberry.field(description="Whether it is erased: 90 days after the question was closed.")


@strawberry.type
class Question(Node):
    """A question to the help desk (客服中心提问, N21, I25), and what was answered."""

    topic: QuestionTopic = strawberry.field(description="问题类别.")
    title: str = strawberry.field(description="标题.")
    state: QuestionState = strawberry.field(description="Where it stands.")
    version: int = strawberry.field(description="Rises with every step; give it back as `expectedVersion`.")
    asker_party: Party | None = strawberry.field(description="Who asks; null for somebody without an account.")
    asker_name_masked: str | None = strawberry.field(description="提问人, masked: 王*.")
    contact_masked: str | None = strawberry.field(
        description="Of somebody without an account: the proved phone or mail box, masked."
    )
    handed_over: bool = strawberry.field(
        description="Whether an authority answers it (已转办) and not the help desk (客服)."
    )
    created_at: datetime = strawberry.field(description="提问时间.")
    queued_at: datetime = strawberry.field(description="Since when it waits where it is.")
    due_on: date | None = strawberry.field(
        description="答复期限: the last working day for an answer; null where the calendar does not reach so far."
    )
    overdue: bool = strawberry.field(description="Whether that day has gone by without an answer.")
    held_until: datetime | None = strawberry.field(description="Until when somebody works on it (领取).")
    answered_at: datetime | None = strawberry.field(description="When it was answered last.")
    closed_at: datetime | None = strawberry.field(description="关闭时间: by who asked, or 14 days after an answer.")
    key: strawberry.Private[UUID]
    holder_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    application_id: strawberry.Private[UUID | None]
    holder = link(Account, "holder_id", "The colleague who works on it, where you may read her account.")
    authority = link(Authority, "authority_id", "The authority that it was handed over to (转办机关).")
    application = link(Application, "application_id", "The application that it is about, where you may read it.")
    messages = links(QuestionMessage, "key", "What was said, the newest first.")
    files = links(QuestionFile, "key", "附件, the newest first.")


@strawberry.input
class QuestionStateFilter(Among[QuestionState]):
    """Compares where questions stand."""


@strawberry.input
class QuestionTopicFilter(Among[QuestionTopic]):
    """Compares what questions are about."""


@strawberry.input
class QuestionWhere:
    """Conditions on questions; all that is given must hold."""

    and_: list[QuestionWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[QuestionWhere] | None = strawberry.field(default=UNSET, name="or", description="At least one of these.")
    not_: QuestionWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    state: QuestionStateFilter | None = strawberry.field(default=UNSET, description="Where they stand.")
    topic: QuestionTopicFilter | None = strawberry.field(default=UNSET, description="问题类别.")
    created_at: MomentFilter | None = strawberry.field(default=UNSET, description="提问时间.")
    due_on: DateFilter | None = strawberry.field(default=UNSET, description="答复期限.")


@strawberry.enum
class QuestionOrder(Labelled):
    """One column to order questions by; rows that are equal in all of them keep the order of their ids."""

    CREATED_AT_ASC = "createdAt", "提问时间，从早到晚"
    CREATED_AT_DESC = "-createdAt", "提问时间，从晚到早"
    WAITING_SINCE_ASC = "queuedAt", "等待时间，从长到短"
    WAITING_SINCE_DESC = "-queuedAt", "等待时间，从短到长"


@strawberry.input
class QuestionAskInput(IdempotentInput):
    """A question."""

    topic: QuestionTopic = strawberry.field(description="问题类别.")
    title: str = strawberry.field(description="标题, 1 to 100 characters.")
    text: str = strawberry.field(
        description="内容, 1 to 2,000 characters; ID numbers and phones in it are masked before it is kept."
    )
    application_id: strawberry.ID | None = strawberry.field(
        default=None, description="The application of yours that it is about, by its global id."
    )


@strawberry.input
class QuestionStepInput(IdempotentInput):
    """One step on one question."""

    id: strawberry.ID = strawberry.field(description="The question's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")

    def seen(self) -> tuple[UUID, int]:
        """The question, and the version of it that was seen."""
        return key_of("Question", self.id), self.expected_version


@strawberry.input
class QuestionWordsInput(QuestionStepInput):
    """Something to say."""

    text: str = strawberry.field(description="内容, 1 to 2,000 characters.")


@strawberry.input
class QuestionHandOverInput(QuestionWordsInput):
    """The desk that answers it from now on."""

    authority_id: strawberry.ID | None = strawberry.field(
        default=None, description="转办机关, by its global id; that in competence for who asks unless told."
    )


@strawberry.input
class QuestionAddFileInput(QuestionStepInput):
    """A file."""

    file: UploadedFile = strawberry.field(
        description="PDF, JPEG or PNG by what is inside, up to 5 MiB; up to five a question."
    )


@strawberry.interface
class QuestionPayload:
    """The step was taken."""

    question: Question = strawberry.field(description="The question as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.input
class QuestionGuestSendCodeInput:
    """A contact to prove."""

    channel: Channel = strawberry.field(description="By phone or by mail.")
    to: str = strawberry.field(description="手机号码或邮箱, where the answer is told.")
    captcha_id: strawberry.ID = strawberry.field(description=CAPTCHA_ID)
    captcha_answer: str = strawberry.field(description=CAPTCHA_ANSWER)

    def captcha(self) -> tuple[UUID, str]:
        """The captcha and its answer."""
        return captcha_key(self.captcha_id), self.captcha_answer


@strawberry.type
class QuestionGuestSendCodePayload:
    """A code is under way."""

    resend_after: int = strawberry.field(description="Seconds until it may be asked for again.")


@strawberry.input
class QuestionGuestAskInput:
    """A question of somebody without an account; it is not sent again, since its token is shown once."""

    channel: Channel = strawberry.field(description="As the code was sent.")
    to: str = strawberry.field(description="手机号码或邮箱, as the code was sent.")
    code: str = strawberry.field(description="校验码, six digits; five tries, ten minutes.")
    topic: QuestionTopic = strawberry.field(description="问题类别.")
    title: str = strawberry.field(description="标题, 1 to 100 characters.")
    text: str = strawberry.field(description="内容, 1 to 2,000 characters.")


@strawberry.type
class QuestionGuestAskPayload:
    """The help desk has it."""

    token: str = strawberry.field(
        description="查询码: opens this question, and comes again with the answer; keep it as you keep a password."
    )


@strawberry.type
class GuestQuestion:
    """A question of somebody without an account, as its token opens it."""

    topic: QuestionTopic = strawberry.field(description="问题类别.")
    title: str = strawberry.field(description="标题.")
    state: QuestionState = strawberry.field(description="Where it stands.")
    contact_masked: str = strawberry.field(description="Where the answer is told, masked.")
    authority: str | None = strawberry.field(description="转办机关: who answers it, where not the help desk.")
    created_at: datetime = strawberry.field(description="提问时间.")
    due_on: date | None = strawberry.field(description="答复期限.")
    closed_at: datetime | None = strawberry.field(description="关闭时间.")
    messages: list[QuestionMessage] = strawberry.field(description="What was said, the oldest first.")


@strawberry.input
class QuestionGuestStepInput:
    """A step on one's question."""

    token: str = strawberry.field(description="查询码.")


@strawberry.input
class QuestionGuestReplyInput(QuestionGuestStepInput):
    """Something more to say."""

    text: str = strawberry.field(description="内容, 1 to 2,000 characters.")


@strawberry.interface
class QuestionGuestPayload:
    """The step was taken."""

    question: GuestQuestion = strawberry.field(description="The question as it stands now.")
