"""The part that writers and watchers share: the pause before asking again, and waiting for one another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

PAUSE_SECONDS: Final = (0.02, 0.2)
"""The least and the longest wait before a client asks again: random, so that not all ask at once."""

_AGAIN: Final = frozenset({"UNAVAILABLE", "DEADLINE"})


def codes(answer: dict[str, Any]) -> set[str]:
    """The codes of the errors in an answer."""
    return {error["extensions"]["code"] for error in answer.get("errors") or ()}


def may_be_asked_again(answer: dict[str, Any]) -> bool:
    """True if every error of the answer only tells of an outage."""
    found = codes(answer)
    return bool(found) and found <= _AGAIN


class News:
    """Told whenever anything is received or acknowledged."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Wake whoever waits."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def until(self, enough: Callable[[], bool], within: float) -> None:
        """Go on as soon as it is enough; TimeoutError where it never is."""
        async with asyncio.timeout(within):
            while not enough():
                await self._changed.wait()
