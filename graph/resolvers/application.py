"""An application on its way: begun, filed, reviewed, taken in, decided."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.application_step import mark, of, opinion, reasons, seen, target
from graph.resolvers.mutation import Fields
from graph.schema import step as schema
from graph.schema.node import global_id
from workflow.answer import ApplicationResubmit, ApplicationSupplement
from workflow.decision import ApplicationApprove, ApplicationRecommend, ApplicationReject
from workflow.draft import ApplicationCreateDraft, ApplicationSaveDraft
from workflow.filing import ApplicationSubmit
from workflow.institution_review import ApplicationDecline, ApplicationForward, ApplicationReturn
from workflow.intake import ApplicationAccept, ApplicationRefuseIntake, ApplicationRequireCorrection


def _create_draft(input: schema.ApplicationCreateDraftInput) -> ApplicationCreateDraft:
    place = optional_key("Institution", input.institution_id)
    return ApplicationCreateDraft(input.form.filled(), place, idempotency_key=retry_key(input))


def _save_draft(input: schema.ApplicationSaveDraftInput) -> ApplicationSaveDraft:
    form, place = input.form.filled(), target(input.institution_id)
    return ApplicationSaveDraft(*seen(input), form=form, institution_id=place, idempotency_key=retry_key(input))


def _submit(input: schema.ApplicationSubmitInput) -> ApplicationSubmit:
    form, place = None if input.form is None else input.form.filled(), target(input.institution_id)
    return ApplicationSubmit(*seen(input), form=form, institution_id=place, idempotency_key=retry_key(input))


def _resubmit(input: schema.ApplicationResubmitInput) -> ApplicationResubmit:
    return ApplicationResubmit(
        *seen(input),
        form=input.form.filled(),
        confirmed_fields=tuple(input.confirmed_fields),
        institution_id=target(input.institution_id),
        idempotency_key=retry_key(input),
    )


def _supplement(input: schema.ApplicationAnswerInput) -> ApplicationSupplement:
    form, confirmed = input.form.filled(), tuple(input.confirmed_fields)
    return ApplicationSupplement(*seen(input), form=form, confirmed_fields=confirmed, idempotency_key=retry_key(input))


def _accept(input: schema.ApplicationAcceptInput) -> ApplicationAccept:
    originals, opinion = frozenset(input.originals_seen), input.opinion
    return ApplicationAccept(*seen(input), originals_seen=originals, opinion=opinion, idempotency_key=retry_key(input))


def _recommend(input: schema.ApplicationRecommendInput) -> ApplicationRecommend:
    opinion = input.opinion
    return ApplicationRecommend(*seen(input), agrees=input.agrees, opinion=opinion, idempotency_key=retry_key(input))


async def _declined(context: Context, key: UUID) -> Fields:
    """The application, where the institution may still read it: what it had claimed is free again."""
    context.forget()
    found = await context.load.one("Application", key)
    return {"application_id": global_id("Application", key), "application": found}


MUTATIONS: Final = (
    of(
        ApplicationCreateDraft,
        schema.ApplicationCreateDraftInput,
        "Begin an application (新建申请, N16): nobody else sees a draft. Its form may be half filled.",
        _create_draft,
    ),
    of(
        ApplicationSaveDraft,
        schema.ApplicationSaveDraftInput,
        "Keep a draft as it is filled now (保存草稿, N16); `formProblems` tells what it lacks.",
        _save_draft,
    ),
    of(
        ApplicationSubmit,
        schema.ApplicationSubmitInput,
        "File a draft (提交, N18): your institution sees it at once.",
        _submit,
    ),
    of(
        ApplicationReturn,
        schema.ApplicationMarkInput,
        "Ask the nurse to correct marked fields (机构退回).",
        mark(ApplicationReturn),
    ),
    of(
        ApplicationResubmit,
        schema.ApplicationResubmitInput,
        "File a returned application again (重新提交).",
        _resubmit,
    ),
    of(
        ApplicationForward,
        schema.ApplicationOpinionInput,
        "Confirm: straight to the authority (机构同意, I17).",
        opinion(ApplicationForward),
    ),
    mutation.of(
        ApplicationDecline,
        schema.ApplicationReasonsInput,
        schema.ApplicationDeclinePayload,
        "Do not confirm (机构不同意, I17): this ends it; what you have claimed waits for another institution.",
        reasons(ApplicationDecline),
        _declined,
    ),
    of(
        ApplicationRequireCorrection,
        schema.ApplicationMarkInput,
        "Ask once for all that is missing, within 5 working days (补正).",
        mark(ApplicationRequireCorrection),
    ),
    of(
        ApplicationSupplement,
        schema.ApplicationAnswerInput,
        "Supply what was missing; it counts as accepted (补正材料).",
        _supplement,
    ),
    of(
        ApplicationAccept,
        schema.ApplicationAcceptInput,
        "Take it in: receipt number and due date (受理, A4).",
        _accept,
    ),
    of(
        ApplicationRefuseIntake,
        schema.ApplicationReasonsInput,
        "Out of competence (不予受理).",
        reasons(ApplicationRefuseIntake),
    ),
    of(
        ApplicationRecommend,
        schema.ApplicationRecommendInput,
        "A reviewer's opinion for the decider (审查意见).",
        _recommend,
    ),
    of(
        ApplicationApprove,
        schema.ApplicationOpinionInput,
        "Agree: the register changes (同意, A4).",
        opinion(ApplicationApprove),
    ),
    of(
        ApplicationReject,
        schema.ApplicationReasonsInput,
        "Do not agree, with reasons (不同意, A4).",
        reasons(ApplicationReject),
    ),
)
