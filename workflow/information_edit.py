"""An institution writes a nurse's record itself (修改护士信息, I27): at once, or with a proof paper after her time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import blob
from db import information_change as changes
from db.registration import Entry
from db.session import Session
from db.store.engine import Database
from rules.errors import FieldProblem, RateLimited
from rules.information_change import ChangeState, ChangeStep, InformationChange
from rules.information_edit import require_diplomas, require_undisputed, require_work
from rules.information_form import InformationForm, asked_for, in_information, recorded_values, values_of
from rules.law import Law
from rules.material import UploadedFile, clean_name, media_type_of
from rules.other import with_words
from rules.own_nurse import require_own_nurse
from rules.people import Party, Role
from rules.wording import wording
from workflow.decoding import require_opens
from workflow.information_carry import carry
from workflow.information_change import law_of
from workflow.information_step import InformationChangeStep, go, heard, her_entry, judged, seen, unreviewed
from workflow.material import count_file
from workflow.nurse_case import NurseCommand, entry
from workflow.step import USUAL, Underway, read, take


@read()
async def record(step: Underway[InformationWriting]) -> Mapping[str, object]:
    """The values that the register has of her."""
    return await changes.record_of(step.tx, step.command.nurse_id)


@read()
async def waiting(step: Underway[InformationWriting]) -> Sequence[InformationChange]:
    """Her changes that are open."""
    return await changes.waiting(step.tx, step.command.nurse_id)


@read()
async def law(step: Underway[InformationWriting]) -> Law:
    """The law of today where she is registered."""
    return await law_of(step.tx, step[entry])


@dataclass(frozen=True, slots=True, repr=False)
class InformationWriting(NurseCommand):
    """An institution's wish to have the register say something else of a nurse of its own."""

    form: InformationForm
    reads = (entry, record, waiting, law)
    writes = frozenset({"information_change", "nurse"})

    def located(self, step: Underway[Any], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return in_information(problem)

    def row(self, step: Underway[Any]) -> dict[str, Any]:
        """The columns of the edit, where this person may make it."""
        her: Entry = step[entry]
        require_own_nurse(step.actor, her.registration, Role.OPERATOR)
        asked = asked_for(self.form, step[record], her.life, step.tx.today, step[law])
        require_undisputed(asked, step[waiting])
        # A value that is put back takes its words along.
        kept = {name: value for name, value in recorded_values(step[record]).items() if name in with_words(asked)}
        step.nurse_id, step.detail = self.nurse_id, {"change": step.key, "fields": sorted(asked)}
        by = {"filed_by": Party.INSTITUTION, "account_id": step.actor.account_id}
        return {"nurse_id": self.nurse_id, **by, "asked": asked, "recorded": kept}


@dataclass(frozen=True, slots=True, repr=False)
class InformationEdit(InformationWriting):
    """An institution's wish to write itself what a nurse of its own does there (I27): at once; she is told."""

    async def take(self, step: Underway[InformationEdit]) -> None:
        """The record says so from now on, unless she objects; what she has asked for otherwise is superseded."""
        row, her = self.row(step), step[entry]
        asked = row["asked"]
        require_work(asked)
        await changes.insert(step.tx, step.key, **row, **unreviewed(step, asked))
        ended = await carry(step.tx, her, values_of(asked, asked), step.actor)
        step.news = [*heard("information.edited", her, step.actor), *ended]


@dataclass(frozen=True, slots=True, repr=False)
class InformationEditWithProof(InformationWriting):
    """An institution's wish to write education, degree or title, with a proof paper (凭证明修改, I27).

    It takes effect after five working days, unless she objects.
    """

    file: UploadedFile
    refuses = USUAL | {RateLimited}
    writes = frozenset({"information_change", "blob"})

    async def take(self, step: Underway[InformationEditWithProof]) -> None:
        """Keep it for her time to object; she is told."""
        row = self.row(step)
        require_diplomas(row["asked"])
        content, media = self.file.content, media_type_of(self.file.content)
        name = clean_name(self.file.name, media, "proof")
        kept = await blob.keep(step.tx, content, media)
        proof = {"proof_id": kept, "proof_file_name": name}
        await changes.insert(step.tx, step.key, **row, **proof, state=ChangeState.ANNOUNCED)
        step.news = heard("information.announced", step[entry], step.actor)


async def edit_with_proof(db: Database, session: Session, command: InformationEditWithProof) -> UUID:
    """Write with a proof paper: the file is counted and looked into before anything is locked; gives the edit."""
    await count_file(db, session)
    await require_opens(media_type_of(command.file.content), command.file.content)
    return await take(db, session, command)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeObject(InformationChangeStep):
    """The nurse's objection to what her institution writes (异议): the old value stands until it is decided."""

    text: str
    reads = (her_entry, seen)
    writes = frozenset({"information_change", "nurse"})

    async def take(self, step: Underway[InformationChangeObject]) -> None:
        """The record says what it said before; her 注册机关 decides within twenty working days."""
        found, text = judged(step, ChangeStep.OBJECT), wording("text", self.text)
        disputed = step[seen].around.disputable
        if found.stands_at_once:
            restored = with_words(disputed) & {*found.recorded}
            await changes.write_record(step.tx, found.nurse_id, values_of(found.recorded, restored))
        left = {name: value for name, value in found.asked.items() if name in disputed}
        gone = sorted({*found.superseded_fields, *found.asked} - {*left})
        now = dict.fromkeys(("objected_at", "queued_at", "escalated_at"), step.tx.now)
        values = {"asked": left, "superseded_fields": gone, "accepted_fields": [], "objection": text}
        await go(step, ChangeState.DISPUTED, "information.disputed", **values, **now)
