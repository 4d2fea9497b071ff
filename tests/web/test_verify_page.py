"""The page /verify (证书核验), as browsers ask for it: without a script, and with one in a real browser."""

from __future__ import annotations

import asyncio
import html
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
import pytest

from bench.captcha import answer_to
from rules.public_register import PACE
from tests.support.live import Live
from tests.support.public_register import certified, named, published, somewhere, written
from tests.support.receipts import decoded, signed
from tests.support.world import Cast, World

pytestmark = pytest.mark.feature("A10")
BROWSER: Final = shutil.which("chromium") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
UNLISTED: Final = "未查到在册信息"


@pytest.fixture
async def page(live: Live) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts."""
    async with httpx.AsyncClient(base_url=live.as_(None).origin, timeout=30) as client:
        yield client


async def posted(page: httpx.AsyncClient, number: str, name: str, language: str = "zh") -> httpx.Response:
    """The form, filled in and sent."""
    form = (await page.get("/verify", params={"captcha": "words", "lang": "zh"})).text
    question = re.search(r'<label for="captchaAnswer">(.*?)</label>', form)
    key = re.search(r'name="captchaId" value="(.*?)"', form)
    assert question is not None
    assert key is not None
    asked = {"captchaId": key[1], "captchaAnswer": answer_to(html.unescape(question[1]))}
    return await page.post(f"/verify?lang={language}", data={"certificateNumber": number, "name": name, **asked})


async def test_the_form_is_answered_without_a_script_in_both_languages(
    page: httpx.AsyncClient, world: World, cast: Cast
) -> None:
    number, name = await named(world, cast.nurse_id)
    hospital = await world.row("institution", cast.hospital)
    for language, words in (("zh", "今日可以执业"), ("en", "May practise today")):
        found = await posted(page, number, name, language)
        assert (found.status_code, found.headers["content-type"]) == (200, "text/html; charset=utf-8")
        for text in (words, number, name, hospital["name"], "24"):
            assert html.escape(text) in found.text
        for private in ("1990-01-01", "女", "<img", "SUSPEN"):
            assert private not in found.text


async def test_all_that_is_not_listed_is_the_same_page_byte_by_byte(
    page: httpx.AsyncClient, world: World, cast: Cast
) -> None:
    number, name = await named(world, cast.nurse_id)
    other = await world.cast()
    row = await certified(world, other)
    off = "update registration set status = 'DEREGISTERED', deregistration_reason = 'DEATH' where nurse_id = $1"
    await world.owner.execute(off, other.nurse_id)
    answers = [
        await posted(page, number, "李四"),
        await posted(page, "20200000000000", name),
        await posted(page, *await named(world, other.nurse_id)),
        await page.get("/v/" + "A" * 22),
        await page.get("/v/x"),
        await page.get(f"/v/{written(row['token'])}"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert UNLISTED in answers[0].text


async def test_no_answer_comes_before_its_time(page: httpx.AsyncClient, world: World, cast: Cast) -> None:
    row, loop = await certified(world, cast), asyncio.get_running_loop()
    for path in (f"/v/{written(row['token'])}", "/v/x", "/v/" + "A" * 22):
        began = loop.time()
        await page.get(path)
        assert loop.time() - began >= PACE


async def test_a_void_print_says_that_and_names_nobody(page: httpx.AsyncClient, world: World, cast: Cast) -> None:
    row = await certified(world, cast, voided_at=datetime.now(UTC))
    found = await page.get(f"/v/{written(row['token'])}")
    assert (found.status_code, "该证书已作废" in found.text, row["number"] in found.text) == (410, True, False)


async def test_a_wrong_captcha_brings_another_one_and_keeps_what_was_typed(page: httpx.AsyncClient) -> None:
    given = {"certificateNumber": '"><script>', "name": "<b>王</b>", "captchaId": "x", "captchaAnswer": "y"}
    found = await page.post("/verify", data=given)
    assert (found.status_code, 'role="alert"' in found.text) == (400, True)
    assert 'value="&quot;&gt;&lt;script&gt;"' in found.text
    assert "<b>" not in found.text


async def test_whoever_cannot_see_a_picture_is_asked_in_words_again_after_a_wrong_answer(
    page: httpx.AsyncClient,
) -> None:
    given = {"certificateNumber": "1", "name": "王", "captchaId": "x", "captchaAnswer": "y"}
    for form, picture in (({"captcha": "words", "lang": "zh"}, False), ({"lang": "zh"}, True)):
        shown = (await page.get("/verify", params=form)).text
        action = re.search(r'<form method="post" action="(/verify[?].*?)"', shown)
        assert action is not None
        found = await page.post(html.unescape(action[1]), data=given)
        assert (found.status_code, "<img" in found.text) == (400, picture)


async def test_a_receipt_is_verified_by_the_server_for_whoever_has_no_script(
    page: httpx.AsyncClient, world: World, cast: Cast
) -> None:
    row = await certified(world, cast)
    by = await published(world, datetime.now(UTC) - timedelta(days=1))
    receipt = signed(by, signed_at=datetime.now(UTC), serial=row["serial"], name="王<护>士")
    found = await page.post("/verify/receipt?lang=en", data={"receipt": receipt})
    assert "The signature is right: the register has signed it." in found.text
    assert "to be asked again after 24 hours" in found.text
    assert "王&lt;护&gt;士" in found.text
    forged = await page.post("/verify/receipt?lang=en", data={"receipt": receipt[:-2]})
    assert "Not a receipt of this register, or altered." in forged.text


async def test_the_pages_run_nothing_but_their_own_script_and_are_kept_nowhere(page: httpx.AsyncClient) -> None:
    for path in ("/verify", "/v/x"):
        headers = (await page.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    for name, kind in (("verify.js", "javascript"), ("verify.css", "text/css")):
        file = await page.get(f"/static/verify/{name}")
        assert (file.status_code, kind in file.headers["content-type"]) == (200, True)
    assert (await page.post("/verify", content=b"x" * 9000)).status_code in {400, 413}


async def test_an_address_that_asks_too_often_is_told_when_to_come_again(page: httpx.AsyncClient, world: World) -> None:
    address = somewhere()
    subject = world.keyring.blind_index(f"publicCertificate:{address.removesuffix('::1')}::/64", "address")
    sql = "insert into attempt (subject) select $1 from generate_series(1, 119)"
    await world.owner.execute(sql, subject)
    for status in (404, 429):
        found = await page.get("/v/x", headers={"X-Forwarded-For": address})
        assert found.status_code == status
    assert 3500 <= int(found.headers["Retry-After"]) <= 3600
    assert (await page.get("/v/x", headers={"X-Forwarded-For": somewhere()})).status_code == 404


async def test_the_keys_are_published_with_their_dates_for_programs_anywhere(
    page: httpx.AsyncClient, world: World
) -> None:
    from_, until = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 6))
    by = await published(world, from_, until)
    ((name, public),) = by.public.items()
    answer = await page.get("/.well-known/hushi-signing-keys.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    (key,) = [one for one in answer.json()["keys"] if one["kid"] == name]
    assert decoded(key.pop("x")) == public
    dates = {"activeFrom": "2026-01-01T00:00:00+00:00", "retiredAt": "2026-06-01T00:00:00+00:00"}
    assert key == {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": name, **dates}


async def shown_in_browser(address: str) -> str:
    """The page once its script has run."""
    command = (str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom")
    process = await asyncio.create_subprocess_exec(
        *command, address, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(90):
        out, _ = await process.communicate()
    return out.decode()


@needs_browser
async def test_a_browser_verifies_what_stands_behind_the_address_by_itself(
    live: Live, world: World, cast: Cast
) -> None:
    row, now = await certified(world, cast), datetime.now(UTC)
    by = await published(world, now - timedelta(days=1))
    receipt = signed(by, signed_at=now, serial=row["serial"])
    content, _, signature = receipt.partition(".")
    forged = signed(by, signed_at=now, serial=row["serial"], name="李四").partition(".")[0]
    address = f"{live.as_(None).origin}/v/{written(row['token'])}"
    for code, outcome in (
        (receipt, "CONFIRMED"),
        (f"{forged}.{signature}", "NOT_GENUINE"),
        (f"{content}.{signature}=", "NOT_GENUINE"),
    ):
        shown = await shown_in_browser(f"{address}#{code}")
        assert f'data-outcome="{outcome}"' in shown, shown
        assert (row["serial"] in shown) == (outcome == "CONFIRMED")
