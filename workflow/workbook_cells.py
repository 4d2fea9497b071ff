"""The cells of a workbook as text, read in a process of its own: a file of 5 kB can ask for more memory than there is.

Takes the file on standard input, and writes its visible sheets as JSON.
"""

from __future__ import annotations

import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Final, TypedDict
from xml.etree import ElementTree

import orjson
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY, SECONDS = 512 * 1024 * 1024, 4
SHEETS, ROWS, COLUMNS, TEXT = 10, 10_100, 200, 1_000
AREA: Final = 2_000_000
"""The cells of the largest rectangle that is read: 5,000 rows of 400 columns, or 100,000 of 20."""
CHARACTERS: Final = 8 * 1024 * 1024
EXACT: Final = 10**15
"""A spreadsheet keeps fifteen digits of a number."""
BROKEN, TOO_LARGE = 3, 4
"""Exit codes of the process."""
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b([^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_RESULT: Final = re.compile(rb"<(?:\w+:)?v>([^<]+)<")
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Cells = dict[int, list[str]]


class Sheet(TypedDict):
    """A sheet as it is handed on: rows that are not empty, each with its number."""

    title: str
    rows: list[tuple[int, list[str]]]


def sheets(content: bytes) -> Iterator[Sheet]:
    """The visible sheets of a workbook."""
    parts = dict(_parts(content)) if zipfile.is_zipfile(BytesIO(content)) else {}
    # The library makes room for a whole rectangle, however few of its cells have a value.
    if any(_area(part) > AREA for part in parts.values()):
        raise OverflowError
    failures = {title: dict(_failed(part)) for title, part in parts.items()}
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    visible = (one for one in workbook.sheets_metadata if one.visible is SheetVisibleEnum.Visible)
    titles = [one.name for one in visible if one.typ is SheetTypeEnum.WorkSheet]
    for title in titles[:SHEETS]:
        rows = _rows(workbook.get_sheet_by_name(title))
        for (line, place), text in failures.get(title, {}).items():
            if line in rows and place < COLUMNS:
                rows[line].extend([""] * (place + 1 - len(rows[line])))
                rows[line][place] = text
        yield Sheet(title=title, rows=list(rows.items()))


def _rows(sheet: CalamineSheet) -> Cells:
    """The rows that are not empty; a cell merged over several rows stands in each of them."""
    left, found = [""] * (sheet.start[1] if sheet.start else 0), Cells()
    for line, values in enumerate(sheet.iter_rows(), 1):
        blank = next((nth for nth, one in enumerate(reversed(values)) if str(one).strip()), len(values))
        cells = [*left, *map(_text, values[: len(values) - blank])]
        if len(cells) > len(left):
            found[line] = cells[: COLUMNS + 1]
        if len(found) > ROWS:
            break
    _spread(sheet, found)
    return found


def _spread(sheet: CalamineSheet, rows: Cells) -> None:
    for (top, place), (bottom, right) in sheet.merged_cell_ranges or ():
        above = rows.get(top + 1, [])
        if place != right or place >= len(above):
            continue
        for line in range(top + 2, bottom + 2):
            if cells := rows.get(line):
                cells.extend([""] * (place + 1 - len(cells)))
                cells[place] = above[place]


def _text(value: object) -> str:
    """A cell as it would be typed in; a number of more digits than a spreadsheet keeps as it is shown there."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return f"{value:.5E}" if abs(value) >= EXACT else f"{value:.15g}"
        case datetime() | date() | time():
            return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)[:TEXT]


def _parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The sheets of an `.xlsx` by their titles, as the XML that they are."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {one.get("Id"): (one.get("Target") or "").removeprefix("/xl/") for one in links}
        names = set(archive.namelist())
        for sheet in book.iter(f"{_MAIN}sheet"):
            if (part := f"xl/{targets.get(sheet.get(_LINK))}") in names:
                yield sheet.get("name", ""), archive.read(part)


def _area(part: bytes) -> int:
    """The cells of the rectangle from A1 to the last row and the last column with a value."""
    places = [place for cell in _CELL.finditer(part) if (place := _PLACE.search(cell[1]))]
    last = max((int(place[2]) for place in places), default=0)
    return last * max((_column(place[1]) + 1 for place in places), default=0)


def _failed(part: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """The cells of a sheet whose formula has no result; the library gives them as empty."""
    for cell in _CELL.finditer(part):
        head, inside = cell.groups()
        error = b't="e"' in head
        if not error and b"<f" not in inside and b":f" not in inside:
            continue
        result, place = _RESULT.search(inside), _PLACE.search(head)
        if place and (error or not result):
            text = result[1].decode("utf-8", "replace") if result else "="
            yield (int(place[2]), _column(place[1])), text


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def main() -> int:
    """Read standard input, write standard output; the exit code says why it could not."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        answer = orjson.dumps(list(sheets(sys.stdin.buffer.read())))
    except (CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, OSError):
        return BROKEN
    except OverflowError:
        return TOO_LARGE
    if len(answer) > CHARACTERS:
        return TOO_LARGE
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
