"""Everything the register may refuse, and the words people read when it does.

One hierarchy. It knows nothing of HTTP or GraphQL: `graph/errors.py` gives each class its face.
`code` is stable for programs; `words` are for people, in Chinese and English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Self, TypeVar, cast
from uuid import UUID

from rules.conflict import Situation
from rules.label import Labelled
from rules.measures import waited

T = TypeVar("T")


class Language(StrEnum):
    """The languages messages come in."""

    CHINESE = "zh"
    ENGLISH = "en"


class Words(NamedTuple):
    """One message in both languages."""

    zh: str
    en: str

    def within(self, language: Language) -> str:
        """The message in one language."""
        return self.en if language is Language.ENGLISH else self.zh


def listed_words(members: Iterable[Labelled]) -> Words:
    """Members of closed lists as people read them one after the other."""
    there = [*members]
    return Words("、".join(one.label for one in there), ", ".join(one.english for one in there))


class RegistryError(Exception):
    """A refusal of the register: nothing was changed."""

    code: ClassVar[str] = "REFUSED"
    words: Words = Words("请求被拒绝", "The request was refused.")

    def __str__(self) -> str:
        return f"{self.code}: {self.words.en}"


class NotFound(RegistryError):
    """No such record, or none this person may know of: the two look the same on purpose."""

    code = "NOT_FOUND"
    words = Words("未找到该记录", "There is no such record.")


class GoneSince(NotFound):
    """The step was carried out, and whoever took it may not read the record any more: there is nothing to be shown."""

    code = "GONE_SINCE"
    words = Words(
        "操作已完成；该记录此后已转由他处办理，您不能再查看，请勿重复操作",
        "The step was carried out; the record is no longer yours to read. Do not take it again.",
    )


class Unauthenticated(RegistryError):
    """No one is signed in, or the session has ended."""

    code = "UNAUTHENTICATED"
    words = Words("请先登录", "Sign in first.")


class AccessChanged(Unauthenticated):
    """The session stands, and what its account may see is not what it was: whoever follows a feed connects again."""

    code = "ACCESS_CHANGED"
    words = Words(
        "您的权限已变更，请重新连接", "What you may see has changed, and you are still signed in: connect again."
    )


class NotAllowed(RegistryError):
    """This person may see the record but not take this step on it; `reason` says which rule forbids it.

    `application_id` is another application that stands in the way.
    """

    code = "NOT_ALLOWED"

    def __init__(self, reason: str, words: Words, application_id: UUID | None = None) -> None:
        super().__init__(reason)
        self.reason, self.words, self.application_id = reason, words, application_id


class WrongState(RegistryError):
    """The step exists, but not from where the record stands; `open_steps` are those open to this person now."""

    code = "WRONG_STATE"

    def __init__(self, state: Labelled, open_steps: tuple[Any, ...] = ()) -> None:
        super().__init__(state)
        self.state, self.open_steps = state, open_steps
        self.words = Words(
            f"当前为“{state.label}”，不能进行此操作", f"This step cannot be taken while the state is “{state.english}”."
        )


class Conflict(RegistryError):
    """Another request was first; `situation` says with what."""

    code = "CONFLICT"

    def __init__(
        self,
        situation: Situation,
        *,
        current_version: int | None = None,
        by: str | None = None,
        at: datetime | None = None,
    ) -> None:
        super().__init__(situation)
        self.reason = self.situation = situation
        self.words = Words(situation.label, situation.english)
        self.current_version, self.by, self.at = current_version, by, at

    def __str__(self) -> str:
        return f"{self.situation}: {self.words.en}"


@dataclass(frozen=True)
class FieldProblem:
    """One field of an input and its problem.

    `path` is dotted from the mutation's input, in GraphQL names, with the place of an element in its list: a rule of a
    form says the form's own field, and `workflow/command.py` puts before it where the form stands.
    """

    path: str
    code: str
    words: Words


class Invalid(RegistryError):
    """The input is well formed but breaks the regulation: one problem a field."""

    code = "VALIDATION"
    words = Words("填报内容不符合要求", "The input does not meet the requirements.")

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return f"{self.code}: {', '.join(f'{p.path} {p.code}' for p in self.problems)}"


class Together:
    """The checks of one input, whose problems are told in one answer: `phone = each(lambda: phone_number(…))`.

    A check that fails gives nothing; nobody reads it, since the end of the block raises Invalid with all problems.
    """

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def __enter__(self) -> Self:
        return self

    def __call__(self, check: Callable[[], T]) -> T:
        """The result of a check."""
        try:
            return check()
        except Invalid as refusal:
            known = {(one.path, one.code) for one in self.problems}
            self.problems += [one for one in refusal.problems if (one.path, one.code) not in known]
            return cast(T, None)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self.problems:
            raise Invalid(*self.problems)


class RateLimited(RegistryError):
    """Too many tries; `retry_after` seconds from now it may be tried again."""

    code = "RATE_LIMITED"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        zh, en = waited(retry_after)
        self.words = Words(f"操作过于频繁，请在{zh}后再试", f"Too many tries; try again in {en}.")


class Unavailable(RegistryError):
    """The database is away, full or being moved: nothing was done, and it may be tried again soon."""

    code = "UNAVAILABLE"
    words = Words("系统暂时不可用，请稍后再试", "The register is not available at the moment; try again soon.")
    retry_after: ClassVar[int] = 2
