"""Activating accounts, as front ends ask for it."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from graph.schema.node import global_id
from tests.support.activation import CERTIFIED, candidate
from tests.support.activation_requests import ACTIVATE, CERTIFICATE, account_id, issue
from tests.support.live import Live
from tests.support.world import Cast, World

CODES = """query($name: String, $first: Int, $after: String) {
  activationCodes(name: $name, first: $first, after: $after) { pageInfo { hasNextPage endCursor } edges { cursor }
  nodes { accountId name idNumberMasked registeredAt codeState activated certificateVerified
    issuedAt expiresAt activatedAt } } }"""
REVOKE = """mutation($input: AccountRevokeInput!) { accountRevoke(input: $input) { __typename
  ... on AccountRevokePayload { accountId } ... on Problem { code message } } }"""
ISSUER = "{ activationIssuer { institution { name } authority { name } codeExpiresAt triesLeft } }"


async def nodes(live: Live, by: Any, **arguments: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await live.as_(by).ask(CODES, **arguments))["activationCodes"]["nodes"]
    return found


@pytest.mark.feature("I7")
async def test_the_list_follows_a_code_from_nothing_to_used(live: Live, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)

    async def row() -> dict[str, Any]:
        return next(one for one in await nodes(live, cast.viewer) if one["accountId"] == account_id(nurse))

    fresh = await row()
    assert (fresh["name"], fresh["idNumberMasked"][3:14]) == ("王护士", "*" * 11)
    assert (fresh["codeState"], fresh["activated"], fresh["certificateVerified"]) == ("NONE", False, True)
    assert (fresh["issuedAt"], fresh["expiresAt"], fresh["activatedAt"]) == (None, None, None)
    answer = await issue(live, cast.operator, nurse)
    assert answer["activationCode"] == {"name": "王护士", "codeState": "ISSUED"}
    assert answer["query"] == {"viewer": {"displayName": cast.operator.actor.name}}
    assert (await row())["codeState"] == "ISSUED"
    done = (await live.as_(nurse.person).ask(ACTIVATE, input={"code": answer["plainCode"]}))["activationActivate"]
    assert done == {"__typename": "ActivationPayload", "viewer": {"active": True, "nurse": {"name": "王护士"}}}
    used = await row()
    assert (used["codeState"], used["activated"], used["activatedAt"] is None) == ("USED", True, False)


async def test_a_code_that_is_void_or_spent_shows_as_expired(live: Live, world: World, cast: Cast) -> None:
    elsewhere = await world.cast()
    moved = f"institution_id = '{elsewhere.hospital}'"
    for sql in ("expires_at = now()", "voided_at = now()", "tries = 5", moved):
        nurse = await candidate(world, cast, verified=CERTIFIED)
        await issue(live, cast.operator, nurse)
        await world.owner.execute(f"update activation_code set {sql} where account_id = $1", nurse.person.account_id)
        (row,) = [one for one in await nodes(live, cast.viewer) if one["accountId"] == account_id(nurse)]
        assert row["codeState"] == "EXPIRED"


@pytest.mark.feature("I7")
async def test_the_list_is_searched_by_the_beginning_of_a_name_and_paged(live: Live, world: World, cast: Cast) -> None:
    made = [await candidate(world, cast) for _ in range(3)]
    for nurse, name in zip(made, ("欧阳一", "欧阳二", "李三"), strict=True):
        await world.rename(nurse.nurse_id, name)
    assert [one["name"] for one in await nodes(live, cast.operator, name="欧阳")] == ["欧阳二", "欧阳一"]
    assert await nodes(live, cast.operator, name="阳") == []
    first = (await live.as_(cast.operator).ask(CODES, name="欧阳", first=1))["activationCodes"]
    after = first["pageInfo"]["endCursor"]
    assert (first["pageInfo"]["hasNextPage"], first["edges"]) == (True, [{"cursor": after}])
    second = (await live.as_(cast.operator).ask(CODES, name="欧阳", first=1, after=after))["activationCodes"]
    assert ([one["name"] for one in second["nodes"]], second["pageInfo"]["hasNextPage"]) == (["欧阳一"], False)
    assert await live.as_(cast.operator).refused(CODES, first=101) == ["VALIDATION"]
    assert await live.as_(cast.operator).refused(CODES, after="nonsense") == ["VALIDATION"]


async def test_the_list_shows_whom_one_vouches_for_and_nobody_else(live: Live, world: World, cast: Cast) -> None:
    elsewhere = await world.cast()
    here, alone = await candidate(world, cast), await candidate(world, cast, institution=None)
    assert {one["accountId"] for one in await nodes(live, cast.viewer)} == {
        account_id(here),
        global_id("Account", cast.nurse.account_id),
    }
    assert [one["accountId"] for one in await nodes(live, cast.reviewer)] == [account_id(alone)]
    assert account_id(here) not in {one["accountId"] for one in await nodes(live, elsewhere.viewer)}
    for stranger in (cast.nurse, here.person, cast.decider):
        assert await live.as_(stranger).refused(CODES) == ["NOT_ALLOWED"]
    assert await live.as_(None).refused(CODES) == ["UNAUTHENTICATED"]


async def test_a_repeated_request_does_not_tell_the_code_again(live: Live, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    first = await issue(live, cast.operator, nurse, idempotencyKey="once-and-again")
    again = await issue(live, cast.operator, nurse, idempotencyKey="once-and-again")
    assert (len(first["plainCode"]), again["plainCode"], again["activationCode"]) == (10, None, first["activationCode"])
    assert len(await nurse.codes()) == 1


async def test_the_fourth_code_of_a_day_waits(live: Live, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    for _ in range(3):
        assert (await issue(live, cast.operator, nurse))["__typename"] == "ActivationIssueCodePayload"
    answer = await issue(live, cast.operator, nurse)
    assert (answer["__typename"], 86_000 < answer["retryAfter"] <= 86_400) == ("RateLimitedProblem", True)


@pytest.mark.feature("N10")
async def test_the_page_names_the_institution_to_ask(live: Live, world: World, cast: Cast) -> None:
    nurse, early = await candidate(world, cast, verified=CERTIFIED), await candidate(world, cast)
    alone = await candidate(world, cast, verified=CERTIFIED, institution=None)
    hospital = {"name": (await world.row("institution", cast.hospital))["name"]}
    without = {"authority": None, "codeExpiresAt": None, "triesLeft": None}
    assert await live.as_(nurse.person).ask(ISSUER) == {"activationIssuer": {"institution": hospital, **without}}
    assert await live.as_(early.person).ask(ISSUER) == {"activationIssuer": None}
    assert (await live.as_(alone.person).ask(ISSUER))["activationIssuer"]["authority"] is not None
    await issue(live, cast.operator, nurse)
    waiting = (await live.as_(nurse.person).ask(ISSUER))["activationIssuer"]
    assert (waiting["codeExpiresAt"] is None, waiting["triesLeft"]) == (False, 5)
    for other in (cast.nurse, cast.operator):
        assert await live.as_(other).ask(ISSUER) == {"activationIssuer": None}


@pytest.mark.feature("N9")
async def test_a_wrong_number_and_a_wrong_code_are_told_as_problems(live: Live, world: World, cast: Cast) -> None:
    nurse, certified = await candidate(world, cast), await candidate(world, cast, verified=CERTIFIED)
    answer = await live.as_(nurse.person).ask(CERTIFICATE, input={"certificateNumber": "1"})
    assert (answer["activationSubmitCertificate"]["__typename"], answer["activationSubmitCertificate"]["code"]) == (
        "NotAllowedProblem",
        "WRONG_CERTIFICATE",
    )
    answer = await live.as_(certified.person).ask(ACTIVATE, input={"code": "护"})
    assert answer["activationActivate"]["code"] == "NO_CODE"


async def test_one_code_and_one_certificate_number_a_document(live: Live, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    one = 'activationActivate(input: {code: "X"}) { __typename }'
    assert await live.as_(nurse.person).refused(f"mutation {{ a: {one} b: {one} }}") == ["QUERY_TOO_COMPLEX"]
    assert await nurse.codes() == []


@pytest.mark.feature("I8")
async def test_who_is_revoked_is_out_at_once_and_her_account_shows_nowhere(
    live: Live, world: World, cast: Cast
) -> None:
    nurse = await candidate(world, cast)
    given = {"accountId": account_id(nurse), "reason": "非本院护士"}
    answer = (await live.as_(cast.manager).ask(REVOKE, input=given))["accountRevoke"]
    assert answer == {"__typename": "AccountRevokePayload", "accountId": account_id(nurse)}
    assert await live.as_(nurse.person).refused(ISSUER) == ["UNAUTHENTICATED"]
    assert account_id(nurse) not in {one["accountId"] for one in await nodes(live, cast.viewer)}
    again = (await live.as_(cast.manager).ask(REVOKE, input=given))["accountRevoke"]
    assert again["__typename"] == "NotFoundProblem"


@pytest.mark.feature("I8")
async def test_the_sockets_of_who_is_revoked_are_closed(live: Live, world: World, cast: Cast) -> None:
    given = {"accountId": global_id("Account", cast.nurse.account_id), "reason": "非本院护士"}
    async with live.as_(cast.nurse).watch("subscription { eventFeed { __typename } }") as feed:
        await feed.next()
        await live.as_(cast.manager).ask(REVOKE, input=given)
        with pytest.raises(ConnectionClosed) as closing:
            while True:
                assert (await feed.message())["payload"]["data"]["eventFeed"]["__typename"] == "FeedHeartbeat"
    assert closing.value.rcvd is not None
    assert closing.value.rcvd.code == 4403
