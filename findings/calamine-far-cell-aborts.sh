#!/bin/sh
# python-calamine: one value in the last cell of a sheet ends the whole process.
#
# A workbook of 5 kB that Excel opens at once has a value in A1 and one in XFD1048576. python-calamine keeps a sheet as a
# dense rectangle, asks for 17,179,869,184 cells, and where that much memory is not to be had the process is aborted by
# Rust (SIGABRT): no exception reaches Python, though the library has exceptions for every other failure. One would guess
# a MemoryError or a CalamineError, or a sparse reading, as openpyxl's read-only mode does it.
# Memory is limited to 2 GiB here, so that the machine that tries it takes no harm.
#
# Seen: python-calamine 0.9.1, CPython 3.11, Linux x86_64, 29 November 2026:
#   small sheet: [['x', 'y']]
#   far cell: exit -6
# Prints that, and fails if it is otherwise now.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-calamine==0.9.1 xlsxwriter==3.3.1
cat >"$folder/read.py" <<'PY'
import resource, sys
from python_calamine import CalamineError, CalamineWorkbook
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
try:
    print(CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python())
except (CalamineError, MemoryError) as error:
    print("refused:", type(error).__name__)
PY
cat >"$folder/try.py" <<'PY'
import os, subprocess, sys
import xlsxwriter
def made(name, far):
    path = os.path.join(sys.argv[1], name)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "x")
        sheet.write(far, "y")
    return path
def read(path):
    return subprocess.run([sys.executable, os.path.join(sys.argv[1], "read.py"), path], capture_output=True, text=True)
print("small sheet:", read(made("small.xlsx", "B1")).stdout.strip())
far = read(made("far.xlsx", "XFD1048576"))
print("far cell:", far.stdout.strip() or f"exit {far.returncode}")
PY
found=$("$folder/venv/bin/python" "$folder/try.py" "$folder")
echo "$found"
test "$found" = "small sheet: [['x', 'y']]
far cell: exit -6"
