"""The tree of authorities (各级卫生健康行政部门, A9): one is added, or sets how it decides."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from db import authority as authorities
from db import institution as institutions
from db.authority import Authority
from rules.authority import AuthorityLevel, AuthoritySettings, checked_authority, require_administers, require_settings
from workflow.step import Command, Lock, Underway, read


@read(Lock.PLACE)
async def parent(step: Underway[AuthorityCreate]) -> Authority:
    """The authority below which another is to be, locked; only for a provincial admin of it or above."""
    found = await authorities.lock(step.tx, step.command.parent_id)
    require_administers(step.actor, found.path)
    return found


@read()
async def areas(step: Underway[AuthorityCreate]) -> list[str]:
    """The codes of the parent and of those above it, nearest first."""
    return await institutions.areas(step.tx, step[parent].id)


@dataclass(frozen=True, slots=True, repr=False)
class AuthorityCreate(Command):
    """An admin's wish for an authority below another; gives it. It has no people yet: `staffInvite` lets them in."""

    parent_id: UUID
    code: str
    name: str
    level: AuthorityLevel
    reads = (parent, areas)
    writes = frozenset({"authority"})

    async def take(self, step: Underway[AuthorityCreate]) -> None:
        """Add it where its level and its division lie below the parent's."""
        above = step[parent]
        code, name = checked_authority(self.code, self.name, self.level, above.level, step[areas])
        await authorities.insert(step.tx, step.key, above, code, name, self.level)
        step.detail = {"authority": step.key, "parent": above.id, "code": code}


@read(Lock.PLACE)
async def own(step: Underway[AuthoritySettingsSet]) -> Authority:
    """The authority that is to decide otherwise, locked; only for a provincial admin of it or above."""
    found = await authorities.lock(step.tx, step.command.authority_id)
    require_administers(step.actor, found.path)
    return found


@dataclass(frozen=True, slots=True, repr=False)
class AuthoritySettingsSet(Command):
    """An admin's wish how an authority decides from now on; gives it.

    What was promised for an application stays; who must be two is judged at each approval, the window at each filing.
    """

    authority_id: UUID
    settings: AuthoritySettings
    reads = (own,)
    writes = frozenset({"authority"})

    async def take(self, step: Underway[AuthoritySettingsSet]) -> None:
        """Set all of it; the audit trail keeps what it was."""
        require_settings(self.settings)
        step.key, before = step[own].id, asdict(step[own].settings)
        await authorities.replace_settings(step.tx, step.key, self.settings)
        after = {f"new_{name}": value for name, value in asdict(self.settings).items()}
        step.detail = {"authority": step.key, **before, **after}
