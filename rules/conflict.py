"""The situations in which another request was first, each with its code and the words people read."""

from __future__ import annotations

from rules.label import Labelled


class Situation(Labelled):
    """The situation in which another request was first, with its sentence in Chinese and in English."""

    VERSION_STALE = "VERSION_STALE", "内容已更新，请刷新后再试", "This has changed since you read it; read it again."
    HELD_BY_ANOTHER = "HELD_BY_ANOTHER", "该业务正由他人办理", "A colleague holds this application."
    APPLICATION_OPEN = "APPLICATION_OPEN", "已有业务正在办理", "Another application of this nurse is open."
    REQUEST_PENDING = (
        *("REQUEST_PENDING", "已有待处理的更正申请"),
        "A request to correct this nurse's record is being dealt with.",
    )
    REQUEST_DECIDED = "REQUEST_DECIDED", "该申请已处理", "This request was decided already."
    LOOK_COMPLAINED = "LOOK_COMPLAINED", "您已就此次查阅投诉", "You have complained about this look already."
    PROPOSAL_PENDING = (
        *("PROPOSAL_PENDING", "该护士已有待确认的同类提议"),
        "Such a proposal about this nurse waits to be confirmed already.",
    )
    PROPOSAL_DECIDED = "PROPOSAL_DECIDED", "该提议已处理", "A colleague has decided this proposal."
    DEPUTYSHIP_ENDED = "DEPUTYSHIP_ENDED", "该代理已经结束", "This deputyship is over already."
    ACCOUNT_CHANGED = (
        *("ACCOUNT_CHANGED", "账户已发生变化，请重新登录"),
        "The account has changed meanwhile: sign in again.",
    )
    PASSWORD_CHANGED = (
        *("PASSWORD_CHANGED", "密码刚在别处变更，请重新登录"),
        "The password was just changed elsewhere; sign in again.",
    )
    PHONE_TAKEN = (
        *("PHONE_TAKEN", "该手机号已用于其他账户，请更换"),
        "This phone is in use by another account; choose another.",
    )
    EMAIL_TAKEN = (
        *("EMAIL_TAKEN", "该邮箱已用于其他账户，请更换"),
        "This mail box is another account's; choose another.",
    )
    ID_NUMBER_TAKEN = (
        *("ID_NUMBER_TAKEN", "该证件号码已属于另一名护士的档案，须先合并档案"),
        "Another nurse's record has this ID number: the records must be merged first.",
    )
    NURSE_HAS_ACCOUNT = "NURSE_HAS_ACCOUNT", "该护士已有账户", "This nurse has an account already."
    ALREADY_ON_REGISTER = (
        *("ALREADY_ON_REGISTER", "该证件号码的护士已在注册信息中"),
        "The register has a nurse of this document already.",
    )
    REGISTERED_MEANWHILE = (
        *("REGISTERED_MEANWHILE", "该护士已在注册信息中，请重新进行护士信息验证"),
        "She is on the register meanwhile: verify the identity again.",
    )
    INSTITUTION_CHANGING = (
        *("INSTITUTION_CHANGING", "该机构正在变更，请稍后再试"),
        "That institution is just being changed: try again.",
    )
    IDEMPOTENCY_KEY_REUSED = (
        *("IDEMPOTENCY_KEY_REUSED", "该幂等键已用于另一请求"),
        "This idempotency key was used for another input; take a new key for a new request.",
    )
