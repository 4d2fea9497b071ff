"""The mutations of the authorization matrix on one's own account: what each needs to be taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from rules.message import Template
from rules.people import Party, Role
from rules.verification import Channel, CodePurpose
from tests.support import activation
from tests.support.authority_people import candidate
from tests.support.authority_stage import PASSWORD, Stage
from tests.support.authority_steps import credentials
from tests.support.contacts import captcha, last_code, new_mail, new_phone, reach
from tests.support.institution_people import new_user_name
from tests.support.live import Client
from tests.support.people import resident
from tests.support.public_register import captcha as public_captcha
from tests.support.world import Person
from workflow import code
from workflow.activation_code import ActivationIssueCode, issue_code
from workflow.contact import change

EVERYBODY: Final = "open to everybody"
OWN: Final = "on one's own account"
ON_THE_WAY: Final = "on the way to an active account, of whom the step is for"
NEW_PASSWORD: Final = "Green-harbour-4"


@dataclass(frozen=True)
class Ask:
    """One try: who makes it, the stage around her, and a client of nobody's to solve captchas with."""

    stage: Stage
    person: Person | None
    client: Client

    @property
    def account_id(self) -> UUID:
        """Her account."""
        assert self.person is not None
        return self.person.account_id


Input = Mapping[str, Any]
Probe = Callable[[Ask], Awaitable[Input]]


async def _nothing(ask: Ask) -> Input:
    return {}


async def _form(ask: Ask) -> Input:
    who = {"name": "张秀兰", "idNumber": resident(), "userName": new_user_name(), "password": NEW_PASSWORD}
    return {**who, "phone": new_phone(), "email": new_mail(), **await captcha(ask.client)}


async def _of_the_public(ask: Ask) -> Input:
    return {"certificateNumber": "2011", "name": "张秀兰", **await public_captcha(ask.client)}


async def _known_to_nobody(ask: Ask) -> Input:
    return {"name": new_user_name(), **await captcha(ask.client)}


async def _code_to_recover(ask: Ask) -> Input:
    """Somebody has had a code sent to the phone that she has proved."""
    nurse = await candidate(ask.stage)
    name = (await nurse.account())["user_name"]
    async with ask.stage.services.db.begin() as tx:
        await tx.ask_time()
        what = {"purpose": CodePurpose.RECOVERY, "template": Template.RECOVERY_CODE, "besides": {"userName": name}}
        await code.issue(tx, account_id=nurse.person.account_id, channel=Channel.SMS, to=nurse.phone, **what)  # type: ignore[arg-type]
    given = {"name": name, "newPassword": NEW_PASSWORD}
    return {**given, "code": await last_code(ask.stage.services.db, nurse.phone)}


async def _appeal(ask: Ask) -> Input:
    about = {"name": "张秀兰", "idNumber": resident(), "phone": new_phone(), "evidence": "工作单位：示范医院"}
    return {**about, **await captcha(ask.client)}


async def _invited(ask: Ask) -> tuple[Person, str, Input]:
    """Somebody who was invited, the phone reserved for her, and what she was sent."""
    world, cast = ask.stage.world, ask.stage.cast
    colleague = await world.person(Party.INSTITUTION, cast.hospital, Role.VIEWER, state="INVITED")
    phone = new_phone()
    await reach(world, colleague.account_id, Channel.SMS, phone, verified=False)
    until = "must_set_password = true, invited_until = now() + interval '1 day'"
    await world.owner.execute(f"update account set {until} where id = $1", colleague.account_id)
    return colleague, phone, await credentials(world, colleague)


async def _first_password(ask: Ask) -> Input:
    return (await _invited(ask))[2]


async def _first_code(ask: Ask) -> Input:
    colleague, phone, given = await _invited(ask)
    async with ask.stage.services.db.begin() as tx:
        await tx.ask_time()
        what = {"purpose": CodePurpose.FIRST_SIGN_IN, "template": Template.FIRST_SIGN_IN_CODE}
        await code.issue(tx, account_id=colleague.account_id, channel=Channel.SMS, to=phone, **what)  # type: ignore[arg-type]
    return {**given, "code": await last_code(ask.stage.services.db, phone), "newPassword": NEW_PASSWORD}


async def _phone_to_prove(ask: Ask) -> Input:
    await reach(ask.stage.world, ask.account_id, Channel.SMS, new_phone(), verified=False)
    return {"channel": "SMS"}


