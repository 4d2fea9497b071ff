"""The inputs and results of the steps on an application: one of each a step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

import strawberry

from graph.schema.application import Application
from graph.schema.form import ApplicationFormInput
from graph.schema.node import key_of
from graph.schema.problem import Problems
from graph.schema.query import query_after
from rules.application import Step
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

    form: ApplicationFormInput = strawberry.field(description="The filled form.")
    institution_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="拟执业机构, for 首次 变更 重新 军转: an active one; or none, until one claims it.",
    )


@strawberry.input
class ApplicationStepInput(IdempotentInput):
    """One step on one application."""

    id: strawberry.ID = strawberry.field(description="The application's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")

    def given(self) -> dict[str, Any]:
        """What only this step asks for, as the workflow knows it."""
        return {}


@strawberry.input
class ApplicationSubmitInput(ApplicationStepInput):
    """File a draft."""

    form: ApplicationFormInput | None = strawberry.field(
        default=None, description="The form as filed, where the draft's changed."
    )
    institution_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="拟执业机构, where it is another than the draft's; null for none."
    )

    def given(self) -> dict[str, Any]:
        """Where she goes, if she says."""
        return _target(self.institution_id)


@strawberry.input
class ApplicationAnswerInput(ApplicationStepInput):
    """The answer to a return or a request for corrections."""

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

    def given(self) -> dict[str, Any]:
        """Where she goes, if she says."""
        return _target(self.institution_id)


def _target(given: strawberry.ID | None) -> dict[str, Any]:
    return {} if given is strawberry.UNSET else {"institution_id": given and key_of("Institution", given)}


@strawberry.input
class ApplicationReasonsInput(ApplicationStepInput):
    """A step that needs reasons."""

    reasons: list[Reason] = strawberry.field(description="At least one coded reason.")
    opinion: str | None = strawberry.field(default=None, description="意见, up to 500 characters.")


@strawberry.input
class ApplicationMarkInput(ApplicationReasonsInput):
    """A request to correct something."""

    marked_fields: list[str] = strawberry.field(description="The fields of the form to correct; only these unlock.")


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

    def given(self) -> dict[str, Any]:
        """The originals, where any were seen."""
        return {"originals_seen": tuple(sorted(set(self.originals_seen)))} if self.originals_seen else {}


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

    def given(self) -> dict[str, Any]:
        """The colleague."""
        return {"to": None if self.to is None else key_of("Account", self.to)}


@strawberry.input
class ApplicationTransferInput(ApplicationOpinionInput):
    """The competent authority."""

    authority_id: strawberry.ID = strawberry.field(description="有权审批的机关, by its global id.")

    def given(self) -> dict[str, Any]:
        """Where it goes."""
        return {"authority_id": key_of("Authority", self.authority_id)}


@strawberry.interface
class ApplicationGonePayload:
    """The step was taken, and the application is not yours any more."""

    id: strawberry.ID = strawberry.field(description="The application's global id.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.input
class ApplicationWordsInput(ApplicationStepInput):
    """Something to say to the other side."""

    text: str = strawberry.field(description="内容, up to 500 characters.")

    def given(self) -> dict[str, Any]:
        """What is said."""
        return {"text": self.text}


@strawberry.input
class ApplicationHoldInput(ApplicationStepInput):
    """Stop the period."""

    kind: Pause = strawberry.field(description="听证, 检验, 检疫, 鉴定 or 专家评审; a CORRECTION pauses by itself.")
    reason: str = strawberry.field(description="理由, up to 500 characters; the nurse reads it.")

    def given(self) -> dict[str, Any]:
        """What for, and why."""
        return {"kind": self.kind, "reason": self.reason}


@strawberry.input
class ApplicationExtendInput(ApplicationStepInput):
    """Give the authority more time."""

    working_days: int = strawberry.field(description="延长的工作日, 1 to 10.")
    reason: str = strawberry.field(description="理由, up to 500 characters; the nurse is told.")

    def given(self) -> dict[str, Any]:
        """How long, and why."""
        return {"days": self.working_days, "reason": self.reason}


@strawberry.interface
class ApplicationPayload:
    """The step was taken."""

    application: Application = strawberry.field(description="The application as it stands now.")

    query = query_after("Anything else you want to read after the step.")


def mutation_name(step: Step) -> str:
    """`RETURN` is the mutation `applicationReturn`."""
    return "application" + "".join(word.capitalize() for word in step.split("_"))


class StepMutation:
    """One step's mutation: its input, and the payload and result union that are its own."""

    def __init__(
        self, step: Step, input: type[IdempotentInput], description: str, payload: type[Any] = ApplicationPayload
    ) -> None:
        self.step, self.input, self.description, self.name = step, input, description, mutation_name(step)
        self.leaves = payload is ApplicationGonePayload
        title = self.name[0].upper() + self.name[1:]
        done, answer = f"{self.name} was carried out.", f"What {self.name} answers."
        told = {"__doc__": done, "__annotations__": {}, "__module__": __name__}
        self.payload = strawberry.type(type(f"{title}Payload", (payload,), told))
        self.result = Annotated[self.payload | Problems, strawberry.union(f"{title}Result", description=answer)]


