"""Receipts (核验凭证): what a paper bears so that whoever holds it can ask the register, and need not believe it."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from db import signing_key as signing_keys
from db.read.batch import Row
from db.store.engine import Reader
from db.store.signing import Signers
from rules.receipt import Statement, written

PAGE: Final = "/v/"
"""The path of the living page, before a token."""


@dataclass(frozen=True, slots=True)
class Receipts:
    """The address at which a process is reached, and the keys with which it signs: what it writes on papers."""

    origin: str
    signers: Signers

    def address(self, token: bytes) -> str:
        """The address of a certificate's living page."""
        return f"{self.origin}{PAGE}{urlsafe_b64encode(token).decode().rstrip('=')}"

    async def codes(self, reader: Reader, rows: Iterable[Row], at: datetime) -> list[str | None]:
        """The text of each paper's code: the living page, and after it what is signed, which is sent nowhere.

        None for rows without a certificate. Without a key that is active at that moment it is the page alone.
        """
        held = self.signers.public
        key_id = await signing_keys.active(reader, held, at) if held else None
        return [None if row["token"] is None else self._code(row, key_id, at) for row in rows]

    def _code(self, row: Row, key_id: str | None, at: datetime) -> str:
        address = self.address(row["token"])
        if key_id is None:
            return address
        content = Statement(
            key_id, at, row["serial"], row["registered_name"], row["may_practise"], row["registered_until"]
        ).content
        return f"{address}#{written(content, self.signers.sign(key_id, content))}"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The receipts of one download, and the moment that they tell of: the same as often as it is sent."""

    receipts: Receipts
    at: datetime
