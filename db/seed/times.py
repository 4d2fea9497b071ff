"""The times of the steps of a seeded application: in office hours, in order, and as soon as the law wants."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from db.seed.application_paths import ApplicationPath
from db.seed.random_source import CHINA, Dice
from db.seed.register import Register
from rules.application import Move, State, Step
from rules.people import Role

SPAN: Final = 35
"""Working days in which a recent story happens: its events lie within the two months that are kept."""
OFFICE_MINUTES: Final = 480
OFFICE_OPENS: Final = time(8, 30, tzinfo=CHINA)
SILENT_DAYS: Final = {Step.LAPSE: 31, Step.DEEM: 31}
"""Days after the step before on which the law ends it."""
_RECENT: Final = {
    State.AUTHORITY_INTAKE: 3,
    **dict.fromkeys((State.INSTITUTION_REVIEW, State.RETURNED, State.CORRECTION_REQUIRED), 14),
}
"""Working days after which the system's scheduler would have gone on from these."""
_WITHIN: Final = {
    **{Step.ACCEPT: 4, Step.REQUIRE_CORRECTION: 4, Step.EXTEND: 12, Step.RESUME: 8},
    **{Step.TAKE: 1, Step.TRANSFER: 1, Step.OBJECT: 1},
}
_AFTER: Final = {Step.ESCALATE: 12}
"""Working days in which, or after which, a step follows the one before."""
_SILENCE: Final = 6
"""The same of an acceptance by silence."""


def step_times(dice: Dice, path: ApplicationPath, register: Register) -> tuple[datetime, ...]:
    """A moment in office hours for each step, ascending, the latest ones closer together; never today."""
    days = register.working_days
    # Not so near to the calendar's end that a decision would be due beyond it.
    end = min(bisect_left(days, register.today), len(days) - SPAN)
    end -= dice.between(50, 700) if path.old else 0
    window = SPAN * OFFICE_MINUTES - len(path.moves)
    minutes = sorted(int(window * (1 - dice.random() ** 2)) for _ in path.moves)
    _keep_terms(minutes, path.moves, window)
    times = [_moment(days[end - SPAN :], minute + nth) for nth, minute in enumerate(minutes)]
    if (silent := SILENT_DAYS.get(path.moves[-1].step)) is not None:
        times[-1] = times[-2] + timedelta(days=silent)
    return tuple(times)


def _keep_terms(minutes: list[int], moves: Sequence[Move], window: int) -> None:
    """Move steps so that each comes as early or late after the one before as it must; the last one stays."""
    recent = _RECENT.get(moves[-1].target)
    least = window - OFFICE_MINUTES * recent if recent is not None else window // 2
    if minutes[-1] < least:
        later = least - minutes[-1]
        minutes[:] = [minute + later for minute in minutes]
    for nth in range(len(minutes) - 2, -1, -1):
        after, step = minutes[nth + 1], moves[nth + 1].step
        silent = step is Step.ACCEPT and moves[nth + 1].role is Role.SYSTEM
        if silent or step in _AFTER:
            days = _SILENCE if silent else _AFTER[step]
            minutes[nth] = min(minutes[nth], after - OFFICE_MINUTES * days)
        elif step in _WITHIN:
            minutes[nth] = max(minutes[nth], after - OFFICE_MINUTES * _WITHIN[step])
        minutes[nth] = min(minutes[nth], after)


def _moment(days: Sequence[date], minute: int) -> datetime:
    day, rest = divmod(minute, OFFICE_MINUTES)
    return datetime.combine(days[day], OFFICE_OPENS) + timedelta(minutes=rest)
