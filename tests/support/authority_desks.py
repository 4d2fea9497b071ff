"""The mutations of the authorization matrix on others' accounts and on places: what each needs to be taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from graph.schema.node import global_id
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.authority_people import (
    NEW_NAME,
    TODAY,
    candidate,
    correction,
    dead_letter,
    decided_by,
    deputyship,
    recovery,
)
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.contacts import new_phone, reach
from tests.support.institution_people import new_name, new_user_name
from tests.support.people import form, passed, resident
from tests.support.world import new_code

ROLES: Final = {Party.INSTITUTION: "VIEWER", Party.AUTHORITY: "SUPERVISOR"}
STRANGER: Final = "on a recovery of somebody of whom no authority is known"
HOSPITAL: Final = "on an institution of the district"
COLLEAGUE: Final = "on an account of the institution"
OFFICER: Final = "on an account of the authority"


async def _account(ask: Ask) -> Input:
    person = (await candidate(ask.stage)).person
    return {"accountId": global_id("Account", person.account_id), "about": person.actor.nurse_id}


async def _account_to_end(ask: Ask) -> Input:
    return {**await _account(ask), "reason": "已离职"}


async def _recovery(ask: Ask) -> Input:
    whose = await decided_by(ask.stage)
    words = {"opinion": "已核对", "reason": "无法核实"}
    return {"id": global_id("RecoveryRequest", await recovery(ask.stage, whose)), "about": whose.nurse_id, **words}


async def _recovery_of_nobody(ask: Ask) -> Input:
    return {"id": global_id("RecoveryRequest", await recovery(ask.stage, None)), "reason": "无法核实"}


async def _letter(ask: Ask) -> Input:
    return {"id": global_id("DeadLetter", await dead_letter(ask.stage))}


async def _papers(ask: Ask) -> Input:
    seen = ["LICENCE", "AUTHORIZATION", "DELEGATE_ID"]
    person = {"responsibleName": "李主任", "responsiblePhone": new_phone(), "responsibleIdNumber": resident()}
    return {"code": new_code(), "name": new_name(), "division": "110102", "documentsSeen": seen, **person}


def _institution(state: str = "ACTIVE", **more: str) -> Probe:
    async def probe(ask: Ask) -> Input:
        key = await ask.stage.world.institution(ask.stage.cast.district, state=state)
        return {"id": global_id("Institution", key), **(more or {"reason": "核查"})}

    return probe


async def _institutions(ask: Ask) -> Input:
    """One that goes on in another of the same district."""
    into = await ask.stage.world.institution(ask.stage.cast.district)
    return {**await _institution()(ask), "into": global_id("Institution", into)}


async def _new_manager(ask: Ask) -> Input:
    papers = {name: value for name, value in (await _papers(ask)).items() if name not in ("code", "name", "division")}
    return {**await _institution()(ask), **papers}


async def _new_institution_name(ask: Ask) -> Input:
    return await _institution(name=new_name())(ask)


async def _authority(ask: Ask) -> Input:
    """One below the district's authority above, of a zone with a code of its own."""
    parent = global_id("Authority", ask.stage.cast.nation)
    return {
        "parentId": parent,
        "code": uuid4().hex[:12],
        "name": f"开发区{uuid4().hex[:16]}卫健局",
        "level": "DISTRICT",
    }


async def _settings(ask: Ask) -> Input:
    """What the district has already, so that nothing else on this stage is decided otherwise."""
    district = global_id("Authority", ask.stage.cast.district)
    return {"authorityId": district, "twoPersons": True, "renewalWindowDays": 90, "promisedDays": 10}


async def _colleague_to_be(ask: Ask) -> Input:
    role = ROLES.get(ask.person.actor.party, "VIEWER") if ask.person and ask.person.actor.party else "VIEWER"
    new = {"userName": new_user_name(), "phone": new_phone(), "idNumber": resident()}
    return {"roles": [role], "displayName": "赵同事", **new}


def _colleague(party: Party, state: str) -> Probe:
    async def probe(ask: Ask) -> Input:
        cast, world = ask.stage.cast, ask.stage.world
        place, role = {
            Party.INSTITUTION: (cast.hospital, Role.VIEWER),
            Party.AUTHORITY: (cast.district, Role.DECIDER),
        }[party]
        colleague = await world.person(party, place, role, state=state)
        await reach(world, colleague.account_id, Channel.SMS, new_phone(), verified=False)
        given = {"roles": [role], "idNumber": resident(), "units": [global_id("Unit", ask.stage.ids["ward"])]}
        return {"id": global_id("Account", colleague.account_id), **given}

    return probe


async def _deputy(ask: Ask) -> Input:
    """A colleague of whoever asks, if she has any, and a role of her own."""
    asker = ask.person.actor if ask.person else ask.stage.cast.operator.actor
    staffed = asker.party in (Party.INSTITUTION, Party.AUTHORITY) and asker.party_id
    place = (asker.party, asker.party_id) if staffed else (Party.INSTITUTION, ask.stage.cast.hospital)
    colleague = await ask.stage.world.person(*place, next(iter(asker.roles)) if staffed else Role.VIEWER)
    span = {"startsOn": TODAY.isoformat(), "endsOn": TODAY.isoformat()}
    return {"deputy": global_id("Account", colleague.account_id), "roles": sorted(asker.roles), **span}


