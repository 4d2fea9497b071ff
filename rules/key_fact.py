"""Correcting the key facts of a nurse (关键信息修改, A5).

The province of registration corrects name and document, with evidence.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from rules.account import AccountStep, Progress, open_steps
from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Together, Words
from rules.identity import DocumentType, Identity, identify, person_name
from rules.nurse import Sex
from rules.people import Actor, Party, Role, require
from rules.privacy import mask_id_number
from rules.wording import wording

LONGEST_EVIDENCE: Final = 1000
_CORRECTED, _NUMBER = "关键信息更正：", "证件号码"
NUMBER_CORRECTED: Final = f"{_CORRECTED}%{_NUMBER}%"
"""The pattern of the rows of 历史沿革 that say that the number was corrected."""
_WHAT: Final = {"SEX_DIFFERS": Words("性别", "sex"), "BIRTH_DATE_DIFFERS": Words("出生日期", "birth date")}


_NOTHING: Final = Words("请填写需要更正的姓名或证件号码", "Give the name or the ID number that is to be put right.")


_AS_IT_IS: Final = Words("与在册信息相同，没有需要更正的", "This is on record already: there is nothing to correct.")
NO_PROVINCE: Final = Words("该护士没有注册机关所在的省级部门", "This nurse is registered in no province.")
OWN: Final = Words("不能办理与本人有关的申请", "Nobody decides what she asked for, or about herself.")


@dataclass(frozen=True, slots=True, repr=False)
class KeyFacts:
    """The facts to be corrected: a name, a document, or both; `evidence` says in words how they are proven."""

    evidence: str
    name: str | None = None
    document_type: DocumentType | None = None
    id_number: str | None = None


def checked(facts: KeyFacts, known_as: DocumentType, today: date) -> tuple[KeyFacts, Identity | None]:
    """The facts as the register keeps them, or Invalid; without a type the document stays of the type it was."""
    wanted, named, number = facts.document_type or known_as, facts.name, facts.id_number
    with Together() as each:
        if named is None and number is None:
            each.problems.append(FieldProblem("name", "NOTHING_TO_CORRECT", _NOTHING))
        evidence = each(lambda: required_evidence(facts.evidence))
        name = None if named is None else each(lambda: person_name(named, wanted))
        document = None if number is None else each(lambda: identify(wanted, number, today))
    if document is None:
        return KeyFacts(evidence, name), None
    return KeyFacts(evidence, name, wanted, document.number), document


@dataclass(frozen=True, slots=True, repr=False)
class OnRecord:
    """The key facts as the register has them; the number masked, as whoever may read her sees it."""

    name: str
    id_number_masked: str
    sex: Sex
    birth_date: date


def require_confirmed(before: OnRecord, document: Identity | None, confirmed: bool) -> None:
    """Refuse a number of another sex or birth date than the record's unless it is said to be meant."""
    if document is None or confirmed:
        return
    facts = (
        ("SEX_DIFFERS", document.sex and document.sex.label, before.sex.label),
        ("BIRTH_DATE_DIFFERS", document.birth_date, before.birth_date),
    )
    if problems := [_differs(code, new, old) for code, new, old in facts if new not in {None, old}]:
        raise Invalid(*problems)


def _differs(code: str, new: object, old: object) -> FieldProblem:
    zh = f"新证件号码表示的{_WHAT[code].zh}为{new}，在册为{old}；请核对原件，确需更正的请确认变更性别和出生日期"
    en = f"The new number tells another {_WHAT[code].en} than the record: look at the original again, or confirm it."
    return FieldProblem("idNumber", code, Words(zh, en))


