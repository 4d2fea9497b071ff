"""The province settles a name of the exam library that no machine can read (考试库姓名核定), and the nurse goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import exam, message, staff
from db import session as sessions
from db import verification as verifications
from db.session import Session
from db.store.engine import Database, Tx
from db.verification import Found
from rules.direct_registration import require_registrar
from rules.errors import RateLimited
from rules.exam_name import SettledName, checked, require_settles
from rules.look_up import LookUpPurpose
from rules.message import Template
from rules.own_nurse import require_not_herself
from rules.verification import IdentityOutcome
from workflow import look_up
from workflow.step import USUAL, Command, Lock, Underway, read, take
from workflow.verification import compared

SETTLED: Final = "考试库姓名已核定，请登录后继续"


@read(Lock.NURSE)
async def recorded(step: Underway[NurseSettleExamName]) -> Sequence[str]:
    """The names under which the exam library has the holder of the document, locked."""
    require_registrar(step.actor)
    _, identity, _ = checked(step.command.given, step.tx.today)
    return await exam.names(step.tx, identity)


@read(Lock.ACCOUNT)
async def waiting(step: Underway[NurseSettleExamName]) -> UUID | None:
    """The account of the document that waits for its name, locked."""
    _, identity, _ = checked(step.command.given, step.tx.today)
    return await verifications.waiting(step.tx, identity, IdentityOutcome.NAME_UNDECIDED)


@read()
async def registered(step: Underway[NurseSettleExamName]) -> Found | None:
    """The nurse of the document, where the register has one."""
    _, identity, _ = checked(step.command.given, step.tx.today)
    return await verifications.entry(step.tx, identity=identity)


@dataclass(frozen=True, slots=True, repr=False)
class NurseSettleExamName(Command):
    """A provincial admin's wish to put a name in the place of the library's spelling, which stays beside it."""

    given: SettledName
    refuses = USUAL | {RateLimited}
    reads = (recorded, waiting, registered)
    writes = frozenset({"exam_record", "account", "outbox"})

    async def take(self, step: Underway[NurseSettleExamName]) -> None:
        """Settle it; an account that waited is compared again."""
        if (nurse := step[registered]) is not None:
            require_not_herself(step.actor, nurse.nurse_id)
            step.nurse_id = nurse.nurse_id
        name, identity, evidence = checked(self.given, step.tx.today)
        settled = require_settles(name, step[recorded])
        await exam.settle(step.tx, identity, settled, name, by=step.actor.account_id, evidence=evidence)
        step.detail = {"account": step[waiting], "records": len(settled)}
        if (account_id := step[waiting]) is not None:
            await _compare(step.tx, account_id)


async def settle(db: Database, session: Session, wish: NurseSettleExamName) -> UUID:
    """Settle it; whoever guesses numbers is counted, whatever comes of it."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require_registrar(actor)
        wait = await look_up.counted(tx, actor, {"step": wish.mutation()}, LookUpPurpose.CORRECTION)
    if wait:
        raise RateLimited(wait)
    return await take(db, session, wish)


async def _compare(tx: Tx, account_id: UUID) -> None:
    """The account that waited goes on as if the library had always had the name; she is told."""
    mine = await verifications.lock(tx, account_id)
    await verifications.change(tx, mine.id, await compared(tx, mine))
    values = {"outcome": SETTLED}
    for channel, to, _ in await staff.find_channels(tx, account_id):
        await message.send(tx, channel=channel, to=to, template=Template.IDENTITY_REQUEST_DECIDED, values=values)
