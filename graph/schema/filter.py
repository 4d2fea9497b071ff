"""Conditions and orders of the lists: `and`, `or`, `not` over comparisons."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Generic, TypeVar

import strawberry

from rules.application import State
from rules.certificate_blank import BlankState
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.label import Labelled
from rules.nurse import AccountStatus, AgeGroup, Department, Education, Post, Sex, Title, WorkCategory
from rules.people import Party
from rules.registration import Expiry, RegistrationStatus, Standing

T = TypeVar("T")
UNSET: Final[object] = strawberry.UNSET


@strawberry.input
class Equal(Generic[T]):
    """A comparison with one value."""

    eq: T | None = strawberry.field(default=UNSET, description="Equal.")


@strawberry.input
class Among(Equal[T]):
    """A comparison with one value or several; all that is given must hold."""

    in_: list[T] | None = strawberry.field(default=UNSET, name="in", description="One of these.")


@strawberry.input
class TextFilter:
    """Compares a text; all that is given must hold."""

    eq: str | None = strawberry.field(default=UNSET, description="Equal.")
    in_: list[str] | None = strawberry.field(default=UNSET, name="in", description="Equal to one of these.")
    starts_with: str | None = strawberry.field(default=UNSET, description="Begins with.")


@strawberry.input
class NumberFilter(Equal[str]):
    """Compares a private number: by equality alone, since only its keyed index is stored in the clear."""


@strawberry.input
class PartFilter:
    """Finds a text by a part of it."""

    contains: str | None = strawberry.field(
        default=UNSET, description="Any part of it; case, width, blanks, brackets and dashes make no difference."
    )


@strawberry.input
class NameFilter(TextFilter):
    """Compares a person's name; all that is given must hold."""

    contains: str | None = strawberry.field(
        default=UNSET,
        description="Any part of it; case, width, blanks, dots and hyphens make no difference.",
    )


@strawberry.input
class CodeFilter(Equal[str]):
    """Compares a code that can be checked: one that cannot be is refused."""


@strawberry.input
class DateFilter:
    """Compares a date; all that is given must hold."""

    eq: date | None = strawberry.field(default=UNSET, description="That day.")
    lt: date | None = strawberry.field(default=UNSET, description="Before.")
    lte: date | None = strawberry.field(default=UNSET, description="Before, or that day.")
    gt: date | None = strawberry.field(default=UNSET, description="After.")
    gte: date | None = strawberry.field(default=UNSET, description="After, or that day.")


@strawberry.input
class StandingFilter(Among[Standing]):
    """Compares 执业状态."""


@strawberry.input
class ExpiryFilter(Among[Expiry]):
    """Compares 到期提示."""


@strawberry.input
class AccountStatusFilter(Among[AccountStatus]):
    """Compares 账户状态."""


@strawberry.input
class PostFilter(Among[Post]):
    """Compares 职务."""


@strawberry.input
class WorkCategoryFilter(Among[WorkCategory]):
    """Compares 工作类别."""


@strawberry.input
class BooleanFilter(Equal[bool]):
    """Yes or no."""


@strawberry.input
class TitleFilter(Among[Title]):
    """Compares 技术职称."""


@strawberry.input
class DepartmentFilter(Among[Department]):
    """Compares 工作科室."""


@strawberry.input
class EducationFilter(Among[Education]):
    """Compares 学历."""


@strawberry.input
class SexFilter(Equal[Sex]):
    """Compares 性别."""


@strawberry.input
class UnitFilter(Among[strawberry.ID]):
    """Compares 科室病区, by global ids."""


