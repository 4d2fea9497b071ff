"""Setting the law (法规设定): what holds from a day on, for the nation or for a province."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from db import calendar
from db import law as laws
from rules.law import LawSubject, Setting
from rules.law_setting import require_setter, require_setting
from workflow.step import Command, Underway, read


@read()
async def level(step: Underway[Command]) -> str | None:
    """The level of the authority of whoever asks."""
    return await calendar.level_of(step.tx, step.actor)


@dataclass(frozen=True, slots=True, repr=False)
class LawSettingSet(Command):
    """An administrator's wish that a subject of the law has a value from a day on; gives the setting.

    A value that was to begin that very day has never held, and gives way; what has begun stays for ever.
    """

    about: LawSubject
    from_day: date
    value: tuple[str, ...]
    reads = (level,)
    writes = frozenset({"law_setting"})

    async def take(self, step: Underway[LawSettingSet]) -> None:
        """Set it, for the place of whoever asks; days that have begun are not changed."""
        national = require_setter(step.actor, step[level], self.about)
        require_setting(self.about, self.from_day, self.value, step.tx.today)
        place = None if national else step.actor.party_id
        setting = Setting(self.about, self.from_day, self.value)
        step.key = await laws.put(step.tx, step.key, place, setting, step.actor.account_id)
        step.detail = {"subject": self.about, "from": self.from_day, "value": ",".join(self.value)}
