"""Whether the handbook allows a step on an application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from rules.kinds import Kind
from tests.support.oracle import HELD_BACK, ROWS, TARGETED, Act, App, Register, Who

STRANGER: Final = "stranger"
"""The refusal that is told as if there were nothing."""


def found(kind: Kind, form: Any) -> bool:
    """Death, incapacity or revocation, which others have found."""
    return kind is Kind.DEREGISTRATION and form.reason in ("DEATH", "INCAPACITY", "LICENCE_REVOKED")


def place(app: App, party: str) -> str | None:
    """Whose application this is, at one end."""
    return {"N": app.nurse, "I": app.inst, "A": app.auth}[party]


def knows(who: Who, app: App) -> bool:
    """Before it is filed only the nurse knows of it, later also who has it."""
    return place(app, who.party) == who.place and (app.revision > 0 or who.party == "N")


def judge(r: Register, act: Act) -> str | None:  # noqa: PLR0911
    """Why a step on an application is refused; None where it is taken."""
    app, who, step = act.app, act.who, act.step
    assert app is not None
    if step == "CLAIM_BY_ID_NUMBER":
        return _claim(r, who, app)
    if not knows(who, app):
        return STRANGER
    rows = [(sources, target) for (name,), sources, roles, target in ROWS if name == step and {*roles} & who.roles]
    if not rows:
        return "role"
    if who.party != "N" and who.nurse == app.nurse:
        return "herself"
    if step == "WITHDRAW" and (app.filer == "I") != (who.party == "I"):
        return "not hers"
    if not any(app.state in sources for sources, _ in rows):
        return "state"
    if act.given.get("stale"):
        return "version"
    if step in HELD_BACK and app.held_until and app.held_until > r.now and app.holder != who.name:
        return "lease"
    guard = _GUARDS.get(step)
    return None if guard is None or guard(r, act, app) else "guard"


def _claim(r: Register, who: Who, app: App) -> str | None:
    if "IO" not in who.roles:
        return "role"
    if app.kind not in TARGETED or app.state != "INSTITUTION_REVIEW":
        return STRANGER
    if who.nurse == app.nurse:
        return "herself"
    free = app.inst is None and who.place not in app.refused and who.place in r.places.active
    # The hospital that she wants to leave is not where she wants to go.
    leaves = app.kind is Kind.CHANGE and r.nurses[app.nurse].inst == who.place
    return None if free and not leaves else "guard"


def _may_save(r: Register, act: Act, app: App) -> bool:
    inst = act.given.get("inst")
    stays = app.kind is Kind.CHANGE and inst == r.nurses[app.nurse].inst
    return inst is None or (app.kind in TARGETED and inst in r.places.active and not stays)


def _may_file(r: Register, act: Act, app: App) -> bool:
    nurse = r.nurses[app.nurse]
    inst = app.inst if app.kind in TARGETED else nurse.inst
    return r.eligible(app.kind, nurse, r.today, inst, "N", app.key)


def _may_take(who: Who, app: App) -> bool:
    # At intake there is nothing for a decider to do.
    roles = {"INSTITUTION_REVIEW": {"IO"}, "AUTHORITY_INTAKE": {"AR"}}.get(app.state, {"AR", "AD"})
    return bool(roles & who.roles) and who.place == place(app, who.party) and who.nurse != app.nurse


def _may_reassign(r: Register, act: Act, app: App) -> bool:
    to = r.people[act.given["to"]]
    return to == act.who or (to.party == act.who.party and _may_take(to, app))


def _may_pick(r: Register, act: Act, app: App) -> bool:
    if app.kind not in TARGETED:
        return act.given.get("inst") is None
    inst = act.given.get("inst") or app.inst
    stays = app.kind is Kind.CHANGE and inst == r.nurses[app.nurse].inst
    return inst is None or (inst in r.places.active and not stays)


def _routed(r: Register, _: Act, app: App) -> bool:
    assert app.inst is not None
    return app.inst in r.places.active and r.places.route[app.inst, app.kind] is not None


def stranded(r: Register, app: App) -> bool:
    """It lies with an institution that cannot send it on: suspended, with nobody set who decides, or nobody but her."""
    if app.inst is None:
        return False
    return app.inst not in r.places.active or r.places.route[app.inst, app.kind] is None or alone(r, app)


def alone(r: Register, app: App) -> bool:
    """Nobody of the institution but the nurse herself may act on it."""
    return not any("IO" in who.roles for who in _others(r, app, app.inst))


def short(r: Register, app: App, place: str, recommender: str | None = None) -> bool:
    """An authority has nobody to take it in, to decide it, or a second person where it wants two."""
    others = _others(r, app, place)
    reviewers = {who.name for who in others if "AR" in who.roles}
    deciders = {who.name for who in others if "AD" in who.roles}
    pair = any({*deciders} - {one} for one in reviewers)
    second = recommender is not None and bool(deciders - {recommender})
    decides = pair or second if place in r.places.two_persons else bool(deciders)
    return not decides or (app.state == "AUTHORITY_INTAKE" and not reviewers)


def _others(r: Register, app: App, place: str | None) -> list[Who]:
    return [who for who in r.people.values() if who.place == place and who.party != "N" and who.nurse != app.nurse]


def silent(r: Register, app: App) -> bool:
    """The institution's ten working days are over."""
    assert app.queued_on is not None
    return r.today > r.places.later(app.queued_on, 10)


