"""Signing in and out, and the language one is answered in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from graph.schema.node import global_id
from rules.moment import SHANGHAI
from rules.people import Party, Role
from rules.session import FREE_TRIES, TRIES, WINDOW
from tests.support.authority_stage import PASSWORD
from tests.support.contacts import captcha
from tests.support.live import Client, Live
from tests.support.signing_in import SIGN_IN, WHO, WRONG, name_of, sign_in
from tests.support.world import Cast, Person, World

SIGN_OUT = "mutation { signOut { __typename ... on SignOutPayload { signedOut } } }"


async def sign_in_answering(client: Client, user_name: str, password: str = PASSWORD, address: str = "") -> Any:
    """What signIn answers to somebody who gives a captcha every time."""
    given = {"userName": user_name, "password": password, **await captcha(client)}
    came = {"X-Forwarded-For": address} if address else {}
    return (await client.post(SIGN_IN, {"input": given}, **came)).json()["data"]["signIn"]


async def sessions(world: World, person: Person) -> int:
    """How many sessions an account has."""
    found: int = await world.owner.fetchval("select count(*) from session where account_id = $1", person.account_id)
    return found


def with_token(live: Live, token: str) -> Client:
    """Somebody who holds this token."""
    client = live.as_(None)
    client.token = token
    return client


@pytest.mark.feature("N4")
@pytest.mark.feature("I3")
async def test_the_right_password_opens_a_session_that_works(live: Live, world: World, cast: Cast) -> None:
    user_name = await name_of(world, cast.operator)
    answer = await sign_in(live.as_(None), user_name.upper())
    assert answer["viewer"] == {"displayName": cast.operator.actor.name, "active": True}
    assert await with_token(live, answer["token"]).ask(WHO) == {"viewer": {"displayName": cast.operator.actor.name}}
    left = datetime.fromisoformat(answer["expiresAt"]) - datetime.now(SHANGHAI)
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)
    assert answer["expiresAt"].endswith("+08:00")


async def test_no_token_is_kept_in_the_database(live: Live, world: World, cast: Cast) -> None:
    answer = await sign_in(live.as_(None), await name_of(world, cast.operator))
    rows = await world.owner.fetch("select * from session where account_id = $1", cast.operator.account_id)
    assert not [row for row in rows if answer["token"] in str(dict(row))]


async def test_a_wrong_password_and_an_unknown_user_name_get_the_same_answer(
    live: Live, world: World, cast: Cast
) -> None:
    user_name = await name_of(world, cast.operator)
    assert await sign_in(live.as_(None), user_name, "Wrong-horse-9") == WRONG
    assert await sign_in(live.as_(None), "nobody0000") == WRONG
    assert await sign_in(live.as_(None), "") == WRONG
    assert await sign_in(live.as_(None), "护" * 5000, "x" * 5000) == WRONG
    assert await sessions(world, cast.operator) == 1


@pytest.mark.feature("I3")
@pytest.mark.parametrize(
    ("state", "code"),
    [("REVOKED", "ACCOUNT_REVOKED"), ("DISABLED", "ACCOUNT_DISABLED"), ("INVITED", "WRONG_CREDENTIALS")],
)
async def test_an_account_that_is_shut_is_told_to_whoever_has_its_password_and_to_nobody_else(
    live: Live, world: World, cast: Cast, state: str, code: str
) -> None:
    user_name = await name_of(world, cast.operator, state=state)
    assert (await sign_in(live.as_(None), user_name))["code"] == code
    assert await sign_in(live.as_(None), user_name, "Wrong-horse-9") == WRONG
    assert await sessions(world, cast.operator) == 1


async def test_the_people_of_a_closed_institution_are_out(live: Live, world: World, cast: Cast) -> None:
    user_name = await name_of(world, cast.operator)
    await world.owner.execute("update institution set state = 'CLOSED' where id = $1", cast.hospital)
    assert await sign_in(live.as_(None), user_name) == WRONG
    assert await live.as_(cast.operator).refused(WHO) == ["UNAUTHENTICATED"]


async def test_a_nurse_who_is_not_activated_signs_in_and_sees_that(live: Live, world: World, cast: Cast) -> None:
    nurse_id = await world.nurse(cast.hospital, cast.district)
    inactive = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    answer = await sign_in(live.as_(None), await name_of(world, inactive))
    assert answer["viewer"] == {"displayName": inactive.actor.name, "active": False}
    her = with_token(live, answer["token"])
    assert await her.ask("{ events { hasMore nodes { id } } }") == {"events": {"hasMore": False, "nodes": []}}


async def test_whoever_guesses_is_stopped_and_the_owner_is_not_kept_out(live: Live, world: World, cast: Cast) -> None:
    """Ten wrong passwords in 15 minutes kept her out, though hers was right."""
    user_name, client, here = await name_of(world, cast.operator), live.as_(None), "198.51.100.23"
    for _ in range(2 * TRIES):  # those of all, and then those of this address
        assert await sign_in_answering(client, user_name, "Wrong-horse-9", here) == WRONG
    refused = await sign_in_answering(client, user_name, address=here)
    assert (refused["__typename"], refused["code"]) == ("RateLimitedProblem", "RATE_LIMITED")
    assert 0 < refused["retryAfter"] <= WINDOW.total_seconds()
    assert await sessions(world, cast.operator) == 1
    without = await sign_in(client, user_name)
    assert (without["__typename"], without["code"]) == ("NotAllowedProblem", "CAPTCHA_REQUIRED")
    answer = await sign_in_answering(client, user_name, address="198.51.100.24")
    assert answer["__typename"] == "SignInPayload"
    assert (await sign_in(client, await name_of(world, cast.manager)))["__typename"] == "SignInPayload"


async def test_an_invented_captcha_counts_nothing_against_the_owner(live: Live, world: World, cast: Cast) -> None:
    user_name, client = await name_of(world, cast.operator), live.as_(None)
    for _ in range(FREE_TRIES):
        assert await sign_in(client, user_name, "Wrong-horse-9") == WRONG
    invented = {"captchaId": global_id("Captcha", uuid4()), "captchaAnswer": "8"}
    given = {"userName": user_name, "password": "Wrong-horse-9", **invented}
    for _ in range(TRIES):
        assert (await client.ask(SIGN_IN, input=given))["signIn"]["code"] == "VALIDATION"
    subject = world.keyring.blind_index(user_name.lower(), "sign-in")
    counted = await world.owner.fetchval("select count(*) from attempt where subject = $1", subject)
    assert counted == FREE_TRIES
    assert (await sign_in_answering(client, user_name))["__typename"] == "SignInPayload"


async def test_a_right_password_counts_nothing_against_its_address(live: Live, world: World, cast: Cast) -> None:
    """A hospital of 3,000 signs in from one address within an hour."""
    user_name, client, address = await name_of(world, cast.operator), live.as_(None), "198.51.100.25"
    subject = world.keyring.blind_index(f"signIn:{address}", "address")
    given = {"input": {"userName": user_name, "password": PASSWORD}}
    for password, counted in ((PASSWORD, 0), ("Wrong-horse-9", 1), (PASSWORD, 1)):
        given["input"]["password"] = password
        await client.post(SIGN_IN, given, **{"X-Forwarded-For": address})
        found = await world.owner.fetchval("select count(*) from attempt where subject = $1", subject)
        assert found == counted


async def test_the_wait_ends_with_the_window(live: Live, world: World, cast: Cast) -> None:
    """Throttled until, never locked: the tries grow old."""
    user_name, client = await name_of(world, cast.operator), live.as_(None)
    for _ in range(TRIES + 1):
        await sign_in_answering(client, user_name, "Wrong-horse-9")
    subject = world.keyring.blind_index(user_name.lower(), "sign-in")
    aged = await world.owner.execute("update attempt set at = at - $2::interval where subject = $1", subject, WINDOW)
    assert aged == f"UPDATE {TRIES}"
    assert (await sign_in(client, user_name))["__typename"] == "SignInPayload"


async def test_a_success_clears_the_count(live: Live, world: World, cast: Cast) -> None:
    user_name, client = await name_of(world, cast.operator), live.as_(None)
    for _ in range(2):
        for _ in range(TRIES - 1):
            assert await sign_in_answering(client, user_name, "Wrong-horse-9") == WRONG
        assert (await sign_in_answering(client, user_name))["__typename"] == "SignInPayload"


async def test_one_password_a_document(live: Live, world: World, cast: Cast) -> None:
    one = (
        f'signIn(input: {{userName: "{await name_of(world, cast.operator)}", password: "{PASSWORD}"}}) {{ __typename }}'
    )
    assert await live.as_(None).refused(f"mutation {{ a: {one} b: {one} }}") == ["QUERY_TOO_COMPLEX"]
    assert await sessions(world, cast.operator) == 1


async def test_signing_out_ends_this_session_at_once_and_no_other(live: Live, world: World, cast: Cast) -> None:
    answer = await sign_in(live.as_(None), await name_of(world, cast.operator))
    client = with_token(live, answer["token"])
    assert await client.ask(WHO) == {"viewer": {"displayName": cast.operator.actor.name}}
    assert await client.ask(SIGN_OUT) == {"signOut": {"__typename": "SignOutPayload", "signedOut": True}}
    for document in (WHO, SIGN_OUT):
        response = await client.post(document)
        assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="hushi"')
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["UNAUTHENTICATED"]
    assert await live.as_(cast.operator).ask(WHO) == {"viewer": {"displayName": cast.operator.actor.name}}


async def test_a_session_that_has_run_out_is_none(live: Live, world: World, cast: Cast) -> None:
    past = "update session set expires_at = now() where account_id = $1"
    await world.owner.execute(past, cast.operator.account_id)
    assert await live.as_(cast.operator).refused(WHO) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "用户名或密码不正确"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "用户名或密码不正确"),
        ("en-GB", "The user name or the password is wrong."),
        ("zh;q=0.1, en;q=0.9", "The user name or the password is wrong."),
        ("fr", "用户名或密码不正确"),
    ],
)
async def test_problems_speak_the_language_that_was_asked_for(live: Live, header: str, message: str) -> None:
    given = {"input": {"userName": "nobody0001", "password": "x"}}
    # Nobody is told apart by a throttle that another test has filled.
    given["input"]["userName"] += str(len(header))
    response = await live.as_(None).post(SIGN_IN, given, **{"Accept-Language": header})
    assert response.json()["data"]["signIn"]["message"] == message


async def test_errors_speak_the_language_that_was_asked_for(live: Live, cast: Cast) -> None:
    async def refusal(query: str, language: str) -> Any:
        (error,) = (await live.as_(cast.operator).post(query, {}, **{"Accept-Language": language})).json()["errors"]
        return error["message"], [field["message"] for field in error["extensions"]["fields"]]

    query = "{ events(first: 101) { cursor } }"
    assert await refusal(query, "zh") == ("填报内容不符合要求", ["每页最多100条，本次为101"])
    assert await refusal(query, "en") == (
        "The input does not meet the requirements.",
        ["A page holds 0 to 100 rows, not 101."],
    )
