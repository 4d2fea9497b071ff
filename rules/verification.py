"""Proof of a person: the identity against the register, a phone or mail box by a code (校验码)."""

from __future__ import annotations

from rules.label import Labelled


class IdentityOutcome(Labelled):
    """The outcome of comparing a name and an ID number with the register and the exam library (护士信息验证, N5)."""

    REGISTERED = "REGISTERED", "在册护士"  # on the register: her institution vouches (N9, N10)
    DEREGISTERED = "DEREGISTERED", "注册已注销"  # once on the register: the certificate number is enough (N9c)
    EXAM_PASSED = "EXAM_PASSED", "考试合格，从未注册"  # never registered: the latest exam certificate is enough (N9b)
    NO_MATCH = (
        "NO_MATCH",
        "两库均无此人",
    )  # correct it, or see the notices (N6)
    NAME_MISMATCH = "NAME_MISMATCH", "姓名与记录不一致"  # the ID number is known under another name
    NAME_UNDECIDED = "NAME_UNDECIDED", "姓名待省级核定"  # the library's cannot be read: the province settles it
    MULTIPLE = "MULTIPLE", "有多条不一致的记录"  # more than one record: the province must merge them
    MILITARY_SOURCE = (
        "MILITARY_SOURCE",
        "来自军队或武警",
    )  # only that application is open (N17)
    PRE_2008 = (
        "PRE_2008",
        "2008年5月以前通过考试，从未注册",
    )  # the province registers her first (X6)


class CodePurpose(Labelled):
    """The purpose of a code (校验码)."""

    CONFIRM_CONTACT = "CONFIRM_CONTACT", "验证联系方式"  # N7, N8: this phone or mail box is hers
    CHANGE_CONTACT = "CHANGE_CONTACT", "变更联系方式"  # N12: the old or the new one, where it changes
    FIRST_SIGN_IN = "FIRST_SIGN_IN", "首次登录"  # I3: the reserved phone of an institution
    RECOVERY = "RECOVERY", "找回"  # N22


class Channel(Labelled):
    """The channel by which a person is reached."""

    SMS = "SMS", "手机短信"
    MAIL = "MAIL", "电子邮件"


class RequestKind(Labelled):
    """The kind of a request to a desk."""

    RECOVERY = "RECOVERY", "找回"  # N22: by personal information, when neither channel is verified
    KEY_FACT = "KEY_FACT", "关键信息更正"  # A5: another name or ID number in the register
    VOID = "VOID", "撤销决定"  # a decision is to be undone (行政许可法 69): a second person agrees
    DEREGISTRATION = "DEREGISTRATION", "依职权注销"  # A8, by office (依职权注销): a second person agrees
    MERGE = "MERGE", "合并档案"  # two records of one nurse become one (合并档案): a second person agrees
    UNMERGE = "UNMERGE", "撤销合并档案"  # and two again


class RequestState(Labelled):
    """The state of a request to a desk."""

    PENDING = "PENDING", "待处理"
    APPROVED = "APPROVED", "同意"
    REJECTED = "REJECTED", "驳回"
