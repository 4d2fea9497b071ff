"""The staff of an institution or an authority: the right to invite, disable and change a colleague."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from rules import spelling
from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Words
from rules.moves import MOVES_OF, State, Step
from rules.people import PARTY_OF, AccountState, Actor, Party, Role, wrong_role
from rules.wording import wording

INVITED_FOR: Final = timedelta(days=7)
HELD_FOR: Final = timedelta(hours=72)
"""The time for which a contact that was reset cannot be changed again."""
LONGEST_NAME: Final = 50
HELPERS: Final = frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN})
"""The officers who help an institution whose people cannot help themselves; nobody else reads who they are."""
OVERSEERS: Final = frozenset({Role.SUPERVISOR, Role.PROVINCIAL_ADMIN})
OWN_ACCOUNT: Final = Words("不能变更自己的账户", "Nobody changes her own account.")

ON_BEHALF: Final = Words(
    "代理他人期间不能办理此项，请以本人身份办理", "This is not done for somebody else: do it as yourself."
)
IDENTITY_SET: Final = Words(
    "证件号码已登记，不能更改；填写有误的，请停用该账户并重新邀请",
    "The document is on record and stays: if it is wrong, disable this account and invite her again.",
)


class StaffStep(StrEnum):
    """A step that is taken with a colleague's account."""

    INVITE_AGAIN = "INVITE_AGAIN"
    DISABLE = "DISABLE"
    ENABLE = "ENABLE"
    SET_ROLES = "SET_ROLES"
    SET_IDENTITY = "SET_IDENTITY"


_INVITED, _ACTIVE, _DISABLED = AccountState.INVITED, AccountState.ACTIVE, AccountState.DISABLED
STAFF_MOVES: Final[Mapping[StaffStep, Mapping[AccountState, AccountState]]] = {
    # Who was shut out and comes back has maybe lost phone and password: her document has no second account here.
    StaffStep.INVITE_AGAIN: {_INVITED: _INVITED, _DISABLED: _INVITED},
    StaffStep.DISABLE: {_INVITED: _DISABLED, _ACTIVE: _DISABLED},
    StaffStep.ENABLE: {_DISABLED: _ACTIVE},
    StaffStep.SET_ROLES: {_INVITED: _INVITED, _ACTIVE: _ACTIVE, _DISABLED: _DISABLED},
    StaffStep.SET_IDENTITY: {_INVITED: _INVITED, _ACTIVE: _ACTIVE, _DISABLED: _DISABLED},
}
"""The state to which each step leads, by the state from which it may be taken."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """An institution or an authority with people; `path` is the authority's place in the tree."""

    party: Party
    id: UUID
    path: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """The account of a colleague, as its managers see it."""

    account_id: UUID
    place: Workplace
    state: AccountState
    roles: frozenset[Role]
    must_set_password: bool = False
    identity_known: bool = False
    is_actor: bool = False
    """True for the manager's own person, in this account or another."""


def next_staff_state(colleague: Colleague, step: StaffStep) -> AccountState:
    """The state to which a step leads; an account that never signed in goes back to INVITED."""
    moves = STAFF_MOVES[step]
    if colleague.state not in moves:
        zh = f"该账户{colleague.state.label}，不能进行此操作"
        raise NotAllowed(f"ACCOUNT_{colleague.state}", Words(zh, f"The account is {colleague.state}."))
    if step is StaffStep.ENABLE and colleague.must_set_password:
        return AccountState.INVITED
    return moves[colleague.state]


def require_manages(actor: Actor, place: Workplace) -> None:
    """Refuse an actor who does not manage the staff of a place; NotFound to strangers."""
    inside = actor.party is place.party and actor.party_id == place.id
    above = Role.PROVINCIAL_ADMIN in actor.roles and (place.path or "").startswith(actor.path or "-")
    if not actor.active or not (inside or above):
        raise NotFound
    managers = {Role.MANAGER} if place.party is Party.INSTITUTION else OVERSEERS
    if not managers & actor.roles:
        raise wrong_role(managers)


def require_may_change(actor: Actor, colleague: Colleague) -> None:
    """Refuse a change of one's own account, and of a provincial admin by anyone but another provincial admin.

    The actor keeps the same roles, so a place never loses its last manager by these steps.
    """
    require_manages(actor, colleague.place)
    if colleague.is_actor or colleague.account_id in (actor.account_id, actor.on_behalf_of):
        raise NotAllowed("ABOUT_YOURSELF", OWN_ACCOUNT)
    require_equal(actor, colleague.roles)


