"""The way back onto the register (恢复注册): a 吊销, or another end by office, was annulled by 复议 or a court.

What an application has ended is undone with that application (rules/void.py); this is for what was decided without one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final
from uuid import UUID

from rules.errors import NotAllowed, Words, WrongState
from rules.registration import Registration, RegistrationStatus
from rules.void import NEW_DECISION, Refusal, Stage

ENDED_BY_APPLICATION: Final = Words(
    "该注册因办理注销业务而终止，请对该业务提出撤销决定",
    "An application for deregistration has ended it: have that decision undone (voidPropose).",
)


def reinstate(
    registration: Registration, stages: Sequence[Stage], refusals: Collection[Refusal]
) -> tuple[Registration, UUID]:
    """The entry as it stood before its end by office, and the row of history that is undone; `stages` newest first.

    Validity goes on to its old last day. The bar that came with the end goes; that of a refusal which stands remains.
    """
    if registration.status is not RegistrationStatus.DEREGISTERED:
        raise WrongState(registration.status)
    off = list(takewhile(lambda stage: stage.status is RegistrationStatus.DEREGISTERED, stages))
    rest = stages[len(off) :]
    if not off or off[-1].id is None or not rest or rest[0].status is not RegistrationStatus.VALID:
        raise NotAllowed("NEW_DECISION_NEEDED", NEW_DECISION)
    if off[-1].application_id is not None:
        raise NotAllowed("ENDED_BY_APPLICATION", ENDED_BY_APPLICATION)
    before = rest[0]
    return replace(
        registration,
        status=before.status,
        certificate_number=before.certificate_number,
        valid_until=before.valid_until,
        institution_id=before.institution_id,
        authority_id=before.authority_id,
        last_kind=next((stage.kind for stage in rest if stage.kind), None),
        bar_until=max((one.bars_until for one in refusals if one.bars_until), default=None),
        deregistration_reason=None,
    ), off[-1].id
