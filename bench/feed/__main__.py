"""`make bench-feed`: the cost of the live feed, part by part, each on a server process of its own."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from bench.feed.hall import Hall
from bench.feed.parts import PARTS
from bench.feed.probe import Found, Probe, Size
from bench.feed.report import line, table, write
from bench.measure import Failed, Target
from bench.report import RESULTS, Goal, judge, machine
from bench.server import HUSHI, running
from bench.stage import Stage, staged
from db.embedded.server import EmbeddedError
from graph.context import Services
from rules.command_error import CommandError
from web.app import services_of
from web.settings import Settings
from web.stopping import stoppable

DEFAULT: Final = Size()
OTHER_FILES: Final = 500
Serve = Callable[[], AbstractAsyncContextManager[Target]]
"""Starts a server process for one part."""


def first(failures: BaseExceptionGroup[Any]) -> BaseException:
    """The first that failed, however deep in groups."""
    found = failures.exceptions[0]
    return first(found) if isinstance(found, BaseExceptionGroup) else found


@dataclass
class Run:
    """One run: the parts, the size of each, and the folder that keeps the figures."""

    parts: list[str]
    size: Size
    console: Console
    folder: Path = RESULTS
    found: dict[str, Found] = field(default_factory=dict)

    @property
    def goals(self) -> list[Goal]:
        """The goals of all parts."""
        return [goal for found in self.found.values() for goal in found.goals]

    async def measure(self, hall: Hall, serve: Serve) -> None:
        """Every part, on a server that has done nothing else; one that fails is a goal that is missed."""
        for part in self.parts:
            try:
                async with serve() as target:
                    self.found[part] = await PARTS[part](Probe(hall, target, self.size))
            except* Failed as failures:
                why = f"failures of the part {part} ({first(failures)})"
                self.found[part] = Found(goals=[Goal(why, 1, most=0)])
            self.console.print(line(part, self.found[part]))

    def report(self, about: dict[str, Any]) -> Path:
        """Show the figures and keep them."""
        path = write(self.folder, asdict(self.size), about, self.found, self.goals)
        self.console.print("", table(self.found), "", judge(self.goals), "", path, sep="\n")
        return path


@asynccontextmanager
async def hall_of(stage: Stage) -> AsyncIterator[Hall]:
    """The register to make rooms on; the server hears of our commits as of another process's, by a wake-up."""
    services: Services = services_of(Settings(wakeups="postgres"), stage.address.owner_url, stage.db.keyring)
    await services.feed.open()
    try:
        yield Hall(stage.owner, services.db)
    finally:
        await services.feed.close()
        await services.db.close()


async def work(run: Run, nurses: int) -> None:
    """Measure and report, on the staged register."""
    async with staged(nurses) as stage, hall_of(stage) as hall:
        await run.measure(hall, lambda: running(HUSHI, stage.address))
        run.report(machine(stage.version))


def open_files(subscribers: int) -> None:
    """As many open files as the system lets us have, also for the server that we start: a socket is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < subscribers + OTHER_FILES:
        raise SystemExit(
            f"{subscribers} sockets do not fit into {most} open files: raise `ulimit -Hn` or lower SUBSCRIBERS."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main(
    subscribers: Annotated[int, typer.Option(envvar="SUBSCRIBERS", help="How many connect.")] = DEFAULT.subscribers,
    events: Annotated[int, typer.Option(envvar="EVENTS", help="How many are streamed.")] = DEFAULT.streamed,
    parts: Annotated[str, typer.Option(envvar="PARTS", help="Which parts, with commas between.")] = ",".join(PARTS),
    nurses: Annotated[int, typer.Option(envvar="NURSES", help="How many nurses the register has.")] = 10_000,
    check: Annotated[bool, typer.Option(envvar="CHECK", help="Exit 1 where a goal is missed.")] = False,
) -> None:
    """Measure what connecting, delivering, standing by and streaming cost the server."""
    chosen = [part.strip() for part in parts.split(",")]
    if unknown := [part for part in chosen if part not in PARTS]:
        raise SystemExit(f"PARTS names {', '.join(unknown)}: there are {', '.join(PARTS)}.")
    run = Run(chosen, Size.of(subscribers, events), Console(highlight=False, soft_wrap=True))
    open_files(subscribers)
    try:
        asyncio.run(stoppable(work(run, nurses)))
    except* (Failed, CommandError, EmbeddedError) as failures:
        raise SystemExit(str(first(failures))) from None
    if check and not all(goal.met for goal in run.goals):
        raise SystemExit(1)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
