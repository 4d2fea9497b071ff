"""Steps on a nurse's entry in the register: the rows that they read, and who hears of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from db import ending as endings
from db import recusal, registration
from db.registration import Entry
from db.store.engine import Tx
from rules.people import Actor, Party, Role
from rules.registration import Registration
from workflow.ending import news
from workflow.step import Command, Lock, Underway, read


@dataclass(frozen=True, slots=True, repr=False)
class NurseCommand(Command):
    """Somebody's wish to take one step on a nurse's entry; each step has a class of its own."""

    nurse_id: UUID


@read(Lock.APPLICATION)
async def under_way(step: Underway[NurseCommand]) -> list[UUID]:
    """Her drafts and open applications, held: they end with her registration, and are locked before her."""
    return await endings.lock_open(step.tx, step.command.nurse_id)


@read(Lock.NURSE)
async def entry(step: Underway[NurseCommand]) -> Entry:
    """Her entry in the register, locked."""
    return await registration.lock(step.tx, step.command.nurse_id)


@read()
async def decider(step: Underway[NurseCommand]) -> Actor:
    """The actor as an officer of her authority: also one of the nearest above, where that has no other (回避)."""
    return await in_office(step.tx, step.actor, step[entry].registration, Role.DECIDER)


async def in_office(tx: Tx, by: Actor, her: Registration, role: Role) -> Actor:
    """An actor as an officer of a locked nurse's authority: also one of the nearest above, where that has no other."""
    if by.party is not Party.AUTHORITY or her.authority_id is None or her.authority_id == by.party_id:
        return by
    office = await recusal.officer_on(tx, her.authority_id, her.nurse_id, role)
    return replace(by, party_id=her.authority_id) if office == by.party_id else by


def heard(step: Underway[NurseCommand], type: str) -> None:
    """The step is about her, and she and the places where she is registered hear of it."""
    her = step[entry]
    places = (her.registration.institution_id, her.registration.authority_id)
    step.nurse_id = step.command.nurse_id
    step.news += news(type, her, step.actor, *places)
