"""The verifiers that the docs publish, Python and JavaScript: what nobody has signed is refused, a thousand times."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from rules.receipt import unpacked
from tests.support.receipts import SIGNED_AT, published, script, signed, signers, statement, tampered

pytestmark = pytest.mark.feature("A10")
THOUSAND: Final = 1000
NODE: Final = shutil.which("node")
LANGUAGES: Final = [
    pytest.param("python", id="Python"),
    pytest.param("js", id="JavaScript", marks=pytest.mark.skipif(NODE is None, reason="no node on this machine")),
]


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """The language of a verifier."""
    found: str = request.param
    return found


def verified(folder: Path, language: str, keys: dict[str, Any], *receipts: str) -> list[str]:
    """What the published verifier says of each, as somebody runs it."""
    program = folder / {"python": "verify.py", "js": "verify.mjs"}[language]
    program.write_text(script(language), "utf-8")
    (folder / "keys.json").write_text(json.dumps(keys), "utf-8")
    command = [sys.executable if language == "python" else str(NODE), str(program), str(folder / "keys.json")]
    said = subprocess.run(
        command, input="\n".join(receipts) + "\n", capture_output=True, text=True, timeout=120, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")
    return said.stdout.splitlines()


def test_a_verifier_is_forty_lines(language: str) -> None:
    assert len(script(language).splitlines()) <= 40


def test_a_thousand_tampered_receipts_are_refused_and_the_real_one_is_confirmed(tmp_path: Path, language: str) -> None:
    by = signers(2)
    receipt, other = signed(by), signed(by, serial="202511010299999-1", name="李护士")
    changed = [*tampered(receipt, other, THOUSAND)]
    assert (len(changed), receipt in changed, other in changed) == (THOUSAND, False, False)
    first, *said, last = verified(tmp_path, language, published(by), receipt, *changed, f"https://x.cn/v/t#{other}")
    assert first.startswith("CONFIRMED 202511010212345-2 王护士 2030-01-02 Y: state of the register at 2026-11-30")
    assert first.endswith("to be asked again after 24 hours")
    assert last.startswith("CONFIRMED 202511010299999-1 李护士")
    assert {*said} <= {"NOT_GENUINE", "UNKNOWN_KEY"}
    assert said.count("NOT_GENUINE") > THOUSAND * 0.9


def test_a_verifier_says_where_the_dates_of_the_key_do_not_fit(tmp_path: Path, language: str) -> None:
    by = signers()
    receipt, day = signed(by), f"{SIGNED_AT:%Y-%m-%d}T"
    for dates, said in (
        ({"activeFrom": f"{day}10:15:00.900000+00:00"}, "CONFIRMED"),
        ({"activeFrom": f"{day}10:15:01+00:00"}, "KEY_NOT_ACTIVE"),
        ({"retiredAt": f"{day}10:15:00+00:00"}, "CONFIRMED"),
        ({"retiredAt": f"{day}10:14:59+00:00"}, "KEY_RETIRED"),
    ):
        (found,) = verified(tmp_path, language, published(by, **dates), receipt)
        assert found.partition(" ")[0] == said, dates
    ahead = signed(by, signed_at=SIGNED_AT.replace(year=2090))
    assert verified(tmp_path, language, published(by), ahead) == ["FROM_THE_FUTURE"]
    assert verified(tmp_path, language, published(signers()), receipt) == ["UNKNOWN_KEY"]


def test_the_register_itself_takes_none_of_them_for_the_real_one() -> None:
    by = signers(2)
    receipt, other = signed(by), signed(by, serial="202511010299999-1")
    real = unpacked(receipt)
    assert real is not None
    assert real[0] == statement(next(iter(by.public))).content
    assert real not in [unpacked(one) for one in tampered(receipt, other, THOUSAND)]
