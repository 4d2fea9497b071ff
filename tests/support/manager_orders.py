"""Orders for another manager of an institution, and what an institution has before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from graph.context import Services
from rules.identity import DocumentType
from tests.support.contacts import new_phone
from tests.support.institution_people import ALL_SEEN
from tests.support.people import resident
from tests.support.world import Person, World
from workflow.institution_manager import InstitutionReplaceManager
from workflow.password import FirstPassword
from workflow.step import take


def order(institution_id: UUID, **changes: Any) -> InstitutionReplaceManager:
    """A new manager, whose papers have been seen."""
    values = {
        "responsible_name": "孙主任",
        "responsible_phone": new_phone(),
        "responsible_document_type": DocumentType.RESIDENT_ID,
        "responsible_id_number": resident(),
        "documents_seen": ALL_SEEN,
        "leaving": frozenset(),
        "first": FirstPassword("", ""),
    }
    return InstitutionReplaceManager(institution_id, "负责人变更", **{**values, **changes})


async def replaced(services: Services, officer: Person, wish: InstitutionReplaceManager) -> UUID:
    """Take the step."""
    return await take(services.db, officer.session, replace(wish, first=await services.passwords.first()))


async def as_it_is(world: World, institution_id: UUID) -> list[Any]:
    """Everything of an institution that the step writes."""
    found = await world.owner.fetch(
        "select to_jsonb(a) from account a where institution_id = $1 union all"
        " select to_jsonb(i) from institution i where id = $1 union all"
        " select to_jsonb(e) from event e where scope = $1",
        institution_id,
    )
    return sorted(row[0] for row in found)
