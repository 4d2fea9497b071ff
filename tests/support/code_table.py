"""Writes the tables of docs/reference/codes.md from the sources, keeping what each code means: `python -m tests.support.code_table`."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

import graph
import rules
import web
import workflow
from rules.conflict import Situation
from rules.errors import Conflict, RegistryError
from tests.support import code_kinds
from tests.support.code_sources import Sources
from web.answer import STATUS

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "codes.md"
TABLE: Final = re.compile(r"^\| code \|[^\n]*\n\|[-|]+\|\n(?:\|[^\n]*\n)*", re.MULTILINE)
ROW: Final = re.compile(r"^\| `(\w+)` \|(?: \d+ \|)? ([^|\n]*) \| ([^|\n]*) \|$", re.MULTILINE)
AT_THE_DOOR: Final = {"RESTARTING": 503, "HEADERS_TOO_LARGE": 431, "PRINT_TOO_LARGE": 413, "RANGE_NOT_SATISFIABLE": 416}
"""The statuses of what is refused where there is no answer of GraphQL's."""

Meaning = tuple[str, str]


def general() -> dict[str, int]:
    """The codes of `extensions.code` and of problems without a rule of their own, and the HTTP status of each."""
    for package in (rules, workflow, graph, web):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    codes = {one.code for one in _refusals(RegistryError) if one is not Conflict} | code_kinds.rejected(Sources())
    return {code: AT_THE_DOOR.get(code) or STATUS.get(code, 200) for code in codes}


def sections() -> list[Mapping[str, int | None]]:
    """The codes of each table of the page, in its order."""
    sources = Sources()
    tables = (
        {*Situation},
        code_kinds.refusals(sources),
        code_kinds.fields(sources),
        code_kinds.conditions(sources),
        {str(one) for one in code_kinds.statuses(sources)},
        {str(one) for one in code_kinds.closings(sources)},
    )
    return [general(), *(dict.fromkeys(codes) for codes in tables)]


def meanings(table: str) -> dict[str, Meaning]:
    """The meanings that a table has, in Chinese and English, by code."""
    return {code: (zh.strip(), en.strip()) for code, zh, en in ROW.findall(table)}


def page(text: str) -> str:
    """The page with every code of the sources and no other; a new one has no meaning until somebody writes it."""
    tables = iter(sections())
    return TABLE.sub(lambda found: "".join(_table(next(tables), meanings(found[0]))), text)


def _table(codes: Mapping[str, int | None], known: Mapping[str, Meaning]) -> Iterator[str]:
    with_status = any(codes.values())
    yield (
        "| code | HTTP | 中文 | English |\n|---|---|---|---|\n"
        if with_status
        else "| code | 中文 | English |\n|---|---|---|\n"
    )
    for code in sorted(codes):
        zh, en = known.get(code, ("", ""))
        yield f"| `{code}` |{f' {codes[code]} |' if with_status else ''} {zh} | {en} |\n"


def _refusals(kind: type[RegistryError]) -> Iterator[type[RegistryError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _refusals(each)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), encoding="utf-8")
