"""The keepers of the working calendar (工作日历), and the entries it may have."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.form_checks import text_problems
from rules.label import Labelled
from rules.people import Actor, Role, require

LONGEST_NOTE: Final = 100
LONGEST_VIEW: Final = 400
"""The greatest number of days of the calendar shown at once."""
_ONE_DAY: Final = timedelta(days=1)


class DayBasis(Labelled):
    """The word that a day of the calendar rests on (工作日依据)."""

    ANNOUNCED = "ANNOUNCED", "国务院已公布"
    PROVISIONAL = "PROVISIONAL", "暂定，尚未公布"
    SET = "SET", "国家级管理部门设定"


def require_keeper(actor: Actor, level: str | None) -> None:
    """The calendar is one for the whole country: its national authority's supervisors and administrators keep it."""
    require(actor, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN)
    if level != "NATION":
        words = Words("工作日历由国家级管理部门维护", "The calendar is kept by the national authority.")
        raise NotAllowed("NOT_NATIONAL", words)


def require_day(day: date, note: str | None, today: date, last: date | None) -> None:
    """A day that has passed was counted by already, and a gap would pass for days off."""
    if day < today:
        zh = f"{day}已过，不能再修改"
        raise Invalid(FieldProblem("day", "DATE_PASSED", Words(zh, f"{day} has passed and was counted by.")))
    if last is not None and day > last + _ONE_DAY:
        zh = f"工作日历维护到{last}，请先维护{last + _ONE_DAY}"
        en = f"The calendar ends on {last}: go on with {last + _ONE_DAY}."
        raise Invalid(FieldProblem("day", "DAY_GAP", Words(zh, en)))
    if problems := [*text_problems("note", note, LONGEST_NOTE, allowed="")]:
        raise Invalid(*problems)


def require_view(since: date, until: date) -> None:
    """The days of about a year at once, from the first to the last."""
    if not 0 <= (until - since).days < LONGEST_VIEW:
        zh, en = f"请选择1至{LONGEST_VIEW}天", f"Ask for 1 to {LONGEST_VIEW} days, from the first to the last."
        raise Invalid(FieldProblem("until", "SPAN", Words(zh, en)))
