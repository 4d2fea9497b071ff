"""What Python writes into a statement's answer: feed cursors, and the steps that are open to the viewer."""

from __future__ import annotations

from secrets import token_hex
from typing import Final
from uuid import UUID

import orjson

from db.feed.feed import Feed
from db.read.facts import read_facts
from db.read.plan import Unplanned
from db.read.root_feed import UNPLANNED
from db.read.shape import OPEN_STEPS
from graph.schema.step import offered
from rules.applicant import in_her_own_matter
from rules.application import steps_open_to
from rules.people import Actor

NONCE: Final = token_hex(16)
"""Begins each mark in this process, so that nothing stored can pass for one."""
_MARK: Final = NONCE.encode()


def filled(feed: Feed, viewer: Actor | None, data: bytes) -> bytes:
    """The answer, with what Python makes in the place of each mark; Unplanned where only the executor has the words."""
    parts, start = [], 0
    while (at := data.find(_MARK, start)) >= 0:
        end = data.index(b'"', at)
        parts += [data[start : at - 1], _written(feed, viewer, data[at + len(_MARK) : end])]
        start = end + 1
    return b"".join([*parts, data[start:]]) if parts else data


def _written(feed: Feed, viewer: Actor | None, mark: bytes) -> bytes:
    """What stands in the answer where the statement left a mark: its kind is one character."""
    kind, facts = mark[:1].decode(), mark[1:]
    if kind == UNPLANNED:
        raise Unplanned("the statement found what only the executor can word")
    if kind == OPEN_STEPS:
        assert viewer is not None
        application, now = read_facts(facts)
        return orjson.dumps(offered(steps_open_to(in_her_own_matter(viewer, application), application, now)))
    scope, _, seq = facts.decode().partition(":")
    return orjson.dumps(feed.cursors.write(UUID(scope), int(seq)))
