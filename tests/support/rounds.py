"""How often and how many at once: steps that compete."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from itertools import combinations_with_replacement
from typing import Final
from uuid import UUID

from rules.application import State, Step

ROUNDS: Final = int(os.environ.get("HUSHI_TEST_ROUNDS", "200" if os.environ.get("HUSHI_TEST_LONG") else "10"))
TASKS: Final = 8
COMPETING: Final = {
    State.DRAFT: (Step.SUBMIT,),
    State.INSTITUTION_REVIEW: (Step.RETURN, Step.FORWARD, Step.DECLINE, Step.WITHDRAW),
    State.RETURNED: (Step.RESUBMIT, Step.WITHDRAW),
    State.AUTHORITY_INTAKE: (Step.REQUIRE_CORRECTION, Step.ACCEPT, Step.REFUSE_INTAKE, Step.WITHDRAW),
    State.CORRECTION_REQUIRED: (Step.SUPPLEMENT, Step.WITHDRAW),
    State.ACCEPTED: (Step.RECOMMEND, Step.APPROVE, Step.REJECT, Step.WITHDRAW),
}
PAIRS: Final = [
    (state, *pair) for state, steps in COMPETING.items() for pair in combinations_with_replacement(steps, 2)
]


async def at_once(*tasks: Awaitable[UUID]) -> list[UUID | BaseException]:
    """All of them, started together."""
    return await asyncio.gather(*tasks, return_exceptions=True)
