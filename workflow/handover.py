"""The work of one colleague becomes another's (工作交接): leases, recommendations and proposals that wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import application as applications
from db import handover as handovers
from db import lease as leases
from db import proposal as proposals
from db import staff, vacancy
from db.feed.event import Addressed
from db.staff import Locked
from rules.application import Application, Step, steps_open_to
from rules.errors import NotFound
from rules.handover import Item, Obstacle, Work, obstacle, require_may_hand_over
from rules.lease import LEASE, free
from rules.people import Actor, Party, Role
from rules.proposal import ROLE_OF, Proposal
from rules.staff_event import HANDED_OVER, staff_body
from workflow.case import Case, heard, write
from workflow.step import Command, Lock, Underway, read


@read(Lock.REQUEST)
async def proposed(step: Underway[WorkHandover]) -> list[Proposal]:
    """Her proposals that wait for a second person, locked."""
    return [await proposals.lock(step.tx, key) for key in await handovers.proposed(step.tx, step.command.giver_id)]


@read(Lock.APPLICATION)
async def hers(step: Underway[WorkHandover]) -> Mapping[UUID, tuple[Application, frozenset[Work]]]:
    """The applications that hang on her, locked, and in which way each does."""
    giver, place = step.command.giver_id, await vacancy.place_of(step.tx, step.command.giver_id)
    if place is None:
        raise NotFound
    held = await leases.held_by(step.tx, giver)
    waiting = await handovers.recommended(step.tx, giver, place.id) if place.party is Party.AUTHORITY else []
    ways = {Work.LEASE: {*held}, Work.RECOMMENDATION: {*waiting}}
    locked = [await applications.lock(step.tx, key) for key in dict.fromkeys((*held, *waiting))]
    return {one.id: (one, frozenset(way for way, keys in ways.items() if one.id in keys)) for one in locked}


@read(Lock.ACCOUNT)
async def both(step: Underway[WorkHandover]) -> Mapping[UUID, Locked]:
    """Both accounts, locked with one's own."""
    return await staff.lock(step.tx, step.actor.account_id, step.command.giver_id, step.command.taker_id)


@dataclass(frozen=True, slots=True, repr=False)
class WorkHandover(Command):
    """A manager's or supervisor's wish that a colleague goes on with the work of another (工作交接).

    What moves, moves live. Whoever made the first half of a decision still does not make the other: a recommendation
    that moved bars both its giver and its taker from deciding.
    """

    giver_id: UUID
    taker_id: UUID
    reads = (proposed, hers, both)
    writes = frozenset({"work_handover", "application", "desk_request"})

    async def take(self, step: Underway[WorkHandover]) -> None:
        """Move what can move, and keep what cannot, with why."""
        rows, own = step[both], step[both][step.actor.account_id]
        giver, taker = (staff.colleague(rows.get(key), own) for key in (self.giver_id, self.taker_id))
        same_person = staff.is_same_person(rows[self.giver_id], rows[self.taker_id])
        require_may_hand_over(step.actor, giver, taker, same_person=same_person)
        to = staff.actor(rows[self.taker_id])
        items = [
            await self._application(step, to, one, way) for one, ways in step[hers].values() for way in sorted(ways)
        ]
        items += [await self._proposal(step, to, one) for one in step[proposed]]
        await handovers.insert(step.tx, step.key, self.giver_id, self.taker_id, step.actor.account_id, items)
        name = await vacancy.name_of(step.tx, giver.place)
        body = staff_body(giver.place, name, step.actor.party, account_id=self.taker_id, absent_id=self.giver_id)
        step.news.append(Addressed(giver.place.id, HANDED_OVER, None, step.by, None, body))
        step.detail = {"from": self.giver_id, "to": self.taker_id, "items": len(items)}

    async def _application(self, step: Underway[WorkHandover], to: Actor, one: Application, way: Work) -> Item:
        """A lease that is hers from now on for another half hour; or a recommendation that she answers for."""
        if way is Work.LEASE:
            return await _lease(step, to, one)
        deciders = await handovers.holders(step.tx, to.party_id or one.id, Role.DECIDER) - {one.recommender_id}
        stays = obstacle(to, [one.nurse_id], Role.REVIEWER, deciders if one.two_persons else ())
        return await self._answered(step, Item(way, one.id, stays))

    async def _proposal(self, step: Underway[WorkHandover], to: Actor, one: Proposal) -> Item:
        """A proposal that she answers for."""
        role = ROLE_OF[one.kind]
        confirmers = await handovers.holders(step.tx, one.authority_id, role) - {one.proposed_by}
        stays = obstacle(to, [one.nurse_id, one.merged_id], role, confirmers)
        return await self._answered(step, Item(Work.PROPOSAL, one.id, stays))

    async def _answered(self, step: Underway[WorkHandover], item: Item) -> Item:
        if item.obstacle is None:
            await handovers.answer_for(step.tx, item.work, item.id, self.taker_id)
        return item


async def _lease(step: Underway[Any], to: Actor, one: Application) -> Item:
    if to.is_nurse(one.nurse_id):
        return Item(Work.LEASE, one.id, Obstacle.ABOUT_HERSELF)
    if Step.TAKE not in steps_open_to(to, free(one), step.tx.now):
        return Item(Work.LEASE, one.id, Obstacle.NO_ROLE)
    values = {"holder_id": to.account_id, "held_until": step.tx.now + LEASE}
    moving = Case(step.tx, step.actor, Step.REASSIGN, one, one.state, values)
    await write(moving)
    step.news += heard(moving)
    return Item(Work.LEASE, one.id)
