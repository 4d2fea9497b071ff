"""What the handbook says a step does to an application, to the register, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from rules.kinds import Kind
from tests.support.oracle import (
    DECIDES,
    EVENTS,
    FROM_RECEIPT,
    OPEN,
    ROWS,
    TARGETED,
    Act,
    App,
    Nurse,
    Register,
    years_on,
)
from tests.support.oracle_steps import alone, short


def take(r: Register, act: Act) -> None:
    """What an allowed step does to an application, and who hears of it."""
    app, step = act.app, act.step
    assert app is not None
    if step in ("TAKE", "PUT_BACK", "REASSIGN"):
        app.holder = None if step == "PUT_BACK" else act.given.get("to", act.who.name)
        app.held_until = None if step == "PUT_BACK" else r.now + timedelta(minutes=30)
        r.tell(f"application.{EVENTS[step]}", act.who.place)
        return
    rows = [target for (name,), sources, _, target in ROWS if name == step and app.state in sources]
    move(r, app, step, (rows[0] or [app.state])[0], act)
    go_on(r, app)


def go_on(r: Register, app: App) -> None:
    """Nobody acts about herself: past an institution without others, and up from an authority without officers."""
    if app.state == "INSTITUTION_REVIEW" and app.inst and alone(r, app):
        move(r, app, "ESCALATE", "AUTHORITY_INTAKE")
    if app.state in ("AUTHORITY_INTAKE", "ACCEPTED") and app.auth not in (None, "P"):
        assert app.auth is not None
        if short(r, app, app.auth, app.recommender) and not short(r, app, "P"):
            move(r, app, "PASS_UP", app.state, tells="transferred")


def move(r: Register, app: App, step: str, state: str, act: Act | None = None, *, tells: str = "") -> None:
    """Go to a state by a step, with what the step brings; whoever had it or has it now hears."""
    filed = app.revision > 0
    before, was = app.state, (app.inst, app.auth)
    app.version, app.moved_on, app.state = app.version + 1, r.today, state
    app.decisions += step in DECIDES
    if step in _EFFECTS:
        _EFFECTS[step](r, app, act)
    _pause(r, app, before)
    if app.state != before or (app.inst, app.auth) != was:
        app.holder = app.held_until = None
    if before == "DRAFT" and app.state in ("DRAFT", "WITHDRAWN"):
        return
    app.blocked = app.blocked if app.state in OPEN else None
    _free(r, app, before)
    parties = (app.auth,) if step == "RECOMMEND" else (app.nurse, *(was if filed else ()), app.inst, app.auth)
    r.tell(f"application.{tells or EVENTS[step]}", *parties)


def block(r: Register, app: App, by: str | None) -> None:
    """Nothing is granted before the end of a filing, or again; no period stands still, and all who have it hear."""
    app.version, app.blocked = app.version + 1, by
    r.tell(f"application.{'blocked' if by else 'unblocked'}", app.nurse, app.inst, app.auth)


def _free(r: Register, app: App, before: str) -> None:
    """A filing that is over and was not granted blocks nothing any more."""
    if before in OPEN and app.state not in (*OPEN, "APPROVED") and app.kind is Kind.DEREGISTRATION:
        for other in r.apps.values():
            if other.blocked == app.key:
                block(r, other, None)


def _pause(r: Register, app: App, before: str) -> None:
    """Corrections stop the period; what leaves ACCEPTED is not on hold any more."""
    if app.state == "CORRECTION_REQUIRED":
        app.paused_on = r.today
    elif before == "CORRECTION_REQUIRED" and app.state == "ACCEPTED" and app.kind in FROM_RECEIPT:
        assert app.paused_on is not None
        assert app.due_on is not None
        app.due_on = r.places.later(app.due_on, r.places.between(app.paused_on, r.today))
    elif app.state not in OPEN:
        app.on_hold = False


def accepted(r: Register, app: App, *, in_silence: bool = False) -> None:
    """受理: the due date, from receipt or from the acceptance; an acceptance by silence counts from receipt."""
    assert app.reached_on is not None
    days, from_receipt = FROM_RECEIPT.get(app.kind, 20), app.kind in FROM_RECEIPT or in_silence
    app.due_on = r.places.later(app.reached_on if from_receipt else r.today, days)


def _accept(r: Register, app: App, act: Act | None) -> None:
    app.seen = act is not None
    accepted(r, app, in_silence=act is None)


def _save(r: Register, app: App, act: Act | None) -> None:
    assert act is not None
    app.form, app.inst = act.given["form"], act.given.get("inst") or app.inst


def _submit(r: Register, app: App, act: Act | None) -> None:
    assert act is not None
    app.revision, app.filed_on, app.queued_on, app.form = 1, r.today, r.today, act.given["form"]
    nurse = r.nurses[app.nurse]
    if app.kind not in TARGETED:
        app.inst = nurse.inst
    if app.kind is Kind.REISSUE:
        app.state, app.inst, app.auth, app.reached_on = "AUTHORITY_INTAKE", None, nurse.auth, r.today


def _resubmit(r: Register, app: App, act: Act | None) -> None:
    assert act is not None
    app.revision, app.queued_on = app.revision + 1, r.today
    if act.given.get("inst"):
        app.inst, app.claimed = act.given["inst"], False


def _claimed(r: Register, app: App, act: Act | None) -> None:
    assert act is not None
    app.inst, app.queued_on, app.claimed = act.who.place, r.today, True


def _unclaimed(r: Register, app: App, act: Act | None) -> None:
    assert app.inst is not None
    app.refused.add(app.inst)
    app.inst, app.claimed = None, False


def _decline(r: Register, app: App, act: Act | None) -> None:
    """What was claimed is not its to end: it waits for another."""
    if app.claimed:
        app.state = "INSTITUTION_REVIEW"
        _unclaimed(r, app, act)


def _reject(r: Register, app: App, act: Act | None) -> None:
    """What was claimed waits for another; of what she had named herself she names another."""
    app.state = "INSTITUTION_REVIEW" if app.claimed else "RETURNED"
    _unclaimed(r, app, act)


def _reach(r: Register, app: App, act: Act | None) -> None:
    """To the authority that the institution has set, or else the one that is competent."""
    assert app.inst is not None
    there, own = r.places.licensed_by[app.inst], r.nurses[app.nurse].auth
    # That nobody else could confirm it is kept as a decision of nobody's.
    app.decisions += alone(r, app)
    app.auth = r.places.route[app.inst, app.kind] or (there if app.kind in TARGETED else own or there)
    app.reached_on = app.queued_on = r.today


def _transfer(r: Register, app: App, act: Act | None) -> None:
    assert act is not None
    app.auth, app.queued_on, app.passed = act.given["to"], r.today, None


def _pass_up(r: Register, app: App, act: Act | None) -> None:
    app.passed, app.auth = app.passed or app.auth, "P"
    app.recommender, app.queued_on = None, r.today


def _supplement(r: Register, app: App, act: Act | None) -> None:
    app.revision += 1
    accepted(r, app)


def _correct(r: Register, app: App, act: Act | None) -> None:
    app.corrected = True


def _hold(r: Register, app: App, act: Act | None) -> None:
    app.on_hold, app.paused_on = True, r.today


def _resume(r: Register, app: App, act: Act | None) -> None:
    assert app.paused_on is not None
    assert app.due_on is not None
    app.on_hold = False
    app.due_on = r.places.later(app.due_on, r.places.between(app.paused_on, r.today))


def _extend(r: Register, app: App, act: Act | None) -> None:
    assert act is not None
    assert app.due_on is not None
    app.extended, app.due_on = True, r.places.later(app.due_on, act.given["days"])


def _recommend(r: Register, app: App, act: Act | None) -> None:
    assert act is not None
    app.recommender, app.said_at = act.who.name, app.version


def _object(r: Register, app: App, act: Act | None) -> None:
    assert act is not None
    app.objected = act.step == "OBJECT"


def _bar(r: Register, app: App, act: Act | None) -> None:
    """Whoever hid facts may not apply for a year; a longer bar stays."""
    assert act is not None
    nurse = r.nurses[app.nurse]
    if act.given.get("false"):
        app.barred = years_on(r.today, 1)
        nurse.bar = max(nurse.bar or date.min, app.barred)


def approve(r: Register, app: App, act: Act | None) -> None:
    """The register changes by the kind; who gets her and who loses her hears of it."""
    nurse = r.nurses[app.nurse]
    was = (nurse.inst, nurse.auth)
    if app.kind is Kind.DEREGISTRATION:
        end(r, nurse, app.form.reason, app.key, app.auth)
        return
    _enter(r, nurse, app)
    for key in {nurse.inst, nurse.auth} - {*was} - {None}:
        r.tell("registration.moved_in", key)
    for key in {*was} - {nurse.inst, nurse.auth} - {None}:
        r.tell("registration.moved_out", key)
    if app.kind is Kind.CHANGE:
        _follow(r, nurse)


def _enter(r: Register, nurse: Nurse, app: App) -> None:
    today, to = r.today, (app.inst, app.passed or app.auth)
    match app.kind:
        case Kind.RENEWAL:
            assert nurse.until is not None
            nurse.until, nurse.kind = years_on(nurse.until, 5), "RENEWAL"
        case Kind.CHANGE:
            (nurse.inst, nurse.auth), nurse.kind = to, "CHANGE"
        case Kind.REISSUE:
            nurse.kind = "REISSUE"
        case _:
            if nurse.status == "VALID":
                _off(nurse, "EXPIRED", None)
                nurse.note(app.key, "DEREGISTRATION")
            nurse.status, nurse.until, nurse.reason, nurse.kind = "VALID", years_on(today, 5), None, app.kind
            nurse.inst, nurse.auth = to
            # A bar that has run out is none: it is not carried on.
            nurse.bar = nurse.bar if app.kind is not Kind.REREGISTRATION else None
            if app.kind is Kind.MILITARY_TRANSFER and app.form.military_valid_until >= today:
                nurse.until = app.form.military_valid_until
    nurse.certificates = nurse.certificates if app.kind in (Kind.RENEWAL, Kind.CHANGE) else 1
    nurse.ever += app.kind not in (Kind.RENEWAL, Kind.CHANGE)
    nurse.note(app.key, nurse.kind)


def _follow(r: Register, nurse: Nurse) -> None:
    """The renewal that stands beside a change goes the change's way."""
    for app in r.apps.values():
        if app.nurse == nurse.key and app.kind is Kind.RENEWAL and app.state in OPEN:
            was = (app.inst, app.auth)
            app.version, app.moved_on, app.queued_on, app.inst = app.version + 1, r.today, r.today, nurse.inst
            app.holder = app.held_until = None
            if app.auth not in (None, nurse.auth):
                app.auth, app.recommender, app.passed = nurse.auth, None, None
            r.tell("application.transferred", app.nurse, *was, app.inst, app.auth)
            go_on(r, app)


