"""Accounts (账户): the registration form of a nurse, and the order of the steps of the activation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules import spelling
from rules.contact import email_address, phone_number
from rules.errors import FieldProblem, Invalid, NotAllowed, Together, Words
from rules.identity import DocumentType, Identity, identify, person_name
from rules.label import Labelled
from rules.passwords import PasswordPolicy
from rules.people import AccountState
from rules.verification import IdentityOutcome

MOST_CORRECTIONS: Final = 5
USER_NAME_RULE: Final = Words(
    "用户名以字母开头，由6至12位字母或数字组成，不区分大小写",
    "A user name begins with a letter and has 6 to 12 letters or digits, whatever their case.",
)
_USER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{5,11}")


@dataclass(frozen=True, slots=True, repr=False)
class AccountForm:
    """The registration form (护士账户注册, N1, N2) as it was filled in."""

    name: str
    document_type: DocumentType
    id_number: str
    phone: str
    email: str
    user_name: str
    password: str


@dataclass(frozen=True, slots=True, repr=False)
class StatedIdentity:
    """A person's name and identity document as the person states them, in the form the register keeps."""

    name: str
    identity: Identity


@dataclass(frozen=True, slots=True, repr=False)
class Applicant:
    """A registration form that is in order."""

    stated: StatedIdentity
    phone: str
    email: str
    user_name: str


def checked(form: AccountForm, today: date, policy: PasswordPolicy) -> Applicant:
    """The form as the register keeps it; raises Invalid with everything that is wrong at once."""
    with Together() as each:
        name = each(lambda: person_name(form.name, form.document_type))
        identity = each(lambda: identify(form.document_type, form.id_number, today))
        phone = each(lambda: phone_number(form.phone))
        email = each(lambda: email_address(form.email))
        chosen = each(lambda: user_name(form.user_name))
        each(lambda: policy.require(form.password, user_name=form.user_name))
    return Applicant(StatedIdentity(name, identity), phone, email, chosen)


def stated(name: str, type: DocumentType, number: str, today: date) -> StatedIdentity:
    """A name and a document as the register keeps them; raises Invalid with everything that is wrong at once."""
    with Together() as each:
        clean = each(lambda: person_name(name, type))
        identity = each(lambda: identify(type, number, today))
    return StatedIdentity(clean, identity)


def user_name(text: str, *, path: str = "userName") -> str:
    """A user name (用户名) in the case in which it was chosen; raises Invalid if the text is not one."""
    name = spelling.user_name(text)
    if not _USER_NAME.fullmatch(name):
        raise Invalid(FieldProblem(path, "USER_NAME_FORMAT", USER_NAME_RULE))
    return name


