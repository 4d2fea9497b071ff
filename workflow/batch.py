"""One step on many applications at once (批量办理): tried first (预检), then begun with what the check has found."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import error as Unreadable
from typing import Any, Final
from uuid import UUID

from db import batch as batches
from db import session as sessions
from db.read.filter import Condition
from db.session import Session
from db.store.engine import Database, Tx
from db.store.keys import Keyring
from rules.batch import (
    AT_ONCE,
    GOOD_FOR,
    LEFT,
    NOT_CHECKED,
    Act,
    Check,
    check_again,
    require_checked,
    require_choice,
    require_few,
    require_step,
)
from rules.collective import kept, problems_of
from rules.errors import FieldProblem, NotFound
from rules.people import Actor
from workflow.batch_chunk import try_all
from workflow.batch_job import carry_on, progressed
from workflow.step import USUAL, Command, Underway, read, take

PURPOSE: Final = "batch check"
SIGNATURE: Final = 16
Problems = list[dict[str, str | None]]


@dataclass(frozen=True, slots=True, repr=False)
class Wish:
    """A step, and on what: applications on one's desk by a filter, or these."""

    act: Act
    keys: tuple[UUID, ...] | None = None
    where: Condition | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Tried:
    """One application, and what would be refused of it now; nothing, where it would be done."""

    application_id: UUID
    problems: Problems | None


@dataclass(frozen=True, slots=True, repr=False)
class Checked:
    """The outcome of a dry run: each application in order, and the token by which those that pass are done."""

    token: str
    tried: Sequence[Tried]


async def check(db: Database, session: Session, wish: Wish) -> Checked:
    """Judge as the step itself would judge now (预检), and do nothing."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require_step(actor, wish.act.step)
        found, until = await _chosen(tx, actor, wish), tx.now + GOOD_FOR
    refusals = await try_all(db, session, wish.act, {key: one for key, one in found.items() if one})
    tried = {key: refusals.get(key, NotFound()) for key in found}
    versions = {key: 0 if tried[key] else version for key, version in found.items()}
    token = _token(db.keyring, Check(actor.account_id, wish.act.step, until, versions))
    return Checked(token, [Tried(key, None if why is None else problems_of(why)) for key, why in tried.items()])


async def _chosen(tx: Tx, actor: Actor, wish: Wish) -> dict[UUID, int]:
    """The chosen ones in their order, with their versions; 0 of what she may not read, or is not there."""
    require_choice(wish.where is not None, wish.keys)
    if wish.where is not None:
        found = await batches.chosen(tx, actor, wish.where)
        require_few(len(found), "where")
        return found
    keys = tuple(dict.fromkeys(wish.keys or ()))
    require_few(len(keys), "ids")
    known = await batches.versions(tx, actor, keys)
    return {key: known.get(key, 0) for key in keys}


def _token(keyring: Keyring, check: Check) -> str:
    written = check.written()
    return urlsafe_b64encode(keyring.sign(PURPOSE, written) + written).decode()


def _check(keyring: Keyring, token: str) -> Check:
    """The check behind a token; refused where it is none of ours."""
    try:
        content = urlsafe_b64decode(token.encode())
        if keyring.signed(PURPOSE, content[SIGNATURE:], content[:SIGNATURE]):
            return Check.read(content[SIGNATURE:])
    except (ValueError, Unreadable):
        pass
    raise check_again()


@read()
async def checked(step: Underway[ApplicationsCarryOut]) -> Check:
    """The check that it is begun with: this person's, of this step, and not too old."""
    wish, actor = step.command.wish, step.actor
    require_step(actor, wish.act.step)
    found = _check(step.tx.keyring, step.command.token)
    require_checked(found, actor.account_id, wish.act.step, step.tx.now)
    return found


@read()
async def chosen(step: Underway[ApplicationsCarryOut]) -> Mapping[UUID, int]:
    """Those that are chosen now."""
    return await _chosen(step.tx, step.actor, step.command.wish)


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationsCarryOut(Command):
    """Somebody's wish to take one step on many applications (批量办理), as a check has found them; gives the batch."""

    wish: Wish
    token: str
    refuses = USUAL - {NotFound}
    reads = (checked, chosen)
    writes = frozenset({"application_batch", "application_batch_item"})

    async def take(self, step: Underway[ApplicationsCarryOut]) -> None:
        """Write down what is to be done, and what has joined or gone since the check."""
        passed, now = {key: one for key, one in step[checked].versions.items() if one}, step[chosen]
        items = [_item(step.tx, key, version, None if key in now else LEFT) for key, version in passed.items()]
        known = step[checked].versions
        items += [_item(step.tx, key, None, NOT_CHECKED) for key, one in now.items() if one and key not in known]
        require_few(len(items), "token")
        rows = [{**one, "place": place} for place, one in enumerate(items, 1)]
        await batches.insert(step.tx, step.key, step.actor, self.wish.act, rows)
        step.detail = {"batch": step.key, "step": self.wish.act.step, "applications": len(rows)}
        step.news = [progressed(step.key, await batches.progress(step.tx, step.key), step.actor)]


def _item(tx: Tx, key: UUID, version: int | None, problem: FieldProblem | None) -> dict[str, Any]:
    refused = {} if problem is None else {"problems": [kept(problem)], "done_at": tx.now}
    return {"application_id": key, "version": version, **refused}


async def carry_out(db: Database, session: Session, command: ApplicationsCarryOut) -> UUID:
    """Begin a batch; a small one is done before it is answered, also where the same request comes again."""
    key = await take(db, session, command)
    async with db.read() as reader:
        small = (await batches.progress(reader, key)).total <= AT_ONCE
    if small:
        await carry_on(db, key)
    return key
