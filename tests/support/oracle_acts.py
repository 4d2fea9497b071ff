"""The oracle's acts beside steps: beginning, filing for another, a nurse's entry, undoing, and the system's scheduler."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from rules.kinds import Kind
from tests.support.oracle import OPEN, TARGETED, Act, App, Nurse, Register, years_on
from tests.support.oracle_effects import accepted, block, end, go_on, move, take
from tests.support.oracle_steps import STRANGER, found, judge, stranded

UNDOABLE: Final = {Kind.RENEWAL, Kind.CHANGE, Kind.DEREGISTRATION}


def expect(r: Register, act: Act) -> str | None:
    """Why anything is refused; None where it is done."""
    return _ACTS[act.step][0](r, act) if act.step in _ACTS else judge(r, act)


def do(r: Register, act: Act) -> None:
    """Do what is allowed."""
    (_ACTS[act.step][1] if act.step in _ACTS else take)(r, act)


def _may_begin(r: Register, act: Act) -> str | None:
    who, kind, inst = act.who, act.given["kind"], act.given.get("inst")
    if who.party != "N":
        return "role"
    mine = [app for app in r.apps.values() if app.nurse == who.place]
    if any(app.state == "DRAFT" and app.kind is kind for app in mine) or not r.alone(kind, who.place):
        return "another"
    stays = kind is Kind.CHANGE and inst == r.nurses[who.place].inst
    return None if inst is None or (kind in TARGETED and inst in r.places.active and not stays) else "target"


def _begin(r: Register, act: Act) -> None:
    kind, nurse = act.given["kind"], r.nurses[act.who.place]
    inst = act.given.get("inst") if kind in TARGETED else None if kind is Kind.REISSUE else nurse.inst
    app = App(act.given["key"], kind, nurse.key, act.given["form"], inst=inst, moved_on=r.today)
    r.apps[app.key] = app


def _entry(r: Register, act: Act, party: str, role: str) -> str | None:
    """Only her institution or her authority acts on a nurse's entry, and nobody on her own."""
    nurse, who = act.nurse, act.who
    assert nurse is not None
    if who.party != party or who.place != (nurse.inst if party == "I" else nurse.auth):
        return STRANGER
    return "role" if role not in who.roles else "herself" if who.nurse == nurse.key else None


def _may_file_end(r: Register, act: Act) -> str | None:
    nurse, who = act.nurse, act.who
    assert nurse is not None
    # Who begins an application is first asked for her role.
    if refusal := _entry(r, act, "I", "IO"):
        return refusal
    routed = who.place in r.places.active and r.places.route[who.place, Kind.DEREGISTRATION]
    fits = r.eligible(Kind.DEREGISTRATION, nurse, r.today, nurse.inst, "I", beside=_beside(r, act))
    return None if routed and fits else "guard"


def _beside(r: Register, act: Act) -> list[App]:
    """What stands in the way of what is filed: what others have found blocks all but what says the same."""
    assert act.nurse is not None
    still = [app for app in r.apps.values() if app.nurse == act.nurse.key and app.state in OPEN]
    blocks = found(act.given["kind"], act.given["form"])
    return [app for app in still if not blocks or found(app.kind, app.form)]


def _may_file_here(r: Register, act: Act) -> str | None:
    nurse, who, kind, inst = act.nurse, act.who, act.given["kind"], act.given.get("inst")
    assert nurse is not None
    # Where she stays she comes to her own authority, where she moves to the one that cares for where she goes.
    stays = kind not in TARGETED and nurse.auth is not None
    if who.party != "A" or (stays and who.place != nurse.auth):
        return STRANGER
    if "AR" not in who.roles:
        return "role"
    if who.nurse == nurse.key:
        return "herself"
    if (kind in TARGETED) != (inst is not None) or (
        inst and who.place not in r.places.chain(r.places.licensed_by[inst])
    ):
        return "target"
    at = inst if kind in TARGETED else nurse.inst
    return None if r.eligible(kind, nurse, r.today, at, "A", beside=_beside(r, act)) else "guard"


