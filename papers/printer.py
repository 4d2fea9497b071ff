"""Pages as PDF (打印), by Typst: templates are ours; texts that people wrote come in as data, never as a template."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from threading import local
from typing import Any, Final

import orjson
import pylopdf_fonts_zh_cn as chinese
import typst

from rules.errors import RateLimited

FOLDER: Final = Path(__file__).parent / "templates"
AT_ONCE: Final = 2
WAITING: Final = 40
STANDARD: Final = "a-2u"
"""For keeping: fonts are embedded, text can be read back, and a character without a glyph is an error, not a box."""


class Printer:
    """Makes the pages, two at once and never on the event loop; one a process."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "printer")
        self._own, self._waiting = local(), 0

    @cached_property
    def _fonts(self) -> typst.Fonts:
        """The fonts of the package and no others, so that a page looks the same on every machine."""
        return typst.Fonts(False, False, [chinese.serif_path().parent])

    async def pdf(self, template: str, data: Mapping[str, Any], at: datetime) -> bytes:
        """The page that a template makes of its data, dated `at`: equal data give equal bytes.

        Characters that no font has are printed as their code, and listed in the page's `rare`.
        """
        if self._waiting >= WAITING:
            raise RateLimited(1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._made, template, data, at)
        finally:
            self._waiting -= 1

    def _made(self, template: str, data: Mapping[str, Any], at: datetime) -> bytes:
        rare: dict[str, None] = {}
        page = {**spelled(data, rare), "rare": list(rare)}
        made = self._compiler.compile(
            str(FOLDER / f"{template}.typ"),
            format="pdf",
            sys_inputs={"data": orjson.dumps(page).decode()},
            pdf_standards=STANDARD,
            timestamp=int(at.timestamp()),
        )
        assert isinstance(made, bytes)
        return made

    @property
    def _compiler(self) -> typst.Compiler:
        """Each thread's own: a compiler works for one at a time."""
        if not hasattr(self._own, "compiler"):
            self._own.compiler = typst.Compiler(root=FOLDER, font_paths=self._fonts, ignore_system_fonts=True)
        compiler: typst.Compiler = self._own.compiler
        return compiler


def spelled(value: Any, rare: dict[str, None]) -> Any:
    """The same data with every character that the fonts lack as 〔U+2A6A5〕; those are added to `rare`."""
    match value:
        case str():
            return _spelled(value, rare)
        case list() | tuple():
            return [spelled(each, rare) for each in value]
        case dict():
            return {name: spelled(each, rare) for name, each in value.items()}
        case _:
            return value


def _spelled(text: str, rare: dict[str, None]) -> str:
    text = "\n".join(text.expandtabs(1).splitlines())
    codes = {character: f"U+{ord(character):04X}" for character in {*text} - _covered()}
    rare.update(dict.fromkeys(codes[character] for character in text if character in codes))
    return text.translate({ord(character): f"〔{code}〕" for character, code in codes.items()})


@cache
def _covered() -> frozenset[str]:
    """The characters that one of the fonts has, and the end of a line."""
    fonts = (chinese.serif_path(), chinese.sans_path())
    return frozenset({"\n", *(chr(code) for path in fonts for code in _codes(path))})


def _codes(font: Path) -> Iterator[int]:
    """The code points that a font has."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - takes long, and only a process that prints needs it

    with TTFont(font, lazy=True) as opened:
        yield from opened.getBestCmap()


@cache
def printer() -> Printer:
    """This process's printer, made when it is first used."""
    return Printer()
