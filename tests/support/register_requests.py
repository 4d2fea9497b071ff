"""A request that is granted for every command about the register, and another one of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from secrets import token_hex
from typing import Final

from uuid_utils.compat import uuid7

from rules.application import State
from rules.direct_registration import DirectEntry
from rules.errors import Words
from rules.exam_name import SettledName
from rules.forms import DeregistrationForm
from rules.identity import DocumentType
from rules.kinds import Kind
from rules.nurse import Degree, Education, HealthStatus
from rules.people import Role
from rules.registration import DeregistrationReason
from rules.requirement import Requirement
from rules.ticket import FileKind
from tests.support.authority_stage import put
from tests.support.key_facts import EVIDENCE, Place, new_number
from tests.support.nurse_requests import NURSE_REQUESTS, Make, Request
from tests.support.papers import a_file, ask_for
from tests.support.people import form, known, passed, register, resident
from tests.support.registration_acts import Acts
from tests.support.world import TODAY, renewal
from workflow.calendar import CalendarSetDay
from workflow.claim import ApplicationClaimByIdNumber
from workflow.collective import CollectiveFilingCancel, CollectiveFilingStart
from workflow.collective_choice import Wish
from workflow.counter import ApplicationFileAtCounter
from workflow.deregistration import ApplicationFileDeregistration
from workflow.direct_registration import NurseRegisterDirect
from workflow.exam_name import NurseSettleExamName
from workflow.material import MaterialCheck, MaterialRemove, MaterialUpload
from workflow.requirement import MaterialRequirementEnd, MaterialRequirementSet
from workflow.step import Command, take
from workflow.ticket import DownloadTicketCreate

CODE: Final = "PROOF_OF_WORK"
TOMORROW: Final = TODAY + timedelta(days=1)


async def _register(acts: Acts, place: Place) -> Request:
    by_law = (HealthStatus.GOOD, Education.SECONDARY_VOCATIONAL, Degree.NONE, date(2007, 6, 1))
    of = ("陈早年", DocumentType.RESIDENT_ID, new_number(), "汉族", *by_law)
    entry = DirectEntry(*of, f"D{token_hex(6)}", acts.cast.hospital, EVIDENCE)
    entry = replace(
        entry, training_institution="示范医院", trained_from=date(2026, 1, 1), trained_until=date(2026, 4, 1)
    )
    return Request(place.admin, NurseRegisterDirect(entry), {"entry": replace(entry, evidence="另一材料")})


async def _settle(acts: Acts, place: Place) -> Request:
    """Of somebody who has registered and waits for it."""
    given = form(name="王娑")
    await passed(acts.world, given, name="王(suo)")
    await register(acts.db, acts.world, given)
    waits = "update account set identity_outcome = 'NAME_UNDECIDED' where user_name = $1"
    await acts.world.owner.execute(waits, given.user_name)
    name = SettledName(given.name, given.document_type, given.id_number, EVIDENCE)
    return Request(place.admin, NurseSettleExamName(name), {"given": replace(name, evidence="另一材料")})


async def _upload(acts: Acts, _: Place) -> Request:
    await ask_for(acts.world, acts.cast.nation, CODE)
    draft = await put(acts.world, acts.cast, State.DRAFT)
    return Request(acts.cast.nurse, MaterialUpload(draft, CODE, a_file()), {"file": a_file(name="另一文件.pdf")})


async def _remove(acts: Acts, place: Place) -> Request:
    uploaded = await _upload(acts, place)
    key = await take(acts.db, uploaded.who.session, uploaded.command)
    return Request(acts.cast.nurse, MaterialRemove(key), {"material_id": uuid7()})


async def _check(acts: Acts, _: Place) -> Request:
    await ask_for(acts.world, acts.cast.nation, CODE)
    filed = await put(acts.world, acts.cast, State.AUTHORITY_INTAKE)
    return Request(acts.cast.reviewer, MaterialCheck(filed, frozenset({CODE})), {"codes": frozenset({"CERTIFICATE"})})


async def _require(acts: Acts, place: Place) -> Request:
    one = Requirement(Kind.REISSUE, f"M{resident()[6:14]}", Words("证明", "Proof"), False, True, TOMORROW)
    return Request(place.admin, MaterialRequirementSet(one), {"requirement": replace(one, paper=False)})


async def _require_no_more(acts: Acts, place: Place) -> Request:
    key = await ask_for(acts.world, place.province, f"M{resident()}", kind="REISSUE", needed=False)
    return Request(place.admin, MaterialRequirementEnd(key, TOMORROW), {"valid_until": TODAY})


async def _day(acts: Acts, _: Place) -> Request:
    chief = await acts.officer(Role.SUPERVISOR, of=acts.cast.nation)
    return Request(chief, CalendarSetDay(date(2027, 12, 14), False, "停工"), {"working": True})


async def _claim(acts: Acts, _: Place) -> Request:
    given = form(id_number=resident())
    nurse_id = await known(acts.world, acts.cast, given, institution_id=None)
    cast = replace(acts.cast, nurse_id=nurse_id)
    await put(acts.world, cast, State.INSTITUTION_REVIEW, kind=Kind.CHANGE, institution_id=None)
    return Request(acts.cast.operator, ApplicationClaimByIdNumber(given.id_number), {"kind": Kind.CHANGE})


_NOBODY: Final = Wish(Kind.RENEWAL, renewal(), csv=b"certificateNumber\nnobody\n")


async def _together(acts: Acts, _: Place) -> Request:
    other = {"wish": replace(_NOBODY, csv=b"certificateNumber\nnobody else\n")}
    return Request(acts.cast.operator, CollectiveFilingStart(_NOBODY), other)


async def _not_together(acts: Acts, _: Place) -> Request:
    key = await take(acts.db, acts.cast.operator.session, CollectiveFilingStart(_NOBODY))
    return Request(acts.cast.operator, CollectiveFilingCancel(key), {"filing_id": uuid7()})


async def _at_counter(acts: Acts, _: Place) -> Request:
    filing = ApplicationFileAtCounter(acts.cast.nurse_id, renewal(), identity_seen=True)
    return Request(acts.cast.reviewer, filing, {"form": renewal(health_examined_on=TODAY)})


async def _deregister(acts: Acts, _: Place) -> Request:
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    form = DeregistrationForm(DeregistrationReason.DEATH, proof="死亡证明2026-118")
    changes = {"form": replace(form, proof="死亡证明2026-119")}
    return Request(acts.cast.operator, ApplicationFileDeregistration(acts.cast.nurse_id, form), changes)


async def _ticket(acts: Acts, _: Place) -> Request:
    who, number = acts.cast.viewer, uuid7().hex
    row = {"nurse_id": acts.cast.nurse_id, "number": number, "serial": f"{number}-1", "issued_on": TODAY}
    await acts.world.insert("certificate", id=uuid7(), **row, authority_id=acts.cast.district)
    ticket = DownloadTicketCreate(FileKind.CERTIFICATE, (acts.cast.nurse_id,), who.session.token_hash)
    return Request(who, ticket, {})


REQUESTS: Final[Mapping[type[Command], Make]] = {
    **NURSE_REQUESTS,
    NurseRegisterDirect: _register,
    NurseSettleExamName: _settle,
    MaterialUpload: _upload,
    MaterialRemove: _remove,
    MaterialCheck: _check,
    MaterialRequirementSet: _require,
    MaterialRequirementEnd: _require_no_more,
    CalendarSetDay: _day,
    ApplicationClaimByIdNumber: _claim,
    CollectiveFilingStart: _together,
    CollectiveFilingCancel: _not_together,
    ApplicationFileAtCounter: _at_counter,
    ApplicationFileDeregistration: _deregister,
    DownloadTicketCreate: _ticket,
}
"""By the command."""