CREATE_DRAFT: Final = StepMutation(
    Step.CREATE_DRAFT, ApplicationCreateDraftInput, "Begin an application (新建申请, N16): nobody else sees a draft."
)

STEPS: Final[tuple[StepMutation, ...]] = (
    StepMutation(Step.SUBMIT, ApplicationSubmitInput, "File a draft (提交, N18): your institution sees it at once."),
    StepMutation(Step.RETURN, ApplicationMarkInput, "Ask the nurse to correct marked fields (机构退回)."),
    StepMutation(Step.RESUBMIT, ApplicationResubmitInput, "File a returned application again (重新提交)."),
    StepMutation(Step.FORWARD, ApplicationOpinionInput, "Confirm: straight to the authority (机构同意, I17)."),
    StepMutation(Step.DECLINE, ApplicationReasonsInput, "Do not confirm; this ends it (机构不同意, I17)."),
    StepMutation(
        Step.REQUIRE_CORRECTION, ApplicationMarkInput, "Ask once for all that is missing, within 5 working days (补正)."
    ),
    StepMutation(Step.SUPPLEMENT, ApplicationAnswerInput, "Supply what was missing; it counts as accepted (补正材料)."),
    StepMutation(Step.ACCEPT, ApplicationAcceptInput, "Take it in: receipt number and due date (受理, A4)."),
    StepMutation(Step.REFUSE_INTAKE, ApplicationReasonsInput, "Out of competence (不予受理)."),
    StepMutation(Step.RECOMMEND, ApplicationRecommendInput, "A reviewer's opinion for the decider (审查意见)."),
    StepMutation(Step.APPROVE, ApplicationOpinionInput, "Agree: the register changes (同意, A4)."),
    StepMutation(Step.REJECT, ApplicationReasonsInput, "Do not agree, with reasons (不同意, A4)."),
    StepMutation(Step.HOLD, ApplicationHoldInput, "Stop the period for a hearing or an examination (中止计时)."),
    StepMutation(
        Step.RESUME, ApplicationStepInput, "Let the period run again; days stood still come on top (恢复计时)."
    ),
    StepMutation(Step.EXTEND, ApplicationExtendInput, "More days for the decision, once and with a reason (延长期限)."),
    StepMutation(Step.WITHDRAW, ApplicationStepInput, "Take your own filing back while it is undecided (撤回)."),
    StepMutation(Step.OBJECT, ApplicationWordsInput, "Object to what was filed for you; nobody approves first (异议)."),
    StepMutation(
        Step.ANSWER_OBJECTION, ApplicationWordsInput, "Answer the nurse's objection; then it may be decided (答复异议)."
    ),
    StepMutation(Step.TAKE, ApplicationStepInput, "Work on it for 30 minutes; colleagues see it live (领取)."),
    StepMutation(Step.PUT_BACK, ApplicationStepInput, "Leave what you took to your colleagues (放回)."),
    StepMutation(Step.REASSIGN, ApplicationReassignInput, "Give it to a colleague, whoever holds it (改派)."),
    StepMutation(Step.REJECT_CLAIM, ApplicationStepInput, "Refuse the institution that has it (拒绝认领, N16)."),
    StepMutation(Step.ESCALATE, ApplicationStepInput, "Go on without your institution after its silence (越级送审)."),
    StepMutation(
        Step.TRANSFER, ApplicationTransferInput, "Hand it on to the competent authority (移送).", ApplicationGonePayload
    ),
)


def offered(steps: Iterable[Step]) -> list[Step]:
    """Those steps that a client can take: the table of moves knows all, these have a mutation."""
    known = {mutation.step for mutation in STEPS}
    return [step for step in steps if step in known]
