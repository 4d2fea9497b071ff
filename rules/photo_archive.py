"""Photos of many nurses in one archive (相片压缩包): pictures, and a sheet that says whose each is."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Final

from rules.collective import bad
from rules.errors import FieldProblem, Invalid, Words
from rules.list_heads import FIRST_ROWS, field_of, plain
from rules.list_table import Table, trim
from rules.list_values import shown
from rules.material import MATERIAL_BYTES
from rules.photo import Measured

MOST: Final = 100
UNPACKED_BYTES: Final = 64 * 1024 * 1024
_SHEETS: Final = (".xlsx", ".xls", ".csv", ".txt")
_FILES: Final = frozenset(
    {"文件名", "文件", "相片", "照片", "相片文件", "照片文件", "相片文件名", "照片文件名", "file", "filename", "photo"}
)
_UTF8: Final = 0x800
"""The flag of an entry whose name is UTF-8; others are as the sender's system writes them."""
_LOCKED: Final = 0x1


@dataclass(frozen=True, slots=True, repr=False)
class Archive:
    """The content of an archive: the sheet, and the pictures by their names without folders, in lower case."""

    sheet: bytes
    pictures: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, repr=False)
class PhotoRow:
    """One row of the sheet: whose the photo is, which picture, what was made of it, and what is wrong."""

    line: int
    number: str
    file: str
    name: str = ""
    measured: Measured = field(default_factory=Measured)
    made: bytes = b""
    problems: tuple[FieldProblem, ...] = ()

    def refused(self, problem: FieldProblem) -> PhotoRow:
        """The same row with one problem more."""
        return replace(self, problems=(*self.problems, problem))

    def located(self) -> Iterator[FieldProblem]:
        """The problems from the input, in the words of the sheet: which row, and what stands there."""
        for one in self.problems:
            value = self.file if one.path == "file" else ""
            zh = f"第{self.line}行{f'“{shown(value)}”' if value else ''}：{one.words.zh}"
            en = f"Row {self.line} {shown(value)}: {one.words.en}"
            yield replace(one, path="archive", words=Words(zh, en))


def unpacked(content: bytes) -> Archive:
    """The content of an archive; raises Invalid where it cannot be read, or is larger than photos can be."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = [one for one in archive.infolist() if not one.is_dir() and _named(one)]
            _require_modest(parts)
            _require_names([_name(one) for one in parts])
            files = {_name(one): archive.read(one) for one in parts}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        raise bad("archive", "ARCHIVE_UNREADABLE", *_UNREADABLE) from None
    sheets = [name for name in files if name.endswith(_SHEETS)]
    if len(sheets) != 1:
        raise bad("archive", "ARCHIVE_SHEETS", *_ONE_SHEET)
    sheet = files.pop(sheets[0])
    return Archive(sheet, files)


def _name(part: zipfile.ZipInfo) -> str:
    """The name of an entry without its folders; Chinese systems write theirs in GB18030, as if it were cp437."""
    name = part.filename
    if not part.flag_bits & _UTF8:
        name = name.encode("cp437", "replace").decode("gb18030", "replace")
    return name.replace("\\", "/").rpartition("/")[2].casefold()


def _named(part: zipfile.ZipInfo) -> bool:
    """False for what systems put beside the files."""
    return not part.filename.startswith("__MACOSX/") and not part.filename.rpartition("/")[2].startswith(".")


def _require_modest(parts: Sequence[zipfile.ZipInfo]) -> None:
    if any(one.flag_bits & _LOCKED for one in parts):
        raise bad("archive", "ARCHIVE_PASSWORD", *_PASSWORD)
    if len(parts) > MOST + 1:
        raise bad("archive", "TOO_MANY", *_MANY)
    sizes = [one.file_size for one in parts]
    if sum(sizes) > UNPACKED_BYTES or max(sizes, default=0) > MATERIAL_BYTES:
        raise bad("archive", "ARCHIVE_TOO_LARGE", *_LARGE)


def _require_names(names: Sequence[str]) -> None:
    if twice := [name for name in names if names.count(name) > 1]:
        zh, en = (
            f"压缩包中有多个“{shown(twice[0])}”，请改名后重新压缩",
            f"It has several “{shown(twice[0])}”: rename them.",
        )
        raise bad("archive", "ARCHIVE_NAME_TWICE", zh, en)


def rows_of(tables: Sequence[Table]) -> list[PhotoRow]:
    """The rows of the sheet; raises Invalid where its columns cannot be told, or it names nobody, or too many."""
    for table in tables:
        for place, (_, cells) in enumerate(table.rows[:FIRST_ROWS]):
            fields = {found: nth for nth, cell in enumerate(cells) if (found := _field(cell))}
            if {"idNumber", "file"} <= {*fields}:
                rows = [_row(line, trim(each), fields) for line, each in table.rows[place + 1 :]]
                return _few([one for one in rows if one.number or one.file])
    raise bad("archive", "ARCHIVE_SHEET_HEADS", *_HEADS)


def _field(head: str) -> str | None:
    return "file" if plain(head) in _FILES else field_of(head)


def _row(line: int, cells: Sequence[str], fields: Mapping[str, int]) -> PhotoRow:
    said = {name: cells[place] if place < len(cells) else "" for name, place in fields.items()}
    return PhotoRow(line, said["idNumber"], said["file"], said.get("name", ""))


def _few(rows: list[PhotoRow]) -> list[PhotoRow]:
    if not rows:
        raise bad("archive", "NOBODY", *_NOBODY)
    if len(rows) > MOST:
        raise bad("archive", "TOO_MANY", *_MANY)
    return rows


def picture_of(row: PhotoRow, archive: Archive) -> str | None:
    """The name of a row's picture in the archive, with or without its ending; None where there is none."""
    wanted = row.file.replace("\\", "/").rpartition("/")[2].casefold()
    stems = {name.rpartition(".")[0]: name for name in archive.pictures}
    return wanted if wanted in archive.pictures else stems.get(wanted)


