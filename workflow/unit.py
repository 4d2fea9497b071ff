"""An institution's units (科室病区): made, changed, closed by its managers, and nurses assigned to them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import application as applications
from db import registration
from db import session as sessions
from db import unit as units
from db.feed.event import Addressed
from db.registration import Entry
from rules.errors import Together
from rules.nurse import Department
from rules.own_nurse import require_own_nurse
from rules.people import Role
from rules.ticket import require_all
from rules.unit import (
    Unit,
    UnitKind,
    require_assigner,
    require_empty,
    require_few,
    require_free_name,
    require_mapped,
    require_open,
    require_place,
    unit_name,
)
from workflow.approval_setting import own_institution
from workflow.ending import event_body
from workflow.recusal import go_on
from workflow.step import Command, Lock, Underway, read


@read()
async def above(step: Underway[UnitCreate]) -> Unit | None:
    """The unit below which the new one is to stand."""
    parent_id = step.command.parent_id
    return None if parent_id is None else await units.lock(step.tx, step[own_institution].id, parent_id)


@dataclass(frozen=True, slots=True, repr=False)
class UnitCreate(Command):
    """A manager's wish to have a unit: a campus, or a ward that is one of the national 科室."""

    name: str
    kind: UnitKind
    department: Department | None
    other_department: str | None
    parent_id: UUID | None
    reads = (own_institution, above)
    writes = frozenset({"unit"})

    async def take(self, step: Underway[UnitCreate]) -> None:
        """Make it; whoever is limited to what is above sees it too."""
        tx, here = step.tx, step[own_institution].id
        with Together() as each:
            name = each(lambda: unit_name(self.name))
            other = each(lambda: require_mapped(self.kind, self.department, self.other_department))
            each(lambda: require_place(self.kind, step[above]))
            taken = bool(name) and await units.name_taken(tx, here, name)
            each(lambda: require_free_name(taken))
        row = {"id": step.key, "institution_id": here, "parent_id": self.parent_id, "kind": self.kind, "name": name}
        await units.insert(tx, **row, department=self.department, other_department=other)
        if self.parent_id is not None:
            for account_id in await units.limited_to(tx, self.parent_id):
                await sessions.read_afresh(tx, account_id)
            tx.woken.add(here)
        step.detail = {"unit": step.key}


@read()
async def found(step: Underway[UnitStep]) -> Unit:
    """The unit, of the manager's own institution, which is locked."""
    return await units.lock(step.tx, step[own_institution].id, step.command.unit_id)


@dataclass(frozen=True, slots=True, repr=False)
class UnitStep(Command):
    """A manager's wish to take one step on a unit, as last seen."""

    unit_id: UUID
    expected_version: int
    reads = (own_institution, found)
    writes = frozenset({"unit"})

    @property
    def subject(self) -> UUID:
        """The unit."""
        return self.unit_id


@dataclass(frozen=True, slots=True, repr=False)
class UnitChange(UnitStep):
    """Another name or 科室 for a unit; what it is and where it stands never changes."""

    name: str
    department: Department | None
    other_department: str | None

    async def take(self, step: Underway[UnitChange]) -> None:
        """Write it."""
        one = step[found]
        require_open(one, self.expected_version)
        with Together() as each:
            name = each(lambda: unit_name(self.name))
            other = each(lambda: require_mapped(one.kind, self.department, self.other_department))
            taken = bool(name) and await units.name_taken(step.tx, one.institution_id, name, one.id)
            each(lambda: require_free_name(taken))
        await units.write(step.tx, one.id, name=name, department=self.department, other_department=other)
        step.detail = {"unit": one.id}


@dataclass(frozen=True, slots=True, repr=False)
class UnitClose(UnitStep):
    """The end of a unit (撤销): nobody belongs to it any more, and nothing open is below it."""

    async def take(self, step: Underway[UnitClose]) -> None:
        """Close it; its name is free again."""
        require_open(step[found], self.expected_version)
        nurses, below = await units.holds(step.tx, self.unit_id)
        require_empty(nurses=nurses, units=below)
        await units.write(step.tx, self.unit_id, closed_at=step.tx.now)
        step.detail = {"unit": self.unit_id}


@read(Lock.APPLICATION)
async def reviewed(step: Underway[UnitAssign]) -> list[UUID]:
    """The applications of these nurses that the institution reviews, locked: another unit has other people."""
    require_assigner(step.actor)
    require_few(step.command.nurse_ids)
    keys = await units.waiting(step.tx, step.actor.party_id, step.command.nurse_ids)
    return [(await applications.lock(step.tx, key)).id for key in keys]


@read(Lock.NURSE)
async def entries(step: Underway[UnitAssign]) -> list[Entry]:
    """The nurses, locked; refused as a whole where one of them is not on the roster."""
    asked = step.command.nurse_ids
    require_all(asked, await units.on_roster(step.tx, step.actor, asked))
    return [await registration.lock(step.tx, key) for key in sorted(set(asked))]


@read()
async def target(step: Underway[UnitAssign]) -> Unit | None:
    """The unit to which they are to belong, held open by whoever is on the way to it."""
    place, unit_id = step[entries][0].registration.institution_id, step.command.unit_id
    return None if unit_id is None else await units.lock(step.tx, place, unit_id, shared=True)


@dataclass(frozen=True, slots=True, repr=False)
class UnitAssign(Command):
    """An operator's wish that nurses belong to a unit from now on, or to none; gives the institution."""

    nurse_ids: tuple[UUID, ...]
    unit_id: UUID | None
    reads = (reviewed, entries, target)
    writes = frozenset({"registration", "application", "review_decision"})

    async def take(self, step: Underway[UnitAssign]) -> None:
        """Write it for those who belong elsewhere; the people of both units hear."""
        tx, actor = step.tx, step.actor
        for one in step[entries]:
            require_own_nurse(actor, one.registration, Role.OPERATOR)
        if (to := step[target]) is not None:
            require_open(to)
        moved = [one for one in step[entries] if one.registration.unit_id != self.unit_id]
        await units.assign(tx, [one.registration.nurse_id for one in moved], self.unit_id)
        assert actor.party_id is not None
        step.key = actor.party_id
        step.detail = {"unit": self.unit_id, "nurses": [one.registration.nurse_id for one in moved]}
        step.news += [self._heard(step, one) for one in moved]
        step.news += await go_on(tx, step[reviewed])

    def _heard(self, step: Underway[UnitAssign], one: Entry) -> Addressed:
        both = tuple(unit for unit in (one.registration.unit_id, self.unit_id) if unit is not None)
        body = event_body(one, one.registration, step.actor)
        return Addressed(step.key, "registration.unit_changed", None, step.actor.account_id, None, body, both)
