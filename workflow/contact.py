"""Safety of one's own account (安全设置): proving and changing the phone and the mail box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from db import activation as activations
from db import contact as contacts
from db import message
from db.contact import Holder
from db.session import Session
from db.store.engine import Database, Tx
from rules import contact as rule
from rules.activation import Candidate
from rules.errors import FieldProblem, Invalid, NotAllowed, RateLimited, Together, Words
from rules.message import Template, mask_recipient
from rules.verification import Channel, CodePurpose
from workflow import account_news
from workflow import code as codes
from workflow.code import Judged
from workflow.step import USUAL, Command, Lock, Underway, read, take, taken

NO_CONTACT: Final = Words("账户没有登记该联系方式，请先填写", "The account has none; enter one first.")
PROVED: Final = Words("该联系方式已验证，无需再次验证", "It is proved already.")
SAME: Final = Words("新的与当前的相同，请更换", "It is the one you have; choose another.")
OLD_CODE: Final = Words("请同时填写原联系方式收到的校验码", "Enter the code that the old one got as well.")


@read(Lock.ACCOUNT)
async def own(step: Underway[Command]) -> Holder:
    """One's own account, locked: what is on it may be proved at any time, also while a desk holds it."""
    return await contacts.lock(step.tx, step.actor.account_id)


@read(Lock.ACCOUNT)
async def own_to_change(step: Underway[Command]) -> Holder:
    """One's own account, locked; refuses to change contacts that a desk holds."""
    holder = await contacts.lock(step.tx, step.actor.account_id)
    rule.require_free(holder.held_until, step.tx.now)
    return holder


@read()
async def before(step: Underway[Command]) -> Candidate | None:
    """One's own account on its way to being active, as it stood before the step."""
    return await activations.find(step.tx, step.actor.account_id)


def _require_unproved(holder: Holder, channel: Channel, to: str | None = None) -> None:
    """Refuse to prove again what is proved: the contact of the account, or `to` where it has become that."""
    contact = holder.contacts.get(channel)
    if contact is not None and contact.verified and to in (None, contact.to):
        raise NotAllowed("ALREADY_VERIFIED", PROVED)


async def _issue(tx: Tx, holder: Holder, purpose: CodePurpose, channel: Channel, to: str) -> None:
    template = Template.CONTACT_CODE
    await codes.issue(tx, account_id=holder.id, purpose=purpose, channel=channel, to=to, template=template)


async def tell(tx: Tx, holder: Holder, template: Template, **values: str) -> None:
    """Tell somebody by every contact that was proved before this step."""
    for channel, contact in holder.contacts.items():
        if contact.verified:
            await message.send(tx, channel=channel, to=contact.to, template=template, values=values)


@dataclass(frozen=True, slots=True, repr=False)
class ContactSendCode(Command):
    """Somebody's wish for a code to the phone or mail box on her account (N7, N8)."""

    channel: Channel
    refuses = USUAL | {RateLimited}
    reads = (own,)
    writes = frozenset({"attempt", "code", "outbox"})
    audited = False

    async def take(self, step: Underway[ContactSendCode]) -> None:
        """Send it, where there is something to prove."""
        contact = step[own].contacts.get(self.channel)
        if contact is None:
            raise NotAllowed("NO_CONTACT", NO_CONTACT)
        _require_unproved(step[own], self.channel)
        await _issue(step.tx, step[own], CodePurpose.CONFIRM_CONTACT, self.channel, contact.to)


async def send_code(db: Database, session: Session, channel: Channel) -> str:
    """Send a code to the phone or mail box on one's account (N7, N8); its masked form."""
    step = await taken(db, session, ContactSendCode(channel))
    return mask_recipient(channel, step[own].contacts[channel].to)


@dataclass(frozen=True, slots=True, repr=False)
class ContactConfirm(Command):
    """A code has proved the phone or mail box of this index: it is on the account now (N7, N8)."""

    channel: Channel
    code: Judged
    reads = (own, before)
    writes = frozenset({"account", "code"})

    async def take(self, step: Underway[ContactConfirm]) -> None:
        """Keep that it is proved, where it is still the account's."""
        holder = step[own]
        _require_unproved(holder, self.channel)
        await codes.use(step.tx, self.code)
        if self.channel not in holder.contacts or holder.contacts[self.channel].index != self.code.target:
            raise NotAllowed("WRONG_CODE", codes.WRONG)
        await contacts.verify(step.tx, holder.id, self.channel)
        step.detail, step.nurse_id = {"channel": self.channel}, holder.nurse_id
        step.news += await account_news.if_waiting(step.tx, step[before])