def _off(nurse: Nurse, reason: str, bar: date | None) -> None:
    nurse.status, nurse.inst, nurse.reason, nurse.kind = "DEREGISTERED", None, reason, "DEREGISTRATION"
    nurse.bar = max(nurse.bar or date.min, bar) if bar else nurse.bar


def end(r: Register, nurse: Nurse, reason: str, app: str | None, decided_by: str | None = None) -> None:
    """注销: off the register with the bar that the reason brings; all that is open ends, all are told."""
    places = (nurse.inst, nurse.auth)
    _off(nurse, reason, years_on(r.today, 2) if reason == "LICENCE_REVOKED" else None)
    nurse.note(app, "DEREGISTRATION")
    nurse.certificates = 0
    ending = [one for one in r.apps.values() if one.nurse == nurse.key and one.state in OPEN and one.key != app]
    # Who expired, or stopped for a reason of her own, has applied for what she may: it goes on.
    stays = [one for one in ending if one.kind is Kind.REREGISTRATION and reason in ("EXPIRED", "OTHER")]
    for other in ending:
        if other in stays:
            if other.blocked:
                block(r, other, None)
        else:
            other.blocked = None
    for other in ending:
        if other not in stays:
            move(r, other, "END_REGISTRATION", "VOIDED", tells="voided")
    r.tell("registration.deregistered", nurse.key, *places, decided_by)


_EFFECTS: Final[dict[str, Callable[[Register, App, Act | None], None]]] = {
    "SAVE_DRAFT": _save,
    "SUBMIT": _submit,
    "RESUBMIT": _resubmit,
    "SUPPLEMENT": _supplement,
    "CLAIM_BY_ID_NUMBER": _claimed,
    "REJECT_CLAIM": _reject,
    "DECLINE": _decline,
    "FORWARD": _reach,
    "ESCALATE": _reach,
    "REQUIRE_CORRECTION": _correct,
    "ACCEPT": _accept,
    "TRANSFER": _transfer,
    "PASS_UP": _pass_up,
    "HOLD": _hold,
    "RESUME": _resume,
    "EXTEND": _extend,
    "RECOMMEND": _recommend,
    "OBJECT": _object,
    "ANSWER_OBJECTION": _object,
    "REFUSE_INTAKE": _bar,
    "REJECT": _bar,
    "APPROVE": approve,
    "DEEM": approve,
}
