"""The desk's side of recovery (人工找回): somebody asks it, and an officer who knows her lets her in, or not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from db import contact as contacts
from db import eligibility as facts
from db import message, self_nurse
from db import recovery as recoveries
from db import session as sessions
from db.recovery import RecoveryRequest as Kept
from db.store.engine import Database
from rules import contact as rule
from rules import recovery as rules
from rules.account import stated
from rules.errors import NotFound, RateLimited, Together
from rules.identity import DocumentType
from rules.message import Template
from rules.people import Role, require
from rules.staff import HELD_FOR
from rules.verification import Channel, CodePurpose, RequestState
from workflow import captcha as captchas
from workflow import code as codes
from workflow.session import CaptchaAnswer
from workflow.step import USUAL, Command, Lock, Underway, read, take_unsigned, was_taken


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryRequest(Command):
    """Personal information in place of a proved phone or mail box (N22); this alone opens nothing."""

    name: str
    document_type: DocumentType
    id_number: str
    phone: str
    evidence: str
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"attempt", "desk_request"})
    audited = False

    async def take(self, step: Underway[RecoveryRequest]) -> None:
        """Put it on the desk of whoever knows her."""
        tx, given = step.tx, stated(self.name, self.document_type, self.id_number, step.tx.today)
        for spent in (given.identity.number, self.phone):
            subject = tx.keyring.blind_index(spent, "recovery-request")
            if wait := await sessions.count_attempt(tx, subject, *rules.REQUESTS):
                raise RateLimited(wait)
        about = await recoveries.whose(tx, given.name, given.identity)
        content = {"name": given.name, "documentType": str(given.identity.type), "idNumber": given.identity.number}
        more = {"phone": self.phone, "evidence": self.evidence}
        # Asked twice in the same words, it is one request while nobody has answered it.
        waiting = await recoveries.waiting(tx, {**content, **more}, about)
        if waiting is not None:
            step.key = waiting
            return
        await recoveries.insert(tx, step.key, {**content, **more}, about)


async def request(db: Database, wish: RecoveryRequest, captcha: CaptchaAnswer) -> None:
    """Ask a desk for help, where neither phone nor mail box is proved; the captcha is judged once the form is good."""
    async with db.read() as reader:
        today = await facts.today(reader)
    with Together() as each:
        each(lambda: stated(wish.name, wish.document_type, wish.id_number, today))
        phone = each(lambda: rule.contact(Channel.SMS, wish.phone, path="phone"))
        evidence = each(lambda: rules.evidence(wish.evidence))
    wish = replace(wish, phone=phone, evidence=evidence)
    if await was_taken(db, None, wish) is None:
        await captchas.check(db, captcha.id, captcha.answer, captcha.address)
        await take_unsigned(db, wish)


@read(Lock.REQUEST)
async def asked(step: Underway[RecoveryDecision]) -> Kept:
    """The request, locked: one that the officer's desk is asked for."""
    require(step.actor, Role.REVIEWER, Role.HELP_DESK)
    return await recoveries.lock(step.tx, step.actor, step.command.request_id)


@read()
async def about_herself(step: Underway[RecoveryDecision]) -> bool:
    """True where it is about the officer: her account or record, or an account of her document without any record."""
    by, found = step.actor, step[asked]
    own = by.account_id == found.account_id or by.is_nurse(found.nurse_id)
    return own or await self_nurse.is_same_person(step.tx, by.account_id, found.account_id)


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryDecision(Command):
    """An officer's decision on a request (N22)."""

    request_id: UUID
    reason: str
    state: ClassVar[RequestState]
    reads = (asked, about_herself)

    @property
    def subject(self) -> UUID:
        """The request."""
        return self.request_id

    async def take(self, step: Underway[RecoveryDecision]) -> None:
        """Decide it, unless it was decided before, or is about the officer."""
        found = step[asked]
        rules.require_open(found.state, found.decided_at, herself=step[about_herself])
        await recoveries.decide(step.tx, found.id, self.state, step.actor.account_id, self.reason)
        step.detail, step.nurse_id = {"request": found.id, "account": found.account_id}, found.nurse_id
        await self.effect(step, found)

    async def effect(self, step: Underway[RecoveryDecision], found: Kept) -> None:
        """The consequence for the person."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryApprove(RecoveryDecision):
    """Let her in (同意找回): the password is still her own to set."""

    state = RequestState.APPROVED
    writes = frozenset({"desk_request", "account", "attempt", "code", "outbox"})

    async def effect(self, step: Underway[RecoveryDecision], found: Kept) -> None:
        """A code for the phone that was given; until three days later nobody changes the contacts."""
        if found.account_id is None:
            raise rules.nobody()
        try:
            holder = await contacts.lock(step.tx, found.account_id)
        except NotFound:
            raise rules.nobody() from None
        rules.require_unreachable(holder.verified() is not None)
        await contacts.freeze(step.tx, holder.id, step.tx.now + HELD_FOR)
        await codes.issue(
            step.tx,
            account_id=holder.id,
            purpose=CodePurpose.RECOVERY,
            channel=Channel.SMS,
            to=found.content["phone"],
            template=Template.RECOVERY_CODE,
            besides={"userName": holder.user_name},
        )


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryReject(RecoveryDecision):
    """Do not let her in (驳回找回)."""

    state = RequestState.REJECTED
    writes = frozenset({"desk_request", "outbox"})

    async def effect(self, step: Underway[RecoveryDecision], found: Kept) -> None:
        """She is told why at the phone that she gave, and what she can do now."""
        template, to = Template.RECOVERY_REFUSED, found.content["phone"]
        await message.send(step.tx, channel=Channel.SMS, to=to, template=template, values={"reason": self.reason})