async def confirm(db: Database, session: Session, channel: Channel, code: str) -> None:
    """The code proves the phone or mail box that is on the account now (N7, N8)."""
    account_id, purpose = session.actor.account_id, CodePurpose.CONFIRM_CONTACT
    async with db.read() as reader:
        _require_unproved(await contacts.get(reader, account_id), channel)
    judged = await codes.judge(db, account_id=account_id, purpose=purpose, channel=channel, given=codes.written(code))
    await take(db, session, ContactConfirm(channel, judged))


@dataclass(frozen=True, slots=True, repr=False)
class ContactChange(Command):
    """Somebody's wish to have another phone or mail box (N12), in its one form."""

    channel: Channel
    to: str
    refuses = USUAL | {RateLimited}
    reads = (own_to_change,)
    writes = frozenset({"attempt", "code", "outbox"})
    audited = False

    async def take(self, step: Underway[ContactChange]) -> None:
        """Codes go to the new one, and to the old one if it was proved."""
        holder = step[own_to_change]
        old = holder.verified(self.channel)
        if old is not None and old[1].to == self.to:
            raise Invalid(FieldProblem("to", "SAME_CONTACT", SAME))
        if old is not None:
            await _issue(step.tx, holder, CodePurpose.CHANGE_CONTACT, self.channel, old[1].to)
        await _issue(step.tx, holder, CodePurpose.CONFIRM_CONTACT, self.channel, self.to)


@dataclass(frozen=True, slots=True)
class Begun:
    """A change that waits for its codes: where the new one went, masked, and whether the old one got one too."""

    sent_to: str
    old_code_needed: bool


async def change(db: Database, session: Session, channel: Channel, to: str) -> Begun:
    """Begin to change the phone or mail box (N12)."""
    new = rule.contact(channel, to, path="to")
    step = await taken(db, session, ContactChange(channel, new))
    return Begun(mask_recipient(channel, new), step[own_to_change].verified(channel) is not None)


@dataclass(frozen=True, slots=True, repr=False)
class ContactChangeConfirm(Command):
    """A wish to have a new phone or mail box, by the code that it got, and by that of the old one if it was proved."""

    channel: Channel
    to: str
    code: Judged
    old_code: Judged | None = None
    reads = (own_to_change, before)
    writes = frozenset({"account", "code", "outbox"})

    async def take(self, step: Underway[ContactChangeConfirm]) -> None:
        """Change it, where both are still what they were; the old one is told. A wrong code uses up no other."""
        tx, holder = step.tx, step[own_to_change]
        _require_unproved(holder, self.channel, self.to)
        old = holder.verified(self.channel)
        given = (("newCode", self.code), ("oldCode", self.old_code))
        if wrong := [code.problem(path) for path, code in given if code is not None and not code.fits]:
            raise Invalid(*wrong)
        for code in filter(None, (self.code, self.old_code)):
            await codes.use(tx, code)
        other = self.code.target != contacts.index_of(tx.keyring, self.channel, self.to)
        if other or (old is not None and (self.old_code is None or old[1].index != self.old_code.target)):
            raise NotAllowed("WRONG_CODE", codes.WRONG)
        await contacts.replace(tx, holder.id, self.channel, self.to)
        await tell(tx, holder, Template.CONTACT_CHANGED, masked=mask_recipient(self.channel, self.to))
        step.detail, step.nurse_id = {"channel": self.channel}, holder.nurse_id
        step.news += await account_news.if_waiting(tx, step[before])


async def finish_change(
    db: Database, session: Session, channel: Channel, to: str, *, new_code: str, old_code: str | None
) -> None:
    """Change it, with the codes that the new one and a proved old one got."""
    new, account_id = rule.contact(channel, to, path="to"), session.actor.account_id
    async with db.read() as reader:
        holder = await contacts.get(reader, account_id)
    _require_unproved(holder, channel, new)
    with Together() as each:
        new_code = each(lambda: codes.written(new_code, "newCode"))
        if old_code is None and holder.verified(channel):
            each.problems.append(FieldProblem("oldCode", "FIELD_REQUIRED", OLD_CODE))
        old = None if old_code is None else each(lambda: codes.written(old_code, "oldCode"))
    of = {"account_id": account_id, "channel": channel}
    judged = await codes.judge(db, **of, purpose=CodePurpose.CONFIRM_CONTACT, given=new_code)
    second = None if old is None else await codes.judge(db, **of, purpose=CodePurpose.CHANGE_CONTACT, given=old)
    await take(db, session, ContactChangeConfirm(channel, new, judged, second))
