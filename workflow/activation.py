"""From a verified identity to an active account (激活): the nurse's certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

from db import activation as activations
from db import contact as contacts
from db import first_record, message
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules import activation as rules
from rules.account import AccountStep
from rules.activation import Candidate
from rules.message import Template
from rules.people import Actor, Party, require_party
from rules.registration import RegistrationStatus
from workflow import account_news
from workflow.step import Command, Lock, Underway, read, take


async def lock_own(tx: Tx, actor: Actor) -> Candidate:
    """The nurse's own account, held until the transaction ends; refuses everybody else."""
    require_party(actor, Party.NURSE)
    return await activations.lock(tx, actor.account_id)


@read(Lock.ACCOUNT)
async def own(step: Underway[Command]) -> Candidate:
    """The nurse's own account, locked."""
    return await lock_own(step.tx, step.actor)


@dataclass(frozen=True, slots=True, repr=False)
class CertificateSubmission(Command):
    """A nurse's wish to be known by the number of a certificate of hers."""

    number: str
    turn: ClassVar[AccountStep]
    path: ClassVar[str]
    reads = (own,)
    audited = False

    async def take(self, step: Underway[CertificateSubmission]) -> None:
        """Judge the number, if it is its turn."""
        rules.require_turn(step[own], self.turn)
        await self.judge(step)

    async def judge(self, step: Underway[CertificateSubmission]) -> None:
        """Compare the number, and write how far she is with that."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, repr=False)
class ActivationSubmitCertificate(CertificateSubmission):
    """The number of her certificate of practice (护士执业证书).

    Registered, she waits for her institution (N9); deregistered, she is active at once (N9c).
    """

    turn = AccountStep.SUBMIT_CERTIFICATE
    path = "certificateNumber"
    writes = frozenset({"account", "outbox"})

    async def judge(self, step: Underway[CertificateSubmission]) -> None:
        """The certificate is hers as the register has it."""
        candidate = step[own]
        if not rules.same_certificate(self.number, candidate.certificate_number):
            raise rules.wrong_certificate(candidate.certificate_tries)
        if candidate.status is RegistrationStatus.DEREGISTERED:
            await activations.activate(step.tx, candidate, certificate_verified=True)
            await tell_active(step, candidate)
        else:
            await activations.write(step.tx, candidate.account_id, certificate_verified=True)
            step.news += await account_news.if_waiting(step.tx, candidate)


@dataclass(frozen=True, slots=True, repr=False)
class ActivationSubmitExamCertificate(CertificateSubmission):
    """The number of her latest exam certificate (考试合格证书, N9b): she is active at once.

    Where there is no record of her, it is made of what the exam library has.
    """

    turn = AccountStep.SUBMIT_EXAM_CERTIFICATE
    path = "examCertificateNumber"
    writes = frozenset({"account", "nurse", "registration", "outbox"})

    async def judge(self, step: Underway[CertificateSubmission]) -> None:
        """The exam certificate is her latest."""
        candidate = step[own]
        exam = await first_record.latest_exam(step.tx, candidate.account_id)
        known = await first_record.known_nurse(step.tx, candidate.account_id)
        latest = exam or known
        if latest is None or not rules.same_certificate(self.number, latest.exam_certificate_number):
            raise rules.wrong_certificate(candidate.certificate_tries)
        nurse_id = known.id if known else await _first_record(step.tx, candidate, exam)
        await activations.activate(step.tx, candidate, certificate_verified=True, nurse_id=nurse_id)
        await tell_active(step, candidate)


async def _first_record(tx: Tx, candidate: Candidate, exam: Any) -> UUID:
    facts = first_record.sex_and_birth(tx.keyring, exam, tx.today)
    if facts is None:
        raise rules.refusal("EXAM_RECORD_INCOMPLETE")
    return await first_record.insert_nurse(tx, candidate.account_id, exam, *facts)


async def submit_certificate(db: Database, session: Session, wish: CertificateSubmission) -> UUID:
    """The certificate number is judged (N9, N9b, N9c); at most five are, each counted before it is looked at."""
    number = rules.certificate_number(wish.number, wish.path)
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        candidate = await lock_own(tx, actor)
        # What is refused for another reason anyway is not looked at, and so not counted.
        if rules.may(candidate, wish.turn):
            rules.require_tries_left(candidate)
            await activations.count_certificate_try(tx, actor.account_id)
    return await take(db, session, replace(wish, number=number))


async def tell_active(step: Underway[Command], candidate: Candidate) -> None:
    """She and who vouches for her hear that her account is active."""
    await send(step.tx, candidate, Template.ACCOUNT_ACTIVATED, {})
    step.news += await account_news.activated(step.tx, candidate.account_id)


async def send(tx: Tx, candidate: Candidate, template: Template, values: Mapping[str, str]) -> None:
    """Tell her, at the phone and the mail box that she has verified."""
    holder = await contacts.get(tx, candidate.account_id)
    for channel, contact in holder.contacts.items():
        if contact.verified:
            await message.send(tx, channel=channel, to=contact.to, template=template, values=values)
