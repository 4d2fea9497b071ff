"""Printed papers as files (打印相关申请表, I18): the official form, the authority's letters, the certificate's page.

Each is printed for one or for a list, as one PDF in the list's order; where one of a list cannot be, nothing is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from db.read.batch import Row
from db.store.engine import Database
from papers.application_page import application_page
from papers.file import File
from papers.letters import deregistration_page, letter_page
from papers.printer import printer
from papers.values import photo, receipt, row, shown
from rules.moment import SHANGHAI
from rules.nurse import Sex
from rules.people import Actor
from rules.practice_alert import first_filing_day, legal_line
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
extension_notice = partial(letter, FileKind.EXTENSION_NOTICE)
pause_notice = partial(letter, FileKind.PAUSE_NOTICE)


async def deregistration_letter(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """The decisions to end registrations by office (依职权注销决定书, A8), with reason, article and remedies."""
    read = partial(paper.deregistration_letters, db, viewer, keys)
    return await _file(FileKind.DEREGISTRATION_LETTER, "letter", keys, read, _ended_by_office)


async def certificate_page(db: Database, viewer: Actor, keys: Sequence[UUID], stamp: Stamp | None = None) -> File:
    """The pages of nurses' certificates in force (护士执业证书、电子证照), each with the code that verifies it."""
    read = partial(paper.certificate_pages, db, viewer, keys, stamp)
    return await _file(FileKind.CERTIFICATE, "certificate", keys, read, _certificate)


async def expiry_notice(db: Database, viewer: Actor, keys: Sequence[UUID]) -> File:
    """Notices that registrations run out (注册届满提醒单), to be handed to whom no message reaches."""
    read = partial(paper.expiry_notices, db, viewer, keys)
    return await _file(FileKind.EXPIRY_NOTICE, "letter", keys, read, _expiry)


def _form(filed: Filed) -> Page:
    kept = filed.application
    return Page(application_page(filed), kept["moved_at"], kept["nurse_name"])


def _letter(kept: Row) -> Page:
    return Page(letter_page(kept), kept["at"], kept["nurse_name"])


def _ended_by_office(kept: Row) -> Page:
    return Page(deregistration_page(kept), kept["at"], kept["nurse_name"])


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


def _in_time(line: date, until: date, today: date) -> str:
    """Until when she files, as it stands today: nobody is sent to a day that is past."""
    if today <= line:
        return f"申请应在{shown(line)}前送达注册机关（护士条例第十条、行政许可法第五十条）。"
    if today > until:
        return f"延续申请应在{shown(line)}前送达注册机关，期限已过，不能再申请延续。"
    return (
        f"申请应在{shown(line)}前送达注册机关（护士条例第十条），该日已过；{shown(until)}以前仍可申请，请立即办理，"
        "届满前未作决定的不视为准予延续（行政许可法第五十条）。"
    )


def _expiry(kept: Row) -> Page:
    until, line = kept["valid_until"], legal_line(kept["valid_until"])
    today = kept["at"].astimezone(SHANGHAI).date()
    ended = until < today
    after = "您目前不得执业。您仍在册，请申请重新注册。" if ended else "届满未延续的，次日起不得执业。"
    values = {
        "title": "护士执业注册届满提醒单",
        "foot": f"证书编号：{kept['certificate_number']}",
        "authority": kept["place"],
        "number": kept["certificate_number"],
        "recipient": f"{kept['name']}（证件号码：{kept['id_number_masked']}）",
        "before": [f"您的护士执业注册有效期至{shown(until)}，注册机关为{kept['authority']}。"],
        "points": [
            f"延续注册自{shown(first_filing_day(until, kept['renewal_window_days']))}起可以申请。",
            _in_time(line, until, today),
        ],
        "after": [after, "请注册账户并验证手机号码或邮箱，以便及时收到提醒。"],
        "date": shown(kept["at"]),
    }
    return Page(values, kept["at"], kept["name"])


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