def unnamed(rows: Sequence[PhotoRow], archive: Archive) -> tuple[str, ...]:
    """The names of the files in the archive that no row names: most often a slip in the sheet."""
    named = {picture_of(row, archive) for row in rows}
    return tuple(sorted(shown(name) for name in archive.pictures if name not in named))


def missing(row: PhotoRow) -> PhotoRow:
    """The row, refused because the archive has no such picture."""
    return row.refused(FieldProblem("file", "PHOTO_MISSING", _MISSING))


def twice(row: PhotoRow, line: int) -> PhotoRow:
    """The row, refused because another one is about the same nurse."""
    zh, en = f"第{line}行已有该护士", f"She stands in row {line} already."
    return row.refused(FieldProblem("nurse", "TWICE", Words(zh, en)))


def nobody(row: PhotoRow) -> PhotoRow:
    """The row, refused because no nurse of the institution has this number, or she has another name."""
    return row.refused(FieldProblem("nurse", "NOT_FOUND", _NOT_FOUND))


def require_sound(rows: Sequence[PhotoRow]) -> None:
    """Refuse an archive of which any row is wrong: nothing of it is filed, so that it may be sent again as a whole."""
    if problems := [problem for row in rows for problem in row.located()]:
        raise Invalid(*problems)


_UNREADABLE: Final = ("不是ZIP压缩包或已损坏，请重新压缩为ZIP", "This is no .zip, or a broken one: pack it again.")
_PASSWORD: Final = ("压缩包设有密码，请取消密码后重新压缩", "It has a password: pack it without one.")
_LARGE: Final = ("压缩包解压后过大，请分批上传", "It unpacks to more than photos can be: send it in parts.")
_MANY: Final = (f"一次最多上传{MOST}张相片，请分批上传", f"At most {MOST} photos at once: send them in parts.")
_ONE_SHEET: Final = (
    "压缩包中须有且只有一个名单（.xlsx、.xls、.csv）",
    "There must be one sheet in it: .xlsx, .xls or .csv.",
)
_HEADS: Final = ("名单须有“身份证号”和“文件名”两列", "The sheet needs a column `idNumber` and a column `file`.")
_NOBODY: Final = ("名单中没有护士：列名行以下没有数据行", "The sheet names nobody: no row below its heads.")
_MISSING: Final = Words("压缩包中没有该文件", "The archive has no such file.")
_NOT_FOUND: Final = Words("本机构没有该证件号码（姓名）的护士", "No nurse of yours has this number and name.")
