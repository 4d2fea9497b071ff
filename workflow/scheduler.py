"""The system's scheduler (系统时钟): what is due because time went by is done, each application by itself.

May be run at any time, by several processes at once and again after a crash: whatever was done is no longer due, and
what another process is at this moment is left to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import structlog

from db import application as applications
from db import calendar, deadline, message, news, reminder
from db import law as laws
from db.deadline import Due
from db.feed import event
from db.store.engine import Database, Tx
from db.store.outage import OUTAGE
from rules.application import Application
from rules.deadline import REMIND, STEP_OF, Calendar, Duty, PeriodWarning, lapses_after
from rules.errors import RegistryError
from rules.kinds import KINDS
from rules.law import Law, LawSubject
from rules.message import Template
from rules.notice import by_day
from rules.people import SYSTEM, Party
from rules.practice_alert import first_filing_day, legal_line
from workflow import question_clock, recount
from workflow.announcement import begin
from workflow.application_step import ApplicationStep
from workflow.deadline import ApplicationDeem, ApplicationLapse
from workflow.escalation import ApplicationEscalate, ApplicationPassUp
from workflow.information_lapse import lapse, take_effect
from workflow.intake import ApplicationAccept
from workflow.step import Underway, carry_out

BATCH: Final = 200
BY_LAW: Final[Mapping[Duty, tuple[str, LawSubject]]] = {
    Duty.ACCEPT: ("逾期未告知补正，自收到申请之日起视为受理", LawSubject.CORRECTION_ARTICLE),
    Duty.DEEM: ("有效期届满前未作出决定，视为准予延续", LawSubject.SILENCE_ARTICLE),
}
"""The words for what the law itself does, and the subject of the article by which it does."""
log = structlog.get_logger(__name__)


async def run(db: Database, batch: int = BATCH) -> Counter[str]:
    """Do all that is due; gives how often each duty was done, and under FAILED how many could not be."""
    done: Counter[str] = Counter()
    async with db.begin() as tx:
        await tx.ask_time()
        around = await calendar.around(tx)
    done.update(await recount.run(db, batch))
    for duty in Duty:
        done.update(await _do(db, duty, around, batch))
    done.update(await lapse(db, batch))
    done.update(await take_effect(db, batch))
    done.update(await question_clock.run(db))
    done.update({"ANNOUNCED": begun} if (begun := await begin(db)) else {})
    return done


async def _do(db: Database, duty: Duty, calendar: Calendar, size: int) -> Counter[str]:
    """One duty, for all that it falls due for, in the order of their ids: one that fails does not stop the next."""
    done: Counter[str] = Counter()
    after = UUID(int=0)
    while True:
        async with db.begin() as tx:
            await tx.ask_time()
            keys = await deadline.batch(tx, duty, calendar.range_of(duty), after, size)
        for key in keys:
            done[await _safely(db, duty, calendar, key)] += 1
        if len(keys) < size:
            return done
        after = keys[-1]


async def _safely(db: Database, duty: Duty, calendar: Calendar, key: UUID) -> str:
    """Do one duty for one application, in a transaction of its own; says how it went."""
    try:
        return duty.value if await _once(db, duty, calendar, key) else "PASSED_OVER"
    except RegistryError as refusal:
        log.warning("the scheduler was refused a step", duty=duty, application=str(key), code=refusal.code)
    except OUTAGE as error:
        log.warning("the scheduler was broken off", duty=duty, application=str(key), error=type(error).__name__)
    except Exception:
        log.exception("the scheduler failed at an application", duty=duty, application=str(key))
    return "FAILED"


async def _once(db: Database, duty: Duty, calendar: Calendar, key: UUID) -> bool:
    async with db.begin() as tx:
        await tx.ask_time()
        due = await deadline.lock(tx, duty, calendar.range_of(duty), key)
        if due is None:
            return False
        application = await applications.lock(tx, key)
        if duty in STEP_OF:
            law = await laws.on(tx, tx.today)
            await carry_out(Underway(tx, SYSTEM, _command(duty, application, law), key))
            return True
        if not await reminder.first_time(tx, key, due.what):
            return False
        await (_remind if duty in REMIND else _warn)(tx, duty, application, due)
    return True


def _command(duty: Duty, application: Application, law: Law) -> ApplicationStep:
    """The step that is due, on the application as it stands."""
    seen = application.id, application.version
    match duty:
        case Duty.ACCEPT:
            return ApplicationAccept(*seen, opinion=_by_law(duty, law))
        case Duty.DEEM:
            return ApplicationDeem(*seen, opinion=_by_law(duty, law))
        case Duty.ESCALATE:
            return ApplicationEscalate(*seen)
        case Duty.PASS_UP:
            return ApplicationPassUp(*seen)
        case _:
            return ApplicationLapse(*seen)


def _by_law(duty: Duty, law: Law) -> str:
    words, subject = BY_LAW[duty]
    return f"{words}（{law[subject]}）"


async def _remind(tx: Tx, duty: Duty, application: Application, due: Due) -> None:
    """The nurse is told that her application will lapse (催办)."""
    to, until = await reminder.reached(tx, application.nurse_id), lapses_after(due.on)
    if to is None:
        return
    business = KINDS[application.kind].title.zh
    values = {"business": business, "days": str((until - tx.today).days), "until": str(until)}
    await message.post(tx, [message.Post(*to, Template.LAPSE_REMINDER, values)], by_day(tx.now))


async def _warn(tx: Tx, duty: Duty, application: Application, due: Due) -> None:
    """Events before and after the end of a period: a warning for the party that lets it run out, the breach for all."""
    a = application
    match duty:
        case Duty.BREACHED:
            scopes: list[UUID | None] = [a.party(party) for party in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY)]
        case Duty.SILENT_5 | Duty.RENEWAL_45 | Duty.RENEWAL_35:
            scopes = [a.institution_id]
        case Duty.SILENT_10:
            scopes = [a.institution_id, await reminder.registering_authority(tx, a)]
        case _:
            scopes = [a.authority_id]
    event_type = "deadline.breached" if duty is Duty.BREACHED else "deadline.warning"
    body: dict[str, Any] = {"kind": a.kind, "step": None, "from": a.state, "to": a.state, "version": a.version}
    body |= {"by": None, "warning": None if duty is Duty.BREACHED else PeriodWarning[duty.name].value}
    heard = [event.Addressed(scope, event_type, a.id, None, None, body) for scope in scopes if scope is not None]
    await news.tell(tx, heard)
    if duty is Duty.RENEWAL_35:
        await _write_to_managers(tx, a, due.on)


async def _write_to_managers(tx: Tx, application: Application, valid_until: date) -> None:
    """The managers of an institution are written to about a renewal that lies with it, while the law still helps."""
    place = await reminder.reviewing(tx, application)
    first, line = first_filing_day(valid_until, place.window_days), legal_line(valid_until)
    dates = {"filingFrom": str(first), "legalLine": str(line), "validUntil": str(valid_until)}
    values = {"place": place.name, "days": str((valid_until - tx.today).days), **dates}
    posts = [message.Post(*to, Template.RENEWAL_WAITS, values) for to in await reminder.managers(tx, place.id)]
    await message.post(tx, posts, by_day(tx.now))
