"""Activating a nurse's account (激活): the order of the steps, the issuer of the code, and the code's form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from rules import spelling
from rules.account import AccountStep, Progress, open_steps, require_step
from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, RateLimited, Words
from rules.institution import InstitutionState
from rules.label import Labelled
from rules.measures import waited
from rules.people import AccountState, Actor, Party, Role, require
from rules.registration import RegistrationStatus
from rules.wording import wording

CERTIFICATE_TRIES: Final = 5
CODE_TRIES: Final = 5
CODES_A_DAY: Final = 3
LIFETIME: Final = timedelta(days=7)
ABANDONED: Final = timedelta(days=90)
_LONGEST: Final = 64
LONGEST_REASON: Final = 200


class CodeState(Labelled):
    """The state of a nurse's activation code (激活码状态); the code itself is shown only when it is issued."""

    NONE = "NONE", "未生成"
    ISSUED = "ISSUED", "已生成"
    USED = "USED", "已使用"
    EXPIRED = "EXPIRED", "已失效"


class CodesSpent(RateLimited):
    """A fourth code for one nurse within a day: the last one is good still."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        zh, en = waited(retry_after)
        self.words = Words(
            f"24小时内最多为一名护士生成{CODES_A_DAY}个激活码，最后生成的一个仍可使用；再次生成请在{zh}后",
            f"A nurse gets {CODES_A_DAY} codes within 24 hours, and the last of them is still good; again in {en}.",
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A nurse's account on its way to being active, with the nurse's place in the register."""

    account_id: UUID
    progress: Progress
    certificate_tries: int = 0
    nurse_id: UUID | None = None
    status: RegistrationStatus | None = None
    certificate_number: str | None = None
    institution_id: UUID | None = None
    institution_state: InstitutionState | None = None
    authority_id: UUID | None = None
    name: str = ""
    id_number_masked: str | None = None

    unit_id: UUID | None = None
    attended: bool = True
    """True if somebody else than she may act at the institution: nobody vouches for herself (回避)."""

    @property
    def employer(self) -> tuple[Party, UUID] | None:
        """The current institution, while it is active."""
        if self.institution_id is None or self.institution_state is not InstitutionState.ACTIVE:
            return None
        return Party.INSTITUTION, self.institution_id

    @property
    def issuer(self) -> tuple[Party, UUID] | None:
        """The issuer of the code: the current institution, or the 注册机关 where that has nobody to vouch for her."""
        if self.employer is not None and self.attended:
            return self.employer
        return None if self.authority_id is None else (Party.AUTHORITY, self.authority_id)


def same_certificate(number: str, kept: str | None) -> bool:
    """True if this is the number on record, however it is spelled."""
    return kept is not None and spelling.certificate(number) == spelling.certificate(kept)


def may(candidate: Candidate, step: AccountStep) -> bool:
    """True if it is this step's turn."""
    return step in open_steps(candidate.progress)


def wrong_code(tries: int) -> NotAllowed:
    """The refusal of a wrong code, after so many tries, with how many are left."""
    return _wrong("WRONG_CODE", CODE_TRIES - tries, "激活码已失效，请重新申领", "It is void now: ask for another one.")


def wrong_certificate(tries: int) -> NotAllowed:
    """The refusal of a wrong certificate number, after so many tries, with how many are left."""
    return _wrong("WRONG_CERTIFICATE", CERTIFICATE_TRIES - tries, *REFUSALS["CERTIFICATE_TRIES_SPENT"])


def _wrong(code: str, left: int, spent_zh: str, spent_en: str) -> NotAllowed:
    said = REFUSALS[code]
    zh, en = (f"还可输入{left}次", f"You may try {left} times more.") if left > 0 else (spent_zh, spent_en)
    return NotAllowed(code, Words(f"{said.zh}；{zh}", f"{said.en} {en}"))


