"""An investigation (调查, rights 13): looks under it are withheld from the nurse for a time, by two officers' word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, NotFound, Together, Words
from rules.people import Actor, Party, Role, require, require_party
from rules.proposal import SECOND_PERSON
from rules.wording import LONGEST_NUMBER, wording
from rules.working_days import add_months

OFFICERS: Final = (Role.DECIDER, Role.SUPERVISOR)
"""The officers who open and confirm one."""
MONTHS: Final = 6
"""So long a look is withheld at most."""
OVER: Final = Words(
    "该调查已到期，查阅不能再保密", "This investigation is over: no look is withheld under it any more."
)
UNCONFIRMED: Final = Words("该调查尚未经另一人确认", "A second officer has not confirmed this investigation.")


@dataclass(frozen=True, slots=True, repr=False)
class Investigation:
    """An investigation as its steps see it: whose it is, who opened and who confirmed it, and its last day."""

    id: UUID
    authority_id: UUID
    opened_by: UUID
    confirmed_by: UUID | None
    withheld_until: date
    version: int


def investigator(actor: Actor) -> UUID:
    """The authority of an officer who may open one; others are refused."""
    require_party(actor, Party.AUTHORITY)
    require(actor, *OFFICERS)
    assert actor.party_id is not None
    return actor.party_id


def checked(case_number: str, legal_ground: str, withheld_until: date, today: date) -> tuple[str, str, date]:
    """Its case number, legal ground and last day; Invalid where one is missing, or the day is not within six months."""
    with Together() as each:
        number = each(lambda: wording("caseNumber", case_number, LONGEST_NUMBER))
        ground = each(lambda: wording("legalGround", legal_ground))
        day = each(lambda: _within(withheld_until, today))
    return number, ground, day


def _within(day: date, today: date) -> date:
    last = add_months(today, MONTHS)
    if not today < day <= last:
        zh, en = f"须为明天至{last}之间的日期", f"Give a day from tomorrow to {last}, not {day}."
        raise Invalid(FieldProblem("withheldUntil", "WITHHELD_UNTIL", Words(zh, en)))
    return day


def require_may_confirm(actor: Actor, found: Investigation, expected_version: int) -> None:
    """Refuse whoever is of another authority, who may not investigate, and who opened it or stands in for who did."""
    if not actor.active or actor.party is not Party.AUTHORITY or actor.party_id != found.authority_id:
        raise NotFound
    require(actor, *OFFICERS)
    if found.opened_by in (actor.account_id, actor.on_behalf_of):
        raise NotAllowed("TWO_PERSONS_REQUIRED", SECOND_PERSON)
    if found.confirmed_by is not None:
        raise Conflict(Situation.REQUEST_DECIDED)
    if found.version != expected_version:
        raise Conflict(Situation.VERSION_STALE, current_version=found.version)


def require_may_withhold(actor: Actor, found: Investigation | None, today: date) -> date:
    """The day until which a look under it is withheld, for the two officers of it alone."""
    own = found is not None and actor.party is Party.AUTHORITY and actor.party_id == found.authority_id
    if found is None or not own:
        raise NotFound
    if actor.account_id not in (found.opened_by, found.confirmed_by):
        raise NotFound
    if found.confirmed_by is None:
        raise NotAllowed("INVESTIGATION_UNCONFIRMED", UNCONFIRMED)
    if found.withheld_until < today:
        raise NotAllowed("INVESTIGATION_OVER", OVER)
    return found.withheld_until
