"""From three documents on a counter to a hospital that works, through HTTP; its people, its authority, its nurses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.people import Party, Role
from tests.support.filed_applications import put
from tests.support.institution_people import new_name, new_phone, new_user_name, sent_to, supervisor
from tests.support.key_facts import EVIDENCE, Place, new_number
from tests.support.live import Client, Live
from tests.support.mutation_by_name import do
from tests.support.people import form, known, resident
from tests.support.world import Cast, World, new_code

PASSWORD = "a-fresh-horse-7"


def papers(**changes: Any) -> dict[str, Any]:
    """What an officer types from an institution's documents."""
    values = {
        "code": new_code(),
        "name": new_name(),
        "division": "110102",
        "responsibleName": "李主任",
        "responsiblePhone": new_phone(),
        "responsibleIdNumber": resident(),
        "documentsSeen": ["LICENCE", "AUTHORIZATION", "DELEGATE_ID"],
    }
    return {**values, **changes}


async def first_sign_in(live: Live, services: Services, phone: str) -> Client:
    """Somebody who was sent her first password, signed in."""
    client = live.as_(None)
    letter = next(values for _, values in await sent_to(services.db, phone) if "password" in values)
    given = {"userName": letter["userName"], "password": letter["password"]}
    refused = await do(client, "signIn", "token", **given)
    assert refused["code"] == "FIRST_SIGN_IN"
    sent = await do(client, "firstSignInSendCode", "phoneMasked", **given)
    assert sent == {"__typename": "FirstSignInSendCodePayload", "phoneMasked": f"139****{phone[-4:]}"}
    code = next(values["code"] for _, values in await sent_to(services.db, phone) if "code" in values)
    done = await do(client, "firstSignIn", "token viewer { roles }", **given, code=code, newPassword=PASSWORD)
    assert done["__typename"] == "FirstSignInPayload"
    again = await do(client, "signIn", "viewer { active }", userName=letter["userName"], password=PASSWORD)
    assert again == {"__typename": "SignInPayload", "viewer": {"active": True}}
    client.token = done["token"]
    return client


@pytest.mark.feature("I1")
@pytest.mark.feature("I3")
@pytest.mark.feature("A1")
async def test_a_hospital_from_its_documents_to_its_second_operator(live: Live, services: Services, cast: Cast) -> None:
    given = papers(approvalSettings=[{"kind": "RENEWAL", "authority": global_id("Authority", cast.district)}])
    made = await do(live.as_(cast.reviewer), "institutionCreate", "institution { id name state }", **given)
    assert (made["institution"]["name"], made["institution"]["state"]) == (given["name"], "PENDING")
    manager = await first_sign_in(live, services, given["responsiblePhone"])
    own = await manager.ask("{ viewer { displayName roles institution { name state } } }")
    assert own["viewer"] == {
        "displayName": "李主任",
        "roles": ["MANAGER"],
        "institution": {"name": given["name"], "state": "ACTIVE"},
    }
    phone, name = new_phone(), new_user_name()
    invitation = {"roles": ["OPERATOR"], "displayName": "赵经办", "userName": name, "phone": phone}
    invitation["idNumber"] = resident()
    invited = await do(manager, "staffInvite", "account { id state roles userName }", **invitation)
    assert (invited["account"]["state"], invited["account"]["userName"]) == ("INVITED", name)
    operator = await first_sign_in(live, services, phone)
    listed = await manager.ask("{ staff(first: 10) { totalCount nodes { userName state roles } } }")
    assert listed["staff"]["totalCount"] == 2
    assert {"userName": name, "state": "ACTIVE", "roles": ["OPERATOR"]} in listed["staff"]["nodes"]
    key = invited["account"]["id"]
    assert (await do(operator, "staffDisable", "account { id }", id=key))["__typename"] == "NotAllowedProblem"
    disabled = await do(manager, "staffDisable", "account { state }", id=key)
    assert disabled["account"] == {"state": "DISABLED"}
    services.sessions._kept.clear()
    assert await operator.refused("{ viewer { displayName } }") == ["UNAUTHENTICATED"]
    assert (await do(manager, "staffEnable", "account { state }", id=key))["account"] == {"state": "ACTIVE"}
    roles = await do(manager, "staffSetRoles", "account { roles }", id=key, roles=["VIEWER"])
    assert roles["account"] == {"roles": ["VIEWER"]}


