"""The mutations of the authorization matrix by which a nurse claims her own rights: what each needs to be taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graph.schema.node import global_id
from rules.people import Party, Role
from rules.privacy_notice import KNOWN
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import PASSWORD
from tests.support.authority_steps import credentials
from tests.support.world import Person

CLOSING: Final = "on her own account, which ends with it"
ALL_ABOUT_HER: Final = "on all that the register holds about her"
NOTICE: Final = "on the privacy notice"
DECEASED: Final = "on the record of a nurse of the district who has died"


async def _like(ask: Ask) -> Person | None:
    """Another nurse as far as she is, whose account may end and whose word counts for her alone; else who asks."""
    person, world = ask.person, ask.stage.world
    if person is None or person.actor.party is not Party.NURSE:
        return person
    nurse_id = await world.nurse(ask.stage.cast.hospital, ask.stage.cast.district)
    state = "ACTIVE" if person.actor.active else "INACTIVE"
    return await world.person(Party.NURSE, nurse_id, Role.NURSE, state=state)


async def _instead(ask: Ask, **given: Any) -> Input:
    person = await _like(ask)
    if person is not None:
        await credentials(ask.stage.world, person)
    return {"instead": person, **given}


async def _closing(ask: Ask) -> Input:
    return await _instead(ask, password=PASSWORD)


async def _all_about_her(ask: Ask) -> Input:
    return await _instead(ask, password=PASSWORD, format="JSON")


async def _notice(ask: Ask) -> Input:
    return {"instead": await _like(ask), "version": KNOWN[-1].version, "sensitive": False}


async def _deceased(ask: Ask) -> Input:
    cast = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
    died = "update registration set status = 'DEREGISTERED', deregistration_reason = 'DEATH' where nurse_id = $1"
    await ask.stage.world.owner.execute(died, cast.nurse_id)
    papers = {"proof": "户口簿", "caseNote": "办理抚恤金", "papersSeen": True}
    who = {"relation": "CHILD", "relativeName": "王小明", "documentLast4": "1234"}
    return {"nurseId": global_id("Nurse", cast.nurse_id), "herself": cast.nurse, **who, **papers}


RIGHTS_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (CLOSING, "accountClose"): _closing,
    (ALL_ABOUT_HER, "recordTicketCreate"): _all_about_her,
    (NOTICE, "privacyNoticeAccept"): _notice,
    (DECEASED, "recordTicketCreateForRelative"): _deceased,
}
