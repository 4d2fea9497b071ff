"""The way of a nurse to an active account (激活): what she can do now, and what that means for her, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from rules.account import MOST_CORRECTIONS, AccountStep, open_steps
from rules.activation import CERTIFICATE_TRIES, REFUSALS, Candidate
from rules.errors import Words
from rules.kinds import Kind
from rules.matching import FORGOTTEN, MESSAGES, REFUSED, UNVERIFIED
from rules.moves import collides
from rules.people import Party
from rules.verification import IdentityOutcome

_FILING: Final = {AccountStep.FILE_CHANGE: Kind.CHANGE, AccountStep.FILE_MILITARY_TRANSFER: Kind.MILITARY_TRANSFER}
_CERTIFICATES: Final = frozenset({AccountStep.SUBMIT_CERTIFICATE, AccountStep.SUBMIT_EXAM_CERTIFICATE})


@dataclass(frozen=True, slots=True)
class Stand:
    """The place of a nurse on her way: her account, the issuer of her code by name, and the kinds that she has open."""

    candidate: Candidate
    issuer: str | None = None
    open_kinds: Collection[Kind] = ()


def steps(stand: Stand) -> tuple[AccountStep, ...]:
    """The steps that she can take now, the usual one first: none that would be refused."""
    spent = stand.candidate.certificate_tries >= CERTIFICATE_TRIES
    filed = {step for step, kind in _FILING.items() if collides(kind, stand.open_kinds)}
    shut = filed | (_CERTIFICATES if spent else frozenset())
    return tuple(step for step in open_steps(stand.candidate.progress) if step not in shut)


def message(stand: Stand) -> Words:
    """The meaning of it for her, in words that name no step that would be refused."""
    progress, outcome = stand.candidate.progress, stand.candidate.progress.outcome
    first = next(iter(open_steps(progress)), None)
    if first in _CERTIFICATES and stand.candidate.certificate_tries >= CERTIFICATE_TRIES:
        return REFUSALS["CERTIFICATE_TRIES_SPENT"]
    if first is AccountStep.ACTIVATE:
        return _asking(stand)
    if first is AccountStep.FILE_MILITARY_TRANSFER and first not in steps(stand):
        return _TRANSFERRING
    if not progress.identity_verified and progress.corrections >= MOST_CORRECTIONS and outcome in _UNCORRECTED:
        return _UNCORRECTED[outcome]
    known = _NEXT.get(first) if first else None
    return known or (UNVERIFIED if outcome is None else MESSAGES[outcome])


def _asking(stand: Stand) -> Words:
    """Whom she asks for her code: by name, as she may have no institution, or one that cannot vouch for her."""
    at = stand.candidate.issuer
    known = at is not None and at[0] is Party.INSTITUTION
    whom = Words("所在医疗机构", "your institution") if known else Words("注册机关", "your authority")
    name = Words("", "") if stand.issuer is None else Words(f"“{stand.issuer}”", f" ({stand.issuer})")
    zh, en = f"请向{whom.zh}{name.zh}申领激活码并填写", f"Ask {whom.en}{name.en} for the activation code and enter it"
    if AccountStep.FILE_CHANGE not in steps(stand):
        return Words(
            f"{zh}；您的申请正在办理，变更执业注册获准后，由新机构生成激活码。",
            f"{en}. An application of yours is under way: once a change of registration is approved, the new "
            "institution gives the code.",
        )
    return Words(
        f"{zh}；如已不在该机构执业，请申请变更执业注册，由新机构生成激活码。",
        f"{en}; if you do not work there any more, apply for a change of registration: the new institution gives "
        "the code.",
    )


_NEXT: Final[Mapping[AccountStep, Words]] = {
    AccountStep.SUBMIT_CERTIFICATE: Words(
        f"手机或邮箱已验证。请填写护士执业证书编号。{REFUSED.format('编号')}",
        f"Your contact is confirmed. Enter your certificate number. If a right number is refused: {FORGOTTEN.en}",
    ),
    AccountStep.SUBMIT_EXAM_CERTIFICATE: Words(
        f"手机或邮箱已验证。请填写最近一次的考试合格证书编码，填写后即可激活。{REFUSED.format('编码')}",
        "Your contact is confirmed. The number of your latest exam certificate activates the account. "
        f"If a right number is refused: {FORGOTTEN.en}",
    ),
    AccountStep.FILE_MILITARY_TRANSFER: Words(
        "手机或邮箱已验证。请申请军队武警变更到地方。",
        "Your contact is confirmed. Apply for the transfer from the military or the armed police.",
    ),
}
"""The step that comes first, in words, once a contact is confirmed."""

_TRANSFERRING: Final = Words(
    "您的军队武警变更到地方申请正在办理，获准后由新机构生成激活码。",
    "Your transfer from the military or the armed police is under way: once it is approved, the new institution gives "
    "the activation code.",
)
_SPENT: Final = Words(
    "更正次数已用完，填写有误的，请重新注册账户", "No correction is left: if what you typed is wrong, register again"
)
_UNCORRECTED: Final[Mapping[IdentityOutcome | None, Words]] = {
    None: Words(f"请先进行护士信息验证。{_SPENT.zh}。", f"Let your identity be verified next. {_SPENT.en}."),
    IdentityOutcome.NO_MATCH: Words(
        f"护士库和考试库中均无此人。{_SPENT.zh}；来自军队或武警的请作声明；"
        f"2008年5月以前通过考试且从未注册的，请先到省级卫生健康行政部门办理。{FORGOTTEN.zh}",
        f"Neither the register nor the exam library knows this person. {_SPENT.en}; declare it if you come from the "
        "military or the armed police; whoever passed before May 2008 and never registered turns to the province's "
        f"health authority first. {FORGOTTEN.en}",
    ),
    IdentityOutcome.NAME_MISMATCH: Words(
        f"该证件号码登记的姓名与您填写的不一致。{_SPENT.zh}；确认无误的，请向省级卫生健康行政部门申请更正。",
        f"This ID number is recorded under another name. {_SPENT.en}; if yours is right, ask the province's health "
        "authority to correct the record.",
    ),
}
"""The message of an outcome where no correction is left."""
