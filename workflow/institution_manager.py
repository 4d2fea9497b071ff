"""An institution gets another manager at the desk (变更机构管理员): the last has left, or cannot get in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import deputy as deputies
from db import institution as institutions
from db import message, staff
from db import session as sessions
from db.feed.event import Addressed
from db.institution import Institution
from db.message import Post
from db.session import Session
from db.staff import Locked
from db.store.engine import Tx
from rules.application import Application
from rules.contact import phone_number
from rules.deputy import Deputyship
from rules.errors import FieldProblem, NotAllowed, RateLimited, Together, Words
from rules.identity import DocumentType, Identity, identify
from rules.institution import InstitutionDocument, InstitutionStep, require_documents
from rules.message import Template
from rules.notice import by_day
from rules.people import AccountState, Party, Role
from rules.staff import OWN_ACCOUNT, Workplace, display_name
from rules.staff_event import MANAGER_REPLACED, staff_body
from rules.verification import Channel
from rules.wording import reasoned
from workflow import staff as colleagues
from workflow.deputy import end_all
from workflow.institution import made_user_name, named_otherwise
from workflow.institution_change import InstitutionChange, places
from workflow.password import FirstPassword
from workflow.staff_disabling import held_by, put_back
from workflow.staff_inviting import opens_again
from workflow.step import UNKEPT, USUAL, Lock, Underway, read

NO_MANAGER: Final = Words(
    "该账户不是本机构在用的管理员，或正是新任管理员本人",
    "This is no account of a manager of this institution, or it is the new manager's own.",
)


@read(Lock.REQUEST)
async def standing_in(step: Underway[Any]) -> list[Deputyship]:
    """The deputyships of those who leave, for them and by them, locked."""
    return await deputies.of_any(step.tx, step.command.leaving, locked=True)


@read(Lock.APPLICATION)
async def held(step: Underway[Any]) -> list[Application]:
    """The applications that those who leave work on just now, locked."""
    return await held_by(step.tx, *step.command.leaving)


@read(Lock.ACCOUNT)
async def people(step: Underway[Any]) -> Mapping[UUID, Locked]:
    """The accounts of the institution, locked with one's own."""
    of = await staff.of_institution(step.tx, step.command.institution_id)
    return await staff.lock(step.tx, step.actor.account_id, *of)


