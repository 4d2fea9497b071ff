"""A deputy (代理人) is named for a span of days, acts in a session of its own, and is one no more when it ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from db import deputy as deputies
from db import session as sessions
from db import staff, vacancy
from db.feed.event import Addressed
from db.session import Session
from db.staff import Locked
from db.store.engine import Tx
from rules.deputy import (
    Deputyship,
    check_span,
    lent_roles,
    require_apart,
    require_may_act,
    require_may_end,
    require_may_name,
)
from rules.errors import Together
from rules.moment import SHANGHAI
from rules.people import Role
from rules.staff import Colleague
from rules.staff_event import DEPUTY_ENDED, DEPUTY_NAMED, staff_body
from workflow.step import UNKEPT, Command, Lock, Underway, read


async def tell(step: Underway[Any], type: str, of: Deputyship, absent: Colleague) -> None:
    """The place hears who stands in for whom, or no more."""
    name = await vacancy.name_of(step.tx, absent.place)
    body = staff_body(absent.place, name, step.actor.party, account_id=of.deputy_id, absent_id=of.absent_id)
    step.news.append(Addressed(absent.place.id, type, None, step.by, None, body))


@read(Lock.ACCOUNT)
async def two(step: Underway[DeputyName]) -> Mapping[UUID, Locked]:
    """Both accounts, locked with one's own."""
    command = step.command
    return await staff.lock(step.tx, step.actor.account_id, command.absent(step.actor.account_id), command.deputy_id)


@dataclass(frozen=True, slots=True, repr=False)
class DeputyName(Command):
    """Somebody's wish that a colleague acts for her while she is away, or a manager's for one of her people (代理)."""

    absent_id: UUID | None
    deputy_id: UUID
    roles: frozenset[Role]
    starts_on: date
    ends_on: date
    reads = (two,)
    writes = frozenset({"deputyship"})

    def absent(self, by: UUID) -> UUID:
        """The account of the colleague who is away: one's own unless another is named."""
        return self.absent_id or by

    async def take(self, step: Underway[DeputyName]) -> None:
        """Name her, where she could do it and the roles are the other's."""
        rows, own = step[two], step[two][step.actor.account_id]
        key = self.absent(step.actor.account_id)
        absent, deputy = (staff.colleague(rows.get(one), own) for one in (key, self.deputy_id))
        same_person = staff.is_same_person(rows[key], rows[self.deputy_id])
        require_may_name(step.actor, absent, deputy, same_person=same_person)
        with Together() as each:
            roles = each(lambda: lent_roles(step.actor, absent, self.roles))
            each(lambda: check_span(self.starts_on, self.ends_on, step.tx.today))
        require_apart(await deputies.of_two(step.tx, key, self.deputy_id), self.starts_on, self.ends_on)
        named = Deputyship(step.key, key, self.deputy_id, roles, self.starts_on, self.ends_on)
        await deputies.insert(step.tx, named, step.actor.account_id)
        await tell(step, DEPUTY_NAMED, named, absent)
        step.detail = {"absent": key, "deputy": self.deputy_id, "roles": " ".join(sorted(roles))}
        step.detail |= {"startsOn": self.starts_on, "endsOn": self.ends_on}


@read(Lock.REQUEST)
async def deputyship(step: Underway[DeputyEnd | DeputySignIn]) -> Deputyship:
    """The deputyship, locked."""
    return await deputies.lock(step.tx, step.command.deputyship_id)


@read(Lock.ACCOUNT)
async def absent(step: Underway[DeputyEnd | DeputySignIn]) -> Colleague:
    """The colleague who is away, locked with one's own account."""
    key = step[deputyship].absent_id
    rows = await staff.lock(step.tx, step.actor.account_id, key)
    return staff.colleague(rows[key], rows[step.actor.account_id])


@dataclass(frozen=True, slots=True, repr=False)
class DeputyEnd(Command):
    """The wish of either of the two, or of whoever manages them, that it ends now (结束代理)."""

    deputyship_id: UUID
    reads = (deputyship, absent)
    writes = frozenset({"deputyship"})

    @property
    def subject(self) -> UUID:
        """The deputyship."""
        return self.deputyship_id

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """The deputy's sessions and one's own, before the accounts."""
        named = await deputies.find(tx, self.deputyship_id)
        await sessions.lock(tx, session.actor.account_id, named.deputy_id)

    async def take(self, step: Underway[DeputyEnd]) -> None:
        """End it, and with it the sessions in which she acts."""
        require_may_end(step.actor, step[absent], step[deputyship], step.tx.today)
        await _end(step, step[deputyship], step[absent])
        step.detail = {"absent": step[deputyship].absent_id, "deputy": step[deputyship].deputy_id}


async def end_all(step: Underway[Any], named: Collection[Deputyship], colleague: Colleague) -> None:
    """The end of each deputyship of a colleague who goes, hers and for her; her place hears of each."""
    for one in named:
        await _end(step, one, colleague)


async def _end(step: Underway[Any], one: Deputyship, absent: Colleague) -> None:
    await deputies.end(step.tx, one.id, step.actor.account_id)
    await sessions.end_deputies(step.tx, [one.id])
    await tell(step, DEPUTY_ENDED, one, absent)


async def deputies_of(tx: Tx, account_id: UUID) -> list[UUID]:
    """The accounts whose sessions end with somebody's: those who stand in for her."""
    return [one.deputy_id for one in await deputies.of_any(tx, [account_id])]


@dataclass(frozen=True, slots=True, repr=False)
class DeputySignIn(Command):
    """A deputy's wish to act for an absent colleague: in a session beside her own, which tells everybody so."""

    deputyship_id: UUID
    until: datetime
    token: str = field(metadata=UNKEPT)
    reads = (deputyship, absent)

    async def take(self, step: Underway[DeputySignIn]) -> None:
        """Open the session, no longer than her own, nor beyond the last day."""
        named = step[deputyship]
        require_may_act(step.actor, named, step[absent], step.tx.today)
        midnight = datetime.combine(named.ends_on + timedelta(days=1), time(), SHANGHAI)
        until = min(self.until, midnight, step.tx.now + sessions.LIFETIME)
        await sessions.insert_deputy(step.tx, step.actor.account_id, self.token, named.id, until)
        step.detail = {"deputyship": named.id, "absent": named.absent_id}
