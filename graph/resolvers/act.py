"""Parts of an input, unpacked, and the noun that a step has moved."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from graph.context import Context
from graph.schema.node import key_of
from rules.errors import FieldProblem, GoneSince, Invalid, Words
from rules.wording import reasoned

KEY_LENGTHS = range(8, 65)


async def shown(context: Context, noun: str, key: UUID) -> Any:
    """The noun that a step has moved, read afresh; GoneSince where it is not the viewer's to read any more."""
    context.forget()
    found = await context.load.one(noun, key)
    if found is None:
        raise GoneSince
    return found


class Retried(Protocol):
    """An input that may be sent again without being done again."""

    @property
    def idempotency_key(self) -> str | None:
        """The client's own name for the request."""


def retry_key(input: Retried) -> str | None:
    """The client's own name for the request, where it gave one; Invalid where that is no such name."""
    key = input.idempotency_key
    if key is not None and len(key) not in KEY_LENGTHS:
        words = Words("幂等键须为8至64个字符", "An idempotency key has 8 to 64 characters.")
        raise Invalid(FieldProblem("idempotencyKey", "KEY_LENGTH", words))
    return key


def reason_of(input: Any) -> str:
    """Why somebody does it; Invalid where she does not say, or says too much."""
    return reasoned(str(input.reason or "")) if hasattr(input, "reason") else ""


def optional_key(noun: str, given: str | None) -> UUID | None:
    """The key behind a global id that may be left out."""
    return None if given is None else key_of(noun, given)
