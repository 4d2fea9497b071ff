"""Writes docs/reference/events.md from the table of events: `python -m tests.support.event_table`."""

from __future__ import annotations

from pathlib import Path

from rules.events import EVENTS, EventKind, EventType
from rules.people import Party

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "events.md"
TITLES = {
    Party.NURSE: "nurse",
    Party.INSTITUTION: "institution",
    Party.AUTHORITY: "authority",
    Party.HELP_DESK: "help desk",
}
HEAD = """# Events

What can happen, and which feeds may hear of it: written by `python -m tests.support.event_table` from `rules/events.py`; a test
compares. An event goes to those whom it concerns, not to everybody of a kind. How to follow them says
[the feed](feed.md); what each carries, `graph/schema.graphql`. The first column is how it is kept, the second the value of the
enum `EventType`, as clients write it.

| `type` | in `types:` | GraphQL type | what happened | told to |
|--|--|--|--|--|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_row(kind) for kind in EVENTS.values())


def _row(kind: EventKind) -> str:
    audience = ", ".join(title for party, title in TITLES.items() if party in kind.audience)
    return f"| `{kind.type}` | `{EventType(kind.type).name}` | `{kind.name}` | {kind.description} | {audience} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
