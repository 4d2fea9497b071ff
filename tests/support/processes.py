"""The processes of a program that a test has started; each may end between being listed and being asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import psutil


def _those(found: list[psutil.Process], asked: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    those = []
    for process in found:
        with suppress(psutil.NoSuchProcess):
            if asked(process):
                those.append(process)
    return those


def children_with(word: str, pid: int | None = None) -> list[psutil.Process]:
    """Children, of the test itself where none is named, whose command line has this word."""
    return _those(psutil.Process(pid).children(), lambda child: word in " ".join(child.cmdline()))


def descendants_named(name: str, ancestor: psutil.Process) -> list[psutil.Process]:
    """All below this one whose program has this name."""
    return _those(ancestor.children(recursive=True), lambda child: child.name() == name)


def connected(process: psutil.Process) -> bool:
    """Whether the process holds a Unix socket."""
    return bool(_those([process], lambda one: bool(one.net_connections("unix"))))
