"""A record is written, by her institution (I27) or by what was approved; newer values supersede older wishes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from db import information_change as changes
from db.feed.event import Addressed
from db.registration import Entry
from db.store.engine import Tx
from rules.errors import FieldProblem
from rules.information_change import (
    WORK,
    ChangeState,
    InformationChange,
    InformationForm,
    asked_for,
    in_information,
    newer_values,
    recorded_values,
    require_work,
    values_of,
)
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Party, Role
from workflow.information_change import PENDING, RETURNED, heard, law_of, unreviewed
from workflow.nurse_case import NurseCommand
from workflow.nurse_case import entry as edited_entry
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class InformationEdit(NurseCommand):
    """An institution's wish to write itself what a nurse of its own does there (I27): at once; she is told."""

    form: InformationForm
    reads = (edited_entry,)
    writes = frozenset({"information_change", "nurse"})

    def located(self, step: Underway[InformationEdit], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_information(problem)

    async def take(self, step: Underway[InformationEdit]) -> None:
        """The record says so from now on; what she has asked for otherwise is superseded."""
        tx, her = step.tx, step[edited_entry]
        require_own_nurse(step.actor, her.registration, Role.OPERATOR)
        record = await changes.record_of(tx, self.nurse_id)
        asked = asked_for(self.form, record, her.life, tx.today, await law_of(tx, her))
        require_work(asked)
        recorded = {name: value for name, value in recorded_values(record).items() if name in asked}
        by = step.actor.account_id
        row = {"nurse_id": self.nurse_id, "filed_by": Party.INSTITUTION, "account_id": by, "asked": asked}
        await changes.insert(tx, step.key, **row, **unreviewed(step, asked), recorded=recorded)
        ended = await carry(tx, her, values_of(asked, asked), step.actor)
        step.nurse_id = self.nurse_id
        step.detail = {"change": step.key, "fields": sorted(asked)}
        step.news = [*heard("information.edited", her, step.actor), *ended]


async def carry(tx: Tx, her: Entry, values: Mapping[str, object], by: Actor, *, moves: bool = False) -> list[Addressed]:
    """Write values into a locked nurse's record; of what she has asked for, what they say otherwise is superseded.

    Where she goes elsewhere, so is what was of her work at the old place.
    """
    waiting = await changes.write_record(tx, her.registration.nurse_id, values)
    if waiting is None:
        return []
    newer = {name for name, value in newer_values(values).items() if value != waiting.recorded.get(name)}
    gone = {name for name in waiting.asked if name in newer or (moves and name in WORK)}
    return await _supersede(tx, her, waiting, gone, by) if gone else []


async def _supersede(
    tx: Tx, her: Entry, waiting: InformationChange, gone: Collection[str], by: Actor
) -> list[Addressed]:
    left = {name: value for name, value in waiting.asked.items() if name not in gone}
    marked = [name for name in waiting.marked_fields if name in left]
    state = waiting.state if left else ChangeState.SUPERSEDED
    if waiting.state is RETURNED and left and not marked:
        state = PENDING
    values = {
        "asked": left or dict(waiting.asked),
        "marked_fields": marked,
        "superseded_fields": sorted({*waiting.superseded_fields, *gone}),
    }
    account_id = None if by.party is None else by.account_id
    await changes.move(tx, waiting, state, account_id, **values)
    return heard("information.superseded", her, by, escalated=waiting.escalated_at is not None)
