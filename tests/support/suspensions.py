"""Suspensions and revocations of a registration."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.support.registration_acts import NUMBER, Acts
from tests.support.world import Person
from workflow.suspension import RegistrationRevoke, RegistrationSuspend


async def suspend(acts: Acts, who: Person | None = None, key: str | None = None, **changes: Any) -> UUID:
    """Forbid her to practise for six months."""
    given = {"months": 6, "decision_number": NUMBER, "reason": "违反操作规程", **changes}
    return await acts.take(RegistrationSuspend, who or acts.cast.decider, key, **given)


async def revoke(acts: Acts, who: Person | None = None, key: str | None = None, number: str = NUMBER) -> UUID:
    """Strike her off."""
    given = {"decision_number": number, "reason": "造成严重后果"}
    return await acts.take(RegistrationRevoke, who or acts.cast.decider, key, **given)
