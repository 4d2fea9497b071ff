"""The rounds of a run: one system after the other, each started anew, again and again; then the report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from rich.console import Console

from bench.asking import Asking, asked
from bench.measure import Cost, Failed
from bench.questions import STEPS, Question
from bench.report import Cell, Goal, Sheet, judge, table, write
from bench.server import running
from bench.stage import Stage
from db.embedded.server import EmbeddedError
from rules.command_error import CommandError
from web.stopping import stoppable


@dataclass(frozen=True)
class Run:
    """One run: its size, the sheet that it fills, and the console that shows it."""

    nurses: int
    requests: int
    rounds: int
    console: Console
    sheet: Sheet = field(default_factory=Sheet)
    goals: list[Goal] = field(default_factory=list)

    async def measure(self, stage: Stage, system: str, reads: Sequence[Question], *, steps: bool) -> None:
        """One round of one system on one register."""
        async with running(system, stage.address) as target:
            asking = Asking(stage, target)
            for question in filter(asked, reads):
                self._keep(asking, question, await asking.read(question, warm=self.requests, count=self.requests))
            if steps:
                for question, cost in zip(STEPS, await asking.steps(), strict=True):
                    self._keep(asking, question, cost)
            if asking.depth is not None:
                self.sheet.depths[stage.nurses] = asking.depth

    def skip(self, questions: Sequence[Question]) -> None:
        """Say which questions the schema cannot answer yet."""
        for question in questions:
            if not asked(question):
                self.console.print(f"skipped: {question.title}, since the schema has no such field")

    def _keep(self, asking: Asking, question: Question, cost: Cost) -> None:
        place = Cell(asking.stage.nurses, asking.target.name, question.name)
        self.sheet.add(place, cost)
        where = f"{place.nurses:>9,} nurses  {place.system:<17}{question.name:<8}"
        figures = f"server {cost.server:6.2f} ms  PostgreSQL {cost.postgres:6.2f} ms  {cost.per_second:6.0f}/s"
        self.console.print(f"{where} {figures}")

    def report(self, what: str, machine: dict[str, Any], goals: list[Goal]) -> None:
        """Show the figures and keep them."""
        self.goals.extend(goals)
        self.console.print(table(self.sheet), judge(goals), sep="\n\n")
        settings = {"nurses": self.nurses, "requests": self.requests, "rounds": self.rounds}
        self.console.print(f"\n{write(what, settings, machine, self.sheet, goals)}")


Bench = Callable[[Run], Coroutine[Any, Any, tuple[dict[str, Any], list[Goal]]]]
"""Measures all that it wants in a run; gives the machine and how far the goals were reached."""


def carry_out(what: str, bench: Bench) -> None:
    """Run a bench as the command line or the environment says; what cannot be measured is said in one sentence."""

    def main(
        nurses: Annotated[int, typer.Option(envvar="NURSES", help="How many nurses the register has.")] = 1_000_000,
        requests: Annotated[int, typer.Option(envvar="REQUESTS", help="Requests a question and round.")] = 1000,
        rounds: Annotated[int, typer.Option(envvar="ROUNDS", help="How often everything is measured.")] = 3,
        check: Annotated[bool, typer.Option(envvar="CHECK", help="Exit 1 where a goal is missed.")] = False,
    ) -> None:
        run = Run(nurses, requests, rounds, Console(highlight=False, soft_wrap=True))

        async def work() -> None:
            run.report(what, *await bench(run))

        try:
            asyncio.run(stoppable(work()))
        except* (Failed, CommandError, EmbeddedError) as failures:
            raise SystemExit(str(failures.exceptions[0])) from None
        if check and not all(goal.met for goal in run.goals):
            raise SystemExit(1)

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=bench.__doc__)(main)
    app()
