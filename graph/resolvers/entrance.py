"""The entrance page, for everybody."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import Any, Final

import strawberry

from db import manual as manuals
from graph.context import Info
from graph.schema.entrance import Entrance, SupportLine
from graph.schema.manual import Manual
from graph.schema.node import global_id
from rules.entrance import REGISTRATION_GUIDE, USAGE_GUIDE


@strawberry.type
class EntranceQuery:
    """Looking."""

    @strawberry.field
    async def entrance(self, info: Info) -> Entrance:
        """The entrance page (入口): support line, version, 注册说明 and 使用说明; for everybody."""
        context = info.context
        async with context.db.read() as reader:
            found = await manuals.public(reader)
        return Entrance(
            version=version("hushi"),
            support=SupportLine(**asdict(context.services.support)),
            registration_guide=REGISTRATION_GUIDE.within(context.language),
            usage_guide=USAGE_GUIDE.within(context.language),
            manuals=[_manual(one) for one in found],
        )


_NAMES: Final = ("audience", "language", "title", "version", "dated", "file_name", "sha256", "size", "row_version")


def _manual(row: Any) -> Manual:
    times = {"published_at": row.published_at, "replaced_at": row.replaced_at}
    return Manual(id=global_id("Manual", row.id), **{name: getattr(row, name) for name in _NAMES}, **times)
