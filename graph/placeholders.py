"""The parts of an answer that Python writes: feed cursors, steps open to the viewer, sealed values, words."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

import orjson

from db.feed.feed import Feed
from db.read import information
from db.read.outlook import read_facts
from db.read.plan import Unplanned
from db.read.shape import CHANGE_STEPS, FEED_CURSOR, OPEN_STEPS, OPENED, WORDED, Sealed
from db.read.shapes import SHAPES
from db.store.keys import Keyring
from graph.offered import offered
from rules import information_step
from rules.applicant import in_her_own_matter
from rules.application import Step
from rules.errors import Language, Words
from rules.information_change import ChangeStep
from rules.outlook import open_steps
from rules.people import Actor

NONCE: Final = token_hex(16)
"""Begins each placeholder in this process, so that nothing stored can pass for one."""
_PLACEHOLDER: Final = NONCE.encode()


@dataclass(frozen=True)
class Writer:
    """Writes what the statement could not, for one reader; feeds, which several share, have no language."""

    feed: Feed
    keyring: Keyring
    viewer: Actor | None
    language: Language | None = None

    def filled(self, data: bytes) -> bytes:
        """The answer with what Python makes in the place of each placeholder; Unplanned where only the executor has the
        words.
        """
        parts, start = [], 0
        while (at := data.find(_PLACEHOLDER, start)) >= 0:
            end = data.index(b'"', at)
            kind, facts = data[at + len(_PLACEHOLDER) :][:1].decode(), data[at + len(_PLACEHOLDER) + 1 : end]
            parts += [data[start : at - 1], orjson.dumps(self._made(kind, facts))]
            start = end + 1
        return b"".join([*parts, data[start:]]) if parts else data

    def _made(self, kind: str, facts: bytes) -> Any:
        """The value that stands in the place of a placeholder: its kind is one character."""
        makers = {
            FEED_CURSOR: self._cursor,
            OPEN_STEPS: self._steps,
            CHANGE_STEPS: self._change_steps,
            OPENED: self._opened,
            WORDED: self._worded,
        }
        if kind not in makers:
            raise Unplanned("the statement found what only the executor can word")
        return makers[kind](facts)

    def _cursor(self, facts: bytes) -> str:
        return self.feed.cursors.placed(facts.decode())

    def _steps(self, facts: bytes) -> list[Step]:
        assert self.viewer is not None
        seen = read_facts(facts)
        actor = in_her_own_matter(self.viewer, seen.application)
        return offered(open_steps(actor, seen.application, seen.now, seen.outlook))

    def _change_steps(self, facts: bytes) -> list[ChangeStep]:
        assert self.viewer is not None
        seen = information.read_facts(facts)
        return information_step.open_steps(self.viewer, seen.change, seen.around)

    def _opened(self, facts: bytes) -> Any:
        name, _, text = facts.decode().partition(" ")
        noun, _, field = name.partition(".")
        link = SHAPES[noun].links[field]
        assert isinstance(link, Sealed)
        return link.opened(self.keyring, text)

    def _worded(self, facts: bytes) -> str:
        if self.language is None:
            raise Unplanned("words in no language")
        return Words(*orjson.loads(b64decode(facts))).within(self.language)
