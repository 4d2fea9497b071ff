"""Feed cursors: where a scope's reader stands, signed, and good wherever that scope's history holds the event."""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from db.feed.scope_log import StoredEvent
from db.store.keys import Keyring
from rules.errors import FieldProblem, Invalid, RegistryError, Words
from rules.events import Lost

VERSION: Final = 2
_LAYOUT: Final = struct.Struct(">B16sQ8s")
# Version 1, written until 0.1.0 and read until 0.3.0, names no event but a database: by identifier, timeline and birth.
_FIRST: Final = 1
_FIRST_LAYOUT: Final = struct.Struct(">B8s16sQ")
MARK_BYTES: Final = 8
MAC_BYTES: Final = 16
_BAD: Final = Words("游标无效，请重新读取列表", "This is not a cursor of your feed; read the list again.")

# Of a standby that was promoted the timeline in pg_control is the old one until the next checkpoint; its log's is not.
_EPOCH: Final = """
select epoch, system_identifier || ':' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || ':' || epoch
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


class Stand(NamedTuple):
    """Where a scope stands, as one statement read it, and what it knows of the place after an event.

    `last_id` is the id of its last event, `previous_id` that before the event after the place, if that one is `kept`.
    """

    last: int
    last_id: UUID | None
    kept: bool
    previous_id: UUID | None


class Claim(NamedTuple):
    """The place that a cursor names, before the history has been asked; `mark` is None in one of version 1."""

    cursors: Cursors
    scope: UUID
    seq: int
    mark: bytes | None

    def found(self, stand: Stand) -> FeedPosition:
        """The place in the history that was read; raises FeedLost where that one does not hold it, or not what follows.

        The event itself need not be kept: the one after it names it, and so does the scope itself.
        """
        if self.seq > stand.last:
            raise FeedLost(Lost.EPOCH)
        if self.seq < stand.last and not stand.kept:
            raise FeedLost(Lost.RETENTION)
        return self.at(self.seq, stand.last_id if self.seq == stand.last else stand.previous_id)

    def at(self, seq: int, event_id: UUID | None) -> FeedPosition:
        """This place, where this event stands in the history; raises FeedLost for another event."""
        if self.mark is not None and self.mark != self.cursors.mark(event_id):
            raise FeedLost(Lost.EPOCH)
        return FeedPosition(self.cursors, self.scope, seq, event_id)


@dataclass(frozen=True)
class Cursors:
    """Makes and reads cursors: base64url(version ‖ scope ‖ seq ‖ mark of the event ‖ MAC).

    `birth` is the row that a new register is born with, and that one who restores may renew: the history of each of its
    scopes begins with it. `timeline` is what names the database in a cursor of version 1.
    """

    keyring: Keyring
    birth: UUID
    timeline: bytes = b""

    @classmethod
    async def of(cls, connection: Any, keyring: Keyring) -> Cursors:
        """The cursors of the database at the other end of a connection."""
        birth, identity = await connection.fetchrow(_EPOCH)
        return cls(keyring, birth, sha256(str(identity).encode()).digest()[:8])

    def mark(self, event_id: UUID | None) -> bytes:
        """The mark of an event in this register's history; that of no event is of the birth of its scope."""
        return sha256(self.birth.bytes + (event_id.bytes if event_id else b"")).digest()[:MARK_BYTES]

    def write(self, scope: UUID, seq: int, event_id: UUID | None = None) -> str:
        """The cursor of an event; of none, that of the scope's birth."""
        return self._signed(_LAYOUT.pack(VERSION, scope.bytes, seq, self.mark(event_id)))

    def placed(self, place: str) -> str:
        """The cursor of a place as the shapes write it: scope, number and id of the event, with colons between."""
        scope, seq, event_id = place.split(":")
        return self.write(UUID(scope), int(seq), UUID(event_id) if event_id else None)

    def read(self, scope: UUID, cursor: str, argument: str = "after", before: UUID | None = None) -> Claim:
        """The place that a cursor of this scope claims; raises Invalid (forged, or of another scope), FeedLost.

        `before` is the scope in which the same feed was before: a place there is good too.
        """
        bad = Invalid(FieldProblem(argument, "CURSOR", _BAD))
        try:
            whole = urlsafe_b64decode(cursor.encode("ascii") + b"==")
            body, mac = whole[:-MAC_BYTES], whole[-MAC_BYTES:]
            # Written anew and compared as a whole, so that one place has one cursor and no other text passes for it.
            if self._written(body, mac) != cursor or not self.keyring.signed("cursor", body, mac):
                raise bad
            owner, seq, mark, timeline = _parts(body)
        except (ValueError, struct.error):
            raise bad from None
        own = next((one for one in (scope, before) if one is not None and one.bytes == owner), None)
        if own is None:
            raise bad
        if timeline not in (None, self.timeline):
            raise FeedLost(Lost.EPOCH)
        return Claim(self, own, seq, mark)

    def _signed(self, body: bytes) -> str:
        return self._written(body, self.keyring.sign("cursor", body))

    @staticmethod
    def _written(body: bytes, mac: bytes) -> str:
        return urlsafe_b64encode(body + mac).decode().rstrip("=")


def _parts(body: bytes) -> tuple[bytes, int, bytes | None, bytes | None]:
    """Scope, number, mark, and what names the database; of one version there is the one, of the other the other."""
    match body[:1]:
        case b"\x02":
            _, owner, seq, mark = _LAYOUT.unpack(body)
            return owner, seq, mark, None
        case b"\x01":
            _, timeline, owner, seq = _FIRST_LAYOUT.unpack(body)
            return owner, seq, None, timeline
    raise ValueError


class FeedPosition(NamedTuple):
    """The place of a reader in one scope: after the event `seq`, whose id this is; before the first there is none."""

    cursors: Cursors
    scope: UUID
    seq: int
    event_id: UUID | None = None

    @property
    def cursor(self) -> str:
        """The place, as clients keep it."""
        return self.cursors.write(self.scope, self.seq, self.event_id)

    @property
    def claim(self) -> Claim:
        """The claim of its cursor."""
        return Claim(self.cursors, self.scope, self.seq, self.cursors.mark(self.event_id))

    def after(self, event: StoredEvent) -> FeedPosition:
        """The place after another event of the same scope."""
        return FeedPosition(self.cursors, self.scope, event.seq, event.id)
