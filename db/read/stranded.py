"""Applications that lie with an institution that cannot send them on, as SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_, exists, or_

from db.read.competence import in_force
from db.read.recusal import unattended
from db.store.tables import approval_setting, institution
from rules.application import State
from rules.institution import InstitutionState


def stranded(which: FromClause) -> ColumnElement[bool]:
    """True where an institution has the application and cannot forward it.

    It is not active, has no authority set for it that may decide, or has nobody but the nurse who might send it on
    (db/read/recusal.py).
    """
    serves = exists().where(
        institution.c.id == which.c.institution_id,
        institution.c.state == InstitutionState.ACTIVE,
        approval_setting.c.institution_id == institution.c.id,
        approval_setting.c.kind == which.c.kind,
        in_force(),
    )
    lies_there = and_(which.c.state == State.INSTITUTION_REVIEW, which.c.institution_id.is_not(None))
    return and_(lies_there, or_(~serves.correlate(which), unattended(which)))
