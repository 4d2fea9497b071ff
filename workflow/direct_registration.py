"""The province registers somebody who passed before 2008-05 and was never registered (A6, X6)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from db import direct_registration as direct
from db import exam, self_nurse
from db import institution as institutions
from db import law as laws
from db.institution import Institution
from rules.direct_registration import DirectEntry, checked, require_registrar
from rules.errors import Invalid, NotAllowed, NotFound, Words, WrongState
from rules.identity import identify
from rules.institution import InstitutionState
from rules.matching import Exam
from rules.own_nurse import ABOUT_YOURSELF
from rules.registration import Registration, register_first
from workflow.step import USUAL, Command, Lock, Underway, read

_COPIED: Final = ("document_type", "health_status", "education", "other_education", "degree", "exam_passed_on")
NOT_ACTIVE: Final = Words("该机构未处于启用状态", "The institution is not active.")


@read(Lock.PLACE)
async def place(step: Underway[NurseRegisterDirect]) -> Institution:
    """The institution where she works, in the province of whoever registers her; locked."""
    require_registrar(step.actor)
    found = await institutions.lock(step.tx, step.command.entry.institution_id)
    if not found.path.startswith(step.actor.path or "-"):
        raise NotFound
    return found


@read()
async def exams(step: Underway[NurseRegisterDirect]) -> list[Exam]:
    """The examinations that the library has of her document, where the document can be read."""
    entry = step.command.entry
    with suppress(Invalid):
        return await exam.passed(step.tx, identify(entry.document_type, entry.id_number, step.tx.today))
    return []


@read()
async def about_herself(step: Underway[NurseRegisterDirect]) -> bool:
    """True where the officer would register herself; a number that cannot be one is nobody's."""
    entry = step.command.entry
    with suppress(Invalid):
        identity = identify(entry.document_type, entry.id_number, step.tx.today)
        return await self_nurse.is_own(step.tx, step.actor.account_id, identity)
    return False


@dataclass(frozen=True, slots=True, repr=False)
class NurseRegisterDirect(Command):
    """A provincial admin's wish to put a nurse on the register; gives the nurse."""

    entry: DirectEntry
    refuses = USUAL | {WrongState}
    reads = (place, exams, about_herself)
    writes = frozenset({"nurse", "registration", "registration_history", "registration_span", "account"})

    async def take(self, step: Underway[NurseRegisterDirect]) -> None:
        """Valid for five years from today, with a row of history that names the evidence."""
        entry, at = self.entry, step[place]
        known = checked(entry, step[exams], step.tx.today, await laws.on(step.tx, step.tx.today))
        if step[about_herself]:
            raise NotAllowed("ABOUT_YOURSELF", ABOUT_YOURSELF)
        if at.state is not InstitutionState.ACTIVE:
            raise NotAllowed("INSTITUTION_NOT_ACTIVE", NOT_ACTIVE)
        places = {"institution_id": at.id, "authority_id": at.authority_id}
        number = known.certificate_number
        after = register_first(Registration(step.key), step.tx.today, certificate_number=number, **places)
        copied = {name: getattr(entry, name) for name in _COPIED}
        passed = {"exam_year": entry.exam_passed_on.year, "exam_certificate_number": known.exam_certificate_number}
        who = {"name": known.name, "sex": known.sex, "birth_date": known.birth_date, "ethnicity": known.ethnicity}
        row, by = {**copied, **passed, **who}, step.actor.account_id
        await direct.insert(step.tx, row, known.identity.number, after, by=by, reason=entry.proof)
        step.nurse_id, step.detail = step.key, {"institution": at.id}
        step.tx.woken.add(at.id)
