"""The register, shown in the terminal: a server of its own, an activation, a renewal, a change, and nothing left."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Final

import httpx
import psutil
from rich.cells import set_cell_size
from rich.console import Console

from bench.activation import arrive
from bench.moving import Cast as Moving
from bench.moving import move
from bench.person import Differs, expect, sign_in
from bench.story import Cast, Say, tell
from db.seed import DEMO_ACCOUNTS
from rules.errors import Words

STOP_SECONDS: Final = 30
LAST_SECONDS: Final = 5
OURS: Final = ("HUSHI_", "DATABASE_")
PASSWORDS: Final = {account.user_name: account.password for account in DEMO_ACCOUNTS}


def main() -> None:
    """Run the demo; exit 1 in one sentence where the register did something else than it should."""
    try:
        asyncio.run(_demo(Console(highlight=False, soft_wrap=True)))
    except (Differs, httpx.HTTPError) as error:
        raise SystemExit(f"演示未通过 The demo failed: {error}") from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise SystemExit("演示已中止 The demo was stopped.") from None


async def _demo(console: Console) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    console.print("正在启动服务器和数据库……\nStarting a server with a database and invented nurses ...", style="dim")
    began = time.monotonic()
    async with _server() as origin, httpx.AsyncClient(timeout=30, trust_env=False) as http:
        took = time.monotonic() - began
        console.print(f"\n[bold]{took:.1f}秒后就绪 · ready after {took:.1f} s[/]\n")
        (cast, moving), say = await _casts(http, origin), _teller(console)
        await arrive(http, origin, cast.operators[0], say)
        await tell(cast, say)
        await move(moving, say)
    took = time.monotonic() - began
    console.print(
        f"\n[bold green]全部符合，服务器已停止 · everything was right, the server has stopped ({took:.1f} s)[/]"
    )


async def _casts(http: httpx.AsyncClient, origin: str) -> tuple[Cast, Moving]:
    """The demo accounts of the two stories, signed in."""
    names = ("nurse001", "viewer001", "operator01", "operator02", "reviewer01", "decider001", "nurse003", "operator03")
    signed_in = [sign_in(http, origin, name, PASSWORDS[name]) for name in names]
    nurse, viewer, operator, colleague, reviewer, decider, mover, left = await asyncio.gather(*signed_in)
    cast = Cast(nurse, viewer, (operator, colleague), reviewer, decider)
    return cast, Moving(mover, left, viewer, operator, reviewer, decider)


def _teller(console: Console) -> Say:
    began = time.monotonic()

    def say(who: Words, what: Words) -> None:
        lead = f"{time.monotonic() - began:5.2f} s  "
        console.print(f"[dim]{lead}[/][bold]{set_cell_size(who.zh, 11)}[/]{what.zh}")
        console.print(f"[dim]{' ' * len(lead)}{set_cell_size(who.en, 11)}{what.en}[/]")

    return say


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    """A server in a folder of its own; gives its address. It is stopped and the folder removed, whatever happens."""
    # As root PostgreSQL runs as somebody else, who must be able to enter.
    with TemporaryDirectory(prefix="hushi-demo-", dir="/tmp" if os.geteuid() == 0 else None) as folder:
        os.chmod(folder, 0o755)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        environment |= {"HUSHI_PORT": "0", "HUSHI_DATA": f"{folder}/data", "HUSHI_LOG": "warning"}
        # A session of its own: Ctrl-C then reaches only us, and we stop it in order.
        command = (sys.executable, "-m", "web.cli", "run")
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, start_new_session=True)
        try:
            yield await _address(process)
        finally:
            await _stop(process)
        expect("The exit code of the server", process.returncode, 0)


async def _address(process: Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        if found := re.search(r"(http://\S+)/graphql\b", line.decode()):
            return found.group(1)
    await process.wait()
    raise Differs("The server ended before it was ready; it says why above.")


async def _stop(process: Process) -> None:
    """Stop the server as SIGTERM stops it anywhere; its database must end with it."""
    if process.returncode is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        raise Differs(f"The server did not stop within {STOP_SECONDS} seconds.") from None
    # PostgreSQL's own logger is the last to go, a moment after the server that it wrote for.
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, timeout=LAST_SECONDS)
    expect("What the server left behind", [child.pid for child in alive], [])


if __name__ == "__main__":
    main()
