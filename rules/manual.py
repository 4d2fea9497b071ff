"""Manuals (手册, I26): which there are, and what a file of one must be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from rules.errors import FieldProblem, Invalid, NotAllowed, Together, Words
from rules.faq import HelpAudience
from rules.label import Labelled
from rules.material import MediaType, media_type_of, unreadable
from rules.wording import wording

LONGEST_TITLE, LONGEST_VERSION = 60, 20
MOST: Final = 100
"""The most manuals that are in force."""
PUBLIC_AN_HOUR: Final = 30
"""So many tickets for manuals one address gets within an hour without a sign-in."""


class ManualLanguage(Labelled):
    """The language of a manual."""

    ZH = "ZH", "中文"
    EN = "EN", "英文"


@dataclass(frozen=True, slots=True)
class ManualText:
    """A manual as it is described: for whom, in which language, and which version of it."""

    audience: HelpAudience
    language: ManualLanguage
    title: str
    version: str
    dated: date


def checked(text: ManualText, today: date) -> ManualText:
    """A manual as it is kept; Invalid with all that is wrong about it."""
    with Together() as each:
        title = each(lambda: wording("title", text.title, LONGEST_TITLE, allowed=""))
        version = each(lambda: wording("version", text.version, LONGEST_VERSION, allowed=""))
        each(lambda: _require_past(text.dated, today))
    return replace(text, title=title, version=version)


def _require_past(dated: date, today: date) -> None:
    if dated > today:
        raise Invalid(FieldProblem("dated", "IN_FUTURE", _FUTURE))


def require_pdf(content: bytes) -> None:
    """Refuse a file that is no PDF, by its content: also a picture, which is taken elsewhere."""
    try:
        found = media_type_of(content)
    except Invalid as refusal:
        if refusal.problems[0].code != "FILE_TYPE":
            raise
        found = None
    if found is not MediaType.PDF:
        raise unreadable("FILE_TYPE", _PDF)


def members_only() -> NotAllowed:
    """The refusal of a public ticket for a manual that is for some alone, to whoever of them asks for it."""
    return NotAllowed("MANUAL_NOT_PUBLIC", _MEMBERS)


def require_room(manuals: int) -> None:
    """Refuse a manual too many; one that takes another's place is none."""
    if manuals >= MOST:
        zh, en = f"手册最多{MOST}份，请先撤下不用的", f"At most {MOST} manuals: withdraw one first."
        raise Invalid(FieldProblem("title", "TOO_MANY", Words(zh, en)))


_MEMBERS: Final = Words(
    "该手册不对外公开，请登录后按下载文件（手册）领取下载凭证",
    "This manual is not for everybody: get a ticket as for any file of yours, by downloadTicketCreate with MANUAL.",
)
_FUTURE: Final = Words("日期不能晚于今天", "The date must not lie in the future.")
_PDF: Final = Words("手册须为PDF文件（按内容判断）", "A manual is a PDF, judged by what is inside.")
