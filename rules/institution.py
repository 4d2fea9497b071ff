"""Medical institutions: their code, their standard name, and where one stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from rules import spelling
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.label import Labelled
from rules.people import Actor, Party, Role, require
from rules.privacy import hidden_characters


class InstitutionState(Labelled):
    """The state of an institution (机构状态); only an ACTIVE one confirms applications and issues codes."""

    PENDING = "PENDING", "待启用"
    ACTIVE = "ACTIVE", "正常"
    SUSPENDED = "SUSPENDED", "暂停"
    CLOSED = "CLOSED", "已关闭"


class InstitutionStep(StrEnum):
    """A step in the life of an institution."""

    OPEN = "OPEN"  # the responsible person has signed in for the first time
    RENAME = "RENAME"
    SUSPEND = "SUSPEND"
    REOPEN = "REOPEN"
    CLOSE = "CLOSE"
    REPLACE_MANAGER = "REPLACE_MANAGER"  # at the desk, with the papers seen
    MERGE = "MERGE"  # into another, which takes over its nurses and its work


_PENDING, _ACTIVE = InstitutionState.PENDING, InstitutionState.ACTIVE
_SUSPENDED, _CLOSED = InstitutionState.SUSPENDED, InstitutionState.CLOSED
INSTITUTION_MOVES: Final[Mapping[InstitutionStep, Mapping[InstitutionState, InstitutionState]]] = {
    InstitutionStep.OPEN: {_PENDING: _ACTIVE},
    InstitutionStep.RENAME: {state: state for state in (_PENDING, _ACTIVE, _SUSPENDED)},
    InstitutionStep.REPLACE_MANAGER: {state: state for state in (_PENDING, _ACTIVE, _SUSPENDED)},
    InstitutionStep.SUSPEND: {_ACTIVE: _SUSPENDED},
    InstitutionStep.REOPEN: {_SUSPENDED: _ACTIVE},
    InstitutionStep.CLOSE: {_PENDING: _CLOSED, _ACTIVE: _CLOSED, _SUSPENDED: _CLOSED},
    InstitutionStep.MERGE: {_ACTIVE: _CLOSED},
}
"""The state to which each step leads, by the state from which it may be taken."""


def next_institution_state(state: InstitutionState, step: InstitutionStep) -> InstitutionState:
    """The state to which a step leads; raises WrongState, with the open steps, if it is not open from here."""
    if state in INSTITUTION_MOVES[step]:
        return INSTITUTION_MOVES[step][state]
    open_steps = ", ".join(one for one, moves in INSTITUTION_MOVES.items() if state in moves) or "-"
    zh = f"机构当前状态为“{state.label}”，不能办理该操作"
    raise NotAllowed(f"INSTITUTION_{state}", Words(zh, f"The institution is {state}; what is open now: {open_steps}."))


OFFICERS: Final[Mapping[InstitutionStep, frozenset[Role]]] = {
    InstitutionStep.RENAME: frozenset({Role.REVIEWER, Role.PROVINCIAL_ADMIN}),
    InstitutionStep.REPLACE_MANAGER: frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN}),
    InstitutionStep.SUSPEND: frozenset({Role.SUPERVISOR, Role.PROVINCIAL_ADMIN}),
    InstitutionStep.REOPEN: frozenset({Role.SUPERVISOR, Role.PROVINCIAL_ADMIN}),
    InstitutionStep.CLOSE: frozenset({Role.SUPERVISOR, Role.PROVINCIAL_ADMIN}),
    InstitutionStep.MERGE: frozenset({Role.SUPERVISOR, Role.PROVINCIAL_ADMIN}),
}
"""The officers of the licensing authority who may take each step; a provincial admin from above may as well."""
NOT_LICENSED_HERE: Final = Words("该机构不由本部门核发许可证", "Another authority has licensed this institution.")


def require_licenser(actor: Actor, authority_id: UUID, path: str, step: InstitutionStep) -> None:
    """Refuse an actor who is not an officer of the authority that licensed an institution, with a role for the step."""
    require(actor, *OFFICERS[step])
    above = Role.PROVINCIAL_ADMIN in actor.roles and path.startswith(actor.path or "-")
    if actor.party is not Party.AUTHORITY or not (actor.party_id == authority_id or above):
        raise NotAllowed("NOT_LICENSED_HERE", NOT_LICENSED_HERE)


MERGED_INTO_ITSELF: Final = Words("不能并入自身", "An institution cannot be merged into itself.")
NOT_ON_ONE_CHAIN: Final = Words(
    "两个机构的核发部门不在同一上下级链条上",
    "The two were licensed by authorities of which neither is above the other.",
)


def require_may_take_over(state: InstitutionState, path: str, merged_path: str) -> None:
    """Refuse to merge into an institution that is not ACTIVE, or whose authority is off the chain of the other's."""
    if state is not InstitutionState.ACTIVE:
        zh = f"并入的机构当前状态为“{state.label}”，不能接收"
        raise NotAllowed(f"INTO_{state}", Words(zh, f"The institution to merge into is {state.english}, not active."))
    if not (path.startswith(merged_path) or merged_path.startswith(path)):
        raise NotAllowed("NOT_ON_ONE_CHAIN", NOT_ON_ONE_CHAIN)


class InstitutionDocument(Labelled):
    """A document that the responsible person shows on the spot before an account is made (I1)."""

    LICENCE = "LICENCE", "医疗机构执业许可证副本原件及复印件"
    CLINIC_RECORD = "CLINIC_RECORD", "诊所备案凭证原件及复印件"
    AUTHORIZATION = "AUTHORIZATION", "医疗机构授权委托书"
    DELEGATE_ID = "DELEGATE_ID", "受委托人身份证原件及复印件"


