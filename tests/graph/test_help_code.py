"""A code by which the help desk sees for one look where somebody stands, masked (N21, I25)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from graph.context import Services
from rules.message import Template
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.contacts import letters, new_phone, reach
from tests.support.help import do
from tests.support.live import Client, Live
from tests.support.world import Cast, Person, World

pytestmark = pytest.mark.feature("N21", "I25")
SEEN = """seen { party nameMasked accountState accountSteps standing validUntil institution authority
  applications { kind state } }"""


@pytest.fixture
async def desk(world: World) -> Person:
    """Somebody of the help desk."""
    return await world.person(Party.HELP_DESK, None, Role.HELP_DESK)


async def make(client: Client, *, send: bool = False) -> Any:
    """A code, or the problem."""
    return await do(client, "helpCodeCreate", "HelpCodeCreateInput", "helpCode", send=send)


async def look(client: Client, code: str) -> Any:
    """What the help desk sees, or the problem."""
    return await do(client, "helpLookUp", "HelpLookUpInput", SEEN, code=code)


async def test_a_code_shows_where_she_stands_once_and_she_finds_who_looked(
    live: Live, world: World, cast: Cast, desk: Person
) -> None:
    code = await make(live.as_(cast.nurse))
    assert len(code) == 8
    both = await asyncio.gather(*(look(live.as_(desk), f" {code[:4]} {code[4:]} ") for _ in range(2)))
    assert sorted(one.get("code", "seen") for one in both) == ["WRONG_CODE", "seen"]
    (seen,) = [one for one in both if "party" in one]
    name = (await world.row("account", cast.nurse.account_id))["display_name"]
    assert (seen["nameMasked"], seen["party"], seen["accountState"]) == (f"{name[0]}*", "NURSE", "ACTIVE")
    assert seen["standing"] in ("VALID", "EXPIRING")
    assert seen["accountSteps"] == []
    audited = "select account_id from audit where nurse_id = $1 and action = 'helpLookUp'"
    assert [row["account_id"] for row in await world.owner.fetch(audited, cast.nurse_id)] == [desk.account_id]


async def test_a_new_code_ends_the_last_and_an_old_one_is_no_longer_good(
    live: Live, world: World, cast: Cast, desk: Person
) -> None:
    she = live.as_(cast.nurse)
    first, second = await make(she), await make(she)
    assert (await look(live.as_(desk), first))["code"] == "WRONG_CODE"
    late = "update help_code set expires_at = now() - interval '1 second' where account_id = $1"
    await world.owner.execute(late, cast.nurse.account_id)
    assert (await look(live.as_(desk), second))["code"] == "WRONG_CODE"
    for _ in range(3):
        assert len(await make(she)) == 8
    assert (await make(she))["code"] == "RATE_LIMITED"


async def test_a_code_is_sent_to_the_proved_phone_instead(
    live: Live, services: Services, world: World, cast: Cast, desk: Person
) -> None:
    she, phone = live.as_(cast.nurse), new_phone()
    assert (await make(she, send=True))["code"] == "NO_CONTACT"
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    assert await make(she, send=True) is None
    (letter,) = await letters(services.db, phone)
    assert letter.template is Template.HELP_CODE
    assert (await look(live.as_(desk), letter.values["code"]))["party"] == "NURSE"


async def test_nobody_but_the_help_desk_looks_nor_anybody_at_herself(live: Live, cast: Cast, desk: Person) -> None:
    code = await make(live.as_(cast.nurse))
    for person in (cast.operator, cast.reviewer, cast.nurse):
        assert (await look(live.as_(person), code))["code"] == "NOT_ALLOWED"
    own = await make(live.as_(desk))
    assert (await look(live.as_(desk), own))["code"] == "ABOUT_YOURSELF"
    assert (await look(live.as_(desk), code))["party"] == "NURSE"


async def test_who_guesses_waits(live: Live, desk: Person) -> None:
    for _ in range(20):
        assert (await look(live.as_(desk), "nothing"))["code"] == "WRONG_CODE"
    assert (await look(live.as_(desk), "nothing"))["code"] == "RATE_LIMITED"
