"""The ways a mutation can say no: a closed set."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Final, Union

import strawberry

from rules import errors
from rules.application import State, Step
from rules.conflict import Situation
from rules.errors import RegistryError
from rules.registration import Standing

strawberry.enum(Situation, name="ConflictSituation")


@strawberry.interface
class Problem:
    """Why the register refused; nothing was changed, but where `code` is GONE_SINCE."""

    code: str = strawberry.field(description="Stable, for programs.")
    message: str = strawberry.field(description="For people: Chinese, or English with `Accept-Language: en`.")


@strawberry.type
class NotFoundProblem(Problem):
    """No such record, or none you may know of; GONE_SINCE: the step was taken, and the record is not yours any more."""


@strawberry.type
class NotAllowedProblem(Problem):
    """You may see the record but not take this step; `code` names the rule that forbids it."""

    blocked_by: strawberry.ID | None = strawberry.field(
        description="The application that stands in the way, where one does: a deregistration that is undecided."
    )


@strawberry.type
class WrongStateProblem(Problem):
    """The step cannot be taken from where the application, the registration, or what else it is about, stands."""

    state: State | None = strawberry.field(
        description="Where the application stands now; null where the step is about something else."
    )
    standing: Standing | None = strawberry.field(
        description="Where the registration stands now; null where the step is about something else."
    )
    open_steps: list[Step] = strawberry.field(
        description="The steps open to you from here, as `availableSteps` of the application has them; empty where the "
        "step is about something else."
    )


@strawberry.type
class ConflictProblem(Problem):
    """Somebody was first: the record has moved on, is held by a colleague, or the retry key was used otherwise."""

    situation: Situation = strawberry.field(description="The situation; `code` says the same.")
    current_version: int | None = strawberry.field(description="The version to read again and to expect now.")
    by: str | None = strawberry.field(description="The colleague who was first; never a stranger's name.")
    at: datetime | None = strawberry.field(description="When that was, or until when it is held.")


@strawberry.type
class FieldProblem:
    """One field and what is wrong with it."""

    path: str = strawberry.field(description="The field as GraphQL names it, dotted from the input.")
    code: str = strawberry.field(description="Stable, for programs.")
    message: str = strawberry.field(description="For people.")

    @classmethod
    def of(cls, problem: errors.FieldProblem, language: errors.Language) -> FieldProblem:
        """A problem in the reader's language."""
        return cls(path=problem.path, code=problem.code, message=problem.words.within(language))


@strawberry.type
class ValidationProblem(Problem):
    """The input breaks the regulation: every problem at once."""

    fields: list[FieldProblem] = strawberry.field(description="One entry a problem.")


@strawberry.type
class RateLimitedProblem(Problem):
    """Too many tries."""

    retry_after: int = strawberry.field(description="Seconds from now.")


FACES: Final[Mapping[type[RegistryError], type[Problem]]] = {
    errors.NotFound: NotFoundProblem,
    errors.NotAllowed: NotAllowedProblem,
    errors.WrongState: WrongStateProblem,
    errors.Conflict: ConflictProblem,
    errors.Invalid: ValidationProblem,
    errors.RateLimited: RateLimitedProblem,
}
"""The problem that clients see for each refusal."""


def answer(payload: type[object], refuses: Collection[type[RegistryError]], name: str, description: str) -> object:
    """The union of a payload and the problems of these refusals."""
    faces = [face for refusal, face in FACES.items() if refusal in refuses]
    return Annotated[Union[(payload, *faces)], strawberry.union(name, description=description)]
