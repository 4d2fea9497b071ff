"""Accounts, places and requests on the stage of the authorization matrix, and how to ask for what shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import message
from db import recovery as recoveries
from db.recovery import Whose
from rules.key_fact import KeyFacts
from rules.message import Template
from rules.moment import SHANGHAI
from rules.people import Party, Role
from rules.privacy import mask_id_number
from rules.verification import Channel
from tests.support import activation
from tests.support.authority_matrix import Section
from tests.support.authority_stage import Stage
from tests.support.authority_subjects import Make, Pick, Subject, _page
from tests.support.authority_subjects import subject as other_subject
from tests.support.contacts import new_mail, new_phone, reach
from tests.support.people import form, passed, resident, sealed
from tests.support.world import Person, World
from workflow.activation_code import ActivationIssueCode, issue_code
from workflow.key_fact import KeyFactRequest
from workflow.step import take

TODAY: Final = datetime.now(SHANGHAI).date()
APPEAL: Final = {"name": "王护士", "documentType": "RESIDENT_ID", "idNumber": "110101199003070022"}
NEW_NAME: Final = "王新名"


async def put_people(stage: Stage) -> None:
    """What the sections on accounts show: everybody's contacts, and one of each thing that waits on a desk."""
    for person in stage.people.values():
        if person is not None:
            await settle(stage, person)
    index = stage.world.keyring.blind_index(stage.number, "id_number")
    sql = "update nurse set id_number_index = $2 where id = $1"
    await stage.world.owner.execute(sql, stage.cast.nurse_id, index)
    hers = "select certificate_number from registration where nurse_id = $1"
    stage.certificate = await stage.world.owner.fetchval(hers, stage.cast.nurse_id)
    waiting = await candidate(stage)
    stage.nurses["waits for her code"] = waiting.person
    await issue_code(stage.services.db, stage.cast.operator.session, ActivationIssueCode(waiting.person.account_id))
    await recovery(stage, await decided_by(stage))
    await recovery(stage, None)
    await correction(stage, stage.cast.nurse, id_number=resident())
    await dead_letter(stage)
    await undecided(stage)
    await deputyship(stage.world, stage.cast.operator.account_id, stage.cast.viewer.account_id)


async def deputyship(world: World, absent_id: UUID, deputy_id: UUID) -> UUID:
    """That somebody stands in for somebody from today on, with all that the absent one may do."""
    key, roles = uuid7(), await world.owner.fetchval("select roles from account where id = $1", absent_id)
    span = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=7)}
    values = {"absent_id": absent_id, "deputy_id": deputy_id, "roles": roles, "named_by": absent_id}
    await world.insert("deputyship", id=key, **values, **span)
    return key


async def settle(stage: Stage, person: Person) -> None:
    """Everything that somebody's security settings show."""
    await reach(stage.world, person.account_id, Channel.SMS, new_phone(), verified=True)
    await reach(stage.world, person.account_id, Channel.MAIL, new_mail(), verified=True)
    values = "document_type = 'RESIDENT_ID', id_number_masked = '110***********22', identity_outcome = 'REGISTERED'"
    values += ", last_sign_in_at = now()"
    held = "contact_held_until = now() - interval '1 hour'"
    await stage.world.owner.execute(f"update account set {values}, {held} where id = $1", person.account_id)


async def candidate(stage: Stage, **more: Any) -> activation.Candidate:
    """A nurse of the hospital with everything but the code."""
    return await activation.candidate(stage.world, stage.cast, **{"verified": activation.CERTIFIED, **more})


async def undecided(stage: Stage) -> None:
    """An account whose name the exam library cannot spell."""
    number = resident()
    waiting = await stage.world.person(Party.NURSE, None, Role.NURSE, state="INACTIVE")
    values = {
        **sealed(stage.world.keyring, "id_number", number, mask_id_number),
        "document_type": "RESIDENT_ID",
        "identity_outcome": "NAME_UNDECIDED",
    }
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
    await stage.world.owner.execute(
        f"update account set {settings} where id = $1", waiting.account_id, *values.values()
    )
    await passed(stage.world, form(id_number=number), name="王(suo)")


async def decided_by(stage: Stage) -> Whose:
    """A nurse of the district who has proved neither phone nor mail box."""
    nurse_id = await stage.world.nurse(stage.cast.hospital, stage.cast.district)
    person = await stage.world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    return Whose(person.account_id, nurse_id, stage.cast.district)


async def recovery(stage: Stage, about: Whose | None) -> UUID:
    """A recovery that a desk is asked for: her authority's, or without a known person the help desk's."""
    content = {**APPEAL, "phone": new_phone(), "evidence": "工作单位：示范医院"}
    async with stage.services.db.begin() as tx:
        await tx.ask_time()
        await recoveries.insert(tx, key := uuid7(), content, about)
    return key


async def correction(stage: Stage, who: Person, nurse_id: UUID | None = None, id_number: str | None = None) -> UUID:
    """A correction of a nurse's name (and number) that waits; asked for by herself or her institution."""
    facts = KeyFacts("户口簿", NEW_NAME, None, id_number)
    return await take(stage.services.db, who.session, KeyFactRequest(nurse_id, facts))


