"""Printed papers as files (打印相关申请表, I18): the official form, the authority's letters, the certificate's page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from db.read.batch import Row
from db.store.engine import Database
from papers.application_page import application_page
from papers.file import File
from papers.letters import letter_page
from papers.printer import printer
from papers.values import photo, row
from rules.moment import SHANGHAI
from rules.nurse import Sex
from rules.people import Actor
from workflow import paper


async def application_form(db: Database, viewer: Actor, key: UUID) -> File:
    """The official form of an application (申请审核表), as it stands; a draft is marked as one."""
    filed = await paper.application_form(db, viewer, key)
    page, kept = application_page(filed), filed.application
    return await _file("form", page, kept["moved_at"], f"{page['title']}-{kept['nurse_name']}")


async def decision_letter(db: Database, viewer: Actor, key: UUID) -> File:
    """The decision on an application (准予、不予、撤销决定书), with reasons and remedies."""
    return await _letter(await paper.decision_letter(db, viewer, key))


async def acceptance_notice(db: Database, viewer: Actor, key: UUID) -> File:
    """The notice that an application was accepted (受理通知书), with the day of the decision."""
    return await _letter(await paper.notice(db, viewer, key, "ACCEPTED"))


async def correction_notice(db: Database, viewer: Actor, key: UUID) -> File:
    """The notice of the corrections to be made (补正告知书)."""
    return await _letter(await paper.notice(db, viewer, key, "CORRECTION_REQUIRED"))


async def intake_refusal(db: Database, viewer: Actor, key: UUID) -> File:
    """The notice that an application was not accepted, with the reasons (不予受理通知书)."""
    return await _letter(await paper.notice(db, viewer, key, "NOT_ACCEPTED"))


async def certificate_page(db: Database, viewer: Actor, key: UUID) -> File:
    """The page of a nurse's certificate in force (护士执业证书)."""
    kept = await paper.certificate_page(db, viewer, key)
    page = {
        "title": "护士执业证书",
        "foot": f"证书编号：{kept['number']}",
        "authority": kept["authority"],
        "date": row("", kept["issued_on"])["value"],
        "photo": photo(kept),
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
    issued = datetime.combine(kept["issued_on"], time(), SHANGHAI)
    return await _file("certificate", page, issued, f"护士执业证书-{kept['name']}")


async def _letter(kept: Row) -> File:
    page = letter_page(kept)
    return await _file("letter", page, kept["at"], f"{page['title']}-{kept['nurse_name']}")


async def _file(template: str, page: Mapping[str, Any], at: datetime, name: str) -> File:
    return File(f"{name}.pdf", "application/pdf", await printer().pdf(template, page, at))
