"""A step from the wrong state: the refusal names the steps that are open to this person, as `availableSteps` does."""

from __future__ import annotations

from db import application as applications
from db.store.engine import Tx
from rules.application import Application
from rules.errors import WrongState
from rules.outlook import open_steps
from rules.people import Actor


async def with_open_steps(tx: Tx, actor: Actor, application: Application, refusal: WrongState) -> WrongState:
    """The refusal with what would not be refused in its turn; read only then, since most steps are not refused."""
    seen = (await applications.seen(tx, [application.id])).get(application.id)
    if seen is None:
        return refusal
    return WrongState(refusal.state, tuple(open_steps(actor, seen.application, seen.now, seen.outlook)))
