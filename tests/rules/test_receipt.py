"""Receipts: what is signed, how it is written, and what it is worth by the dates of its key."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.certificate import CertificateVoidReason, void_after
from rules.errors import Words
from rules.nurse import DeregistrationReason
from rules.receipt import ReceiptOutcome, SigningKey, Statement, judged, sentence, stated, unpacked, written

pytestmark = pytest.mark.feature("A10")
SIGNED = datetime(2026, 11, 30, 10, 15, tzinfo=UTC)
SAID = Statement("k1", SIGNED, "202511010212345-2", "王·护士", True, date(2030, 1, 2))
SECOND = timedelta(seconds=1)


def test_a_statement_is_seven_lines_and_is_read_back() -> None:
    lines = ("H1", "k1", str(int(SIGNED.timestamp())), "202511010212345-2", "王·护士", "Y", "2030-01-02")
    assert SAID.content == "\n".join(lines).encode()
    assert stated(SAID.content) == SAID
    assert SAID.certificate_number == "202511010212345"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xff",
        SAID.content.replace(b"H1", b"H2"),
        SAID.content.replace(b"Y", b"X"),
        SAID.content.replace(b"2030-01-02", b"2030-13-02"),
        SAID.content.replace(b"2030-01-02", b"20300102"),
        SAID.content.replace(b"1796033700", b"01796033700"),
        SAID.content.replace(b"1796033700", b"9" * 30),
        SAID.content + b"\n",
        SAID.content.rpartition(b"\n")[0],
    ],
)
def test_what_is_no_statement_says_nothing(content: bytes) -> None:
    assert content != SAID.content
    assert stated(content) is None


def test_a_receipt_is_read_out_of_the_whole_code_and_whatever_blanks_a_scanner_adds() -> None:
    receipt = written(SAID.content, bytes(64))
    for text in (receipt, f"https://example.cn/v/abc#{receipt}", f"  {receipt[:20]}\r\n{receipt[20:]} "):
        assert unpacked(text) == (SAID.content, bytes(64))


@pytest.mark.parametrize("change", ["{0}=", "{0}.", ".{0}", "{0}A", "x{0}", "{0}.AA", "é{0}"])
def test_a_receipt_has_one_spelling(change: str) -> None:
    found = unpacked(change.format(written(SAID.content, bytes(64))))
    assert found is None or found[0] != SAID.content


def test_a_signature_of_another_length_is_none() -> None:
    assert unpacked(written(SAID.content, bytes(63))) is None
    assert unpacked("") is None


@pytest.mark.parametrize(
    ("active_from", "retired_at", "now", "outcome"),
    [
        (SIGNED, None, SIGNED, "CONFIRMED"),
        (SIGNED + timedelta(milliseconds=900), None, SIGNED, "CONFIRMED"),
        (SIGNED + SECOND, None, SIGNED, "KEY_NOT_ACTIVE"),
        (SIGNED, SIGNED, SIGNED, "CONFIRMED"),
        (SIGNED - 2 * SECOND, SIGNED - SECOND, SIGNED, "KEY_RETIRED"),
        (SIGNED, None, SIGNED - timedelta(minutes=5), "CONFIRMED"),
        (SIGNED, None, SIGNED - timedelta(minutes=5) - SECOND, "FROM_THE_FUTURE"),
        (SIGNED, None, SIGNED + timedelta(days=3000), "CONFIRMED"),
    ],
)
def test_a_key_signs_between_its_days(
    active_from: datetime, retired_at: datetime | None, now: datetime, outcome: str
) -> None:
    assert judged(SAID, SigningKey("k1", bytes(32), active_from, retired_at), now) is ReceiptOutcome[outcome]


def test_the_sentence_says_the_moment_in_beijing_and_that_one_asks_again() -> None:
    assert sentence(SIGNED) == Words(
        "登记信息截至2026-11-30 18:15:00（北京时间），24小时后请重新核验。",
        "State of the register at 2026-11-30 18:15:00 (Beijing time), to be asked again after 24 hours.",
    )


@pytest.mark.feature("N20")
def test_what_makes_a_certificate_void_at_the_end_of_a_registration() -> None:
    found = {reason: void_after(reason) for reason in DeregistrationReason}
    struck = found.pop(DeregistrationReason.LICENCE_REVOKED)
    assert (struck, {*found.values()}) == (
        CertificateVoidReason.LICENCE_REVOKED,
        {CertificateVoidReason.DEREGISTERED},
    )
