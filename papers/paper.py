"""Printed papers as files (打印相关申请表, I18): the official form, the authority's letters, the certificate's page.

Each is printed for one or for a list, as one PDF in the list's order; where one of a list cannot be, nothing is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from db.read.batch import Row
from db.store.engine import Database
from papers.application_page import application_page
from papers.file import File
from papers.letters import letter_page
from papers.printer import printer
from papers.values import photo, receipt, row
from rules.moment import SHANGHAI
from rules.nurse import Sex
from rules.people import Actor
from rules.ticket import FileKind
from workflow import paper
from workflow.paper import Filed
from workflow.receipt import Stamp

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """The values of one paper, the moment that dates it, and whose it is."""

    values: Mapping[str, Any]
    at: datetime
    name: str


async def application_form(db: Database, viewer: Actor, keys: Sequence[UUID], stamp: Stamp | None = None) -> File:
    """The official forms of applications (申请审核表), as they stand; a draft is marked as one."""
    read = partial(paper.application_forms, db, viewer, keys, stamp)
    return await _file(FileKind.APPLICATION_FORM, "form", keys, read, _form)


async def letter(file: FileKind, db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """The authority's letters of one kind on applications (决定书、通知书), with reasons, articles and remedies."""
    read = partial(paper.letters, db, viewer, keys, file)
    return await _file(file, "letter", keys, read, _letter)


decision_letter = partial(letter, FileKind.DECISION_LETTER)
acceptance_notice = partial(letter, FileKind.ACCEPTANCE_NOTICE)
correction_notice = partial(letter, FileKind.CORRECTION_NOTICE)
intake_refusal = partial(letter, FileKind.INTAKE_REFUSAL)


async def certificate_page(db: Database, viewer: Actor, keys: Sequence[UUID], stamp: Stamp | None = None) -> File:
    """The pages of nurses' certificates in force (护士执业证书、电子证照), each with the code that verifies it."""
    read = partial(paper.certificate_pages, db, viewer, keys, stamp)
    return await _file(FileKind.CERTIFICATE, "certificate", keys, read, _certificate)


def _form(filed: Filed) -> Page:
    kept = filed.application
    return Page(application_page(filed), kept["moved_at"], kept["nurse_name"])


def _letter(kept: Row) -> Page:
    return Page(letter_page(kept), kept["at"], kept["nurse_name"])


def _certificate(kept: Row) -> Page:
    values = {
        "title": "护士执业证书",
        "foot": f"证书编号：{kept['number']}",
        "authority": kept["authority"],
        "date": row("", kept["issued_on"])["value"],
        "photo": photo(kept),
        **receipt(kept),
        "rows": [
            row("姓名", kept["name"]),
            row("性别", Sex[kept["sex"]]),
            row("出生日期", kept["birth_date"]),
            row("证书编号", kept["number"]),
            row("证书序号", kept["serial"]),
            row("首次注册", kept["first_registered_on"]),
            row("有效期至", kept["valid_until"]),
            row("执业机构", kept["institution"]),
        ],
    }
    return Page(values, datetime.combine(kept["issued_on"], time(), SHANGHAI), kept["name"])


async def _file(
    kind: FileKind,
    template: str,
    keys: Sequence[UUID],
    read: Callable[[], Awaitable[Sequence[Kept]]],
    page_of: Callable[[Kept], Page],
) -> File:
    """One paper bears its title and whose it is, a list its kind and how many they are."""
    async with printer().place(len(keys)):
        kept = await read()
        # Beside the loop: the codes of a long list take a second to draw.
        pages = await asyncio.to_thread(lambda: [*map(page_of, kept)])
        alone = pages[0] if len(pages) == 1 else None
        title = kind.label if alone is None else alone.values["title"]
        run = {"title": title, "template": template, "papers": [page.values for page in pages]}
        content = await printer().pdf(run, max(page.at for page in pages))
    whose = f"{len(pages)}份" if alone is None else alone.name
    return File(f"{title}-{whose}.pdf", "application/pdf", content)