NEEDED: Final[Mapping[Party, tuple[Role, ...]]] = {
    Party.INSTITUTION: (Role.MANAGER, Role.OPERATOR),
    Party.AUTHORITY: (Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN),
}
"""The roles without which work of a place lies still; a manager has every right of an operator."""


def vacated(party: Party, lost: Collection[Role], held: Collection[Role]) -> tuple[Role, ...]:
    """The needed roles that somebody who goes has held, and that nobody active holds now (岗位空缺)."""
    return tuple(role for role in NEEDED[party] if _holds(lost, role) and not _holds(held, role))


def _holds(roles: Collection[Role], role: Role) -> bool:
    return role in roles or (role is Role.OPERATOR and Role.MANAGER in roles)


def may_hold(roles: Collection[Role], state: State) -> bool:
    """True if somebody with these roles may work on an application that stands there (领取)."""
    return any(move.source is state and _holds(roles, move.role) for move in MOVES_OF[Step.TAKE])


def require_identity_open(colleague: Colleague) -> None:
    """Refuse another document for a colleague who has signed in: nobody is made somebody else for one step."""
    if colleague.identity_known and colleague.state is not AccountState.INVITED:
        raise NotAllowed("IDENTITY_SET", IDENTITY_SET)


def check_roles(actor: Actor, place: Workplace, roles: Collection[Role], *, path: str = "roles") -> frozenset[Role]:
    """The new roles of a colleague; raises Invalid if they are not roles of that place, or more than the actor has.

    A provincial admin works for a province or the nation. A deputy gives no roles: who may do what stays with who is
    answerable for it.
    """
    if actor.on_behalf_of is not None:
        raise NotAllowed("NOT_ON_BEHALF", ON_BEHALF)
    high = place.level in ("NATION", "PROVINCE")
    known = {role for role, party in PARTY_OF.items() if party is place.party}
    wrong = sorted(role for role in roles if role not in known or (role is Role.PROVINCIAL_ADMIN and not high))
    if not roles:
        raise Invalid(FieldProblem(path, "FIELD_REQUIRED", Words("请至少选择一个角色", "Give at least one role.")))
    if wrong:
        zh = f"该单位不能授予这些角色：{'、'.join(role.label for role in wrong)}"
        en = f"These are not roles of this place: {', '.join(wrong)}."
        raise Invalid(FieldProblem(path, "ROLES_OF_ANOTHER_PLACE", Words(zh, en)))
    require_equal(actor, roles)
    return frozenset(roles)


def require_equal(actor: Actor, roles: Collection[Role]) -> None:
    """Refuse whoever gives or changes the role of a provincial admin without being one."""
    if Role.PROVINCIAL_ADMIN in roles and Role.PROVINCIAL_ADMIN not in actor.roles:
        words = Words("只有省级管理员可以变更省级管理员", "Only a provincial admin makes or changes one.")
        raise NotAllowed("PROVINCIAL_ADMIN_ONLY", words)


def require_may_reset(actor: Actor, vouchers: Collection[UUID], path: str | None, *, herself: bool) -> None:
    """Refuse an actor who cannot vouch for the person.

    A manager of the institution or a reviewer of the authority can; `vouchers` are those institutions and authorities.
    For people of a place, whose authority has this `path`, whoever oversees it or one above it can as well: where she
    was the only one, nobody else is left. Nobody vouches for `herself`, in any of her accounts.
    """
    beside = actor.party_id in vouchers
    above = path is not None and actor.party is Party.AUTHORITY and path.startswith(actor.path or "-")
    if not actor.active or not (beside or above):
        raise NotFound
    near = {Role.MANAGER, Role.REVIEWER} if beside else set()
    helping = near if path is None else near | OVERSEERS
    if not actor.roles & helping:
        raise wrong_role(helping)
    if herself:
        raise NotAllowed("ABOUT_YOURSELF", OWN_ACCOUNT)


def still_invited(invited_until: datetime | None, now: datetime) -> bool:
    """True if an invitation can be accepted: within seven days."""
    return invited_until is not None and now <= invited_until


def display_name(text: str, *, path: str = "displayName") -> str:
    """The name colleagues see: 1 to 50 characters, nothing hidden in it."""
    return wording(path, spelling.name(text), LONGEST_NAME, Words("请填写姓名", "Give a name."), allowed="")


def require_nobody_there(admins: Sequence[str]) -> None:
    """Refuse to let somebody in from outside where somebody is there who can invite (邀请)."""
    if admins:
        names = "、".join(admins)
        zh = f"已有可以邀请用户的国家级管理员：{names}，请由其邀请"
        raise NotAllowed("ADMIN_THERE", Words(zh, f"There is an admin who can invite: {', '.join(admins)}. Ask there."))
