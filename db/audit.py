"""The audit trail (审计日志): who did what with whose data, from which place, for what purpose; never changed.

It is kept by months (`db/retention.py`). Whose account it was at that time stands in the entry itself, read in the
statement that writes it: nobody has to think of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, literal, select

from db.store.engine import Tx
from db.store.statement import ROWS, Statement, rows_of
from db.store.tables import account, audit
from rules.look_up import LookUpPurpose

_GIVEN: Final = ("at", "account_id", "nurse_id", "members", "action", "purpose", "detail", "withheld_until")
_PLACE: Final = {
    "party": account.c.party,
    "place_id": func.coalesce(account.c.institution_id, account.c.authority_id),
    "roles": func.coalesce(account.c.roles, "{}"),
}
_ONE: Final = select(literal(1)).subquery("one")
_SOURCE: Final = _ONE.outerjoin(account, account.c.id == bindparam("account_id", type_=audit.c.account_id.type))
_VALUES: Final = [bindparam(name, type_=audit.c[name].type) for name in _GIVEN]
_ROWS: Final = rows_of({name: audit.c[name].type for name in _GIVEN})
_RECORD: Final = Statement(
    insert(audit).from_select([*_GIVEN, *_PLACE], select(*_VALUES, *_PLACE.values()).select_from(_SOURCE)),
    _GIVEN,
    together=Statement(
        insert(audit).from_select(
            [*_GIVEN, *_PLACE],
            select(*(_ROWS.c[name] for name in _GIVEN), *_PLACE.values()).select_from(
                _ROWS.outerjoin(account, account.c.id == _ROWS.c.account_id)
            ),
        ),
        (ROWS,),
    ),
)


async def record(
    tx: Tx,
    action: str,
    by: UUID | None,
    detail: Mapping[str, Any] | None = None,
    *,
    nurse_id: UUID | None = None,
    members: Collection[UUID] = (),
    purpose: LookUpPurpose | None = None,
    withheld_until: date | None = None,
) -> None:
    """Write a step down, about one nurse or about all `members` of a list, each of whom finds it.

    `detail` holds ids and codes, never a person's name or number, nor a secret. `withheld_until` is the day up to which
    she is not told of a look.
    """
    texts = {name: _text(value) for name, value in (detail or {}).items()}
    who = {"account_id": by, "nurse_id": nurse_id, "members": [*members] or None}
    what = {"action": action, "purpose": purpose, "detail": texts, "withheld_until": withheld_until}
    await tx.run(_RECORD, {"at": tx.now, **who, **what})


def of_people(nurses: Collection[UUID]) -> dict[str, Any]:
    """Whom an entry is about: one by herself, several as the members of a list."""
    people = [*dict.fromkeys(nurses)]
    return {"nurse_id": people[0]} if len(people) == 1 else {"members": people}


def _text(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list | tuple) else value and str(value)
