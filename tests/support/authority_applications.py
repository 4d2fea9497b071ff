"""The steps on an application in the authorization matrix: the right state for each, and what it needs besides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from graph.schema.node import global_id
from rules.application import State
from rules.form import form_to_json
from rules.kinds import Kind
from rules.moment import SHANGHAI
from tests.support.authority_people import candidate
from tests.support.authority_stage import FILLED, Stage, put
from tests.support.authority_steps import ANSWER, MARK, Key, fresh, wanted
from tests.support.authority_trials import Trial
from tests.support.kinds import forms
from tests.support.world import TODAY, Cast, Person

RIGHT: Final = "on an application in the right state"
ACCEPTED: Final = "on an application that the authority has accepted"
INSTITUTIONS: Final = "on a deregistration that her institution filed"
COLLECTIVE: Final = "on a renewal that her institution filed together with others"
COUNTERS: Final = "on a deregistration that was filed at the counter"
EARLY: Final = "on a change that she files before activation"
COUNTERS_CHANGE: Final = "on a change that was filed at the counter for one who is not activated"
_INTAKE: Final = State.AUTHORITY_INTAKE


@dataclass(frozen=True)
class Setting:
    """An application as a step needs it; `held` by whoever asks, where only she may; `early`: of an inactive nurse."""

    state: State
    given: Mapping[str, Any] = field(default_factory=dict)
    kind: Kind = Kind.RENEWAL
    columns: Mapping[str, Any] = field(default_factory=dict)
    held: bool = False
    early: bool = False

    async def prepared(self, stage: Stage, asker: Person | None = None) -> tuple[Cast, dict[str, Any]]:
        """The cast of a fresh application, and the step's input."""
        form = FILLED if self.kind is Kind.RENEWAL else forms(TODAY)[self.kind]
        columns = {"kind": self.kind, "form": orjson.dumps(form_to_json(form)).decode(), **self.columns}
        if self.held and asker is not None:
            until = datetime.now(SHANGHAI) + timedelta(minutes=30)
            columns |= {"holder_id": asker.account_id, "held_until": until}
        if self.early:
            her = (await candidate(stage)).person
            assert her.actor.nurse_id is not None
            cast = replace(stage.cast, nurse_id=her.actor.nurse_id, nurse=her)
            key = await put(stage.world, cast, self.state, **columns)
            by = her if "filed_by" not in self.columns else cast.reviewer
            filed = "update application_revision set account_id = $2 where application_id = $1"
            await stage.world.owner.execute(filed, key, by.account_id)
        else:
            cast, key = await fresh(stage, self.state, **columns)
        to = {"authorityId": global_id("Authority", cast.nation)}
        return cast, {"id": global_id("Application", key), "expectedVersion": 1, **to, **self.given}


def _on(state: State, **given: Any) -> Setting:
    return Setting(state, given)


def _filed(by: str, **given: Any) -> Setting:
    return Setting(_INTAKE, given, Kind.DEREGISTRATION, {"filed_by": by})


