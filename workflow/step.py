"""One way through a step: who asks, whether it was carried out before, the rows its rules read, its change, its news.

A step is declared in `workflow/command.py`, and those words are taken from here with the ones below. The opening is
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import audit, idempotency, news
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import Invalid
from rules.events import ON_BEHALF_OF
from rules.people import SYSTEM, Actor
from rules.record_merge import MergedInto
from workflow.command import UNKEPT, USUAL, Command, Lock, Read, Underway, Wanted, read

__all__ = [
    "ANYBODY",
    "UNKEPT",
    "USUAL",
    "Command",
    "Lock",
    "Read",
    "Underway",
    "carry_out",
    "read",
    "take",
    "take_unsigned",
    "taken",
    "was_taken",
]

ANYBODY: Final = UUID(int=0)
"""The client of the retry keys that come without a sign-in."""


async def take(db: Database, session: Session, command: Command) -> UUID:
    """Takes a step for somebody who is signed in; gives the id of what it has made or moved.

    The same request under the same retry key is carried out once. Raises Unauthenticated where the session has ended,
    Conflict where the retry key came with another request, and whatever the rules refuse.
    """
    return (await taken(db, session, command)).key


async def taken(db: Database, session: Session, command: Wanted) -> Underway[Wanted]:
    """Takes a step in the same way; gives all of it, for an answer of more than an id."""
    try:
        return await _taken(db, session, command, command.content)
    except MergedInto as found:
        # What was asked for is the same request, whichever of her records it names.
        return await _taken(db, session, _of_kept(command, found.kept_id), command.content)


async def _taken(db: Database, session: Session, command: Wanted, content: Callable[[], bytes]) -> Underway[Wanted]:
    async with db.begin() as tx:
        await command.lock_first(tx, session)
        actor = await sessions.require(tx, session)
        return await _once(tx, actor, command, actor.account_id, content)


def _of_kept(command: Wanted, kept_id: UUID) -> Wanted:
    """The same wish about the record that stands for a merged one."""
    named = {one.name for one in fields(command)}
    wish: Any = command
    return replace(wish, nurse_id=kept_id) if "nurse_id" in named else command


async def take_unsigned(db: Database, command: Wanted) -> Underway[Wanted]:
    """Takes a step for somebody without a sign-in, in the same way."""
    async with db.begin() as tx:
        await tx.ask_time()
        return await _once(tx, SYSTEM, command, ANYBODY, command.content)


async def _once(tx: Tx, actor: Actor, command: Wanted, client: UUID, asked: Callable[[], bytes]) -> Underway[Wanted]:
    """The step, carried out unless this very request was before."""
    step = Underway(tx, actor, command, command.subject or uuid7())
    began_with, retry = step.key, idempotency.Key(client, command.mutation(), command.idempotency_key)
    content = b"" if retry.text is None else asked()
    earlier = await idempotency.earlier(tx, retry, content, step.key)
    if earlier is not None:
        step.key, step.repeated = earlier, True
        return step
    await carry_out(step)
    if step.key != began_with:
        await idempotency.settle(tx, retry, step.key)
    return step


async def carry_out(step: Underway[Any]) -> None:
    """A step in a transaction that is open already: its reads, its rules and changes, the audit trail, its news."""
    await step.read(*step.command.reads)
    try:
        await step.command.take(step)
    except Invalid as refusal:
        raise Invalid(*(step.command.located(step, one) for one in refusal.problems)) from refusal
    absent = step.actor.on_behalf_of
    if absent is not None:  # whatever a deputy does says for whom
        step.detail["onBehalfOf"] = absent
        step.news = [replace(one, body={**one.body, ON_BEHALF_OF: str(absent)}) for one in step.news]
    if step.command.audited:
        await audit.record(step.tx, step.command.mutation(), step.by, step.detail, nurse_id=step.nurse_id)
    await news.tell(step.tx, step.news)


async def was_taken(db: Database, session: Session | None, command: Command) -> UUID | None:
    """The result of this very request where it was carried out before, for steps that are judged outside as well.

    Raises Conflict where the retry key came with another request.
    """
    async with db.begin() as tx:
        client = ANYBODY if session is None else (await sessions.require(tx, session)).account_id
        retry = idempotency.Key(client, command.mutation(), command.idempotency_key)
        seen = await idempotency.seen(tx, retry, command.content())
        return await idempotency.result(tx, retry) if seen else None
