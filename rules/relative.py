"""Near relatives of a deceased nurse (近亲属, PIPL 49): who may ask for her record, and on which proof."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rules.errors import FieldProblem, Invalid, NotAllowed, Together, Words
from rules.label import Labelled
from rules.nurse import DeregistrationReason
from rules.registration import Registration, RegistrationStatus
from rules.wording import wording

LONGEST_NAME: Final = 50
NOT_SEEN: Final = Words(
    "请核对近亲属本人的身份证件和亲属关系证明原件后再办理",
    "See the relative's own document and the proof of the relation first.",
)
NOT_DECEASED: Final = Words(
    "近亲属只能查阅因死亡注销注册的护士的信息",
    "Relatives get the record only of a nurse whose registration ended by her death.",
)
LAST4: Final = Words("请填写证件号码的后4位", "Give the last four characters of the document's number.")
_LAST4: Final = re.compile(r"[0-9A-Z]{4}")


class Relation(Labelled):
    """The relation of a near relative (近亲属, 民法典 1045) to the deceased."""

    SPOUSE = "SPOUSE", "配偶"
    PARENT = "PARENT", "父母"
    CHILD = "CHILD", "子女"
    SIBLING = "SIBLING", "兄弟姐妹"
    GRANDPARENT = "GRANDPARENT", "祖父母、外祖父母"
    GRANDCHILD = "GRANDCHILD", "孙子女、外孙子女"


@dataclass(frozen=True, slots=True, repr=False)
class RelativeClaim:
    """A near relative's claim as the desk writes it down: who, which papers were seen, and what it is for."""

    relation: Relation
    relative_name: str
    document_last4: str
    proof: str
    case_note: str
    papers_seen: bool


def checked(claim: RelativeClaim) -> dict[str, str]:
    """The texts of a claim as they are kept; raises Invalid with everything that is wrong at once."""
    last4 = claim.document_last4.strip().upper()
    with Together() as each:
        name = each(lambda: wording("relativeName", claim.relative_name, longest=LONGEST_NAME))
        proof = each(lambda: wording("proof", claim.proof))
        note = each(lambda: wording("caseNote", claim.case_note))
        each(lambda: _require(bool(_LAST4.fullmatch(last4)), "documentLast4", "LAST4_FORMAT", LAST4))
        each(lambda: _require(claim.papers_seen, "papersSeen", "NOT_SEEN", NOT_SEEN))
    return {"relative_name": name, "document_last4": last4, "proof": proof, "case_note": note}


def _require(good: bool, path: str, code: str, words: Words) -> None:
    if not good:
        raise Invalid(FieldProblem(path, code, words))


def require_deceased(registration: Registration) -> None:
    """Refuse where her registration did not end by her death."""
    dead = registration.status is RegistrationStatus.DEREGISTERED
    if not dead or registration.deregistration_reason is not DeregistrationReason.DEATH:
        raise NotAllowed("NOT_DECEASED", NOT_DECEASED)
