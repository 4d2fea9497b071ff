"""Words for what a closed list does not have (其他): whoever picks OTHER says which it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rules.casing import camel_case
from rules.errors import FieldProblem, Words
from rules.form_checks import text_problems
from rules.label import Labelled
from rules.wording import LONGEST_REMARK, remark, wording

LONGEST_OTHER: Final = 50
OTHERS: Final[Mapping[str, str]] = {
    "department": "other_department",
    "education": "other_education",
    "post": "other_post",
}
"""The values on record whose lists have OTHER, and the columns that say it in words."""
PATHS: Final[Mapping[str, str]] = {camel_case(name): camel_case(words) for name, words in OTHERS.items()}
"""The same as GraphQL names them."""
WHICH: Final = Words("选择“其他”的，请写明具体内容", "Say in words which other one it is.")
NOT_OTHER: Final = Words(
    "只有选择“其他”时填写，请留空或改选“其他”", "These words go with OTHER only: leave them out, or pick OTHER."
)


def said(value: Labelled, words: str | None) -> str:
    """A value as people read it: the term, and the words of one that the list does not have."""
    return f"{value.label}：{words}" if value.unlisted and words else value.label


def trimmed(words: str | None) -> str | None:
    """Words without the blanks around them; None where nothing is left."""
    return (words or "").strip() or None


def words_problems(chosen: Labelled | None, path: str, words: str | None) -> Iterator[FieldProblem]:
    """The problems of words that belong to a value: they are needed with OTHER, and go with nothing else."""
    other = chosen is not None and chosen.unlisted
    if trimmed(words) is not None and not other:
        yield FieldProblem(path, "OTHER_NOT_CHOSEN", NOT_OTHER)
    yield from text_problems(path, words, LONGEST_OTHER, needed=other, missing=WHICH, allowed="")


def with_words(paths: Iterable[str]) -> frozenset[str]:
    """These fields of a form, each with the other half of it: the value with its words, the words with their value."""
    named = frozenset(paths)
    return named.union(*(pair for pair in map(frozenset, PATHS.items()) if pair & named))


def remark_on(chosen: Labelled, path: str, text: str | None, longest: int = LONGEST_REMARK) -> str | None:
    """Remarks beside a value, which may be left out unless it is OTHER; Invalid where they are too long, or missing."""
    return wording(path, text, longest, WHICH) if chosen.unlisted else remark(path, text, longest)
