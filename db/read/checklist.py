"""The materials that applications ask for (申请材料清单), as SQL."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Date, FromClause, Select, and_, cast, exists, func, or_, select

from db.read.competence import in_force
from db.read.requirement import DECIDING, TOP, nearest, valid_on
from db.store.tables import approval_setting, institution, registration
from db.store.tables_application import application, material, material_check, material_requirement
from rules.deregistration import PROOF, PROVEN
from rules.kinds import Kind
from rules.material import TRAINING

THERE: Final = material.c.removed_at.is_(None)
"""True for a file that was not taken back."""
AS_KEPT: Final[ColumnElement[Any]] = cast(None, Boolean())
"""Said of a form that is judged as it is kept."""


def _asked(reviewing: ColumnElement[Any], day: ColumnElement[Any]) -> FromClause:
    """Applications with the materials required on a day: by the authority that decides, or will decide, and above."""
    kind = application.c.kind
    setting = and_(approval_setting.c.institution_id == reviewing, approval_setting.c.kind == kind, in_force())
    filed, set_by_it, licensing = (table.c.authority_id for table in (application, approval_setting, institution))
    decides = func.coalesce(filed, set_by_it, licensing, registration.c.authority_id)
    return (
        application.outerjoin(approval_setting, setting)
        .outerjoin(institution, institution.c.id == reviewing)
        .outerjoin(registration, registration.c.nurse_id == application.c.nurse_id)
        .outerjoin(DECIDING, DECIDING.c.id == decides)
        .join(material_requirement, and_(material_requirement.c.kind == kind, valid_on(day)))
        .outerjoin(TOP, TOP.c.id == material_requirement.c.authority_id)
    )


def checklist(
    which: ColumnElement[bool],
    goes_to: ColumnElement[Any],
    today: ColumnElement[Any],
    trained: ColumnElement[Any] = AS_KEPT,
    proven: ColumnElement[Any] = AS_KEPT,
) -> Select[Any]:
    """The checklists of applications as of the day each was first filed.

    `goes_to` is an institution it has not yet. Of the form that it gets now, `trained` says whether it names a
    training, `proven` whether its reason is one that others have found.
    """
    owner, code = application.c.id, material_requirement.c.code
    day = func.coalesce(cast(application.c.submitted_at, Date()), today)
    source = _asked(func.coalesce(goes_to, application.c.institution_id), day).outerjoin(
        material_check, and_(material_check.c.application_id == owner, material_check.c.code == code)
    )
    uploaded = exists().where(material.c.application_id == owner, material.c.code == code, THERE)
    titles = [material_requirement.c[name] for name in ("title_zh", "title_en")]
    # What others have found is shown by its proof, whatever a province asks for.
    found_by_others = func.coalesce(proven, application.c.form["reason"].astext.in_(sorted(PROVEN)))
    proves = and_(application.c.kind == Kind.DEREGISTRATION, found_by_others, code == PROOF)
    # Whoever names a training proves it (条例 7).
    named = func.coalesce(trained, application.c.form["trainedFrom"].astext.is_not(None))
    needed = or_(material_requirement.c.needed, proves, and_(code == TRAINING, named)).label("needed")
    wanted = [needed, or_(material_requirement.c.paper, proves).label("paper")]
    query = select(owner.label("owner"), code, *titles, *wanted, uploaded.label("uploaded"), material_check.c.seen_at)
    return nearest(query.select_from(source).where(which), owner, DECIDING.c.path)
