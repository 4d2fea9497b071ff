"""Acts on a nurse's entry in the register."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.nurse import Registration
from graph.schema.registration_act import NurseActInput, RegistrationPayload
from workflow.nurse_case import NurseCommand
from workflow.step import take

Input = TypeVar("Input", bound=NurseActInput)


def act(
    command: type[NurseCommand], input: type[Input], description: str, wish: Callable[[Input], NurseCommand]
) -> Mutation[Input]:
    """The mutation of an act on an entry: whoever has taken it reads the entry afresh, while she may."""

    async def carry(context: Context, given: Input) -> Fields:
        wished = wish(given)
        await take(context.db, context.signed_in, wished)
        context.forget()
        return {"registration": await context.load.one(Registration, wished.nurse_id)}

    return Mutation(command, input, RegistrationPayload, description, carry)
