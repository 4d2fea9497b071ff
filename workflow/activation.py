"""From a verified identity to an active account (激活): the nurse's certificate, and the code of her institution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from db import activation as activations
from db import activation_code as codes
from db import audit, first_record, idempotency, message
from db import contact as contacts
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules import activation as rules
from rules.account import AccountStep
from rules.activation import Candidate
from rules.errors import RateLimited
from rules.message import Template
from rules.people import Actor, Party, require_party
from rules.registration import RegistrationStatus
from workflow import account_news

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A nurse's wish to be known by the number of her certificate: of practice, or with `exam` of the exam."""

    session: Session
    number: str
    exam: bool
    idempotency_key: str | None = None

    @property
    def step(self) -> AccountStep:
        """Whose turn it must be."""
        return AccountStep.SUBMIT_EXAM_CERTIFICATE if self.exam else AccountStep.SUBMIT_CERTIFICATE


async def submit_certificate(db: Database, certificate: Certificate) -> UUID:
    """The certificate number is judged (N9, N9b, N9c); at most five are, each counted before it is looked at."""
    path = "examCertificateNumber" if certificate.exam else "certificateNumber"
    number = rules.certificate_number(certificate.number, path)
    await _count_certificate_try(db, certificate)
    async with db.begin() as tx:
        actor = await sessions.require(tx, certificate.session)
        key = idempotency.Key(actor.account_id, certificate.step, certificate.idempotency_key)
        if not await idempotency.first_time(tx, key, number, actor.account_id):
            return actor.account_id
        candidate = await _mine(tx, actor)
        rules.require_turn(candidate, certificate.step)
        await (_judge_exam if certificate.exam else _judge_number)(tx, candidate, number)
    return actor.account_id


async def _mine(tx: Tx, actor: Actor) -> Candidate:
    """The nurse's own account, held until the transaction ends; refuses everybody else."""
    require_party(actor, Party.NURSE)
    return await activations.lock(tx, actor.account_id)


async def _count_certificate_try(db: Database, certificate: Certificate) -> None:
    """Count before comparing; what is refused for another reason anyway is not looked at, and so not counted."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, certificate.session)
        candidate = await _mine(tx, actor)
        if rules.may(candidate, certificate.step):
            rules.require_tries_left(candidate)
            await activations.count_certificate_try(tx, actor.account_id)


async def _judge_number(tx: Tx, candidate: Candidate, number: str) -> None:
    """Her own number: registered, she waits for her institution (N9); deregistered, she is active at once (N9c)."""
    if not rules.same_certificate(number, candidate.certificate_number):
        raise rules.refusal("WRONG_CERTIFICATE")
    if candidate.status is RegistrationStatus.DEREGISTERED:
        await activations.activate(tx, candidate, certificate_verified=True)
        await _tell_active(tx, candidate)
    else:
        await activations.write(tx, candidate.account_id, certificate_verified=True)
        await account_news.tell_if_waiting(tx, candidate)


async def _judge_exam(tx: Tx, candidate: Candidate, number: str) -> None:
    """The latest exam certificate: her record is made of it where there is none, and she is active at once (N9b)."""
    exam = await first_record.latest_exam(tx, candidate.account_id)
    known = await first_record.known_nurse(tx, candidate.account_id)
    latest = exam or known
    if latest is None or not rules.same_certificate(number, latest.exam_certificate_number):
        raise rules.refusal("WRONG_CERTIFICATE")
    nurse_id = known.id if known else await _first_record(tx, candidate, exam)
    await activations.activate(tx, candidate, certificate_verified=True, nurse_id=nurse_id)
    await _tell_active(tx, candidate)


async def _first_record(tx: Tx, candidate: Candidate, exam: Any) -> UUID:
    facts = first_record.sex_and_birth(tx.keyring, exam, tx.today)
    if facts is None:
        raise rules.refusal("EXAM_RECORD_INCOMPLETE")
    return await first_record.insert_nurse(tx, candidate.account_id, exam, *facts)


@dataclass(frozen=True, slots=True)
class About:
    """What her institution or her 注册机关 wants of a nurse's account."""

    session: Session
    account_id: UUID
    idempotency_key: str | None = None
    reason: str = ""


