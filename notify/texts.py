"""The texts of messages (短信和邮件文本), in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notify.notices import NOTICES
from notify.reminder_texts import REMINDERS
from notify.staff_texts import STAFF
from rules.errors import Words
from rules.message import Template
from rules.privacy import hidden_characters

SIGNATURE: Final = Words("护士电子化注册信息系统", "National nurse register")


@dataclass(frozen=True, slots=True)
class Text:
    """A subject, which never holds a value, and a body."""

    subject: Words
    body: Words

    @property
    def sms(self) -> str:
        """The text message: Chinese, in one paragraph, with the sender in front as the carriers want it."""
        return f"【{SIGNATURE.zh}】{' '.join(self.body.zh.split())}"

    @property
    def mail(self) -> str:
        """The mail's body: Chinese first, English below."""
        return f"{self.body.zh}\n\n{SIGNATURE.zh}\n\n----\n\n{self.body.en}\n\n{SIGNATURE.en}\n"


def text_of(template: Template, values: Mapping[str, str]) -> Text:
    """The template with its values, which lose whatever is not to be seen."""
    clean = {name: _clean(value) for name, value in values.items()}
    subject, body = _TEXTS[template]
    return Text(subject, Words(body.zh.format_map(clean), body.en.format_map(clean)))


def _clean(value: str) -> str:
    return "".join(character for character in value if not hidden_characters(character, allowed="\n"))


_CODE: Final = Words(
    "您的校验码是 {code}，{minutes} 分钟内有效，仅可使用一次。请勿告诉任何人，工作人员不会向您索取。",
    "Your code is {code}. It is good for {minutes} minutes and for one use. Tell nobody: our staff never ask for it.",
)

_TEXTS: Final[Mapping[Template, tuple[Words, Words]]] = {
    Template.CONTACT_CODE: (Words("联系方式校验码", "Your code to confirm this contact"), _CODE),
    Template.FIRST_SIGN_IN_CODE: (Words("首次登录校验码", "Your code for the first sign-in"), _CODE),
    Template.RECOVERY_CODE: (
        Words("账户找回校验码", "Your code to recover your account"),
        Words(f"您的用户名是 {{userName}}。{_CODE.zh}", f"Your user name is {{userName}}. {_CODE.en}"),
    ),
    Template.ACTIVATION_CODE: (
        Words("护士账户激活码", "Your activation code"),
        Words(
            "{institution}已为您生成账户激活码：{code}，{days} 天内有效，仅可使用一次。"
            "请登录后在“护士账户激活第三步”中填写。",
            "{institution} has issued your activation code: {code}. It is good for {days} days and for one use. "
            "Sign in and enter it as the third step of the activation.",
        ),
    ),
    Template.CONTACT_CHANGED: (
        Words("联系方式已变更", "Your contact was changed"),
        Words(
            "您账户的联系方式已变更为 {masked}。如非本人操作，请立即找回账户并联系客服。",
            "The contact of your account is now {masked}. If that was not you, recover your account and tell the help "
            "desk at once.",
        ),
    ),
    Template.PASSWORD_CHANGED: (
        Words("登录密码已变更", "Your password was changed"),
        Words(
            "您账户的登录密码已变更，其他登录均已退出。如非本人操作，请立即找回账户并联系客服。",
            "The password of your account was changed and all other sessions were ended. If that was not you, recover "
            "your account and tell the help desk at once.",
        ),
    ),
    Template.ACCOUNT_REVOKED: (
        Words("账号已撤销", "Your account was revoked"),
        Words(
            "您的账号已被撤销，原因：{reason}。您可以重新注册。",
            "Your account was revoked. Reason: {reason}. You may register again.",
        ),
    ),
    Template.ACCOUNT_CLOSED: (
        Words("账户已注销", "Your account was closed"),
        Words(
            "您的账户已按您的申请注销，所有登录均已退出，执业注册不受影响。如非本人操作，请立即重新注册"
            "账户并联系客服。",
            "Your account was closed as you asked, and all sessions were ended; your registration stays as it is. If "
            "that was not you, register an account again and tell the help desk at once.",
        ),
    ),
    Template.IDENTITY_REQUEST_DECIDED: (
        Words("您的申请已处理", "Your request was decided"),
        Words("您提交的身份信息申请已处理：{outcome}。", "Your request about your identity was decided: {outcome}."),
    ),
    Template.ACCOUNT_ACTIVATED: (
        Words("账户已激活", "Your account is active"),
        Words(
            "您的护士账户已激活，现在可以登录办理业务。",
            "Your account is active: sign in to see your record and to file applications.",
        ),
    ),
    Template.REGISTERED_AGAIN: (
        Words("有人使用您的证件号码注册", "Somebody registered with your ID number"),
        Words(
            "有人使用您的证件号码申请注册账户，您现有的账户不受影响。如是您本人操作，请使用“找回”登录原账户；"
            "如非本人操作，请妥善保管证件和密码。",
            "Somebody has asked for an account with your ID number; your account is not affected. If it was you, use "
            "recovery to sign in to the account you have; if it was not, take care of your documents and password.",
        ),
    ),
    Template.LAPSE_REMINDER: (
        Words("您的业务申请即将失效", "Your application is about to lapse"),
        Words(
            "您的“{business}”申请久无进展，{until} 后（还有 {days} 天）仍未办理的，自动失效。请登录系统查看。",
            "Nothing has happened to your application ({business}) for some time. It lapses in {days} days, after "
            "{until}, unless you act. Sign in to see what it waits for.",
        ),
    ),
    Template.PERIOD_EXTENDED: (
        Words("审批期限已延长", "The period for the decision was extended"),
        Words(
            "您的“{business}”申请的审批期限已延长至 {until}，理由：{reason}。",
            "The decision on your application ({business}) is now due by {until}. Reason: {reason}.",
        ),
    ),
    Template.INSTITUTION_CLOSED: (
        Words("您的执业机构已关闭", "Your institution was closed"),
        Words(
            "您的执业机构{institution}已关闭，您目前没有执业机构。您的注册仍然有效，请在新的执业机构办理变更注册。",
            "Your institution, {institution}, was closed: you have none for the time being. Your registration stays "
            "valid; apply for a change of registration with a new institution.",
        ),
    ),
    Template.INSTITUTION_MERGED: (
        Words("您的执业机构已合并", "Your institution was merged into another"),
        Words(
            "您的执业机构{institution}已并入{into}，您的执业注册和正在办理的业务一并转入，无需您办理手续。",
            "Your institution, {institution}, was merged into {into}. Your registration and what you have under way "
            "go with it; there is nothing for you to do.",
        ),
    ),
    Template.HELP_CODE: (
        Words("客服查询码", "Your code for the help desk"),
        Words(
            "您的客服查询码是 {code}，{minutes} 分钟内有效，仅可使用一次。只在您主动咨询时告知客服，客服"
            "凭此查看您的办理状态，不能代您办理业务。",
            "Your code for the help desk is {code}, good for {minutes} minutes and for one use. Tell it only if "
            "you are "
            "asking for help yourself: the desk sees by it where you stand, and does nothing in your name.",
        ),
    ),
    Template.QUESTION_GUEST_ANSWERED: (
        Words("您的提问已有答复", "Your question was answered"),
        Words(
            "您的提问已有答复，凭此查看或再次提问：{link} 。请勿转发，14天内未再次提问的，自动关闭。",
            "Your question was answered. Read it, or ask again, with this: {link} . Pass it on to nobody; it closes "
            "in 14 days unless you ask again.",
        ),
    ),
    **NOTICES,
    **STAFF,
    **REMINDERS,
}
