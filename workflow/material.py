"""Materials (申请材料): handed in, taken back, their originals seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from db import application as applications
from db import blob, eligibility, material_mark
from db import material as materials
from db import session as sessions
from db.material import HandedIn, Place
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Application
from rules.errors import RateLimited, WrongState
from rules.marks import MarkedMaterial
from rules.material import (
    ChecklistItem,
    UploadedFile,
    asked_elsewhere,
    clean_name,
    media_type_of,
    require_checks,
    require_hands_in,
    require_known,
    require_room,
)
from rules.moves import ANSWERING, CLAIMED_KINDS
from rules.people import Party
from rules.target import Target, require_no_target, require_target
from workflow import applicant
from workflow.decoding import require_opens
from workflow.step import USUAL, Command, Lock, Underway, read, take
from workflow.wrong_state import with_open_steps

WINDOW: Final = timedelta(hours=1)
BY_NURSE, BY_STAFF = 60, 600
"""So many files one account may hand in within the window."""


@read(Lock.APPLICATION)
async def application(step: Underway[MaterialUpload | MaterialCheck]) -> Application:
    """The application, locked."""
    return await applications.lock(step.tx, step.command.application_id)


@read(Lock.REQUEST)
async def handed_in(step: Underway[MaterialRemove]) -> HandedIn:
    """The application that the material was handed in for, its code, and when: none of them ever changes."""
    return await materials.handed_in(step.tx, step.command.material_id)


@read(Lock.APPLICATION)
async def its_application(step: Underway[MaterialRemove]) -> Application:
    """Its application, locked."""
    return await applications.lock(step.tx, step[handed_in].application_id)


@read()
async def checklist(step: Underway[MaterialUpload | MaterialCheck]) -> Sequence[ChecklistItem]:
    """The materials that are asked for."""
    return await materials.checklist(step.tx, step.command.application_id)


@read()
async def target(step: Underway[MaterialUpload]) -> Target | None:
    """The institution that she will name, where she says so."""
    named = step.command.institution_id
    return None if named is None else await eligibility.target(step.tx, named, step[application].nurse_id)


@read()
async def checklist_there(step: Underway[MaterialUpload]) -> Sequence[ChecklistItem]:
    """The materials that are asked for where she will go with it."""
    named = step.command.institution_id
    if named is None:
        return step[checklist]
    return await materials.checklist(step.tx, step.command.application_id, Place(named))


@read()
async def marks(step: Underway[MaterialUpload]) -> Sequence[MarkedMaterial]:
    """The materials that were marked."""
    return await _marked(step.tx, step[application])


@read()
async def its_marks(step: Underway[MaterialRemove]) -> Sequence[MarkedMaterial]:
    """The same, of the application that the material was handed in for."""
    return await _marked(step.tx, step[its_application])


async def _marked(tx: Tx, application: Application) -> Sequence[MarkedMaterial]:
    """The marked materials; none while nothing waits for an answer."""
    return await material_mark.waiting(tx, application) if application.state in ANSWERING else []


@read()
async def counts(step: Underway[MaterialUpload]) -> tuple[int, int]:
    """The numbers of files of its code, and in all."""
    return await materials.counts(step.tx, step.command.application_id, step.command.code)


@dataclass(frozen=True, slots=True, repr=False)
class MaterialUpload(Command):
    """A wish to hand in a file for one of the materials asked for; gives the material."""

    application_id: UUID
    code: str
    file: UploadedFile
    institution_id: UUID | None = None
    """The institution that will be named when it is filed, where that is another one than now."""
    refuses = USUAL | {RateLimited, WrongState}
    reads = (application, checklist, target, checklist_there, marks, counts)
    writes = frozenset({"material", "blob", "application"})

    async def take(self, step: Underway[MaterialUpload]) -> None:
        """Keep it, by what is inside."""
        content, media = self.file.content, media_type_of(self.file.content)
        opened = asked_elsewhere(step[checklist], step[checklist_there])
        await _require_hands_in(step, step[application], self.code, step[marks], opened)
        self._require_named(step)
        require_known(step[checklist_there], [self.code], "code")
        require_room(*step[counts])
        name = clean_name(self.file.name, media, self.code)
        row = {"application_id": self.application_id, "code": self.code, "file_name": name, "media_type": media}
        kept = await blob.keep(step.tx, content, media)
        by = step.actor.account_id
        await materials.insert(step.tx, step.key, {**row, "size": len(content), "blob_id": kept, "uploaded_by": by})
        await _changed(step, step[application], material=step.key, code=self.code)

    def _require_named(self, step: Underway[MaterialUpload]) -> None:
        """Refuse an institution that could not be named when it is filed."""
        kind, named = step[application].kind, step[target]
        if named is None:
            return
        if kind not in CLAIMED_KINDS:
            require_no_target(kind, self.institution_id)
        require_target(kind, named)


async def upload(db: Database, session: Session, command: MaterialUpload) -> UUID:
    """Hand in a material (上传材料): counted and looked into before anything is locked; gives the material."""
    await count_file(db, session)
    await require_opens(media_type_of(command.file.content), command.file.content)
    return await take(db, session, command)


async def count_file(db: Database, session: Session) -> None:
    """Count a file that somebody hands in, whatever comes of it: what is taken back is kept all the same."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        allowed = BY_NURSE if actor.party is Party.NURSE else BY_STAFF
        subject = tx.keyring.blind_index(str(actor.account_id), "material")
        wait = await sessions.count_attempt(tx, subject, WINDOW, allowed)
    if wait:
        raise RateLimited(wait)


