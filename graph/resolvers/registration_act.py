"""Acts on a nurse's entry in the register."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from graph.context import Context
from graph.resolvers.mutation import Mutation, acting
from graph.resolvers.shown import ShowsWhileSeen
from graph.schema.registration_act import NurseActInput, RegistrationPayload
from workflow.nurse_case import NurseCommand
from workflow.step import take

Input = TypeVar("Input", bound=NurseActInput)


def act(
    command: type[NurseCommand], input: type[Input], description: str, wish: Callable[[Input], NurseCommand]
) -> Mutation[Input]:
    """The mutation of an act on an entry: whoever has taken it reads the entry afresh, while she may."""

    async def taken(context: Context, given: Input) -> UUID:
        wished = wish(given)
        await take(context.db, context.signed_in, wished)
        return wished.nurse_id

    return acting(command, input, RegistrationPayload, description, taken, ShowsWhileSeen("Registration"))
