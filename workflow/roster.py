"""An institution compares its roster with its own list (名册核对, I9)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from db import roster
from db.roster import Document
from db.session import Session
from db.store.engine import Database, Tx
from rules.collective import field_problems, kept
from rules.collective_list import Row, identity, read_list
from rules.errors import FieldProblem, Invalid, NotFound, RateLimited
from rules.look_up import LookUpPurpose
from rules.people import Party, Role, require, require_party
from rules.roster import MOST, OnRoster, RosterForm, compared
from workflow import look_up
from workflow.collective import LISTS, count_list
from workflow.collective_file import read_tables
from workflow.step import UNKEPT, USUAL, Command, Underway, read


@read()
async def named(step: Underway[Command]) -> tuple[list[OnRoster], dict[Document, OnRoster]]:
    """The nurses of the roster, and each by her documents."""
    require_party(step.actor, Party.INSTITUTION)
    require(step.actor, Role.OPERATOR)
    known = await roster.on_roster(step.tx, step.actor)
    by_id = {one.id: one for one in known.values()}
    earlier = await roster.earlier_documents(step.tx, step.actor)
    return list(known.values()), {**{document: by_id[key] for document, key in earlier.items()}, **known}


@dataclass(frozen=True, slots=True, repr=False)
class RosterCompare(Command):
    """An operator's wish to compare her roster with a list; gives the comparison, which only she sees.

    Nobody is looked for but the nurses of her roster: who is not among them is told as that, wherever she works.
    """

    csv: bytes
    rows: tuple[Row, ...] = field(metadata=UNKEPT)
    refuses = USUAL - {NotFound} | {RateLimited}
    reads = (named,)
    writes = frozenset({"roster_check", "roster_check_row"})

    async def take(self, step: Underway[RosterCompare]) -> None:
        """Keep what was found, in the place of her comparison before."""
        nurses, documents = step[named]
        certificates = {one.certificate_number: one for one in nurses if one.certificate_number}
        rows = [(row, *who(step.tx, row, documents, certificates)) for row in self.rows]
        found = await asyncio.to_thread(compared, rows, nurses)
        notes = [kept(note) for row in self.rows for note in row.notes]
        await roster.replace(step.tx, step.key, step.actor, found, notes)
        step.detail = {"comparison": step.key, "members": len(self.rows)}
        about = {one.id for _, one, _ in rows if one is not None}
        await look_up.found(step.tx, step.actor, {"step": self.mutation()}, sorted(about), LookUpPurpose.ROSTER)


def who(
    tx: Tx, row: Row, documents: dict[Document, OnRoster], certificates: dict[str, OnRoster]
) -> tuple[OnRoster | None, Sequence[FieldProblem]]:
    """The nurse of the roster whom a row names, by its document or else its certificate; what is wrong with that."""
    if "idNumber" not in row.named:
        return certificates.get(row.named.get("certificateNumber", "")), ()
    try:
        document = identity(row, tx.today)
    except Invalid as refusal:
        return None, field_problems(refusal)
    return documents.get((document.type, tx.keyring.blind_index(document.number, "id_number"))), ()


async def wish(db: Database, session: Session, csv: bytes, idempotency_key: str | None) -> RosterCompare:
    """The command of a list; how often an institution hands one in is counted, whatever comes of it."""
    await count_list(db, session, "roster", LISTS)
    tables = await read_tables(csv)
    rows = await asyncio.to_thread(read_list, RosterForm, tables, MOST)
    return RosterCompare(csv, tuple(rows), idempotency_key=idempotency_key)
