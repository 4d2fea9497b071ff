"""The notice that a nurse reads before she gives her data (隐私政策, PIPL 17), by versions with days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rules.errors import FieldProblem, Invalid, Language, Words

OUTDATED: Final = Words(
    "隐私政策已更新，请阅读现行版本后再同意", "The privacy notice has changed: read the one in force first."
)
NEEDED: Final = Words("请阅读并同意隐私政策", "Read and accept the privacy notice.")


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of the notice, in force from a day on until the next one is."""

    version: int
    from_day: date
    text_zh: str
    text_en: str

    def text(self, language: Language) -> str:
        """The text in the reader's language; the Chinese one is what holds."""
        return self.text_en if language is Language.ENGLISH else self.text_zh


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A word on the notice: the version that is accepted, and apart from it consent to what rests on that alone."""

    version: int
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """The last word that somebody gave, and when."""

    version: int
    sensitive: bool
    at: datetime


def require_current(given: Acceptance | None, notice: Notice, *, needed: bool, path: str) -> None:
    """Refuse another version than the one in force, and none at all where one is needed."""
    if given is None and needed:
        raise Invalid(FieldProblem(path, "NOTICE_NOT_ACCEPTED", NEEDED))
    if given is not None and given.version != notice.version:
        raise Invalid(FieldProblem(path, "NOTICE_OUTDATED", OUTDATED))


_ZH: Final = "\n".join(
    (
        "一、谁处理您的信息：各级卫生健康主管部门按照《护士条例》《护士执业注册管理办法》办理护士执业注册，"
        "护士电子化注册信息系统为此处理您的个人信息。",
        "二、处理哪些信息：姓名、证件类型和号码、性别、出生日期、民族、国籍、相片、手机号码、电子邮箱、"
        "教育经历、考试成绩、执业注册、工作经历、健康状况、良好和不良记录，以及您办理业务的材料和过程。",
        "三、为什么处理：核验身份、受理和审批您的申请、公布执业注册、提醒您按期办理业务、依法监督检查。"
        "办理执业注册所必需的信息（包括证件号码和健康体检结果）依照法律、行政法规的规定处理；"
        "此外的敏感个人信息只在您单独同意后处理，您可以随时撤回，不影响办理执业注册。",
        "四、谁能看到：您本人；您注册所在的医疗机构及其人事信息系统（只收到有变动的通知和在册信息）；受理、"
        "审批和监督您注册的主管部门。其他人查验您的执业注册时，只能看到依法公开的内容。"
        "任何人查阅您的信息都会被记录，您可以查看是哪个单位、什么岗位、为什么、何时查阅。",
        "五、保存多久：注册信息在法律规定的期限内保存；业务动态保存二年；查阅记录至少保存三年。",
        "六、您的权利：您可以随时查阅、复制您的全部信息，更正有误的信息，撤回同意，注销账户。"
        "注销账户不影响执业注册。您去世后，近亲属可以到注册机关查阅、复制您的信息。",
        "七、如何联系：通过“客服中心”提问，或者到注册机关窗口咨询、投诉。",
    )
)
_EN: Final = "\n".join(
    (
        "1. Who: the health authorities register nurses under the Nurses Regulations, and this system "
        "processes your data for it.",
        "2. What: name, document, sex, birth date, ethnicity, nationality, photo, phone, e-mail, education, "
        "examination, registration, work, health, good and bad records, and what you file with its papers "
        "and its course.",
        "3. Why: to verify you, to decide on what you file, to publish the registration, to remind you, to "
        "supervise. What registering needs (document number and health examination included) rests on law; "
        "other sensitive data are processed only with your separate consent, which you may withdraw at any "
        "time without any effect on your registration.",
        "4. Who sees it: you; the institution where you are registered and its own system (told of changes, "
        "and of the roster); the authorities that take in, decide on and supervise your registration. Others "
        "who verify your registration see what is public by law. Every look at your data is kept: you see "
        "which place, which office, why and when.",
        "5. How long: the registration as long as the law says; what happened for two years; who looked for "
        "three years at least.",
        "6. Your rights: read and copy all of it, have it corrected, withdraw consent, close your account. "
        "Closing it does not touch your registration. After your death near relatives may read and copy it "
        "at the desk of the authority.",
        "7. Whom to ask: the help centre, or the desk of your authority.",
    )
)
KNOWN: Final = (Notice(1, date(2025, 1, 1), _ZH, _EN),)
"""The versions that this release knows; a text that was shown is never changed, a new one gets the next number."""
