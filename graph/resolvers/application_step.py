"""The mutation of a step on an application, and the commands that its input asks for."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Input, Mutation
from graph.resolvers.shown import Shows
from graph.schema.node import key_of
from graph.schema.step import (
    ApplicationMarkInput,
    ApplicationOpinionInput,
    ApplicationPayload,
    ApplicationReasonsInput,
    ApplicationStepInput,
    ApplicationWordsInput,
)
from rules.marks import MaterialMark
from workflow.application_step import ApplicationStep, MarkStep, OpinionStep, ReasonsStep, WordsStep
from workflow.case import AS_BEFORE, AsBefore
from workflow.step import Command


def of(
    command: type[Command], input: type[Input], description: str, wish: Callable[[Input], Command]
) -> Mutation[Input]:
    """The mutation of a step that leaves the application with whom it was: its payload shows it."""
    return mutation.of(command, input, ApplicationPayload, description, wish, Shows("Application"))


def seen(input: ApplicationStepInput) -> tuple[UUID, int]:
    """The application, and the version of it that was seen."""
    return key_of("Application", input.id), input.expected_version


def target(given: strawberry.ID | None) -> UUID | AsBefore | None:
    """The institution named, nobody's, or the one named before."""
    if given is strawberry.UNSET:
        return AS_BEFORE
    return None if given is None else key_of("Institution", given)


def plain(command: type[ApplicationStep]) -> Callable[[ApplicationStepInput], ApplicationStep]:
    """A step that asks for nothing else."""
    return lambda given: command(*seen(given), idempotency_key=retry_key(given))


def opinion(command: type[OpinionStep]) -> Callable[[ApplicationOpinionInput], ApplicationStep]:
    """A step that may carry an opinion."""
    return lambda given: command(*seen(given), opinion=given.opinion, idempotency_key=retry_key(given))


def words(command: type[WordsStep]) -> Callable[[ApplicationWordsInput], ApplicationStep]:
    """Something to say to the other side."""
    return lambda given: command(*seen(given), text=given.text, idempotency_key=retry_key(given))


def reasons(command: type[ReasonsStep]) -> Callable[[ApplicationReasonsInput], ApplicationStep]:
    """A step that needs reasons."""
    return lambda given: command(
        *seen(given),
        reasons=tuple(given.reasons),
        opinion=given.opinion,
        idempotency_key=retry_key(given),
    )


def mark(command: type[MarkStep]) -> Callable[[ApplicationMarkInput], ApplicationStep]:
    """A request to correct marked fields."""
    return lambda given: command(
        *seen(given),
        reasons=tuple(given.reasons),
        opinion=given.opinion,
        marked_fields=tuple(given.marked_fields),
        marked_materials=tuple(MaterialMark(one.code, one.reason, one.note or None) for one in given.marked_materials),
        idempotency_key=retry_key(given),
    )
