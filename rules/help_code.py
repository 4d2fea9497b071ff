"""Codes by which the help desk sees where somebody stands (客服查询码): of her making, for ten minutes and one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from rules.account import AccountStep
from rules.application import State
from rules.errors import NotAllowed, Words
from rules.kinds import Kind
from rules.people import AccountState, Actor, Party, Role, require
from rules.registration import Standing

DIGITS: Final = 8
LIFETIME: Final = timedelta(minutes=10)
MADE: Final = (timedelta(hours=1), 5)
"""So many codes one account makes within the span."""
TRIES: Final = (timedelta(hours=1), 20)
"""So many codes one person of the help desk tries within the span: of a hundred million there are few."""
APPLICATIONS: Final = 10


@dataclass(frozen=True, slots=True)
class SeenApplication:
    """An application as the help desk sees it: no form, no papers, no words of anybody."""

    kind: Kind
    state: State


@dataclass(frozen=True, slots=True)
class Seen:
    """A person's standing, masked, and her next step."""

    account_id: UUID
    nurse_id: UUID | None
    party: Party
    name_masked: str
    account_state: AccountState
    account_steps: tuple[AccountStep, ...]
    standing: Standing | None
    valid_until: date | None
    institution: str | None
    authority: str | None
    applications: tuple[SeenApplication, ...]


def require_desk(actor: Actor) -> None:
    """Refuse whoever is not the help desk's."""
    require(actor, Role.HELP_DESK)


def require_not_herself(actor: Actor, seen: Seen) -> None:
    """Refuse a code of one's own."""
    if actor.account_id == seen.account_id or actor.is_nurse(seen.nurse_id):
        raise NotAllowed("ABOUT_YOURSELF", _OWN)


def wrong() -> NotAllowed:
    """The refusal of a code that nobody has made, or that is no longer good."""
    return NotAllowed("WRONG_CODE", _WRONG)


_OWN: Final = Words("不能查询本人", "Nobody looks at herself.")
_WRONG: Final = Words(
    "查询码不正确或已失效，请核对，或请本人重新生成",
    "The code is wrong or no longer good: check it, or ask for another.",
)
