"""Undoing a decision (撤销): the effect of an approved application on the entry, if nothing came after it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from rules.errors import NotAllowed, Words
from rules.kinds import Kind
from rules.people import Actor, Party
from rules.reasons import Reason
from rules.reasons import bar_until as barred_until
from rules.registration import Registration, RegistrationStatus

UNDONE: Final = frozenset({Kind.RENEWAL, Kind.CHANGE, Kind.DEREGISTRATION})
"""The kinds whose approval can be taken back; the others gave something new, which a new decision must end."""

NEW_DECISION: Final = Words(
    "该决定不能直接恢复原状：注册此后已变化、没有此前的历史记录，或该业务产生了新的注册。请作出新的决定（如依职权注销或变更注册）",
    "This cannot simply be undone: the entry has changed since, nothing is known of it before, or the application"
    " has made a new one. Take a new decision instead, such as a deregistration by office or a change.",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """The state of an entry from a moment on (历史沿革)."""

    application_id: UUID | None
    kind: Kind | None
    status: RegistrationStatus
    certificate_number: str | None
    valid_until: date | None
    institution_id: UUID | None
    authority_id: UUID | None


def undo(
    registration: Registration, kind: Kind, application_id: UUID, stages: list[Stage], bar_until: date | None
) -> Registration:
    """The entry as it stood before the application was approved; `stages` newest first."""
    latest, before = (*stages[:2], None, None)[:2]
    last_word = latest is not None and latest.application_id == application_id
    if kind not in UNDONE or not last_word or before is None or before.status is not RegistrationStatus.VALID:
        raise NotAllowed("NEW_DECISION_NEEDED", NEW_DECISION)
    return replace(
        registration,
        status=before.status,
        certificate_number=before.certificate_number,
        valid_until=before.valid_until,
        institution_id=before.institution_id,
        authority_id=before.authority_id,
        last_kind=next((stage.kind for stage in stages[1:] if stage.kind), None),
        bar_until=bar_until or (None if kind is Kind.DEREGISTRATION else registration.bar_until),
        deregistration_reason=None,
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal that stands, and the day on which it was decided."""

    application_id: UUID
    reasons: tuple[Reason, ...]
    decided_on: date

    @property
    def bars_until(self) -> date | None:
        """The last day of the bar on applications that this refusal brings."""
        return barred_until(self.reasons, self.decided_on)


def bar_without(application_id: UUID, barred: date | None, refusals: Collection[Refusal]) -> date | None:
    """The bar that remains when the refusal of one application is undone; a bar with another cause stays."""
    brought = {one.bars_until for one in refusals if one.application_id == application_id}
    others = [one.bars_until for one in refusals if one.application_id != application_id]
    return max((day for day in others if day), default=None) if barred in brought else barred


def stand_in(actor: Actor, authority_id: UUID, path: str) -> Actor:
    """The actor in the place of a lower authority whose decision is undone by its superior (上级机关)."""
    above = actor.party is Party.AUTHORITY and path.startswith(actor.path or "-")
    return replace(actor, party_id=authority_id) if above else actor
