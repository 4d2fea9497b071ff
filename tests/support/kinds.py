"""One nurse for each kind of application, the form she fills in, and where she goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from rules.form import Form, field_names
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
from rules.kinds import Kind, form_of
from rules.nurse import Degree, Department, DeregistrationReason, Education, HealthStatus, StudyLength, Title
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.people import NEVER
from tests.support.world import Cast, Person, World


def first_field(kind: Kind) -> str:
    """A field that the form of every kind has, in its first place."""
    return field_names(form_of(kind))[0]


def marked(kind: Kind) -> dict[str, Any]:
    """What a reviewer says who wants that field looked at again."""
    return {"reasons": (Reason.FIELD_INCOMPLETE,), "marked_fields": (first_field(kind),)}


def forms(today: date) -> dict[Kind, Form]:
    """Every form as a healthy nurse fills it in that day."""
    health = {"health_status": HealthStatus.FAIR, "health_examined_on": today - timedelta(days=20)}
    work = {"department": Department.INTENSIVE_CARE, "title": Title.SENIOR_NURSE}
    study = {"school": "北京护士学校", "major": "护理学", "education": Education.BACHELOR, "degree": Degree.BACHELOR}
    course = {"study_length": StudyLength.FOUR_YEARS, "graduated_on": date(2024, 7, 1)}
    practice = {"internship_from": date(2023, 7, 1), "internship_until": date(2024, 2, 29)}
    military = {"source": MilitarySource.ARMED_POLICE, "military_certificate_number": "武20190001"}
    return {
        Kind.FIRST: FirstForm(**health, **work, **study, **course, **practice),  # type: ignore[arg-type]
        Kind.RENEWAL: RenewalForm(**health, **work),  # type: ignore[arg-type]
        Kind.CHANGE: ChangeForm(**health, department=Department.OUTPATIENT, change_reason="工作调动"),  # type: ignore[arg-type]
        Kind.DEREGISTRATION: DeregistrationForm(DeregistrationReason.OTHER, "不再从事护理工作"),
        Kind.REREGISTRATION: ReregistrationForm(**health, **work),  # type: ignore[arg-type]
        Kind.MILITARY_TRANSFER: MilitaryTransferForm(
            **military,
            **health,
            **work,
            military_valid_until=today + timedelta(days=700),  # type: ignore[arg-type]
        ),
        Kind.REISSUE: ReissueForm(ReissueCause.LOST, "乘地铁时遗失"),
    }


ENTRIES: Final[dict[Kind, dict[str, Any]]] = {
    Kind.FIRST: NEVER,
    Kind.MILITARY_TRANSFER: NEVER,
    Kind.REREGISTRATION: {"status": "DEREGISTERED", "deregistration_reason": "OTHER", "institution": None},
}
"""How she stands in the register before, where she does not stand in it as usual."""


@dataclass
class Move:
    """A nurse at one hospital, and the people of another one under another district of the same province."""

    cast: Cast
    target: Cast
    province: UUID

    @property
    def nurse(self) -> Person:
        """Her."""
        return self.cast.nurse


async def move(world: World, kind: Kind, today: date, **entry: Any) -> Move:
    """A nurse who may apply for this kind, and where she goes with it."""
    nation = await world.authority()
    province, code = await world.authority(nation), await world.division()
    await world.owner.execute("update authority set level = 'PROVINCE', code = $2 where id = $1", province, code)
    here, there = await world.authority(province), await world.authority(province)
    casts = []
    for district in (here, there):
        hospital = await world.institution(district)
        casts.append(await _staff(world, nation, district, hospital))
    given = {"valid_until": today + timedelta(days=60), **ENTRIES.get(kind, {}), **entry}
    institution = given.pop("institution", None if kind in (Kind.FIRST, Kind.MILITARY_TRANSFER) else casts[0].hospital)
    nurse_id = await world.nurse(institution, here, **given)
    if kind is Kind.FIRST:
        sql = "update nurse set exam_passed_on = $2, exam_year = $3 where id = $1"
        await world.owner.execute(sql, nurse_id, date(2024, 6, 1), 2024)
    nurse = await world.person(Party.NURSE, nurse_id, Role.NURSE)
    first, second = (replace(cast, nurse_id=nurse_id, nurse=nurse) for cast in casts)
    return Move(first, second, province)


async def _staff(world: World, nation: UUID, district: UUID, hospital: UUID) -> Cast:
    nobody: Any = None
    return Cast(
        nation,
        district,
        hospital,
        nobody,
        nobody,
        operator=await world.person(Party.INSTITUTION, hospital, Role.OPERATOR),
        manager=await world.person(Party.INSTITUTION, hospital, Role.MANAGER),
        viewer=await world.person(Party.INSTITUTION, hospital, Role.VIEWER),
        reviewer=await world.person(Party.AUTHORITY, district, Role.REVIEWER),
        decider=await world.person(Party.AUTHORITY, district, Role.DECIDER),
    )
