#!/bin/sh
# python-calamine: iter_rows() gives the empty rows above a table, and leaves out the empty columns left of it.
#
# A table that begins at C3: to_python() leaves both out, to_python(skip_empty_area=False) gives both, so that a place in
# the list is a place in the sheet. iter_rows(), which takes no such argument, does one of each: row numbers are right,
# column numbers are two too small. One would guess that it follows one of the two.
#
# Seen: python-calamine 0.9.1, CPython 3.11, Linux x86_64, 29 November 2026:
#   to_python: [['x']]
#   whole: [['', '', ''], ['', '', ''], ['', '', 'x']]
#   iter_rows: [[''], [''], ['x']]
# Prints that, and fails if it is otherwise now.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-calamine==0.9.1 xlsxwriter==3.3.1
cat >"$folder/try.py" <<'PY'
import sys
import xlsxwriter
from python_calamine import CalamineWorkbook
path = f"{sys.argv[1]}/list.xlsx"
with xlsxwriter.Workbook(path) as book:
    book.add_worksheet().write("C3", "x")
sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
print("to_python:", sheet.to_python())
print("whole:", sheet.to_python(skip_empty_area=False))
print("iter_rows:", list(sheet.iter_rows()))
PY
found=$("$folder/venv/bin/python" "$folder/try.py" "$folder")
echo "$found"
test "$found" = "to_python: [['x']]
whole: [['', '', ''], ['', '', ''], ['', '', 'x']]
iter_rows: [[''], [''], ['x']]"
