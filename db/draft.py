"""Queries on drafts (草稿): what they lack before they can be filed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from db import eligibility, law, registration
from db.store.engine import Reader
from db.store.tables_application import application
from rules.application import State
from rules.draft import draft_problems
from rules.errors import FieldProblem
from rules.kinds import Kind, form_from_json
from rules.moves import CLAIMED_KINDS

_DRAFTS: Final = select(*(application.c[name] for name in ("id", "kind", "nurse_id", "institution_id", "form"))).where(
    application.c.state == State.DRAFT
)


async def problems(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Sequence[FieldProblem]]:
    """The problems that each draft has as it is filled; a nurse has one draft of a kind at most."""
    rows = (await reader.execute(_DRAFTS.where(application.c.id.in_(ids)))).all()
    found = dict[UUID, Sequence[FieldProblem]]()
    for row in rows:
        entry, kind = await registration.get(reader, row.nurse_id), Kind(row.kind)
        registered = entry.registration
        goes_to = row.institution_id if kind in CLAIMED_KINDS else registered.institution_id
        there = await law.here(reader, goes_to, registered.authority_id)
        form, today = form_from_json(kind, row.form), await eligibility.today(reader)
        found[row.id] = tuple(draft_problems(form, entry.record, entry.life, today, there))
    return found
