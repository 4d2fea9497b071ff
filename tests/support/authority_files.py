"""The mutations of the authorization matrix on files, claims and what an institution files for many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from graph.schema.node import global_id
from rules.application import State, Step
from rules.batch import Act
from rules.errors import NotAllowed
from rules.kinds import Kind
from rules.nurse import Department
from rules.people import Party
from tests.support.authority_people import candidate
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import FILLED, put
from tests.support.authority_steps import FORM
from tests.support.papers import PDF, ask_for, hand_in
from tests.support.people import form, known, resident
from tests.support.world import TODAY, Cast
from workflow.batch import Wish as BatchWish
from workflow.batch import check
from workflow.collective import CollectiveFilingStart, start
from workflow.collective_choice import Wish

WHERE: Final = "on the nurses of an institution, and who decides on them"
DRAFT: Final = "on the materials of the nurse's draft"
INSTITUTIONS: Final = "on the materials of a deregistration that her institution filed"
COUNTERS: Final = "on the materials of a deregistration that was filed at the counter"
EARLY: Final = "on the materials of a change that she files before activation"
HANDED_IN: Final = "on a file handed in with an application at the authority"
PROVINCE: Final = "on what the province asks for"
CODE: Final = "CERTIFICATE"
LIST: Final = b"certificateNumber\nnobody\n"
"""A list that names nobody, so that nothing is left to be filed."""
Filed = Callable[[Ask], Awaitable[tuple[Cast, UUID]]]


async def _unaddressed(ask: Ask) -> Input:
    """The number of a nurse who filed for a change, for whoever claims it."""
    stage, given = ask.stage, form(id_number=resident())
    nurse_id = await known(stage.world, stage.cast, given, institution_id=None)
    places = {"institution_id": None, "kind": Kind.CHANGE}
    await put(stage.world, replace(stage.cast, nurse_id=nurse_id), State.INSTITUTION_REVIEW, **places)
    return {"idNumber": given.id_number, "about": nurse_id}


async def _decides(ask: Ask) -> Input:
    """The authority that licensed the institution of whoever asks; the same that decides already."""
    far = ask.person is not None and ask.person.actor.party_id == ask.stage.far.hospital
    cast = ask.stage.far if far else ask.stage.cast
    return {"kind": "RENEWAL", "authorityId": global_id("Authority", cast.district)}


async def _roster(ask: Ask) -> Input:
    return {"kind": "RENEWAL", **FORM, "csv": LIST}


async def _desk(ask: Ask) -> Input:
    """Whatever is on the desk of whoever asks, in her own institution; with the check that she could make."""
    stage, who = ask.stage, ask.person
    if who is None or who.actor.party is not Party.INSTITUTION:
        return {"step": "FORWARD", "where": {}, "token": "none"}
    far = who.actor.party_id == stage.far.hospital
    place = stage.far if far else stage.cast
    cast = await stage.nurse("in question", place.hospital, place.district)
    key = await put(stage.world, replace(cast, hospital=place.hospital), State.INSTITUTION_REVIEW, authority_id=None)
    wish = BatchWish(Act(Step.FORWARD, {}), (key,))
    try:
        token = (await check(stage.services.db, who.session, wish)).token
    except NotAllowed:
        token = "none"
    return {"step": "FORWARD", "ids": [global_id("Application", key)], "token": token}


async def _filing(ask: Ask) -> Input:
    who, wish = ask.stage.cast.operator, CollectiveFilingStart(Wish(Kind.RENEWAL, FILLED, csv=LIST))
    return {"id": global_id("CollectiveFiling", await start(ask.stage.services.db, who.session, wish))}


async def _at_authority(ask: Ask) -> tuple[Cast, UUID]:
    cast = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
    return cast, await put(ask.stage.world, cast, State.AUTHORITY_INTAKE)


async def _draft(ask: Ask) -> tuple[Cast, UUID]:
    cast = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
    return cast, await put(ask.stage.world, cast, State.DRAFT)


def _filed_by(party: Party) -> Filed:
    """A deregistration that is not the nurse's own filing."""

    async def filed(ask: Ask) -> tuple[Cast, UUID]:
        cast = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
        columns = {"kind": Kind.DEREGISTRATION, "filed_by": party}
        return cast, await put(ask.stage.world, cast, State.AUTHORITY_INTAKE, **columns)

    return filed


