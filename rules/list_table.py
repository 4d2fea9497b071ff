"""The table in a list (名单) as it is handed in: its file judged by what is inside, a text taken apart into cells."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from typing import Final

from rules.collective import bad
from rules.list_heads import FIRST_ROWS, head_row
from rules.measures import sized

CSV_BYTES: Final = 1024 * 1024
WORKBOOK_BYTES: Final = 5 * 1024 * 1024
UNPACKED_BYTES: Final = 64 * 1024 * 1024
"""A workbook of 5,000 rows unpacks to some 3 MiB."""
COLUMNS: Final = 200
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_FOREIGN: Final = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG", b"Rar!", b"7z\xbc\xaf", b"<", b"{\\rtf")
_DELIMITERS: Final = ",\t;|，；"
_SHARE: Final = 4
"""Every fourth byte of a place is null in UTF-16 at least, for digits and commas are in every list."""


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Rows that are not empty, with the number that a spreadsheet shows beside each; `sheet` where it has a name."""

    rows: Sequence[tuple[int, Sequence[str]]]
    sheet: str | None = None


def is_workbook(content: bytes) -> bool:
    """True for .xlsx and .xls, False for a text, whatever the name; raises Invalid for what is no list."""
    zipped = content.startswith(_ZIP)
    workbook = zipped or content.startswith(_OLE)
    if len(content) > (most := WORKBOOK_BYTES if workbook else CSV_BYTES):
        (zh, en), (most_zh, most_en) = sized(len(content)), sized(most)
        raise bad("csv", "LIST_SIZE", f"名单为{zh}，不得超过{most_zh}", f"{en}: at most {most_en}.")
    if zipped:
        _require_workbook(content)
    elif workbook and _LOCKED in content:
        raise bad(
            "csv", "LIST_PASSWORD", "名单设有密码，请取消密码后重新上传", "It has a password: save it without one."
        )
    elif content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_FOREIGN):
        raise _no_list()
    return workbook


def _require_workbook(content: bytes) -> None:
    """Refuse an archive that is no workbook, or one that unpacks to far more than a list can be."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise broken() from None
    if not any(part.filename.startswith("xl/") for part in parts):
        raise _no_list()
    if sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise too_large()


def _no_list() -> Exception:
    zh = "这不是名单文件：只接受.xlsx、.xls、.csv（按内容判断）；网页格式的.xls请用电子表格打开后另存为.xlsx"
    en = "This is no list: .xlsx, .xls or .csv, judged by what is inside; save a web page called .xls as .xlsx."
    return bad("csv", "LIST_TYPE", zh, en)


def broken() -> Exception:
    """The refusal of a workbook that is damaged."""
    zh, en = "文件已损坏，无法打开：请用电子表格打开后另存为.xlsx", "It is damaged: open it and save it as .xlsx."
    return bad("csv", "LIST_UNREADABLE", zh, en)


def too_large() -> Exception:
    """The refusal of a workbook that takes more room or time than a list does."""
    zh = "表格展开后过大：请将名单的行和列复制到新的空白工作簿，另存为.xlsx"
    en = "It unpacks to more than a list can be: copy the rows into a new, empty workbook and save that as .xlsx."
    return bad("csv", "LIST_TOO_LARGE", zh, en)


def require_narrow(tables: Sequence[Table]) -> None:
    """Refuse a table with more columns than the limit."""
    for table in tables:
        for line, cells in table.rows:
            if len(cells) > COLUMNS:
                words = f"第{line}行超过{COLUMNS}列，请删除右侧多余内容", f"Row {line} has over {COLUMNS} columns."
                raise bad("csv", "LIST_TOO_LARGE", *words)


def text_table(content: bytes) -> Table:
    """The table of a text with commas, tabs or semicolons."""
    text = _text(content)
    first, _, rest = text.partition("\n")
    separator = first.strip().strip('"')
    if separator.lower().startswith("sep=") and len(separator) == len("sep=") + 1:
        return Table(list(_records(rest, separator[-1])))  # spreadsheets do not count this line as a row
    if first.strip("\r").lower() == "sep=\t":
        return Table(list(_records(rest, "\t")))
    return Table(list(_records(text, _delimiter(text))))


def _text(content: bytes) -> str:
    """The text of the file: UTF-8 or UTF-16, with or without its mark, or the encoding of Chinese spreadsheets."""
    for encoding in (*_marked(content), "utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    zh, en = "名单须为UTF-8、UTF-16或GB18030编码", "The list must be UTF-8, UTF-16 or GB18030."
    raise bad("csv", "LIST_ENCODING", f"{zh}，或另存为.xlsx", en)


def _marked(content: bytes) -> Iterator[str]:
    """UTF-16, by its mark or by the nulls that digits and commas have in it."""
    start = content[:1024]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
    elif start[1::2].count(0) * _SHARE > len(start[1::2]):
        yield "utf-16-le"
    elif start[::2].count(0) * _SHARE > len(start[::2]):
        yield "utf-16-be"


def _delimiter(text: str) -> str:
    """The character that takes the head apart."""
    for one in _DELIMITERS:
        reader = csv.reader(StringIO(text, newline=""), delimiter=one)
        try:
            if head_row([(0, cells) for cells in islice(reader, FIRST_ROWS)]) is not None and one in text:
                return one
        except csv.Error:
            continue
    return ","


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records that are not empty, without what is empty at their end."""
    line = 0
    try:
        for line, cells in enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if trimmed := trim(cells):
                yield line, trimmed
    except csv.Error:
        zh = f"第{line + 1}行起无法读取：引号不成对，或某格过长；请用电子表格打开后另存为.xlsx"
        en = f"It cannot be read from row {line + 1} on: a quote is not closed, or a cell is too long."
        raise bad("csv", "LIST_UNREADABLE", zh, en) from None


def trim(cells: Sequence[str]) -> list[str]:
    """Cells without blanks around them, and without the empty ones at the end."""
    stripped = [cell.strip().strip("\ufeff\u200b").strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped
