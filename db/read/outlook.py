"""The facts of `db/read/facts.py` as the rules see them: an application, and the outlook of its steps."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from db.read.competence import places_of
from rules.application import Application, State
from rules.errors import Words
from rules.facts import WINDOW_DAYS, Facts
from rules.institution import InstitutionState
from rules.kinds import Kind, form_from_json
from rules.marks import MarkedMaterial
from rules.material import ChecklistItem
from rules.moves import CLAIMED_KINDS
from rules.nurse import DeregistrationReason
from rules.outlook import Outlook
from rules.people import Party
from rules.reasons import Reason
from rules.registration import Registration, RegistrationStatus

_MOMENTS = ("held_until", "queued_at")


@dataclass(frozen=True, slots=True)
class Seen:
    """An application as it is read, the time it is, and the outlook of its steps."""

    application: Application
    now: datetime
    outlook: Outlook


def read_facts(facts: bytes) -> Seen:
    """The application of `facts_sql` with all that its open steps hang on."""
    row = orjson.loads(b64decode(facts))
    ids = {name: UUID(row[name]) for name in Application.__slots__ if name.endswith("id") and row.get(name)}
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in _MOMENTS}
    typed = {"kind": Kind(row["kind"]), "state": State[row["state"]], "filed_by": Party(row["filed_by"])}
    more: dict[str, Any] = {"two_persons": bool(row["two_persons"]), "form": row["form"] or {}}
    more |= {"marked_fields": tuple(row["marked_fields"]), "due_on": _day(row["due_on"]), "places": places_of(row)}
    plain = {name: row[name] for name in Application.__slots__ if name in row}
    seen = Application(**{**plain, **ids, **typed, **moments, **more})
    return Seen(seen, datetime.fromisoformat(row["now"]), _outlook(seen, row))


def _outlook(application: Application, row: Mapping[str, Any]) -> Outlook:
    return Outlook(
        date.fromisoformat(row["today"]),
        _facts(application, row["entry"]) if row["entry"] else None,
        _day(row["filed_on"]),
        tuple(_item(one) for one in row["items"] or ()),
        tuple(_mark(one) for one in row["marks"] or ()),
        _day(row["correction_until"]),
        _day(row["silence_until"]),
    )


def _facts(application: Application, entry: Mapping[str, Any]) -> Facts:
    """The nurse as she stands; a draft is judged without its form and its institution, which may still change."""
    filed, kind = application.revision > 0, application.kind
    form = form_from_json(kind, application.form) if filed else None
    reason, state = entry["deregistration_reason"], entry["target_state"]
    registration = Registration(
        application.nurse_id,
        RegistrationStatus(entry["status"]),
        valid_until=_day(entry["valid_until"]),
        institution_id=_id(entry["institution_id"]),
        authority_id=_id(entry["authority_id"]),
        bar_until=_day(entry["bar_until"]),
        suspended=entry["suspended"],
        deregistration_reason=DeregistrationReason[reason] if reason else None,
    )
    more: dict[str, Any] = {name: _day(entry[name]) for name in ("birth_date", "exam_passed_on", "practised_until")}
    if filed and kind in CLAIMED_KINDS:
        more |= {"target_id": application.institution_id, "target_state": InstitutionState[state] if state else None}
    return Facts(
        registration,
        True,
        frozenset(Kind(one) for one in entry["open_kinds"] or ()),
        getattr(form, "health_status", None),
        entry["window_days"] or WINDOW_DAYS,
        form=form,
        filed_by=application.filed_by,
        filed=filed,
        exam_year=entry["exam_year"],
        interruption_years=entry["interruption_years"],
        **more,
    )


def _item(one: Mapping[str, Any]) -> ChecklistItem:
    seen_at = one["seen_at"] and datetime.fromisoformat(one["seen_at"])
    title = Words(one["title_zh"], one["title_en"])
    return ChecklistItem(one["code"], title, one["needed"], one["paper"], one["uploaded"], seen_at)


def _mark(one: Mapping[str, Any]) -> MarkedMaterial:
    return MarkedMaterial(one["code"], Words(one["title_zh"], one["title_en"]), Reason(one["reason"]), one["answered"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