async def issue_code(db: Database, about: About) -> str | None:
    """A new activation code (生成激活码, I7) for the institution to hand on; None where a retry asks for it again.

    The code before it is void. It is sent to what she has verified, and shown this once.
    """
    code = rules.new_code()
    async with db.begin() as tx:
        actor = await sessions.require(tx, about.session)
        key = idempotency.Key(actor.account_id, "ACTIVATION_ISSUE_CODE", about.idempotency_key)
        if not await idempotency.first_time(tx, key, about.account_id, about.account_id):
            return None
        candidate = await activations.lock(tx, about.account_id)
        rules.require_issuer(actor, candidate)
        rules.require_turn(candidate, AccountStep.ACTIVATE)
        await _within_budget(tx, candidate)
        await codes.insert(tx, candidate, actor, code)
        issuer = await activations.issuer_name(tx, candidate)
        values = {"code": code, "institution": issuer, "days": str(rules.LIFETIME.days)}
        await send(tx, candidate, Template.ACTIVATION_CODE, values)
        await audit.record(tx, "activation.code_issued", actor.account_id, nurse_id=candidate.nurse_id)
    return code


async def _within_budget(tx: Tx, candidate: Candidate) -> None:
    """At most three codes a day; the account is locked, so they are counted one by one."""
    issued = await codes.issued_within(tx, candidate.account_id, DAY)
    if len(issued) >= rules.CODES_A_DAY:
        raise RateLimited(max(1, int((issued[-rules.CODES_A_DAY] + DAY - tx.now).total_seconds())))


async def activate(db: Database, session: Session, given: str) -> UUID:
    """The nurse enters the code of her institution (N10) and is active; at most five are looked at, each counted."""
    tried = await _count_code_try(db, session)
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        candidate = await _mine(tx, actor)
        rules.require_turn(candidate, AccountStep.ACTIVATE)
        live = await codes.live(tx, actor.account_id)
        if live is None or live.id != tried or not live.good(candidate, tx.now):
            raise rules.refusal("NO_CODE")
        fits = codes.fits(tx.keyring, live, rules.normalized(given))
        if fits:
            await codes.use(tx, live.id)
            await activations.activate(tx, candidate)
            await _tell_active(tx, candidate)
        elif live.tries >= rules.CODE_TRIES:
            await codes.void(tx, actor.account_id)
    if not fits:
        raise rules.refusal("WRONG_CODE")
    return actor.account_id


async def _count_code_try(db: Database, session: Session) -> UUID:
    """Count before comparing, on the code that is then judged; a code of a former institution is void."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        candidate = await _mine(tx, actor)
        rules.require_turn(candidate, AccountStep.ACTIVATE)
        live = await codes.live(tx, actor.account_id)
        good = live is not None and live.good(candidate, tx.now) and live.tries < rules.CODE_TRIES
        if live is not None and good:
            await codes.count_try(tx, live.id)
    if live is None or not good:
        raise rules.refusal("NO_CODE")
    return live.id


async def _tell_active(tx: Tx, candidate: Candidate) -> None:
    await send(tx, candidate, Template.ACCOUNT_ACTIVATED, {})
    await account_news.tell_activated(tx, candidate.account_id)


async def send(tx: Tx, candidate: Candidate, template: Template, values: Mapping[str, str]) -> None:
    """Tell her, at the phone and the mail box that she has verified."""
    holder = await contacts.get(tx, candidate.account_id)
    for channel, contact in holder.contacts.items():
        if contact.verified:
            await message.send(tx, channel=channel, to=contact.to, template=template, values=values)