async def dead_letter(stage: Stage) -> UUID:
    """A message that was given up."""
    async with stage.services.db.begin() as tx:
        await tx.ask_time()
        values = {"code": "123456", "minutes": "10"}
        await message.send(tx, channel=Channel.SMS, to=new_phone(), template=Template.CONTACT_CODE, values=values)
    last = "(select id from outbox order by id desc limit 1)"
    dead = "update outbox set dead_at = now(), tries = 33, last_error = 'HTTP_503' where id = "
    key: UUID = await stage.world.owner.fetchval(f"{dead}{last} returning id")
    return key


def _own(name: str) -> Make:
    pick: Pick = lambda data: data["viewer"] and data["viewer"][name]  # noqa: E731
    return lambda stage: Subject(f"{{ viewer {{ {name} {{ %s }} }} }}", pick, stage.cast.nurse)


def _rows(root: str, inside: str = "%s", *path: str) -> Make:
    """A list, or what lies in it; nobody where it is empty."""

    def pick(data: Any) -> Any:
        found = data[root]
        for name in path:
            found = found and found[name]
            if isinstance(found, list):
                found = found[0] if found else None
        return found

    return lambda stage: Subject(f"{{ {root} {{ {inside} }} }}", pick, stage.cast.nurse)


def _issuer(stage: Stage) -> Subject:
    """The inactive nurse of this section is one who waits for her code."""
    waiting = stage.nurses["waits for her code"]
    pick: Pick = lambda data: data["activationIssuer"]  # noqa: E731
    return Subject("{ activationIssuer { %s } }", pick, stage.cast.nurse, inactive=waiting)


def _code(stage: Stage) -> Subject:
    def pick(data: Any) -> Any:
        issued = [one for one in data["activationCodes"]["nodes"] if one["_state"] == "ISSUED"]
        return (issued or [None])[0]

    return Subject("{ activationCodes { nodes { _state: codeState %s } } }", pick, stage.cast.nurse)


def _letters(stage: Stage) -> Subject:
    return Subject("{ deadLetters { nodes { %s } } }", lambda data: (data["deadLetters"]["nodes"] or [None])[0])


PEOPLE_SUBJECTS: Final[Mapping[str, Make]] = {
    "AccountSecurity: one's own": _own("security"),
    "Activation: one's own": _own("activation"),
    "ActivationCodeConnection: one's own": _page("activationCodes"),
    "ActivationCodeEdge: one's own": _rows("activationCodes", "edges { %s }", "edges"),
    "ActivationCode: of a nurse with a code of the hospital": _code,
    "ActivationIssuer: of a nurse who waits for her code": _issuer,
    "RecoveryRequestConnection: one's own": _page("recoveryRequests"),
    "RecoveryRequestEdge: one's own": _rows("recoveryRequests", "edges { %s }", "edges"),
    "RecoveryRequest: that waits": _rows("recoveryRequests", "nodes { %s }", "nodes"),
    "DeadLetter: given up": _letters,
    "UndecidedNameConnection: all that wait": _page("undecidedNames"),
    "UndecidedNameEdge: all that wait": _rows("undecidedNames", "edges { %s }", "edges"),
    "UndecidedName: that waits": _rows("undecidedNames", "nodes { %s }", "nodes"),
    "PasswordPolicy: for everybody": _page("passwordPolicy"),
    "AuthorityConnection: below the nation": _page("authorities"),
    "AuthorityEdge: below the nation": _rows("authorities", "edges { %s }", "edges"),
    "InstitutionConnection: to choose from": _page("institutions"),
    "InstitutionEdge: to choose from": _rows("institutions", "edges { %s }", "edges"),
    "AccountConnection: one's own": _page("staff"),
    "DeputyshipConnection: one's own": _page("deputyships"),
    "DeputyshipEdge: one's own": _rows("deputyships", "edges { %s }", "edges"),
    "Deputyship: of the hospital": _rows("deputyships", "nodes { %s }", "nodes"),
    "AccountEdge: one's own": _rows("staff", "edges { %s }", "edges"),
    "DeadLetterConnection: all that were given up": _page("deadLetters"),
    "DeadLetterEdge: all that were given up": _rows("deadLetters", "edges { %s }", "edges"),
    "KeyFactRequestConnection: one's own": _page("keyFactRequests"),
    "KeyFactRequestEdge: one's own": _rows("keyFactRequests", "edges { %s }", "edges"),
    "KeyFactRequest: of the nurse, asked for by herself": _rows("keyFactRequests", "nodes { %s }", "nodes"),
}
"""How to ask for each section's object where it is about people rather than applications."""


def subject(stage: Stage, section: Section) -> Subject:
    """How to ask for a section's object."""
    if str(section) in PEOPLE_SUBJECTS:
        return PEOPLE_SUBJECTS[str(section)](stage)
    return other_subject(stage, section)


READY: Final[Mapping[str, Mapping[str, Any]]] = {
    "accountVerifyIdentity": {"outcome": None, "verified": {}},
    "accountCorrectIdentity": {"outcome": None, "verified": {}},
    "accountDeclareMilitarySource": {"outcome": "NO_MATCH", "verified": {}},
    "activationSubmitCertificate": {"verified": activation.VERIFIED},
    "activationSubmitExamCertificate": {"outcome": "EXAM_PASSED", "verified": activation.VERIFIED},
    "activationActivate": {},
}
"""How far the account must have come for each step on the way."""


async def ready(stage: Stage, mutation: str) -> Person:
    """A nurse whose account is about to take this step."""
    return (await candidate(stage, **READY[mutation])).person
