"""A carrier of text messages, on a socket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

PHONE = "13800138000"


@dataclass
class Carrier:
    """A company that sends text messages, on a real port."""

    status: int = 200
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append((scope["path"], headers, json.loads(body)))
        location = [(b"location", b"http://127.0.0.1:1/elsewhere")]
        await send({"type": "http.response.start", "status": self.status, "headers": location})
        await send({"type": "http.response.body", "body": PHONE.encode()})

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Gives its address."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = uvicorn.Server(uvicorn.Config(self, http="httptools", lifespan="off", log_config=None))
            task = asyncio.create_task(server.serve([listener]))
            yield f"http://key:secret@127.0.0.1:{listener.getsockname()[1]}/v1/sms"
            server.should_exit = True
            await task
