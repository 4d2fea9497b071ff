"""Correcting who a nurse is (关键信息修改, A5): asked for by her or her institution, decided by her province."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from db import audit, idempotency, message, registration, staff
from db import ending as endings
from db import key_fact as requests
from db import session as sessions
from db.key_fact import Request
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import Conflict, NotAllowed, Words
from rules.identity import DocumentType, identify, person_name
from rules.key_fact import KeyFacts, checked, require_may_decide, require_may_request, require_same
from rules.message import Template
from rules.people import Actor
from rules.verification import RequestState

NO_PROVINCE = Words("该护士没有注册机关所在的省级部门", "This nurse is registered in no province.")
OUTCOMES = {RequestState.APPROVED: "同意", RequestState.REJECTED: "不同意"}
DECIDED = Words("该申请已由他人处理", "A colleague has decided this request.")


@dataclass(frozen=True, slots=True, repr=False)
class Correction:
    """A wish to have a nurse's name or document put right; without `nurse_id` one's own."""

    session: Session
    nurse_id: UUID | None
    facts: KeyFacts
    idempotency_key: str | None = None

    def content(self) -> list[Any]:
        """What makes two requests the same request."""
        facts = self.facts
        return [self.nurse_id, facts.evidence, facts.name, facts.document_type, facts.id_number]


async def request(db: Database, order: Correction) -> UUID:
    """Ask the province in which she is registered to put a nurse's name or ID number right."""
    key = uuid7()
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, "keyFactRequest", order.idempotency_key)
        if not await idempotency.first_time(tx, retry, order.content(), key):
            return await idempotency.result(tx, retry)
        nurse_id = order.nurse_id or actor.party_id
        if nurse_id is None:
            raise NotAllowed
        entry = await registration.lock(tx, nurse_id)
        require_may_request(actor, nurse_id, entry.registration.institution_id)
        facts, _ = checked(order.facts, await requests.document_type_of(tx, nurse_id), tx.today)
        province = await requests.province_of(tx, nurse_id)
        if province is None:
            raise NotAllowed("NO_PROVINCE", NO_PROVINCE)
        await requests.insert(tx, key, nurse_id=nurse_id, authority_id=province, by=actor.account_id, facts=facts)
        await audit.record(tx, "key_fact.request", actor.account_id, {"request": key}, nurse_id=nurse_id)
    return key


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """A provincial admin's decision; `seen` is what she has read off the originals, where she agrees."""

    session: Session
    request_id: UUID
    seen: KeyFacts | None
    reason: str
    idempotency_key: str | None = None


async def decide(db: Database, verdict: Verdict) -> UUID:
    """Agree, and her record, account and open applications follow in the same transaction; or reject."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, verdict.session)
        state = RequestState.REJECTED if verdict.seen is None else RequestState.APPROVED
        retry = idempotency.Key(actor.account_id, f"keyFact.{state}", verdict.idempotency_key)
        content = [verdict.request_id, verdict.reason, verdict.seen and [verdict.seen.name, verdict.seen.id_number]]
        if not await idempotency.first_time(tx, retry, content, verdict.request_id):
            return verdict.request_id
        found = await requests.lock(tx, verdict.request_id)
        require_may_decide(actor, found.authority_id, found.nurse_id, found.asked_by)
        if found.state is not RequestState.PENDING:
            raise Conflict(DECIDED, at=found.decided_at)
        if verdict.seen is not None:
            await _correct(tx, actor, found, verdict.seen)
        await requests.decide(tx, found.id, state, actor.account_id, verdict.reason or None)
        for channel, to, _ in await staff.find_channels(tx, found.asked_by):
            template, values = Template.IDENTITY_REQUEST_DECIDED, {"outcome": OUTCOMES[state]}
            await message.send(tx, channel=channel, to=to, template=template, values=values)
        detail = {"request": found.id, "outcome": state}
        await audit.record(tx, "key_fact.decide", actor.account_id, detail, nurse_id=found.nurse_id)
    return verdict.request_id


async def _correct(tx: Tx, actor: Actor, found: Request, seen: KeyFacts) -> None:
    """The decider types what she sees, so that a number is right because two persons have read it."""
    asked = found.facts
    given = identify(asked.document_type, seen.id_number, tx.today) if asked.document_type and seen.id_number else None
    name = seen.name and person_name(seen.name, asked.document_type or DocumentType.PASSPORT)
    require_same(asked, KeyFacts("", name, asked.document_type, given.number if given else None))
    open_ids = await endings.hold(tx, found.nurse_id)
    await registration.lock(tx, found.nurse_id)
    await requests.correct(tx, found, given, actor.account_id, open_ids)
    tx.woken.add(found.nurse_id)
