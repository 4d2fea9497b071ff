"""A nationality (国籍) beside the document by which somebody is registered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.errors import FieldProblem, Words
from rules.identity import DocumentType

CHINA: Final = "中国"
CHINESE_ONLY: Final = frozenset(
    {
        *(DocumentType.RESIDENT_ID, DocumentType.HK_MACAO_PERMIT, DocumentType.TAIWAN_PERMIT),
        DocumentType.HMT_RESIDENCE_PERMIT,
    }
)
"""The documents that only Chinese citizens have; a passport is any country's."""


def nationality_problems(nationality: str | None, document: object) -> Iterator[FieldProblem]:
    """The problem of a nationality that the holder of a document cannot have."""
    if nationality is None:
        return
    chinese = nationality.strip() == CHINA
    if document in CHINESE_ONLY and not chinese:
        zh = f"{DocumentType(str(document)).label}的持有人为中国公民，国籍应为“{CHINA}”；证件已变更的，请先更正证件"
        en = f"Whoever has a {document} is Chinese ({CHINA}): where the document has changed, correct that first."
        yield FieldProblem("nationality", "NATIONALITY_OF_DOCUMENT", Words(zh, en))
    if document == DocumentType.FOREIGN_PERMANENT_RESIDENCE and chinese:
        zh = f"外国人永久居留身份证的持有人不是中国公民，国籍不应为“{CHINA}”；已入籍的，请先更正证件"
        en = "Whoever has a foreigner's permanent residence card is no Chinese citizen: correct the document first."
        yield FieldProblem("nationality", "NATIONALITY_OF_DOCUMENT", Words(zh, en))