def certificate_number(text: str, path: str) -> str:
    """A certificate number as the register keeps it; raises Invalid if the text cannot be one."""
    number = spelling.certificate(text[: 4 * _LONGEST])
    if spelling.rounded(number):
        raise Invalid(FieldProblem(path, "CERTIFICATE_NUMBER_ROUNDED", spelling.ROUNDED))
    if not (0 < len(number) <= _LONGEST and number.isprintable()):
        words = Words(f"证书编号应为1至{_LONGEST}个字符", f"A certificate number has 1 to {_LONGEST} characters.")
        raise Invalid(FieldProblem(path, "CERTIFICATE_NUMBER_FORMAT", words))
    return number


def require_turn(candidate: Candidate, step: AccountStep) -> None:
    """Refuse a step out of turn, saying what comes first."""
    require_step(candidate.progress, step)


def require_waits_for_code(candidate: Candidate) -> None:
    """Refuse a code for a nurse whose turn it is not, in words for whoever issues it."""
    steps = open_steps(candidate.progress)
    if not steps:
        raise refusal("NOT_INACTIVE")
    if AccountStep.ACTIVATE not in steps:
        zh, en = (
            f"该护士尚未{steps[0].label}，暂不能生成激活码",
            f"She has yet to take {steps[0]}: no code is issued before.",
        )
        raise NotAllowed("NURSE_NOT_READY", Words(zh, en))


def require_tries_left(candidate: Candidate) -> None:
    """Refuse a sixth certificate number."""
    if candidate.certificate_tries >= CERTIFICATE_TRIES:
        raise refusal("CERTIFICATE_TRIES_SPENT")


def require_vouching(actor: Actor) -> None:
    """Refuse an actor who vouches for nobody, before any account is read: nothing tells whether there is one."""
    require(actor, Role.OPERATOR, Role.REVIEWER)


def require_issuer(actor: Actor, candidate: Candidate) -> None:
    """Refuse an actor who is not the issuer of the code. Strangers get NotFound; no one issues a code to themselves."""
    require_vouching(actor)
    if actor.is_nurse(candidate.nurse_id) and (actor.party, actor.party_id) in (candidate.employer, candidate.issuer):
        raise refusal("ABOUT_YOURSELF")
    if candidate.issuer is None or candidate.issuer != (actor.party, actor.party_id):
        raise NotFound
    if actor.party is Party.INSTITUTION and not actor.reaches(candidate.unit_id):
        raise NotFound
    if candidate.progress.state is AccountState.REVOKED:
        raise refusal("ACCOUNT_REVOKED")


def require_reason(text: str) -> str:
    """The reason for a revocation, which the nurse will read; raises Invalid if there is none."""
    return wording("reason", text, LONGEST_REASON, Words("请填写撤销原因", "Give a reason."))


def refusal(code: str) -> NotAllowed:
    """The refusal of this code, with its words."""
    return NotAllowed(code, REFUSALS[code])


REFUSALS: Final[Mapping[str, Words]] = {
    "CERTIFICATE_TRIES_SPENT": Words(
        "证书编号已输错五次，请联系执业机构或注册机关撤销账号后重新注册",
        "Five wrong certificate numbers: ask your institution or 注册机关 to revoke this account, and register again.",
    ),
    "WRONG_CERTIFICATE": Words(
        "证书编号与登记信息不符，请核对证书原件", "This is not the number on record; check it with the certificate."
    ),
    "EXAM_RECORD_INCOMPLETE": Words(
        "考试库缺少性别或出生日期，请联系考试报名地的卫生健康主管部门补全",
        "The exam record lacks the sex or birth date: ask the health authority of the exam to complete it.",
    ),
    "ACCOUNT_REVOKED": Words("该账户已撤销，无需再次办理", "This account is revoked already."),
    "NOT_INACTIVE": Words("该护士的账户不在激活过程中", "This nurse's account is not being activated."),
    "NO_CODE": Words(
        "没有可用的激活码，请向执业机构申领", "There is no code to enter: ask your institution for a new one."
    ),
    "WRONG_CODE": Words("激活码不正确，请核对", "The activation code is wrong; check it."),
    "ABOUT_YOURSELF": Words("不能办理本人的业务", "You may not act on your own account."),
    "BUSINESS_DONE": Words(
        "该账号已成功办理过业务，不能撤销", "An application of this account was approved: it cannot be revoked."
    ),
}
