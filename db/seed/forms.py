"""The filled forms (申请表) of seeded applications, one for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Final

import orjson

from db.seed.people import Nurse
from db.seed.stories import Story
from rules.deregistration import PROVEN
from rules.form import Form, form_to_json
from rules.forms import (
    ChangeForm,
    DeregistrationForm,
    FirstForm,
    MilitarySource,
    MilitaryTransferForm,
    ReissueCause,
    ReissueForm,
    RenewalForm,
    ReregistrationForm,
)
from rules.kinds import Kind
from rules.nurse import Department, DeregistrationReason, HealthStatus, Title

MARKED: Final = "healthExaminedOn"
"""The one field that seeded reviewers mark."""
UNEXAMINED: Final = (Kind.DEREGISTRATION, Kind.REISSUE)
"""The kinds that ask for no health examination."""


def form(nurse: Nurse, story: Story, examined_on: date) -> str:
    """The nurse's form, after a health examination on that day."""
    filled = _filled(nurse, story)
    if story.kind not in UNEXAMINED:
        filled = {**filled, MARKED: examined_on.isoformat()}
    return as_json(filled)


def as_json(value: Mapping[str, object]) -> str:
    """A value for a jsonb column."""
    return orjson.dumps(value).decode()


def _filled(nurse: Nurse, story: Story) -> Mapping[str, object]:
    """All but the day of the examination; the common form is made once."""
    if story.kind is Kind.RENEWAL:
        return _renewal(nurse.department, nurse.other_department, nurse.title)
    return form_to_json(_FORMS[story.kind](nurse, story))


@cache
def _renewal(department: Department, words: str | None, title: Title) -> Mapping[str, object]:
    return form_to_json(RenewalForm(HealthStatus.GOOD, date.min, department, title, other_department=words))


def _first(nurse: Nurse, story: Story) -> FirstForm:
    end = nurse.graduated_on
    return FirstForm(
        *(HealthStatus.GOOD, date.min, nurse.department, nurse.title, nurse.school, nurse.major),
        *(nurse.education, nurse.schooling.degree, nurse.schooling.length, end),
        internship_from=date(end.year - 1, 8, 1),
        internship_until=date(end.year, 5, 31),
        other_department=nurse.other_department,
    )


def _change(nurse: Nurse, story: Story) -> ChangeForm:
    return ChangeForm(nurse.department, "工作调动", HealthStatus.GOOD, date.min, nurse.other_department)


_PROOFS: Final = {
    DeregistrationReason.DEATH: "死亡医学证明",
    DeregistrationReason.INCAPACITY: "民事判决书",
    DeregistrationReason.LICENCE_REVOKED: "行政处罚决定书",
}


def _deregistration(nurse: Nurse, story: Story) -> DeregistrationForm:
    reason = story.reason
    assert reason is not None
    remarks = "不再从事护理工作" if reason is DeregistrationReason.OTHER else None
    proof = f"{_PROOFS[reason]}〔{story.filed_on.year}〕{nurse.index:06d}号" if reason in PROVEN else None
    return DeregistrationForm(reason, remarks, proof)


def _reregistration(nurse: Nurse, story: Story) -> ReregistrationForm:
    since = story.times[0].date()
    return ReregistrationForm(
        *(HealthStatus.GOOD, date.min, nurse.department, nurse.title),
        training_institution=story.target.name,
        trained_from=since - timedelta(days=140),
        trained_until=since - timedelta(days=20),
        other_department=nurse.other_department,
    )


def _military(nurse: Nurse, story: Story) -> MilitaryTransferForm:
    source = (MilitarySource.MILITARY, MilitarySource.ARMED_POLICE)[nurse.key % 2]
    number = f"{'军' if source is MilitarySource.MILITARY else '武'}护字第{nurse.index:06d}号"
    return MilitaryTransferForm(
        *(source, number, story.expires, HealthStatus.GOOD, date.min, nurse.department, nurse.title),
        other_department=nurse.other_department,
    )


def _reissue(nurse: Nurse, story: Story) -> ReissueForm:
    if nurse.key % 3:
        return ReissueForm(ReissueCause.LOST, "本人护士执业证书不慎遗失，特此声明作废。")
    return ReissueForm(ReissueCause.DAMAGED, "本人护士执业证书受潮损坏，字迹无法辨认。")


_FORMS: Final[Mapping[Kind, Callable[[Nurse, Story], Form]]] = {
    Kind.FIRST: _first,
    Kind.CHANGE: _change,
    Kind.DEREGISTRATION: _deregistration,
    Kind.REREGISTRATION: _reregistration,
    Kind.MILITARY_TRANSFER: _military,
    Kind.REISSUE: _reissue,
}
