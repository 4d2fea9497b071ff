"""The stage of the authorization matrix, and ways to put things on it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
from argon2 import PasswordHasher
from uuid_utils.compat import uuid7

from db.feed import event
from graph.context import Services
from rules.application import PENDING, State, Step
from rules.events import EVENT_OF, QueueChange, queue_count
from rules.form import form_to_json
from rules.kinds import Kind, RenewalForm
from rules.moment import SHANGHAI
from rules.people import Party, Role
from tests.support.orders import draft_of, order_of, take_order
from tests.support.people import resident
from tests.support.world import SHE, Cast, Person, World, renewal

FILLED = renewal(remarks="夜班")
PASSWORD = "Correct-horse-9"
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""A hash that costs next to nothing to check."""
Taken = tuple[Person, Step, Mapping[str, Any]]
"""Who takes which step, and what she gives besides."""
UNFILED = frozenset({State.DRAFT})
UNROUTED = UNFILED | {State.INSTITUTION_REVIEW, State.RETURNED, State.INSTITUTION_REJECTED}


async def put(world: World, cast: Cast, state: State, **values: Any) -> UUID:
    """An application of the cast's nurse, straight into the table, as the steps would have left it in this state."""
    now, key = datetime.now(SHANGHAI), uuid7()
    filed = {"revision": 1, "submitted_at": now, "queued_at": now} if state not in UNFILED else {}
    routed = {"authority_id": cast.district, "forwarded_at": now} if state not in UNROUTED else {}
    row = {
        **{"id": key, "kind": "RENEWAL", "state": state, "nurse_id": cast.nurse_id, "institution_id": cast.hospital},
        **{"filed_by": "NURSE", **SHE, "id_number_masked": "110***********56"},
        **{"certificate_number": "2011", "form": _json(FILLED), "moved_by": cast.nurse.account_id},
    }
    await world.insert("application", **{**row, **filed, **routed, **values})
    if filed:
        form = values.get("form", _json(FILLED))
        await world.insert("application_revision", application_id=key, revision=1, form=form)
    return key


def _json(form: RenewalForm) -> str:
    return orjson.dumps(form_to_json(form)).decode()


@dataclass
class Stage:
    """Everybody and everything of the matrix; `people` are the columns that are the same in every section."""

    world: World
    services: Services
    cast: Cast
    far: Cast
    people: dict[str, Person | None] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)
    nurses: dict[str, Person] = field(default_factory=dict)
    number: str = field(default_factory=resident)
    """The ID number of the nurse."""
    unaddressed: str = field(default_factory=resident)
    """The ID number of a nurse who has filed for an institution to come."""
    certificate_token: bytes = field(default_factory=partial(secrets.token_bytes, 16))
    """The code on the nurse's certificate."""
    receipt: str = ""
    """What the register has signed of it."""
    token: str = field(default_factory=secrets.token_urlsafe)
    """The token of the question of somebody without an account."""
    certificate: str = ""
    """The number of her certificate."""
    story: frozenset[str] = frozenset()

    async def nurse(self, name: str, hospital: UUID | None, district: UUID, **registration: Any) -> Cast:
        """A further nurse with an account, under this name; the cast with her in it."""
        nurse_id = await self.world.nurse(hospital, district, **registration)
        self.nurses[name] = await self.world.person(Party.NURSE, nurse_id, Role.NURSE)
        self.ids[f"nurse {name}"] = nurse_id
        return replace(self.cast, nurse_id=nurse_id, nurse=self.nurses[name])

    async def take(self, who: Person, step: Step, application_id: UUID, version: int, **more: Any) -> None:
        """One step, as the server carries it out."""
        await take_order(self.services.db, order_of(who.session, step, application_id, version, **more))

    async def file(self, *steps: Taken) -> UUID:
        """An application of the cast's nurse, filed and carried on step by step."""
        nurse = self.cast.nurse
        application_id = await take_order(self.services.db, draft_of(nurse.session, FILLED))
        for version, (who, step, more) in enumerate([(nurse, Step.SUBMIT, {}), *steps], 1):
            await self.take(who, step, application_id, version, **more)
        return application_id

    def beginning(self, person: Person | None, birth: UUID | None = None) -> str:
        """The cursor before everything in somebody's own feed; `birth` is another register's."""
        known = self.services.feed.cursors
        scope = person.actor.feed if person else None
        return replace(known, birth=birth or known.birth).write(scope or UUID(int=0), 0)

    async def clear(self) -> None:
        """From every desk something goes, so that everybody who has one is told of it."""
        desks = {person.actor.party_id: person.actor.party for person in self.people.values() if person}
        for scope, party in desks.items():
            if scope and party in PENDING:
                kind = "declined" if party is Party.INSTITUTION else "not_accepted"
                await tell(self, (scope,), kind, self.ids["coming"], QueueChange.REMOVED)


async def tell(stage: Stage, scopes: tuple[UUID, ...], kind: str, key: UUID, change: QueueChange | None) -> None:
    """An event straight into the scopes' feeds."""
    step, source, target, party = _MOVES[kind]
    body = {"kind": Kind.RENEWAL, "step": step, "from": source, "to": target, "version": 1, "by": party}
    body |= queue_count(change, source, target)
    heard = [event.Addressed(scope, EVENT_OF[step], key, None, change, body) for scope in scopes]
    async with stage.services.db.begin() as tx:
        await tx.ask_time()
        await event.record(tx, heard)


_MOVES: Final[Mapping[str, tuple[Step, State, State, Party]]] = {
    "submitted": (Step.SUBMIT, State.DRAFT, State.INSTITUTION_REVIEW, Party.NURSE),
    "forwarded": (Step.FORWARD, State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, Party.INSTITUTION),
    "declined": (Step.DECLINE, State.INSTITUTION_REVIEW, State.INSTITUTION_REJECTED, Party.INSTITUTION),
    "not_accepted": (Step.REFUSE_INTAKE, State.AUTHORITY_INTAKE, State.NOT_ACCEPTED, Party.AUTHORITY),
}