def correction(before: OnRecord, name: str | None, document: Identity | None) -> str:
    """The row of 历史沿革: what each corrected fact was, and what it is; numbers masked."""
    pairs: list[tuple[str, object, object]] = [("姓名", before.name, name or before.name)]
    if document is not None:
        pairs.append((_NUMBER, before.id_number_masked, mask_id_number(document.number)))
        sex, born = document.sex or before.sex, document.birth_date or before.birth_date
        pairs += [("性别", before.sex.label, sex.label), ("出生日期", before.birth_date, born)]
    # A number may have been corrected where the mask hides it.
    said = [
        what if old == new else f"{what}由“{old}”更正为“{new}”"
        for what, old, new in pairs
        if old != new or what is _NUMBER
    ]
    return f"{_CORRECTED}{'；'.join(said)}"


def required_evidence(text: str) -> str:
    """The proof of a fact (证明材料), in words; raises Invalid if nothing is said, or too much."""
    return wording("evidence", text, LONGEST_EVIDENCE, Words("请说明证明材料", "Say what proves it."))


_UNVERIFIED: Final = Words(
    "身份信息尚未验证：您填写有误的，请更正姓名或证件号码后重新验证；注册信息有误的，请由您的执业机构申请关键信息修改",
    "Your identity is not verified yet: what you typed wrong you correct yourself, and verify again; what is wrong on "
    "the register your institution asks to be put right.",
)


def require_known(progress: Progress) -> None:
    """Refuse a nurse who asks before her account is active, unless she may already file a change: she is known then."""
    steps = open_steps(progress)
    if AccountStep.FILE_CHANGE in steps:
        return
    if not progress.identity_verified:
        raise NotAllowed("IDENTITY_UNVERIFIED", _UNVERIFIED)
    first = steps[0]
    zh, en = (
        f"请先{first.label}，再申请关键信息修改",
        f"First: {first.english}. Then ask for the correction of key facts.",
    )
    raise NotAllowed("STEP_NOT_OPEN", Words(zh, en))


def require_news(name: str, document: tuple[DocumentType, str], facts: KeyFacts) -> None:
    """Refuse a correction that corrects nothing: name and document are on record as they are asked for."""
    named = facts.name in {None, name}
    numbered = facts.id_number is None or (facts.document_type, facts.id_number) == document
    if named and numbered:
        path = "name" if facts.name is not None else "idNumber"
        raise Invalid(FieldProblem(path, "NOTHING_TO_CORRECT", _AS_IT_IS))


def require_may_request(actor: Actor, nurse_id: UUID, institution_id: UUID | None, unit_id: UUID | None = None) -> None:
    """Refuse a request that comes neither from the nurse nor from the nurse's institution; NotFound to others."""
    own = actor.party is Party.NURSE and actor.party_id == nurse_id
    works_here = actor.party is Party.INSTITUTION and institution_id is not None and actor.party_id == institution_id
    works_here &= actor.reaches(unit_id)
    if not actor.active or not (own or works_here):
        raise NotFound
    if works_here:
        require(actor, Role.OPERATOR)


def require_may_decide(
    actor: Actor, desks: Collection[UUID | None], nurse_id: UUID | None, asked_by: UUID | None
) -> None:
    """Refuse a decision by anyone but a provincial admin of that province, or of the nation where that has no other.

    The requester and the nurse may not decide.
    """
    if not actor.active or actor.party is not Party.AUTHORITY or actor.party_id not in desks:
        raise NotFound
    require(actor, Role.PROVINCIAL_ADMIN)
    if actor.account_id == asked_by or actor.is_nurse(nurse_id):
        raise NotAllowed("ABOUT_YOURSELF", OWN)


def require_same(asked: KeyFacts, seen: KeyFacts, fields: Collection[str] = ("name", "id_number")) -> None:
    """Refuse facts read off the originals that differ from the request.

    Raises Invalid naming the field that differs.
    """
    paths = {"name": "name", "id_number": "idNumber"}
    wrong = [field for field in fields if getattr(asked, field) != getattr(seen, field)]
    if wrong:
        words = Words(
            "与申请更正的内容不一致，请核对原件", "This is not what was asked for: look at the original again."
        )
        raise Invalid(*(FieldProblem(paths[field], "OTHER_THAN_REQUESTED", words) for field in wrong))
