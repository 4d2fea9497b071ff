"""The materials that applications ask for (申请材料清单), as SQL."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)

from db.read.competence import in_force
from db.read.practice import interruption_years, practised_until
from db.read.requirement import DECIDING, TOP, nearest, valid_on
from db.store.tables import approval_setting, authority, institution, nurse, registration
from db.store.tables_application import application, law_setting, material, material_check, material_requirement
from rules.deregistration import PROOF, PROVEN
from rules.kinds import Kind
from rules.law import LawSubject
from rules.material import RECOVERY, TRAINING
from rules.moves import CLAIMED_KINDS, State
from rules.nurse import DeregistrationReason
from rules.qualification import YEARS_TO_APPLY
from rules.reasons import HEALTH_REPORT

THERE: Final = material.c.removed_at.is_(None)
"""True for a file that was not taken back."""
AS_ADDRESSED: Final[ColumnElement[bool]] = cast(False, Boolean())
"""Said of an application that goes where it is addressed to."""


def _goes_to(moves: ColumnElement[bool], named: ColumnElement[Any]) -> ColumnElement[Any]:
    """The institution that has it next: the one `named` where it `moves`; of a draft that names none, where she is."""
    stays = and_(application.c.state == State.DRAFT, application.c.kind.not_in([*sorted(CLAIMED_KINDS), Kind.REISSUE]))
    return case((moves, named), (stays, registration.c.institution_id), else_=application.c.institution_id)


def _asked(reviewing: ColumnElement[Any], day: ColumnElement[Any]) -> FromClause:
    """Applications with the materials required on a day: by the authority that decides, or will decide, and above."""
    kind = application.c.kind
    setting = and_(approval_setting.c.institution_id == reviewing, approval_setting.c.kind == kind, in_force())
    filed, set_by_it, licensing = (table.c.authority_id for table in (application, approval_setting, institution))
    decides = func.coalesce(filed, set_by_it, licensing, registration.c.authority_id)
    return (
        application.join(nurse, nurse.c.id == application.c.nurse_id)
        .outerjoin(registration, registration.c.nurse_id == application.c.nurse_id)
        .outerjoin(approval_setting, setting)
        .outerjoin(institution, institution.c.id == reviewing)
        .outerjoin(DECIDING, DECIDING.c.id == decides)
        .join(material_requirement, and_(material_requirement.c.kind == kind, valid_on(day)))
        .outerjoin(TOP, TOP.c.id == material_requirement.c.authority_id)
    )


def _long_away(form: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that the kind's rule wants a training of her; the same answer as rules.qualification, tested."""
    kind = application.c.kind
    stopped = case(
        (kind == Kind.FIRST, func.coalesce(nurse.c.exam_passed_on, func.make_date(nurse.c.exam_year, 12, 31))),
        (kind == Kind.REREGISTRATION, practised_until),
        (kind == Kind.MILITARY_TRANSFER, cast(form["militaryValidUntil"].astext, Date())),
    )
    years = case((kind == Kind.REREGISTRATION, interruption_years), else_=YEARS_TO_APPLY)
    return func.coalesce(day > stopped + func.make_interval(years), False)


def _proves(form: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a material proves what a rule asks of her, or what her form says, whatever a province asks."""
    code, reregisters = material_requirement.c.code, application.c.kind == Kind.REREGISTRATION
    incapable = func.coalesce(registration.c.deregistration_reason == DeregistrationReason.INCAPACITY, False)
    trained, recovered = (form[name].astext.is_not(None) for name in ("trainedFrom", "recoveryJudgment"))
    return or_(
        and_(code == TRAINING, or_(trained, _long_away(form, day))),
        and_(code == RECOVERY, reregisters, or_(recovered, incapable)),
    )


def checklist(
    which: ColumnElement[bool],
    today: ColumnElement[Any],
    moves: ColumnElement[bool] = AS_ADDRESSED,
    named: ColumnElement[Any] = application.c.institution_id,
    form: ColumnElement[Any] = application.c.form,
) -> Select[Any]:
    """The checklists of applications as of the day each was first filed; of a draft what filing it today asks for.

    `named` is the institution it goes to from now on, where it `moves`; `form` the one it gets now.
    """
    owner, code = application.c.id, material_requirement.c.code
    day = func.coalesce(cast(application.c.submitted_at, Date()), today)
    source = _asked(_goes_to(moves, named), day).outerjoin(
        material_check, and_(material_check.c.application_id == owner, material_check.c.code == code)
    )
    uploaded = exists().where(material.c.application_id == owner, material.c.code == code, THERE)
    titles = [material_requirement.c[name] for name in ("title_zh", "title_en")]
    # What others have found is shown by its proof, whatever a province asks for.
    found_by_others = form["reason"].astext.in_(sorted(PROVEN))
    proves = and_(application.c.kind == Kind.DEREGISTRATION, found_by_others, code == PROOF)
    needed = or_(material_requirement.c.needed, proves, _proves(form, day)).label("needed")
    wanted = [needed, or_(material_requirement.c.paper, proves).label("paper")]
    query = select(owner.label("owner"), code, *titles, *wanted, uploaded.label("uploaded"), material_check.c.seen_at)
    asked = or_(code != HEALTH_REPORT, _examined(day))
    return nearest(query.select_from(source).where(which, asked), owner, DECIDING.c.path)


def _examined(day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that the law of a day asks for a health examination of the kind where it is decided (体检)."""
    place, setting = authority.alias("place"), law_setting.c
    path = func.coalesce(place.c.path, "")
    known = law_setting.outerjoin(place, place.c.id == setting.authority_id)
    value = (
        select(setting.value)
        .select_from(known)
        .where(setting.subject == LawSubject.EXAMINED_KINDS, setting.from_day <= day)
        .where(or_(setting.authority_id.is_(None), func.starts_with(DECIDING.c.path, place.c.path)))
        .order_by(func.length(path).desc(), setting.from_day.desc())
        .limit(1)
        .correlate(application, DECIDING)
        .scalar_subquery()
    )
    return func.array_position(value, application.c.kind).is_not(None)
