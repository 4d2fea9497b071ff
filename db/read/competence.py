"""The authorities that may decide an application, as SQL: their places in the tree, for rules/competence.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
from sqlalchemy import ColumnElement, FromClause, RowMapping, exists, func, select

from db.store.tables import approval_setting, authority, institution, registration
from rules.competence import Places

_AT: Final = institution.alias("at")
_LICENSER: Final = authority.alias("licenser")
_APPROVER: Final = authority.alias("approver")


def places(which: FromClause) -> tuple[ColumnElement[str], ...]:
    """The columns of these applications that `places_of` reads."""
    decider, licensing, of_nurse = authority.alias("decider"), authority.alias("licensing"), authority.alias("of_nurse")
    licensed = institution.c.authority_id == licensing.c.id
    registered = registration.c.authority_id == of_nurse.c.id
    found = {
        "deciding_path": select(decider.c.path).where(decider.c.id == which.c.authority_id),
        "licensing_path": select(licensing.c.path)
        .join(institution, licensed)
        .where(institution.c.id == which.c.institution_id),
        "registered_path": select(of_nurse.c.path)
        .join(registration, registered)
        .where(registration.c.nurse_id == which.c.nurse_id),
    }
    return tuple(query.correlate(which).scalar_subquery().label(name) for name, query in found.items())


def places_of(row: asyncpg.Record | RowMapping | Mapping[str, Any]) -> Places:
    """The places of an application's row."""
    return Places(row["deciding_path"], row["licensing_path"], row["registered_path"])


def in_force() -> ColumnElement[bool]:
    """True for an approval setting (审批机关设置) whose authority licensed its institution, or stands above that one.

    What was set stays when an institution is licensed by another authority, but nothing is sent there any more.
    """
    chain = exists().where(
        _AT.c.id == approval_setting.c.institution_id,
        _LICENSER.c.id == _AT.c.authority_id,
        _APPROVER.c.id == approval_setting.c.authority_id,
        func.starts_with(_LICENSER.c.path, _APPROVER.c.path),
    )
    return chain.correlate(approval_setting)
