"""Parts of an input, unpacked, and the noun that a step has moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from graph.context import Context
from graph.schema.node import BY_ID, key_of, parsed
from rules.errors import FieldProblem, GoneSince, Invalid, NotAllowed, NotFound, Words
from rules.wording import reasoned

T = TypeVar("T")
KEY_LENGTHS = range(8, 65)
ELSEWHERE: Final = Words(
    "您可以查看该记录，但此操作不由您办理，须由记录所在机构或有权机关的人员办理",
    "You may see this record, and the step is not yours: it is for the institution or the authority where it lies.",
)


async def shown(context: Context, noun: str, key: UUID) -> Any:
    """The noun that a step has moved, read afresh; GoneSince where it is not the viewer's to read any more."""
    context.forget()
    found = await context.load.one(noun, key)
    if found is None:
        raise GoneSince
    return found


async def told(context: Context, input: Any, carry: Callable[[Context, Any], Awaitable[T]]) -> T:
    """What a step gives; whoever reads all that its input names and may not take it is told that, not NOT_FOUND.

    A step finds nothing outside the place of whoever takes it; the scope of her reads alone says what she may know of.
    """
    try:
        return await carry(context, input)
    except NotFound as refusal:
        if type(refusal) is not NotFound or not await _in_sight(context, input):
            raise
        raise NotAllowed("NOT_ALLOWED", ELSEWHERE) from refusal


async def _in_sight(context: Context, input: Any) -> bool:
    """True where an input names records, and the viewer may read each of them."""
    given = (getattr(input, one.name) for one in fields(input)) if is_dataclass(input) else ()
    named = [found for one in given if isinstance(one, str) and (found := parsed(one))]
    if not named or any(noun not in BY_ID for noun, _ in named):
        return False
    context.forget()
    return all([await context.load.one(noun, key) for noun, key in named])


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
