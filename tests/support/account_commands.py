"""Each command about accounts and institutions that takes a retry key: who gives it, it, and another request."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from uuid_utils.compat import uuid7

from db import message
from db import recovery as recoveries
from db.recovery import Whose
from db.session import Session
from graph.context import Services
from rules.account import checked
from rules.identity import DocumentType
from rules.message import Template
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.activation import CERTIFIED, candidate, exam
from tests.support.contacts import new_phone, reach
from tests.support.institution_people import new_institution, new_name
from tests.support.people import form, register, resident
from tests.support.staff import invitation
from tests.support.world import Cast, Person, World
from workflow.account import AccountRegister
from workflow.activation import ActivationSubmitCertificate, ActivationSubmitExamCertificate
from workflow.activation_code import ActivationIssueCode
from workflow.contact_reset import AccountResetContacts
from workflow.institution import InstitutionCreate
from workflow.institution_change import (
    InstitutionClose,
    InstitutionMerge,
    InstitutionReasoned,
    InstitutionReopen,
    InstitutionSetName,
    InstitutionSuspend,
)
from workflow.message import DeadLetterRetry
from workflow.password import FirstPassword
from workflow.password_change import PasswordChange
from workflow.recovery_desk import RecoveryApprove, RecoveryDecision, RecoveryReject, RecoveryRequest
from workflow.staff import StaffChange, StaffEnable, StaffInvite, StaffSetIdentity
from workflow.staff_disabling import StaffDisable, StaffSetRoles
from workflow.staff_inviting import StaffInviteAgain
from workflow.step import Command
from workflow.verification import AccountCorrectIdentity, AccountDeclareMilitarySource, AccountVerifyIdentity

FIRST: Final = FirstPassword("Told-by-text-7", "stored")


@dataclass(frozen=True)
class Stage:
    """Where the commands are given."""

    services: Services
    world: World
    cast: Cast


@dataclass(frozen=True)
class Wish:
    """A command, who gives it (nobody, where it needs no sign-in), and another request of hers."""

    command: Command
    by: Session | None
    other: Command | None
    """None where the command has nothing but its key."""


Make = Callable[[Stage], Awaitable[Wish]]


async def _supervisor(stage: Stage) -> Session:
    return (await stage.world.person(Party.AUTHORITY, stage.cast.district, Role.SUPERVISOR)).session


async def _colleague(stage: Stage, state: str = "ACTIVE") -> Person:
    return await stage.world.person(Party.INSTITUTION, stage.cast.hospital, Role.OPERATOR, state=state)


async def _dead_letter(stage: Stage) -> Wish:
    db, owner, keys = stage.services.db, stage.world.owner, []
    for _ in range(2):
        async with db.begin() as tx:
            await tx.ask_time()
            to, template = new_phone(), Template.PASSWORD_CHANGED
            await message.send(tx, channel=Channel.SMS, to=to, template=template, values={})
        newest = "select id from outbox order by id desc limit 1"
        keys.append(await owner.fetchval(f"update outbox set dead_at = now() where id = ({newest}) returning id"))
    admin = await stage.world.person(Party.AUTHORITY, stage.cast.nation, Role.PROVINCIAL_ADMIN)
    return Wish(DeadLetterRetry(keys[0]), admin.session, DeadLetterRetry(keys[1]))


async def _invite(stage: Stage) -> Wish:
    one, other = (invitation(first=FIRST) for _ in range(2))
    return Wish(one, stage.cast.manager.session, other)


def _staff(kind: type[StaffChange], state: str = "ACTIVE") -> Make:
    async def make(stage: Stage) -> Wish:
        one, other = [(await _colleague(stage, state)).account_id for _ in range(2)]
        return Wish(kind(one), stage.cast.manager.session, kind(other))

    return make


async def _set_roles(stage: Stage) -> Wish:
    key = (await _colleague(stage)).account_id
    wishes = (StaffSetRoles(key, frozenset({role})) for role in (Role.VIEWER, Role.MANAGER))
    return Wish(next(wishes), stage.cast.manager.session, next(wishes))


async def _set_identity(stage: Stage) -> Wish:
    key = (await _colleague(stage)).account_id
    one, other = (StaffSetIdentity(key, DocumentType.RESIDENT_ID, resident()) for _ in range(2))
    return Wish(one, stage.cast.manager.session, other)


async def _invite_again(stage: Stage) -> Wish:
    key = (await _colleague(stage, "INVITED")).account_id
    await reach(stage.world, key, Channel.SMS, new_phone(), verified=False)
    other = StaffInviteAgain(key, new_phone(), first=FIRST)
    return Wish(StaffInviteAgain(key, first=FIRST), stage.cast.manager.session, other)


async def _reset(stage: Stage) -> Wish:
    keys = [(await _colleague(stage)).account_id for _ in range(2)]
    await reach(stage.world, keys[0], Channel.SMS, new_phone(), verified=True)
    one, other = (AccountResetContacts(key, True) for key in keys)
    return Wish(one, stage.cast.manager.session, other)


async def _create(stage: Stage) -> Wish:
    one, other = (new_institution(first=FIRST) for _ in range(2))
    return Wish(one, stage.cast.reviewer.session, other)


async def _set_name(stage: Stage) -> Wish:
    one, other = (InstitutionSetName(stage.cast.hospital, new_name()) for _ in range(2))
    return Wish(one, stage.cast.reviewer.session, other)


def _reasoned(kind: type[InstitutionReasoned], state: str = "ACTIVE") -> Make:
    async def make(stage: Stage) -> Wish:
        key = await stage.world.institution(stage.cast.district, state=state)
        await stage.world.nurse(key, stage.cast.district)
        return Wish(kind(key, "复核"), await _supervisor(stage), kind(key, "再次复核"))

    return make


async def _merge(stage: Stage) -> Wish:
    into, elsewhere = [await stage.world.institution(stage.cast.district) for _ in range(2)]
    one, other = (InstitutionMerge(stage.cast.hospital, "医联体整合", key) for key in (into, elsewhere))
    return Wish(one, await _supervisor(stage), other)


async def _certificate(stage: Stage) -> Wish:
    nurse = await candidate(stage.world, stage.cast)
    one, other = ActivationSubmitCertificate(await nurse.number()), ActivationSubmitCertificate("WRONG0000")
    return Wish(one, nurse.person.session, other)


async def _exam_certificate(stage: Stage) -> Wish:
    nurse, number = await candidate(stage.world, stage.cast, outcome="EXAM_PASSED"), resident()
    sealed = stage.world.keyring.seal(number, "id_number")
    await stage.world.owner.execute(
        "update account set document_type = 'RESIDENT_ID', id_number_key_id = $2, id_number_sealed = $3,"
        " id_number_index = $4, id_number_masked = '' where id = $1",
        *(nurse.person.account_id, sealed.key_id, sealed.ciphertext),
        stage.world.keyring.blind_index(number, "id_number"),
    )
    one = ActivationSubmitExamCertificate(await exam(stage.world, number))
    return Wish(one, nurse.person.session, ActivationSubmitExamCertificate("WRONG0000"))


async def _issue_code(stage: Stage) -> Wish:
    keys = [(await candidate(stage.world, stage.cast, verified=CERTIFIED)).person.account_id for _ in range(2)]
    one, other = (ActivationIssueCode(key) for key in keys)
    return Wish(one, stage.cast.operator.session, other)


async def _password(stage: Stage) -> Wish:
    person = stage.cast.nurse
    stored = (await stage.world.row("account", person.account_id))["password_hash"]
    proved = {"stored": stored, "stored_new": secrets.token_hex(4), "asked_in": person.session.token_hash}
    one, other = (PasswordChange("Blue-Lantern-7", new, **proved) for new in ("Red-Lantern-8", "Grey-Lantern-9"))
    return Wish(one, person.session, other)


async def _correct(stage: Stage) -> Wish:
    session = await register(stage.services.db, stage.world, form())
    who = ("李新护", DocumentType.RESIDENT_ID)
    return Wish(AccountCorrectIdentity(*who, resident()), session, AccountCorrectIdentity(*who, resident()))


async def _verify(stage: Stage) -> Wish:
    return Wish(AccountVerifyIdentity(), await register(stage.services.db, stage.world, form()), None)


async def _military(stage: Stage) -> Wish:
    nurse = await candidate(stage.world, stage.cast, outcome="NO_MATCH", verified={"contact_verified": True})
    return Wish(AccountDeclareMilitarySource(), nurse.person.session, None)


async def _register(stage: Stage) -> Wish:
    policy, wishes = stage.services.passwords.policy, []
    for _ in range(2):
        async with stage.services.db.begin() as tx:
            await tx.ask_time()
            given = form()
            wishes.append(AccountRegister(given, checked(given, tx.today, policy), "stored"))
    return Wish(wishes[0], None, wishes[1])


async def _appeal(stage: Stage) -> Wish:
    number = resident()
    one, other = (
        RecoveryRequest("王护士", DocumentType.RESIDENT_ID, number, new_phone(), "2016年起在示范医院急诊科工作")
        for _ in range(2)
    )
    return Wish(one, None, other)


def _decision(kind: type[RecoveryDecision]) -> Make:
    async def make(stage: Stage) -> Wish:
        cast, key = stage.cast, uuid7()
        async with stage.services.db.begin() as tx:
            await tx.ask_time()
            whose = Whose(cast.nurse.account_id, cast.nurse_id, cast.district)
            await recoveries.insert(tx, key, {"phone": new_phone()}, whose)
        return Wish(kind(key, "电话核对"), cast.reviewer.session, kind(key, "当面核对"))

    return make


WISHES: Final[Mapping[type[Command], Make]] = {
    DeadLetterRetry: _dead_letter,
    StaffInvite: _invite,
    StaffDisable: _staff(StaffDisable),
    StaffEnable: _staff(StaffEnable, "DISABLED"),
    StaffSetRoles: _set_roles,
    StaffSetIdentity: _set_identity,
    StaffInviteAgain: _invite_again,
    AccountResetContacts: _reset,
    InstitutionCreate: _create,
    InstitutionSetName: _set_name,
    InstitutionSuspend: _reasoned(InstitutionSuspend),
    InstitutionReopen: _reasoned(InstitutionReopen, "SUSPENDED"),
    InstitutionClose: _reasoned(InstitutionClose),
    InstitutionMerge: _merge,
    ActivationSubmitCertificate: _certificate,
    ActivationSubmitExamCertificate: _exam_certificate,
    ActivationIssueCode: _issue_code,
    PasswordChange: _password,
    AccountCorrectIdentity: _correct,
    AccountVerifyIdentity: _verify,
    AccountDeclareMilitarySource: _military,
    AccountRegister: _register,
    RecoveryRequest: _appeal,
    RecoveryApprove: _decision(RecoveryApprove),
    RecoveryReject: _decision(RecoveryReject),
}
