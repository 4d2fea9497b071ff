"""The hand-out list (领证登记表): whose certificate is on which blank, to be signed for, in one table."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from db.read.batch import Row
from db.store.engine import Database
from papers.file import File
from papers.printer import printer
from papers.values import shown
from rules.hand_out import Collector
from rules.people import Actor
from rules.ticket import FileKind
from workflow import paper

TITLE: Final = FileKind.HAND_OUT_LIST.label


async def hand_out_list(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """The list of nurses' certificates in its order, with a place for each signature and day."""
    async with printer().place(1):
        lines = await paper.hand_out_lines(db, viewer, keys)
        values = await asyncio.to_thread(_values, lines)
        content = await printer().pdf({"title": TITLE, "template": "hand_out", "papers": [values]}, _at(lines))
    whose = lines[0]["name"] if len(lines) == 1 else f"{len(lines)}人"
    return File(f"{TITLE}-{whose}.pdf", "application/pdf", content)


def _values(lines: Sequence[Row]) -> dict[str, Any]:
    authorities = dict.fromkeys(line["authority"] for line in lines)
    return {
        "title": TITLE,
        "foot": f"共{len(lines)}人",
        "authority": "、".join(authorities),
        "count": f"{len(lines)}",
        "rows": [_line(place, line) for place, line in enumerate(lines, 1)],
    }


def _line(place: int, line: Row) -> dict[str, str]:
    taken = line["handed_out_at"]
    return {
        "place": str(place),
        "name": line["name"],
        "number": line["number"],
        "serial": line["serial"],
        "blank": line["blank_number"],
        "taken": "" if taken is None else _taker(line),
        "date": "" if taken is None else shown(taken),
    }


def _taker(line: Row) -> str:
    """The taker on record: the list may be printed again for the files."""
    how = Collector[line["collector"]]
    return f"{how.label}：{line['proxy_name']}" if how is Collector.PROXY else how.label


def _at(lines: Sequence[Row]) -> datetime:
    moments: list[datetime] = [line["handed_out_at"] or line["printed_at"] for line in lines]
    return max(moments)
