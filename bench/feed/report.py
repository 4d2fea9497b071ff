"""The figures of the feed, as a table for people and as JSON for the record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.feed.probe import Found
from bench.report import Goal, judge
from rules.moment import SHANGHAI

WHOLE_FROM: Final = 1000
TITLES: Final = {
    "subscribers": "subscribers",
    "deliveries": "deliveries",
    "per_second": "a second",
    "kb_each": "memory each, kB",
    "pss_kb_each": "memory each without what is shared, kB",
    "server_us": "server CPU each, µs",
    "server_us_with_idle": "server CPU each, with what idle watchers cost, µs",
    "postgres_us": "PostgreSQL CPU each, with the commits, µs",
    "p50_ms": "commit to client p50, ms",
    "p99_ms": "commit to client p99, ms",
    "idle_core": "of a core while nothing happens",
    "client_core": "of a core for the client and the commits",
    "calm_p50_ms": "p50 without stalled sockets, ms",
    "calm_p99_ms": "p99 without stalled sockets, ms",
    "calm_server_us": "server CPU each without stalled sockets, µs",
    "stalled": "stalled sockets",
    "stalled_left": "left of them at the end",
    "gone_seconds": "seconds until they were gone",
    "grown_mb": "growth from 5 % on, at most, MB",
    "grown_at_end_mb": "growth from 5 % to the end, MB",
}
"""The title of each figure, in the table's order."""


def line(part: str, found: Found) -> str:
    """One part in one line, as soon as it is measured."""
    figures = "  ".join(f"{name} {_shown(value)}" for name, value in found.figures.items())
    return f"{part:<11}{figures or judge(found.goals)}"


def table(parts: Mapping[str, Found]) -> str:
    """The figures as Markdown, a column for each part."""
    lines = [f"| | {' | '.join(parts)} |", "|---" * (len(parts) + 1) + "|"]
    for name, title in TITLES.items():
        cells = [found.figures.get(name) for found in parts.values()]
        if any(cell is not None for cell in cells):
            lines.append(f"| {title} | {' | '.join('' if cell is None else _shown(cell) for cell in cells)} |")
    return "\n".join(lines)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= WHOLE_FROM else f"{value:,.2f}"


def write(
    folder: Path,
    settings: Mapping[str, Any],
    machine: Mapping[str, Any],
    parts: Mapping[str, Found],
    goals: Sequence[Goal],
) -> Path:
    """Keep the run as JSON under the day."""
    record = {
        "what": "feed",
        "date": datetime.now(SHANGHAI).date().isoformat(),
        "settings": settings,
        "machine": machine,
        "figures": {
            part: {name: round(value, 3) for name, value in found.figures.items()} for part, found in parts.items()
        },
        "goals": [{**asdict(goal), "found": round(goal.found, 3), "met": goal.met} for goal in goals],
    }
    path = folder / f"{record['date']}-feed.json"
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