@dataclass(frozen=True, slots=True, repr=False)
class Responsible:
    """A new manager as the papers show her."""

    name: str
    phone: str
    identity: Identity


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionReplaceManager(InstitutionChange):
    """An officer's wish that somebody manages an institution from now on, after its papers were seen on the spot.

    One officer does it, as one lets an institution in: the old managers are written to, and both feeds tell of it.
    Whoever has an account there is let in by it afresh; those who leave are shut out at once.
    """

    reason: str
    responsible_name: str
    responsible_phone: str
    responsible_document_type: DocumentType
    responsible_id_number: str
    documents_seen: frozenset[InstitutionDocument]
    leaving: frozenset[UUID]
    first: FirstPassword = field(metadata=UNKEPT, kw_only=True)
    move = InstitutionStep.REPLACE_MANAGER
    refuses = USUAL | {RateLimited}
    reads = (standing_in, held, places, people)
    writes = frozenset(
        {"institution", "institution_document", "account", "attempt", "outbox", "application", "deputyship"}
    )

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """The sessions of the institution's people and one's own, before the accounts."""
        await sessions.lock(tx, session.actor.account_id, *await staff.of_institution(tx, self.institution_id))

    async def effect(self, step: Underway[InstitutionChange], locked: Institution) -> None:
        """Let the new manager in, shut out who leaves, and tell everybody."""
        new, managers, known = await self._judged(step)
        key = await self._let_in(step, locked, known, new)
        await self._shut_out(step)
        await institutions.insert_documents(step.tx, locked.id, self.documents_seen, step.actor.account_id)
        await self._tell(step, locked, key, managers)

    async def _judged(
        self, step: Underway[InstitutionChange]
    ) -> tuple[Responsible, Mapping[UUID, Locked], Locked | None]:
        """The new manager, those by now, and the account that she has here already, if any."""
        document, number = self.responsible_document_type, self.responsible_id_number
        theirs = {key: row for key, row in step[people].items() if row.institution_id == self.institution_id}
        managers, known = {key: row for key, row in theirs.items() if _manages(row)}, None
        with Together() as each:
            each(lambda: reasoned(self.reason))
            name = each(lambda: display_name(self.responsible_name, path="responsibleName"))
            phone = each(lambda: phone_number(self.responsible_phone, path="responsiblePhone"))
            each(lambda: require_documents(self.documents_seen))
            identity = each(lambda: identify(document, number, step.tx.today, path="responsibleIdNumber"))
            if identity:
                each.problems += await named_otherwise(step.tx, name, identity)
                known = self._known(step, theirs, identity)
            if self.leaving - (managers.keys() - {known and known.id}):
                each.problems.append(FieldProblem("leaving", "NO_MANAGER", NO_MANAGER))
        return Responsible(name, phone, identity), managers, known

    @staticmethod
    def _known(step: Underway[InstitutionChange], theirs: Mapping[UUID, Locked], identity: Identity) -> Locked | None:
        """The account that the new manager has here already; nobody lets herself in."""
        keyring, own = step.tx.keyring, step[people][step.actor.account_id]
        known = next((row for row in theirs.values() if staff.has_document(keyring, row, identity)), None)
        if staff.has_document(keyring, own, identity) or (known is not None and staff.is_same_person(known, own)):
            raise NotAllowed("ABOUT_YOURSELF", OWN_ACCOUNT)
        return known

    async def _let_in(
        self, step: Underway[InstitutionChange], locked: Institution, known: Locked | None, new: Responsible
    ) -> UUID:
        """The new manager's account, opened by what is sent to her phone and by nothing of before."""
        tx, name, phone = step.tx, new.name, new.phone
        await colleagues.spend(tx, step.actor, phone)
        key, user_name = (uuid7(), made_user_name()) if known is None else (known.id, known.user_name)
        if known is None:
            opens = {"user_name": user_name, "password_hash": self.first.stored, "roles": {Role.MANAGER}}
            place = Workplace(Party.INSTITUTION, locked.id)
            await colleagues.insert(tx, place, {"id": key, "display_name": name, **opens}, phone, new.identity)
        else:
            afresh = {"state": AccountState.INVITED, "roles": sorted({*known.roles, Role.MANAGER})}
            await staff.change(tx, key, **afresh, display_name=name, **opens_again(tx, self.first, phone))
            await sessions.end(tx, key)
        await institutions.set_responsible(tx, locked.id, name)
        values = {"userName": user_name, "password": self.first.plain, "institution": locked.name}
        await message.send(tx, channel=Channel.SMS, to=phone, template=Template.INITIAL_CREDENTIALS, values=values)
        return key

    async def _shut_out(self, step: Underway[InstitutionChange]) -> None:
        """Managers who leave are out at once, and what they work on goes back to the others."""
        for one in step[held]:
            await put_back(step, one)
        for named in step[standing_in]:
            whom = step[people][named.absent_id]
            await end_all(step, [named], staff.colleague(whom, step[people][step.actor.account_id]))
        for key in sorted(self.leaving):
            await staff.change(step.tx, key, state=AccountState.DISABLED)
            await sessions.end(step.tx, key)

    async def _tell(
        self, step: Underway[InstitutionChange], locked: Institution, key: UUID, managers: Mapping[UUID, Locked]
    ) -> None:
        """The institution and its authority hear of it; who managed it by then is written to, where she was reached."""
        tx, scopes = step.tx, (locked.id, locked.authority_id)
        body = staff_body(Workplace(Party.INSTITUTION, locked.id), locked.name, step.actor.party, account_id=key)
        step.news += [Addressed(scope, MANAGER_REPLACED, None, step.by, None, body) for scope in scopes]
        licenser = await institutions.find_authority(tx, locked.authority_id)
        values = {"institution": locked.name, "authority": licenser.name}
        reached = [one for row in managers.values() for one in staff.channels(tx.keyring, row)]
        posts = [Post(channel, to, Template.MANAGER_REPLACED, values) for channel, to, _ in reached]
        await message.post(tx, posts, by_day(tx.now))
        seen, leaving = (" ".join(sorted(map(str, some))) for some in (self.documents_seen, self.leaving))
        step.detail |= {"account": key, "reason": reasoned(self.reason), "documents": seen, "leaving": leaving}
        tx.woken.add(locked.id)


def _manages(row: Locked) -> bool:
    """True if an account manages its institution, or will once it is signed in to."""
    return Role.MANAGER in row.roles and row.state in (AccountState.ACTIVE, AccountState.INVITED)
