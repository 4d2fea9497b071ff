"""The texts in the terminal: the progress of the seed, the address of the register, and the demo accounts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from db.seed import DEMO_ACCOUNTS
from notify.setup import shown_instead
from web.settings import Settings


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for every stage that is reported as (stage, done, total)."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    stages: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield report


def welcome(settings: Settings, port: int, began: float) -> None:
    """Say where the register is, and with our own database one sign-in per role."""
    console = Console(highlight=False, soft_wrap=True)
    origin = settings.origin if settings.port else f"{settings.origin.removesuffix(':0')}:{port}"
    console.print(f"\n[bold]护士 Hushi[/] is ready after {time.monotonic() - began:.1f} s; Ctrl-C stops it.\n")
    console.print(f"  GraphQL   {origin}/graphql\n  GraphiQL  {origin}/graphiql")
    if shown_instead(settings.smtp_url, settings.sms_gateway, loopback=settings.loopback):
        console.print(f"  Outbox    {origin}/outbox  发件箱：邮件和短信在此显示 what would be sent")
    console.print()
    if settings.owner_url is None:
        console.print(*_sign_ins(), "", sep="\n")
        if not settings.loopback:
            console.print(
                "[bold red]Everybody on the network can sign in with these:[/] HUSHI_HOST is not this machine alone."
            )


def start_over_notice(data: Path, nurses: int) -> None:
    """Print what `hushi reset` deletes and what it leaves, before it does so."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"Everybody and everything in the register of {data / 'postgres'} is deleted, accounts and messages too, and"
        f" {nurses:,} invented nurses take their place; the keys, the logs and every other file stay."
    )


def _sign_ins() -> Iterator[str]:
    yield "  演示账号 Sign in as one of:"
    roles = set()
    for account in DEMO_ACCOUNTS:
        if account.role not in roles:
            roles.add(account.role)
            yield f"  {account.user_name:<13} {account.password:<14} {account.title}"
