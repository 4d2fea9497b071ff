"""Mutations, each declared once: its command, input, payload and what the payload shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic
from uuid import UUID

import strawberry
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField

from graph.context import Context, Info
from graph.resolvers.act import told
from graph.resolvers.planned_act import Act, Fields, Input, PlannedShow, Show, Step
from graph.resolvers.rate_limit import count_try, give_back
from graph.schema.problem import answer
from rules.errors import NotAllowed, RateLimited, RegistryError
from workflow.step import Command, take


@dataclass(frozen=True)
class Mutation(Generic[Input]):
    """One mutation. `carry` does it and gives the fields of its payload.

    Its payload type and result union bear its name: `payload` is that type, or what the type made for it is based on.
    Where several mutations answer with one payload, `result` is their union. `public` needs no sign-in, and is counted
    for each address, where it `opens` only until what was given is right, and where it `counts` by what carries it;
    `secret` tests a password or a code. Without `input` it takes nothing.
    """

    command: type[Command]
    input: type[Input] | None  # none where it takes nothing
    payload: type[object]
    description: str
    carry: Callable[[Context, Input], Awaitable[Fields]]
    public: bool = False
    secret: bool = False
    opens: bool = False
    counts: bool = False
    result: object = None
    step: Step[Input] | None = None  # none where it is left to the executor

    def field(self) -> StrawberryField:
        """The mutation as a field of the root."""
        payload, carry = self.answers, self.carry

        async def resolve(info: Info, input: Any) -> Any:
            if self.public and not self.counts:
                await count_try(info)
            with_reasons = NotAllowed in self.refuses and not self.public
            fields = await (told(info.context, input, carry) if with_reasons else carry(info.context, input))
            if self.opens:
                await give_back(info)
            return payload(**fields)

        async def without_input(info: Info) -> Any:
            return await resolve(info, None)

        result = self.result or answer(payload, self.refuses, f"{self._title}Result", f"What {self.name} answers.")
        made = resolve if self.input else without_input
        made.__annotations__ = {"info": Info, **({"input": self.input} if self.input else {}), "return": result}
        made.__doc__, made.__name__ = self.description, self.name
        field: StrawberryField = strawberry.mutation(resolver=made, name=self.name)
        return field

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.command.mutation()

    @property
    def refuses(self) -> frozenset[type[RegistryError]]:
        """The refusals of its command; tries of who is not signed in, and of passwords and codes, are counted."""
        return self.command.refuses | ({RateLimited} if self.public or self.secret else frozenset())

    @property
    def _title(self) -> str:
        return self.name[0].upper() + self.name[1:]

    @cached_property
    def answers(self) -> type[Any]:
        """The payload's own type."""
        if self.result is not None or self.payload.__name__ == f"{self._title}Payload":
            return self.payload
        body = {"__doc__": f"{self.name} was carried out.", "__annotations__": {}, "__module__": __name__}
        made: type[Any] = strawberry.type(type(f"{self._title}Payload", (self.payload,), body))
        return made


def acting(  # as `of`, for a step that is more than a command
    command: type[Command],
    input: type[Input],
    payload: type[object],
    description: str,
    act: Act[Input],
    show: Show,
    *,
    secret: bool = False,
    result: object = None,
    wish: Callable[[Input], Command] | None = None,
) -> Mutation[Input]:
    """The mutation of a step: `act` takes it, `show` fills the payload. It is taken once, whoever words the answer."""

    async def carry(context: Context, given: Input) -> Fields:
        outcome, context.outcome = context.outcome, None
        return await show(context, await act(context, given) if outcome is None else outcome.result())

    step = Step(act, show, wish) if isinstance(show, PlannedShow) else None
    return Mutation(command, input, payload, description, carry, secret=secret, result=result, step=step)


def prepared(  # as `of`, for a wish that takes slow work: a hash
    command: type[Command],
    input: type[Input],
    payload: type[object],
    description: str,
    wish: Callable[[Context, Input], Awaitable[Command]],
    show: Show,
    *,
    secret: bool = False,
    result: object = None,
) -> Mutation[Input]:
    """The mutation of a step whose command takes more than the input to make."""

    async def act(context: Context, given: Input) -> UUID:
        return await take(context.db, context.signed_in, await wish(context, given))

    return acting(command, input, payload, description, act, show, secret=secret, result=result)


def of(  # the shortest way to say what most mutations are
    command: type[Command],
    input: type[Input],
    payload: type[object],
    description: str,
    wish: Callable[[Input], Command],
    show: Show,
    *,
    secret: bool = False,
    result: object = None,
) -> Mutation[Input]:
    """The mutation of a step: `wish` makes the command of the input, `show` fills the payload."""

    async def act(context: Context, given: Input) -> UUID:
        return await take(context.db, context.signed_in, wish(given))

    return acting(command, input, payload, description, act, show, secret=secret, result=result, wish=wish)


def root(name: str, description: str, *mutations: Mutation[Any]) -> type[Any]:
    """The root type of these mutations."""
    made: type[Any] = create_type(name, [one.field() for one in mutations], description=description)
    return made
