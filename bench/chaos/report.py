"""The findings of a run of chaos: a table for people, JSON for the record, and the goals."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bench.chaos.proof import Proof
from bench.report import RESULTS, Goal, machine
from rules.moment import SHANGHAI


class Victim(StrEnum):
    """A process that kill -9 hits."""

    SERVER = "server"
    POSTGRESQL = "PostgreSQL"


@dataclass(frozen=True)
class Settings:
    """The settings of a run: the number of kills, the seed of their times, and the size of the register."""

    kills: int = 100
    seed: int = 1
    nurses: int = 10_000


@dataclass(frozen=True)
class Recovery:
    """The recovery after a kill: seconds until the last watcher had something new, its name, seconds until a write."""

    victim: Victim
    seconds: float
    last: str
    writing: float


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run; `deaths` are exits of the server that nobody asked for."""

    recoveries: Sequence[Recovery]
    acknowledged: int
    requests: int
    received: int
    cuts: int
    deaths: int
    seconds: float
    proof: Proof
    postgresql: str
    folder: Path


def figures(outcome: Outcome) -> dict[str, Any]:
    """The figures of a run by their names."""
    seconds = [one.seconds for one in outcome.recoveries] or [0.0]
    of = {victim: [one.seconds for one in outcome.recoveries if one.victim is victim] for victim in Victim}
    feeds = outcome.proof.feeds.values()
    return {
        **{f"kills of {victim}": len(found) for victim, found in of.items()},
        "steps acknowledged": outcome.acknowledged,
        "requests for them": outcome.requests,
        "events in the watched feeds": outcome.proof.events,
        "received by the watchers": outcome.received,
        "cuts of their streams": outcome.cuts,
        "lost": sum(one.lost.total() for one in feeds),
        "doubled": sum(one.doubled.total() for one in feeds),
        "feeds in another order": sum(not one.in_order for one in feeds),
        "received and in no table": sum(one.strange.total() for one in feeds),
        "traces of acknowledged steps missing": outcome.proof.missing.total(),
        "traces of steps beyond those acknowledged": outcome.proof.twice.total(),
        "exits of the server by itself": outcome.deaths,
        "recovery p50, s": statistics.median(seconds),
        "recovery max, s": max(seconds),
        **{f"recovery p50 of {victim}, s": statistics.median(found) for victim, found in of.items() if found},
        "duration, s": outcome.seconds,
    }


MOST: Final = {
    **dict.fromkeys(("lost", "doubled", "feeds in another order", "received and in no table"), 0.0),
    **dict.fromkeys(("traces of acknowledged steps missing", "traces of steps beyond those acknowledged"), 0.0),
    "exits of the server by itself": 0.0,
    "recovery p50, s": 2.0,
    "recovery max, s": 10.0,
}
"""The most that a figure may be; those without a limit are only reported."""


def goals(outcome: Outcome) -> Iterator[Goal]:
    """The goals of a run, those of the tables among them."""
    for what, found in figures(outcome).items():
        if what in MOST:
            yield Goal(what, found, most=MOST[what])
    yield Goal(", ".join(["broken in the tables", *outcome.proof.broken]), len(outcome.proof.broken), most=0)


def table(outcome: Outcome) -> str:
    """The figures as Markdown."""
    named = figures(outcome).items()
    rows = [
        f"| {what} | {found:,.2f} |" if isinstance(found, float) else f"| {what} | {found:,} |" for what, found in named
    ]
    return "\n".join(["| what | found |", "|---|---:|", *rows])


def write(settings: Settings, outcome: Outcome) -> Path:
    """Keep the run as JSON under the day."""
    record = {
        "what": "chaos",
        "date": datetime.now(SHANGHAI).date().isoformat(),
        "settings": asdict(settings),
        "machine": machine(outcome.postgresql),
        "figures": {what: round(found, 3) for what, found in figures(outcome).items()},
        "recoveries": [asdict(one) for one in outcome.recoveries],
        "goals": [{**asdict(one), "found": round(one.found, 3), "met": one.met} for one in goals(outcome)],
    }
    path = RESULTS / f"{record['date']}-chaos.json"
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
