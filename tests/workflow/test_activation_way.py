"""What a nurse is told that she can do on her way to an active account: each named step is taken, no other is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from db import activation as activations
from db.store.engine import Database
from rules.account import MOST_CORRECTIONS, AccountStep
from rules.activation import CERTIFICATE_TRIES
from rules.activation_way import message, steps
from rules.errors import Conflict, NotAllowed, RegistryError
from rules.kinds import Kind
from rules.verification import Channel
from tests.support.activation import CERTIFIED, VERIFIED, Candidate, candidate, change, id_number, sealed_number
from tests.support.activation_steps import issue, submit
from tests.support.kinds import forms
from tests.support.story import Clock
from tests.support.world import TODAY, Cast, World
from workflow import verification
from workflow.activation_code import activate
from workflow.contact import send_code
from workflow.draft import ApplicationCreateDraft
from workflow.filing import ApplicationSubmit
from workflow.step import take

pytestmark = pytest.mark.feature("N6", "N9", "N10", "X5")
S = AccountStep
REACHED: Final = {"contact_verified": True}
KNOWN: Final = {"identity_verified": True, "contact_verified": False}
FIVE: Final = {"corrections": MOST_CORRECTIONS}
SPENT: Final = {"certificate_tries": CERTIFICATE_TRIES}
TURN: Final = {
    *("STEP_NOT_OPEN", "STEP_DONE", "NO_CORRECTIONS_LEFT", "IDENTITY_VERIFIED", "CERTIFICATE_TRIES_SPENT"),
    *("ALREADY_VERIFIED", "ACCOUNT_INACTIVE", "NOT_ALLOWED", "NOT_FOUND", "APPLICATION_OPEN"),
}
"""Why a step is refused whose turn it is not."""
STATES: Final[dict[str, tuple[str | None, dict[str, Any]]]] = {
    "new": (None, {}),
    "new, five corrections": (None, FIVE),
    "unknown": ("NO_MATCH", {}),
    "unknown, five corrections": ("NO_MATCH", FIVE),
    "another name": ("NAME_MISMATCH", {}),
    "another name, five corrections": ("NAME_MISMATCH", FIVE),
    "of the military": ("MILITARY_SOURCE", {}),
    "of the military, reached": ("MILITARY_SOURCE", REACHED),
    "passed before 2008": ("PRE_2008", {}),
    "known": ("REGISTERED", KNOWN),
    "reached": ("REGISTERED", VERIFIED),
    "reached, tries spent": ("REGISTERED", {**VERIFIED, **SPENT}),
    "ended": ("DEREGISTERED", VERIFIED),
    "passed": ("EXAM_PASSED", VERIFIED),
    "passed, tries spent": ("EXAM_PASSED", {**VERIFIED, **SPENT}),
    "waits for the code": ("REGISTERED", CERTIFIED),
    "waits for the code, has filed": ("REGISTERED", CERTIFIED),
}
SAID: Final = {
    "new": "请先进行护士信息验证，验证前可更正姓名和证件号码。",
    "new, five corrections": "请先进行护士信息验证。更正次数已用完，填写有误的，请重新注册账户。",
    "reached, tries spent": "证书编号已输错五次，请联系执业机构或注册机关撤销账号后重新注册",
    "passed, tries spent": "证书编号已输错五次，请联系执业机构或注册机关撤销账号后重新注册",
}


async def stood(db: Database, world: World, cast: Cast, state: str) -> Candidate:
    """Somebody who has come so far."""
    outcome, columns = STATES[state]
    ended = {"status": "DEREGISTERED", "deregistration_reason": "EXPIRED", "institution": None}
    registration = ended if outcome == "DEREGISTERED" else {}
    nurse = await candidate(world, cast, outcome=outcome or "NO_MATCH", verified=columns, **registration)
    await change(nurse, identity_outcome=outcome)
    if outcome in {None, "NO_MATCH", "NAME_MISMATCH", "PRE_2008", "MILITARY_SOURCE"}:
        await change(nurse, nurse_id=None, document_type="RESIDENT_ID", **sealed_number(world.keyring, id_number()))
    if not columns.get("contact_verified"):
        await change(nurse, phone_verified_at=None)
    if state.endswith("has filed"):
        elsewhere = await world.institution(cast.district)
        draft = ApplicationCreateDraft(forms(TODAY)[Kind.CHANGE], elsewhere)
        key = await take(db, nurse.person.session, draft)
        await take(db, nurse.person.session, ApplicationSubmit(key, 1))
    return nurse


async def _activates(db: Database, nurse: Candidate) -> Any:
    number = "0000000000"
    if (await nurse.account())["certificate_verified"]:
        number = await issue(db, nurse.cast.operator, nurse)
    return await activate(db, nurse.person.session, number)


def _files(kind: Kind) -> Callable[[Database, Candidate], Awaitable[Any]]:
    return lambda db, nurse: take(db, nurse.person.session, ApplicationCreateDraft(forms(TODAY)[kind]))


async def _submits(db: Database, nurse: Candidate, *, exam: bool) -> Any:
    number = "20211100012345" if exam or nurse.nurse_id is None else await nurse.number()
    return await submit(db, nurse, number, exam=exam)


TAKEN: Final[dict[AccountStep, Callable[[Database, Candidate], Awaitable[Any]]]] = {
    S.VERIFY_IDENTITY: lambda db, one: verification.verify_identity(
        db, one.person.session, verification.AccountVerifyIdentity()
    ),
    S.CORRECT_IDENTITY: lambda db, one: take(
        db,
        one.person.session,
        verification.AccountCorrectIdentity("赵改之", verification.DocumentType.PASSPORT, "E12345678"),
    ),
    S.DECLARE_MILITARY_SOURCE: lambda db, one: take(
        db, one.person.session, verification.AccountDeclareMilitarySource()
    ),
    S.CONFIRM_CONTACT: lambda db, one: send_code(db, one.person.session, Channel.SMS),
    S.SUBMIT_CERTIFICATE: lambda db, one: _submits(db, one, exam=False),
    S.SUBMIT_EXAM_CERTIFICATE: lambda db, one: _submits(db, one, exam=True),
    S.ACTIVATE: _activates,
    S.FILE_CHANGE: _files(Kind.CHANGE),
    S.FILE_MILITARY_TRANSFER: _files(Kind.MILITARY_TRANSFER),
}


async def _why(db: Database, nurse: Candidate, step: AccountStep) -> str | None:
    try:
        await TAKEN[step](db, nurse)
    except (NotAllowed, Conflict) as refusal:
        return str(refusal.reason)
    except RegistryError as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("state", STATES)
async def test_each_step_that_is_named_is_taken_and_each_other_is_refused(
    timed: Database, clock: Clock, world: World, cast: Cast, state: str
) -> None:
    for step in AccountStep:
        nurse = await stood(timed, world, cast, state)
        async with timed.read() as reader:
            stand = await activations.stand(reader, nurse.person.actor)
        assert stand is not None
        why = await _why(timed, nurse, step)
        if step is S.CONFIRM_CONTACT and not stand.candidate.progress.contact_verified:
            assert why is None  # whenever she likes; named where it is the next step
        elif step in steps(stand):
            assert why in {None, "WRONG_CERTIFICATE"}, step
        else:
            assert why in TURN, step
        assert message(stand).zh == SAID.get(state, message(stand).zh)
        assert ("更正姓名" in message(stand).zh) <= (S.CORRECT_IDENTITY in steps(stand))


async def test_she_is_told_by_name_whom_she_asks_for_her_code(timed: Database, world: World, cast: Cast) -> None:
    hospital, district = [
        (await world.row(*one))["name"] for one in (("institution", cast.hospital), ("authority", cast.district))
    ]
    for institution, said in (
        (
            cast.hospital,
            f"请向所在医疗机构“{hospital}”申领激活码并填写；如已不在该机构执业，请申请变更执业注册，由新机构生成激活码。",
        ),
        (
            None,
            f"请向注册机关“{district}”申领激活码并填写；如已不在该机构执业，请申请变更执业注册，由新机构生成激活码。",
        ),
    ):
        nurse = await candidate(world, cast, verified=CERTIFIED, institution=institution)
        async with timed.read() as reader:
            stand = await activations.stand(reader, nurse.person.actor)
        assert stand is not None
        assert message(stand).zh == said
