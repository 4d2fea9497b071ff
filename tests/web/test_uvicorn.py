"""Uvicorn's own parts that web/wire.py, web/socket_wire.py, web/request_wire.py and web/server.py build on: a release that changes one is named."""

from __future__ import annotations

import asyncio
import inspect
import re

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

REMEDY = "web/wire.py, web/socket_wire.py, web/request_wire.py and web/server.py rely on it: read the new uvicorn, follow it there, then change this test."
PROTOCOL = ("self", "config", "server_state", "app_state", "_loop")
METHODS: dict[type, dict[str, tuple[str, ...]]] = {
    WebSocketsSansIOProtocol: {
        "__init__": PROTOCOL,
        "start_keepalive": ("self",),
        "pause_writing": ("self",),
        "resume_writing": ("self",),
        "connection_lost": ("self", "exc"),
        "send_keepalive_ping": ("self",),
        "keepalive_timeout": ("self",),
        "send": ("self", "message"),
        "on_task_complete": ("self", "task"),
        "shutdown": ("self",),
    },
    HttpToolsProtocol: {
        "__init__": PROTOCOL,
        "pause_writing": ("self",),
        "resume_writing": ("self",),
        "connection_made": ("self", "transport"),
        "connection_lost": ("self", "exc"),
        "data_received": ("self", "data"),
        "handle_websocket_upgrade": ("self",),
        "_should_upgrade": ("self",),
        "_unset_keepalive_if_required": ("self",),
        "on_message_begin": ("self",),
        "on_headers_complete": ("self",),
        "on_body": ("self", "body"),
        "on_message_complete": ("self",),
        "on_response_complete": ("self",),
    },
    RequestResponseCycle: {"send": ("self", "message")},
    uvicorn.Server: {
        "__init__": ("self", "config"),
        "capture_signals": ("self",),
        "startup": ("self", "sockets"),
        "serve": ("self", "sockets"),
        "handle_exit": ("self", "sig", "frame"),
        "shutdown": ("self", "sockets"),
    },
}
ASYNC = {
    (WebSocketsSansIOProtocol, "send"),
    (RequestResponseCycle, "send"),
    *((uvicorn.Server, name) for name in ("startup", "serve", "shutdown")),
}
ATTRIBUTES = {
    WebSocketsSansIOProtocol: {
        "config": uvicorn.Config,
        "loop": asyncio.AbstractEventLoop,
        "queue": asyncio.Queue,
        "writable": asyncio.Event,
        "close_sent": bool,
        "disconnected": bool,
        "close_timeout": float,
        "close_timer": None,
        "ping_timer": None,
        "pong_timer": None,
        "transport": None,
        "client": None,
    },
    HttpToolsProtocol: {
        "config": uvicorn.Config,
        "loop": asyncio.AbstractEventLoop,
        "parser": object,
        "transport": None,
        "client": None,
        "cycle": None,
        "headers": None,
        "scope": None,
    },
    uvicorn.Server: {"config": uvicorn.Config, "started": bool, "force_exit": bool},
}


async def nothing(scope: object, receive: object, send: object) -> None:
    """An application."""


async def made(kind: type) -> object:
    """One of uvicorn's objects, as uvicorn makes it."""
    config = uvicorn.Config(nothing, ws_ping_interval=5, ws_ping_timeout=5, lifespan="off")
    config.load()
    if kind is uvicorn.Server:
        return uvicorn.Server(config)
    return kind(config, ServerState(), {}, asyncio.get_running_loop())


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, methods in METHODS.items() for name in methods])
def test_a_method_that_we_extend_has_its_parameters(kind: type, name: str) -> None:
    method = getattr(kind, name, None)
    assert method is not None, f"uvicorn {uvicorn.__version__} has no {kind.__name__}.{name}; {REMEDY}"
    found = tuple(inspect.signature(method).parameters)
    assert found == METHODS[kind][name], f"uvicorn {uvicorn.__version__} calls {kind.__name__}.{name}{found}; {REMEDY}"
    waits = inspect.iscoroutinefunction(method)
    assert waits == ((kind, name) in ASYNC), f"uvicorn {uvicorn.__version__} waits otherwise for {name}; {REMEDY}"


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in ATTRIBUTES.items() for name in names])
async def test_an_attribute_that_we_read_or_set_is_there(kind: type, name: str) -> None:
    one, wanted = await made(kind), ATTRIBUTES[kind][name]
    assert hasattr(one, name), f"uvicorn {uvicorn.__version__} has no {kind.__name__}.{name}; {REMEDY}"
    value = getattr(one, name)
    fits = value is None if wanted is None else isinstance(value, wanted)
    assert fits, f"uvicorn {uvicorn.__version__} begins {kind.__name__}.{name} as {value!r}; {REMEDY}"


@pytest.mark.parametrize(
    ("kind", "pattern", "wanted"),
    [
        (WebSocketsSansIOProtocol, r"self\.queue\.(\w+)", {"put_nowait", "get", "empty"}),
        (WebSocketsSansIOProtocol, r"self\.writable\.(\w+)", {"set", "clear", "wait"}),
        (WebSocketsSansIOProtocol, r"self\.(request|response)\b", {"request", "response"}),
        (WebSocketsSansIOProtocol, r"self\.conn\.(accept)\b", {"accept"}),
        (WebSocketsSansIOProtocol, r"self\.loop\.(call_later)\(delay, self\.send_keepalive_ping\)", {"call_later"}),
        (RequestResponseCycle, r"self\.(chunked_encoding|expected_content_length)\b", {"chunked_encoding", "expected_content_length"}),
        (uvicorn.Server, r"self\.config\.(timeout_graceful_shutdown)", {"timeout_graceful_shutdown"}),
        (uvicorn.Server, r"self\.(servers)\b", {"servers"}),
    ],
)  # fmt: skip
def test_uvicorn_itself_uses_a_part_that_we_replace_only_as_we_know(kind: type, pattern: str, wanted: set[str]) -> None:
    found = set(re.findall(pattern, inspect.getsource(kind)))
    assert found == wanted, f"uvicorn {uvicorn.__version__} uses {sorted(found)} of `{pattern}`; {REMEDY}"


def test_the_request_and_the_response_are_read_only_before_the_pings_begin() -> None:
    readers = {
        name
        for name, method in inspect.getmembers(WebSocketsSansIOProtocol, inspect.isfunction)
        if re.search(r"self\.(request|response)\b", inspect.getsource(method))
    }
    assert readers == {"handle_connect", "send"}, (
        f"uvicorn {uvicorn.__version__} reads them in {sorted(readers)}; {REMEDY}"
    )
