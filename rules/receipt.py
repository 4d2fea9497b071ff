"""Receipts (核验凭证): what the register says of one certificate at a moment, signed, short enough for a QR code.

A receipt is `statement.signature`, each as base64url without padding. The statement is seven lines of UTF-8: H1, the id
of the key, the second of the signature (Unix), the serial, the name, Y or N for whether she may practise, the last day.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from rules.errors import Words
from rules.label import Labelled
from rules.moment import SHANGHAI

VERSION: Final = "H1"
LONGEST: Final = 2000
"""More characters no receipt has, nor the address before it."""
AHEAD: Final = timedelta(minutes=5)
"""So far a clock may be wrong."""
SIGNATURE_BYTES: Final = 64
SENTENCE: Final = Words(
    "登记信息截至{at}（北京时间），24小时后请重新核验。",
    "State of the register at {at} (Beijing time), to be asked again after 24 hours.",
)
_CANONICAL: Final = re.compile(r"[A-Za-z0-9_-]+")


class ReceiptOutcome(Labelled):
    """The result of verifying a receipt (核验结果)."""

    CONFIRMED = "CONFIRMED", "签名有效，凭证由注册系统签发", "the signature is right: the register has signed it"
    REPLACED = "REPLACED", "签名有效，但该证书已作废", "the signature is right, and the certificate is void or replaced"
    BEING_RESTORED = (
        *("BEING_RESTORED", "签名有效，登记数据正在恢复，请稍后再核验"),
        "the signature is right, and the register is being restored: ask again later",
    )
    NOT_GENUINE = "NOT_GENUINE", "不是注册系统签发的凭证，或内容被改动", "not a receipt of this register, or altered"
    UNKNOWN_KEY = "UNKNOWN_KEY", "签名密钥未公布", "signed with a key that is not published"
    KEY_NOT_ACTIVE = "KEY_NOT_ACTIVE", "签名时间早于密钥启用时间", "signed, it says, before its key was active"
    KEY_RETIRED = "KEY_RETIRED", "签名时间晚于密钥停用时间", "signed after its key was retired"
    FROM_THE_FUTURE = "FROM_THE_FUTURE", "签名时间晚于当前时间", "signed, it says, at a time that lies ahead"


@dataclass(frozen=True, slots=True)
class Statement:
    """The register's word on one certificate at a moment; `serial` is the number, a hyphen, and which print it is."""

    key_id: str
    signed_at: datetime
    serial: str
    name: str
    may_practise: bool
    valid_until: date

    @property
    def certificate_number(self) -> str:
        """护士执业证书编号."""
        return self.serial.rpartition("-")[0] or self.serial

    @property
    def content(self) -> bytes:
        """The bytes that are signed."""
        practises = "Y" if self.may_practise else "N"
        lines = (VERSION, self.key_id, str(int(self.signed_at.timestamp())), self.serial, self.name)
        return "\n".join((*lines, practises, self.valid_until.isoformat())).encode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A published key: from when until when what it has signed holds."""

    id: str
    public_key: bytes
    active_from: datetime
    retired_at: datetime | None = None


def written(content: bytes, signature: bytes) -> str:
    """The receipt of a signed statement."""
    return f"{_encoded(content)}.{_encoded(signature)}"


def unpacked(text: str) -> tuple[bytes, bytes] | None:
    """The statement and the signature of a receipt, or of the whole text of a QR code; None where it is neither.

    One receipt has one spelling: what decodes to the same bytes and is written otherwise is none.
    """
    receipt = re.sub(r"\s", "", text[:LONGEST]).rpartition("#")[2]
    content, _, signature = receipt.partition(".")
    parts = (_decoded(content), _decoded(signature))
    if parts[0] is None or parts[1] is None or len(parts[1]) != SIGNATURE_BYTES:
        return None
    return parts[0], parts[1]


def stated(content: bytes) -> Statement | None:
    """The statement of these bytes; None where they are none."""
    try:
        version, key_id, second, serial, name, practises, last = content.decode().split("\n")
        moment = datetime.fromtimestamp(int(second), UTC)
        found = Statement(key_id, moment, serial, name, practises == "Y", date.fromisoformat(last))
    except (ValueError, OverflowError, OSError):
        return None
    return found if version == VERSION and found.content == content else None


def judged(statement: Statement, key: SigningKey, now: datetime) -> ReceiptOutcome:
    """The worth of a statement whose signature is right, by the dates of its key."""
    if statement.signed_at < key.active_from.replace(microsecond=0):
        return ReceiptOutcome.KEY_NOT_ACTIVE
    if key.retired_at is not None and statement.signed_at > key.retired_at:
        return ReceiptOutcome.KEY_RETIRED
    return ReceiptOutcome.FROM_THE_FUTURE if statement.signed_at > now + AHEAD else ReceiptOutcome.CONFIRMED


def sentence(signed_at: datetime) -> Words:
    """The sentence that every verifier shows, with a network or without."""
    at = f"{signed_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return Words(*(one.replace("{at}", at) for one in SENTENCE))


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(text: str) -> bytes | None:
    if not _CANONICAL.fullmatch(text):
        return None
    try:
        content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        return None
    return content if _encoded(content) == text else None
