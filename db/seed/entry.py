"""The rows of a nurse's entry in the register: where it stands, how it came there, and what interrupted it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final

from db.seed.chance import CHINA, Part, Row, identifier, part_key
from db.seed.filing import Filing
from db.seed.people import Nurse
from rules.registration import RegistrationStatus

_TEN: Final = time(10, tzinfo=CHINA)
_SPAN_CYCLE: Final = 500
_SPANS: Final = {133: "SUSPENSION", 233: "INTERRUPTION", 333: "DISPATCH", 433: "DISPATCH"}


def registration_row(nurse: Nurse) -> Row:
    """The row of `registration`."""
    past, last = nurse.career, nurse.career.last
    return {
        "nurse_id": nurse.id,
        "status": last.status if last else RegistrationStatus.NEVER,
        "certificate_number": nurse.certificate_number,
        "first_registered_on": past.first_on,
        "valid_until": last and last.valid_until,
        "institution_id": last and last.institution and last.institution.id,
        "authority_id": last and nurse.home.authority.id,
        "last_kind": next((stage.kind for stage in reversed(past.stages) if stage.kind), None),
        "deregistration_reason": past.deregistration,
        "bar_until": past.bar_until,
        "version": 1 + len(past.stages),
    }


def history_rows(nurse: Nurse, filing: Filing | None) -> Iterator[Row]:
    """The rows of `registration_history` (历史沿革), the last by the application where one was approved."""
    for stage in nurse.career.stages:
        approved = filing is not None and filing.approved and stage is nurse.career.last
        at = filing.row["decided_at"] if filing and approved else datetime.combine(stage.on, _TEN)
        assert isinstance(at, datetime)
        yield {
            "id": identifier(part_key(nurse.key, Part.HISTORY, stage.on.toordinal()), at),
            "nurse_id": nurse.id,
            "kind": stage.kind,
            "reason": stage.reason,
            "application_id": filing.id if filing and approved else None,
            "account_id": filing.row["moved_by"] if filing and approved else None,
            "at": at,
            "status": stage.status,
            "certificate_number": nurse.certificate_number,
            "valid_until": stage.valid_until,
            "institution_id": stage.institution and stage.institution.id,
            "authority_id": (stage.institution or nurse.home).authority.id,
        }


def span_rows(nurse: Nurse) -> Iterator[Row]:
    """A suspension, an interruption or a dispatch (支援) for a few; never for an applicant."""
    kind, last = _SPANS.get(nurse.index % _SPAN_CYCLE), nurse.career.last
    if kind is None or nurse.story is not None or last is None or last.institution is None:
        return
    starts_on = nurse.register.today - timedelta(days=1 + nurse.key % 170)
    yield {
        "id": identifier(part_key(nurse.key, Part.SPAN), datetime.combine(starts_on, _TEN)),
        "nurse_id": nurse.id,
        "kind": kind,
        "starts_on": starts_on,
        "ends_on": None if kind == "INTERRUPTION" else starts_on + timedelta(days=180),
        "decision_number": f"暂停〔{starts_on.year}〕{nurse.index:06d}号" if kind == "SUSPENSION" else None,
    }
