"""Looks at somebody's data (查阅) in the audit trail, as SQL: what a nurse is told of, and from where it was."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Text, any_, case, func, literal, or_, select

from db.store.tables import account, audit, authority, institution, nurse
from rules.look_up import Look, LookKind
from rules.people import Party

_HERSELF: Final = nurse.alias("herself")
_OWN: Final = account.alias("own_account")


def looked_at(nurse_id: Any) -> ColumnElement[bool]:
    """Looks of others at her: alone, or as one of a list, by any record of hers; her own are no news to her.

    A look for an investigation (调查) is withheld up to its day.
    """
    records = select(_HERSELF.c.id).where(or_(_HERSELF.c.id == nurse_id, _HERSELF.c.merged_into == nurse_id))
    hers = func.array(records.scalar_subquery(), type_=audit.c.members.type)
    about = or_(audit.c.nurse_id == any_(hers), audit.c.members.bool_op("&&")(hers))
    own = select(_OWN.c.id).where(_OWN.c.nurse_id == nurse_id, _OWN.c.party == Party.NURSE)
    shown = or_(audit.c.withheld_until.is_(None), audit.c.withheld_until < func.current_date())
    return about & audit.c.action.in_(list(Look)) & audit.c.account_id.not_in(own) & shown


def place_name(of: Any) -> ColumnElement[str | None]:
    """The name of the institution or authority from where it was, of a row that has `party` and `place_id`."""
    at_institution = select(institution.c.name).where(institution.c.id == of.c.place_id).scalar_subquery()
    at_authority = select(authority.c.name).where(authority.c.id == of.c.place_id).scalar_subquery()
    return case((of.c.party == Party.INSTITUTION, at_institution), else_=at_authority)


def kind_of(of: Any) -> ColumnElement[str | None]:
    """The kind of a look; null for an entry that is none."""
    return case({one.value: LookKind[one.name].value for one in Look}, value=of.c.action)


def _said(name: str) -> ColumnElement[str]:
    return audit.c.detail.op("->>", return_type=Text())(literal(name, Text()))


NOTE, FILE = _said("note"), _said("file")
