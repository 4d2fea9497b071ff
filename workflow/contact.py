"""Safety of one's own account (安全设置): proving and changing the phone and the mail box, changing the password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson

from db import activation as activations
from db import audit, idempotency, message
from db import contact as contacts
from db import session as sessions
from db.contact import Holder
from db.session import Session
from db.store.engine import Database, Tx
from rules import contact as rule
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, RateLimited, Words
from rules.message import Template, mask_recipient
from rules.verification import Channel, CodePurpose
from workflow import account_news
from workflow import code as codes
from workflow.password import Passwords

TRIES: Final = 10
WINDOW: Final = timedelta(minutes=15)
NO_CONTACT: Final = Words("账户没有登记该联系方式，请先填写", "The account has none; enter one first.")
PROVED: Final = Words("该联系方式已验证，无需再次验证", "It is proved already.")
WRONG: Final = Words("当前密码不正确", "The current password is wrong.")
SAME: Final = Words("新的与当前的相同，请更换", "It is the one you have; choose another.")
OLD_CODE: Final = Words("请同时填写原联系方式收到的校验码", "Enter the code that the old one got as well.")
MOVED_ON: Final = Words("密码刚在别处变更，请重新登录", "The password was just changed elsewhere; sign in again.")


async def send_code(db: Database, session: Session, channel: Channel) -> str:
    """Send a code to the phone or mail box on one's account (N7, N8); its masked form."""
    async with db.begin() as tx:
        holder = await _own(tx, session)
        rule.require_free(holder.held_until, tx.now)
        contact = holder.contacts.get(channel)
        if contact is None:
            raise NotAllowed("NO_CONTACT", NO_CONTACT)
        if contact.verified:
            raise NotAllowed("ALREADY_VERIFIED", PROVED)
        await _issue(tx, holder, CodePurpose.CONFIRM_CONTACT, channel, contact.to)
    return mask_recipient(channel, contact.to)


async def confirm(db: Database, session: Session, channel: Channel, code: str) -> None:
    """The code proves the phone or mail box that is on the account now (N7, N8)."""
    account_id = session.actor.account_id
    purpose = CodePurpose.CONFIRM_CONTACT
    target = await codes.prove(db, account_id=account_id, purpose=purpose, channel=channel, given=code)
    async with db.begin() as tx:
        holder = await _own(tx, session)
        rule.require_free(holder.held_until, tx.now)
        if channel not in holder.contacts or holder.contacts[channel].index != target:
            raise NotAllowed("WRONG_CODE", codes.WRONG)
        before = await activations.find(tx, holder.id)
        await contacts.verify(tx, holder.id, channel)
        await audit.record(tx, "CONTACT_CONFIRMED", holder.id, {"channel": channel}, nurse_id=holder.nurse_id)
        await account_news.tell_if_waiting(tx, before)


@dataclass(frozen=True, slots=True)
class Begun:
    """A change that waits for its codes: where the new one went, masked, and whether the old one got one too."""

    sent_to: str
    old_code_needed: bool


async def change(db: Database, session: Session, channel: Channel, to: str) -> Begun:
    """Begin to change the phone or mail box (N12): codes go to the new one, and to the old one if it was proved."""
    new = rule.contact(channel, to, path="to")
    async with db.begin() as tx:
        holder = await _own(tx, session)
        rule.require_free(holder.held_until, tx.now)
        old = holder.verified(channel)
        if old is not None and old[1].to == new:
            raise Invalid(FieldProblem("to", "SAME_CONTACT", SAME))
        if old is not None:
            await _issue(tx, holder, CodePurpose.CHANGE_CONTACT, channel, old[1].to)
        await _issue(tx, holder, CodePurpose.CONFIRM_CONTACT, channel, new)
    return Begun(mask_recipient(channel, new), old is not None)


