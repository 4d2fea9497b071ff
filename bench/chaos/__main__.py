"""`make chaos`: load on a real server, kill -9 of it and of PostgreSQL at any instant, and a proof at the end.

Writers carry renewals through their steps, tellers propose records, tell interruptions and ask questions, each act
under one idempotency key until it is acknowledged; watchers follow their feeds and resume from their last cursor
after every cut. In the end the tables must hold what was acknowledged, once, and every watcher must have received
what its feed's table holds, once and in its order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Final

import typer
from rich.console import Console

from bench.chaos.report import Outcome, Settings, goals, table, write
from bench.chaos.run import run
from bench.measure import Failed
from bench.person import Differs
from bench.report import judge
from db.embedded.server import EmbeddedError
from db.seed import SeedError
from db.store.migrate import MigrationError
from rules.command_error import CommandError
from web import log
from web.stopping import stoppable

EXPECTED: Final = (Failed, Differs, CommandError, EmbeddedError, MigrationError, SeedError)


def main(
    kills: Annotated[int, typer.Option(envvar="KILLS", min=1, help="How often something is killed.")] = 100,
    seed: Annotated[int, typer.Option(envvar="SEED", help="The same number makes the same dice.")] = 1,
    nurses: Annotated[int, typer.Option(envvar="NURSES", help="How many nurses the register has.")] = 10_000,
) -> None:
    """Kill server and PostgreSQL under load; exit 1 unless nothing was lost, doubled or put in another order."""
    settings, console = Settings(kills, seed, nurses), Console(highlight=False, soft_wrap=True)
    log.configure("error")
    console.print(f"KILLS={kills} SEED={seed} NURSES={nurses}")
    found: list[Outcome] = []

    async def work() -> None:
        found.append(await run(settings, console.print))

    try:
        asyncio.run(stoppable(work()))
    except* EXPECTED as failures:
        raise SystemExit("\n".join(dict.fromkeys(_messages(failures)))) from None
    (outcome,) = found
    console.print(table(outcome), judge(list(goals(outcome))), write(settings, outcome), sep="\n\n")
    if not outcome.proof.clean:
        console.print(*outcome.proof.examples(), f"The data and logs are kept in {outcome.folder}.", sep="\n")
    if not all(goal.met for goal in goals(outcome)):
        raise SystemExit(1)


def _messages(failure: BaseException) -> Iterator[str]:
    """The messages of a failure, those of groups one by one, each with the folder that keeps its traces."""
    if isinstance(failure, BaseExceptionGroup):
        for one in failure.exceptions:
            yield from _messages(one)
    else:
        yield str(failure)
    yield from getattr(failure, "__notes__", ())


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