@strawberry.input
class NurseWhere:
    """Conditions on the nurses of the roster; all that is given must hold."""

    and_: list[NurseWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[NurseWhere] | None = strawberry.field(default=UNSET, name="or", description="At least one of these.")
    not_: NurseWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    name: NameFilter | None = strawberry.field(
        default=UNSET, description="姓名: by equality, its beginning, or any part."
    )
    id_number: NumberFilter | None = strawberry.field(default=UNSET, description="证件号.")
    certificate_number: TextFilter | None = strawberry.field(default=UNSET, description="护士执业证书编号.")
    valid_until: DateFilter | None = strawberry.field(default=UNSET, description="有效期至.")
    standing: StandingFilter | None = strawberry.field(default=UNSET, description="执业状态 today.")
    expiry: ExpiryFilter | None = strawberry.field(
        default=UNSET,
        description="到期提示 today: EXPIRING and EXPIRED are 本院待延续注册 (I12), EXPIRED is 过期未延续注册 (I13).",
    )
    suspended: BooleanFilter | None = strawberry.field(
        default=UNSET, description="Whether a suspension runs today (暂停执业)."
    )
    account_status: AccountStatusFilter | None = strawberry.field(default=UNSET, description="账户状态.")
    title: TitleFilter | None = strawberry.field(default=UNSET, description="技术职称.")
    post: PostFilter | None = strawberry.field(default=UNSET, description="职务.")
    work_category: WorkCategoryFilter | None = strawberry.field(default=UNSET, description="工作类别.")
    department: DepartmentFilter | None = strawberry.field(default=UNSET, description="工作科室.")
    education: EducationFilter | None = strawberry.field(default=UNSET, description="学历.")
    sex: SexFilter | None = strawberry.field(default=UNSET, description="性别.")
    birth_date: DateFilter | None = strawberry.field(default=UNSET, description="出生日期.")
    unit: UnitFilter | None = strawberry.field(
        default=UNSET, description="科室病区 of your institution, not those below it."
    )
    assigned: BooleanFilter | None = strawberry.field(
        default=UNSET, description="Whether she belongs to a unit of her institution (已分配科室病区)."
    )
    reached: BooleanFilter | None = strawberry.field(
        default=UNSET, description="Whether messages reach her: by an account with a proved phone or mail box."
    )


@strawberry.input
class MomentFilter:
    """Compares a moment; all that is given must hold."""

    lt: datetime | None = strawberry.field(default=UNSET, description="Before.")
    lte: datetime | None = strawberry.field(default=UNSET, description="Before, or that moment.")
    gt: datetime | None = strawberry.field(default=UNSET, description="After.")
    gte: datetime | None = strawberry.field(default=UNSET, description="After, or that moment.")


@strawberry.input
class KindFilter(Among[Kind]):
    """Compares 业务类型."""


@strawberry.input
class StateFilter(Among[State]):
    """Compares where applications stand."""


@strawberry.input
class PartyFilter(Equal[Party]):
    """Compares who filed."""


@strawberry.input
class ApplicationWhere:
    """Conditions on applications; all that is given must hold."""

    and_: list[ApplicationWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[ApplicationWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: ApplicationWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    kind: KindFilter | None = strawberry.field(default=UNSET, description="业务类型.")
    state: StateFilter | None = strawberry.field(
        default=UNSET,
        description="Where they stand: open ones are 正在申办 (I19), decided ones 已完成审批 (I20).",
    )
    filed_by: PartyFilter | None = strawberry.field(
        default=UNSET, description="Who filed: an institution itself (I22), say."
    )
    submitted_at: MomentFilter | None = strawberry.field(default=UNSET, description="申请时间.")
    queued_at: MomentFilter | None = strawberry.field(
        default=UNSET, description="Since when they wait on the desk where they are (等待时间)."
    )
    decided_at: MomentFilter | None = strawberry.field(default=UNSET, description="审批时间.")
    due_on: DateFilter | None = strawberry.field(default=UNSET, description="审批期限.")
    receipt_number: TextFilter | None = strawberry.field(default=UNSET, description="受理编号.")
    nurse_name: NameFilter | None = strawberry.field(
        default=UNSET,
        description="姓名 when filed: by equality or its beginning; by any part on your desk (pendingReviews), and in "
        "`applications` within one institution: your own, or the one named as `within`.",
    )
    id_number: NumberFilter | None = strawberry.field(default=UNSET, description="证件号.")


@strawberry.input
class OwnApplicationWhere:
    """Conditions on one's own applications; all that is given must hold."""

    and_: list[OwnApplicationWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[OwnApplicationWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: OwnApplicationWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    kind: KindFilter | None = strawberry.field(default=UNSET, description="业务类型.")
    state: StateFilter | None = strawberry.field(default=UNSET, description="Where they stand.")
    created_at: MomentFilter | None = strawberry.field(default=UNSET, description="起草时间.")
    decided_at: MomentFilter | None = strawberry.field(default=UNSET, description="审批时间.")


@strawberry.input
class UndecidedNameWhere:
    """Conditions on the names that wait for a province; all that is given must hold."""

    and_: list[UndecidedNameWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[UndecidedNameWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: UndecidedNameWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    name: TextFilter | None = strawberry.field(default=UNSET, description="姓名: by equality or its beginning.")
    province: TextFilter | None = strawberry.field(default=UNSET, description="The first two digits of the number.")
    registered_at: MomentFilter | None = strawberry.field(default=UNSET, description="注册时间.")


@strawberry.input
class BlankStateFilter(Among[BlankState]):
    """Compares 空白证书状态."""


@strawberry.input
class CertificateBlankWhere:
    """Conditions on blank certificates; all that is given must hold."""

    and_: list[CertificateBlankWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[CertificateBlankWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: CertificateBlankWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    number: TextFilter | None = strawberry.field(
        default=UNSET, description="空白证书编号: by equality or its beginning."
    )
    state: BlankStateFilter | None = strawberry.field(default=UNSET, description="空白证书状态: PRINTED is 待领取.")
    certificate_number: TextFilter | None = strawberry.field(
        default=UNSET, description="护士执业证书编号 of what it bears."
    )


@strawberry.input
class InstitutionStateFilter(Among[InstitutionState]):
    """Compares where institutions stand."""


@strawberry.input
class InstitutionWhere:
    """Conditions on institutions; all that is given must hold."""

    and_: list[InstitutionWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[InstitutionWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: InstitutionWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    name: PartFilter | None = strawberry.field(default=UNSET, description="标准名称: by any part of it.")
    code: CodeFilter | None = strawberry.field(default=UNSET, description="统一社会信用代码.")
    division: TextFilter | None = strawberry.field(
        default=UNSET, description="行政区划代码: six digits, or its beginning: 11 is all of Beijing."
    )
    state: InstitutionStateFilter | None = strawberry.field(default=UNSET, description="机构状态.")


@strawberry.enum
class InstitutionOrder(Labelled):
    """One column to order institutions by; rows that are equal in all of them keep the order of their ids."""

    NAME_ASC = "name", "标准名称，顺序"
    NAME_DESC = "-name", "标准名称，倒序"
    CODE_ASC = "code", "统一社会信用代码，从小到大"
    CODE_DESC = "-code", "统一社会信用代码，从大到小"


@strawberry.enum
class ApplicationOrder(Labelled):
    """One column to order applications by; rows that are equal in all of them keep the order of their ids."""

    SUBMITTED_AT_ASC = "submittedAt", "提交时间，从早到晚"
    SUBMITTED_AT_DESC = "-submittedAt", "提交时间，从晚到早"
    DECIDED_AT_ASC = "decidedAt", "办结时间，从早到晚；未办结的按最近一次办理"
    DECIDED_AT_DESC = "-decidedAt", "办结时间，从晚到早；未办结的按最近一次办理"


@strawberry.enum
class PendingReviewOrder(Labelled):
    """One column to order a desk by; rows that are equal in all of them keep the order of their ids."""

    QUEUED_AT_ASC = "queuedAt", "等待时间，从长到短"
    QUEUED_AT_DESC = "-queuedAt", "等待时间，从短到长"
    SUBMITTED_AT_ASC = "submittedAt", "提交时间，从早到晚"
    SUBMITTED_AT_DESC = "-submittedAt", "提交时间，从晚到早"


@strawberry.enum
class OwnApplicationOrder(Labelled):
    """One column to order one's own applications by; equal rows keep the order of their ids."""

    CREATED_AT_ASC = "createdAt", "起草时间，从早到晚"
    CREATED_AT_DESC = "-createdAt", "起草时间，从晚到早"
    DECIDED_AT_ASC = "decidedAt", "办结时间，从早到晚；未办结的按最近一次办理"
    DECIDED_AT_DESC = "-decidedAt", "办结时间，从晚到早；未办结的按最近一次办理"


@strawberry.enum
class NurseOrder(Labelled):
    """One column to order the roster by; rows that are equal in all of them keep the order of their ids."""

    VALID_UNTIL_ASC = "validUntil", "有效期至，从近到远"
    VALID_UNTIL_DESC = "-validUntil", "有效期至，从远到近"
    NAME_ASC = "nameOrder", "姓名，按拼音顺序"
    NAME_DESC = "-nameOrder", "姓名，按拼音倒序"
    CERTIFICATE_NUMBER_ASC = "certificateNumber", "执业证书编号，从小到大"
    CERTIFICATE_NUMBER_DESC = "-certificateNumber", "执业证书编号，从大到小"


@strawberry.enum
class NurseGroup(Labelled):
    """The columns by which nurses can be counted."""

    EDUCATION = "education", "学历"
    TITLE = "title", "技术职称"
    DEPARTMENT = "department", "工作科室"
    SEX = "sex", "性别"
    STATUS = "status", "注册状态"
    AGE_GROUP = "ageGroup", "年龄段"
    STANDING = "standing", "执业状态"
    EXPIRY = "expiry", "到期提示"
    ACCOUNT_STATUS = "accountStatus", "账户状态"
    POST = "post", "职务"
    WORK_CATEGORY = "workCategory", "工作类别"


@strawberry.type
class NurseCount:
    """One group of nurses; null where they were not grouped by it."""

    education: Education | None = strawberry.field(description="学历.")
    title: Title | None = strawberry.field(description="技术职称.")
    department: Department | None = strawberry.field(description="工作科室.")
    sex: Sex | None = strawberry.field(description="性别.")
    status: RegistrationStatus | None = strawberry.field(description="As stored: it does not change with time.")
    age_group: AgeGroup | None = strawberry.field(description="年龄段 today.")
    standing: Standing | None = strawberry.field(description="执业状态 today.")
    expiry: Expiry | None = strawberry.field(description="到期提示 today.")
    account_status: AccountStatus | None = strawberry.field(description="账户状态.")
    post: Post | None = strawberry.field(description="职务.")
    work_category: WorkCategory | None = strawberry.field(description="工作类别.")
    count: int = strawberry.field(description="How many.")
