"""Interruptions and dispatches of many nurses by a list (按名单登记, I23): tried first, then all of them or none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from db import dispatch as dispatches
from db import registration
from db.session import Session
from db.store.engine import Database
from rules.collective_list import Row, read_list
from rules.errors import FieldProblem, Invalid, NotFound, RateLimited, WrongState
from rules.form import Form
from rules.form import read as read_form
from rules.look_up import LookUpPurpose
from rules.span_list import MOST, NO_CODE, DispatchRow, InterruptionRow, located, require_sound, required
from workflow import look_up
from workflow.collective import LISTS, count_list
from workflow.collective_file import read_tables
from workflow.dispatch import DispatchStart, Sent
from workflow.interruption import InterruptionEnd, InterruptionStart
from workflow.many import keep_all, take_all
from workflow.roster import named, who
from workflow.step import UNKEPT, USUAL, Command, Lock, Underway, read


@read(Lock.REQUEST)
async def on_roster(step: Underway[SpanList]) -> list[tuple[Row, UUID]]:
    """The rows with the nurses of the roster whom they name; refused as a whole where one names nobody."""
    nurses, documents = await named.ask(step)
    certificates = {one.certificate_number: one for one in nurses if one.certificate_number}
    found = [(row, *who(step.tx, row, documents, certificates)) for row in step.command.rows]
    require_sound([(row, None if one is None else one.id, wrong) for row, one, wrong in found])
    return [(row, one.id) for row, one, _ in found if one is not None]


@read(Lock.NURSE)
async def held(step: Underway[SpanList]) -> None:
    """The nurses whom they are about, locked in one order."""
    for key in sorted(nurse_id for _, nurse_id in step[on_roster]):
        await registration.lock(step.tx, key)


@dataclass(frozen=True, slots=True, repr=False)
class SpanList(Command):
    """An operator's wish to record something of many nurses of theirs by a list; nothing is a row of its own."""

    csv: bytes
    dry_run: bool
    rows: tuple[Row, ...] = field(metadata=UNKEPT)
    form: ClassVar[type[Form]]
    refuses = USUAL - {NotFound} | {RateLimited, WrongState}
    reads = (on_roster, held)
    writes = frozenset({"registration_span"})

    async def for_one(self, step: Underway[Any], row: Row, nurse_id: UUID) -> Sequence[Command]:
        """The steps for one row."""
        raise NotImplementedError

    async def take(self, step: Underway[SpanList]) -> None:
        """Take them for each row, and none where one is refused, or where they are only tried."""
        rows = step[on_roster]
        wishes = [partial(self.for_one, step, row, nurse_id) for row, nurse_id in rows]
        taken = await take_all(step, wishes, lambda nth, one: located(rows[nth][0], one), keeps=not self.dry_run)
        step.detail = {"rows": len(rows), "dryRun": self.dry_run}
        if not self.dry_run:
            await keep_all(step, taken)
        people = sorted(nurse_id for _, nurse_id in rows)
        await look_up.found(step.tx, step.actor, {"step": self.mutation()}, people, LookUpPurpose.ROSTER)


@dataclass(frozen=True, slots=True, repr=False)
class InterruptionList(SpanList):
    """The wish to record interruptions, their last days, or both (按名单登记中断执业)."""

    form = InterruptionRow

    async def for_one(self, step: Underway[Any], row: Row, nurse_id: UUID) -> Sequence[Command]:
        """The beginning where a first day is given, and the end where a last one is."""
        said = read_form(InterruptionRow, row.filled)
        if said.ends_on is None:
            required("startsOn", said.starts_on)
        began = [InterruptionStart(nurse_id, said.starts_on, said.interruption_reason)] if said.starts_on else []
        return [*began, *([InterruptionEnd(nurse_id, said.ends_on)] if said.ends_on else [])]


@dataclass(frozen=True, slots=True, repr=False)
class DispatchList(SpanList):
    """The wish to record dispatches (按名单登记派出)."""

    form = DispatchRow

    async def for_one(self, step: Underway[Any], row: Row, nurse_id: UUID) -> Sequence[Command]:
        """The dispatch of one nurse."""
        said = read_form(DispatchRow, row.filled)
        required("startsOn", said.starts_on)
        required("dispatchKind", said.dispatch_kind)
        assert said.starts_on is not None
        assert said.dispatch_kind is not None
        to = None if said.code is None else await dispatches.by_code(step.tx, said.code)
        if said.code is not None and to is None:
            raise Invalid(FieldProblem("toInstitution", "NO_SUCH_INSTITUTION", NO_CODE))
        return [DispatchStart(nurse_id, Sent(said.dispatch_kind, said.starts_on, said.ends_on, to, said.place))]


async def rows_of(db: Database, session: Session, form: type[Form], csv: bytes) -> tuple[Row, ...]:
    """The rows of a list; how often an institution hands one in is counted, whatever comes of it."""
    await count_list(db, session, "span", LISTS)
    tables = await read_tables(csv)
    return tuple(await asyncio.to_thread(read_list, form, tables, MOST))
