"""Nurses as clients see them: the record of section D, private numbers masked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.link import link, links
from graph.schema.node import Node
from graph.schema.place import Authority, Institution
from rules.certificate import CertificateState, CertificateVoidReason
from rules.dispatch import DispatchKind
from rules.identity import DocumentType
from rules.interruption import InterruptionReason
from rules.kinds import Kind
from rules.nurse import (
    AccountStatus,
    AgeGroup,
    Degree,
    Department,
    Education,
    HealthStatus,
    Post,
    Sex,
    StudyLength,
    Title,
    WorkCategory,
)
from rules.registration import DeregistrationReason, Expiry, RegistrationStatus, Standing
from rules.suspension import SpanKind

for listed in (DocumentType, Degree, Department, Education, HealthStatus, Post, Sex, StudyLength, Title, WorkCategory):
    strawberry.enum(listed)
for counted in (AccountStatus, AgeGroup, Expiry, RegistrationStatus):
    strawberry.enum(counted)
strawberry.enum(CertificateState)
strawberry.enum(CertificateVoidReason)
strawberry.enum(DeregistrationReason)
strawberry.enum(InterruptionReason)
strawberry.enum(DispatchKind)
strawberry.enum(SpanKind, name="RegistrationSpanKind")


@strawberry.type
class RegistrationHistory(Node):
    """One change of a registration (历史沿革): how it stood from then on, and by which application."""

    at: datetime = strawberry.field(description="When it changed.")
    kind: Kind | None = strawberry.field(description="业务类型 that changed it.")
    reason: str | None = strawberry.field(description="Why, where it was not an application.")
    status: RegistrationStatus = strawberry.field(description="执业状态 from then on.")
    certificate_number: str | None = strawberry.field(description="护士执业证书编号 from then on.")
    valid_until: date | None = strawberry.field(description="有效期至 from then on, inclusive.")
    application_id: strawberry.Private[UUID | None]
    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    application = link(
        "graph.schema.application.Application",
        "application_id",
        "The application that changed it, where you may read it.",
    )
    institution = link(Institution, "institution_id", "执业机构 from then on.")
    authority = link(Authority, "authority_id", "注册机关 from then on.")


@strawberry.type
class RegistrationSpan:
    """Some days of a registration: a suspension, an interruption, a dispatch (暂停执业, 中断执业, 支援)."""

    kind: SpanKind = strawberry.field(description="What they were.")
    starts_on: date = strawberry.field(description="The first day.")
    ends_on: date | None = strawberry.field(description="The last day, inclusive; null while nobody knows it.")
    decision_number: str | None = strawberry.field(description="决定书文号, of a suspension.")
    reason: str | None = strawberry.field(description="事由, of a suspension.")
    interruption_reason: InterruptionReason | None = strawberry.field(
        description="中断事由, of an interruption, where it was given."
    )
    dispatch_kind: DispatchKind | None = strawberry.field(description="派出类别, of a dispatch.")
    place: str | None = strawberry.field(description="系统外地点, of a dispatch to no institution of the register.")
    to_institution_id: strawberry.Private[UUID | None]
    to_institution = link(Institution, "to_institution_id", "接收机构, of a dispatch.")


@strawberry.type
class Certificate:
    """One certificate of a nurse (护士执业证书): a number, and the serial by which one print is told from another."""

    number: str = strawberry.field(
        description="护士执业证书编号: a re-issue keeps it, a re-registration brings another."
    )
    serial: str = strawberry.field(description="证书序号.")
    state: CertificateState = strawberry.field(description="证书状态: CURRENT is the one that is in force.")
    issued_on: date = strawberry.field(description="发证日期.")
    voided_at: datetime | None = strawberry.field(description="作废时间; null while it is in force.")
    void_reason: CertificateVoidReason | None = strawberry.field(
        description="作废原因: renewals and changes void no certificate; null while it is in force."
    )
    authority_id: strawberry.Private[UUID]
    application_id: strawberry.Private[UUID | None]
    authority = link(Authority, "authority_id", "发证机关.")
    application = link(
        "graph.schema.application.Application",
        "application_id",
        "The application by which it was issued, where you may read it; null of those issued before the system.",
    )


@strawberry.type
class Registration(Node):
    """A nurse's entry in the register (执业注册)."""

    status: RegistrationStatus = strawberry.field(description="What is stored; see `standing` for what it means today.")
    standing: Standing = strawberry.field(
        description="执业状态 today in one word: of a suspended nurse SUSPENDED, until she expires; see `expiry`."
    )
    expiry: Expiry = strawberry.field(
        description="到期提示 today, whether suspended or not: EXPIRING is shown blue, EXPIRED red (I10, I12)."
    )
    suspended: bool = strawberry.field(description="Whether a suspension runs today (暂停执业).")
    may_practise: bool = strawberry.field(
        description="Whether she may work as a nurse today; also on a renewal that the law grants (许可法 50)."
    )
    disputed: bool = strawberry.field(
        description="Whether she has objected to an undecided deregistration (异议): shown as disputed, not red."
    )
    certificate_number: str | None = strawberry.field(description="护士执业证书编号.")
    first_registration: bool | None = strawberry.field(
        description="是否首次注册: whether the entry goes back to her first registration, as she was never registered "
        "again (重新注册); null where she was never registered."
    )
    certificate_serial: str | None = strawberry.field(
        description="证书序号 of her certificate in force, a new one with each print; null where none is in force."
    )
    first_registered_on: date | None = strawberry.field(description="首次注册日期.")
    valid_until: date | None = strawberry.field(description="注册有效期至, inclusive.")
    last_kind: Kind | None = strawberry.field(description="业务类型 of the last change.")
    deregistration_reason: DeregistrationReason | None = strawberry.field(description="注销理由.")
    bar_until: date | None = strawberry.field(description="The last day on which she may not apply again.")
    version: int = strawberry.field(description="Rises with every change.")
    key: strawberry.Private[UUID]
    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    institution = link(Institution, "institution_id", "执业机构: where she practises now.")
    blank_id: strawberry.Private[UUID | None]
    unit_id: strawberry.Private[UUID | None]
    unit = link(
        "graph.schema.unit.Unit", "unit_id", "科室病区 of her institution, for herself and for those who work there."
    )
    authority = link(Authority, "authority_id", "注册机关.")
    certificate_blank = link(
        "graph.schema.certificate_blank.CertificateBlank",
        "blank_id",
        "The blank that bears the certificate in force (空白证书编号), for officers of the authority that keeps it and "
        "of those above; null where none is recorded.",
    )
    history = links(RegistrationHistory, "key", "历史沿革, newest first.")
    spans = links(
        RegistrationSpan,
        "key",
        "Suspensions, dispatches and interruptions (暂停执业、派出、中断执业, I23), the newest first; an interruption "
        "shows to herself, to the institution that recorded it and to her 注册机关 only.",
    )
    certificates = links(Certificate, "key", "Her certificates (护士执业证书), void ones too, the newest first.")


