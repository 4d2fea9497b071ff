"""Queries on applications that go on without their institution (直接报送审批机关), one or a whole desk at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, and_, any_, bindparam, select, text

from db.opening import ALONE
from db.read.competence import in_force
from db.store.ahead import Ahead
from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables import approval_setting, institution, registration
from db.store.tables_application import application
from rules.escalation import PICK_ANOTHER, Route
from rules.moves import CLAIMED_KINDS

_KEYS: Final = bindparam("keys", type_=ARRAY(Uuid()))
_SETTING: Final = and_(
    approval_setting.c.institution_id == application.c.institution_id,
    approval_setting.c.kind == application.c.kind,
    in_force(),
)
_ROUTES: Final = Statement(
    select(
        application.c.id,
        approval_setting.c.authority_id.label("set_for_kind"),
        institution.c.authority_id.label("licensed_by"),
        registration.c.authority_id.label("registered_with"),
    )
    .select_from(application)
    .outerjoin(institution, institution.c.id == application.c.institution_id)
    .outerjoin(approval_setting, _SETTING)
    .outerjoin(registration, registration.c.nurse_id == application.c.nurse_id)
    .where(application.c.id == any_(_KEYS)),
    ["keys"],
)
_MOVED: Final = (
    "version = version + 1, row_version = row_version + 1, holder_id = null, held_until = null,"
    " moved_by = :by, moved_at = :now"
)
_WHO: Final = (_KEYS, bindparam("by", type_=Uuid()), bindparam("now", type_=DateTime(timezone=True)))
_ESCALATE: Final = Statement(
    text(f"""
update application set state = 'AUTHORITY_INTAKE', authority_id = t.to_authority,
  forwarded_at = :now, queued_at = :now, escalated_at = :now, {_MOVED}
from unnest(:keys, :authorities) as t(key, to_authority) where application.id = t.key
""").bindparams(*_WHO, bindparam("authorities", type_=ARRAY(Uuid()))),
    ["keys", "authorities", "by", "now"],
)
_SEND_BACK: Final = Statement(
    text(f"""
update application set state = 'RETURNED', institution_id = null, claimed = false, {_MOVED},
  marked_fields = case when kind = any(:claimed) then array_append(array_remove(marked_fields, :mark), :mark)
    else marked_fields end
where id = any(:keys)
""").bindparams(*_WHO, bindparam("claimed", type_=ARRAY(Text())), bindparam("mark", type_=Text())),
    ["keys", "claimed", "mark", "by", "now"],
)


ROUTES_AHEAD: Final = Ahead(_ROUTES, keys=ALONE)


async def routes(tx: Tx, keys: Sequence[UUID]) -> Mapping[UUID, Route]:
    """For each of these applications, the authorities that might decide."""
    found = await tx.run(_ROUTES, {"keys": list(keys)})
    return {row["id"]: Route(row["set_for_kind"], row["licensed_by"], row["registered_with"]) for row in found}


async def escalate(tx: Tx, to: Mapping[UUID, UUID], by: UUID | None) -> None:
    """These locked applications go to these authorities, without the institution's word."""
    who: dict[str, Any] = {"keys": list(to), "authorities": list(to.values()), "by": by, "now": tx.now}
    await tx.run(_ESCALATE, who)


async def send_back(tx: Tx, keys: Sequence[UUID], by: UUID | None) -> None:
    """These locked applications are the nurses' again and of no institution; where they chose one, they choose anew."""
    who: dict[str, Any] = {"keys": list(keys), "by": by, "now": tx.now}
    await tx.run(_SEND_BACK, {**who, "claimed": sorted(CLAIMED_KINDS), "mark": PICK_ANOTHER})