async def finish_change(
    db: Database, session: Session, channel: Channel, to: str, *, new_code: str, old_code: str | None
) -> None:
    """Change it, with the codes that the new one and a proved old one got; the old one is told."""
    new, account_id = rule.contact(channel, to, path="to"), session.actor.account_id
    async with db.read() as reader:
        if old_code is None and (await contacts.get(reader, account_id)).verified(channel):
            raise Invalid(FieldProblem("oldCode", "REQUIRED", OLD_CODE))
    purpose, target = CodePurpose.CONFIRM_CONTACT, b""
    proved = await codes.prove(db, account_id=account_id, purpose=purpose, channel=channel, given=new_code)
    if old_code is not None:
        purpose = CodePurpose.CHANGE_CONTACT
        target = await codes.prove(db, account_id=account_id, purpose=purpose, channel=channel, given=old_code)
    async with db.begin() as tx:
        holder = await _own(tx, session)
        rule.require_free(holder.held_until, tx.now)
        old = holder.verified(channel)
        if proved != contacts.index_of(tx.keyring, channel, new) or (old is not None and old[1].index != target):
            raise NotAllowed("WRONG_CODE", codes.WRONG)
        before = await activations.find(tx, holder.id)
        await contacts.replace(tx, holder.id, channel, new)
        await tell(tx, holder, Template.CONTACT_CHANGED, masked=mask_recipient(channel, new))
        await audit.record(tx, "CONTACT_CHANGED", holder.id, {"channel": channel}, nurse_id=holder.nurse_id)
        await account_news.tell_if_waiting(tx, before)


@dataclass(frozen=True, slots=True, repr=False)
class NewPassword:
    """Another password, and the one it replaces."""

    session: Session
    current: str
    new: str
    idempotency_key: str | None = None

    def content(self, db: Database) -> str:
        """What makes two requests the same request: keyed, because there are passwords in it."""
        return db.keyring.blind_index(orjson.dumps([self.current, self.new]).decode(), "password change").hex()


async def change_password(db: Database, passwords: Passwords, order: NewPassword) -> None:
    """Change the password (N12): every other session ends, and whoever can be reached is told."""
    session, content = order.session, order.content(db)
    retry = idempotency.Key(session.actor.account_id, "passwordChange", order.idempotency_key)
    subject = db.keyring.blind_index(str(session.actor.account_id), "password")
    async with db.begin() as tx:
        await sessions.require(tx, session)
        if await idempotency.seen(tx, retry, content):
            return
        wait = await sessions.count_attempt(tx, subject, WINDOW, TRIES)
    if wait:
        raise RateLimited(wait)
    before = await _judged(db, passwords, order)
    hashed = await passwords.hash(order.new)
    async with db.begin() as tx:
        await sessions.hold(tx, session.actor.account_id)
        actor = await sessions.require(tx, session)
        if not await idempotency.first_time(tx, retry, content, actor.account_id):
            return
        holder = await contacts.lock(tx, actor.account_id)
        if holder.password_hash != before:
            raise Conflict(MOVED_ON)
        await sessions.forget_attempts(tx, subject)
        await set_password(tx, holder, hashed, but=session.token_hash)


async def _judged(db: Database, passwords: Passwords, order: NewPassword) -> str:
    """The hash of the current password, once both passwords are what they should be."""
    async with db.read() as reader:
        known = await contacts.get(reader, order.session.actor.account_id)
    passwords.policy.of(known.party).require(order.new, user_name=known.user_name, path="newPassword")
    if not await passwords.verify(known.password_hash, order.current):
        raise NotAllowed("WRONG_CREDENTIALS", WRONG)
    if order.new == order.current:
        raise Invalid(FieldProblem("newPassword", "SAME_PASSWORD", SAME))
    return known.password_hash


async def set_password(tx: Tx, holder: Holder, hashed: str, *, but: bytes = b"") -> None:
    """Another password: the sessions end except one, the proved contacts are told, the audit keeps it."""
    await contacts.set_password(tx, holder.id, hashed)
    await sessions.end(tx, holder.id, but=but)
    await tell(tx, holder, Template.PASSWORD_CHANGED)
    await audit.record(tx, "PASSWORD_CHANGED", holder.id, nurse_id=holder.nurse_id)
    if holder.scope is not None:
        tx.woken.add(holder.scope)


async def tell(tx: Tx, holder: Holder, template: Template, **values: str) -> None:
    """Tell somebody by every contact that was proved before this step."""
    for channel, contact in holder.contacts.items():
        if contact.verified:
            await message.send(tx, channel=channel, to=contact.to, template=template, values=values)


async def _own(tx: Tx, session: Session) -> Holder:
    """One's own account, held until the commit."""
    return await contacts.lock(tx, (await sessions.require(tx, session)).account_id)


async def _issue(tx: Tx, holder: Holder, purpose: CodePurpose, channel: Channel, to: str) -> None:
    template = Template.CONTACT_CODE
    await codes.issue(tx, account_id=holder.id, purpose=purpose, channel=channel, to=to, template=template)