@strawberry.type
class Nurse(Node):
    """A nurse and her whole record (执业信息, N11)."""

    name: str = strawberry.field(description="姓名.")
    document_type: DocumentType = strawberry.field(description="证件类型.")
    id_number_masked: str = strawberry.field(description="证件号, as 110***********56.")
    phone_masked: str | None = strawberry.field(description="手机号, as 155****6058.")
    email_masked: str | None = strawberry.field(description="邮箱, masked.")
    sex: Sex = strawberry.field(description="性别.")
    birth_date: date = strawberry.field(description="出生日期.")
    age: int = strawberry.field(description="年龄 today, in whole years.")
    ethnicity: str = strawberry.field(description="民族.")
    nationality: str = strawberry.field(description="国籍.")
    health_status: HealthStatus = strawberry.field(description="健康状况.")
    exam_score: str | None = strawberry.field(description="考试成绩.")
    exam_passed_on: date | None = strawberry.field(description="通过护士执业资格考试日期, where the day is known.")
    exam_year: int | None = strawberry.field(description="通过护士执业资格考试年份.")
    exam_certificate_number: str | None = strawberry.field(description="考试合格证书编码.")
    exam_pool_linked: bool = strawberry.field(description="是否考试库连带注册.")
    school: str | None = strawberry.field(description="毕业学校.")
    major: str | None = strawberry.field(description="所学专业.")
    study_length: StudyLength | None = strawberry.field(description="学制.")
    education: Education = strawberry.field(description="学历.")
    other_education: str | None = strawberry.field(description="其他学历: which one, where education is OTHER.")
    degree: Degree = strawberry.field(description="学位.")
    graduated_on: date | None = strawberry.field(description="毕业时间.")
    study_history: str | None = strawberry.field(description="专业学习经历.")
    work_category: WorkCategory | None = strawberry.field(description="工作类别.")
    department: Department | None = strawberry.field(description="工作科室.")
    other_department: str | None = strawberry.field(description="其他科室: which one, where department is OTHER.")
    post: Post | None = strawberry.field(description="职务.")
    other_post: str | None = strawberry.field(description="其他职务: which one, where post is OTHER.")
    title: Title | None = strawberry.field(description="技术职称.")
    started_work_on: date | None = strawberry.field(description="参加工作时间.")
    work_history: str | None = strawberry.field(description="工作经历.")
    auxiliary: str | None = strawberry.field(description="辅助管理信息.")
    good_record: str | None = strawberry.field(description="良好记录.")
    bad_record: str | None = strawberry.field(description="不良记录.")
    delivery_consent_at: datetime | None = strawberry.field(
        description="Since when she consents to electronic delivery (电子送达); null: decisions reach her on paper."
    )
    account_status: AccountStatus = strawberry.field(
        description="账户状态: whether she has an account, and an active one."
    )
    disputed_fields: list[str] = strawberry.field(
        description="The fields of which she objects to an edit of her institution (有异议): until her 注册机关 "
        "decides they show the old value."
    )
    key: strawberry.Private[UUID]
    feed_place: strawberry.Private[str | None]
    photo_key: strawberry.Private[UUID | None]
    pending_photo_key: strawberry.Private[UUID | None]
    photo = link("graph.schema.photo.Photo", "photo_key", "个人相片 on record, where you may see it.")
    pending_photo = link("graph.schema.photo.Photo", "pending_photo_key", "The photo that waits for its review.")
    registration = link(Registration, "key", "Her entry in the register.")
    applications = links(
        "graph.schema.application.Application",
        "key",
        "Her applications that you may read, newest first (业务查询, N19).",
        of="NurseApplication",
    )

    @strawberry.field
    def feed_cursor(self, info: Info) -> str | None:
        """The place of your own feed when this was read: follow it `after` this, and no event falls between."""
        return info.context.cursor_at(self.feed_place)
