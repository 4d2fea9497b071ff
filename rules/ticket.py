"""Tickets (下载凭证): a file is handed out once, soon, and only to a person who may read its subjects."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotFound, Words
from rules.label import Labelled

TICKET_LIFETIME: Final = timedelta(seconds=60)
LIST_LIFETIME: Final = timedelta(minutes=10)
"""A list takes its time to be printed and to arrive, and a transfer that was broken off goes on within it."""
TICKETS_A_MINUTE: Final = 30
PAPERS_AN_HOUR: Final = 3_000
"""As many as 30 tickets a minute for one paper each come to, and half as many again."""
RESUMED: Final = 5
"""So often the transfer of one ticket's file may be taken up again: the file is made anew each time."""
MOST: Final = 500
"""The most papers of one list."""
PHOTOS: Final = 50
"""The most photos at once: a page of nurses."""

NONE: Final = Words("请至少选择一项", "Name at least one.")
TOO_MANY: Final = Words(
    f"一次最多打印{MOST}份，请分批打印", f"At most {MOST} papers are printed at once: print in parts."
)
TOO_MANY_PHOTOS: Final = Words(f"一次最多查看{PHOTOS}张相片", f"At most {PHOTOS} photos are shown at once.")
ONE_MATERIAL: Final = Words(
    "申请材料、附件、手册每次只能下载一份", "Files that were handed in are downloaded one at a time."
)
HANDED_IN: Final = ("MATERIAL", "INFORMATION_PROOF", "QUESTION_FILE", "MANUAL")
"""The kinds that are no pages of ours, but files as they were handed in."""
TWICE: Final = Words("该项在名单中重复", "This one stands in the list before.")
UNREADABLE: Final = Words("未找到该项，或您无权查看", "There is no such record, or none that you may read.")
UNPRINTABLE: Final = Words("该项目前没有可打印的此类文书", "There is no such paper of this one at present.")

NO_BLANK: Final = Words(
    "该护士的证书未登记空白证书编号，请先登记", "Her certificate is on no blank that is recorded: record it first."
)


class FileKind(Labelled):
    """A kind of file for download."""

    APPLICATION_FORM = "APPLICATION_FORM", "申请审核表"
    ACCEPTANCE_NOTICE = "ACCEPTANCE_NOTICE", "受理通知书"
    CORRECTION_NOTICE = "CORRECTION_NOTICE", "补正告知书"
    INTAKE_REFUSAL = "INTAKE_REFUSAL", "不予受理通知书"
    EXTENSION_NOTICE = "EXTENSION_NOTICE", "延长审批期限告知书"
    PAUSE_NOTICE = "PAUSE_NOTICE", "行政许可特别程序告知书"
    DEREGISTRATION_LETTER = "DEREGISTRATION_LETTER", "依职权注销决定书"
    DECISION_LETTER = "DECISION_LETTER", "决定书"
    CERTIFICATE = "CERTIFICATE", "护士执业证书"
    HAND_OUT_LIST = "HAND_OUT_LIST", "领证登记表"
    EXPIRY_NOTICE = "EXPIRY_NOTICE", "注册届满提醒单"
    MATERIAL = "MATERIAL", "申请材料"
    INFORMATION_PROOF = "INFORMATION_PROOF", "信息修改证明材料"
    PHOTO = "PHOTO", "个人相片"
    QUESTION_FILE = "QUESTION_FILE", "提问附件"
    MANUAL = "MANUAL", "手册"


class RecordFile(Labelled):
    """A file with all that the register holds about one nurse (个人信息查阅、复制); it has its own ways to a ticket."""

    OWN_PDF = "OWN_PDF", "个人信息"
    OWN_DATA = "OWN_DATA", "个人信息数据"
    RELATIVE_PDF = "RELATIVE_PDF", "已故护士个人信息"


class RecordFormat(Labelled):
    """The form in which she gets all about her: to read, or for a program."""

    PDF = "PDF", "可打印文件"
    JSON = "JSON", "数据文件"


OWN_FILES: Final[Mapping[RecordFormat, RecordFile]] = {
    RecordFormat.PDF: RecordFile.OWN_PDF,
    RecordFormat.JSON: RecordFile.OWN_DATA,
}
Downloaded: TypeAlias = FileKind | RecordFile
NOUN_OF: Final[Mapping[Downloaded, str]] = {
    **dict.fromkeys(FileKind, "Application"),
    **dict.fromkeys(RecordFile, "Nurse"),
    **dict.fromkeys((FileKind.CERTIFICATE, FileKind.HAND_OUT_LIST, FileKind.EXPIRY_NOTICE), "Nurse"),
    FileKind.DEREGISTRATION_LETTER: "Nurse",
    FileKind.MATERIAL: "Material",
    FileKind.INFORMATION_PROOF: "InformationChange",
    FileKind.PHOTO: "Photo",
    FileKind.QUESTION_FILE: "QuestionFile",
    FileKind.MANUAL: "Manual",
}
"""The noun whose global ids name the file: certificates have the ids of their nurses."""


class TicketSpent(NotFound):
    """An unknown, used or expired ticket, or one whose session has ended: the refusal does not tell which."""

    words = Words("下载凭证无效或已使用，请重新获取", "This ticket is not good, or no longer: get a new one.")


def downloaded(kept: str) -> Downloaded:
    """The kind of file that a ticket was given for."""
    return RecordFile(kept) if kept in {*RecordFile} else FileKind(kept)


def is_long(file: Downloaded, papers: int) -> bool:
    """True of a file that takes long to make: a list, or all about somebody."""
    return papers > 1 or isinstance(file, RecordFile)


def lifetime(file: Downloaded, papers: int) -> timedelta:
    """The time for which a ticket of so many papers is good; photos need no printing."""
    return TICKET_LIFETIME if papers == 1 or file is FileKind.PHOTO else LIST_LIFETIME


def require_list(file: FileKind, keys: Sequence[UUID]) -> None:
    """Refuse a list of none, of too many, of one twice, or of several materials, which are no pages of ours."""
    if not keys:
        raise Invalid(FieldProblem("ids", "FIELD_REQUIRED", NONE))
    if file is FileKind.PHOTO and len(keys) > PHOTOS:
        raise Invalid(FieldProblem("ids", "TOO_MANY", TOO_MANY_PHOTOS))
    if len(keys) > MOST:
        raise Invalid(FieldProblem("ids", "TOO_MANY", TOO_MANY))
    if file in HANDED_IN and len(keys) > 1:
        raise Invalid(FieldProblem("ids", "ONE_MATERIAL", ONE_MATERIAL))
    first = {key: place for place, key in reversed([*enumerate(keys)])}
    if twice := [place for place, key in enumerate(keys) if first[key] != place]:
        raise Invalid(*(FieldProblem(f"ids.{place}", "TWICE", TWICE) for place in twice))


def require_all(
    keys: Sequence[UUID | None], found: Container[UUID], words: Words = UNREADABLE, *, path: str = "ids"
) -> None:
    """Refuse all where one of them was not found, naming each that was not; one alone is NotFound."""
    lacking = [place for place, key in enumerate(keys) if key is None or key not in found]
    if lacking and len(keys) == 1:
        raise NotFound
    if lacking:
        raise Invalid(*(FieldProblem(f"{path}.{place}", "NOT_FOUND", words) for place in lacking))
