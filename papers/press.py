"""The press: a run of papers becomes a PDF, by Typst; templates are ours, and texts that people wrote come in as data.

For a list it is a program of its own (`python -m papers.press SECONDS MEMORY < run > pdf`), which can be ended and has
only so much memory. It imports nothing of the register: each list waits for it to start.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
import pylopdf_fonts_zh_cn as chinese
import typst

FOLDER: Final = Path(__file__).parent / "templates"
STANDARD: Final = "a-2u"
"""For keeping: fonts are embedded, text can be read back, and a character without a glyph is an error, not a box."""
TOO_LARGE: Final = 3
"""The exit code of a list that needs more memory than there is; most often a signal ends it before."""


def compiler() -> typst.Compiler:
    """A compiler, for one at a time; with the fonts of the package and no others: a page looks the same everywhere."""
    fonts = typst.Fonts(False, False, [chinese.serif_path().parent])
    return typst.Compiler(root=FOLDER, font_paths=fonts, ignore_system_fonts=True)


def pressed(by: typst.Compiler, run: Mapping[str, Any], at: int) -> bytes:
    """The papers of a run in their order, dated `at` (Unix seconds): equal runs give equal bytes.

    Characters that no font has are printed as their code, and listed in the `rare` of the paper.
    """
    papers = [_paper(values, place, len(run["papers"])) for place, values in enumerate(run["papers"], 1)]
    rare: dict[str, None] = {}
    data = {"title": spelled(run["title"], rare), "template": run["template"], "papers": papers}
    made = by.compile(
        str(FOLDER / "papers.typ"),
        format="pdf",
        sys_inputs={"data": orjson.dumps(data).decode()},
        pdf_standards=STANDARD,
        timestamp=at,
    )
    assert isinstance(made, bytes)
    return made


def _paper(values: Mapping[str, Any], place: int, of: int) -> dict[str, Any]:
    rare: dict[str, None] = {}
    return {**spelled(values, rare), "rare": list(rare), "place": place, "of": of}


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


def main() -> int:
    """Read a run from standard input, write its PDF to standard output; TOO_LARGE where the memory is too small."""
    _, seconds, memory = sys.argv
    with suppress(ValueError, OSError):  # not on every system
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    try:
        asked = orjson.loads(sys.stdin.buffer.read())
        made = pressed(compiler(), asked["run"], asked["at"])
    except MemoryError:
        return TOO_LARGE
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
