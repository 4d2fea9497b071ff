"""Steps on a nurse's entry in the register: the rows that they read, and who hears of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import ending as endings
from db import registration
from db.registration import Entry
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


def heard(step: Underway[NurseCommand], type: str) -> None:
    """The step is about her, and she and the places where she is registered hear of it."""
    her = step[entry]
    places = (her.registration.institution_id, her.registration.authority_id)
    step.nurse_id = step.command.nurse_id
    step.news += news(type, her, step.actor, *places)