_LONG_AGO: Final = datetime.now(SHANGHAI) - timedelta(days=60)
_END: Final = form_to_json(forms(TODAY)[Kind.DEREGISTRATION])
_DUE: Final = {"due_on": TODAY + timedelta(days=20)}
ON: Final[Mapping[Key, Setting]] = {
    (RIGHT, "applicationSaveDraft"): _on(State.DRAFT, form={"renewal": {}}),
    (RIGHT, "applicationSubmit"): _on(State.DRAFT),
    (RIGHT, "applicationReturn"): _on(State.INSTITUTION_REVIEW, **MARK),
    (RIGHT, "applicationForward"): _on(State.INSTITUTION_REVIEW),
    (RIGHT, "applicationDecline"): _on(State.INSTITUTION_REVIEW, reasons=["LEAVING"]),
    (RIGHT, "applicationTake"): _on(State.INSTITUTION_REVIEW),
    (RIGHT, "applicationPreReview"): _on(State.INSTITUTION_REVIEW, confirmed=True),
    (RIGHT, "applicationPutBack"): Setting(State.INSTITUTION_REVIEW, held=True),
    (RIGHT, "applicationReassign"): _on(State.INSTITUTION_REVIEW),
    (RIGHT, "applicationResubmit"): _on(State.RETURNED, **ANSWER),
    (RIGHT, "applicationRejectClaim"): Setting(State.INSTITUTION_REVIEW, kind=Kind.CHANGE),
    (RIGHT, "applicationEscalate"): Setting(State.INSTITUTION_REVIEW, columns={"queued_at": _LONG_AGO}),
    (RIGHT, "applicationRequireCorrection"): _on(_INTAKE, **MARK),
    (RIGHT, "applicationSupplement"): _on(State.CORRECTION_REQUIRED, **ANSWER),
    (RIGHT, "applicationAccept"): _on(_INTAKE),
    (RIGHT, "applicationRefuseIntake"): _on(_INTAKE, reasons=["OUT_OF_COMPETENCE"]),
    (RIGHT, "applicationTransfer"): _on(_INTAKE),
    (RIGHT, "applicationRecommend"): _on(State.ACCEPTED, agrees=True),
    (RIGHT, "applicationHold"): _on(State.ACCEPTED, kind="HEARING", reason="听证"),
    (RIGHT, "applicationResume"): Setting(State.ACCEPTED, columns={"on_hold": True, **_DUE}),
    (RIGHT, "applicationExtend"): Setting(State.ACCEPTED, {"workingDays": 5, "reason": "疑难"}, columns=_DUE),
    (RIGHT, "applicationApprove"): _on(State.ACCEPTED),
    (RIGHT, "applicationReject"): _on(State.ACCEPTED, reasons=["CONDITIONS_NOT_MET"], opinion="学历不符合规定"),
    (RIGHT, "applicationWithdraw"): _on(State.ACCEPTED),
    (ACCEPTED, "applicationTake"): _on(State.ACCEPTED),
    (ACCEPTED, "applicationPutBack"): Setting(State.ACCEPTED, held=True),
    (ACCEPTED, "applicationReassign"): _on(State.ACCEPTED),
    (INSTITUTIONS, "applicationObject"): _filed("INSTITUTION", text="我健在", identitySeen=True),
    (INSTITUTIONS, "applicationAnswerObjection"): Setting(
        _INTAKE, {"text": "已更正"}, Kind.DEREGISTRATION, {"filed_by": "INSTITUTION", "objected": True}
    ),
    (INSTITUTIONS, "applicationWithdraw"): _filed("INSTITUTION"),
    (COLLECTIVE, "applicationWithdraw"): Setting(_INTAKE, columns={"filed_by": "INSTITUTION"}),
    (COUNTERS, "applicationObject"): _filed("AUTHORITY", text="我健在", identitySeen=True),
    (COUNTERS, "applicationWithdraw"): _filed("AUTHORITY"),
    (COUNTERS, "applicationSupplement"): Setting(
        *(State.CORRECTION_REQUIRED, {"form": {"deregistration": _END}, "confirmedFields": ["reason"]}),
        *(Kind.DEREGISTRATION, {"filed_by": "AUTHORITY", "marked_fields": ["reason"]}),
    ),
    (EARLY, "applicationSaveDraft"): Setting(
        State.DRAFT, {"form": {"change": {}}}, Kind.CHANGE, {"institution_id": None}, early=True
    ),
    (EARLY, "applicationSubmit"): Setting(State.DRAFT, {}, Kind.CHANGE, {"institution_id": None}, early=True),
    (EARLY, "applicationWithdraw"): Setting(State.INSTITUTION_REVIEW, kind=Kind.CHANGE, early=True),
    (COUNTERS_CHANGE, "applicationWithdraw"): Setting(_INTAKE, {}, Kind.CHANGE, {"filed_by": "AUTHORITY"}, early=True),
}
"""By the section of the table and the mutation."""
REASONED: Final = frozenset({"applicationWithdraw", "applicationObject", "applicationSupplement"})
"""Steps whose refusal tells a reason besides who asks: it is the other side's filing."""
LEASES: Final = frozenset({"applicationTake", "applicationPutBack", "applicationReassign"})
"""Steps that leave the application as it is."""


async def steps_of(stage: Stage, key: Key, entitled: Collection[str]) -> AsyncIterator[Trial]:
    """Everybody's try at a step: those who are refused share one application."""
    setting = ON[key]
    herself = "inactive nurse" if setting.early else "the nurse"
    shared = await setting.prepared(stage)
    for name, person in stage.people.items():
        cast, step = await setting.prepared(stage, person) if name in entitled else shared
        yield Trial(name, cast.nurse if name == herself else person, wanted(key[1], step))
