"""The content of a decision to end a registration by office (依职权注销决定书, A8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from db import law as laws
from db.paper import rows_of
from db.read import scope
from db.read.batch import Row
from db.read.shapes.desk import PURPOSE_OF
from db.read.viewer import single
from db.store.engine import Reader
from db.store.keys import Sealed
from db.store.tables import authority, institution, nurse, registration
from db.store.tables_account import desk_request
from rules.nurse import DeregistrationReason
from rules.people import Actor
from rules.verification import RequestKind, RequestState

_d: Final = desk_request.c
_SOURCE: Final = (
    desk_request.join(nurse, nurse.c.id == _d.nurse_id)
    .join(registration, registration.c.nurse_id == nurse.c.id)
    .join(authority, authority.c.id == _d.authority_id)
    .outerjoin(institution, institution.c.id == registration.c.institution_id)
)


async def with_decision(reader: Reader, viewer: Actor, nurse_ids: Sequence[UUID]) -> set[UUID]:
    """The nurses whose registration an authority has ended by office, as far as the viewer may read them."""
    return {row.id for row in await reader.execute(_found(viewer, nurse_ids))}


async def decisions(reader: Reader, viewer: Actor, nurse_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The newest such decision on each nurse, with its number, reason and words."""
    query = _found(viewer, nurse_ids).add_columns(
        *(nurse.c.name.label("nurse_name"), nurse.c.id_number_masked),
        *(registration.c.certificate_number, authority.c.name.label("authority")),
        institution.c.name.label("institution"),
        *(_d.decided_at.label("at"), _d.content_key_id, _d.content_sealed),
    )
    newest = query.ext(distinct_on(nurse.c.id)).order_by(nurse.c.id, _d.decided_at.desc())
    rows, settings = rows_of(await reader.execute(newest)), await laws.history(reader)
    return {row["id"]: {**row, **_content(reader, row), "law": laws.of_moment(settings, row["at"])} for row in rows}


def _found(viewer: Actor, nurse_ids: Sequence[UUID]) -> Select[Any]:
    done = (_d.kind == RequestKind.DEREGISTRATION, _d.state == RequestState.APPROVED)
    query = select(nurse.c.id).select_from(_SOURCE).where(nurse.c.id.in_(nurse_ids), *done)
    return query.where(scope.nurses(single(viewer)))


def _content(reader: Reader, row: Row) -> Row:
    """The number, reason and words of what was proposed, which are sealed as a whole."""
    sealed = Sealed(row["content_key_id"], row["content_sealed"])
    content = orjson.loads(reader.keyring.unseal(sealed, PURPOSE_OF[RequestKind.DEREGISTRATION]))
    return {**content, "reason": DeregistrationReason(content["reason"])}
