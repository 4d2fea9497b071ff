"""The worker in processes of its own: `hushi notify`, the server, and what a kill leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from rules.moment import SHANGHAI
from rules.verification import Channel
from tests.support.mail_server import Postbox, listening
from tests.support.outbox import Register
from tests.support.until import until

TO = "wang@example.com"
LEFT_BEHIND = "update outbox set claimed_until = now() - interval '1 second' where id = $1"
"""As if its lease had run out."""


@asynccontextmanager
async def hushi(register: Register, command: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of ours on that database; it ends by itself when it is asked to."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.cli", command),
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": register.url,
            "HUSHI_KEYS": register.keys,
            "HUSHI_PORT": "0",
            **environment,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30)


@pytest.fixture
def today(register: Register) -> Register:
    """The outbox at the time of the processes, whose clock is the database's."""
    register.now = datetime.now(SHANGHAI)
    return register


@pytest.mark.parametrize("command", ["notify", "serve"])
async def test_a_process_sends_what_others_wrote_and_ends_in_order(today: Register, command: str) -> None:
    postbox, key = Postbox(), await today.post(TO)
    async with listening(postbox) as address, hushi(today, command, HUSHI_SMTP_URL=f"smtp://{address}") as process:
        await until(lambda: bool(postbox.envelopes))
    assert process.returncode == 0
    assert postbox.ids() == [f"<{key}@localhost>"]
    row = await today.row(key)
    assert (row["sent_at"] is not None, row["content_sealed"]) == (True, b"")


async def test_a_server_that_is_told_to_leaves_the_outbox_to_others(today: Register) -> None:
    key = await today.post(TO)
    before = await today.row(key)
    async with hushi(today, "serve", HUSHI_NOTIFY="off") as process:
        assert process.stdout is not None
        await process.stdout.readuntil(b"GraphiQL")
    assert process.returncode == 0
    assert await today.row(key) == before


async def test_an_installation_without_gateways_says_so_and_drops_nothing(today: Register) -> None:
    keys = [await today.post(TO), await today.post("13800138000", Channel.SMS)]
    async with hushi(today, "notify", HUSHI_PUBLIC_URL="https://hushi.example.cn", HUSHI_LOG="json") as process:
        assert process.stderr is not None
        said = [json.loads(await process.stderr.readline()) for _ in range(4)]
    entries = {(one["event"], one["channel"], one.get("error")) for one in said}
    none = "a channel has no gateway: its messages wait and are given up after a day"
    later = "a message is tried again later"
    assert entries == {(none, channel, None) for channel in Channel} | {
        (later, channel, "NO_GATEWAY") for channel in Channel
    }
    rows = [await today.row(key) for key in keys]
    assert [(row["sent_at"], row["dead_at"], row["content_sealed"] != b"") for row in rows] == [(None, None, True)] * 2


async def test_a_worker_killed_while_it_sends_leaves_the_message_to_the_next(today: Register) -> None:
    stuck, postbox, key = Postbox(), Postbox(), await today.post(TO)
    stuck.go_on.clear()
    async with listening(stuck) as address, hushi(today, "notify", HUSHI_SMTP_URL=f"smtp://{address}") as process:
        await stuck.reading.wait()
        process.kill()
        await process.wait()
    row = await today.row(key)
    assert (row["sent_at"], row["dead_at"], row["claimed_until"] > row["created_at"]) == (None, None, True)
    await today.owner.execute(LEFT_BEHIND, key)
    async with listening(postbox) as address, hushi(today, "notify", HUSHI_SMTP_URL=f"smtp://{address}"):
        await until(lambda: bool(postbox.envelopes))
    assert stuck.ids() == postbox.ids() == [f"<{key}@localhost>"]
    assert (await today.row(key))["sent_at"] is not None


async def test_notify_without_a_database_says_what_to_do() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.cli", "notify"),
        env={"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate()
    assert (process.returncode, out, error.decode()) == (
        2,
        b"",
        "DATABASE_URL is not set: set it to the servers' database, whose messages are to be sent.\n",
    )
