"""The eligibility of a nurse: judged on the locked entry when she files and again at the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from db import application as applications
from db import eligibility as facts
from db.eligibility import Known
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


async def own(db: Database, actor: Actor, kind: Kind) -> list[Verdict]:
    """Verdicts for a nurse who asks about herself; before her account is far enough, only that it is not."""
    async with db.read() as reader:
        account = await facts.progress(reader, account_id=actor.account_id)
        ready, today = may_begin(kind, account), await facts.today(reader)
        if actor.nurse_id is None or not ready:
            blank = Facts(Registration(actor.nurse_id or actor.account_id), ready)
            return [one for one in rules.eligibility(kind, blank, today) if ready or one.rule.code == "ACCOUNT_ACTIVE"]
        return rules.eligibility(kind, await _read(reader, actor.nurse_id, ready), today)


async def of_nurse(db: Database, nurse_id: UUID, kind: Kind) -> list[Verdict]:
    """Verdicts about a nurse, for those who may read her record."""
    async with db.read() as reader:
        ready = may_begin(kind, await facts.progress(reader, nurse_id=nurse_id))
        return rules.eligibility(kind, await _read(reader, nurse_id, ready), await facts.today(reader))


async def _read(reader: Reader, nurse_id: UUID, ready: bool) -> Facts:
    entry, known, open_kinds = await facts.read(reader, nurse_id)
    more: dict[str, Any] = {name: getattr(known, name) for name in known.__slots__}
    return Facts(entry.registration, ready, open_kinds, window_days=entry.renewal_window_days, **more)
