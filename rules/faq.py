"""Frequent questions with their answers (帮助中心, N21): for whom, in which state, and what may be written in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, Together, Words, WrongState
from rules.label import Labelled
from rules.people import Actor, Party, Role, require
from rules.wording import wording

LONGEST_QUESTION, LONGEST_ANSWER = 200, 4000
MOST: Final = 500
"""The most entries: the list is read as a whole, and searched without an index."""
MOST_WORDS: Final = 5
PLACES: Final = range(1, 10_000)


class HelpAudience(Labelled):
    """The people that a help text is for (适用对象)."""

    EVERYBODY = "EVERYBODY", "所有人"
    NURSE = "NURSE", "护士"
    INSTITUTION = "INSTITUTION", "医疗机构"
    AUTHORITY = "AUTHORITY", "卫生健康主管部门"


class FaqState(Labelled):
    """The state of an entry."""

    DRAFT = "DRAFT", "草稿"
    PUBLISHED = "PUBLISHED", "已发布"
    WITHDRAWN = "WITHDRAWN", "已撤下"


class FaqStep(StrEnum):
    """A step on an entry."""

    CHANGE = "CHANGE"
    PUBLISH = "PUBLISH"
    WITHDRAW = "WITHDRAW"


_D, _P, _W = FaqState
FAQ_MOVES: Final[Mapping[FaqStep, Mapping[FaqState, FaqState]]] = {
    FaqStep.CHANGE: {_D: _D, _P: _P, _W: _W},
    FaqStep.PUBLISH: {_D: _P, _W: _P},
    FaqStep.WITHDRAW: {_P: _W},
}
"""The state to which each step leads, by the state from which it may be taken."""


@dataclass(frozen=True, slots=True)
class FaqText:
    """An entry as it is written, in both languages; those of smaller places come first."""

    audience: HelpAudience
    place: int
    question: Words
    answer: Words


@dataclass(frozen=True, slots=True)
class Faq:
    """An entry as it stands."""

    id: UUID
    state: FaqState
    version: int
    text: FaqText


def require_keeper(actor: Actor) -> None:
    """Refuse whoever does not keep the help texts: the whole country reads them, so the nation's admins do."""
    require(actor, Role.PROVINCIAL_ADMIN)
    if not actor.national:
        raise NotAllowed("NOT_NATIONAL", _NATIONAL)


def audiences(actor: Actor | None) -> frozenset[HelpAudience]:
    """The audiences that somebody belongs to: everybody, signed in or not, and those of her own end of the system."""
    if actor is None or actor.party is None:
        return frozenset({HelpAudience.EVERYBODY})
    if actor.party is Party.HELP_DESK:
        return frozenset(HelpAudience)
    return frozenset({HelpAudience.EVERYBODY} | {one for one in HelpAudience if one.value == actor.party.value})


def next_faq_state(entry: Faq, step: FaqStep, version: int) -> FaqState:
    """The state to which a step leads; refuses one that is not taken from there, or on an entry that has moved on."""
    if entry.version != version:
        raise Conflict(Situation.VERSION_STALE, current_version=entry.version)
    if entry.state not in FAQ_MOVES[step]:
        raise WrongState(entry.state)
    return FAQ_MOVES[step][entry.state]


def checked(text: FaqText) -> FaqText:
    """An entry as it is kept; Invalid with all that is wrong about it."""
    with Together() as each:
        asked = [
            each(lambda: wording("questionZh", text.question.zh, LONGEST_QUESTION, allowed="")),
            each(lambda: wording("questionEn", text.question.en, LONGEST_QUESTION, allowed="")),
        ]
        answer = [
            each(lambda: wording("answerZh", text.answer.zh, LONGEST_ANSWER)),
            each(lambda: wording("answerEn", text.answer.en, LONGEST_ANSWER)),
        ]
        each(lambda: _require_place(text.place))
    return replace(text, question=Words(*asked), answer=Words(*answer))


def _require_place(place: int) -> None:
    if place not in PLACES:
        raise Invalid(FieldProblem("place", "OUT_OF_RANGE", _PLACE))


def require_room(entries: int) -> None:
    """Refuse an entry too many."""
    if entries >= MOST:
        zh, en = f"常见问题最多{MOST}条，请先修改已有的", f"At most {MOST} entries: change one that is there."
        raise Invalid(FieldProblem("questionZh", "TOO_MANY", Words(zh, en)))


def searched(text: str | None) -> tuple[str, ...]:
    """The words that an entry must have, all of them, in the form in which they are compared."""
    return tuple(dict.fromkeys((text or "").casefold().split()))[:MOST_WORDS]


_NATIONAL: Final = Words(
    "常见问题和手册全国共用，由国家级管理部门维护",
    "The whole country reads these questions and manuals: the national authority keeps them.",
)
_PLACE: Final = Words("顺序须为1至9999", "The place is a number from 1 to 9999.")
