"""Comparing a name and an ID number with the register and the exam library (护士信息验证, N5), and the next step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules import spelling
from rules.account import Progress, open_steps
from rules.errors import Words
from rules.identity import readable
from rules.registration import RegistrationStatus
from rules.spelling import same_name
from rules.verification import IdentityOutcome

EXAM_LIBRARY_BEGAN: Final = date(2008, 5, 1)
"""The first day of the exam library.

A nurse who passed before and never registered is registered by the province (X6).
"""
VERIFIED: Final = frozenset({IdentityOutcome.REGISTERED, IdentityOutcome.DEREGISTERED, IdentityOutcome.EXAM_PASSED})
"""The outcomes by which a nurse is known."""


@dataclass(frozen=True, slots=True)
class Exam:
    """A passed examination of the document's holder (考试库)."""

    name: str
    year: int
    passed_on: date | None = None

    @property
    def early(self) -> bool:
        """True if the exam was passed before 2008-05; if only the year is known, before the whole of it."""
        return (self.passed_on or date(self.year, 12, 31)) < EXAM_LIBRARY_BEGAN


@dataclass(frozen=True, slots=True)
class Entry:
    """The facts that the register has of the document's holder."""

    name: str
    status: RegistrationStatus
    exam_year: int | None = None


_BRACKETS: Final = re.compile(r"[(\[{<〈《【〔][^)\]}>〉》】〕]*[)\]}>〉》】〕]?|[\u2ff0-\u2fff].*")
"""The spelling of a character that a computer did not have: its pinyin, or its description."""


def may_mean(recorded: str, name: str | None) -> bool:
    """True if a recorded spelling is no name, and may stand for this one: what can be read of it is in the name.

    The examination's sign-up asks for 王(suo) where the computer lacks a character; older ones used private codes.
    """
    plain = spelling.name(recorded)
    if readable(plain):
        return False
    left = re.sub(f"[^{spelling.HAN}]", "", _BRACKETS.sub("", plain))
    return name is None or re.search(".*".join(left), spelling.name(name)) is not None


def judge(name: str, entry: Entry | None, exams: Sequence[Exam]) -> IdentityOutcome:
    """The outcome of the comparison for a person of this name; `entry` and `exams` belong to the person's document."""
    if entry is not None and not same_name(entry.name, name):
        return IdentityOutcome.NAME_MISMATCH
    match entry.status if entry is not None else None:
        case RegistrationStatus.VALID:
            return IdentityOutcome.REGISTERED
        case RegistrationStatus.DEREGISTERED:
            return IdentityOutcome.DEREGISTERED
    return _judge_exams(name, entry, exams)


def _judge_exams(name: str, entry: Entry | None, exams: Sequence[Exam]) -> IdentityOutcome:
    """The outcome for somebody without a registration, by what she passed."""
    hers = [exam for exam in exams if same_name(exam.name, name)]
    if any(exam not in hers and may_mean(exam.name, name) for exam in exams):
        return IdentityOutcome.NAME_UNDECIDED
    if entry is None and not hers:
        return IdentityOutcome.NAME_MISMATCH if exams else IdentityOutcome.NO_MATCH
    if len(hers) < len(exams):
        return IdentityOutcome.MULTIPLE
    if entry is not None and entry.exam_year is not None:
        hers.append(Exam(entry.name, entry.exam_year))
    return IdentityOutcome.PRE_2008 if all(exam.early for exam in hers) else IdentityOutcome.EXAM_PASSED


