"""Somebody lets the help desk see where she stands (客服查询码): a code of hers, and one look by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from secrets import randbelow
from uuid import UUID

from db import contact as contacts
from db import help_code as codes
from db import message
from db import session as sessions
from db.session import Session
from db.store.engine import Database
from rules import spelling
from rules.errors import NotAllowed, NotFound, RateLimited
from rules.help_code import DIGITS, LIFETIME, MADE, TRIES, Seen, require_desk, require_not_herself, wrong
from rules.message import Template
from workflow.code import LONGEST_GIVEN, count_sent
from workflow.contact import NO_CONTACT
from workflow.step import UNKEPT, USUAL, Command, Underway, taken


def _new_code() -> str:
    return f"{randbelow(10**DIGITS):0{DIGITS}d}"


@dataclass(frozen=True, slots=True, repr=False)
class HelpCodeCreate(Command):
    """Somebody's wish for a code that she tells the help desk; it is shown this once, or sent to her proved contact."""

    send: bool
    code: str = field(default_factory=partial(_new_code), metadata=UNKEPT)
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"help_code", "attempt", "outbox"})

    async def take(self, step: Underway[HelpCodeCreate]) -> None:
        """Keep it in place of the last one."""
        tx, by = step.tx, step.actor
        if wait := await sessions.count_attempt(tx, sha256(b"help:" + by.account_id.bytes).digest(), *MADE):
            raise RateLimited(wait)
        if not await codes.replace(tx, by.account_id, self.code, LIFETIME):
            raise RateLimited(1)
        step.nurse_id = by.nurse_id
        if self.send:
            await self._send(step)

    async def _send(self, step: Underway[HelpCodeCreate]) -> None:
        holder = await contacts.lock(step.tx, step.actor.account_id)
        proved = holder.verified()
        if proved is None:
            raise NotAllowed("NO_CONTACT", NO_CONTACT)
        channel, contact = proved
        await count_sent(step.tx, contact.index, holder.id)
        values = {"code": self.code, "minutes": str(int(LIFETIME.total_seconds()) // 60)}
        await message.send(step.tx, channel=channel, to=contact.to, template=Template.HELP_CODE, values=values)


@dataclass(frozen=True, slots=True, repr=False)
class HelpLookUp(Command):
    """A code that somebody has told the help desk, used for one look at where she stands."""

    code: str = field(repr=False)
    found: list[Seen] = field(default_factory=list, metadata=UNKEPT, compare=False)
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"help_code"})

    async def take(self, step: Underway[HelpLookUp]) -> None:
        """Use it up; she finds the look in her own record."""
        account_id = await codes.use(step.tx, self.code)
        if account_id is None:
            raise wrong()
        seen = await codes.seen(step.tx, account_id)
        require_not_herself(step.actor, seen)
        self.found.append(seen)
        step.nurse_id, step.detail = seen.nurse_id, {"account": account_id}


async def look_up(db: Database, session: Session, code: str) -> Seen:
    """The standing of the person of a code; the try is counted and committed before the code is looked at."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require_desk(actor)
        subject = sha256(b"help-look:" + actor.account_id.bytes).digest()
        wait = await sessions.count_attempt(tx, subject, *TRIES)
    if wait:
        raise RateLimited(wait)
    step = await taken(db, session, HelpLookUp(spelling.code(code[:LONGEST_GIVEN])))
    return step.command.found[0]


async def create(db: Database, session: Session, *, send: bool) -> tuple[str | None, UUID]:
    """A code, unless it was sent, and its account."""
    step = await taken(db, session, HelpCodeCreate(send))
    return (None if send else step.command.code), step.actor.account_id