def require_documents(seen: Collection[InstitutionDocument], *, path: str = "documentsSeen") -> None:
    """Refuse where one of the three documents was not seen, naming those that are missing.

    A clinic that is on record (备案) has no licence: its record stands in the place of one (条例 8).
    """
    licence, record = InstitutionDocument.LICENCE, InstitutionDocument.CLINIC_RECORD
    missing = [one for one in InstitutionDocument if one not in seen and one not in {licence, record}]
    if not {licence, record} & {*seen}:
        missing.insert(0, licence)
    if missing:
        titles = [f"{one.label}（备案诊所为{record.label}）" if one is licence else one.label for one in missing]
        zh, en = (
            f"尚未核验：{'、'.join(titles)}",
            f"Not yet seen on the spot: {', '.join(one.english for one in missing)}.",
        )
        raise Invalid(FieldProblem(path, "DOCUMENTS_MISSING", Words(zh, en)))


_DIVISION: Final = re.compile(r"[1-9][0-9]{5}")


def division_code(text: str, *, path: str = "division") -> str:
    """A code of an administrative division (行政区划代码, GB/T 2260), or Invalid."""
    if not _DIVISION.fullmatch(text):
        words = Words(f"行政区划代码“{text}”应为6位数字", f"A division has six digits, not {text!r}.")
        raise Invalid(FieldProblem(path, "DIVISION", words))
    return text


def require_in_area(division: str, above: Sequence[str], *, path: str = "division") -> None:
    """Refuse a division outside the area of an authority, whose code and those above it are given, nearest first.

    The area is told by the nearest code that is a division's: there are authorities of a development zone or of a
    corps with codes of their own. 110000 is all of 11, 110100 all of 1101.
    """
    area = next((code for code in above if _DIVISION.fullmatch(code)), None)
    if area is not None and not division.startswith(re.sub("(00)+$", "", area)):
        zh = f"行政区划“{division}”不在本机关辖区（{area}）内，请核对，或由当地主管部门开通"
        words = Words(zh, f"Division {division} lies outside the area of this authority, {area}.")
        raise Invalid(FieldProblem(path, "OUT_OF_AREA", words))


_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z, which are misread
_CODE: Final = re.compile(f"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_MODULUS: Final = 31


def institution_code_check(first17: str) -> str:
    """The eighteenth character of a unified social credit code (GB 32100, MOD 31-3)."""
    total = sum(_ALPHABET.index(letter) * pow(3, place, _MODULUS) for place, letter in enumerate(first17))
    return _ALPHABET[-total % _MODULUS]


def institution_code(text: str, *, path: str = "code") -> str:
    """A unified social credit code (统一社会信用代码) in its one form, or Invalid saying what is wrong with it."""
    code = spelling.code(text)
    if not _CODE.fullmatch(code):
        zh = f"统一社会信用代码“{code}”应为18位数字或大写字母（不含I、O、S、V、Z），第3至8位为数字"
        en = f"{code!r} is not 18 digits and letters (no I, O, S, V, Z) of which the third to eighth are digits."
        raise Invalid(FieldProblem(path, "INSTITUTION_CODE_FORMAT", Words(zh, en)))
    if institution_code_check(code[:17]) != code[17]:
        zh = f"统一社会信用代码“{code}”末位校验码不符，请逐位核对"
        en = f"The last character of {code} does not match: check each character."
        raise Invalid(FieldProblem(path, "INSTITUTION_CODE_CHECK", Words(zh, en)))
    return code


_NAME: Final = re.compile(r"[0-9A-Za-z（）·\-—、〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003fffd]{4,100}")
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003fffd]")
_BRACKETS: Final = str.maketrans("()〔〕", "（）（）")


def standard_name(text: str, *, path: str = "name") -> str:
    """An institution's name as it is registered and compared (标准名称): no blanks, full-width brackets."""
    name = _folded(text)
    if hidden := ", ".join(hidden_characters(name)):
        words = Words(f"机构名称含有不可见字符（{hidden}），请删除", f"Remove the hidden characters: {hidden}.")
        raise Invalid(FieldProblem(path, "TEXT_HIDDEN_CHARACTER", words))
    if not (_NAME.fullmatch(name) and _HAN.search(name)):
        zh = f"机构名称“{name}”应为4至100个字，含汉字，只能使用汉字、字母、数字、括号、“·”、“、”和连接号"
        en = f"{name!r} is not 4 to 100 Han characters, letters, digits, brackets, · 、 and dashes with some Han."
        raise Invalid(FieldProblem(path, "INSTITUTION_NAME", Words(zh, en)))
    return name


def new_name(text: str, before: str) -> str:
    """Another standard name (标准名称) in place of the one before; Invalid where it is the same."""
    name = standard_name(text)
    if name == before:
        zh, en = f"机构名称已是“{name}”，没有需要修改的", f"The name is {name!r} already: there is nothing to change."
        raise Invalid(FieldProblem("name", "NOTHING_TO_CHANGE", Words(zh, en)))
    return name


_UNSEARCHED: Final = str.maketrans(dict.fromkeys("（）·、—-"))
"""The characters of a name that make no difference in a search; db.store.tables.institution_key leaves out the same."""


def name_part(text: str) -> str:
    """A part of institutions' names as it is searched: folded like the names, without case, brackets and dashes."""
    return _folded(text).translate(_UNSEARCHED).lower()


def _folded(text: str) -> str:
    return "".join(spelling.name(text).split(" ")).translate(_BRACKETS)
