"""The first sign-in (首次登录, I3): the password that came by text, a code to the reserved phone, a new password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import audit, institution, staff
from db import session as sessions
from db.institution import Institution
from db.staff import Invited
from db.store.engine import Database
from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, NotFound, RateLimited, Together, Words
from rules.institution import InstitutionState, InstitutionStep, next_institution_state
from rules.message import Template
from rules.people import AccountState
from rules.privacy import mask_phone
from rules.session import require_still_first, wrong
from rules.staff import still_invited
from rules.verification import Channel, CodePurpose
from workflow import code
from workflow.password import Passwords, PasswordWork
from workflow.session import CaptchaAnswer, judge, subject_of
from workflow.step import USUAL, Command, Lock, Underway, read, take_unsigned

EXPIRED: Final = Words(
    "邀请已超过七天，请联系发放账户的单位重新发送",
    "The invitation is older than seven days: ask whoever sent it to send it again.",
)


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A user name and the first password, as they came by text message."""

    user_name: str
    password: str
    captcha: CaptchaAnswer | None = None


@dataclass(frozen=True, slots=True, repr=False)
class FirstSignInSendCode(Command):
    """A code for the reserved phone of somebody who has given her first password."""

    invited: Invited
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"attempt", "code", "outbox"})
    audited = False

    @property
    def subject(self) -> UUID:
        """Her account."""
        return self.invited.id

    async def take(self, step: Underway[FirstSignInSendCode]) -> None:
        """Send it."""
        await code.issue(
            step.tx,
            account_id=self.invited.id,
            purpose=CodePurpose.FIRST_SIGN_IN,
            channel=Channel.SMS,
            to=self.invited.phone,
            template=Template.FIRST_SIGN_IN_CODE,
        )


async def send_code(db: Database, passwords: Passwords, given: Credentials) -> str:
    """Send a code to the reserved phone; gives its mask. A wrong password is told as signing in tells it."""
    async with passwords.place() as work:
        invited = await _prove(db, work, given)
    await take_unsigned(db, FirstSignInSendCode(invited))
    return mask_phone(invited.phone)


@read(Lock.PLACE)
async def place(step: Underway[FirstSignIn]) -> Institution | None:
    """The institution of the account, locked."""
    key = step.command.invited.institution_id
    return None if key is None else await institution.lock(step.tx, key)


@read(Lock.ACCOUNT)
async def still_waits(step: Underway[FirstSignIn]) -> bool:
    """True where the account, locked, is as it was when its password was proved."""
    before = step.command.invited
    row = (await staff.lock(step.tx, before.id)).get(before.id)
    return row is not None and (row.state, row.password_hash) == (AccountState.INVITED, before.password_hash)


@dataclass(frozen=True, slots=True, repr=False)
class FirstSignIn(Command):
    """A new password and a session for somebody who has proved her phone; the first of an institution opens it."""

    invited: Invited
    password_hash: str
    token: str
    reads = (place, still_waits)
    writes = frozenset({"account", "institution", "audit"})

    @property
    def subject(self) -> UUID:
        """Her account."""
        return self.invited.id

    async def take(self, step: Underway[FirstSignIn]) -> None:
        """The account, and with the first of its people the institution."""
        here = step[place]
        if not step[still_waits]:
            raise Conflict(Situation.ACCOUNT_CHANGED)
        if here is not None and here.state is InstitutionState.CLOSED:
            raise wrong()
        step.by = self.invited.id
        await staff.open_account(step.tx, self.invited, self.password_hash)
        if here is not None and here.state is InstitutionState.PENDING:
            state = next_institution_state(here.state, InstitutionStep.OPEN)
            await institution.set_state(step.tx, here.id, state)
            await audit.record(step.tx, "institution.open", self.invited.id, {"institution": here.id})
        await sessions.insert(step.tx, self.invited.id, self.token)


async def sign_in(db: Database, passwords: Passwords, given: Credentials, proof: str, password: str) -> str:
    """Prove the phone, set a password, and be in: the token of the session."""
    async with passwords.place() as work:
        invited = await _prove(db, work, given)
        with Together() as each:
            each(lambda: code.written(proof))
            each(lambda: passwords.policy.for_staff.require(password, user_name=invited.user_name, path="newPassword"))
        purpose = CodePurpose.FIRST_SIGN_IN
        where = await code.prove(db, account_id=invited.id, purpose=purpose, channel=Channel.SMS, given=proof)
        if where != invited.phone_index:
            raise Conflict(Situation.ACCOUNT_CHANGED)
        command = FirstSignIn(invited, await work.hash(password), sessions.new_token())
    await take_unsigned(db, command)
    return command.token


async def _prove(db: Database, work: PasswordWork, given: Credentials) -> Invited:
    """The account whose first password this is; counted together with signing in, as there is one password to guess."""
    holder = await judge(db, work, given.user_name, given.password, given.captcha)
    require_still_first(holder.must_set_password)
    async with db.begin() as tx:
        await tx.ask_time()
        # From here on it is the code that is guessed, and its tries are counted by itself.
        await sessions.forget_attempts(tx, subject_of(db, given.user_name))
        invited = await staff.find_invited(tx, holder.id)
        if invited is None:
            raise wrong()
        if not still_invited(invited.invited_until, tx.now):
            raise NotAllowed("INVITATION_EXPIRED", EXPIRED)
    return invited
