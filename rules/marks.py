"""Marks of a reviewer, field by field and material by material, and the answer to each (标注、更正、补正)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rules.errors import FieldProblem, Words
from rules.reasons import HEALTH_REPORT, REASONS, Reason

UNNAMED: Final = "materials"
"""The mark of requests made before materials were marked by code: all are open, and the mark may be confirmed."""
LONGEST_NOTE: Final = 200

PROVES: Final[Mapping[str, frozenset[str]]] = {
    HEALTH_REPORT: frozenset({"healthStatus", "healthExaminedOn"}),
    "EDUCATION": frozenset(
        {
            *("school", "major", "education", "otherEducation", "degree", "studyLength", "graduatedOn"),
            *("internshipFrom", "internshipUntil"),
        }
    ),
    "TRAINING": frozenset({"trainingInstitution", "trainedFrom", "trainedUntil"}),
    "RECOVERY": frozenset({"recoveryJudgment"}),
    "MILITARY_CERTIFICATE": frozenset({"militaryCertificateNumber", "militaryValidUntil"}),
    "LOSS_STATEMENT": frozenset({"cause", "statement"}),
    "PROOF": frozenset({"proof"}),
}
"""The fields that each material proves: where one of the two is marked, the other is open as well."""


@dataclass(frozen=True, slots=True)
class MaterialMark:
    """A material that is to be handed in, for a reviewer's reason and in her words."""

    code: str
    reason: Reason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MarkedMaterial:
    """A marked material as it was asked for, and whether a file of it has been handed in since."""

    code: str
    title: Words
    reason: Reason
    answered: bool


def opened_fields(codes: Iterable[str]) -> frozenset[str]:
    """The fields that may change with these marked materials: what a new paper says differs from the old one."""
    return frozenset[str]().union(*(PROVES.get(code, frozenset()) for code in codes))


def opened_material(code: str, marked_fields: Collection[str], marked_codes: Collection[str]) -> bool:
    """True if a material may be handed in, or taken back, in answer to these marks."""
    return code in marked_codes or UNNAMED in marked_fields or bool(PROVES.get(code, frozenset()) & {*marked_fields})


def unanswered(marked: Iterable[MarkedMaterial]) -> Iterator[FieldProblem]:
    """A problem for each marked material of which no file has been handed in since: a word does not answer it."""
    for one in marked:
        if not one.answered:
            zh = f"尚未重新上传材料“{one.title.zh}”（标注原因：{one.reason.label}）"
            en = f"Hand in the marked material again: {one.title.en} ({REASONS[one.reason].en})."
            yield FieldProblem(f"materials.{one.code}", "MATERIAL_UNANSWERED", Words(zh, en))
