"""An authority takes an application in, asks for what is missing, or is not competent (受理, 补正, 不予受理)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db import application as applications
from db import calendar, material
from db.opening import RECEIVED_ON
from db.store.ahead import Said
from rules.application import Step
from rules.errors import NotAllowed, Together, Words
from rules.material import ChecklistItem, require_known, require_originals, require_proof
from rules.people import Role
from rules.wording import remark
from rules.working_days import INTAKE_DAYS, due_on
from workflow.acceptance import accept, intake
from workflow.application_step import MarkStep, OpinionStep, ReasonsStep, asked_for, barred_until, case, law_there
from workflow.case import Case
from workflow.pause import correcting
from workflow.step import Lock, Underway, read


@read(Lock.NONE, calendar.days_ahead(RECEIVED_ON, Said(lambda _: INTAKE_DAYS)))
async def intake_days(step: Underway[ApplicationRequireCorrection]) -> tuple[date, Sequence[date]]:
    """The day on which the authority received it, and the working days after."""
    forwarded_at = step[case].application.forwarded_at
    assert forwarded_at is not None
    received_on = step.tx.date_of(forwarded_at)
    return received_on, await calendar.working_days(step.tx, received_on, INTAKE_DAYS)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationRequireCorrection(MarkStep):
    """An authority's request for everything that is missing, once, within 5 working days (补正, 许可法 32)."""

    step = Step.REQUIRE_CORRECTION
    reads = (case, asked_for, law_there, intake_days)
    writes = frozenset({"application", "application_pause", "delivery", "material_mark", "review_decision"})

    async def effect(self, step: Underway[ApplicationRequireCorrection], moving: Case) -> None:
        """Ask for it; the period stands still meanwhile."""
        self.require_marks(step)
        received_on, days = step[intake_days]
        if step.tx.today > due_on(received_on, INTAKE_DAYS, days):
            zh = "收到申请已超过五个工作日，视为受理，不能再要求补正"
            words = Words(zh, "Corrections may be asked for within 5 working days only.")
            raise NotAllowed("CORRECTION_TOO_LATE", words)
        await self.mark(step, "AUTHORITY_REVIEW", "CORRECTION_REQUIRED")
        moving.values["corrections"] = moving.application.corrections + 1
        await correcting(moving)


@read(Lock.NONE, material.checklist_ahead())
async def checklist(step: Underway[ApplicationAccept]) -> list[ChecklistItem]:
    """The materials that are asked for; none where the law takes it in, whatever has been seen."""
    silent = step.actor.has(Role.SYSTEM)
    return [] if silent else await material.checklist(step.tx, step[case].application.id)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationAccept(OpinionStep):
    """A wish to take an application in (受理): receipt number, and the day its decision is due.

    Taking in needs the originals where paper is asked, and sight of what others filed for her without a copy.
    """

    originals_seen: frozenset[str] = frozenset()
    """The materials whose originals the reviewer has seen (核对原件)."""
    step = Step.ACCEPT
    reads = (case, checklist, intake)
    ahead = (applications.RECEIPT_AHEAD,)
    writes = frozenset({"application", "material_check", "receipt_counter", "review_decision"})

    async def effect(self, step: Underway[ApplicationAccept], moving: Case) -> None:
        """Take it in."""
        if not moving.actor.has(Role.SYSTEM):
            await self._see_originals(moving, step[checklist])
        await moving.decide("AUTHORITY_REVIEW", "ACCEPTED", opinion=self.opinion)
        moving.values = await accept(moving, step[intake])

    async def _see_originals(self, moving: Case, items: Sequence[ChecklistItem]) -> None:
        """Tick those seen now; refused where one is missing."""
        application, codes = moving.application, tuple(sorted(self.originals_seen))
        with Together() as each:
            each(lambda: require_known(items, codes, "originalsSeen"))
            each(lambda: require_proof(application.kind, application.form, items, codes))
            each(lambda: require_originals((one for one in items if one.code not in codes), application.filed_by))
            each(lambda: remark("opinion", self.opinion))
        await material.check(moving.tx, application.id, codes, moving.actor.account_id)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationRefuseIntake(ReasonsStep):
    """An authority's refusal to take in what is not in its competence (不予受理)."""

    step = Step.REFUSE_INTAKE
    reads = (case, barred_until)
    writes = frozenset({"application", "delivery", "registration", "review_decision"})

    async def effect(self, step: Underway[ApplicationRefuseIntake], moving: Case) -> None:
        """End it, for these reasons."""
        await self.refuse(moving, "AUTHORITY_REVIEW", "NOT_ACCEPTED")
        await self.bar(step, moving)
        moving.values = {"decided_at": step.tx.now}
