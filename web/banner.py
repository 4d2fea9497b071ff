"""The texts in the terminal when a server is ready: the address of the register, and the demo accounts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from notify.setup import shown_instead
from web.settings import Settings

if TYPE_CHECKING:
    from db.seed.demo import DemoAccount


def welcome(settings: Settings, port: int, began: float, accounts: Sequence[DemoAccount] = ()) -> None:
    """Say where the register is, and the sign-in of every demo account."""
    console = Console(highlight=False, soft_wrap=True)
    origin = settings.origin if settings.port else f"{settings.origin.removesuffix(':0')}:{port}"
    console.print(f"\n[bold]护士 Hushi[/] is ready after {time.monotonic() - began:.1f} s; Ctrl-C stops it.\n")
    console.print(f"  GraphQL   {origin}/graphql\n  GraphiQL  {origin}/graphiql")
    if shown_instead(settings.smtp_url, settings.sms_gateway, loopback=settings.loopback):
        console.print(f"  Outbox    {origin}/outbox  发件箱：邮件和短信在此显示 what would be sent")
    console.print()
    if accounts:
        console.print(*_sign_ins(accounts), "", sep="\n")
        if not settings.loopback:
            console.print(
                "[bold red]Everybody on the network can sign in with these:[/] HUSHI_HOST is not this machine alone."
            )


def _sign_ins(accounts: Sequence[DemoAccount]) -> Iterator[str]:
    yield "  演示账号 Sign in as one of:"
    for account in accounts:
        yield f"  {account.user_name:<13} {account.password:<14} {account.title}"
