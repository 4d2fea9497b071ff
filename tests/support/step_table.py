"""Writes docs/steps.md from the table of moves: `python -m tests.support.step_table`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from rules.application import MOVES, Move
from rules.kinds import KINDS, Kind
from rules.people import Role

PAGE = Path(__file__).parents[2] / "docs" / "steps.md"
TITLES = {
    Role.NURSE: "nurse 护士",
    Role.OPERATOR: "operator 机构经办人",
    Role.MANAGER: "manager 机构管理员",
    Role.REVIEWER: "reviewer 审查人",
    Role.DECIDER: "decider 决定人",
    Role.SUPERVISOR: "supervisor 督办人",
    Role.PROVINCIAL_ADMIN: "provincial admin 省级管理员",
    Role.SYSTEM: "the system's scheduler 系统",
}
HEAD = """# Steps

Who takes which step from where, and where it leads: written by `python -m tests.support.step_table` from `rules/moves.py`; a test
compares. A manager has every right of an operator. A step that is not here is refused with the steps that are open.
What may still forbid a step that is here stands in `rules/guard.py` and with the step in `workflow/`. Steps without a
mutation in `graph/schema.graphql` cannot be taken yet.

| step | who | from | to | kinds |
|--|--|--|--|--|
"""


def page() -> str:
    """The whole page."""
    rows = (_row(list(moves)) for _, moves in groupby(MOVES, key=_line))
    return HEAD + "".join(rows)


def _line(move: Move) -> tuple[object, ...]:
    """What stands in one line of the page: steps that stay where they are lead to each of their sources."""
    stays = move.source is move.target
    return move.step, move.role, None if stays else move.target, move.kinds


def _row(moves: list[Move]) -> str:
    first = moves[0]
    sources = ", ".join(f"{m.source} {m.source.label}" if m.source else "nothing" for m in moves)
    target = "same" if first.source is first.target else f"{first.target} {first.target.label}"
    claimed = {None: "", True: ", claimed", False: ", not claimed"}[first.claimed]
    return f"| {first.step} | {TITLES[first.role]} | {sources} | {target} | {_kinds(first.kinds)}{claimed} |\n"


def _kinds(kinds: frozenset[Kind]) -> str:
    if kinds == frozenset(Kind):
        return "all"
    others = sorted(set(Kind) - kinds)
    few = others if len(others) == 1 else [kind for kind in Kind if kind in kinds]
    named = ", ".join(f"{kind} {KINDS[kind].title.zh}" for kind in few)
    return f"all but {named}" if few is others else named


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
