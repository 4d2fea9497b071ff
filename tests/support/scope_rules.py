"""Who reads an application, by the rules and by SQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from db import application as applications
from db.read import batch
from graph.context import Services
from rules.application import Application, Step, next_state
from rules.errors import NotFound, RegistryError
from rules.people import Actor
from tests.support.authority_stage import Stage


async def shown(services: Services, viewer: Actor | None, noun: str, *keys: UUID) -> set[UUID]:
    """Those of the rows that this viewer reads."""
    return set(await batch.by_ids(services.db, viewer, noun, keys))


def known_to(viewer: Actor, application: Application) -> bool:
    """Whether the rules admit to this person that there is such an application."""
    try:
        next_state(viewer, application, Step.WITHDRAW, datetime.now(UTC))
    except NotFound:
        return False
    except RegistryError:
        pass
    return True


def above(stage: Stage, viewer: Actor, authority_id: UUID | None) -> bool:
    """Whether the authority that decides lies below the viewer's: she reads it, and takes no step on it."""
    return viewer.party_id == stage.cast.nation and authority_id == stage.cast.district


def reads(stage: Stage, viewer: Actor | None, application: Application) -> bool:
    """The rule: one's own, and what lies below; nobody who is not active; a draft only its nurse."""
    if viewer is None or not viewer.active:
        return False
    return known_to(viewer, application) or above(stage, viewer, application.authority_id)


def viewers(stage: Stage, nurse: Actor) -> dict[str, Actor | None]:
    """Everybody of the matrix, and each of the staff once more with her account switched off."""
    found = {name: person.actor if person else None for name, person in stage.people.items()}
    found["the nurse"] = nurse
    off = {f"{name}, off": replace(one, active=False) for name, one in found.items() if one and one.active}
    return {**found, **off}


async def judged(services: Services, key: UUID) -> Application:
    """The application as the rules see it."""
    async with services.db.read() as reader:
        return (await applications.judged(reader, [key]))[0][key]