def competent(r: Register, app: App, authority: str | None) -> bool:
    """Who licensed its institution decides, or who stands above; what concerns her registration also her authority."""
    line = r.places.chain(r.places.licensed_by[app.inst] if app.inst else None)
    own = set() if app.kind in TARGETED else r.places.chain(r.nurses[app.nurse].auth)
    return authority in line | own


def _may_accept(r: Register, _: Act, app: App) -> bool:
    return competent(r, app, app.auth) and (app.proven or not found(app.kind, app.form))


def _may_transfer(r: Register, act: Act, app: App) -> bool:
    return act.given["to"] != app.auth and competent(r, app, act.given["to"])


def _in_intake(r: Register, _: Act, app: App) -> bool:
    assert app.reached_on is not None
    return competent(r, app, app.auth) and not app.corrected and r.today <= r.places.later(app.reached_on, 5)


def _may_recommend(r: Register, act: Act, app: App) -> bool:
    said = app.recommender == act.who.name and app.said_at == app.version
    return competent(r, app, app.auth) and not said


def _may_approve(r: Register, act: Act, app: App) -> bool:
    alone = app.auth in r.places.two_persons and app.recommender in (None, act.who.name)
    unproven = found(app.kind, app.form) and not (app.proven and app.seen)
    if (
        not competent(r, app, app.auth)
        or app.blocked
        or unproven
        or app.on_hold
        or app.objected
        or alone
        or (app.kind in TARGETED and app.inst is None)
    ):
        return False
    assert app.filed_on is not None
    return r.eligible(app.kind, r.nurses[app.nurse], app.filed_on, app.inst, app.filer, app.key, filed=True)


def _may_extend(r: Register, _: Act, app: App) -> bool:
    assert app.due_on is not None
    return app.kind is not Kind.CHANGE and not app.extended and not app.on_hold and r.today <= app.due_on


Guard = Callable[[Register, Act, App], bool]
_GUARDS: Final[dict[str, Guard]] = {
    "SAVE_DRAFT": _may_save,
    "SUBMIT": _may_file,
    "OBJECT": lambda r, act, app: app.kind is Kind.DEREGISTRATION and app.filer == "I" and not app.objected,
    "ANSWER_OBJECTION": lambda r, act, app: app.objected,
    "REJECT_CLAIM": lambda r, act, app: app.kind in TARGETED and app.inst is not None,
    "PUT_BACK": lambda r, act, app: bool(app.held_until and app.held_until > r.now),
    "REASSIGN": _may_reassign,
    "RESUBMIT": _may_pick,
    "FORWARD": _routed,
    "ESCALATE": lambda r, act, app: app.inst is not None and (stranded(r, app) or silent(r, app)),
    "SUPPLEMENT": lambda r, act, app: act.who.party != "A" or app.filer == "A",
    "ACCEPT": _may_accept,
    "REQUIRE_CORRECTION": _in_intake,
    "TRANSFER": _may_transfer,
    "RECOMMEND": _may_recommend,
    "HOLD": lambda r, act, app: not app.on_hold,
    "RESUME": lambda r, act, app: app.on_hold,
    "EXTEND": _may_extend,
    "APPROVE": _may_approve,
    "REJECT": lambda r, act, app: not app.on_hold,
}
