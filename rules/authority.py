"""Health authorities (卫生健康行政部门): their levels in the tree, who may add to it, and what each sets for itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rules.errors import FieldProblem, Invalid, NotFound, Together, Words
from rules.institution import require_in_area, standard_name
from rules.label import Labelled
from rules.people import Actor, Party, Role, require

NATION_CODE: Final = "100000"
"""The code of the nation in the tree; GB/T 2260 has none for it."""
NATION_NAME: Final = "国家卫生健康委员会"
WINDOW: Final = range(30, 366)
"""The days before expiry from which a renewal may be filed (延续受理期): the law's own line is thirty."""
PROMISE: Final = range(1, 21)
"""The working days that an authority may promise to decide within (承诺时限): twenty are the law's."""
_CODE: Final = re.compile(r"[0-9A-Z]{6,12}")
_DIVISION: Final = re.compile(r"[0-9]{6}")


class AuthorityLevel(Labelled):
    """The level of an authority (行政层级)."""

    NATION = "NATION", "国家级"
    PROVINCE = "PROVINCE", "省级"
    CITY = "CITY", "设区的市级"
    DISTRICT = "DISTRICT", "县级"


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """The values that an authority sets for what it decides: two persons, when renewals open, and what it promises."""

    two_persons: bool
    renewal_window_days: int
    promised_days: int | None


def require_administers(actor: Actor, path: str) -> None:
    """Refuse an actor who is no provincial admin of the authority at this place in the tree, or of one above it."""
    if not actor.active or actor.party is not Party.AUTHORITY or not path.startswith(actor.path or "-"):
        raise NotFound
    require(actor, Role.PROVINCIAL_ADMIN)


def checked_authority(
    code: str, name: str, level: AuthorityLevel, above: AuthorityLevel, areas: Sequence[str]
) -> tuple[str, str]:
    """The code and the name of an authority to be, below one whose code and those above it are `areas`, nearest first.

    Invalid for a level that is not below, and for a division outside the area.
    """
    with Together() as each:
        each(lambda: _require_below(level, above))
        found = each(lambda: authority_code(code, areas))
        named = each(lambda: standard_name(name))
    return found, named


def authority_code(code: str, areas: Sequence[str]) -> str:
    """The code of an authority: that of its division (行政区划代码), or for a zone or a corps one of its own."""
    text = code.strip().upper()
    if not _CODE.fullmatch(text):
        words = Words(f"机关代码“{code}”应为6至12位数字或字母", f"{code!r} is not 6 to 12 digits or letters.")
        raise Invalid(FieldProblem("code", "AUTHORITY_CODE", words))
    if _DIVISION.fullmatch(text):
        require_in_area(text, areas, path="code")
    return text


def _require_below(level: AuthorityLevel, above: AuthorityLevel) -> None:
    levels = list(AuthorityLevel)
    if levels.index(level) <= levels.index(above):
        zh = f"{level.label}机关不能设在{above.label}机关之下"
        en = f"An authority of level {level.english} cannot stand below one of level {above.english}."
        raise Invalid(FieldProblem("level", "NOT_BELOW", Words(zh, en)))


def require_settings(settings: AuthoritySettings) -> None:
    """Refuse days that the law does not leave open."""
    with Together() as each:
        each(lambda: _require_days("renewalWindowDays", settings.renewal_window_days, WINDOW))
        each(lambda: _require_days("promisedDays", settings.promised_days, PROMISE))


def _require_days(path: str, days: int | None, possible: range) -> None:
    if days is not None and days not in possible:
        first, last = possible[0], possible[-1]
        words = Words(f"应为{first}至{last}天，不能是{days}天", f"{first} to {last} days, not {days}.")
        raise Invalid(FieldProblem(path, "DAYS_RANGE", words))
