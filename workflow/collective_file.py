"""The rows of the list that an institution hands in (集体申请名单), whatever kind of file it is."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from typing import Final

import orjson

from rules.collective_list import Row, complete, read_list
from rules.form import Form
from rules.kinds import Kind
from rules.list_table import Table, broken, is_workbook, text_table, too_large
from workflow import workbook_cells

SECONDS: Final = 4
"""5,000 rows take a tenth of a second."""
_AT_ONCE: Final = asyncio.Semaphore(2)


async def read_rows(kind: Kind, form: Form | None, content: bytes) -> list[Row]:
    """The rows of a list, each with all its problems; raises Invalid if it cannot be read as a whole."""
    tables = await read_tables(content)
    # Beside the loop: a long list takes a tenth of a second.
    return await asyncio.to_thread(_rows, kind, form, tables)


async def read_tables(content: bytes) -> list[Table]:
    """The tables of a list, whatever kind of file it is; raises Invalid for what is none."""
    workbook = await asyncio.to_thread(is_workbook, content)
    return await tables_of(content) if workbook else [await asyncio.to_thread(text_table, content)]


def _rows(kind: Kind, form: Form | None, tables: Sequence[Table]) -> list[Row]:
    return [complete(kind, form, row) for row in read_list(kind, tables)]


async def tables_of(content: bytes) -> list[Table]:
    """The sheets of a workbook, read by a process that is ended where it takes too long, and has only so much memory.

    It gets nothing of the environment: no keys, no addresses.
    """
    async with _AT_ONCE:
        command = (sys.executable, "-P", "-m", workbook_cells.__name__)
        found = {"PYTHONPATH": os.pathsep.join(sys.path)}
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=found)
        try:
            async with asyncio.timeout(SECONDS):
                answer, _ = await process.communicate(content)
        except TimeoutError:
            raise too_large() from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode == workbook_cells.BROKEN:
        raise broken()
    if process.returncode:
        raise too_large()
    return [Table([(line, cells) for line, cells in sheet["rows"]], sheet["title"]) for sheet in orjson.loads(answer)]
