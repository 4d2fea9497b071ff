"""Reads the table of who sees what: authority_matrix.txt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

GROUPS: Final = (
    ("nobody", "inactive nurse"),
    ("the nurse", "another nurse"),
    ("operator", "manager", "viewer"),
    ("other operator", "other manager", "other viewer"),
    ("reviewer", "decider", "supervisor", "provincial admin"),
    ("upper reviewer", "upper decider", "upper supervisor", "upper provincial admin"),
    ("far reviewer", "far decider", "far supervisor", "far provincial admin"),
    ("help desk", "analyst"),
)
PEOPLE: Final = tuple(name for group in GROUPS for name in group)
EVERYBODY: Final = "*"


@dataclass
class Section:
    """One object of some types: the cells of each field, in the order of the people."""

    types: tuple[str, ...]
    subject: str
    cells: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{' '.join(self.types)}: {self.subject}"


def grouped(cells: str) -> str:
    """Cells as the table has them, a space between the groups."""
    letters = iter(cells)
    return " ".join("".join(next(letters) for _ in group) for group in GROUPS)


def read(text: str) -> Iterator[Section]:
    """The sections of the table; refuses a line that has not a letter for everybody."""
    section: Section | None = None
    for line in text.splitlines():
        if line.startswith("= "):
            types, _, subject = line.removeprefix("= ").partition(": ")
            if section:
                yield section
            section = Section(tuple(types.split()), subject)
        elif line.strip() and not line.startswith("#"):
            cells, _, names = line.strip().partition("   ")
            assert section is not None, f"a line before the first section: {line}"
            assert cells == EVERYBODY or [*map(len, cells.split())] == [*map(len, GROUPS)], f"letters missing: {line}"
            for name in names.split():
                assert name not in section.cells, f"{section} has {name} twice"
                section.cells[name] = cells
    assert section is not None
    yield section


SECTIONS: Final = tuple(read(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")))
