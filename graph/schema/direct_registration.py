"""Registering by the province (A6): what it takes and what it answers."""

from __future__ import annotations

from datetime import date

import strawberry

from graph.schema.nurse import Nurse
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType
from rules.nurse import Degree, Education, HealthStatus, Sex


@strawberry.input
class NurseRegisterDirectInput(IdempotentInput):
    """Somebody who passed before 2008-05 and was never registered, as her papers have her."""

    name: str = strawberry.field(description="姓名.")
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号.")
    sex: Sex | None = strawberry.field(default=None, description="性别, where the number does not tell it.")
    birth_date: date | None = strawberry.field(default=None, description="出生日期, where the number does not tell it.")
    ethnicity: str = strawberry.field(description="民族, by its name in GB 3304; of a foreigner as her papers say.")
    health_status: HealthStatus = strawberry.field(description="健康状况.")
    education: Education = strawberry.field(description="学历.")
    other_education: str | None = strawberry.field(
        default=None, description="其他学历: which one, in up to 50 characters; needed with OTHER, and with no other."
    )
    degree: Degree = strawberry.field(description="学位.")
    exam_passed_on: date = strawberry.field(description="通过考试日期, before 2008-05-01.")
    exam_certificate_number: str | None = strawberry.field(
        default=None, description="考试合格证书编码, where there is one."
    )
    training_institution: str | None = strawberry.field(
        default=None, description="培训单位 of the three months' training, needed three years after the examination."
    )
    trained_from: date | None = strawberry.field(default=None, description="培训开始日期, after the examination.")
    trained_until: date | None = strawberry.field(default=None, description="培训结束日期, three months later or more.")
    certificate_number: str = strawberry.field(description="护士执业证书编号.")
    institution: strawberry.ID = strawberry.field(description="执业机构, by its global id; in the province.")
    evidence: str = strawberry.field(description="证明材料, up to 1,000 characters; it stands in 历史沿革.")


@strawberry.interface
class NursePayload:
    """The step was taken."""

    nurse: Nurse = strawberry.field(description="The nurse as the register has her now.")

    query = query_after("Anything else you want to read after the step.")
