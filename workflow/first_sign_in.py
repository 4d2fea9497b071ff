"""The first sign-in (首次登录, I3): the password that came by text, a code to the reserved phone, a new password."""

from __future__ import annotations

from dataclasses import dataclass

from db import audit, institution, staff
from db import session as sessions
from db.staff import Invited
from db.store.engine import Database, Tx
from rules.errors import Conflict, NotAllowed, Words
from rules.institution import InstitutionState, InstitutionStep, next_institution_state
from rules.message import Template
from rules.people import AccountState
from rules.privacy import mask_phone
from rules.staff import still_invited
from rules.verification import Channel, CodePurpose
from workflow import code
from workflow.password import Passwords
from workflow.session import WRONG, Captcha, SignedIn, judge, subject_of

EXPIRED = Words(
    "邀请已超过七天，请联系发放账户的单位重新发送",
    "The invitation is older than seven days: ask whoever sent it to send it again.",
)
CHANGED = Words("账户已发生变化，请重新登录", "The account has changed meanwhile: sign in again.")


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A user name and the first password, as they came by text message."""

    user_name: str
    password: str
    captcha: Captcha | None = None


async def send_code(db: Database, passwords: Passwords, given: Credentials) -> str:
    """Send a code to the reserved phone; gives its mask. A wrong password is told as signing in tells it."""
    invited = await _prove(db, passwords, given)
    async with db.begin() as tx:
        await tx.ask_time()
        await code.issue(
            tx,
            account_id=invited.id,
            purpose=CodePurpose.FIRST_SIGN_IN,
            channel=Channel.SMS,
            to=invited.phone,
            template=Template.FIRST_SIGN_IN_CODE,
        )
    return mask_phone(invited.phone)


async def sign_in(db: Database, passwords: Passwords, given: Credentials, proof: str, password: str) -> SignedIn:
    """Prove the phone, set a password, and be in; the first of an institution opens it."""
    invited = await _prove(db, passwords, given)
    passwords.policy.for_staff.require(password, user_name=invited.user_name, path="newPassword")
    purpose = CodePurpose.FIRST_SIGN_IN
    where = await code.prove(db, account_id=invited.id, purpose=purpose, channel=Channel.SMS, given=proof)
    if where != invited.phone_index:
        raise Conflict(CHANGED)
    hashed = await passwords.hash(password)
    async with db.begin() as tx:
        await tx.ask_time()
        await _open(tx, invited, hashed)
        token, expires_at = await sessions.insert(tx, invited.id)
    return SignedIn(token, expires_at)


async def _prove(db: Database, passwords: Passwords, given: Credentials) -> Invited:
    """The account whose first password this is; counted together with signing in, as there is one password to guess."""
    holder = await judge(db, passwords, given.user_name, given.password, given.captcha)
    async with db.begin() as tx:
        await tx.ask_time()
        # From here on it is the code that is guessed, and its tries are counted by itself.
        await sessions.forget_attempts(tx, subject_of(db, given.user_name))
        invited = await staff.find_invited(tx, holder.id)
        if invited is None:
            raise NotAllowed("WRONG_CREDENTIALS", WRONG)
        if not still_invited(invited.invited_until, tx.now):
            raise NotAllowed("INVITATION_EXPIRED", EXPIRED)
    return invited


async def _open(tx: Tx, invited: Invited, password_hash: str) -> None:
    """The account, and with the first of its people the institution."""
    place = None if invited.institution_id is None else await institution.lock(tx, invited.institution_id)
    row = (await staff.lock(tx, invited.id)).get(invited.id)
    if row is None or (row.state, row.password_hash) != (AccountState.INVITED, invited.password_hash):
        raise Conflict(CHANGED)
    if place is not None and place.state is InstitutionState.CLOSED:
        raise NotAllowed("WRONG_CREDENTIALS", WRONG)
    await staff.open_account(tx, invited, password_hash)
    await audit.record(tx, "account.first_sign_in", invited.id)
    if place is not None and place.state is InstitutionState.PENDING:
        await institution.set_state(tx, place.id, next_institution_state(place.state, InstitutionStep.OPEN))
        await audit.record(tx, "institution.open", invited.id, {"institution": place.id})