def _file(r: Register, act: Act) -> None:
    """Filed by another for the nurse: straight to the authority, as its first revision."""
    nurse, kind, who = act.nurse, act.given["kind"], act.who
    assert nurse is not None
    inst = act.given.get("inst") if kind in TARGETED else None if kind is Kind.REISSUE else nurse.inst
    auth = r.places.route[who.place, kind] if who.party == "I" else who.place
    of = {"inst": inst, "auth": auth, "filed_on": r.today, "queued_on": r.today, "reached_on": r.today}
    app = App(act.given["key"], kind, nurse.key, act.given["form"], who.party, "AUTHORITY_INTAKE", 1, 1)
    for name, value in {**of, "moved_on": r.today, "proven": act.given.get("proven", False)}.items():
        setattr(app, name, value)
    stays = _beside(r, act)
    for other in r.apps.values():
        if other.nurse == nurse.key and other.state in OPEN and other not in stays:
            block(r, other, app.key)
    r.apps[app.key] = app
    r.tell("application.submitted", nurse.key, inst, auth)
    go_on(r, app)


def _may_leave(r: Register, act: Act) -> str | None:
    assert act.nurse is not None
    return _entry(r, act, "I", "IO") or (None if act.nurse.status == "VALID" else "state")


def _leave(r: Register, act: Act) -> None:
    nurse = act.nurse
    assert nurse is not None
    r.tell("registration.departed", nurse.key, nurse.inst, nurse.auth)
    assert nurse.inst is not None
    nurse.departed, nurse.inst, nurse.is_back = (nurse.inst, len(nurse.past) + 1), None, False
    nurse.note(None, None)


def _may_come_back(r: Register, act: Act) -> str | None:
    nurse, who = act.nurse, act.who
    assert nurse is not None
    if nurse.departed is not None and who.party == "A" and who.place == nurse.auth:
        return "undisputed"  # whatever else is in the way: nobody disputes on these walks
    if nurse.departed is None or who.place != nurse.departed[0]:
        return STRANGER
    if "IO" not in who.roles or who.nurse == nurse.key:
        return "role"
    since = any(row.inst for row in nurse.past[nurse.departed[1] :])
    free = nurse.status == "VALID" and nurse.inst is None and not since
    return None if free and not nurse.is_back else "since"


def _come_back(r: Register, act: Act) -> None:
    nurse = act.nurse
    assert nurse is not None
    assert nurse.departed is not None
    nurse.inst, nurse.is_back = nurse.departed[0], True
    nurse.note(None, None)
    r.tell("registration.moved_in", nurse.key, nurse.inst, nurse.auth)


def _may_suspend(r: Register, act: Act) -> str | None:
    nurse = act.nurse
    assert nurse is not None
    valid = nurse.status == "VALID" and nurse.until is not None and r.today <= nurse.until
    return _entry(r, act, "A", "AD") or (None if valid and not _runs(r, nurse) else "state")


def _runs(r: Register, nurse: Nurse) -> bool:
    """Whether a suspension lasts today: its days are whole days, also the one on which it is lifted at once."""
    return nurse.suspended_until is not None and r.today <= nurse.suspended_until


def _may_lift(r: Register, act: Act) -> str | None:
    assert act.nurse is not None
    on = act.nurse.status == "VALID" and _runs(r, act.nurse)
    return _entry(r, act, "A", "AD") or (None if on else "state")


def _suspend(r: Register, act: Act) -> None:
    nurse = act.nurse
    assert nurse is not None
    nurse.suspended = act.step == "suspend"
    if nurse.suspended:
        nurse.suspended_since, nurse.suspended_until = r.today, years_on(r.today, 1)
    else:
        nurse.suspended_until = max(nurse.suspended_since or r.today, r.today - timedelta(days=1))
    nurse.note(None, None)
    r.tell(f"registration.{'suspended' if nurse.suspended else 'lifted'}", nurse.key, nurse.inst, nurse.auth)


def _may_strike(r: Register, act: Act) -> str | None:
    assert act.nurse is not None
    return _entry(r, act, "A", "AD") or (None if act.nurse.status == "VALID" else "state")


def _strike(r: Register, act: Act) -> None:
    assert act.nurse is not None
    end(r, act.nurse, act.given.get("reason", "LICENCE_REVOKED"), None)


def _may_second(r: Register, act: Act) -> str | None:
    """What two officers decide: another of the same authority confirms, or of the province where there is none."""
    nurse, who = act.nurse, act.who
    assert nurse is not None
    officers = [one for one in r.people.values() if "AD" in one.roles and one.nurse != nurse.key]
    second = [one for one in officers if one.place == nurse.auth and one.name != act.given["by"]]
    if who.place == "P" and nurse.auth and not second:
        valid = None if nurse.status == "VALID" else "state"
        return "role" if "AD" not in who.roles else valid
    return _may_strike(r, act) or (None if act.given["by"] != act.who.name else "second")


