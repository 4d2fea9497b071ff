"""Actors: the signed-in person, the party, and the rights."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from rules.errors import NotAllowed, Words, listed_words
from rules.label import Labelled


class Party(Labelled):
    """The ends of the system: an account acts for one of them."""

    NURSE = "NURSE", "护士"
    INSTITUTION = "INSTITUTION", "医疗机构"
    AUTHORITY = "AUTHORITY", "卫生健康主管部门"
    HELP_DESK = "HELP_DESK", "客服"
    ANALYST = "ANALYST", "统计分析"


class Role(Labelled):
    """A role of an account within its party; one officer may hold several."""

    NURSE = "NURSE", "护士"
    OPERATOR = "OPERATOR", "机构经办人"
    MANAGER = "MANAGER", "机构管理员"
    VIEWER = "VIEWER", "机构查看人"
    WARD_HEAD = "WARD_HEAD", "护士长"
    REVIEWER = "REVIEWER", "审查人"
    DECIDER = "DECIDER", "决定人"
    SUPERVISOR = "SUPERVISOR", "督办人"
    PROVINCIAL_ADMIN = "PROVINCIAL_ADMIN", "省级管理员"
    HELP_DESK = "HELP_DESK", "客服"
    ANALYST = "ANALYST", "统计分析人"
    SYSTEM = "SYSTEM", "系统"


PARTY_OF: dict[Role, Party | None] = {
    Role.NURSE: Party.NURSE,
    Role.OPERATOR: Party.INSTITUTION,
    Role.MANAGER: Party.INSTITUTION,
    Role.VIEWER: Party.INSTITUTION,
    Role.WARD_HEAD: Party.INSTITUTION,
    Role.REVIEWER: Party.AUTHORITY,
    Role.DECIDER: Party.AUTHORITY,
    Role.SUPERVISOR: Party.AUTHORITY,
    Role.PROVINCIAL_ADMIN: Party.AUTHORITY,
    Role.HELP_DESK: Party.HELP_DESK,
    Role.ANALYST: Party.ANALYST,
    Role.SYSTEM: None,
}


class AccountState(Labelled):
    """The state of an account (账户状态)."""

    INACTIVE = "INACTIVE", "未激活"
    ACTIVE = "ACTIVE", "已激活"
    REVOKED = "REVOKED", "已撤销"
    DISABLED = "DISABLED", "已停用"
    INVITED = "INVITED", "已邀请"


HELP_DESK_FEED: Final = UUID("00000000-0000-0000-0000-000000000009")
"""The feed of the help desk (客服), which is one for the whole nation and has no place of its own."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in account.

    `party_id` is the nurse, institution or authority of the account (none for help desk and analysts); `nurse_id` the
    nurse this person is, also in a staff account, so that no one decides about themselves; `path` the authority's
    place in the tree, so that a prefix is its subtree. A deputy (代理人) acts `on_behalf_of` an absent colleague's
    account, with roles of hers alone; `absent_nurse_id` is the nurse whom that colleague is. Who is limited to `units`
    (科室病区) of her institution has to do with nobody else's nurses; None is no limit. `area` is where she belongs in
    the tree: the path of her authority, with her institution behind it. Two are the same actor if they have the same
    rights; a new `name` or `area` changes nothing about that.
    """

    account_id: UUID
    party: Party | None
    party_id: UUID | None
    roles: frozenset[Role]
    active: bool = True
    nurse_id: UUID | None = None
    path: str | None = None
    name: str = field(default="", compare=False)
    on_behalf_of: UUID | None = None
    absent_nurse_id: UUID | None = None
    units: frozenset[UUID] | None = None
    area: str | None = field(default=None, compare=False)

    @property
    def ward_only(self) -> bool:
        """True for a ward head (护士长) without another role: she sees names and standing, and no record."""
        return self.party is Party.INSTITUTION and self.roles == {Role.WARD_HEAD}

    @property
    def national(self) -> bool:
        """True if she works at the nation's authority, which stands on top of the tree."""
        return self.path is not None and self.path.count("/") == len("//")

    def reaches(self, unit_id: UUID | None) -> bool:
        """True if a nurse of this unit is within her limit."""
        return self.units is None or unit_id in self.units

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that she belongs to, from the nation's down to her own."""
        parts = (self.area or "").split("/")[1:-1]
        return tuple(f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts)))

    @property
    def feed(self) -> UUID | None:
        """The scope of this account's feed: its party's, the help desk's common one; before a nurse's account is active
        (激活前), its own.
        """
        if self.party is Party.HELP_DESK:
            return HELP_DESK_FEED
        return self.account_id if self.party is Party.NURSE and not self.active else self.party_id

    @property
    def feed_before(self) -> UUID | None:
        """The scope in which the feed was before the account was active: a nurse's goes on in that of her record."""
        return self.account_id if self.party is Party.NURSE and self.active else None

    def has(self, role: Role) -> bool:
        """True if this account holds the role; a manager has every right of an operator."""
        return holds(self.roles, role)

    def is_nurse(self, nurse_id: UUID | None) -> bool:
        """True if this person is that nurse, or acts for a colleague who is."""
        return nurse_id is not None and nurse_id in (self.nurse_id, self.absent_nurse_id)


def holds(roles: frozenset[Role], role: Role) -> bool:
    """True if these roles give the right of another; a manager has every right of an operator."""
    return role in roles or (role is Role.OPERATOR and Role.MANAGER in roles)


SYSTEM = Actor(UUID(int=0), None, None, frozenset({Role.SYSTEM}), name="系统")


def require(actor: Actor, *roles: Role) -> None:
    """Refuse anyone who holds none of `roles`."""
    if not any(actor.has(role) for role in roles):
        raise wrong_role(roles)
    require_active(actor)


def require_active(actor: Actor) -> None:
    """Refuse a nurse whose account is not active yet (未激活)."""
    if not actor.active:
        words = Words("请先激活账户", "Activate your account first.")
        raise NotAllowed("ACCOUNT_INACTIVE", words)


_NOBODYS: Final = Words("该业务由系统按期自动办理", "The system does this by itself when the time has come.")


def wrong_role(roles: Collection[Role]) -> NotAllowed:
    """The refusal of a step that is for others, with whom it is for."""
    named = sorted(set(roles) - {Role.SYSTEM}, key=list(Role).index)
    if not named:
        return NotAllowed("NOT_ALLOWED", _NOBODYS)
    zh, en = listed_words(named)
    return NotAllowed(
        "NOT_ALLOWED", Words(f"此操作由{zh}办理，您没有该角色", f"This is for: {en}. That is not your role.")
    )


def require_party(actor: Actor, *parties: Party) -> None:
    """Refuse an actor of another end of the system: this operation is not for that kind of account."""
    if actor.party not in parties:
        zh, en = listed_words(parties)
        raise NotAllowed("NOT_ALLOWED", Words(f"此操作仅供{zh}账户办理", f"This is for accounts of: {en}."))
