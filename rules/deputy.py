"""Deputies (代理): a colleague acts for somebody who is away, for a span of days, with no more rights than hers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, NotFound, Words
from rules.label import Labelled
from rules.people import AccountState, Actor, Role
from rules.staff import ON_BEHALF, OWN_ACCOUNT, Colleague, require_equal, require_manages

LONGEST_DAYS: Final = 184
"""About half a year: as long as a maternity leave. Whoever is away for longer hands over for good."""


class DeputyshipState(Labelled):
    """The state of a deputyship (代理状态): computed, nothing runs when one begins or ends."""

    PLANNED = "PLANNED", "未开始"
    RUNNING = "RUNNING", "代理中"
    ENDED = "ENDED", "已结束"


@dataclass(frozen=True, slots=True)
class Deputyship:
    """That `deputy_id` acts for `absent_id`, with these of her roles, from one day to another, both included."""

    id: UUID
    absent_id: UUID
    deputy_id: UUID
    roles: frozenset[Role]
    starts_on: date
    ends_on: date
    ended_at: datetime | None = None


_NO_DEPUTY: Final = Words(
    "代理人应是同一单位在用账户的同事，且不是被代理人本人",
    "A deputy is an active colleague of the same place, and another person.",
)
_OVERLAPS: Final = Words(
    "该同事在这些日期已代理此人，请先结束原代理", "She is her deputy on some of these days already: end that first."
)
_NOT_YOURS: Final = Words("这不是您的代理", "You are not this colleague's deputy.")
_NOT_TODAY: Final = Words("代理期未到或者已过", "The deputyship has not begun yet, or is over.")
_ABSENT_OUT: Final = Words(
    "被代理人的账户已停用或者角色已变更，代理随之终止", "Her account is out of use, or has these roles no more."
)


def require_in_person(actor: Actor) -> None:
    """Refuse a deputy what she can only do as herself: who may do what is not decided on behalf of somebody."""
    if actor.on_behalf_of is not None:
        raise NotAllowed("NOT_ON_BEHALF", ON_BEHALF)


def require_may_name(actor: Actor, absent: Colleague, deputy: Colleague, *, same_person: bool) -> None:
    """Refuse whoever is neither the absent colleague nor manages her; and a deputy who could not be one.

    Nobody lends herself the rights of others.
    """
    require_in_person(actor)
    if absent.account_id != actor.account_id:
        require_manages(actor, absent.place)
        if deputy.is_actor:
            raise NotAllowed("ABOUT_YOURSELF", OWN_ACCOUNT)
    if absent.state is not AccountState.ACTIVE:
        raise NotAllowed("ABSENT_OUT", _ABSENT_OUT)
    if deputy.place != absent.place or deputy.state is not AccountState.ACTIVE or same_person:
        raise Invalid(FieldProblem("deputy", "NO_DEPUTY", _NO_DEPUTY))


def lent_roles(actor: Actor, absent: Colleague, roles: Collection[Role]) -> frozenset[Role]:
    """The roles that a deputy gets: such as the absent colleague has herself; raises Invalid for any other."""
    wrong = sorted(set(roles) - absent.roles)
    if wrong or not roles:
        zh = f"被代理人没有这些角色：{'、'.join(role.label for role in wrong)}" if wrong else "请选择代理的角色"
        en = f"She has no such role herself: {', '.join(one.english for one in wrong)}." if wrong else "Name the roles."
        raise Invalid(FieldProblem("roles", "ROLES_NOT_HERS", Words(zh, en)))
    require_equal(actor, roles)
    return frozenset(roles)


def check_span(starts_on: date, ends_on: date, today: date) -> None:
    """Refuse a span that is past, ends before it begins, or is longer than about half a year."""
    problems = []
    if starts_on < today:
        words = Words(f"开始日期{starts_on}早于今天", f"{starts_on} is past.")
        problems.append(FieldProblem("startsOn", "DATE_PASSED", words))
    if ends_on < starts_on:
        words = Words(f"结束日期早于开始日期{starts_on}", f"It begins on {starts_on}: it cannot end before.")
        problems.append(FieldProblem("endsOn", "ENDS_BEFORE_START", words))
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        words = Words(f"代理最长{LONGEST_DAYS}天", f"A deputyship lasts {LONGEST_DAYS} days at most.")
        problems.append(FieldProblem("endsOn", "SPAN_TOO_LONG", words))
    if problems:
        raise Invalid(*problems)


def require_apart(others: Collection[Deputyship], starts_on: date, ends_on: date) -> None:
    """Refuse a second deputyship of the same two on a day of the first."""
    if any(one.ended_at is None and one.starts_on <= ends_on and starts_on <= one.ends_on for one in others):
        raise Invalid(FieldProblem("startsOn", "DEPUTYSHIP_OVERLAPS", _OVERLAPS))


def require_may_end(actor: Actor, absent: Colleague, deputyship: Deputyship, today: date) -> None:
    """Refuse whoever is neither of the two nor manages them; Conflict where it is over already."""
    if actor.account_id not in (deputyship.absent_id, deputyship.deputy_id):
        require_manages(actor, absent.place)
    require_in_person(actor)
    if deputyship.ended_at is not None or deputyship.ends_on < today:
        raise Conflict(Situation.DEPUTYSHIP_ENDED, at=deputyship.ended_at)


def require_may_act(actor: Actor, deputyship: Deputyship, absent: Colleague, today: date) -> None:
    """Refuse to act for somebody whose deputy one is not, or not today."""
    if deputyship.deputy_id != actor.account_id:
        raise NotFound if absent.place.id != actor.party_id else NotAllowed("NOT_YOUR_DEPUTYSHIP", _NOT_YOURS)
    require_in_person(actor)
    if deputyship.ended_at is not None or not deputyship.starts_on <= today <= deputyship.ends_on:
        raise NotAllowed("NOT_TODAY", _NOT_TODAY)
    if absent.state is not AccountState.ACTIVE or not deputyship.roles & absent.roles:
        raise NotAllowed("ABSENT_OUT", _ABSENT_OUT)
