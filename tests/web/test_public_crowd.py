"""A crowd at the public register keeps nobody from signing in: it has places, captchas and budgets of its own."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from tests.support.live import Client, Live
from tests.support.public_register import CAPTCHA, LOOK_UP, SCANNED, captcha, certified, named, written
from tests.support.signing_in import name_of, sign_in
from tests.support.world import Cast, World
from workflow.public_register import AT_ONCE, WAITING

pytestmark = pytest.mark.feature("A10")
MANY = 3 * WAITING


@pytest.fixture
async def many_at_once() -> AsyncIterator[httpx.AsyncClient]:
    """A client that holds nobody back."""
    limits = httpx.Limits(max_connections=MANY + 50)
    async with httpx.AsyncClient(timeout=60, limits=limits) as http:
        yield http


async def kinds(client: Client, query: str, field: str, count: int, **variables: object) -> Counter[str]:
    """So many ask at once; what each was answered."""
    answers = await asyncio.gather(*(client.post(query, variables) for _ in range(count)))
    found: Counter[str] = Counter()
    for answer in answers:
        body = answer.json()
        codes = [error["extensions"]["code"] for error in body.get("errors", ())]
        data = (body.get("data") or {}).get(field)
        found[codes[0] if codes else data.get("__typename", "found") if data else "none"] += 1
    return found


async def test_sign_ins_go_on_while_every_place_of_the_public_register_waits_for_the_database(
    live: Live, world: World, cast: Cast, many_at_once: httpx.AsyncClient, owner_url: str
) -> None:
    row = await certified(world, cast)
    names = [await name_of(world, one) for one in (cast.operator, cast.manager, cast.reviewer, cast.decider)]
    holder = await asyncpg.connect(owner_url)
    try:
        held = holder.transaction()
        await held.start()
        # What a look-up reads, and no sign-in: whoever looks up waits for as long as this is held.
        await holder.execute("lock table certificate in access exclusive mode")
        many = Client(live.as_(None).origin, many_at_once, None)
        asked = asyncio.create_task(kinds(many, SCANNED, "publicCertificate", MANY, token=written(row["token"])))
        waiting = "select count(*) from pg_locks where relation = 'certificate'::regclass and not granted"
        async with asyncio.timeout(30):
            while await holder.fetchval(waiting) != AT_ONCE:
                pass  # each time the database is asked anew
        answers = [await sign_in(live.as_(None), name) for name in names]
        assert [answer["__typename"] for answer in answers] == ["SignInPayload"] * len(names)
        assert (asked.done(), await holder.fetchval(waiting)) == (False, AT_ONCE), "the crowd waits still"
        await held.rollback()
        found = await asked
    finally:
        await holder.close()
    assert (found.total(), found["RATE_LIMITED"] >= MANY - WAITING) == (MANY, True)


async def test_captchas_of_sign_ins_are_drawn_while_a_crowd_asks_for_those_of_the_public_register(
    live: Live, many_at_once: httpx.AsyncClient
) -> None:
    many = Client(live.as_(None).origin, many_at_once, None)
    pictures = CAPTCHA.replace("WORDS", "PICTURE")
    asked = asyncio.create_task(kinds(many, pictures, "publicCaptchaCreate", MANY))
    own = "mutation { captchaCreate(input: {form: PICTURE}) { __typename } }"
    for _ in range(5):
        assert (await live.as_(None).ask(own))["captchaCreate"] == {"__typename": "CaptchaCreatePayload"}
    found = await asked
    assert (found.total(), found["PublicCaptchaCreatePayload"] >= 1) == (MANY, True)


async def test_whoever_solved_a_captcha_is_answered_in_the_end(
    live: Live, world: World, cast: Cast, many_at_once: httpx.AsyncClient
) -> None:
    number, name = await named(world, cast.nurse_id)
    many = Client(live.as_(None).origin, many_at_once, None)
    wishes = [{"certificateNumber": number, "name": name, **await captcha(many)} for _ in range(20)]
    answers = await asyncio.gather(*(many.post(LOOK_UP, {"input": wish}) for wish in wishes))
    found = [answer.json()["data"]["publicLookUp"]["nurse"]["certificateNumber"] for answer in answers]
    assert found == [number] * len(wishes)
