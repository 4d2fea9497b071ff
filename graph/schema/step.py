"""The inputs and results of the steps on an application: one of each a step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry

from graph.schema.application import Application
from graph.schema.problem import Problems
from rules import kinds
from rules.application import Step
from rules.nurse import Department, HealthStatus, Title
from rules.reasons import Reason

if TYPE_CHECKING:
    from graph.root import Query

said = strawberry.field
QueryField = Annotated["Query", strawberry.lazy("graph.root")]
ROOT: Any = object()
"""Stands for the query root, which holds nothing of its own and lies on the floor above."""


@strawberry.input
class RenewalFormInput:
    """延续注册申请表."""

    health_status: HealthStatus = said(description="健康状况.")
    health_examined_on: date = said(description="体检日期, at most six months before filing.")
    department: Department = said(description="工作科室.")
    title: Title = said(description="技术职称.")
    remarks: str | None = said(default=None, description="备注, up to 500 characters.")

    def filled(self) -> kinds.RenewalForm:
        """The form as the rules know it."""
        return kinds.RenewalForm(**vars(self))


@strawberry.input(one_of=True)
class ApplicationFormInput:
    """Exactly one filled form; which one it is says the kind."""

    renewal: RenewalFormInput | None = said(default=strawberry.UNSET, description="延续注册.")

    def filled(self) -> kinds.RenewalForm:
        """The one form that was given."""
        return next(form for form in vars(self).values() if form).filled()  # type: ignore[no-any-return]


@strawberry.input
class IdempotentInput:
    """Something that may be sent again without being done again."""

    idempotency_key: str | None = said(
        default=None,
        description="8 to 64 characters of your choice. The same key and input within 7 days are carried out once.",
    )


@strawberry.input
class ApplicationCreateDraftInput(IdempotentInput):
    """A new application."""

    form: ApplicationFormInput = said(description="The filled form.")


@strawberry.input
class ApplicationStepInput(IdempotentInput):
    """One step on one application."""

    id: strawberry.ID = said(description="The application's global id.")
    expected_version: int = said(description="Its `version` as you last read it.")

    def given(self) -> dict[str, Any]:
        """What only this step asks for, as the workflow knows it."""
        return {}


@strawberry.input
class ApplicationSubmitInput(ApplicationStepInput):
    """File a draft."""

    form: ApplicationFormInput | None = said(default=None, description="The form as filed, where the draft's changed.")


@strawberry.input
class ApplicationAnswerInput(ApplicationStepInput):
    """The answer to a return or a request for corrections."""

    form: ApplicationFormInput = said(description="The whole form; only marked fields may differ.")
    confirmed_fields: list[str] = said(default_factory=list, description="Marked fields that you confirm as they are.")


@strawberry.input
class ApplicationReasonsInput(ApplicationStepInput):
    """A step that needs reasons."""

    reasons: list[Reason] = said(description="At least one coded reason.")
    opinion: str | None = said(default=None, description="意见, up to 500 characters.")


@strawberry.input
class ApplicationMarkInput(ApplicationReasonsInput):
    """A request to correct something."""

    marked_fields: list[str] = said(description="The fields of the form to correct; only these unlock.")


@strawberry.input
class ApplicationOpinionInput(ApplicationStepInput):
    """A step that may carry an opinion."""

    opinion: str | None = said(default=None, description="意见, up to 500 characters.")


@strawberry.input
class ApplicationRecommendInput(ApplicationOpinionInput):
    """A reviewer's opinion."""

    agrees: bool = said(description="同意 or 不同意.")


@strawberry.interface
class ApplicationPayload:
    """The step was taken."""

    application: Application = said(description="The application as it stands now.")

    @strawberry.field
    def query(self) -> QueryField:
        """Anything else you want to read after the step."""
        return ROOT  # type: ignore[no-any-return]


def mutation_name(step: Step) -> str:
    """`RETURN` is the mutation `applicationReturn`."""
    return "application" + "".join(word.capitalize() for word in step.split("_"))


class StepMutation:
    """One step's mutation: its input, and the payload and result union that are its own."""

    def __init__(self, step: Step, input: type[IdempotentInput], description: str) -> None:
        self.step, self.input, self.description, self.name = step, input, description, mutation_name(step)
        title = self.name[0].upper() + self.name[1:]
        done, answer = f"{self.name} was carried out.", f"What {self.name} answers."
        told = {"__doc__": done, "__annotations__": {}, "__module__": __name__}
        self.payload = strawberry.type(type(f"{title}Payload", (ApplicationPayload,), told))
        self.result = Annotated[self.payload | Problems, strawberry.union(f"{title}Result", description=answer)]


CREATE_DRAFT: Final = StepMutation(
    Step.CREATE_DRAFT, ApplicationCreateDraftInput, "Begin an application (新建申请, N16): nobody else sees a draft."
)

STEPS: Final[tuple[StepMutation, ...]] = (
    StepMutation(Step.SUBMIT, ApplicationSubmitInput, "File a draft (提交, N18): your institution sees it at once."),
    StepMutation(Step.RETURN, ApplicationMarkInput, "Ask the nurse to correct marked fields (机构退回)."),
    StepMutation(Step.RESUBMIT, ApplicationAnswerInput, "File a returned application again (重新提交)."),
    StepMutation(Step.FORWARD, ApplicationOpinionInput, "Confirm: straight to the authority (机构同意, I17)."),
    StepMutation(Step.DECLINE, ApplicationReasonsInput, "Do not confirm; this ends it (机构不同意, I17)."),
    StepMutation(
        Step.REQUIRE_CORRECTION, ApplicationMarkInput, "Ask once for all that is missing, within 5 working days (补正)."
    ),
    StepMutation(Step.SUPPLEMENT, ApplicationAnswerInput, "Supply what was missing; it counts as accepted (补正材料)."),
    StepMutation(Step.ACCEPT, ApplicationOpinionInput, "Take it in: receipt number and due date (受理, A4)."),
    StepMutation(Step.REFUSE_INTAKE, ApplicationReasonsInput, "Out of competence (不予受理)."),
    StepMutation(Step.RECOMMEND, ApplicationRecommendInput, "A reviewer's opinion for the decider (审查意见)."),
    StepMutation(Step.APPROVE, ApplicationOpinionInput, "Agree: the register changes (同意, A4)."),
    StepMutation(Step.REJECT, ApplicationReasonsInput, "Do not agree, with reasons (不同意, A4)."),
    StepMutation(Step.WITHDRAW, ApplicationStepInput, "Take your own filing back while it is undecided (撤回)."),
)


def offered(steps: Iterable[Step]) -> list[Step]:
    """Those steps that a client can take: the table of moves knows all, these have a mutation."""
    known = {mutation.step for mutation in STEPS}
    return [step for step in steps if step in known]
