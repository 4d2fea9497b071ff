"""`make bench-alerts`: a day on which a province's nurses run out together, beside its steps and dashboards."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from bench.measure import Failed, Target
from bench.questions import QUEUE, Request
from bench.report import Goal, Sheet, judge, machine, write
from bench.server import HUSHI, running
from bench.stage import Stage, staged
from db.embedded.server import EmbeddedError
from graph.schema.node import global_id
from rules.command_error import CommandError
from web.stopping import stoppable

BASE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.5
MOST_RATIO: Final = 3.0
MOST_SECONDS: Final = 600.0
BARRED: Final = "{ practiceAlerts(first: 50) { nodes { nurseName certificateNumber since } } }"
_STEP: Final = "mutation S($input: ApplicationStepInput!) {{ done: {0}(input: $input) {{ __typename }} }}"
TAKE: Final = _STEP.format("applicationTake")
PUT_BACK: Final = _STEP.format("applicationPutBack")

# The nurses of the province in which most desks are, and of others where it has fewer; none of the cast,
# and none whose renewal the law would grant on that day.
CHOOSE: Final = """
create table bench_crossing as
with home as (
  select substring(a.path from '^/[^/]+/[^/]+/') as path
  from bench_institution b join authority a on a.id = b.authority_id
  group by 1 order by count(*) desc, 1 limit 1)
select r.nurse_id, r.valid_until, starts_with(a.path, home.path) as here
from registration r join authority a on a.id = r.authority_id, home
where r.status = 'VALID' and r.institution_id is not null and r.nurse_id not in (select nurse_id from bench_nurse)
  and not exists (select from application p where p.nurse_id = r.nurse_id and p.decided_at is null)
order by here desc, r.nurse_id limit $1
"""
CROSS: Final = (
    "update registration r set valid_until = current_date - 1 from bench_crossing c where c.nurse_id = r.nurse_id"
)
BACK: Final = (
    "update registration r set valid_until = c.valid_until from bench_crossing c where c.nurse_id = r.nurse_id"
)
# What the seeded days have told stays told.
QUIET: Final = "update practice_watch set due_on = null where due_on is not null"
LEFT: Final = "select count(*) from practice_watch where due_on <= current_date"
TWICE: Final = """select count(*) from (select from event where type = 'registration.expired' and at >= $1
  and scope = (body->>'nurse')::uuid group by scope having count(*) <> 1) twice"""
ANNOUNCED: Final = """select count(*) from event where type = 'registration.expired' and at >= $1
  and scope = (body->>'nurse')::uuid"""
DESKS: Final = """
select a.id, a.version, b.operator_id, b.institution_id from application a
join bench_nurse b on b.nurse_id = a.nurse_id and b.waits
where a.state = 'INSTITUTION_REVIEW' order by md5(a.id::text) limit 200"""


@dataclass
class Waits:
    """The seconds that each request took."""

    steps: list[float] = field(default_factory=list)
    dashboards: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """The middle and the slowest hundredth, in milliseconds."""
        found: dict[str, float] = {}
        for name, seconds in (("steps", self.steps), ("dashboards", self.dashboards)):
            cut = statistics.quantiles([1000 * one for one in seconds], n=100, method="inclusive")
            found |= {f"{name}_p50_ms": cut[49], f"{name}_p99_ms": cut[98], f"{name}_count": len(seconds)}
        return found


async def desk(stage: Stage, target: Target, rows: Sequence[Any], waits: Waits, on: Callable[[], bool]) -> None:
    """Take an application and put it back, and look at the dashboard, again and again while it is on."""
    for row in cycle(rows):
        if not on():
            return
        token = stage.people[row["operator_id"]].token
        given = {"input": {"id": global_id("Application", row["id"]), "expectedVersion": row["version"]}}
        for document in (TAKE, PUT_BACK):
            waits.steps.append(await _ask(target, Request(document, token, given)))
        for document, more in ((QUEUE, {"first": 50}), (BARRED, {})):
            waits.dashboards.append(await _ask(target, Request(document, token, more)))


async def _ask(target: Target, request: Request) -> float:
    began = time.perf_counter()
    await target.ask([request])
    return time.perf_counter() - began


async def announced(stage: Stage) -> None:
    """Wait until everybody was told of."""
    async with asyncio.timeout(MOST_SECONDS):
        for _ in count():
            if not (await stage.rows(LEFT))[0][0]:
                return
            await asyncio.sleep(LOOK_SECONDS)


async def measure(stage: Stage, crossings: int) -> dict[str, Any]:
    """The same work without the crossings and beside them."""
    await stage.owner.execute("drop table if exists bench_crossing")
    await stage.owner.execute(CHOOSE.replace("$1", str(crossings)))
    await stage.owner.execute(QUIET)
    before, beside, desks = Waits(), Waits(), await stage.rows(DESKS)
    async with running(HUSHI, stage.address) as target:
        ends = time.monotonic() + BASE_SECONDS
        await desk(stage, target, desks, before, lambda: time.monotonic() < ends)
        at = await stage.owner.fetchval("select now()")
        await stage.owner.execute(CROSS)
        began = time.monotonic()
        telling = asyncio.create_task(announced(stage))
        await desk(stage, target, desks, beside, lambda: not telling.done())
        await telling
        took = time.monotonic() - began
    counts = [(await stage.rows(question, at))[0][0] for question in (ANNOUNCED, TWICE)]
    await stage.owner.execute(BACK)
    await stage.owner.execute(QUIET)
    return {
        "before": before.figures(),
        "beside": beside.figures(),
        "seconds": took,
        "told": counts[0],
        "twice": counts[1],
    }


def goals(found: dict[str, Any], crossings: int) -> list[Goal]:
    """Nobody missed or told twice, steps and dashboards nearly as quick, and an end in time."""
    made = [
        Goal("nurses of whom it was told", found["told"], least=crossings, most=crossings),
        Goal("nurses of whom it was told twice", found["twice"], most=0),
        Goal("seconds until everybody was told of", found["seconds"], most=MOST_SECONDS),
    ]
    for name in ("steps_p50_ms", "dashboards_p50_ms", "steps_p99_ms", "dashboards_p99_ms"):
        ratio = found["beside"][name] / found["before"][name]
        made.append(Goal(f"{name} beside the crossings, times that without", ratio, most=MOST_RATIO))
    return made


@dataclass
class Run:
    """One run, and its goals once it is over."""

    nurses: int
    crossings: int
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    goals: list[Goal] = field(default_factory=list)

    async def work(self) -> None:
        """Measure and report, on the staged register."""
        async with staged(self.nurses) as stage:
            found = await measure(stage, self.crossings)
            self.goals = goals(found, self.crossings)
            settings = {"nurses": self.nurses, "crossings": self.crossings, "found": found}
            path = write("alerts", settings, machine(stage.version), Sheet(), self.goals)
        self.console.print(found, judge(self.goals), path, sep="\n")


def main(
    nurses: Annotated[int, typer.Option(envvar="NURSES", help="How many nurses the register has.")] = 100_000,
    crossings: Annotated[int, typer.Option(envvar="CROSSINGS", help="How many run out together.")] = 50_000,
    check: Annotated[bool, typer.Option(envvar="CHECK", help="Exit 1 where a goal is missed.")] = False,
) -> None:
    """Measure what a day with many crossings costs whoever works beside it."""
    run = Run(nurses, crossings)
    try:
        asyncio.run(stoppable(run.work()))
    except (Failed, CommandError, EmbeddedError) as failure:
        raise SystemExit(str(failure)) from None
    if check and not all(goal.met for goal in run.goals):
        raise SystemExit(1)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
