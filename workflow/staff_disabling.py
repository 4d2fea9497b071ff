"""A colleague is shut out (停用), or does other work from now on: nothing is left behind that others would wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from db import application as applications
from db import deputy as deputies
from db import lease as leases
from db import session as sessions
from db import vacancy
from db.session import Session
from db.store.engine import Tx
from db.vacancy import Premises
from rules.application import Application, Step
from rules.deputy import Deputyship
from rules.guard import holds
from rules.people import AccountState, Role
from rules.staff import StaffStep, check_roles, may_hold
from workflow import vacancy as vacancies
from workflow.case import Case, heard, write
from workflow.deputy import deputies_of, end_all
from workflow.staff import StaffChange, at_hand, colleague
from workflow.step import Lock, Read, Underway, read


async def held_by(tx: Tx, *account_ids: UUID) -> list[Application]:
    """The applications that these people work on just now, locked in the one order."""
    return [await applications.lock(tx, key) for key in await leases.held_by(tx, *account_ids)]


@read(Lock.REQUEST)
async def standing_in(step: Underway[StaffChange]) -> list[Deputyship]:
    """The deputyships of the colleague, and of those who stand in for her, locked."""
    return await deputies.of_any(step.tx, [step.command.account_id], locked=True)


@read(Lock.PLACE)
async def premises(step: Underway[StaffChange]) -> Premises | None:
    """The place where the colleague works, locked; none for an account that is no colleague's."""
    place = await vacancy.place_of(step.tx, step.command.account_id)
    return None if place is None else await vacancy.lock(step.tx, place)


def held(step: Underway[StaffChange]) -> list[Application]:
    """The applications that the colleague works on just now."""
    return [one for one in step[at_hand] if holds(step.command.account_id, one, step.tx.now)]


async def put_back(step: Underway[Any], application: Application) -> None:
    """Give a locked application back to the others, who see it live."""
    back = Case(step.tx, step.actor, Step.PUT_BACK, application, application.state, _FREE)
    await write(back)
    step.news += heard(back)


_FREE: dict[str, Any] = {"holder_id": None, "held_until": None}


@dataclass(frozen=True, slots=True, repr=False)
class StaffLeaving(StaffChange):
    """A change after which a colleague does less than before: what she can do no more goes back at once."""

    reads: ClassVar[tuple[Read[Any, Any], ...]] = (at_hand, premises, colleague)
    writes = frozenset({"account", "application", "review_decision", "outbox"})

    async def take(self, step: Underway[StaffChange]) -> None:
        """Change it, and say which of the roles that are needed nobody holds any more."""
        # Not `super()`: a slotted dataclass is made anew, and the method would look for the class that was before.
        await StaffChange.take(self, step)
        here, whom = step[premises], step[colleague]
        if here is not None and whom.state is AccountState.ACTIVE:
            await vacancies.tell(step, here, whom.place, whom.roles)


@dataclass(frozen=True, slots=True, repr=False)
class StaffDisable(StaffLeaving):
    """Shut a colleague out at once (停用): whatever she works on goes back to the others, who see it live.

    What none of them may act on goes on at once (回避).
    """

    move = StaffStep.DISABLE
    reads = (standing_in, at_hand, premises, colleague)
    writes = frozenset({"account", "application", "review_decision", "outbox", "deputyship"})

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """Her sessions and one's own, and those of whoever stands in for her, before the accounts."""
        await sessions.lock(tx, session.actor.account_id, self.account_id, *await deputies_of(tx, self.account_id))

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """Her sessions end, and her leases; she stands in for nobody, and nobody for her."""
        for one in held(step):
            await put_back(step, one)
        await end_all(step, step[standing_in], step[colleague])
        await sessions.end(step.tx, self.account_id)
        step.tx.woken.add(step[colleague].place.id)
        return {}


@dataclass(frozen=True, slots=True, repr=False)
class StaffSetRoles(StaffLeaving):
    """Give a colleague other roles (角色); what she may work on no more goes back to the others."""

    roles: frozenset[Role]
    move = StaffStep.SET_ROLES

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """The roles, where they are those of her place."""
        step.detail["roles"] = sorted(self.roles)
        roles = check_roles(step.actor, step[colleague].place, self.roles)
        for one in held(step):
            if not may_hold(roles, one.state):
                await put_back(step, one)
        return {"roles": sorted(roles)}
