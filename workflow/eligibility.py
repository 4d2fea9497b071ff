"""The eligibility of a nurse: judged on the locked entry when she files and again at the decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from db import application as applications
from db import eligibility as facts
from db.eligibility import Begun, Known
from db.registration import Entry
from db.store.engine import Database, Reader, Tx
from rules import eligibility as rules
from rules.applicant import may_begin
from rules.application import Application
from rules.eligibility import Verdict
from rules.errors import NotFound
from rules.facts import Facts
from rules.form import Form
from rules.kinds import Kind
from rules.matching import next_step
from rules.moves import State, collides
from rules.people import Actor
from rules.registration import Registration


@dataclass(frozen=True, slots=True)
class Grounds:
    """The facts beside the entry on which a locked nurse's application is judged, and where it would take her."""

    target_id: UUID | None
    open_kinds: frozenset[Kind]
    known: Known | None
    """Nothing for a renewal, which asks about nothing but the entry: nobody waits for what no rule reads."""


async def grounds(tx: Tx, application: Application, target_id: UUID | None) -> Grounds:
    """The facts as they are now."""
    open_kinds = await applications.other_open_kinds(tx, application.nurse_id, application.id)
    return await beside(tx, application, target_id, open_kinds)


async def beside(tx: Tx, application: Application, target_id: UUID | None, open_kinds: frozenset[Kind]) -> Grounds:
    """The facts beside what else is open for her."""
    renewal = application.kind is Kind.RENEWAL
    known = None if renewal else await facts.known(tx, application.nurse_id, target_id)
    return Grounds(target_id, open_kinds, known)


def require_eligible(application: Application, entry: Entry, form: Form, filed_on: date, on: Grounds) -> None:
    """The rules of the kind, on the facts as they are now and for the day it was filed."""
    health = getattr(form, "health_status", None)
    more: dict[str, Any] = {"form": form, "filed_by": application.filed_by, "target_id": on.target_id}
    more["filed"] = application.revision > 0
    if on.known is not None:
        if on.target_id is not None and on.known.target_state is None:
            raise NotFound
        more |= {name: getattr(on.known, name) for name in on.known.__slots__}
    judged = Facts(entry.registration, True, on.open_kinds, health, entry.renewal_window_days, **more)
    rules.require_eligible(application.kind, judged, filed_on)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The verdicts on a nurse, and her applications that stand in the way: what is open, and her draft of this kind."""

    verdicts: list[Verdict]
    in_the_way: list[UUID]


async def own(db: Database, actor: Actor, kind: Kind) -> Outlook:
    """The outlook for a nurse who asks about herself; before her account is far enough, on what she says herself."""
    async with db.read() as reader:
        progress, today = await facts.progress(reader, account_id=actor.account_id), await facts.today(reader)
        nurse_id, ready = actor.nurse_id, may_begin(kind, progress)
        # Before her account is active nothing shows of what others filed for her.
        begun = await facts.begun(reader, nurse_id, None if ready else actor) if nurse_id else []
        if nurse_id and ready:
            judged = replace(await _read(reader, nurse_id, ready, begun), drafted=_drafted(begun, kind))
            return Outlook(rules.eligibility(kind, judged, today), _in_the_way(begun, kind))
        said = Facts(
            Registration(nurse_id or actor.account_id),
            ready,
            _open(begun),
            birth_date=await facts.stated_birth_date(reader, actor.account_id),
            next_step=next_step(progress) if progress else None,
        )
        verdicts = rules.eligibility if ready else rules.before_activation
        return Outlook(verdicts(kind, said, today), _in_the_way(begun, kind))


async def of_nurse(db: Database, nurse_id: UUID, kind: Kind) -> Outlook:
    """The outlook of a nurse for those who may read her record; her drafts are nobody's business but hers."""
    async with db.read() as reader:
        ready = may_begin(kind, await facts.progress(reader, nurse_id=nurse_id))
        begun = [one for one in await facts.begun(reader, nurse_id) if one.state is not State.DRAFT]
        judged = await _read(reader, nurse_id, ready, begun)
        return Outlook(rules.eligibility(kind, judged, await facts.today(reader)), _in_the_way(begun, kind))


async def _read(reader: Reader, nurse_id: UUID, ready: bool, begun: list[Begun]) -> Facts:
    entry, known = await facts.read(reader, nurse_id)
    more: dict[str, Any] = {name: getattr(known, name) for name in known.__slots__}
    return Facts(entry.registration, ready, _open(begun), window_days=entry.renewal_window_days, **more)


def _open(begun: list[Begun]) -> frozenset[Kind]:
    return frozenset(one.kind for one in begun if one.state is not State.DRAFT)


def _drafted(begun: list[Begun], kind: Kind) -> bool:
    return any(one.state is State.DRAFT and one.kind is kind for one in begun)


def _in_the_way(begun: list[Begun], kind: Kind) -> list[UUID]:
    """The applications to decide or take back before this kind begins; a draft of another kind is in no one's way."""
    drafts = [one.id for one in begun if one.state is State.DRAFT and one.kind is kind]
    return drafts + [one.id for one in begun if one.state is not State.DRAFT and collides(kind, [one.kind])]
