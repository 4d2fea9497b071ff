"""Feed cursors: where a scope's reader stands, signed, and good for one database only."""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from uuid import UUID

from db.engine import Database
from db.keys import Keyring
from rules.errors import FieldProblem, Invalid, RegistryError, Words

VERSION: Final = 1
_LAYOUT: Final = struct.Struct(">B8s16sQ")
_MAC: Final = 16
_BAD: Final = Words("游标无效，请重新读取列表", "This is not a cursor of your feed; read the list again.")


class OtherEpoch(RegistryError):
    """The cursor was made by another database: before a backup was restored, say."""

    code = "FEED_RESET"
    words = Words("数据已恢复，请重新读取列表", "The database was restored; read the list afresh.")


@dataclass(frozen=True)
class Cursors:
    """Makes and reads the cursors of one database: base64url(version ‖ epoch ‖ scope ‖ seq ‖ MAC)."""

    keyring: Keyring
    epoch: bytes

    @classmethod
    async def of(cls, db: Database) -> Cursors:
        """The epoch comes from the system's identifier, its timeline, and a row that a restore renews."""
        told = await db.pool.fetchval(
            "select system_identifier || ':' || timeline_id || ':' || epoch"
            " from pg_control_system(), pg_control_checkpoint(), feed_epoch"
        )
        return cls(db.keyring, sha256(str(told).encode()).digest()[:8])

    def write(self, scope: UUID, seq: int) -> str:
        """The cursor of an event."""
        body = _LAYOUT.pack(VERSION, self.epoch, scope.bytes, seq)
        return urlsafe_b64encode(body + self.keyring.sign("cursor", body)).decode().rstrip("=")

    def read(self, scope: UUID, cursor: str) -> int:
        """The number a cursor of this scope stands for; raises Invalid (forged, or of another scope), OtherEpoch."""
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            version, epoch, owner, seq = _LAYOUT.unpack(raw[:-_MAC])
        except (ValueError, struct.error):
            raise Invalid(FieldProblem("after", "CURSOR", _BAD)) from None
        genuine = compare_digest(self.keyring.sign("cursor", raw[:-_MAC]), raw[-_MAC:])
        if not genuine or version != VERSION or owner != scope.bytes:
            raise Invalid(FieldProblem("after", "CURSOR", _BAD))
        if epoch != self.epoch:
            raise OtherEpoch
        return int(seq)
