"""The id of a request (请求编号): it stands in the answer's header and in every log line that the request causes."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bound_contextvars
from uuid_utils import uuid4

HEADER: Final = "X-Request-ID"
_NAME: Final = HEADER.lower().encode()
_WELL_FORMED: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


async def identified(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request or a socket under its id: the client's own if that is harmless in a log, else a new one."""
    request_id = _id_of(scope)

    async def answer(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (_NAME, request_id.encode())]
        await send(message)

    with bound_contextvars(request_id=request_id):
        await app(scope, receive, answer if scope["type"] == "http" else send)


def _id_of(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == _NAME), b"")
    return given.decode() if _WELL_FORMED.fullmatch(given) else uuid4().hex
