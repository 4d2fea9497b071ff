"""From nothing to an active account, by each of the four ways, as front ends do it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import pytest

from graph.schema.node import global_id
from tests.support.activation import exam, id_number, sealed_number
from tests.support.live import Live
from tests.support.newcomer import MUTATION, WHERE, Newcomer
from tests.support.world import TODAY, Cast, World


async def on_record(world: World, cast: Cast, number: str, **registration: Any) -> str:
    """The nurse of an ID number on the register; her certificate number."""
    entry = {"institution": cast.hospital, "authority": cast.district, **registration}
    nurse_id = await world.nurse(**entry)
    columns = sealed_number(world.keyring, number)
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    await world.owner.execute(f"update nurse set {settings} where id = $1", nurse_id, *columns.values())
    found: str = (await world.row("registration", nurse_id, "nurse_id"))["certificate_number"]
    return found


CODES: Final = '{ activationCodes(name: "王护士") { nodes { accountId codeState activated activatedAt } } }'
ISSUER: Final = "{ activationIssuer { institution { name } } }"


@pytest.mark.feature("N1", "N5", "N7", "N9", "N10", "I7")
async def test_a_registered_nurse_gets_the_code_of_her_institution_and_files_at_once(
    live: Live, world: World, cast: Cast
) -> None:
    number = id_number()
    certificate = await on_record(world, cast, number)
    nurse = await Newcomer.registered(live, world, "王护士", number)
    assert await nurse.stands() == (None, ["VERIFY_IDENTITY", "CORRECT_IDENTITY"])
    await nurse.does("accountVerifyIdentity")
    assert await nurse.stands() == ("REGISTERED", ["CONFIRM_CONTACT"])
    early = await nurse.does("activationSubmitCertificate", certificateNumber=certificate)
    assert early["code"] == "STEP_NOT_OPEN"
    await nurse.confirms_her_phone()
    assert await nurse.stands() == ("REGISTERED", ["SUBMIT_CERTIFICATE"])
    await nurse.does("activationSubmitCertificate", certificateNumber=certificate)
    assert await nurse.stands() == ("REGISTERED", ["ACTIVATE", "FILE_CHANGE"])
    hospital = (await world.row("institution", cast.hospital))["name"]
    assert await nurse.client.ask(ISSUER) == {"activationIssuer": {"institution": {"name": hospital}}}
    code = await issued_to(live, cast, nurse)
    assert (await nurse.does("activationActivate", code="0000000000"))["code"] == "WRONG_CODE"
    assert (await nurse.does("activationActivate", code=code))["__typename"] == "ActivationPayload"
    await nurse.is_active()
    draft = {"healthStatus": "GOOD", "healthExaminedOn": str(TODAY - timedelta(days=10)), "title": "NURSE"}
    filed = await nurse.does("applicationCreateDraft", form={"renewal": {**draft, "department": "WARD"}})
    assert filed["__typename"] == "ApplicationCreateDraftPayload"


async def issued_to(live: Live, cast: Cast, nurse: Newcomer) -> str:
    """The operator finds her in the list and hands the code on; it came to her phone as well."""
    operator = live.as_(cast.operator)
    waiting = (await operator.ask(CODES))["activationCodes"]["nodes"]
    (row,) = [one for one in waiting if not one["activated"]]
    assert row["codeState"] == "NONE"
    shown = "... on ActivationIssueCodePayload { plainCode } "
    document = MUTATION % ("ActivationIssueCode", "activationIssueCode", shown)
    answer = (await operator.ask(document, input={"accountId": row["accountId"]}))["done"]
    (message,) = await nurse.sent("ACTIVATION_CODE")
    assert message["code"] == answer["plainCode"]
    return message["code"]


@pytest.mark.feature("N9b", "X3")
async def test_who_was_never_registered_is_active_by_her_latest_exam_certificate(live: Live, world: World) -> None:
    number = id_number()
    older = await exam(world, number, year=2022)
    latest = await exam(world, number, year=2024, passed_on=date(2024, 5, 18))
    nurse = await Newcomer.registered(live, world, "李新护", number)
    await nurse.does("accountVerifyIdentity")
    await nurse.confirms_her_phone()
    assert await nurse.stands() == ("EXAM_PASSED", ["SUBMIT_EXAM_CERTIFICATE"])
    refused = await nurse.does("activationSubmitExamCertificate", examCertificateNumber=older)
    assert refused["code"] == "WRONG_CERTIFICATE"
    done = await nurse.does("activationSubmitExamCertificate", examCertificateNumber=latest)
    assert done["__typename"] == "ActivationPayload"
    await nurse.is_active()


@pytest.mark.feature("N9c", "X3")
async def test_who_was_deregistered_is_active_by_her_certificate_number(live: Live, world: World, cast: Cast) -> None:
    number = id_number()
    ended = {"status": "DEREGISTERED", "deregistration_reason": "EXPIRED", "institution": None}
    certificate = await on_record(world, cast, number, **ended)
    nurse = await Newcomer.registered(live, world, "王护士", number)
    await nurse.does("accountVerifyIdentity")
    await nurse.confirms_her_phone()
    assert await nurse.stands() == ("DEREGISTERED", ["SUBMIT_CERTIFICATE"])
    done = await nurse.does("activationSubmitCertificate", certificateNumber=certificate)
    assert done["__typename"] == "ActivationPayload"
    await nurse.is_active()


@pytest.mark.feature("N6", "N17")
async def test_to_who_comes_from_the_military_only_that_application_is_open(live: Live, world: World) -> None:
    nurse = await Newcomer.registered(live, world, "赵军护", id_number())
    await nurse.does("accountVerifyIdentity")
    assert (await nurse.stands())[0] == "NO_MATCH"
    await nurse.does("accountDeclareMilitarySource")
    await nurse.confirms_her_phone()
    assert await nurse.stands() == ("MILITARY_SOURCE", ["FILE_MILITARY_TRANSFER", "CORRECT_IDENTITY"])
    for mutation, given in (
        ("activationSubmitCertificate", {"certificateNumber": "1"}),
        ("activationSubmitExamCertificate", {"examCertificateNumber": "1"}),
        ("activationActivate", {"code": "1"}),
    ):
        assert (await nurse.does(mutation, **given))["code"] == "STEP_NOT_OPEN"
    assert (await nurse.client.ask(WHERE))["viewer"]["active"] is False


@pytest.mark.feature("I8")
async def test_a_nurse_of_another_hospital_is_revoked_and_registers_again(live: Live, world: World, cast: Cast) -> None:
    number = id_number()
    certificate = await on_record(world, cast, number)
    nurse = await Newcomer.registered(live, world, "王护士", number)
    await nurse.does("accountVerifyIdentity")
    await nurse.confirms_her_phone()
    sql = "select id from account where phone_index = $1"
    key = await world.owner.fetchval(sql, world.keyring.blind_index(nurse.phone, "phone"))
    document = MUTATION % ("AccountRevoke", "accountRevoke", "")
    given = {"accountId": global_id("Account", key), "reason": "信息登记有误"}
    answer = await live.as_(cast.manager).ask(document, input=given)
    assert answer["done"]["__typename"] == "AccountRevokePayload"
    assert await nurse.client.refused("mutation { signOut { __typename } }") == ["UNAUTHENTICATED"]
    assert await nurse.sent("ACCOUNT_REVOKED") == [{"reason": "信息登记有误"}]
    again = await Newcomer.registered(live, world, "王护士", number)
    await again.does("accountVerifyIdentity")
    await again.confirms_her_phone()
    await again.does("activationSubmitCertificate", certificateNumber=certificate)
    assert await again.stands() == ("REGISTERED", ["ACTIVATE", "FILE_CHANGE"])