async def _proof(ask: Ask) -> Input:
    """A code has gone to the mail box on her account."""
    mail, account_id = new_mail(), ask.account_id
    await reach(ask.stage.world, account_id, Channel.MAIL, mail, verified=False)
    async with ask.stage.services.db.begin() as tx:
        await tx.ask_time()
        what = {"purpose": CodePurpose.CONFIRM_CONTACT, "template": Template.CONTACT_CODE}
        await code.issue(tx, account_id=account_id, channel=Channel.MAIL, to=mail, **what)  # type: ignore[arg-type]
    return {"channel": "MAIL", "code": await last_code(ask.stage.services.db, mail)}


async def _new_contact(ask: Ask) -> Input:
    await _unreachable(ask)
    return {"channel": "SMS", "to": new_phone()}


async def _new_contact_proved(ask: Ask) -> Input:
    await _unreachable(ask)
    assert ask.person is not None
    mail = new_mail()
    await change(ask.stage.services.db, ask.person.session, Channel.MAIL, mail)
    return {"channel": "MAIL", "to": mail, "newCode": await last_code(ask.stage.services.db, mail)}


async def _unreachable(ask: Ask) -> None:
    """Nothing proved, and no code sent in the last minute."""
    owner, key = ask.stage.world.owner, ask.account_id
    await owner.execute("update account set phone_verified_at = null, email_verified_at = null where id = $1", key)
    await owner.execute("delete from code where account_id = $1", key)


async def _passwords(ask: Ask) -> Input:
    assert ask.person is not None
    await credentials(ask.stage.world, ask.person)
    return {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}


async def _correct_self(ask: Ask) -> Input:
    return {"name": "张秀芳", "idNumber": resident()}


async def _own_certificate(ask: Ask) -> Input:
    nurse_id = ask.person and ask.person.actor.nurse_id
    sql = "select certificate_number from registration where nurse_id = $1"
    number = nurse_id and await ask.stage.world.owner.fetchval(sql, nurse_id)
    return {"certificateNumber": number or "none"}


async def _own_exam(ask: Ask) -> Input:
    number = activation.id_number()
    columns = {"document_type": "RESIDENT_ID", **activation.sealed_number(ask.stage.world.keyring, number)}
    if ask.person is not None and not ask.person.actor.active:
        settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
        sql = f"update account set {settings} where id = $1"
        await ask.stage.world.owner.execute(sql, ask.account_id, *columns.values())
    return {"examCertificateNumber": await activation.exam(ask.stage.world, number)}


async def _own_code(ask: Ask) -> Input:
    if ask.person is None or ask.person.actor.active:
        return {"code": "0000000000"}
    return {
        "code": await issue_code(
            ask.stage.services.db, ask.stage.cast.operator.session, ActivationIssueCode(ask.account_id)
        )
    }


PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (EVERYBODY, "captchaCreate"): _nothing,
    (EVERYBODY, "publicCaptchaCreate"): _nothing,
    (EVERYBODY, "publicLookUp"): _of_the_public,
    (EVERYBODY, "accountRegister"): _form,
    (EVERYBODY, "recoveryStart"): _known_to_nobody,
    (EVERYBODY, "recoveryFinish"): _code_to_recover,
    (EVERYBODY, "recoveryRequest"): _appeal,
    (EVERYBODY, "firstSignInSendCode"): _first_password,
    (EVERYBODY, "firstSignIn"): _first_code,
    (OWN, "contactSendCode"): _phone_to_prove,
    (OWN, "contactConfirm"): _proof,
    (OWN, "contactChange"): _new_contact,
    (OWN, "contactChangeConfirm"): _new_contact_proved,
    (OWN, "passwordChange"): _passwords,
    (ON_THE_WAY, "accountVerifyIdentity"): _nothing,
    (ON_THE_WAY, "accountCorrectIdentity"): _correct_self,
    (ON_THE_WAY, "accountDeclareMilitarySource"): _nothing,
    (ON_THE_WAY, "activationSubmitCertificate"): _own_certificate,
    (ON_THE_WAY, "activationSubmitExamCertificate"): _own_exam,
    (ON_THE_WAY, "activationActivate"): _own_code,
}
"""By the section of the table and the mutation."""
