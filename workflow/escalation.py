"""Applications go on without the institution that should have reviewed them (直接报送审批机关)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from db import application as applications
from db import calendar, recusal
from db import escalation as escalations
from db.feed.event import Addressed
from db.opening import QUEUED_ON
from db.store.ahead import Said
from db.store.engine import Tx
from rules.application import Application, State, Step
from rules.errors import NotAllowed, Words
from rules.escalation import Route, competent
from rules.moves import CLAIMED_KINDS
from rules.people import SYSTEM, Actor, Party
from rules.working_days import SILENCE_DAYS, due_on
from workflow.application_step import ApplicationStep, case
from workflow.case import Case, heard
from workflow.recusal import escalate, go_on, pass_up
from workflow.step import Lock, Underway, read


@read(Lock.NONE, calendar.days_ahead(QUEUED_ON, Said(lambda _: SILENCE_DAYS)))
async def last_day_of_silence(step: Underway[ApplicationEscalate]) -> tuple[date, date] | None:
    """Since when the institution has it, and the last of its working days; None where nobody's word is waited for."""
    by, application = step[case].actor, step[case].application
    if by.party is not Party.NURSE or application.institution_id is None or application.stranded:
        return None
    assert application.queued_at is not None
    since = step.tx.date_of(application.queued_at)
    return since, due_on(since, SILENCE_DAYS, await calendar.working_days(step.tx, since, SILENCE_DAYS))


@read(Lock.NONE, escalations.ROUTES_AHEAD)
async def route(step: Underway[ApplicationEscalate]) -> Route:
    """The authorities that might decide."""
    key = step[case].application.id
    return (await escalations.routes(step.tx, [key]))[key]


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationEscalate(ApplicationStep):
    """A wish to go to the authority without the institution's word.

    The nurse's after 10 working days of silence; hers and the system's at once where she is at no institution, or at
    one that cannot send it on, or where nobody but she herself could act on it.
    """

    step = Step.ESCALATE
    reads = (case, last_day_of_silence, route)
    writes = frozenset({"application", "review_decision"})

    async def effect(self, step: Underway[ApplicationEscalate], moving: Case) -> None:
        """Send it to the competent authority."""
        silence = step[last_day_of_silence]
        if silence is not None and step.tx.today <= silence[1]:
            since, last = silence
            zh = f"机构自{since}起有十个工作日办理，{last}之后方可越级送审"
            en = f"The institution has 10 working days from {since}: it can go on without its word after {last}."
            raise NotAllowed("INSTITUTION_HAS_TIME", Words(zh, en))
        await escalate(moving, competent(moving.application.kind, step[route]))


@read()
async def above(step: Underway[ApplicationPassUp]) -> UUID | None:
    """The authority above that has the officers which its own lacks."""
    found = await recusal.find(step.tx, [step[case].application.id])
    return found[0].above if found else None


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationPassUp(ApplicationStep):
    """The system's wish that the authority above takes what its own has no officers for (转由上级机关办理)."""

    step = Step.PASS_UP
    reads = (case, above)
    writes = frozenset({"application", "review_decision"})

    async def effect(self, step: Underway[ApplicationPassUp], moving: Case) -> None:
        """Send it there."""
        await pass_up(moving, step[above])


async def leave_reviews(tx: Tx, institution_id: UUID, by: Actor) -> list[Addressed]:
    """Nothing stays with an institution that ends: reviews of its own nurses go to the authority, for whoever would
    have come to it the choice begins anew. Locks the applications, not the institution; tell what is returned.
    """
    locked = await applications.lock_reviews(tx, institution_id)
    routes = await escalations.routes(tx, [one.id for one in locked])
    cases = [_leaving(tx, by, one, routes[one.id]) for one in locked]
    escalated = {
        one.application.id: one.addressed.authority_id
        for one in cases
        if one.step is Step.ESCALATE and one.addressed.authority_id is not None
    }
    returned = [one.application.id for one in cases if one.step is Step.RETURN]
    account_id = None if by.party is None else by.account_id
    await escalations.escalate(tx, escalated, account_id)
    await escalations.send_back(tx, returned, account_id)
    events = [event for one in cases for event in heard(one)]
    return events + await go_on(tx, list(escalated))


def _leaving(tx: Tx, by: Actor, application: Application, route: Route) -> Case:
    """One application leaving: the system's step, recorded as taken by the officer who ended the institution."""
    own = application.state is State.INSTITUTION_REVIEW and application.kind not in CLAIMED_KINDS
    step = Step.ESCALATE if own else Step.RETURN
    leaving = Case.judged(tx, SYSTEM, step, application)
    leaving.actor = by
    if own:
        leaving.readdress(authority=competent(application.kind, route))
    else:
        leaving.readdress(institution=None)
    return leaving
