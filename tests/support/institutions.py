"""Institutions that are new in the register."""

from __future__ import annotations

from uuid import UUID

from graph.context import Services
from workflow import institution as workflow
from workflow.institution import NewInstitution


async def create(services: Services, order: NewInstitution) -> UUID:
    """Let an institution in."""
    return await workflow.create(services.db, services.passwords, order)
