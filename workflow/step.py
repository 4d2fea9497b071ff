"""One way through a step: who asks, whether it was carried out before, the rows its rules read, its change, its news.

A step is declared in `workflow/command.py`, and those words are taken from here with the ones below. The opening is
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any, Final, TypeAlias
from uuid import UUID

from uuid_utils.compat import uuid7

from db import audit, idempotency, news
from db import session as sessions
from db.session import Session
from db.store.ahead import Ahead
from db.store.engine import Database, Tx
from db.store.step_queue import Unhoped
from db.store.step_tx import begin_step
from db.store.wire_message import Asked
from rules.errors import Invalid
from rules.events import ON_BEHALF_OF
from rules.people import SYSTEM, Actor, Party
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
Then: TypeAlias = Callable[[Underway[Any]], tuple[str, Sequence[object]] | None]
"""A read for the answer of a step, by its text and values."""


async def take(db: Database, session: Session, command: Command) -> UUID:
    """Takes a step for somebody who is signed in; gives the id of what it has made or moved.

    The same request under the same retry key is carried out once. Raises Unauthenticated where the session has ended,
    Conflict where the retry key came with another request, and whatever the rules refuse.
    """
    return (await taken(db, session, command)).key


async def taken(db: Database, session: Session, command: Wanted, then: Then | None = None) -> Underway[Wanted]:
    """Takes a step in the same way; gives all of it, for an answer of more than an id.

    `then` gives a read for the answer, which goes behind the commit (`Underway.shown`).
    """
    try:
        return await _taken(db, session, command, command.content, then)
    except MergedInto as found:
        # What was asked for is the same request, whichever of her records it names.
        return await _taken(db, session, _of_kept(command, found.kept_id), command.content, then)


async def _taken(
    db: Database, session: Session, command: Wanted, content: Callable[[], bytes], then: Then | None
) -> Underway[Wanted]:
    if not (command.foreseen and db.lends):
        async with db.begin() as tx:
            await command.lock_first(tx, session)
            return await _once(tx, await sessions.require(tx, session), command, content)
    try:
        return await _foreseen(db, session, command, content, then, hopes=True)
    except Unhoped:
        return await _foreseen(db, session, command, content, then, hopes=False)


async def _foreseen(  # what a step is made of
    db: Database, session: Session, command: Wanted, content: Callable[[], bytes], then: Then | None, *, hopes: bool
) -> Underway[Wanted]:
    """The step in two messages: it opens with all that it reads, and ends with all that it writes."""
    asked = b"" if command.idempotency_key is None else content()
    key, retry = (
        command.subject or uuid7(),
        idempotency.Key(session.actor.account_id, command.mutation(), command.idempotency_key),
    )
    async with begin_step(db, hopes=hopes) as tx:
        tx.foresee(
            [
                (sessions.HELD_AHEAD, command),
                *idempotency.ahead(tx, retry, asked, key),
                *((one, command) for one in opening(command.reads, command.ahead)),
                *(() if session.actor.party is Party.NURSE else [(news.CONTACTS_AHEAD, command)]),
            ],
            {"opening_key": key, "opening_token": session.token_hash, **command.said()},
        )
        step = await _once(tx, await sessions.require(tx, session), command, lambda: asked, key)
        last = None if then is None else then(step)
        await tx.finish(None if last is None else Asked(*last, raw=True), keep=not step.repeated)
    step.shown = tx.shown
    return step


@cache
def opening(reads: tuple[Read[Any, Any], ...], more: tuple[Ahead, ...]) -> tuple[Ahead, ...]:
    """The statements that open a step, in the order of the locks."""
    in_order = sorted(reads, key=lambda each: each.lock)
    return (*(ahead for one in in_order for ahead in one.ahead), *more)


def _of_kept(command: Wanted, kept_id: UUID) -> Wanted:
    """The same wish about the record that stands for a merged one."""
    named = {one.name for one in fields(command)}
    wish: Any = command
    return replace(wish, nurse_id=kept_id) if "nurse_id" in named else command


async def take_unsigned(db: Database, command: Wanted) -> Underway[Wanted]:
    """Takes a step for somebody without a sign-in, in the same way."""
    async with db.begin() as tx:
        await tx.ask_time()
        return await _once(tx, SYSTEM, command, command.content)


async def _once(
    tx: Tx, actor: Actor, command: Wanted, asked: Callable[[], bytes], key: UUID | None = None
) -> Underway[Wanted]:
    """The step, carried out unless this very request was before."""
    step = Underway(tx, actor, command, key or command.subject or uuid7())
    client = ANYBODY if actor is SYSTEM else actor.account_id
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
