"""Messages to people by mail and by text message (通知), and the time for which sending is tried."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.label import Labelled
from rules.privacy import hidden_characters, mask_email, mask_phone
from rules.verification import Channel


class Template(Labelled):
    """The template of a message; its texts are in notify/texts.py."""

    CONTACT_CODE = "CONTACT_CODE", "校验码"
    FIRST_SIGN_IN_CODE = "FIRST_SIGN_IN_CODE", "首次登录校验码"
    RECOVERY_CODE = "RECOVERY_CODE", "找回校验码"
    ACTIVATION_CODE = "ACTIVATION_CODE", "激活码"
    INITIAL_CREDENTIALS = "INITIAL_CREDENTIALS", "初始用户名和密码"
    INVITATION = "INVITATION", "邀请"
    CONTACT_CHANGED = "CONTACT_CHANGED", "联系方式已变更"
    PASSWORD_CHANGED = "PASSWORD_CHANGED", "密码已变更"
    ACCOUNT_REVOKED = "ACCOUNT_REVOKED", "账号已撤销"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED", "账户已注销"
    IDENTITY_REQUEST_DECIDED = "IDENTITY_REQUEST_DECIDED", "申请已处理"
    ACCOUNT_ACTIVATED = "ACCOUNT_ACTIVATED", "账户已激活"
    REGISTERED_AGAIN = "REGISTERED_AGAIN", "证件号码被再次注册"
    LAPSE_REMINDER = "LAPSE_REMINDER", "逾期失效提醒"
    PERIOD_EXTENDED = "PERIOD_EXTENDED", "审批期限延长"
    INSTITUTION_CLOSED = "INSTITUTION_CLOSED", "执业机构已关闭"
    INSTITUTION_MERGED = "INSTITUTION_MERGED", "执业机构已合并"
    APPLICATION_FILED = "APPLICATION_FILED", "他人代为提交申请"
    APPLICATION_RETURNED = "APPLICATION_RETURNED", "申请已退回"
    APPLICATION_CORRECTION = "APPLICATION_CORRECTION", "申请须补正"
    APPLICATION_CLAIMED = "APPLICATION_CLAIMED", "申请已被认领"
    APPLICATION_TRANSFERRED = "APPLICATION_TRANSFERRED", "申请已转办"
    APPLICATION_DECIDED = "APPLICATION_DECIDED", "申请已有办理结果或答复"
    APPLICATION_ENDED = "APPLICATION_ENDED", "申请已终止"
    INFORMATION_REVIEWED = "INFORMATION_REVIEWED", "信息修改已有结果"
    INFORMATION_EDITED = "INFORMATION_EDITED", "机构修改在册信息"
    INFORMATION_ANNOUNCED = "INFORMATION_ANNOUNCED", "机构拟修改在册信息"
    PHOTO_REVIEWED = "PHOTO_REVIEWED", "相片审核已有结果"
    PHOTO_ENTERED = "PHOTO_ENTERED", "机构上传相片"
    LOOK_ANSWERED = "LOOK_ANSWERED", "查阅投诉已有答复"
    DEPARTURE_REPORTED = "DEPARTURE_REPORTED", "离职报告已提交"
    REGISTRATION_CHANGED = "REGISTRATION_CHANGED", "执业注册有变动"
    MERGE_PROPOSED = "MERGE_PROPOSED", "拟合并档案"
    UNMERGE_PROPOSED = "UNMERGE_PROPOSED", "拟撤销合并档案"
    MANAGER_REPLACED = "MANAGER_REPLACED", "机构管理员已变更"
    PLACE_UNATTENDED = "PLACE_UNATTENDED", "岗位空缺"
    HELP_CODE = "HELP_CODE", "客服查询码"
    QUESTION_ANSWERED = "QUESTION_ANSWERED", "提问已答复"
    QUESTION_GUEST_ANSWERED = "QUESTION_GUEST_ANSWERED", "提问已答复（未注册人员）"
    REGISTRATION_EXPIRING = "REGISTRATION_EXPIRING", "注册即将届满"
    REGISTRATION_EXPIRED = "REGISTRATION_EXPIRED", "注册已届满"
    RENEWAL_WAITS = "RENEWAL_WAITS", "延续申请待机构审核"
    WORK_WAITS = "WORK_WAITS", "待办事项提醒"
    WEEKLY_SUMMARY = "WEEKLY_SUMMARY", "每周工作提示"


VALUES: Final[Mapping[Template, frozenset[str]]] = {
    Template.CONTACT_CODE: frozenset({"code", "minutes"}),
    Template.FIRST_SIGN_IN_CODE: frozenset({"code", "minutes"}),
    Template.RECOVERY_CODE: frozenset({"code", "minutes", "userName"}),
    Template.ACTIVATION_CODE: frozenset({"code", "institution", "days"}),
    Template.INITIAL_CREDENTIALS: frozenset({"userName", "password", "institution"}),
    Template.INVITATION: frozenset({"userName", "password", "party"}),
    Template.CONTACT_CHANGED: frozenset({"masked"}),
    Template.PASSWORD_CHANGED: frozenset(),
    Template.ACCOUNT_REVOKED: frozenset({"reason"}),
    Template.ACCOUNT_CLOSED: frozenset(),
    Template.IDENTITY_REQUEST_DECIDED: frozenset({"outcome"}),
    Template.ACCOUNT_ACTIVATED: frozenset(),
    Template.REGISTERED_AGAIN: frozenset(),
    Template.LAPSE_REMINDER: frozenset({"business", "days", "until"}),
    Template.PERIOD_EXTENDED: frozenset({"business", "reason", "until"}),
    Template.INSTITUTION_CLOSED: frozenset({"institution"}),
    Template.INSTITUTION_MERGED: frozenset({"institution", "into"}),
    Template.APPLICATION_FILED: frozenset({"business"}),
    Template.APPLICATION_RETURNED: frozenset({"business"}),
    Template.APPLICATION_CORRECTION: frozenset({"business"}),
    Template.APPLICATION_CLAIMED: frozenset({"business"}),
    Template.APPLICATION_TRANSFERRED: frozenset({"business"}),
    Template.APPLICATION_DECIDED: frozenset({"business"}),
    Template.APPLICATION_ENDED: frozenset({"business"}),
    Template.INFORMATION_REVIEWED: frozenset(),
    Template.INFORMATION_EDITED: frozenset(),
    Template.INFORMATION_ANNOUNCED: frozenset(),
    Template.PHOTO_REVIEWED: frozenset(),
    Template.PHOTO_ENTERED: frozenset(),
    Template.LOOK_ANSWERED: frozenset(),
    Template.DEPARTURE_REPORTED: frozenset(),
    Template.REGISTRATION_CHANGED: frozenset(),
    Template.MERGE_PROPOSED: frozenset(),
    Template.UNMERGE_PROPOSED: frozenset(),
    Template.MANAGER_REPLACED: frozenset({"institution", "authority"}),
    Template.PLACE_UNATTENDED: frozenset({"place", "roles"}),
    Template.HELP_CODE: frozenset({"code", "minutes"}),
    Template.QUESTION_ANSWERED: frozenset(),
    Template.QUESTION_GUEST_ANSWERED: frozenset({"link"}),
    Template.REGISTRATION_EXPIRING: frozenset({"daysLeft", "validUntil", "filingFrom", "legalLine"}),
    Template.REGISTRATION_EXPIRED: frozenset({"validUntil"}),
    Template.RENEWAL_WAITS: frozenset({"place", "days", "filingFrom", "legalLine", "validUntil"}),
    Template.WORK_WAITS: frozenset({"place", "proposals", "holds", "bars"}),
    Template.WEEKLY_SUMMARY: frozenset(
        {"place", "waiting", "expiring", "expired", "suspended", "proposals", "holds", "bars"}
    ),
}
"""The values that each text is filled in with, no more and no less."""

BULK: Final = frozenset(
    {Template.REGISTRATION_EXPIRING, Template.REGISTRATION_EXPIRED, Template.RENEWAL_WAITS, Template.WEEKLY_SUMMARY}
)
"""Messages that go to many at once: whoever waits for a code goes before them, however long they have stood."""

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
MOST_TRIES: Final = 33
"""5, 10, 20 … seconds, then every hour: about a day in all."""

LONGEST_ADDRESS: Final = 254
_WORD: Final = r"[^\s@<>(),;:.\\\"\[\]]+"
_ADDRESS: Final = re.compile(rf"(?:{_WORD}(?:\.{_WORD})*|\"[^\"\\]+\")@{_WORD}(?:\.{_WORD})*")
_PHONE: Final = re.compile(r"\+?[0-9]{5,20}")
_NO_RECIPIENT: Final = Words(
    "无法向该手机号码或邮箱发送，请核对", "Nothing can be sent to this phone number or mail address; check it."
)


def require_recipient(channel: Channel, to: str) -> None:
    """Refuse whatever is not exactly one mail address or one phone number; raises Invalid."""
    shape = _PHONE if channel is Channel.SMS else _ADDRESS
    if len(to) > LONGEST_ADDRESS or hidden_characters(to) or not shape.fullmatch(to):
        raise Invalid(FieldProblem("to", "NO_RECIPIENT", _NO_RECIPIENT))


def mask_recipient(channel: Channel, to: str) -> str:
    """The recipient of a message, masked for display."""
    return mask_phone(to) if channel is Channel.SMS else mask_email(to)


def pause_after(tries: int, chance: float) -> timedelta | None:
    """The pause after so many failed tries, or None to give up.

    `chance`, between 0 and 1, spreads the messages that failed together over half of the pause.
    """
    if tries >= MOST_TRIES:
        return None
    pause: timedelta = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
    return pause * (0.75 + chance / 2)