def undone(app: App, nurse: Nurse) -> bool:
    """Whether what an approval did can be taken back: nothing came after it, and what was before is known."""
    known = len(nurse.past) > 1 and nurse.past[-1].app == app.key and nurse.past[-2].status == "VALID"
    return app.kind in UNDOABLE and known


def _may_void(r: Register, act: Act) -> str | None:
    app, who = act.app, act.who
    assert app is not None
    if app.auth is None or who.party != "A" or (who.place != app.auth and "PA" not in who.roles):
        return STRANGER
    if "PA" not in who.roles:
        return "role"
    if app.state not in ("APPROVED", "REJECTED"):
        return "state"
    possible = app.state == "REJECTED" or undone(app, r.nurses[app.nurse])
    return None if possible and act.given["by"] != who.name else "guard"


def _void(r: Register, act: Act) -> None:
    app = act.app
    assert app is not None
    nurse, approved = r.nurses[app.nurse], app.state == "APPROVED"
    move(r, app, "VOID", "VOIDED", tells="voided")
    if not approved:
        if nurse.bar is not None and nurse.bar == app.barred:
            stand = [a for a in r.apps.values() if a.nurse == nurse.key and a.state in ("REJECTED", "NOT_ACCEPTED")]
            nurse.bar = max([a.barred for a in stand if a.barred], default=None)
        return
    gone, before = (nurse.inst, nurse.auth), nurse.past[-2]
    nurse.status, nurse.until, nurse.inst, nurse.auth = before.status, before.until, before.inst, before.auth
    nurse.kind = next((row.kind for row in reversed(nurse.past[:-1]) if row.kind), None)
    if app.kind is Kind.DEREGISTRATION:
        nurse.bar, nurse.reason, nurse.certificates = None, None, min(1, nurse.ever)
    nurse.note(app.key, None)
    if gone[0] != nurse.inst:
        if gone[0]:
            r.tell("registration.moved_out", nurse.key, *gone)
        r.tell("registration.moved_in", nurse.key, nurse.inst, nurse.auth)


Expect, Do = Callable[[Register, Act], str | None], Callable[[Register, Act], None]
_ACTS: Final[dict[str, tuple[Expect, Do]]] = {
    "CREATE_DRAFT": (_may_begin, _begin),
    "FILE_DEREGISTRATION": (_may_file_end, _file),
    "FILE_AT_COUNTER": (_may_file_here, _file),
    "depart": (_may_leave, _leave),
    "come back": (_may_come_back, _come_back),
    "suspend": (_may_suspend, _suspend),
    "lift": (_may_lift, _suspend),
    "revoke": (_may_strike, _strike),
    "strike off": (_may_second, _strike),
    "VOID": (_may_void, _void),
}
ACTS: Final = (*_ACTS,)


def pass_time(r: Register) -> None:
    """What the system's scheduler does on a day, in the order of the law: grant, accept, lapse, go past who cannot act."""
    for duty in (_deem, _accept, _lapse, _escalate):
        for app in list(r.apps.values()):
            duty(r, app)


def _deem(r: Register, app: App) -> None:
    until = r.nurses[app.nurse].until
    if app.kind is not Kind.RENEWAL or app.state not in ("AUTHORITY_INTAKE", "ACCEPTED"):
        return
    assert until is not None
    assert app.reached_on is not None
    if not app.blocked and r.today > until and app.reached_on <= until - timedelta(days=30):
        move(r, app, "DEEM", "APPROVED", tells="deemed")


def _accept(r: Register, app: App) -> None:
    if app.state == "AUTHORITY_INTAKE":
        assert app.reached_on is not None
        if r.today > r.places.later(app.reached_on, 5):
            accepted(r, app, in_silence=True)
            move(r, app, "ACCEPT", "ACCEPTED")
            go_on(r, app)


def _lapse(r: Register, app: App) -> None:
    waits = app.state in ("RETURNED", "CORRECTION_REQUIRED")
    if waits or (app.state == "INSTITUTION_REVIEW" and app.inst is None):
        assert app.moved_on is not None
        if r.today > app.moved_on + timedelta(days=30):
            move(r, app, "LAPSE", "LAPSED", tells="lapsed")


def _escalate(r: Register, app: App) -> None:
    if app.state != "INSTITUTION_REVIEW" or app.inst is None:
        return
    if stranded(r, app):
        move(r, app, "ESCALATE", "AUTHORITY_INTAKE")
        go_on(r, app)
