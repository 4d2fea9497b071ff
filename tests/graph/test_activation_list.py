"""账号激活 and 账号撤销: the list of accounts with its total, its conditions and whose turn it is to get a code."""

from __future__ import annotations

from typing import Any

import pytest

from graph.context import Services
from tests.support.activation import CERTIFIED, VERIFIED, Candidate, candidate, change, id_number, sealed_number
from tests.support.activation_requests import account_id, issue
from tests.support.live import Live
from tests.support.plan_and_executor import Both
from tests.support.world import Cast, Person, World

CODES = """query($where: ActivationCodeWhere, $name: String) { activationCodes(where: $where, name: $name) { totalCount
  nodes { accountId name sex codeState awaitsCode activated identityVerified certificateVerified } } }"""


@pytest.fixture
def both(services: Services) -> Both:
    return Both(services)


async def listed(both: Both, by: Person, **variables: Any) -> list[str]:
    """The accounts of the list."""
    page = (await both.data(CODES, by, **variables))["activationCodes"]
    assert page["totalCount"] == len(page["nodes"])
    return [node["accountId"] for node in page["nodes"]]


async def waiting(both: Both, by: Person, one: Candidate) -> bool:
    """Whether it is her turn, by the field and by the condition."""
    rows = (await both.data(CODES, by))["activationCodes"]["nodes"]
    (shown,) = [row["awaitsCode"] for row in rows if row["accountId"] == account_id(one)]
    found = account_id(one) in await listed(both, by, where={"awaitsCode": {"eq": True}})
    assert found is shown
    assert found is not (account_id(one) in await listed(both, by, where={"awaitsCode": {"eq": False}}))
    return found


@pytest.mark.feature("I7")
async def test_who_is_still_to_get_a_code_stands_in_the_list(both: Both, live: Live, world: World, cast: Cast) -> None:
    """Issued for somebody whose turn it is not, a code was refused only when it was tried."""
    early = await candidate(world, cast, verified={})
    seen = await candidate(world, cast, verified=VERIFIED)
    ready = await candidate(world, cast, verified=CERTIFIED)
    assert [await waiting(both, cast.viewer, one) for one in (early, seen, ready)] == [False, False, True]
    await issue(live, cast.operator, ready)
    assert not await waiting(both, cast.viewer, ready)
    void = "update activation_code set voided_at = now() where account_id = $1"
    await world.owner.execute(void, ready.person.account_id)
    assert await waiting(both, cast.viewer, ready)
    await change(ready, state="ACTIVE")
    assert not await waiting(both, cast.viewer, ready)


@pytest.mark.feature("I7", "I8")
async def test_the_list_is_searched_by_every_column_with_its_total(both: Both, world: World, cast: Cast) -> None:
    early, ready = await candidate(world, cast, verified={}), await candidate(world, cast, verified=CERTIFIED)
    for one, name, sex in ((early, "欧阳一", "MALE"), (ready, "张欧阳", "FEMALE")):
        assert one.nurse_id is not None
        await world.rename(one.nurse_id, name)
        await world.owner.execute("update nurse set sex = $2 where id = $1", one.nurse_id, sex)
    asked: list[tuple[dict[str, Any], set[str]]] = [
        ({"identityVerified": {"eq": True}, "activated": {"eq": False}}, {account_id(ready)}),
        ({"identityVerified": {"eq": False}, "activated": {"eq": False}}, {account_id(early)}),
        ({"certificateVerified": {"eq": True}}, {account_id(ready)}),
        ({"sex": {"eq": "MALE"}}, {account_id(early)}),
        ({"codeState": {"in": ["NONE"]}, "activated": {"eq": False}}, {account_id(early), account_id(ready)}),
        ({"codeState": {"eq": "ISSUED"}}, set()),
        ({"name": {"contains": "欧阳"}}, {account_id(early), account_id(ready)}),
        ({"name": {"startsWith": "欧阳"}}, {account_id(early)}),
        ({"registeredAt": {"gt": "2099-01-01T00:00:00Z"}}, set()),
    ]
    for where, expected in asked:
        assert {*await listed(both, cast.viewer, where=where)} == expected, where
    assert await listed(both, cast.operator, name="张", where={"sex": {"eq": "MALE"}}) == []
    assert await listed(both, cast.operator, name="张") == [account_id(ready)]


@pytest.mark.feature("I7", "I8")
async def test_an_id_number_finds_one_account_and_she_learns_who_looked(live: Live, world: World, cast: Cast) -> None:
    nurse, number = await candidate(world, cast), id_number()
    columns = sealed_number(world.keyring, number)
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    await world.owner.execute(f"update nurse set {settings} where id = $1", nurse.nurse_id, *columns.values())
    where = {"idNumber": {"eq": number}}
    page = (await live.as_(cast.operator).ask(CODES, where=where))["activationCodes"]
    assert ([one["accountId"] for one in page["nodes"]], page["totalCount"]) == ([account_id(nurse)], 1)
    kept = "select detail from audit where account_id = $1 and action = 'identity.found' and nurse_id = $2"
    found = await world.owner.fetch(kept, cast.operator.account_id, nurse.nurse_id)
    assert [row["detail"] for row in found] == ['{"list": "activationCodes"}']
    assert await live.as_(cast.viewer).refused(CODES, where=where) == ["NOT_FOR_VIEWERS"]