async def test_an_operator_invited_by_her_number_does_not_forward_her_own_renewal(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    """F5: 冯莹馨 was invited, signed in, and forwarded what she had filed as a nurse."""
    her, phone = form(), new_phone()
    nurse_id = await known(world, cast, her)
    invitation = {"roles": ["OPERATOR"], "displayName": her.name, "userName": new_user_name(), "phone": phone}
    invited = await do(
        live.as_(cast.manager), "staffInvite", "account { identityKnown }", **invitation, idNumber=her.id_number
    )
    assert invited["account"] == {"identityKnown": True}
    operator = await first_sign_in(live, services, phone)
    key = await put(world, replace(cast, nurse_id=nurse_id), State.INSTITUTION_REVIEW)
    before = await world.row("application", key)
    step = {"id": global_id("Application", key), "expectedVersion": before["version"]}
    for name, more in (("Forward", {}), ("Decline", {"reasons": ["LEAVING"]}), ("Take", {})):
        answer = await do(operator, f"application{name}", "application { state }", **step, **more)
        assert (answer["__typename"], answer["code"]) == ("NotAllowedProblem", "ABOUT_YOURSELF")
    assert await world.row("application", key) == before


async def test_what_is_wrong_with_the_papers_is_said_by_field(live: Live, cast: Cast) -> None:
    answer = await do(live.as_(cast.reviewer), "institutionCreate", "institution { id }", **papers(documentsSeen=[]))
    assert (answer["__typename"], answer["fields"]) == (
        "ValidationProblem",
        [{"path": "documentsSeen", "code": "DOCUMENTS_MISSING"}],
    )
    assert await live.as_(None).refused(
        'mutation { institutionClose(input: {id: "x", reason: "x"}) { __typename } }'
    ) == ["UNAUTHENTICATED"]


@pytest.mark.feature("A7")
async def test_an_institution_is_named_suspended_opened_and_closed(live: Live, world: World, cast: Cast) -> None:
    officer, key = live.as_(await supervisor(world, cast)), global_id("Institution", cast.hospital)
    name = new_name()
    named = await do(live.as_(cast.reviewer), "institutionSetName", "institution { name }", id=key, name=name)
    assert named["institution"] == {"name": name}
    for step, state in (
        ("institutionSuspend", "SUSPENDED"),
        ("institutionReopen", "ACTIVE"),
        ("institutionClose", "CLOSED"),
    ):
        answer = await do(officer, step, "institution { state }", id=key, reason="年度校验")
        assert answer["institution"] == {"state": state}
    after = await do(officer, "institutionReopen", "institution { state }", id=key, reason="误操作")
    assert (after["__typename"], after["code"]) == ("NotAllowedProblem", "INSTITUTION_CLOSED")


@pytest.mark.feature("A9")
async def test_the_tree_of_authorities_is_walked_page_by_page(live: Live, world: World, cast: Cast) -> None:
    for _ in range(2):
        await world.authority(cast.nation)
    query = """query($parent: ID, $after: String) { authorities(parent: $parent, first: 2, after: $after) {
      nodes { id level parent { id } } totalCount pageInfo { endCursor hasNextPage } } }"""
    client, parent = live.as_(cast.reviewer), global_id("Authority", cast.nation)
    first = (await client.ask(query, parent=parent))["authorities"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    rest = (await client.ask(query, parent=parent, after=first["pageInfo"]["endCursor"]))["authorities"]
    found = [node["id"] for node in (*first["nodes"], *rest["nodes"])]
    assert (len(set(found)), rest["pageInfo"]["hasNextPage"]) == (3, False)
    assert {node["parent"]["id"] for node in first["nodes"]} == {parent}
    roots = (await client.ask("{ authorities(first: 100) { nodes { level } } }"))["authorities"]["nodes"]
    assert {node["level"] for node in roots} == {"NATION"}
    inactive = await world.person(Party.NURSE, None, Role.NURSE, state="INACTIVE")
    for person in (cast.nurse, inactive):
        assert (await live.as_(person).ask(query, parent=parent))["authorities"] == first
    assert await live.as_(None).refused(query) == ["UNAUTHENTICATED"]


@pytest.mark.feature("A5")
async def test_a_key_fact_is_asked_for_and_put_right(live: Live, place: Place) -> None:
    cast = place.cast
    asked = await do(live.as_(cast.nurse), "keyFactRequest", "requestId", name="王红", evidence=EVIDENCE)
    desk = "{ keyFactRequests { pageInfo { hasNextPage } nodes { id state newName evidence nurse { name } } } }"
    answer = (await live.as_(place.admin).ask(desk))["keyFactRequests"]
    assert answer == {
        "pageInfo": {"hasNextPage": False},
        "nodes": [
            {
                "id": asked["requestId"],
                "state": "PENDING",
                "newName": "王红",
                "evidence": EVIDENCE,
                "nurse": {"name": "王护士"},
            }
        ],
    }
    assert await live.as_(cast.reviewer).refused(desk) == ["NOT_ALLOWED"]
    done = await do(live.as_(place.admin), "keyFactApprove", "requestId", id=asked["requestId"], name="王红")
    assert done == {"__typename": "KeyFactApprovePayload", "requestId": asked["requestId"]}
    assert await live.as_(cast.nurse).ask("{ viewer { nurse { name } } }") == {"viewer": {"nurse": {"name": "王红"}}}


async def test_one_first_sign_in_a_document(live: Live) -> None:
    one = 'firstSignInSendCode(input: {userName: "nobody01", password: "x"}) { __typename }'
    assert await live.as_(None).refused(f"mutation {{ a: {one} b: {one} }}") == ["QUERY_TOO_COMPLEX"]


async def test_contacts_are_reset_at_the_desk(live: Live, world: World, cast: Cast) -> None:
    key = global_id("Account", cast.nurse.account_id)
    answer = await do(live.as_(cast.manager), "accountResetContacts", "accountId", id=key, identitySeen=True)
    assert answer == {"__typename": "AccountResetContactsPayload", "accountId": key}
    stranger = await world.person(Party.INSTITUTION, await world.institution(cast.district), Role.MANAGER)
    answer = await do(live.as_(stranger), "accountResetContacts", "accountId", id=key, identitySeen=True)
    assert answer["__typename"] == "NotFoundProblem"


@pytest.mark.feature("A6")
async def test_who_passed_before_2008_is_registered_by_the_province(live: Live, place: Place) -> None:
    given = {
        "name": "陈早年",
        "idNumber": new_number(),
        "ethnicity": "汉族",
        "healthStatus": "GOOD",
        "education": "SECONDARY_VOCATIONAL",
        "degree": "NONE",
        "examPassedOn": "2007-06-01",
        **{"trainingInstitution": "示范医院", "trainedFrom": "2026-01-01", "trainedUntil": "2026-04-01"},
        "certificateNumber": new_code(),
        "institution": global_id("Institution", place.cast.hospital),
        "evidence": EVIDENCE,
    }
    shown = "nurse { name registration { standing mayPractise history(first: 1) { reason } } }"
    made = await do(live.as_(place.admin), "nurseRegisterDirect", shown, **given)
    assert made["nurse"] == {
        "name": "陈早年",
        "registration": {
            "standing": "VALID",
            "mayPractise": True,
            "history": [{"reason": f"{EVIDENCE}\n临床护理培训：示范医院，2026-01-01至2026-04-01"}],
        },
    }
    again = await do(live.as_(place.admin), "nurseRegisterDirect", shown, **given)
    assert (again["__typename"], again["code"]) == ("ConflictProblem", "ALREADY_ON_REGISTER")
    other = await do(live.as_(place.cast.reviewer), "nurseRegisterDirect", shown, **given)
    assert (other["__typename"], other["code"]) == ("NotAllowedProblem", "NOT_ALLOWED")
