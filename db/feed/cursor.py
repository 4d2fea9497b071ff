"""Feed cursors: where a scope's reader stands, signed, and good for one database only."""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from db.store.keys import Keyring
from rules.errors import FieldProblem, Invalid, RegistryError, Words
from rules.events import Lost

VERSION: Final = 1
_LAYOUT: Final = struct.Struct(">B8s16sQ")
MAC_BYTES: Final = 16
_BAD: Final = Words("游标无效，请重新读取列表", "This is not a cursor of your feed; read the list again.")

# Of a standby that was promoted the timeline in pg_control is the old one until the next checkpoint; its log's is not.
_EPOCH: Final = """
select system_identifier || ':' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || ':' || epoch
from pg_control_system(), feed_epoch"""


class FeedLost(RegistryError):
    """One cannot go on from this cursor (`because`): the list must be read afresh."""

    code = "FEED_RESET"

    def __init__(self, because: Lost) -> None:
        super().__init__(because)
        self.because, self.words = because, _LOST[because]


_LOST: Final = {
    Lost.EPOCH: Words("数据已恢复，请重新读取列表", "The database was restored; read the list afresh."),
    Lost.RETENTION: Words(
        "该游标之后的事件已超过保存期限，请重新读取列表",
        "Events after this cursor are no longer kept; read the list afresh.",
    ),
}


@dataclass(frozen=True)
class Cursors:
    """Makes and reads the cursors of one database: base64url(version ‖ epoch ‖ scope ‖ seq ‖ MAC)."""

    keyring: Keyring
    epoch: bytes

    @classmethod
    async def of(cls, connection: Any, keyring: Keyring) -> Cursors:
        """The epoch comes from the system's identifier, its timeline, and a row that a restore renews."""
        identity = await connection.fetchval(_EPOCH)
        return cls(keyring, sha256(str(identity).encode()).digest()[:8])

    def write(self, scope: UUID, seq: int) -> str:
        """The cursor of an event."""
        return self._signed(_LAYOUT.pack(VERSION, self.epoch, scope.bytes, seq))

    def read(self, scope: UUID, cursor: str, argument: str = "after", before: UUID | None = None) -> FeedPosition:
        """The place that a cursor of this scope stands for; raises Invalid (forged, or of another scope), FeedLost.

        `before` is the scope in which the same feed was before: a place there is good too.
        """
        bad = Invalid(FieldProblem(argument, "CURSOR", _BAD))
        try:
            whole = urlsafe_b64decode(cursor.encode("ascii") + b"==")
            body, mac = whole[:-MAC_BYTES], whole[-MAC_BYTES:]
            version, epoch, owner, seq = _LAYOUT.unpack(body)
        except (ValueError, struct.error):
            raise bad from None
        # Written anew and compared as a whole, so that one place has one cursor and no other text passes for it.
        if urlsafe_b64encode(body + mac).decode().rstrip("=") != cursor or not self.keyring.signed("cursor", body, mac):
            raise bad
        own = next((one for one in (scope, before) if one is not None and one.bytes == owner), None)
        if version != VERSION or own is None:
            raise bad
        if epoch != self.epoch:
            raise FeedLost(Lost.EPOCH)
        return FeedPosition(self, own, seq)

    def _signed(self, body: bytes) -> str:
        return urlsafe_b64encode(body + self.keyring.sign("cursor", body)).decode().rstrip("=")


class FeedPosition(NamedTuple):
    """The place of a reader in one scope: after the event `seq`, in the database that the cursors belong to."""

    cursors: Cursors
    scope: UUID
    seq: int

    @property
    def cursor(self) -> str:
        """The place, as clients keep it."""
        return self.cursors.write(self.scope, self.seq)

    def after(self, seq: int) -> FeedPosition:
        """The place after another event of the same scope."""
        return FeedPosition(self.cursors, self.scope, seq)
