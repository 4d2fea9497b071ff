"""What reaches standard error, and what never does."""

import json
import subprocess
import sys
from textwrap import dedent

import pytest

PROGRAM = dedent("""
    import asyncio, gc, logging, sys, structlog
    from web.log import configure

    configure(sys.argv[1])
    log = structlog.get_logger("db.feed")
    name = "王秘密".encode().decode()

    def broken():
        try:
            raise ValueError(name)
        except ValueError as error:
            raise KeyError(f"no {name}") from error

    async def forgotten():
        asyncio.get_running_loop().create_future().set_exception(ValueError(name))
        gc.collect()

    try:
        broken()
    except KeyError:
        log.exception("a step broke", application="7")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    asyncio.run(forgotten())
    logging.getLogger("uvicorn.error").info("GET /graphql?query=%s", name)
    log.info("info said")
    log.debug("debug said")
""")


def said(choice: str) -> str:
    """All that a process with this choice of log says, its planted name not among it."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM, choice], capture_output=True, text=True, check=True)
    assert ended.stdout == ""
    assert "王秘密" not in ended.stderr
    return ended.stderr


def test_json_has_one_object_a_line_with_the_kinds_of_exception_and_where_they_arose() -> None:
    events = [json.loads(line) for line in said("json").splitlines()]
    assert [event["event"] for event in events] == [
        "a step broke",
        "Exception in ASGI application",
        "Future exception was never retrieved",
        "info said",
    ]
    assert (events[0]["application"], events[0]["level"]) == ("7", "error")
    lines = events[0]["exception"].splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["ValueError", "KeyError"]
    assert 'File "<string>", line 11, in broken' in events[0]["exception"]


@pytest.mark.parametrize(
    ("choice", "levels"),
    [("debug", ["info said", "debug said"]), ("info", ["info said"]), ("warning", []), ("error", [])],
)
def test_a_level_lets_itself_and_what_is_graver_through(choice: str, levels: list[str]) -> None:
    text = said(choice)
    assert [line for line in ("info said", "debug said") if line in text] == levels
    assert "a step broke" in text
