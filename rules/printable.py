"""The papers that are not there (尚无文书): which one, why, and what to do; said before a ticket is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, Words
from rules.kinds import KINDS, Kind
from rules.moves import OPEN, State
from rules.registration import RegistrationStatus
from rules.ticket import Downloaded, FileKind


@dataclass(frozen=True, slots=True)
class Unprinted:
    """A subject that has no such paper: whose it is, and how it stands; of an application, of which kind."""

    nurse_name: str
    state: State | RegistrationStatus
    kind: Kind | None = None


_YET: Final = frozenset({*OPEN, State.DRAFT, RegistrationStatus.NEVER})
"""The states in which the paper may still come."""
_USE_REFUSAL: Final = Words("未予受理，请下载不予受理通知书", "it was not accepted: get INTAKE_REFUSAL")
_ENDED: Final = Words(
    "已经终止，不再作出；需要时请另行申请", "it has ended, and there will be none: apply again if needed"
)
_DECISION: Final[Mapping[State, Words]] = {
    **dict.fromkeys(OPEN, Words("尚未作出决定，作出后即可下载", "nobody has decided yet: ask again afterwards")),
    State.DRAFT: Words("尚未提交，请先提交申请", "it was not filed yet: file it first"),
    State.NOT_ACCEPTED: _USE_REFUSAL,
    State.INSTITUTION_REJECTED: Words(
        "机构不同意，未送审批机关，机构意见见申请审核表", "its institution has declined it: see APPLICATION_FORM"
    ),
}
_ACCEPTANCE: Final[Mapping[State, Words]] = {
    **_DECISION,
    **dict.fromkeys(OPEN, Words("尚未受理，受理后即可下载", "it was not taken in yet: ask again afterwards")),
    State.APPROVED: Words("未经受理即视为准予，请下载决定书", "the law granted it before: get DECISION_LETTER"),
}
_NO_CORRECTION: Final = Words("审批机关未要求补正，无需补正", "no correction was asked for: nothing is to be done")
_NO_END: Final = Words("没有有效的注册，无需提醒", "there is no registration that runs out")
_NO_REFUSAL: Final = Words(
    "未作出不予受理的决定，请在业务查询中查看进度", "it was not refused at the intake: look at its state"
)
_NO_EXTENSION: Final = Words("审批期限未延长", "its period was not extended")
_NO_PAUSE: Final = Words("未因听证、检验、检疫、鉴定或专家评审中止计时", "its period was not put on hold")
_NO_ENDING: Final = Words(
    "注册机关未依职权注销；经申请注销的，请下载该申请的决定书",
    "it was not ended by office: of an application get DECISION_LETTER",
)
_CERTIFICATE: Final[Mapping[RegistrationStatus, Words]] = {
    RegistrationStatus.NEVER: Words("首次注册批准后即可下载", "a first registration brings one"),
    RegistrationStatus.DEREGISTERED: Words(
        "原证书已失效，重新注册批准后即可下载", "the old one is void: a re-registration brings another"
    ),
    RegistrationStatus.VALID: Words("没有有效的证书，请申请证书补办", "none is in force: apply for a REISSUE"),
}
_STATUS: Final[Mapping[RegistrationStatus, str]] = {
    RegistrationStatus.NEVER: "尚未注册",
    RegistrationStatus.DEREGISTERED: "已注销",
    RegistrationStatus.VALID: "在册",
}


def require_printable(file: Downloaded, keys: Sequence[UUID], found: Mapping[UUID, Unprinted]) -> None:
    """Refuse a file that is not there for all of these: each that lacks it is named, with why and what to do."""
    if found:
        raise Invalid(*(_problem(file, place, found[key]) for place, key in enumerate(keys) if key in found))


def _problem(file: Downloaded, place: int, one: Unprinted) -> FieldProblem:
    code = "PAPER_NOT_YET" if one.state in _YET and file not in _NEVER_NEEDED else "PAPER_NOT_THERE"
    what, title = _why(file, one.state), "执业注册" if one.kind is None else f"{KINDS[one.kind].title.zh}申请"
    state = _STATUS[one.state] if isinstance(one.state, RegistrationStatus) else one.state.label
    zh = f"{one.nurse_name}的{title}（{state}）没有{file.label}：{what.zh}"
    en = f"There is no {file} of {one.nurse_name}, {one.kind or 'registration'} ({one.state}): {what.en}."
    return FieldProblem(f"ids.{place}", code, Words(zh, en))


_ONLY: Final[Mapping[Downloaded, Words]] = {
    FileKind.EXPIRY_NOTICE: _NO_END,
    FileKind.EXTENSION_NOTICE: _NO_EXTENSION,
    FileKind.PAUSE_NOTICE: _NO_PAUSE,
    FileKind.DEREGISTRATION_LETTER: _NO_ENDING,
    FileKind.CORRECTION_NOTICE: _NO_CORRECTION,
    FileKind.INTAKE_REFUSAL: _NO_REFUSAL,
}
"""Papers that lack for one reason, whatever the state."""
_NEVER_NEEDED: Final = _ONLY.keys() - {FileKind.EXPIRY_NOTICE}


def _why(file: Downloaded, state: State | RegistrationStatus) -> Words:
    if file in _ONLY:
        return _ONLY[file]
    if isinstance(state, RegistrationStatus):
        return _CERTIFICATE[state]
    return (_ACCEPTANCE if file is FileKind.ACCEPTANCE_NOTICE else _DECISION).get(state, _ENDED)
