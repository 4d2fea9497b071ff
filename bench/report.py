"""The figures of a run as a table for people and as JSON for the record, and its goals."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

from bench.measure import Cost, median
from bench.questions import QUESTIONS, Question
from rules.moment import SHANGHAI

RESULTS: Final = Path(__file__).parent / "results"
PARTS: Final = ("strawberry-graphql", "starlette", "uvicorn", "asyncpg", "sqlalchemy", "orjson")


@dataclass(frozen=True)
class Cell:
    """The subject of a figure."""

    nurses: int
    system: str
    question: str


@dataclass(frozen=True)
class Goal:
    """Something that should hold: `found` is at most `most`, or at least `least`; with neither it is only reported."""

    what: str
    found: float
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool:
        """True if the figure is within its bounds."""
        return (self.most is None or self.found <= self.most) and (self.least is None or self.found >= self.least)

    def __str__(self) -> str:
        bounds = {"at most": self.most, "at least": self.least}
        shown_bounds = [f", {word} {bound:.2f}" for word, bound in bounds.items() if bound is not None]
        return f"{self.what}: {self.found:.2f}{''.join(shown_bounds)}"


@dataclass
class Sheet:
    """All figures of a run, round by round, and between how many rows down the deep pages lie in each register."""

    costs: dict[Cell, list[Cost]] = field(default_factory=dict)
    depths: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, place: Cell, cost: Cost) -> None:
        """One more round."""
        self.costs.setdefault(place, []).append(cost)

    def cost(self, nurses: int, system: str, question: Question) -> Cost | None:
        """The median of all rounds; None for what was not measured."""
        found = self.costs.get(Cell(nurses, system, question.name))
        return median(found) if found else None

    def rows(self) -> Iterator[tuple[Cell, Cost]]:
        """Every figure, in the order of the first round."""
        for place, costs in self.costs.items():
            yield place, median(costs)


def table(sheet: Sheet) -> str:
    """The figures as Markdown."""
    titles = {one.name: one.title for one in QUESTIONS}
    lines = [
        "| nurses | system | question | server CPU ms | PostgreSQL CPU ms | PostgreSQL's share | p50 ms | p99 ms"
        " | requests/s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {place.nurses:,} | {place.system} | {titles[place.question]} | {cost.server:.2f} | {cost.postgres:.2f}"
        f" | {cost.share:.0%} | {cost.p50:.1f} | {cost.p99:.1f} | {cost.per_second:.0f} |"
        for place, cost in sorted(sheet.rows(), key=lambda row: list(titles).index(row[0].question))
    ]
    return "\n".join(lines)


def judge(goals: Sequence[Goal]) -> str:
    """The goals, one a line."""
    return "\n".join(f"{'met' if goal.met else 'MISSED':<8}{goal}" for goal in goals)


def write(
    what: str, settings: Mapping[str, Any], machine: Mapping[str, Any], sheet: Sheet, goals: Sequence[Goal]
) -> Path:
    """Keep the run as JSON under the day and its name."""
    record = {
        "what": what,
        "date": datetime.now(SHANGHAI).date().isoformat(),
        "settings": settings,
        "machine": machine,
        "rows_above_deep_pages": sheet.depths,
        "figures": [{**asdict(place), **cost.rounded()} for place, cost in sheet.rows()],
        "goals": [{**asdict(goal), "found": round(goal.found, 3), "met": goal.met} for goal in goals],
    }
    path = RESULTS / f"{record['date']}-{what}.json"
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def machine(postgresql: str, **more: str) -> dict[str, Any]:
    """The machine and the versions of a run."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": postgresql,
        **{part: version(part) for part in PARTS},
        **more,
    }


def _processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
