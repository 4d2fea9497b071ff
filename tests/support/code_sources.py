"""Every code that a client may meet, read off the sources: the calls that make a refusal, and the arguments they get."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Final

from rules.institution import InstitutionState
from rules.people import AccountState

ROOT: Final = Path(__file__).parents[2]
FLOORS: Final = ("rules", "workflow", "db", "graph", "papers", "web")
EXPANDED: Final[Mapping[str, tuple[str, ...]]] = {
    "colleague.state": tuple(AccountState),
    "state": tuple(InstitutionState),
}
"""The values of what is put into a code, where they are those of an enum."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Made:
    """A call that makes a refusal, and where it stands."""

    call: ast.Call
    module: Path
    function: Function | None


class Sources:
    """The modules of the house, each parsed once."""

    @cached_property
    def modules(self) -> dict[Path, ast.Module]:
        """Every module that may refuse something; invented data and migrations refuse nothing."""
        paths = (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")))
        kept = (path for path in paths if not {"seed", "migrations"} & {*path.parts})
        return {path: ast.parse(path.read_text("utf-8")) for path in kept}

    @cached_property
    def calls(self) -> dict[str, list[Made]]:
        """Every call by the name of what is called."""
        found: dict[str, list[Made]] = defaultdict(list)
        for path, tree in self.modules.items():
            for call, function in calls_in(tree, None):
                name = getattr(call.func, "id", getattr(call.func, "attr", ""))
                found[name].append(Made(call, path, function))
        return found

    def codes(self, maker: str, place: int, keyword: str = "code") -> set[str]:
        """The codes that calls of this maker give in this place."""
        return {
            code
            for made in self.calls[maker]
            for given in argument(made.call, place, keyword)
            for code in self.values(given, made)
        }

    def values(self, given: ast.expr, made: Made, depth: int = 0) -> set[str]:
        """The texts that an expression may have; none where that cannot be told."""
        found: set[str] = {*EXPANDED.get(ast.unparse(given), ())}
        match given:
            case ast.Constant(value=str(text)):
                found = {text}
            case ast.IfExp(body=one, orelse=other):
                found = self.values(one, made, depth) | self.values(other, made, depth)
            case ast.JoinedStr(values=parts):
                found = {"".join(one) for one in product(*(self.values(part, made, depth) for part in parts))}
            case ast.FormattedValue(value=inner):
                found = self.values(inner, made, depth)
            case ast.Name(id=name):
                found = self._named(name, made, depth)
            case ast.Subscript(value=ast.Name(id=name)):
                found = {*mapping(self.modules[made.module], name, values=True)}
        return found

    def _named(self, name: str, made: Made, depth: int) -> set[str]:
        """A local value, a parameter as the callers give it, or the keys of the refusals that it is looked up in."""
        if name in EXPANDED:
            return {*EXPANDED[name]}
        words = made.call.args[1] if len(made.call.args) > 1 else None
        if isinstance(words, ast.Subscript) and isinstance(words.value, ast.Name):
            return {code for tree in self.modules.values() for code in mapping(tree, words.value.id)}
        function = made.function
        return (
            set() if function is None or isinstance(function, ast.Lambda) else self._within(function, name, made, depth)
        )

    def _within(self, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str, made: Made, depth: int) -> set[str]:
        """A local value of a function, or a parameter as its callers give it."""
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    return self.values(value, made, depth)
                case ast.comprehension(target=ast.Tuple(elts=[ast.Name(id=found), *_]), iter=ast.Name(id=rows)) if (
                    found == name
                ):
                    return {*_firsts(function, rows)}
        names = [one.arg for one in function.args.args]
        if name not in names or depth > 3:
            return set()
        callers = self.calls[function.name]
        return {
            code
            for caller in callers
            for given in argument(caller.call, names.index(name), name)
            for code in self.values(given, caller, depth + 1)
        }


def _firsts(function: Function, name: str) -> Iterator[str]:
    """The constants that the rows of a local table begin with."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Tuple(elts=rows)) if found == name:
                yield from (
                    str(row.elts[0].value)
                    for row in rows
                    if isinstance(row, ast.Tuple) and isinstance(row.elts[0], ast.Constant)
                )


def calls_in(tree: ast.AST, function: Function | None) -> Iterator[tuple[ast.Call, Function | None]]:
    """Every call, with the innermost function around it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield node, function
        yield from calls_in(node, node if isinstance(node, Function) else function)


def argument(call: ast.Call, place: int, keyword: str) -> Iterator[ast.expr]:
    """The argument in this place, or of this name."""
    if len(call.args) > place and not any(isinstance(one, ast.Starred) for one in call.args[: place + 1]):
        yield call.args[place]
    yield from (one.value for one in call.keywords if one.arg == keyword)


def mapping(tree: ast.Module, name: str, *, values: bool = False) -> Iterator[str]:
    """The constant keys, or values, of a mapping of a module."""
    named = constants(tree)
    held = named.get(name)
    for one in (held.values if values else held.keys) if isinstance(held, ast.Dict) else ():
        value = named.get(one.id) if isinstance(one, ast.Name) else one
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def constants(tree: ast.Module) -> dict[str, ast.expr]:
    """The constants of a module by name."""
    found = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
    return found
