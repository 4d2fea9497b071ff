"""Lists as hospitals make them: workbooks written by the libraries, as Excel and WPS leave them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
import xlwt

NUMBER = "110101199003070011"
CERTIFICATE = "200811002345"


def xlsx(write: Callable[[Any, Any], None] | Sequence[Sequence[object]], **options: object) -> bytes:
    """A workbook with one sheet, of rows, or written by a function of the workbook and its sheet."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_numbers": False, **options}) as book:
        sheet = book.add_worksheet("名单")
        if callable(write):
            write(book, sheet)
        else:
            for line, row in enumerate(write):
                sheet.write_row(line, 0, row)
    return content.getvalue()


def xls(rows: Sequence[Sequence[object]], write: Callable[[Any, Any], None] | None = None) -> bytes:
    """The same in the form before 2007."""
    content, book = BytesIO(), xlwt.Workbook()
    sheet = book.add_sheet("名单", cell_overwrite_ok=True)
    for line, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.write(line, place, value)
    if write:
        write(book, sheet)
    book.save(content)
    return content.getvalue()


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A workbook with its parts changed."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()