class AccountStep(Labelled):
    """A step on the way from registration to an active account (账户激活)."""

    VERIFY_IDENTITY = "VERIFY_IDENTITY", "进行护士信息验证"
    CORRECT_IDENTITY = "CORRECT_IDENTITY", "更正姓名或证件号码"
    DECLARE_MILITARY_SOURCE = "DECLARE_MILITARY_SOURCE", "声明来自军队或武警"
    CONFIRM_CONTACT = "CONFIRM_CONTACT", "验证手机或邮箱"
    SUBMIT_CERTIFICATE = "SUBMIT_CERTIFICATE", "填写护士执业证书编号"
    SUBMIT_EXAM_CERTIFICATE = "SUBMIT_EXAM_CERTIFICATE", "填写考试合格证书编码"
    ACTIVATE = "ACTIVATE", "填写激活码"
    FILE_CHANGE = "FILE_CHANGE", "申请变更执业注册"
    FILE_MILITARY_TRANSFER = "FILE_MILITARY_TRANSFER", "申请军队武警变更到地方"


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an account towards activation."""

    state: AccountState
    outcome: IdentityOutcome | None = None
    corrections: int = 0
    identity_verified: bool = False
    contact_verified: bool = False
    certificate_verified: bool = False


def open_steps(progress: Progress) -> tuple[AccountStep, ...]:
    """The steps that can be taken now, the one to take first in front; none once the account is active or shut."""
    if progress.state is not AccountState.INACTIVE:
        return ()
    if not progress.identity_verified:
        correcting = progress.corrections < MOST_CORRECTIONS
        return tuple(s for s in _unverified(progress) if correcting or s is not AccountStep.CORRECT_IDENTITY)
    if not progress.contact_verified:
        return (AccountStep.CONFIRM_CONTACT,)
    if progress.outcome is IdentityOutcome.EXAM_PASSED:
        return (AccountStep.SUBMIT_EXAM_CERTIFICATE,)
    if not progress.certificate_verified:
        return (AccountStep.SUBMIT_CERTIFICATE,)
    # Where she is on record as working nobody may know her any more: then she moves, and is given the code there.
    return AccountStep.ACTIVATE, AccountStep.FILE_CHANGE


def _unverified(progress: Progress) -> tuple[AccountStep, ...]:
    """The steps open to a nurse whom the register does not know yet.

    Verifying again helps once the province has acted.
    """
    match progress.outcome:
        case IdentityOutcome.MILITARY_SOURCE if progress.contact_verified:
            return AccountStep.FILE_MILITARY_TRANSFER, AccountStep.CORRECT_IDENTITY
        case IdentityOutcome.MILITARY_SOURCE:
            return AccountStep.CONFIRM_CONTACT, AccountStep.CORRECT_IDENTITY
        case IdentityOutcome.NO_MATCH:
            declare = AccountStep.DECLARE_MILITARY_SOURCE
            return AccountStep.CORRECT_IDENTITY, declare, AccountStep.VERIFY_IDENTITY
        case IdentityOutcome.NAME_MISMATCH | IdentityOutcome.NAME_UNDECIDED:
            return AccountStep.CORRECT_IDENTITY, AccountStep.VERIFY_IDENTITY
        case _:
            return AccountStep.VERIFY_IDENTITY, AccountStep.CORRECT_IDENTITY


_KEY_FACTS: Final = Words(
    "身份信息已验证，姓名或证件号码有误的，请申请关键信息修改",
    "Your identity is verified: if name or ID number are wrong, ask for the correction of key facts.",
)


def _taken(progress: Progress, step: AccountStep) -> bool:
    """True if this step is behind her."""
    match step:
        case AccountStep.VERIFY_IDENTITY:
            return progress.identity_verified
        case AccountStep.CONFIRM_CONTACT:
            return progress.contact_verified
        case AccountStep.SUBMIT_CERTIFICATE | AccountStep.SUBMIT_EXAM_CERTIFICATE:
            return progress.certificate_verified
        case AccountStep.DECLARE_MILITARY_SOURCE:
            return progress.outcome is IdentityOutcome.MILITARY_SOURCE
        case _:
            return False


def require_step(progress: Progress, step: AccountStep) -> None:
    """Refuse a step that is not open, saying that it was taken already, or which one comes first; raises NotAllowed."""
    steps = open_steps(progress)
    if step in steps:
        return
    if progress.state is AccountState.ACTIVE:
        raise NotAllowed("ACCOUNT_ACTIVE", Words("您的账户已激活，无需再办理", "Your account is active already."))
    if not steps:
        raise NotAllowed("NOT_INACTIVE", Words("该账户不在激活过程中", "This account is not being activated."))
    if step is AccountStep.CORRECT_IDENTITY and progress.identity_verified:
        raise NotAllowed("IDENTITY_VERIFIED", _KEY_FACTS)
    if step is AccountStep.CORRECT_IDENTITY:
        zh, en = f"更正次数已达{MOST_CORRECTIONS}次", f"{MOST_CORRECTIONS} corrections were made already."
        raise NotAllowed("NO_CORRECTIONS_LEFT", Words(f"{zh}，请重新注册", f"{en} Register again."))
    first = steps[0]
    if _taken(progress, step):
        zh = f"“{step.label}”已完成，无需重复办理，下一步：{first.label}"
        raise NotAllowed("STEP_DONE", Words(zh, f"“{step.english}” is done already; next: “{first.english}”."))
    zh, en = (
        f"现在不能{step.label}，请先{first.label}",
        f"“{step.english}” cannot be done now: “{first.english}” comes first.",
    )
    raise NotAllowed("STEP_NOT_OPEN", Words(zh, en))