@dataclass(frozen=True, slots=True, repr=False)
class MaterialRemove(Command):
    """A wish to take a material back (删除材料), while the materials are open; gives its application."""

    material_id: UUID
    refuses = USUAL | {WrongState}
    reads = (handed_in, its_application, its_marks)
    writes = frozenset({"material", "application"})

    async def take(self, step: Underway[MaterialRemove]) -> None:
        """The material is asked for again; the file is kept for the record."""
        step.key = step[its_application].id
        code, its = step[handed_in].code, step[its_application]
        # Handed in since it was returned, it has come before nobody yet.
        fresh = its.queued_at is not None and step[handed_in].at > its.queued_at
        await _require_hands_in(step, its, code, step[its_marks], [code] if fresh else ())
        await materials.remove(step.tx, self.material_id)
        await _changed(step, step[its_application], material=self.material_id, code=code)


@dataclass(frozen=True, slots=True, repr=False)
class MaterialCheck(Command):
    """A reviewer's word that she has seen the originals of these materials (核对原件, N18); gives the application."""

    application_id: UUID
    codes: frozenset[str]
    refuses = USUAL | {WrongState}
    reads = (application, checklist)
    writes = frozenset({"material_check", "application"})

    @property
    def subject(self) -> UUID:
        """The application."""
        return self.application_id

    async def take(self, step: Underway[MaterialCheck]) -> None:
        """Tick them; who saw one first stays."""
        try:
            require_checks(step.actor, step[application])
        except WrongState as refusal:
            raise await with_open_steps(step.tx, step.actor, step[application], refusal) from None
        require_known(step[checklist], self.codes, "codes")
        await materials.check(step.tx, self.application_id, self.codes, step.actor.account_id)
        await _changed(step, step[application], codes=",".join(sorted(self.codes)))


async def _require_hands_in(
    step: Underway[Command],
    application: Application,
    code: str,
    marked: Sequence[MarkedMaterial],
    opened: Collection[str] = (),
) -> None:
    """This person may change this material of it now."""
    actor = await applicant.acting(step.tx, step.actor, application)
    try:
        require_hands_in(actor, application, code, marked, opened)
    except WrongState as refusal:
        raise await with_open_steps(step.tx, actor, application, refusal) from None


async def _changed(step: Underway[Command], application: Application, **detail: UUID | str) -> None:
    """The application's new version, though its state stays."""
    await applications.move(step.tx, application, application.state, step.actor.account_id, {})
    step.nurse_id, step.detail = application.nurse_id, {"application": application.id, **detail}
