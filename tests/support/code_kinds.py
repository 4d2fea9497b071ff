"""The kinds of codes that a client may meet, each as the sources have it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from strawberry.subscriptions.protocols.graphql_transport_ws import handlers

from rules.errors import NotAllowed
from tests.support.code_sources import ROOT, Sources, argument, calls_in, mapping

CODE: Final = re.compile(r"[A-Z][A-Z0-9_]+")
FOREIGN_ORIGIN: Final = 403
"""Starlette's answer to a socket that is closed before it was opened, as one from another origin is."""


def refusals(sources: Sources) -> set[str]:
    """The codes of `NotAllowedProblem` that name a rule."""
    tables = {code for tree in sources.modules.values() for code in mapping(tree, "REFUSALS")}
    return {code for code in sources.codes("NotAllowed", 0, "reason") | tables if CODE.fullmatch(code)} - {
        NotAllowed.code
    }


def fields(sources: Sources) -> set[str]:
    """The codes of a field of an input."""
    return {code for code in sources.codes("FieldProblem", 1) if CODE.fullmatch(code)}


def unread(sources: Sources) -> set[tuple[str, str]]:
    """The refusals whose code cannot be read off the sources, by module and expression."""
    made = [(one, 0, "reason") for one in sources.calls["NotAllowed"]]
    made += [(one, 1, "code") for one in sources.calls["FieldProblem"]]
    return {
        (str(one.module.relative_to(ROOT)), ast.unparse(given))
        for one, place, keyword in made
        for given in argument(one.call, place, keyword)
        if not sources.values(given, one)
    }


def conditions(sources: Sources) -> set[str]:
    """The names of the conditions of an application (办理条件)."""
    return sources.codes("Rule", 0)


def rejected(sources: Sources) -> set[str]:
    """The codes of documents that cannot be run, and those that the door and the map of errors write themselves."""
    written = {
        value.value
        for tree in sources.modules.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "code"
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and CODE.fullmatch(value.value)
    }
    return sources.codes("Rejected", 0) | written


def statuses(sources: Sources) -> set[int]:
    """The HTTP statuses of the server's answers."""
    held = (
        node
        for path, tree in sources.modules.items()
        if path.parent.name == "web"
        for outer in ast.walk(tree)
        if isinstance(outer, ast.Call | ast.Return | ast.Dict)
        for node in _direct(outer)
    )
    return {one.value for one in held if isinstance(one.value, int) and one.value in range(200, 600)} | {FOREIGN_ORIGIN}


def closings(sources: Sources) -> set[int]:
    """The codes under which a socket is closed: by us, and by the handler of graphql-transport-ws."""
    ours = [*sources.calls["Close"], *sources.calls["close"], *sources.calls["cls"]]
    given = [one for each in ours if each.module.parent.name == "web" for one in each.call.args[:1]]
    library = ast.parse(Path(handlers.__file__).read_text("utf-8"))
    given += [one.value for call, _ in calls_in(library, None) for one in call.keywords if one.arg == "code"]
    return {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, int)}


def _direct(outer: ast.Call | ast.Return | ast.Dict) -> Iterator[ast.Constant]:
    """The constants that a call gets, a function returns, or a mapping holds, without those inside of these."""
    match outer:
        case ast.Call(args=held):
            pass
        case ast.Dict(values=held):
            pass
        case ast.Return(value=ast.Tuple(elts=held)):
            pass
        case ast.Return(value=ast.IfExp(body=one, orelse=other)):
            held = [one, other]
        case ast.Return(value=value):
            held = [value] if value else []
    yield from (one for one in held if isinstance(one, ast.Constant))
