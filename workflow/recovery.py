"""Recovery (找回): back into an account whose password is lost, by what was proved before, or through a desk."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from db import contact as contacts
from db import desk_request as desk
from db import idempotency
from db import session as sessions
from db.contact import LIVING, Holder
from db.store.engine import Database, Tx
from rules import contact as rule
from rules.account import claimed
from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, RateLimited, Words
from rules.identity import DocumentType
from rules.message import Template
from rules.privacy import hidden_characters
from rules.verification import Channel, CodePurpose, RequestKind
from workflow import captcha as captchas
from workflow import code as codes
from workflow.account import STRANGER
from workflow.contact import set_password
from workflow.password import Passwords
from workflow.session import LONGEST, Captcha, subject_of

BUDGETS: Final = ((codes.RESEND, 1), (timedelta(days=1), 10))
REQUESTS: Final = (timedelta(days=1), 3)
LONGEST_EVIDENCE: Final = 1000
EVIDENCE: Final = Words(
    "请写明能证明身份的其他信息，不超过1000字", "Say what else identifies you, in 1 to 1,000 characters."
)


@dataclass(frozen=True, slots=True, repr=False)
class Whom:
    """Whose account is to be opened again: her user name, proved phone or proved mail box, and by which channel."""

    name: str
    channel: Channel | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Appeal:
    """Personal information in place of a proved phone or mail box."""

    name: str
    document_type: DocumentType
    id_number: str
    phone: str
    evidence: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class _Way:
    """Where a code goes; to nobody, where there is no such account or nothing about it was proved."""

    account_id: UUID
    channel: Channel
    to: str


async def start(db: Database, whom: Whom, captcha: Captcha) -> None:
    """Send a code to the proved phone or mail box (N22); known and unknown get the same answer after the same work."""
    await captchas.check(db, captcha.id, captcha.answer)
    subject = db.keyring.blind_index(subject_of(db, whom.name).hex(), "recovery")
    for window, allowed in BUDGETS:
        await _count(db, db.keyring.blind_index(f"{subject.hex()}:{window}", "recovery"), window, allowed)
    way = await _way(db, whom, subject)
    # What has been sent to an account already is for its owner to know.
    with suppress(RateLimited):
        async with db.begin() as tx:
            await tx.ask_time()
            purpose, template = CodePurpose.RECOVERY, Template.RECOVERY_CODE
            asked = {"account_id": way.account_id, "channel": way.channel, "to": way.to}
            await codes.issue(tx, purpose=purpose, template=template, **asked)  # type: ignore[arg-type]


async def finish(db: Database, passwords: Passwords, whom: Whom, code: str, password: str) -> None:
    """Set a new password with the code (N22): every session ends, and whoever can be reached is told."""
    passwords.policy.require(password, user_name=whom.name[:LONGEST], path="newPassword")
    subject = db.keyring.blind_index(subject_of(db, whom.name).hex(), "recovery")
    way, purpose = await _way(db, whom, subject, finishing=True), CodePurpose.RECOVERY
    proved = await codes.prove(db, account_id=way.account_id, purpose=purpose, channel=way.channel, given=code)
    hashed = await passwords.hash(password)
    async with db.begin() as tx:
        await tx.ask_time()
        await sessions.hold(tx, way.account_id)
        holder = await _lock(tx, way.account_id)
        if not await _still_reaches(tx, holder, way.channel, proved):
            raise NotAllowed("WRONG_CODE", codes.WRONG)
        passwords.policy.of(holder.party).require(password, user_name=holder.user_name, path="newPassword")
        await set_password(tx, holder, hashed)
        await sessions.forget_attempts(tx, subject_of(db, whom.name))


async def request(db: Database, appeal: Appeal, captcha: Captcha) -> None:
    """Ask a desk for help, where neither phone nor mail box is proved (N22); this alone opens nothing."""
    phone = rule.contact(Channel.SMS, appeal.phone, path="phone")
    evidence = appeal.evidence.strip()
    if not 0 < len(evidence) <= LONGEST_EVIDENCE or hidden_characters(evidence, allowed="\n\r\t"):
        raise Invalid(FieldProblem("evidence", "TEXT_LENGTH", EVIDENCE))
    key = idempotency.Key(STRANGER, "recoveryRequest", appeal.idempotency_key)
    # Keyed, because there is an ID number in it.
    content = db.keyring.blind_index(orjson.dumps(asdict(appeal)).decode(), "recovery request").hex()
    async with db.begin() as tx:
        await tx.ask_time()
        if await idempotency.seen(tx, key, content):
            return
    await captchas.check(db, captcha.id, captcha.answer)
    async with db.begin() as tx:
        await tx.ask_time()
        if await idempotency.first_time(tx, key, content, uuid7()):
            await _ask_desk(tx, appeal, phone, evidence)


async def _ask_desk(tx: Tx, appeal: Appeal, phone: str, evidence: str) -> None:
    claim = claimed(appeal.name, appeal.document_type, appeal.id_number, tx.today)
    for spent in (claim.identity.number, phone):
        subject = tx.keyring.blind_index(spent, "recovery-request")
        if wait := await sessions.count_attempt(tx, subject, *REQUESTS):
            raise RateLimited(wait)
    about = await desk.whose(tx, claim.name, claim.identity)
    content = {"name": claim.name, "documentType": str(claim.identity.type), "idNumber": claim.identity.number}
    await desk.insert(tx, RequestKind.RECOVERY, {**content, "phone": phone, "evidence": evidence}, about)


async def _count(db: Database, subject: bytes, window: timedelta, allowed: int) -> None:
    async with db.begin() as tx:
        await tx.ask_time()
        wait = await sessions.count_attempt(tx, subject, window, allowed)
    if wait:
        raise RateLimited(wait)


async def _way(db: Database, whom: Whom, subject: bytes, *, finishing: bool = False) -> _Way:
    """By which channel somebody is reached. A desk that approved has sent its code to a phone by its own way."""
    async with db.read() as reader:
        found = await contacts.named(reader, whom.name[:LONGEST])
    if found is not None and found.state in LIVING:
        if verified := found.verified(whom.channel):
            return _Way(found.id, verified[0], verified[1].to)
        if finishing:
            return _Way(found.id, whom.channel or Channel.SMS, "")
    # A number and a box of nobody, so that the budgets are counted in the same way.
    to = {
        Channel.SMS: f"1{int.from_bytes(subject[:8]) % 10**10:010d}",
        Channel.MAIL: f"{subject.hex()[:20]}@nobody.invalid",
    }
    channel = whom.channel or Channel.SMS
    return _Way(UUID(bytes=subject[:16]), channel, to[channel])


async def _lock(tx: Tx, account_id: UUID) -> Holder:
    try:
        return await contacts.lock(tx, account_id)
    except NotFound:
        raise NotAllowed("WRONG_CODE", codes.WRONG) from None


async def _still_reaches(tx: Tx, holder: Holder, channel: Channel, proved: bytes) -> bool:
    """Whether the code went to what is proved today, or to the phone that a desk has approved."""
    if channel in holder.contacts and holder.contacts[channel].verified:
        return holder.contacts[channel].index == proved
    approved = await desk.latest_approved(tx, holder.id)
    if approved is None or holder.verified() is not None:
        return False
    return contacts.index_of(tx.keyring, Channel.SMS, approved.content["phone"]) == proved
