"""The inputs and results of the steps on an application: what they take, and what they answer."""

from __future__ import annotations

import strawberry

from graph.schema.application import Application
from graph.schema.form import ApplicationFormInput
from graph.schema.query import query_after
from rules.hold import Pause
from rules.reasons import Reason


@strawberry.input
class IdempotentInput:
    """Something that may be sent again without being done again."""

    idempotency_key: str | None = strawberry.field(
        default=None,
        description="8 to 64 characters of your choice. The same key and input within 7 days are carried out once.",
    )


@strawberry.input
class ApplicationCreateDraftInput(IdempotentInput):
    """A new application."""

    form: ApplicationFormInput = strawberry.field(description="The form, as far as it is filled.")
    institution_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="拟执业机构, for 首次 变更 重新 军转: an active one; or none, until one claims it.",
    )


@strawberry.input
class ApplicationStepInput(IdempotentInput):
    """One step on one application."""

    id: strawberry.ID = strawberry.field(description="The application's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")


@strawberry.input
class ApplicationSaveDraftInput(ApplicationStepInput):
    """A draft as it is filled now."""

    form: ApplicationFormInput = strawberry.field(
        description="The whole form, as far as it is filled: what is left out is empty, or as on record."
    )
    institution_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="拟执业机构, where it is another than the draft's; null for none."
    )


@strawberry.input
class ApplicationSubmitInput(ApplicationStepInput):
    """File a draft."""

    form: ApplicationFormInput | None = strawberry.field(
        default=None, description="The form as filed, where the draft's changed."
    )
    institution_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="拟执业机构, where it is another than the draft's; null for none."
    )


@strawberry.input
class ApplicationAnswerInput(ApplicationStepInput):
    """The answer to a return or a request for corrections; a marked material is answered by handing it in."""

    form: ApplicationFormInput = strawberry.field(description="The whole form; only marked fields may differ.")
    confirmed_fields: list[str] = strawberry.field(
        default_factory=list, description="Marked fields that you confirm as they are."
    )


@strawberry.input
class ApplicationResubmitInput(ApplicationAnswerInput):
    """The answer to a return."""

    institution_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="拟执业机构, where you pick another one; null for none."
    )


@strawberry.input
class ApplicationReasonsInput(ApplicationStepInput):
    """A step that needs reasons."""

    reasons: list[Reason] = strawberry.field(description="At least one coded reason.")
    opinion: str | None = strawberry.field(default=None, description="意见, up to 500 characters.")


@strawberry.input
class MaterialMarkInput:
    """A material that is to be handed in: at all, or again."""

    code: str = strawberry.field(description="Its code in the application's `checklist`.")
    reason: Reason = strawberry.field(description="What is wrong with it: a reason that may mark materials.")
    note: str | None = strawberry.field(
        default=None, description="说明, up to 200 characters; needed where the reason is another one."
    )


@strawberry.input
class ApplicationMarkInput(ApplicationStepInput):
    """A request to correct something: fields of the form, materials, or both."""

    reasons: list[Reason] = strawberry.field(
        default_factory=list, description="The coded reasons of the marked fields; each material has its own."
    )
    opinion: str | None = strawberry.field(default=None, description="意见, up to 500 characters.")
    marked_fields: list[str] = strawberry.field(
        default_factory=list, description="The fields of the form to correct; only these unlock."
    )
    marked_materials: list[MaterialMarkInput] = strawberry.field(
        default_factory=list,
        description="The materials to hand in (需要补正的材料), all at once; an upload of its code answers each.",
    )


@strawberry.input
class ApplicationOpinionInput(ApplicationStepInput):
    """A step that may carry an opinion."""

    opinion: str | None = strawberry.field(default=None, description="意见, up to 500 characters.")


@strawberry.input
class ApplicationAcceptInput(ApplicationOpinionInput):
    """Taking an application in."""

    originals_seen: list[str] = strawberry.field(
        default_factory=list,
        description="The materials of its `checklist` whose originals you have seen (核对原件); of what the nurse "
        "did not file herself also whatever is needed and was not handed in.",
    )


@strawberry.input
class ApplicationRecommendInput(ApplicationOpinionInput):
    """A reviewer's opinion."""

    agrees: bool = strawberry.field(description="同意 or 不同意.")


@strawberry.input
class ApplicationReassignInput(ApplicationStepInput):
    """Another colleague works on it."""

    to: strawberry.ID | None = strawberry.field(
        default=None, description="The colleague's account by its global id; else you."
    )


@strawberry.input
class ApplicationTransferInput(ApplicationOpinionInput):
    """The competent authority."""

    authority_id: strawberry.ID = strawberry.field(
        description="有权审批的机关, by its global id: the one that licensed the institution, or one above it; of a "
        "renewal, a deregistration or a new certificate also the 注册机关, or one above it."
    )


@strawberry.interface
class ApplicationGonePayload:
    """The step was taken, and the application is not yours any more."""

    application_id: strawberry.ID = strawberry.field(description="The application's global id.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.type
class ApplicationDeclinePayload:
    """The institution has not confirmed it: what it had claimed is not its any more."""

    application_id: strawberry.ID = strawberry.field(description="The application's global id.")
    application: Application | None = strawberry.field(
        description="The application as it stands now; null where you had claimed it, and it waits for another."
    )

    query = query_after("Anything else you want to read after the step.")


@strawberry.input
class ApplicationWordsInput(ApplicationStepInput):
    """Something to say to the other side."""

    text: str = strawberry.field(description="内容, up to 500 characters.")


@strawberry.input
class ApplicationObjectInput(ApplicationWordsInput):
    """An objection; a reviewer writes down what she is told at the counter."""

    identity_seen: bool = strawberry.field(
        default=False, description="已核对身份证件: at the counter, of whoever objects there; needed of a reviewer."
    )
    guardian_name: str | None = strawberry.field(
        default=None, description="监护人姓名: at the counter, where her guardian objects to a filing for 丧失行为能力."
    )


@strawberry.input
class ApplicationHoldInput(ApplicationStepInput):
    """Stop the period."""

    kind: Pause = strawberry.field(description="听证, 检验, 检疫, 鉴定 or 专家评审; a CORRECTION pauses by itself.")
    reason: str = strawberry.field(description="理由, up to 500 characters; the nurse reads it.")
    expected_days: int | None = strawberry.field(
        default=None, description="预计所需工作日, 1 to 250: the nurse is told them in writing (许可法 45)."
    )


@strawberry.input
class ApplicationExtendInput(ApplicationStepInput):
    """Give the authority more time."""

    working_days: int = strawberry.field(description="延长的工作日, 1 to 10.")
    reason: str = strawberry.field(description="理由, up to 500 characters; the nurse is told.")


@strawberry.interface
class ApplicationPayload:
    """The step was taken."""

    application: Application = strawberry.field(description="The application as it stands now.")

    query = query_after("Anything else you want to read after the step.")
