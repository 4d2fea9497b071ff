"""The steps on applications, each by its name in the table of moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.application import Step
from workflow.answer import ApplicationResubmit, ApplicationSupplement
from workflow.application_step import ApplicationStep
from workflow.claim_rejection import ApplicationRejectClaim
from workflow.deadline import ApplicationDeem, ApplicationLapse
from workflow.decision import ApplicationApprove, ApplicationRecommend, ApplicationReject
from workflow.draft import ApplicationSaveDraft
from workflow.escalation import ApplicationEscalate, ApplicationPassUp
from workflow.extension import ApplicationExtend
from workflow.filing import ApplicationSubmit, ApplicationWithdraw
from workflow.institution_review import ApplicationDecline, ApplicationForward, ApplicationReturn
from workflow.intake import ApplicationAccept, ApplicationRefuseIntake, ApplicationRequireCorrection
from workflow.lease import ApplicationPutBack, ApplicationReassign, ApplicationTake
from workflow.objection import ApplicationAnswerObjection, ApplicationObject
from workflow.pause import ApplicationHold, ApplicationResume
from workflow.transfer import ApplicationTransfer

COMMANDS: Final[Mapping[Step, type[ApplicationStep]]] = {
    command.step: command
    for command in (
        *(ApplicationSaveDraft, ApplicationSubmit, ApplicationWithdraw, ApplicationResubmit, ApplicationSupplement),
        *(ApplicationReturn, ApplicationForward, ApplicationDecline),
        *(ApplicationRequireCorrection, ApplicationAccept, ApplicationRefuseIntake, ApplicationTransfer),
        *(ApplicationRecommend, ApplicationApprove, ApplicationReject),
        *(ApplicationObject, ApplicationAnswerObjection),
        *(ApplicationHold, ApplicationResume, ApplicationExtend),
        *(ApplicationTake, ApplicationPutBack, ApplicationReassign),
        *(ApplicationRejectClaim, ApplicationEscalate, ApplicationPassUp),
        *(ApplicationLapse, ApplicationDeem),
    )
}
"""Those that move an application that is there; PASS_UP, LAPSE and DEEM are the scheduler's alone."""
