"""Manuals (手册, I26), as clients read and publish them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.node import Node, key_of
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.faq import HelpAudience
from rules.manual import ManualLanguage, ManualText
from rules.material import UploadedFile

strawberry.enum(ManualLanguage)


@strawberry.type
class Manual(Node):
    """A manual (机构必读手册、用户手册、快速入门手册); its PDF comes with a ticket (`MANUAL`)."""

    audience: HelpAudience = strawberry.field(description="适用对象.")
    language: ManualLanguage = strawberry.field(description="语言.")
    title: str = strawberry.field(description="名称.")
    version: str = strawberry.field(description="版本.")
    dated: date = strawberry.field(description="日期 of this version.")
    file_name: str = strawberry.field(description="文件名.")
    sha256: str = strawberry.field(description="SHA-256 of the file, so that a copy can be checked.")
    size: int = strawberry.field(description="In bytes.")
    published_at: datetime = strawberry.field(description="发布时间.")
    replaced_at: datetime | None = strawberry.field(
        description="When another took its place or it was withdrawn: read by who keeps them."
    )


@strawberry.input
class ManualPublishInput(IdempotentInput):
    """A manual, and what it is."""

    audience: HelpAudience = strawberry.field(description="适用对象.")
    language: ManualLanguage = strawberry.field(description="语言.")
    title: str = strawberry.field(
        description="名称, 1 to 60 characters; it takes the place of the one of this audience, language and name."
    )
    version: str = strawberry.field(description="版本, 1 to 20 characters.")
    dated: date = strawberry.field(description="日期 of this version, not in the future.")
    file: UploadedFile = strawberry.field(description="A PDF of up to 5 MiB.")

    def text(self) -> ManualText:
        """The description."""
        return ManualText(self.audience, self.language, self.title, self.version, self.dated)


@strawberry.input
class ManualStepInput(IdempotentInput):
    """A manual."""

    id: strawberry.ID = strawberry.field(description="Its id.")

    def key(self) -> UUID:
        """The manual."""
        return key_of("Manual", self.id)


@strawberry.input
class ManualTicketCreateInput:
    """A manual that is for everybody; the ticket is kept nowhere, so that it is not given again."""

    id: strawberry.ID = strawberry.field(description="Its id.")

    def key(self) -> UUID:
        """The manual."""
        return key_of("Manual", self.id)


@strawberry.interface
class ManualPayload:
    """The step was taken."""

    manual: Manual = strawberry.field(description="The manual as it stands now.")

    query = query_after("Anything else you want to read after the step.")
