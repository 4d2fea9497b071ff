"""Acts on a nurse's entry in the register."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import strawberry

from db.store.engine import Database
from graph.context import Context
from graph.resolvers.act import mutation, retry_key
from graph.schema.act import Act
from graph.schema.registration_act import INTERRUPT, LIFT, PRACTISE_AGAIN, REVOKE, SUSPEND
from workflow import interruption, suspension
from workflow.nurse_case import NurseOrder

_STEPS: Final[dict[Act, Callable[[Database, NurseOrder], Awaitable[UUID]]]] = {
    SUSPEND: suspension.suspend,
    LIFT: suspension.lift,
    REVOKE: suspension.revoke,
    INTERRUPT: interruption.start,
    PRACTISE_AGAIN: interruption.end,
}


async def _act(context: Context, act: Act, input: Any) -> Any:
    nurse_id = input.nurse_key()
    await _STEPS[act](context.db, NurseOrder(context.signed_in, nurse_id, input.given(), retry_key(input)))
    context.forget()
    return act.payload(registration=await context.load.one("Registration", nurse_id))


_FIELDS: dict[str, Any] = {act.name: mutation(act, _act) for act in _STEPS}
RegistrationActMutation: Any = strawberry.type(type("RegistrationActMutation", (), {**_FIELDS, "__doc__": "Acting."}))