async def _early(ask: Ask) -> tuple[Cast, UUID]:
    her = (await candidate(ask.stage)).person
    assert her.actor.nurse_id is not None
    cast = replace(ask.stage.cast, nurse_id=her.actor.nurse_id, nurse=her)
    return cast, await put(ask.stage.world, cast, State.DRAFT, kind=Kind.CHANGE)


def _about(filed: Filed, file: str | bytes = "APPLICATION_FORM") -> Probe:
    """An application; it may be printed, its materials seen, and one handed in."""

    async def probe(ask: Ask) -> Input:
        cast, key = await filed(ask)
        shown, more = global_id("Application", key), {"code": CODE, "codes": [CODE]}
        return {"id": shown, "ids": [shown], "applicationId": shown, "herself": cast.nurse, "file": file, **more}

    return probe


def _material(filed: Filed) -> Probe:
    """A material that was handed in with an application."""

    async def probe(ask: Ask) -> Input:
        cast, key = await filed(ask)
        await hand_in(ask.stage.world, key, cast.nurse.account_id, CODE)
        material = await ask.stage.world.owner.fetchval("select id from material where application_id = $1", key)
        shown = global_id("Material", material)
        return {"id": shown, "ids": [shown], "herself": cast.nurse, "file": "MATERIAL"}

    return probe


async def _certificate(ask: Ask) -> Input:
    cast, number = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district), uuid7().hex
    row = {"nurse_id": cast.nurse_id, "number": number, "serial": f"{number}-1", "issued_on": TODAY}
    await ask.stage.world.insert("certificate", id=uuid7(), **row, authority_id=cast.district)
    return {"ids": [global_id("Nurse", cast.nurse_id)], "file": "CERTIFICATE", "herself": cast.nurse}


async def _departments(ask: Ask) -> Input:
    return {"subject": "DEPARTMENTS", "fromDay": (TODAY + timedelta(days=400)).isoformat(), "value": [*Department]}


async def _requirement(ask: Ask) -> Input:
    given: dict[str, Any] = {"titleZh": "无犯罪记录证明", "titleEn": "Clean record", "needed": False, "paper": True}
    days = {"validFrom": (TODAY + timedelta(days=30)).isoformat()}
    return {"kind": "REISSUE", "code": f"M{resident()[6:14]}", **given, **days}


async def _province_asks(ask: Ask) -> Input:
    key = await ask_for(ask.stage.world, ask.stage.cast.nation, f"M{resident()}", kind="REISSUE", needed=False)
    return {"id": global_id("MaterialRequirement", key), "validUntil": (TODAY + timedelta(days=30)).isoformat()}


FILE_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    ("on a change that a nurse filed without naming an institution", "applicationClaimByIdNumber"): _unaddressed,
    (WHERE, "approvalSettingSet"): _decides,
    (WHERE, "collectiveFilingStart"): _roster,
    ("on the applications that an institution reviews", "applicationsCarryOut"): _desk,
    ("on a collective filing of the hospital", "collectiveFilingCancel"): _filing,
    ("on the form of an application at the authority", "downloadTicketCreate"): _about(_at_authority),
    (HANDED_IN, "downloadTicketCreate"): _material(_at_authority),
    (HANDED_IN, "materialCheck"): _about(_at_authority),
    ("on the certificate of a nurse of the hospital", "downloadTicketCreate"): _certificate,
    (DRAFT, "materialUpload"): _about(_draft, PDF),
    (DRAFT, "materialRemove"): _material(_draft),
    (DRAFT, "downloadTicketCreate"): _material(_draft),
    (INSTITUTIONS, "materialUpload"): _about(_filed_by(Party.INSTITUTION), PDF),
    (INSTITUTIONS, "materialRemove"): _material(_filed_by(Party.INSTITUTION)),
    (INSTITUTIONS, "downloadTicketCreate"): _material(_filed_by(Party.INSTITUTION)),
    (COUNTERS, "materialUpload"): _about(_filed_by(Party.AUTHORITY), PDF),
    (COUNTERS, "materialRemove"): _material(_filed_by(Party.AUTHORITY)),
    (EARLY, "materialUpload"): _about(_early, PDF),
    (EARLY, "materialRemove"): _material(_early),
    (EARLY, "downloadTicketCreate"): _material(_early),
    (PROVINCE, "materialRequirementSet"): _requirement,
    (PROVINCE, "materialRequirementEnd"): _province_asks,
    ("on the departments that the province offers", "lawSettingSet"): _departments,
}
"""By the section of the table and the mutation."""
