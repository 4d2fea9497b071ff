"""The rows of a nurse's entry in the register: its standing, its history, and its interruptions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final

from db.seed.institutions import Institution
from db.seed.people import Nurse
from db.seed.random_source import CHINA, Part, Row, identifier, part_key
from db.seed.registration_stage import RegistrationStage
from db.seed.seeded_application import SeededApplication
from rules.certificate import ISSUED, CertificateVoidReason, void_after
from rules.kinds import Kind
from rules.people import Role
from rules.registration import DeregistrationReason, RegistrationStatus

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
        "authority_id": last and last.decided_by.id,
        "last_kind": last and last.kind,
        "deregistration_reason": past.deregistration,
        "bar_until": past.bar_until,
        "version": 1 + len(past.stages),
        "unit_id": last and last.institution and nurse.register.unit_id(last.institution, nurse.department),
    }


def history_rows(nurse: Nurse, application: SeededApplication | None) -> Iterator[Row]:
    """The rows of `registration_history` (历史沿革), the last by the application if one was approved."""
    for nth, stage in enumerate(nurse.career.stages):
        at, cause = stage.moment, application if stage.at else None
        new = stage is nurse.career.last
        yield {
            "id": identifier(part_key(nurse.key, Part.HISTORY, stage.on.toordinal() + nth), at, later=nth),
            "nurse_id": nurse.id,
            "kind": stage.kind if stage.business else None,
            "reason": stage.reason,
            "application_id": cause and cause.id,
            "account_id": cause.taken_by[at] if cause else _reporter(nurse, stage),
            "at": at,
            "status": stage.status,
            "certificate_number": nurse.certificate_number if new else nurse.earlier_number,
            "valid_until": stage.valid_until,
            "institution_id": stage.institution and stage.institution.id,
            "authority_id": stage.decided_by.id,
        }


def _reporter(nurse: Nurse, stage: RegistrationStage) -> str | None:
    """The account that reported a departure; the accounts of older grants are not known."""
    return None if stage.business else nurse.register.staff_id(Role.OPERATOR, nurse.home.number)


def certificate_rows(nurse: Nurse, application: SeededApplication | None) -> Iterator[Row]:
    """The rows of `certificate`: the first, void if it ended or another was issued, and that other one."""
    stages, first_on = nurse.career.stages, nurse.career.first_on
    if first_on is None:
        return
    ended = next((stage for stage in stages if stage.status is RegistrationStatus.DEREGISTERED), None)
    issuing = application if application and application.approved and application.story.kind in ISSUED else None
    if nurse.earlier_number is not None:
        void = ended or (stages[-1] if issuing else None)
        at = datetime.combine(first_on, _TEN)
        why = _void_reason(nurse, issuing) if void else None
        voided_at = void.moment if void else None
        yield _certificate(nurse, nurse.earlier_number, stages[0], at, voided_at=voided_at, void_reason=why)
    if issuing is not None:
        last, nth = stages[-1], 2 if issuing.story.kind is Kind.REISSUE else 1
        yield _certificate(nurse, nurse.certificate_number, last, last.moment, issuing.id, nth=nth)


def _void_reason(nurse: Nurse, issuing: SeededApplication | None) -> CertificateVoidReason:
    """Why the first is void: another took its place, or the registration has ended."""
    reason = nurse.career.deregistration
    replaced = ISSUED[issuing.story.kind] if issuing else None
    return replaced or void_after(reason or DeregistrationReason.EXPIRED)


def _certificate(
    nurse: Nurse,
    number: str | None,
    stage: RegistrationStage,
    made_at: datetime,
    application_id: str | None = None,
    *,
    voided_at: datetime | None = None,
    void_reason: CertificateVoidReason | None = None,
    nth: int = 1,
) -> Row:
    return {
        "id": identifier(part_key(nurse.key, Part.CERTIFICATE, nth), made_at),
        "nurse_id": nurse.id,
        "number": number,
        "serial": f"{number}-{nth}",
        "issued_on": made_at.date(),
        "authority_id": stage.decided_by.id,
        "application_id": application_id,
        "voided_at": voided_at,
        "void_reason": void_reason,
        "token": _token(nurse, 0 if application_id is None else 1),
    }


def _token(nurse: Nurse, which: int) -> bytes:
    """The token of her first certificate, or of the one that was issued by her application."""
    return b"".join(part_key(nurse.key, Part.TOKEN, 2 * which + half).to_bytes(8) for half in range(2))


def span_rows(nurse: Nurse) -> Iterator[Row]:
    """A suspension, an interruption or a dispatch (支援) for a few; never for an applicant."""
    kind, last = _SPANS.get(nurse.index % _SPAN_CYCLE), nurse.career.last
    has_story = nurse.story is not None or nurse.index == nurse.register.mover
    if kind is None or has_story or last is None or last.institution is None:
        return
    starts_on = nurse.register.today - timedelta(days=1 + nurse.key % 170)
    yield {
        "id": identifier(part_key(nurse.key, Part.SPAN), datetime.combine(starts_on, _TEN)),
        "nurse_id": nurse.id,
        "kind": kind,
        "starts_on": starts_on,
        "ends_on": None if kind == "INTERRUPTION" else starts_on + timedelta(days=180),
        "decision_number": f"暂停〔{starts_on.year}〕{nurse.index:06d}号" if kind == "SUSPENSION" else None,
        "cause": "STUDY" if kind == "INTERRUPTION" and nurse.key % 2 else None,
        "dispatch_kind": ("SUPPORT", "STUDY", "FREE_CLINIC")[nurse.key % 3] if kind == "DISPATCH" else None,
        "institution_id": None if kind == "SUSPENSION" else last.institution.id,
        "to_institution_id": _host(nurse, last.institution) if kind == "DISPATCH" else None,
        "place": None if kind != "DISPATCH" or _host(nurse, last.institution) else "对口支援乡镇卫生院",
        "recorded_at": None if kind == "SUSPENSION" else datetime.combine(starts_on, _TEN),
    }


def _host(nurse: Nurse, own: Institution) -> str | None:
    """The institution that has her as a guest; None for a place outside of the register."""
    places = nurse.register.institutions
    there = places[nurse.key % len(places)]
    return None if there is own or nurse.index % (2 * _SPAN_CYCLE) < _SPAN_CYCLE else there.id
