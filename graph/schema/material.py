"""Materials as clients see them: what is asked for, and what was handed in."""

from __future__ import annotations

import json
from datetime import datetime

import strawberry

from graph.context import Info
from graph.schema.node import Node
from rules import material as rules
from rules.errors import Language, Words
from rules.reasons import Reason


@strawberry.type
class Material(Node):
    """A file that was handed in (申请材料); downloaded with a ticket (`downloadTicketCreate`)."""

    code: str = strawberry.field(description="For which material of the checklist.")
    file_name: str = strawberry.field(description="文件名, without folders, with the ending of what it is.")
    media_type: str = strawberry.field(
        description="application/pdf, image/jpeg or image/png, judged by what is inside."
    )
    size: int = strawberry.field(description="In bytes.")
    uploaded_at: datetime = strawberry.field(description="上传时间.")


@strawberry.type
class MaterialMark:
    """A material that a reviewer has asked for (需要补正的材料)."""

    code: str = strawberry.field(description="Its code in the checklist; an upload of this code answers the mark.")
    reason: Reason = strawberry.field(description="What is wrong with it.")
    note: str | None = strawberry.field(description="说明, in the reviewer's words.")
    answered: bool = strawberry.field(description="Whether a file of it has been handed in since.")
    titles: strawberry.Private[str]

    @strawberry.field
    def title(self, info: Info) -> str:
        """材料名称 when it was marked, in your language."""
        return Words(*json.loads(self.titles)).within(info.context.language)


@strawberry.type
class ChecklistItem:
    """One material that is asked for (申请材料清单), and whether it is there."""

    code: str = strawberry.field(description="Its code.")
    title: str = strawberry.field(description="材料名称, in your language.")
    needed: bool = strawberry.field(description="Whether it must be handed in before the application can be filed.")
    paper: bool = strawberry.field(description="需带纸质资料文件: the authority wants to see the original.")
    uploaded: bool = strawberry.field(description="Whether a file was handed in.")
    seen_at: datetime | None = strawberry.field(description="When the authority has seen the original.")

    @classmethod
    def of(cls, item: rules.ChecklistItem, language: Language) -> ChecklistItem:
        """An item of the rules, in one language."""
        return cls(
            code=item.code,
            title=item.title.within(language),
            needed=item.needed,
            paper=item.paper,
            uploaded=item.uploaded,
            seen_at=item.seen_at,
        )