async def _work(ask: Ask) -> Input:
    cast, world = ask.stage.cast, ask.stage.world
    both = [await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER) for _ in range(2)]
    return {name: global_id("Account", one.account_id) for name, one in zip(("from", "to"), both, strict=True)}


async def _deputyship(ask: Ask) -> Input:
    cast, world = ask.stage.cast, ask.stage.world
    both = [await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR) for _ in range(2)]
    return {"id": global_id("Deputyship", await deputyship(world, *(one.account_id for one in both)))}


async def _own_deputyship(ask: Ask) -> Input:
    asker, world = ask.person, ask.stage.world
    if asker is None or asker.actor.party not in (Party.INSTITUTION, Party.AUTHORITY) or not asker.actor.party_id:
        return await _deputyship(ask)
    absent = await world.person(asker.actor.party, asker.actor.party_id, *asker.actor.roles)
    return {"id": global_id("Deputyship", await deputyship(world, absent.account_id, asker.account_id))}


async def _lost_phone(ask: Ask) -> Input:
    person = (await candidate(ask.stage)).person
    shown = global_id("Account", person.account_id)
    return {"id": shown, "identitySeen": True, "about": person.actor.nurse_id}


async def _nurse_to_correct(ask: Ask) -> Input:
    """One that the person in the column of the nurse is."""
    nurse = await ask.stage.nurse("to correct", ask.stage.cast.hospital, ask.stage.cast.district)
    given = {"name": NEW_NAME, "evidence": "户口簿", "herself": nurse.nurse}
    return {"nurse": global_id("Nurse", nurse.nurse_id), **given}


async def _request(ask: Ask) -> Input:
    nurse_id = await ask.stage.world.nurse(ask.stage.cast.hospital, ask.stage.cast.district)
    key = await correction(ask.stage, ask.stage.cast.operator, nurse_id)
    shown = global_id("KeyFactRequest", key)
    return {"id": shown, "reason": "材料不足", "name": NEW_NAME, "about": nurse_id}


async def _entry(ask: Ask) -> Input:
    """Her papers, and an institution of the district."""
    plain = {"name": "陈早年", "idNumber": resident("19700307"), "ethnicity": "汉族", "evidence": "原省卫生厅登记表"}
    taught = {"healthStatus": "GOOD", "education": "SECONDARY_VOCATIONAL", "degree": "NONE"}
    dates = {"examPassedOn": "2001-06-01", "certificateNumber": new_code()}
    trained = {"trainingInstitution": "示范医院", "trainedFrom": "2026-01-01", "trainedUntil": "2026-04-01"}
    return {**plain, **taught, **dates, **trained, "institution": global_id("Institution", ask.stage.cast.hospital)}


async def _unread_name(ask: Ask) -> Input:
    """Somebody whom the library has with pinyin in the place of a character."""
    given = form(name="王娑")
    await passed(ask.stage.world, given, name="王(suo)")
    return {"name": given.name, "idNumber": given.id_number, "evidence": "居民身份证"}


_STAFF: Final = {
    "staffInviteAgain": "INVITED",
    "staffSetIdentity": "ACTIVE",
    "staffDisable": "ACTIVE",
    "staffEnable": "DISABLED",
    "staffSetRoles": "ACTIVE",
    "staffSetUnits": "ACTIVE",
}
DESK_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    ("on an account that waits for its code", "activationIssueCode"): _account,
    ("on an account that waits for its code", "accountRevoke"): _account_to_end,
    ("on a recovery that the district is asked for", "recoveryApprove"): _recovery,
    ("on a recovery that the district is asked for", "recoveryReject"): _recovery,
    (STRANGER, "recoveryReject"): _recovery_of_nobody,
    ("on a message that was given up", "deadLetterRetry"): _letter,
    ("below the authority above the district", "authorityCreate"): _authority,
    ("on the district", "authoritySettingsSet"): _settings,
    ("on an institution to be", "institutionCreate"): _papers,
    (HOSPITAL, "institutionSetName"): _new_institution_name,
    (HOSPITAL, "institutionSuspend"): _institution(),
    (HOSPITAL, "institutionReopen"): _institution("SUSPENDED"),
    (HOSPITAL, "institutionClose"): _institution(),
    (HOSPITAL, "institutionMerge"): _institutions,
    (HOSPITAL, "institutionReplaceManager"): _new_manager,
    ("on a colleague to be", "staffInvite"): _colleague_to_be,
    **{(COLLEAGUE, name): _colleague(Party.INSTITUTION, state) for name, state in _STAFF.items()},
    **{(OFFICER, name): _colleague(Party.AUTHORITY, state) for name, state in _STAFF.items()},
    ("on a colleague who stands in for oneself", "deputyName"): _deputy,
    ("on the work of an officer of the district", "workHandover"): _work,
    ("on a deputyship of the hospital", "deputyEnd"): _deputyship,
    ("on a deputyship of one's own", "deputySignIn"): _own_deputyship,
    ("on the account of a nurse of the hospital", "accountResetContacts"): _lost_phone,
    ("on the key facts of the nurse", "keyFactRequest"): _nurse_to_correct,
    ("on a correction that the province is asked for", "keyFactApprove"): _request,
    ("on a correction that the province is asked for", "keyFactReject"): _request,
    ("on somebody to be registered in the district", "nurseRegisterDirect"): _entry,
    ("on a name that the exam library cannot spell", "nurseSettleExamName"): _unread_name,
}
"""By the section of the table and the mutation."""
