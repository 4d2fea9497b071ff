"""`make bench`: what Hushi costs, and whether it stays as cheap when the register grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, Final

from bench.questions import DEEP, PROVINCE, READS
from bench.report import Goal, Sheet, machine
from bench.rounds import Run, carry_out
from bench.server import HUSHI
from bench.stage import staged

SMALL: Final = 10_000
GROWTH: Final = 0.2
ALL_READS: Final = (*READS, DEEP, PROVINCE)


async def bench(run: Run) -> tuple[dict[str, Any], list[Goal]]:
    """Measure Hushi on registers of 10,000 and of NURSES nurses, in turn."""
    run.skip(ALL_READS)
    async with AsyncExitStack() as stack:
        stages = [await stack.enter_async_context(staged(size)) for size in sorted({SMALL, run.nurses})]
        for _ in range(run.rounds):
            for stage in stages:
                await run.measure(stage, HUSHI, ALL_READS, steps=True)
        return machine(stages[0].version), list(goals(run.sheet, run.nurses))


def goals(sheet: Sheet, nurses: int) -> Iterator[Goal]:
    """PostgreSQL's share of the work, and how its own work grows with the register."""
    for question in ALL_READS:
        large, small = (sheet.cost(size, HUSHI, question) for size in (nurses, SMALL))
        if large and question.share:
            yield Goal(f"PostgreSQL's share, {question.title}", large.share, least=question.share)
        if large and small and nurses != SMALL and question is not PROVINCE:
            what = f"growth of PostgreSQL's CPU from {SMALL:,} to {nurses:,} nurses, {question.title}"
            yield Goal(what, large.postgres / small.postgres - 1, most=GROWTH)


if __name__ == "__main__":
    carry_out("bench", bench)
