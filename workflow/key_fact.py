"""Correcting who a nurse is (关键信息修改, A5): asked for by her or her institution, decided by her province."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import eligibility, message, registration, staff
from db import ending as endings
from db import key_fact as requests
from db.key_fact import Document, Request
from db.registration import Entry
from rules.applicant import as_active
from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, Together
from rules.identity import DocumentType, identify, person_name
from rules.key_fact import (
    NO_PROVINCE,
    KeyFacts,
    OnRecord,
    checked,
    correction,
    require_confirmed,
    require_known,
    require_may_decide,
    require_may_request,
    require_news,
    require_same,
)
from rules.message import Template
from rules.people import Actor, Party, Role, wrong_role
from rules.verification import RequestState
from workflow.ending import news
from workflow.step import Command, Lock, Underway, read

OUTCOMES: Final = {RequestState.APPROVED: "同意", RequestState.REJECTED: "不同意"}


@read(Lock.NURSE)
async def asker(step: Underway[KeyFactRequest]) -> Actor:
    """The actor who asks; a nurse before the activation as if after it, once she is known."""
    by = step.actor
    if by.active or by.party is not Party.NURSE or step.command.nurse_id not in (None, by.nurse_id):
        return by
    progress = await eligibility.progress(step.tx, account_id=by.account_id)
    if progress is not None:
        require_known(progress)
    return by if by.nurse_id is None else as_active(by, by.nurse_id)


@read(Lock.NURSE)
async def entry(step: Underway[KeyFactRequest]) -> Entry:
    """The entry of the nurse whom it is about, locked: of whoever asks unless another is named."""
    nurse_id = step.command.nurse_id or step[asker].party_id
    if nurse_id is None:
        raise wrong_role({Role.NURSE, Role.OPERATOR})
    return await registration.lock(step.tx, nurse_id)


@read()
async def document(step: Underway[KeyFactRequest]) -> Document:
    """The document that she is registered by."""
    return await requests.document_of(step.tx, step[entry].registration.nurse_id)


@read()
async def province(step: Underway[KeyFactRequest]) -> UUID | None:
    """The province in which she is registered."""
    return await requests.province_of(step.tx, step[entry].registration.nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class KeyFactRequest(Command):
    """A wish to have a nurse's name or document put right; without `nurse_id` one's own. Gives the request."""

    nurse_id: UUID | None
    facts: KeyFacts
    reads = (asker, entry, document, province)
    writes = frozenset({"desk_request"})

    async def take(self, step: Underway[KeyFactRequest]) -> None:
        """Ask the province in which she is registered."""
        her, by = step[entry].registration, step[asker]
        require_may_request(by, her.nurse_id, her.institution_id, her.unit_id)
        facts, _ = checked(self.facts, step[document].type, step.tx.today)
        require_news(step[entry].name, step[document], facts)
        asked = step[province]
        if asked is None:
            raise NotAllowed("NO_PROVINCE", NO_PROVINCE)
        columns = {"nurse_id": her.nurse_id, "authority_id": asked, "by": by.account_id}
        await requests.insert(step.tx, step.key, **columns, facts=facts)
        step.nurse_id, step.detail = her.nurse_id, {"request": step.key}


@dataclass(frozen=True, slots=True, repr=False)
class KeyFactAnswer(Command):
    """A provincial admin's word on a request; gives the request."""

    request_id: UUID

    @property
    def subject(self) -> UUID:
        """The request."""
        return self.request_id


@read(Lock.REQUEST)
async def asked(step: Underway[KeyFactAnswer]) -> Request:
    """The request, locked before what it is about."""
    return await requests.lock(step.tx, step.command.request_id)


@read(Lock.APPLICATION)
async def under_way(step: Underway[KeyFactApprove]) -> list[UUID]:
    """Her drafts and open applications, held: they copy who she is."""
    return await endings.lock_open(step.tx, step[asked].nurse_id)


@read(Lock.NURSE)
async def her_entry(step: Underway[KeyFactApprove]) -> Entry:
    """Her entry, locked."""
    return await registration.lock(step.tx, step[asked].nurse_id)


@read()
async def her_document(step: Underway[KeyFactApprove]) -> Document:
    """The document that she is registered by now."""
    return await requests.document_of(step.tx, step[asked].nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class KeyFactApprove(KeyFactAnswer):
    """Agreement, with what the decider has read off the originals: right is what two persons have read."""

    name: str | None = None
    id_number: str | None = None
    confirmed: bool = False
    """True where another sex or birth date is meant."""
    reads = (asked, under_way, her_entry, her_document)
    writes = frozenset(
        {
            *("desk_request", "nurse", "account", "application", "outbox"),
            *("registration", "registration_history", "registration_span"),
        }
    )

    async def take(self, step: Underway[KeyFactApprove]) -> None:
        """Her record, account and open applications follow in one transaction; history keeps what was corrected."""
        tx, found, facts = step.tx, step[asked], step[asked].facts
        _require_waiting(step)
        number, document = self.id_number, facts.document_type
        with Together() as each:
            given = each(lambda: identify(document, number, tx.today)) if document and number else None
            name = self.name and each(lambda: person_name(self.name or "", document or DocumentType.PASSPORT))
        require_same(facts, KeyFacts("", name, document, given.number if given else None))
        her = step[her_entry]
        require_news(her.name, step[her_document], facts)
        before = OnRecord(her.name, her.id_number_masked, her.sex, her.life.birth_date)
        require_confirmed(before, given, self.confirmed)
        await requests.correct(tx, found, given, step.actor.account_id, step[under_way])
        why, by = correction(before, name, given), step.actor
        await registration.change(tx, her.registration, account_id=by.account_id, reason=why, business=False)
        places = (her.registration.institution_id, her.registration.authority_id)
        corrected = await registration.lock(tx, found.nurse_id)
        step.news = news("registration.corrected", corrected, by, *places)
        await _decided(step, RequestState.APPROVED, None)


@dataclass(frozen=True, slots=True, repr=False)
class KeyFactReject(KeyFactAnswer):
    """Refusal, with a reason."""

    reason: str
    reads = (asked,)
    writes = frozenset({"desk_request", "outbox"})

    async def take(self, step: Underway[KeyFactReject]) -> None:
        """Nothing else changes."""
        _require_waiting(step)
        await _decided(step, RequestState.REJECTED, self.reason)


def _require_waiting(step: Underway[KeyFactAnswer]) -> None:
    found = step[asked]
    require_may_decide(step.actor, (found.authority_id, found.desk_id), found.nurse_id, found.asked_by)
    if found.state is not RequestState.PENDING:
        raise Conflict(Situation.REQUEST_DECIDED, at=found.decided_at)


async def _decided(step: Underway[KeyFactAnswer], state: RequestState, reason: str | None) -> None:
    """Write what became of it, and tell whoever asked."""
    tx, found = step.tx, step[asked]
    await requests.decide(tx, found.id, state, step.actor.account_id, reason)
    for channel, to, _ in await staff.find_channels(tx, found.asked_by):
        values = {"outcome": OUTCOMES[state]}
        await message.send(tx, channel=channel, to=to, template=Template.IDENTITY_REQUEST_DECIDED, values=values)
    step.nurse_id, step.detail = found.nurse_id, {"request": found.id, "outcome": state}
