"""All that the register holds about a nurse, as she gets it (个人信息查阅、复制, PIPL 45): parts and their terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rules.certificate import CertificateVoidReason
from rules.certificate_blank import SpoilReason
from rules.conduct import ConductKind, ConductSource, ConductState, WithdrawalGround
from rules.decision import DecisionOutcome, DecisionStage
from rules.delivery import DeliveryWay
from rules.departure import DepartureReason
from rules.dispatch import DispatchKind
from rules.hand_out import Collector
from rules.hold import Pause
from rules.identity import DocumentType
from rules.information_change import ChangeState
from rules.interruption import InterruptionReason
from rules.kinds import Kind
from rules.label import Labelled
from rules.look_complaint import ComplaintState
from rules.look_up import Look, LookUpPurpose
from rules.moves import State
from rules.nurse import (
    Degree,
    Department,
    DeregistrationReason,
    Education,
    HealthStatus,
    Post,
    Sex,
    StudyLength,
    Title,
    WorkCategory,
)
from rules.people import AccountState, Party, Role
from rules.photo import PhotoReason, PhotoState, PhotoWarning
from rules.question import QuestionState, QuestionTopic, Said
from rules.reasons import Reason
from rules.registration import RegistrationStatus
from rules.relative import Relation
from rules.suspension import SpanKind
from rules.ticket import FileKind
from rules.verification import Channel, CodePurpose, IdentityOutcome, RequestKind, RequestState

MOST: Final = 10_000
"""So many entries of one part, the newest; hardly anybody has a hundred of any."""
PRINTED: Final = 200
"""So many of them are printed; the data file has all."""

CODES: Final[Mapping[str, type[Labelled]]] = {
    "documentType": DocumentType,
    "sex": Sex,
    "healthStatus": HealthStatus,
    "education": Education,
    "degree": Degree,
    "studyLength": StudyLength,
    "workCategory": WorkCategory,
    "department": Department,
    "post": Post,
    "title": Title,
    "filedBy": Party,
    "lastKind": Kind,
    "status": RegistrationStatus,
    "deregistrationReason": DeregistrationReason,
    "identityOutcome": IdentityOutcome,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One fact: its name in the data file, the term for it, and the list that its codes are of."""

    name: str
    label: str
    codes: type[Labelled] | None


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name in the data file, its title, and its facts."""

    name: str
    title: str
    fields: tuple[Field, ...]


def _part(name: str, title: str, facts: str, **codes: type[Labelled]) -> Part:
    """A part whose facts are written as `name term`, one a comma."""
    known = {**CODES, **codes}
    named = (fact.split() for fact in facts.split(","))
    return Part(name, title, tuple(Field(one, label, known.get(one)) for one, label in named))


_FACTS: Final = (
    "name 姓名, documentType 证件类型, idNumber 证件号码, sex 性别, birthDate 出生日期, ethnicity 民族,"
    "nationality 国籍, phone 手机号码, email 邮箱,"
    "healthStatus 健康状况, examScore 考试成绩, examPassedOn 通过考试日期,"
    "examYear 通过考试年份, examCertificateNumber 考试合格证书编码, examPoolLinked 考试库连带注册, school 毕业学校,"
    "major 所学专业, studyLength 学制, education 学历, otherEducation 其他学历, degree 学位, graduatedOn 毕业时间,"
    "studyHistory 专业学习经历, workCategory 工作类别, department 工作科室, otherDepartment 其他科室, post 职务,"
    "otherPost 其他职务, title 技术职称, startedWorkOn 参加工作时间, workHistory 工作经历, auxiliary 辅助管理信息,"
    "goodRecord 良好记录, badRecord 不良记录, createdAt 建档时间, deliveryConsentAt 同意电子送达时间"
)
_ENTRY: Final = (
    "status 执业状态, certificateNumber 护士执业证书编号,validUntil 有效期至, institution 执业机构, authority 注册机关"
)

PARTS: Final = (
    _part("record", "个人信息", _FACTS),
    _part(
        "registration",
        "执业注册",
        f"{_ENTRY}, unit 科室病区, firstRegisteredOn 首次注册日期, lastKind 最近业务,"
        f"deregistrationReason 注销原因, barUntil 不予注册至",
    ),
    _part("history", "历史沿革", f"at 时间, kind 业务类型, reason 原因, {_ENTRY}", kind=Kind),
    _part(
        "spans",
        "暂停、中断执业与派出",
        "kind 类别, startsOn 开始日期, endsOn 结束日期, decisionNumber 决定文号, reason 原因, cause 中断事由,"
        "institution 登记机构, dispatchKind 派出类别, receiver 接收机构, place 系统外地点, recordedAt 登记时间,"
        "dispute 本人异议, disputedAt 异议时间, answer 异议答复, answeredAt 答复时间, withdrawnAt 撤回时间",
        kind=SpanKind,
        cause=InterruptionReason,
        dispatchKind=DispatchKind,
    ),
    _part(
        "conduct",
        "良好、不良记录",
        "kind 类别, state 状态, source 来源, text 内容, decisionNumber 决定文号, decidedOn 决定日期,"
        "servedOn 送达日期, issuer 作出机关, institution 报送机构, authority 注册机关, createdAt 报送时间,"
        "recordedAt 记录时间, declinedWhy 未采纳理由, statement 本人陈述, statedAt 陈述时间, asked 申请更正,"
        "askedAt 申请时间, answer 更正答复, answeredAt 答复时间, withdrawnAt 撤除时间, withdrawalGround 撤除依据,"
        "withdrawalNumber 撤除文号",
        kind=ConductKind,
        state=ConductState,
        source=ConductSource,
        withdrawalGround=WithdrawalGround,
    ),
    _part(
        "certificates",
        "执业证书",
        "number 证书编号, serial 证书序号, issuedOn 发证日期, authority 发证机关, voidedAt 作废时间,"
        "voidReason 作废原因",
        voidReason=CertificateVoidReason,
    ),
    _part(
        "blanks",
        "空白证书与领证",
        "number 空白证书编号, printedAt 打印时间, spoiledAt 作废时间, spoilReason 作废原因, spoilNote 作废说明,"
        " handedOutAt 领取时间, collector 领取方式,"
        "proxyName 代领人, postalNumber 邮件号",
        collector=Collector,
        spoilReason=SpoilReason,
    ),
    _part(
        "applications",
        "业务申请",
        "id 申请编号, kind 业务类型, state 状态, filedBy 提交方,"
        "institution 执业机构, authority 审批机关, revision 提交次数,"
        "form 申请内容, nurseName 申请时姓名, nurseSex 申请时性别,"
        "nurseBirthDate 申请时出生日期, documentType 申请时证件类型,"
        "idNumberMasked 申请时证件号码,"
        "certificateNumber 申请时证书编号, receiptNumber 受理编号,"
        "createdAt 创建时间, submittedAt 提交时间, forwardedAt 报送时间,"
        "acceptedAt 受理时间, dueOn 法定期限, promisedDueOn 承诺期限, decidedAt 办结时间, extended 已延长期限,"
        "extensionReason 延长理由, extendedAt 延长时间, extendedFrom 延长前期限, extendedUntil 延长后期限,"
        "deemed 视为准予, unconfirmed 未经机构确认,"
        "escalatedAt 直接报送时间, objection 本人异议,"
        "objectionAnswer 异议答复, markedFields 须更正项",
        kind=Kind,
        state=State,
        nurseSex=Sex,
    ),
    _part(
        "revisions",
        "申请各次提交",
        "applicationId 申请编号, revision 第几次, form 申请内容, changedFields 更正项,onRecord 提交时在册信息, at 时间",
    ),
    _part(
        "decisions",
        "审核与决定",
        "applicationId 申请编号, revision 第几次, stage 环节, outcome 结果,"
        "reasons 理由, markedFields 标注项, opinion 意见, at 时间",
        reasons=Reason,
        stage=DecisionStage,
        outcome=DecisionOutcome,
    ),
    _part("preReviews", "预审", "applicationId 申请编号, revision 第几次, confirmed 情况属实, note 说明, at 时间"),
    _part(
        "pauses",
        "计时中止",
        "applicationId 申请编号, kind 事由, reason 说明, expectedDays 预计工作日,"
        "startedAt 开始, endedAt 结束, workingDays 工作日",
        kind=Pause,
    ),
    _part(
        "materials",
        "申请材料",
        "applicationId 申请编号, code 材料代码, fileName 文件名, mediaType 文件类型,"
        "size 字节, uploadedAt 上传时间, removedAt 移除时间",
    ),
    _part("originals", "核验的原件", "applicationId 申请编号, code 材料代码, seenAt 核验时间"),
    _part(
        "materialMarks",
        "须补交的材料",
        "applicationId 申请编号, titleZh 材料, reason 原因, note 说明",
        reason=Reason,
    ),
    _part("claimRejections", "拒绝的认领机构", "applicationId 申请编号, institution 机构, at 时间"),
    _part(
        "collectiveItems",
        "集体申请",
        "applicationId 申请编号, institution 机构, form 填报内容, problems 未受理原因, doneAt 处理时间",
    ),
    _part(
        "deliveries",
        "送达",
        "authority 机关, decidedAt 决定时间, how 送达方式, at 送达时间, postalNumber 邮件号",
        how=DeliveryWay,
    ),
    _part(
        "informationChanges",
        "信息修改",
        "state 状态, filedBy 提交方, asked 申请内容, recorded 原内容, acceptedFields 同意项, markedFields 标注项,"
        "supersededFields 已更新项, opinion 意见, originalsSeen 核验原件, proofFileName 证明材料, objection 本人异议,"
        "objectedAt 异议时间,"
        "createdAt 提交时间, escalatedAt 报送时间, decidedAt 办结时间",
        state=ChangeState,
    ),
    _part(
        "photos",
        "个人相片",
        "state 状态, filedBy 提交方, size 字节数, whiteBorder 近白边缘, cut 已裁剪, warnings 提示, createdAt 上传时间,"
        "queuedAt 提交时间, escalatedAt 报送时间, decidedAt 审核时间, reasons 不同意理由, opinion 意见,"
        "endedAt 停用时间",
        state=PhotoState,
        reasons=PhotoReason,
        warnings=PhotoWarning,
    ),
    _part(
        "recordChanges", "信息变动", "field 项目, before 变动前, after 变动后, validFrom 起效日期, recordedAt 记录时间"
    ),
    _part(
        "departures",
        "离职报告",
        "institution 机构, reason 原因, remarks 备注, leftOn 离职日期,"
        "reportedAt 报告时间, dispute 本人异议, disputedAt 异议时间,"
        "withdrawnAt 撤回时间",
        reason=DepartureReason,
    ),
    _part(
        "requests",
        "更正与找回申请等",
        "kind 类别, state 状态, authority 机关, createdAt 提交时间,"
        "decidedAt 处理时间, reason 说明, content 申请内容,"
        "objectionsUntil 异议截止日期",
        kind=RequestKind,
        state=RequestState,
    ),
    _part("merges", "档案合并", "mergedAt 合并时间, undoneAt 撤销时间"),
    _part(
        "exams",
        "考试库记录",
        "name 姓名, recordedName 原记录姓名, documentType 证件类型,"
        "idNumber 证件号码, examCertificateNumber 考试合格证书编码,"
        "passedOn 通过日期, year 年份, score 成绩, poolLinked 连带注册, sex 性别, birthDate 出生日期, ethnicity 民族,"
        "education 学历, nameSettledAt 姓名确认时间, nameEvidence 姓名确认依据",
    ),
    _part(
        "accounts",
        "账户",
        "userName 用户名, displayName 姓名, state 账户状态,"
        "documentType 证件类型, idNumber 证件号码, phone 手机号码, email 邮箱,"
        "phoneVerifiedAt 手机验证时间, emailVerifiedAt 邮箱验证时间,"
        "contactHeldUntil 联系方式保护至, identityOutcome 身份验证结果,"
        "identityVerified 身份已验证, contactVerified 联系方式已验证, certificateVerified 证书已验证,"
        "corrections 更正次数, createdAt 注册时间, activatedAt 激活时间, lastSignInAt 上次登录时间",
        state=AccountState,
    ),
    _part(
        "activationCodes",
        "激活码",
        "institution 生成机构, authority 生成机关, issuedAt 生成时间, expiresAt 有效期至, usedAt 使用时间,"
        "voidedAt 作废时间",
    ),
    _part(
        "codes",
        "校验码",
        "purpose 用途, channel 方式, createdAt 发送时间, expiresAt 有效期至, burnedAt 使用时间",
        purpose=CodePurpose,
        channel=Channel,
    ),
    _part("sessions", "登录", "createdAt 登录时间, expiresAt 有效期至, revokedAt 退出时间"),
    _part("consents", "隐私政策与同意", "version 版本, sensitive 单独同意, at 时间"),
    _part(
        "relatives", "近亲属查阅", "relation 关系, relativeName 近亲属姓名, authority 机关, at 时间", relation=Relation
    ),
    _part("reminders", "提醒", "what 事项, at 时间"),
    _part(
        "questions",
        "提问",
        "id 提问编号, topic 类别, title 标题, state 状态, authority 转办机关, createdAt 提问时间, dueOn 答复期限,"
        "answeredAt 答复时间, closedAt 关闭时间",
        topic=QuestionTopic,
        state=QuestionState,
    ),
    _part("questionMessages", "提问记录", "questionId 提问编号, said 类别, text 内容, at 时间", said=Said),
    _part(
        "questionFiles",
        "提问附件",
        "questionId 提问编号, fileName 文件名, mediaType 文件类型, size 字节, at 时间, erasedAt 清除时间",
    ),
    _part("announcementsRead", "已读公告", "at 时间"),
    _part("expiries", "到期提醒", "validUntil 有效期至, announced 已提醒的剩余天数, dueOn 下次提醒日期"),
    _part("rosterChecks", "名册核对", "institution 机构, createdAt 核对时间"),
    _part("events", "业务动态", "at 时间, type 事项, body 内容"),
    _part(
        "looks",
        "查阅记录",
        "at 时间, action 行为, purpose 目的, note 说明, place 单位, roles 岗位, file 文件",
        action=Look,
        purpose=LookUpPurpose,
        roles=Role,
        file=FileKind,
    ),
    _part(
        "lookComplaints",
        "查阅投诉",
        "lookedAt 查阅时间, action 行为, purpose 目的, place 单位, roles 岗位, state 状态, words 投诉内容,"
        "createdAt 投诉时间, authority 答复机关, upheld 投诉成立, answer 答复, answeredAt 答复时间",
        action=Look,
        purpose=LookUpPurpose,
        roles=Role,
        state=ComplaintState,
    ),
)
"""The parts in their order; who looked at her is told by place, office, purpose and time, never by name (rights 13)."""
TERMS: Final[Mapping[str, str]] = {one.name: one.label for one in PARTS[0].fields}
"""The terms of the record's facts, also where a change names one."""
UNPRINTED: Final = frozenset({("events", "body")})
"""Facts that are codes for programs, in the data file alone."""
HERS_ALONE: Final = frozenset(
    {
        *("accounts", "activationCodes", "codes", "sessions", "events", "looks", "lookComplaints", "relatives"),
        *("rosterChecks", "questions", "questionMessages", "questionFiles", "announcementsRead"),
    }
)
"""The parts that a near relative of a deceased nurse does not get: they are about an account, or others."""


def parts_for(*, relative: bool) -> Iterator[Part]:
    """The parts for her, or for a near relative."""
    return (part for part in PARTS if not (relative and part.name in HERS_ALONE))
