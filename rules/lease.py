"""Leases (领取): the person working on an application for the next half hour.

Whether one holds is computed from its end; that it has ended is told by the system once, within a second.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from rules.application import Application, Step, steps_open_to
from rules.errors import FieldProblem, Invalid, Words
from rules.moves import LEASES
from rules.people import Actor

__all__ = ["LEASE", "LEASES", "free", "require_may_hold"]

LEASE: Final = timedelta(minutes=30)
NO_COLLEAGUE: Final = Words(
    "该账户不是本单位可办理此业务的人员", "This account is no colleague of yours who may work on this application."
)


def free(application: Application) -> Application:
    """An application as it were if nobody worked on it."""
    return replace(application, holder_id=None, held_until=None)


def require_may_hold(colleague: Actor | None, application: Application, now: datetime) -> Actor:
    """The colleague to whom a manager or supervisor gives an application.

    It must be one who could take it, were it free.
    """
    if colleague is None or Step.TAKE not in steps_open_to(colleague, free(application), now):
        raise Invalid(FieldProblem("to", "NO_COLLEAGUE", NO_COLLEAGUE))
    return colleague
