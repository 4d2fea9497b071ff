"""All that the register holds about a nurse, as a paper to read and as a file for programs (个人信息查阅、复制)."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

import orjson

from db.own_record import OwnRecord
from db.store.engine import Database
from papers.fact_words import in_words
from papers.file import File
from papers.printer import printer
from papers.values import NOTHING, photo, shown
from rules.moment import SHANGHAI
from rules.own_record import PRINTED, UNPRINTED, Field, Part, parts_for
from rules.people import Actor
from rules.ticket import RecordFile
from workflow.own_record import read_record

NOTE: Final = "本件列出护士电子化注册信息系统保存的全部个人信息，供本人查阅、复制（个人信息保护法第四十五条）。"
RELATIVE_NOTE: Final = "本件供已故护士的近亲属为自身合法、正当利益查阅、复制（个人信息保护法第四十九条）。"
NARROW: Final = 6
"""A part of at most so many short facts is a table; one of more is a list of facts for each entry."""

BESIDE: Final = 22
"""So many characters stand in half a line."""


async def own_pdf(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """Her own record to read."""
    return await _pdf(db, viewer, keys, RecordFile.OWN_PDF, NOTE)


async def relative_pdf(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """The record of a deceased nurse for a near relative."""
    return await _pdf(db, viewer, keys, RecordFile.RELATIVE_PDF, RELATIVE_NOTE)


async def own_data(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """Her own record for programs: codes as in the schema, times with their zone, nothing left out."""
    (key,) = keys
    record = await read_record(db, viewer, key, relative=False)
    content = await asyncio.to_thread(_json, record)
    return File(f"{RecordFile.OWN_DATA.label}-{_name(record)}.json", "application/json", content)


async def _pdf(db: Database, viewer: Actor, keys: Sequence[UUID], file: RecordFile, note: str) -> File:
    (key,) = keys
    relative = file is RecordFile.RELATIVE_PDF
    async with printer().place(1):
        record = await read_record(db, viewer, key, relative=relative)
        values = await asyncio.to_thread(_page, record, file.label, note, relative)
        run = {"title": file.label, "template": "own_record", "papers": [values]}
        content = await printer().pdf(run, datetime.combine(record.on, time(), SHANGHAI))
    return File(f"{file.label}-{_name(record)}.pdf", "application/pdf", content)


def _name(record: OwnRecord) -> str:
    name: str = record.parts["record"][0]["name"]
    return name


def _json(record: OwnRecord) -> bytes:
    picture = None if record.photo is None else b64encode(record.photo).decode()
    content = {"madeOn": record.on, "photo": picture, "more": sorted(record.cut), **record.parts}
    return orjson.dumps(content, default=str, option=orjson.OPT_INDENT_2)


def _page(record: OwnRecord, title: str, note: str, relative: bool) -> dict[str, Any]:
    parts = [_part(one, record) for one in parts_for(relative=relative) if record.parts[one.name]]
    return {
        "title": title,
        "foot": f"{_name(record)}　{shown(record.on)}",
        "note": note,
        "photo": photo({"photo": record.photo}),
        "date": shown(record.on),
        "parts": parts,
        "empty": "、".join(one.title for one in parts_for(relative=relative) if not record.parts[one.name]),
    }


def _part(part: Part, record: OwnRecord) -> dict[str, Any]:
    rows = record.parts[part.name]
    left = len(rows) - PRINTED
    more = f"另有{left}条较早的记录，见数据文件。" if left > 0 else ""
    heading = {"title": part.title, "count": len(rows), "more": more}
    printed = [one for one in part.fields if (part.name, one.name) not in UNPRINTED]
    cells = [[in_words(part, one, row) for one in printed] for row in rows[:PRINTED]]
    if len(printed) <= NARROW and all(len(cell) <= BESIDE for line in cells for cell in line):
        return {**heading, "head": [one.label for one in printed], "rows": cells}
    return {**heading, "head": [], "rows": [[*_facts(printed, line)] for line in cells]}


def _facts(fields: Sequence[Field], values: Sequence[str]) -> Iterator[list[str]]:
    """The facts that one entry has, with their terms: two beside each other, a long one in a line of its own."""
    beside: list[str] = []
    for one, value in zip(fields, values, strict=True):
        if value == NOTHING:
            continue
        if len(value) > BESIDE:
            if beside:
                yield [*beside, "", ""]
            yield [one.label, value]
            beside = []
        elif beside:
            yield [*beside, one.label, value]
            beside = []
        else:
            beside = [one.label, value]
    if beside:
        yield [*beside, "", ""]
