"""The inputs of steps on changes of information (N14, I15, I27)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import strawberry

from graph.schema.information_change import InformationFormInput
from graph.schema.node import key_of
from graph.schema.registration_act import NurseActInput
from graph.schema.step import IdempotentInput
from rules import information_form as rules
from rules.material import UploadedFile


@strawberry.input
class InformationChangeRequestInput(IdempotentInput):
    """The information as it should be."""

    form: InformationFormInput = strawberry.field(description="The values to change; what is left out stays.")

    def filled(self) -> rules.InformationForm:
        """The values that were given."""
        return cast(rules.InformationForm, self.form.filled())


@strawberry.input
class InformationChangeStepInput(IdempotentInput):
    """One step on one change."""

    id: strawberry.ID = strawberry.field(description="The change's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")

    def seen(self) -> tuple[UUID, int]:
        """The change, and the version of it that was seen."""
        return key_of("InformationChange", self.id), self.expected_version


@strawberry.input
class InformationChangeAnswerInput(InformationChangeStepInput):
    """The answer to a return."""

    form: InformationFormInput = strawberry.field(description="The whole change again; only marked fields may differ.")

    def filled(self) -> rules.InformationForm:
        """The values that were given."""
        return cast(rules.InformationForm, self.form.filled())


@strawberry.input
class InformationChangeApproveInput(InformationChangeStepInput):
    """Agreement, field by field."""

    accepted_fields: list[str] | None = strawberry.field(
        default=None, description="The fields that you agree to; all unless told."
    )
    originals_seen: bool = strawberry.field(
        default=False, description="That you have seen diploma, title or document in the original (核对原件)."
    )
    opinion: str | None = strawberry.field(
        default=None, description="意见, up to 500 characters; needed where fields are not agreed to."
    )


@strawberry.input
class InformationChangeRejectInput(InformationChangeStepInput):
    """Disagreement."""

    opinion: str = strawberry.field(description="理由, up to 500 characters; she reads it.")


@strawberry.input
class InformationChangeReturnInput(InformationChangeRejectInput):
    """A request to correct fields."""

    marked_fields: list[str] = strawberry.field(description="The fields to correct; only these unlock.")


@strawberry.input
class InformationEditInput(NurseActInput):
    """The work of a nurse of yours at your institution."""

    form: InformationFormInput = strawberry.field(
        description="科室, 职务, 工作类别, 参加工作时间, 工作经历, 辅助管理信息; all else needs her, or a proof paper."
    )

    def filled(self) -> rules.InformationForm:
        """The values that were given."""
        return cast(rules.InformationForm, self.form.filled())


@strawberry.input
class InformationEditWithProofInput(NurseActInput):
    """The schooling or title of a nurse of yours, as a paper says."""

    form: InformationFormInput = strawberry.field(
        description="毕业学校, 所学专业, 学历, 学位, 学制, 毕业时间, 技术职称; work needs no paper, for all else "
        "she asks herself."
    )
    file: UploadedFile = strawberry.field(description="证明材料: the paper, a PDF, JPEG or PNG, at most 5 MiB.")

    def filled(self) -> rules.InformationForm:
        """The values that were given."""
        return cast(rules.InformationForm, self.form.filled())


@strawberry.input
class InformationChangeObjectInput(InformationChangeStepInput):
    """An objection."""

    text: str = strawberry.field(description="异议, up to 500 characters: what is wrong, and why.")
