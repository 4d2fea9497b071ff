#!/bin/sh
# python-calamine: a formula that failed (#N/A, #REF!, #DIV/0!) reads as an empty cell.
#
# `=VLOOKUP(…)` that finds nothing is the most common formula of lists that people keep. Excel shows #N/A and keeps it in
# the file (<c t="e"><v>#N/A</v></c>); python-calamine gives '' for it, as for a cell that nobody filled in, and the two
# cannot be told apart through the library: a program that lets an empty cell mean "as usual" takes a failure for that.
# One would guess the text '#N/A', as openpyxl gives it, or an exception. A formula without a kept result, as programs
# write it that do not calculate, is '' as well.
#
# Seen: python-calamine 0.9.1, CPython 3.11, Linux x86_64, 29 November 2026:
#   calamine: ['a', '', '', '', '', 'z']
#   openpyxl: ['a', None, '#N/A', '#REF!', '#DIV/0!', 'z']
# (the second cell of each is empty indeed). Prints that, and fails if it is otherwise now.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-calamine==0.9.1 xlsxwriter==3.3.1 openpyxl==3.1.5
cat >"$folder/try.py" <<'PY'
import sys
import openpyxl, xlsxwriter
from python_calamine import CalamineWorkbook
path = f"{sys.argv[1]}/list.xlsx"
with xlsxwriter.Workbook(path) as book:
    sheet = book.add_worksheet()
    sheet.write("A1", "a")
    sheet.write_formula("C1", "=VLOOKUP(1,X1:Y9,2,0)", None, "#N/A")
    sheet.write_formula("D1", "=Gone!A1", None, "#REF!")
    sheet.write_formula("E1", "=1/0", None, "#DIV/0!")
    sheet.write("F1", "z")
print("calamine:", CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[0])
print("openpyxl:", [cell.value for cell in openpyxl.load_workbook(path, data_only=True).active[1]])
PY
found=$("$folder/venv/bin/python" "$folder/try.py" "$folder")
echo "$found"
test "$found" = "calamine: ['a', '', '', '', '', 'z']
openpyxl: ['a', None, '#N/A', '#REF!', '#DIV/0!', 'z']"
