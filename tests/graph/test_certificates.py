"""Her certificates (护士执业证书) as clients see them: each serial, which is in force, and why one is void."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.live import Live
from tests.support.public_register import certified
from tests.support.world import Cast, World

pytestmark = pytest.mark.feature("N20")
HERS = """{ viewer { nurse { registration { certificateSerial certificates {
  number serial state issuedOn voidedAt voidReason authority { id name } application { id } } } } } }"""
VOIDED = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


async def test_each_print_is_told_with_its_state_the_newest_first(live: Live, world: World, cast: Cast) -> None:
    first = await certified(world, cast, voided_at=VOIDED, void_reason="REISSUED")
    second = await certified(world, cast, nth=2)
    entry = (await live.as_(cast.nurse).ask(HERS))["viewer"]["nurse"]["registration"]
    shown = entry["certificates"]
    assert entry["certificateSerial"] == second["serial"]
    assert [(one["serial"], one["state"], one["voidReason"]) for one in shown] == [
        (second["serial"], "CURRENT", None),
        (first["serial"], "VOID", "REISSUED"),
    ]
    assert (shown[0]["voidedAt"], datetime.fromisoformat(shown[1]["voidedAt"])) == (None, VOIDED)
    district = await world.row("authority", cast.district)
    for one in shown:
        assert (one["number"], one["issuedOn"], one["application"]) == (first["number"], "2025-10-20", None)
        assert one["authority"]["name"] == district["name"]


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        ("RENEWAL", "原证书继续有效，编号和序号不变", "stays in force, with its number and serial"),
        ("CHANGE", "原证书继续有效，编号和序号不变", "stays in force, with its number and serial"),
        ("REISSUE", "证书编号不变，序号更新，原序号的证书作废", "of the same number with a new serial"),
        ("REREGISTRATION", "发给新编号的证书，原证书作废", "with a new number; the old one is void"),
        ("DEREGISTRATION", "其证书作废", "certificate is void then"),
    ],
)
async def test_each_kind_says_what_becomes_of_the_certificate(live: Live, kind: str, zh: str, en: str) -> None:
    query = "{ applicationKinds { kind explanation } }"
    for headers, words in (({}, zh), ({"Accept-Language": "en"}, en)):
        body = (await live.as_(None).post(query, **headers)).json()
        (found,) = [one["explanation"] for one in body["data"]["applicationKinds"] if one["kind"] == kind]
        assert words in found
