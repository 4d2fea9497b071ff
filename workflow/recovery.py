"""Recovery (找回): back into an account whose password is lost, by what was proved before."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from db import contact as contacts
from db import recovery as recoveries
from db import session as sessions
from db.contact import LIVING, Holder
from db.store.engine import Database, Tx
from rules import recovery as rules
from rules.errors import NotAllowed, NotFound, RateLimited, Together
from rules.message import Template
from rules.passwords import PasswordPolicy
from rules.session import LONGEST
from rules.verification import Channel, CodePurpose
from workflow import captcha as captchas
from workflow import code as codes
from workflow.password import Passwords
from workflow.password_change import set_password
from workflow.session import CaptchaAnswer, pass_gate, subject_of
from workflow.step import USUAL, Command, Lock, Underway, read, take_unsigned


@dataclass(frozen=True, slots=True, repr=False)
class Whom:
    """The holder of an account to be opened again: her user name, proved phone or proved mail box, and the channel."""

    name: str
    channel: Channel | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryStart(Command):
    """A code (N22) by this channel; to nobody, where there is no such account or nothing about it was proved."""

    account_id: UUID
    channel: Channel
    to: str
    user_name: str = ""
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"attempt", "code", "outbox"})
    audited = False

    async def take(self, step: Underway[RecoveryStart]) -> None:
        """Send it."""
        await codes.issue(
            step.tx,
            account_id=self.account_id,
            purpose=CodePurpose.RECOVERY,
            channel=self.channel,
            to=self.to,
            template=Template.RECOVERY_CODE,
            besides={"userName": self.user_name},
        )


async def start(db: Database, whom: Whom, captcha: CaptchaAnswer) -> None:
    """Send a code to the proved phone or mail box (N22); known and unknown get the same answer after the same work."""
    await captchas.check(db, captcha.id, captcha.answer, captcha.address)
    subject = _subject(db, whom)
    for window, allowed in rules.CODES:
        await _count(db, db.keyring.blind_index(f"{subject.hex()}:{window}", "recovery"), window, allowed)
    way = await _way(db, whom, subject)
    # What has been sent to an account already is for its owner to know.
    with suppress(RateLimited):
        await take_unsigned(db, way)


@read(Lock.ACCOUNT)
async def holder(step: Underway[RecoveryFinish]) -> Holder:
    """Her account, locked after her sessions, which are to end."""
    await sessions.lock(step.tx, step.command.account_id)
    try:
        return await contacts.lock(step.tx, step.command.account_id)
    except NotFound:
        raise NotAllowed("WRONG_CODE", codes.WRONG) from None


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryFinish(Command):
    """A new password (N22) for an account whose code has proved the phone or mail box of this index."""

    name: str
    account_id: UUID
    channel: Channel
    proved: bytes
    password: str
    stored: str
    policy: PasswordPolicy
    reads = (holder,)
    writes = frozenset({"account", "attempt", "outbox"})

    async def take(self, step: Underway[RecoveryFinish]) -> None:
        """Set it: every session ends, and whoever can be reached is told."""
        found = step[holder]
        if not await _still_reaches(step.tx, found, self.channel, self.proved):
            raise NotAllowed("WRONG_CODE", codes.WRONG)
        self.policy.of(found.party).require(self.password, user_name=found.user_name, path="newPassword")
        step.by = found.id
        await set_password(step, found, self.stored)
        for name in {self.name, found.user_name}:
            await sessions.forget_attempts(step.tx, subject_of(step.tx, name))
        await sessions.forget_attempts(step.tx, _finishing(step.tx, _subject(step.tx, Whom(self.name))))


async def finish(
    db: Database, passwords: Passwords, whom: Whom, code: str, password: str, captcha: CaptchaAnswer | None = None
) -> None:
    """Set a new password with the code (N22); after a few tries at this account each needs a captcha."""
    with Together() as each:
        each(lambda: codes.written(code))
        each(lambda: passwords.policy.require(password, user_name=whom.name[:LONGEST], path="newPassword"))
    subject, purpose = _subject(db, whom), CodePurpose.RECOVERY
    async with passwords.place() as work:  # before the captcha and the code are used up
        await pass_gate(db, _finishing(db, subject), captcha, free=rules.FREE_TRIES)
        way = await _way(db, whom, subject, finishing=True)
        proved = await codes.prove(db, account_id=way.account_id, purpose=purpose, channel=way.channel, given=code)
        secret = password, await work.hash(password), passwords.policy
    await take_unsigned(db, RecoveryFinish(whom.name, way.account_id, way.channel, proved, *secret))


def _finishing(by: Database | Tx, subject: bytes) -> bytes:
    """The key by which the tries at the codes for a name are counted."""
    return by.keyring.blind_index(subject.hex(), "recovery-finish")


def _subject(db: Database | Tx, whom: Whom) -> bytes:
    """The key by which the codes for a name are counted."""
    return db.keyring.blind_index(subject_of(db, whom.name).hex(), "recovery")


async def _count(db: Database, subject: bytes, window: timedelta, allowed: int) -> None:
    async with db.begin() as tx:
        await tx.ask_time()
        wait = await sessions.count_attempt(tx, subject, window, allowed)
    if wait:
        raise RateLimited(wait)


async def _way(db: Database, whom: Whom, subject: bytes, *, finishing: bool = False) -> RecoveryStart:
    """By which channel somebody is reached. A desk that approved has sent its code to a phone by its own way."""
    async with db.read() as reader:
        found = await contacts.named(reader, whom.name[:LONGEST])
        by_fact = await contacts.let_in(reader, whom.name[:LONGEST]) if finishing else None
    found = found or by_fact
    if found is not None and found.state in LIVING:
        if verified := found.verified(whom.channel):
            return RecoveryStart(found.id, verified[0], verified[1].to, found.user_name)
        if finishing:
            return RecoveryStart(found.id, whom.channel or Channel.SMS, "")
    # A number and a box of nobody, so that the budgets are counted in the same way.
    to = {
        Channel.SMS: f"1{int.from_bytes(subject[:8]) % 10**10:010d}",
        Channel.MAIL: f"{subject.hex()[:20]}@nobody.invalid",
    }
    channel = whom.channel or Channel.SMS
    return RecoveryStart(UUID(bytes=subject[:16]), channel, to[channel])


async def _still_reaches(tx: Tx, holder: Holder, channel: Channel, proved: bytes) -> bool:
    """True where the code went to a contact that is proved today, or to the phone that a desk has approved."""
    if channel in holder.contacts and holder.contacts[channel].verified:
        return holder.contacts[channel].index == proved
    approved = await recoveries.latest_approved(tx, holder.id)
    if approved is None or holder.verified() is not None:
        return False
    return contacts.index_of(tx.keyring, Channel.SMS, approved.content["phone"]) == proved
