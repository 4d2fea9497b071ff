"""The answer of a verification of a registration (护士执业信息验证, I11)."""

from __future__ import annotations

from datetime import date

import strawberry

from rules.identity import DocumentType
from rules.nurse import Department, Sex, Title, WorkCategory
from rules.nurse_verification import VerifiedPlace
from rules.registration import Standing

strawberry.enum(VerifiedPlace)


@strawberry.type
class NurseVerification:
    """A nurse's registration, for whoever may verify anybody's (护士执业信息验证, I11): no photo, no reason of a 注销,
    nothing of her past.
    """

    name: str = strawberry.field(description="姓名.")
    document_type: DocumentType | None = strawberry.field(
        description="证件类型; null where you asked by her certificate."
    )
    id_number_masked: str | None = strawberry.field(
        description="证件号, masked; null where you asked by her certificate."
    )
    sex: Sex = strawberry.field(description="性别.")
    birth_date: date | None = strawberry.field(description="出生日期; null where you asked by her certificate.")
    birth_year: int = strawberry.field(description="出生年份.")
    standing: Standing = strawberry.field(
        description="执业状态 today; of one who was taken off the register DEREGISTERED (注销), whatever the reason."
    )
    may_practise: bool = strawberry.field(description="Whether she may work as a nurse today.")
    certificate_number: str | None = strawberry.field(description="护士执业证书编号.")
    valid_until: date | None = strawberry.field(description="注册有效期至, inclusive.")
    institution_name: str | None = strawberry.field(
        description="执业机构 by its standard name (标准名称): compare it with yours, where she works with you and is "
        "not on your roster (X4)."
    )
    institution_code: str | None = strawberry.field(description="统一社会信用代码 of that institution.")
    place: VerifiedPlace | None = strawberry.field(
        description="That institution beside yours (执业机构比对); null for an authority."
    )
    authority_name: str | None = strawberry.field(description="注册机关.")
    title: Title | None = strawberry.field(description="技术职称.")
    department: Department | None = strawberry.field(description="工作科室.")
    other_department: str | None = strawberry.field(description="其他科室: which one, where department is OTHER.")
    work_category: WorkCategory | None = strawberry.field(description="工作类别.")
    exam_pool_linked: bool = strawberry.field(description="是否考试库连带注册.")
