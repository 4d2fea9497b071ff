"""The effects of an approval (同意) on the register, kind by kind: entry, history, certificate, and events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from db import certificate as certificates
from db import interruption, registration
from db.feed.event import Addressed
from db.registration import Entry
from rules import registration as rules
from rules.certificate import ISSUED
from rules.form import Form
from rules.forms import DeregistrationForm, MilitaryTransferForm
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.nurse_event import DEREGISTERED, MOVED_IN, MOVED_OUT
from rules.other import said
from rules.registration import DeregistrationReason, Registration, RegistrationStatus
from rules.target import Target, require_target
from workflow.applicant import awaits_code
from workflow.case import Case
from workflow.ending import end_registration, event_body, news, notified


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval under way: the application, her entry before it, and the institution that she comes to."""

    case: Case
    before: Registration
    form: Form
    place: InstitutionState | None = None
    """The state of the institution that she comes to, kept until it is written."""
    granted_by: str | None = None
    """The article, where the law grants it and nobody decides."""


Change = tuple[Registration, str | None]
Enter = Callable[[Approval], Awaitable[list[Change]]]


async def enter(
    case: Case, entry: Entry, form: Form, place: InstitutionState | None = None, granted_by: str | None = None
) -> Registration:
    """Write the register as the approved application wants it; tell the places that she comes to and leaves."""
    application = case.application
    changes = await _CHANGES[application.kind](Approval(case, entry.registration, form, place, granted_by))
    for after, reason in changes:
        await registration.change(case.tx, after, application_id=application.id, account_id=case.by, reason=reason)
    after = changes[-1][0]
    await _certify(case, after)
    if application.kind is Kind.DEREGISTRATION:
        await _tell_ended(case, entry, cast(DeregistrationForm, form).reason)
    else:
        case.also += await awaits_code(case.tx, application)
        case.also += moved(case, entry, after)
    return after


async def _first(it: Approval) -> list[Change]:
    return [(rules.register_first(it.before, it.case.tx.today, **await _new(it)), None)]


async def _renew(it: Approval) -> list[Change]:
    """History names the article where the law granted it and nobody decided."""
    return [(rules.renew(it.before, it.case.tx.today), it.granted_by)]


async def _move(it: Approval) -> list[Change]:
    return [(rules.change(it.before, it.case.tx.today, **_place(it)), None)]


async def _end(it: Approval) -> list[Change]:
    today, form = it.case.tx.today, cast(DeregistrationForm, it.form)
    bar_until = rules.bar_after(form.reason, today)
    ended = rules.deregister(it.before, today, reason=form.reason, bar_until=bar_until)
    return [(ended, said(form.reason, form.remarks))]


async def _again(it: Approval) -> list[Change]:
    """An expired entry comes off the register first (届满未延续); an interruption of practice ends."""
    tx, before, closed = it.case.tx, it.before, list[Change]()
    new = await _new(it)
    away = await interruption.running(tx, before.nurse_id)
    if away is not None:
        await interruption.end(tx, away.id, max(tx.today, away.starts_on))
    if before.status is RegistrationStatus.VALID:
        expired = DeregistrationReason.EXPIRED
        closed = [(rules.deregister(before, tx.today, reason=expired), expired.label)]
    return [*closed, (rules.register_again(closed[0][0] if closed else before, tx.today, **new), None)]


async def _transfer(it: Approval) -> list[Change]:
    last = cast(MilitaryTransferForm, it.form).military_valid_until
    new = await _new(it)
    return [(rules.transfer_from_military(it.before, it.case.tx.today, certificate_valid_until=last, **new), None)]


async def _reissue(it: Approval) -> list[Change]:
    return [(rules.reissue(it.before, it.case.tx.today), None)]


_CHANGES: Final[Mapping[Kind, Enter]] = {
    Kind.FIRST: _first,
    Kind.RENEWAL: _renew,
    Kind.CHANGE: _move,
    Kind.DEREGISTRATION: _end,
    Kind.REREGISTRATION: _again,
    Kind.MILITARY_TRANSFER: _transfer,
    Kind.REISSUE: _reissue,
}
"""The rows of history that the approval of each kind leaves, the last one being how she stands."""


def _place(it: Approval) -> dict[str, UUID]:
    """The institution where she practises from now on, and the authority whose entry it is."""
    application = it.case.application
    assert application.entered_by is not None
    assert application.institution_id is not None, "rules/guard.py lets nobody approve without one"
    require_target(application.kind, Target(it.place))
    return {"institution_id": application.institution_id, "authority_id": application.entered_by}


async def _new(it: Approval) -> dict[str, Any]:
    """The place, and a certificate number that nobody has."""
    place, tx = _place(it), it.case.tx
    number = await certificates.next_number(tx, place["authority_id"], tx.today.year)
    return {**place, "certificate_number": number}


async def _certify(case: Case, after: Registration) -> None:
    application = case.application
    if application.kind is Kind.DEREGISTRATION:
        assert after.deregistration_reason is not None
        await certificates.void(case.tx, after.nurse_id, after.deregistration_reason)
    if application.kind in ISSUED:
        assert after.certificate_number is not None
        assert application.entered_by is not None
        await certificates.issue(
            case.tx,
            after.nurse_id,
            after.certificate_number,
            authority_id=application.entered_by,
            application_id=application.id,
            kind=application.kind,
        )


def moved(case: Case, entry: Entry, after: Registration) -> list[Addressed]:
    """The places that she comes to hear of it, and those that she leaves: institutions and authorities."""
    before = entry.registration
    was = [place for place in (before.institution_id, before.authority_id) if place is not None]
    now = [place for place in (after.institution_id, after.authority_id) if place is not None]
    comes = [place for place in now if place not in was]
    leaves = [place for place in was if place not in now]
    moves = [(MOVED_IN, place) for place in comes] + [(MOVED_OUT, place) for place in leaves]
    body = event_body(entry, after, case.actor)
    heard = [Addressed(place, what, None, case.by, None, body) for what, place in moves]
    return notified(heard, before.authority_id, after)


async def _tell_ended(case: Case, entry: Entry, reason: DeregistrationReason) -> None:
    """The end of all else that was under way for her; she, her institution and her authority hear."""
    before, application = entry.registration, case.application
    ended = await end_registration(case.tx, before.nurse_id, reason, case.actor, besides=application.id)
    case.also += ended
    places = (before.institution_id, before.authority_id, application.authority_id)
    case.also += news(DEREGISTERED, entry, case.actor, *places)