# Whoever registers a second time is told no more than a stranger: so the way back stands in every refusal.
FORGOTTEN: Final = Words("如您曾注册过账户，请使用“找回”。", "If you registered before, use recovery.")
REFUSED: Final = "如{}无误仍提示错误，您可能已注册过账户，请使用“找回”。"
UNVERIFIED: Final = Words(
    "请先进行护士信息验证，验证前可更正姓名和证件号码。",
    "Let your identity be verified next; before that, name and ID number can be corrected.",
)
MESSAGES: Final[Mapping[IdentityOutcome, Words]] = {
    IdentityOutcome.REGISTERED: Words(
        f"您是在册护士。请先验证手机或邮箱，填写护士执业证书编号，再向所在医疗机构申领激活码。{REFUSED.format('编号')}",
        "You are on the register. Confirm your phone or mail, enter your certificate number, then ask your "
        f"institution for the activation code. If a right number is refused: {FORGOTTEN.en}",
    ),
    IdentityOutcome.DEREGISTERED: Words(
        f"您的注册已注销。请先验证手机或邮箱，填写原护士执业证书编号即可激活。{REFUSED.format('编号')}",
        "Your registration has ended. Confirm your phone or mail, then your old certificate number activates the "
        f"account. If a right number is refused: {FORGOTTEN.en}",
    ),
    IdentityOutcome.EXAM_PASSED: Words(
        "您已通过护士执业资格考试，从未注册。请先验证手机或邮箱，填写最近一次的考试合格证书编码即可激活。"
        f"{REFUSED.format('编码')}",
        "You have passed the examination and were never registered. Confirm your phone or mail, then the number of "
        f"your latest exam certificate activates the account. If a right number is refused: {FORGOTTEN.en}",
    ),
    IdentityOutcome.NO_MATCH: Words(
        "护士库和考试库中均无此人。请核对并更正姓名和证件号码；来自军队或武警的请作声明；"
        f"2008年5月以前通过考试且从未注册的，请先到省级卫生健康行政部门办理。{FORGOTTEN.zh}",
        "Neither the register nor the exam library knows this person. Check and correct name and ID number; declare "
        "it if you come from the military or the armed police; whoever passed before May 2008 and never registered "
        f"turns to the province's health authority first. {FORGOTTEN.en}",
    ),
    IdentityOutcome.NAME_MISMATCH: Words(
        "该证件号码登记的姓名与您填写的不一致。请核对并更正；确认无误的，请向省级卫生健康行政部门申请更正。",
        "This ID number is recorded under another name. Check and correct it; if yours is right, ask the province's "
        "health authority to correct the record.",
    ),
    IdentityOutcome.NAME_UNDECIDED: Words(
        "考试库中您的姓名含有用拼音、描述或特殊编码代替的字，系统不能判断，须由省级卫生健康行政部门核定。"
        "请携带身份证件和考试合格证明到省级部门申请核定，核定后您会收到通知并可继续办理。",
        "The exam library spells your name with pinyin, a description or a private code in the place of a character, "
        "which no machine decides: take your identity document and exam certificate to the province's health "
        "authority, which settles it. You will be told, and can go on.",
    ),
    IdentityOutcome.MULTIPLE: Words(
        "该证件号码有多条不一致的记录，请联系省级卫生健康行政部门核对合并后再验证。",
        "There are several records of this ID number that differ: the province's health authority must put them "
        "right, then verify again.",
    ),
    IdentityOutcome.MILITARY_SOURCE: Words(
        "您已声明来自军队或武警。请验证手机或邮箱，之后只能申请军队武警变更到地方。",
        "You have declared that you come from the military or the armed police. Confirm your phone or mail; after "
        "that only that application is open.",
    ),
    IdentityOutcome.PRE_2008: Words(
        "您在2008年5月以前通过考试且从未注册，请先到省级卫生健康行政部门登记，再回来验证。",
        "You passed before May 2008 and were never registered: let the province's health authority register you "
        "first, then verify again.",
    ),
}
"""The message of each outcome for the nurse, with the next thing to do (N6)."""

_AT_THE_PROVINCE: Final[Mapping[IdentityOutcome | None, Words]] = {
    IdentityOutcome.PRE_2008: Words("到省级卫生健康行政部门登记", "let your province's health authority register you"),
    IdentityOutcome.MULTIPLE: Words(
        "请省级卫生健康行政部门核对合并记录", "let your province's health authority put your records right"
    ),
    IdentityOutcome.NAME_UNDECIDED: Words(
        "请省级卫生健康行政部门核定姓名", "let your province's health authority settle your name"
    ),
}
"""The next step where verifying again finds the same until the province has acted."""


def next_step(progress: Progress) -> Words | None:
    """The step to take first on the way to an active account, in words; None where none is open."""
    first = next((Words(one.label, one.english) for one in open_steps(progress)), None)
    return first and _AT_THE_PROVINCE.get(progress.outcome, first)
