"""A nurse on a day in the past (时点查询)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.link import link
from graph.schema.place import Authority, Institution
from rules.identity import DocumentType
from rules.nurse import Degree, Department, Education, HealthStatus, Post, Sex, StudyLength, Title, WorkCategory
from rules.registration import RegistrationStatus


@strawberry.type
class RegistrationAsOf:
    """An entry in the register at the end of a day (当日执业注册)."""

    since: datetime = strawberry.field(description="Since when it stood so.")
    status: RegistrationStatus = strawberry.field(description="执业状态 on that day, as it was stored.")
    expired: bool = strawberry.field(description="Whether its validity had run out by then (过期未延续注册).")
    certificate_number: str | None = strawberry.field(description="护士执业证书编号.")
    valid_until: date | None = strawberry.field(description="注册有效期至, inclusive.")
    annulled: bool = strawberry.field(
        description="Whether the decision behind it was undone since (撤销); told to her and to who decided alone."
    )
    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    institution = link(Institution, "institution_id", "执业机构 on that day.")
    authority = link(Authority, "authority_id", "注册机关 on that day.")


@strawberry.type
class RecordAsOf:
    """A nurse's record at the end of a day (当日个人信息)."""

    name: str = strawberry.field(description="姓名.")
    document_type: DocumentType = strawberry.field(description="证件类型.")
    id_number_masked: str = strawberry.field(description="证件号, masked.")
    sex: Sex = strawberry.field(description="性别.")
    birth_date: date = strawberry.field(description="出生日期.")
    ethnicity: str = strawberry.field(description="民族.")
    nationality: str = strawberry.field(description="国籍.")
    health_status: HealthStatus = strawberry.field(description="健康状况.")
    school: str | None = strawberry.field(description="毕业学校.")
    major: str | None = strawberry.field(description="所学专业.")
    study_length: StudyLength | None = strawberry.field(description="学制.")
    education: Education = strawberry.field(description="学历.")
    other_education: str | None = strawberry.field(description="其他学历.")
    degree: Degree = strawberry.field(description="学位.")
    graduated_on: date | None = strawberry.field(description="毕业时间.")
    work_category: WorkCategory | None = strawberry.field(description="工作类别.")
    department: Department | None = strawberry.field(description="工作科室.")
    other_department: str | None = strawberry.field(description="其他科室.")
    post: Post | None = strawberry.field(description="职务.")
    other_post: str | None = strawberry.field(description="其他职务.")
    title: Title | None = strawberry.field(description="技术职称.")
    started_work_on: date | None = strawberry.field(description="参加工作时间.")


@strawberry.type
class NurseAsOf:
    """A nurse at the end of a day in Beijing (时点查询), as the register knows it now, or knew it at `knownAt`."""

    as_of: date = strawberry.field(description="The day.")
    registration: RegistrationAsOf | None = strawberry.field(
        description="Her entry in the register; null before the first one that is known."
    )
    registration_unknown_before: date | None = strawberry.field(
        description="The day since which her entry is known; null where no change of it was ever kept."
    )
    record: RecordAsOf | None = strawberry.field(description="Her record; null before the register had one of her.")
    record_unknown_before: date = strawberry.field(description="The day since which her record is known (建档).")
