"""The outbox (发件箱): a message stands in it from the same transaction on as its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row, and_, or_, select, update
from uuid_utils.compat import uuid7

from db.read.shapes.message import RECIPIENT
from db.store.engine import Database, Reader, Tx
from db.store.keys import Keyring, Sealed
from db.store.statement import Statement
from db.store.tables import outbox
from rules.errors import NotFound
from rules.message import BULK, VALUES, Template, require_recipient
from rules.verification import Channel

CONTENT: Final = "outbox content"
BATCH: Final = 500
"""The number of rows written at once, so that sealing them blocks no other task for long."""
EMPTIED: Final = {
    "recipient_key_id": "",
    "recipient_sealed": b"",
    "content_key_id": "",
    "content_sealed": b"",
}
"""The empty values that replace recipient and content of a row once it was sent."""


_INSERT: Final = Statement.insert(
    outbox,
    *("id", "channel", "template", "recipient_key_id", "recipient_sealed", "content_key_id", "content_sealed"),
    *("created_at", "due_at", "bulk"),
)


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """A message to be written: to whom, in which words."""

    channel: Channel
    to: str
    template: Template
    values: Mapping[str, str]


async def send(tx: Tx, *, channel: Channel, to: str, template: Template, values: Mapping[str, str]) -> None:
    """Send a message if this transaction commits; refuses a wrong address, and values that are not the template's.

    Raises Invalid for the address.
    """
    await send_all(tx, [(channel, to)], template, values)


async def send_all(
    tx: Tx, recipients: Sequence[tuple[Channel, str]], template: Template, values: Mapping[str, str]
) -> None:
    """Tell many people the same, as `send` tells one."""
    await post(tx, [Post(channel, to, template, values) for channel, to in recipients])


async def post(tx: Tx, posts: Sequence[Post], text_from: datetime | None = None) -> None:
    """Send many messages; text messages not before `text_from`, where it is given."""
    if wrong := [one.template for one in posts if one.values.keys() != VALUES[one.template]]:
        raise ValueError(f"{wrong[0]} takes {sorted(VALUES[wrong[0]])}, and was given something else.")
    for start in range(0, len(posts), BATCH):
        rows = [_row(tx, one, text_from) for one in posts[start : start + BATCH]]
        if tx.foresees:
            for row in rows:
                await tx.write(_INSERT, row)
        else:
            await tx.execute(outbox.insert(), rows)
        tx.posted = True


def _row(tx: Tx, post: Post, text_from: datetime | None) -> dict[str, Any]:
    require_recipient(post.channel, post.to)
    recipient = tx.keyring.seal(post.to, RECIPIENT)
    content = tx.keyring.seal(orjson.dumps(dict(post.values)).decode(), CONTENT)
    return {
        "id": uuid7(),
        "channel": post.channel,
        "template": post.template,
        "recipient_key_id": recipient.key_id,
        "recipient_sealed": recipient.ciphertext,
        "content_key_id": content.key_id,
        "content_sealed": content.ciphertext,
        "created_at": tx.now,
        "due_at": text_from if text_from and post.channel is Channel.SMS else tx.now,
        "bulk": post.template in BULK,
    }


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """A message with its recipient and values opened; it is never shown in a log."""

    id: UUID
    channel: Channel
    template: Template
    to: str
    values: Mapping[str, str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReservedMessage:
    """A row that one worker may send until `until`; then any worker may reserve it again."""

    id: UUID
    channel: Channel
    tries: int
    until: datetime
    row: Row[Any]

    def open(self, keyring: Keyring) -> Letter:
        """The letter itself; raises KeyringError."""
        return _opened(self.row, keyring)


def _opened(row: Row[Any], keyring: Keyring) -> Letter:
    to = keyring.unseal(Sealed(row.recipient_key_id, row.recipient_sealed), RECIPIENT)
    values = orjson.loads(keyring.unseal(Sealed(row.content_key_id, row.content_sealed), CONTENT))
    return Letter(row.id, Channel(row.channel), Template(row.template), to, values, row.created_at)


async def reserve(db: Database, lease: timedelta) -> ReservedMessage | None:
    """Take the row that is due longest, for so long; what goes to many waits. Several workers never get the same."""
    async with db.begin() as tx:
        await tx.ask_time()
        free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= tx.now)
        due = and_(outbox.c.sent_at.is_(None), outbox.c.dead_at.is_(None), outbox.c.due_at <= tx.now, free)
        chosen = (
            select(outbox.c.id)
            .where(due)
            .order_by(outbox.c.bulk, outbox.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        taken = update(outbox).where(outbox.c.id == chosen.scalar_subquery())
        values = {"claimed_until": tx.now + lease, "tries": outbox.c.tries + 1}
        row = (await tx.execute(taken.values(values).returning(outbox))).one_or_none()
    return None if row is None else ReservedMessage(row.id, Channel(row.channel), row.tries, row.claimed_until, row)


async def sent(db: Database, reserved: ReservedMessage, *, keep: bool) -> None:
    """Mark a message as sent: the row keeps only the moment, unless it is kept to be looked at."""
    async with db.begin() as tx:
        await tx.ask_time()
        # Whoever holds it meanwhile: it is out.
        row = update(outbox).where(outbox.c.id == reserved.id, outbox.c.sent_at.is_(None))
        done = {"sent_at": tx.now, "dead_at": None, "claimed_until": None, "last_error": None}
        await tx.execute(row.values(done if keep else {**done, **EMPTIED}))


async def failed(db: Database, reserved: ReservedMessage, error: str, pause: timedelta | None) -> None:
    """A failed message: due again after the pause, or a dead letter without one.

    A worker whose reservation has run out changes nothing any more.
    """
    async with db.begin() as tx:
        await tx.ask_time()
        mine = and_(outbox.c.id == reserved.id, outbox.c.sent_at.is_(None), outbox.c.claimed_until == reserved.until)
        then = {"dead_at": tx.now} if pause is None else {"due_at": tx.now + pause}
        await tx.execute(update(outbox).where(mine).values(claimed_until=None, last_error=error, **then))


async def revive(tx: Tx, letter_id: UUID) -> None:
    """Try a dead letter afresh, as if it had just been written; raises NotFound where there is none of this id."""
    dead = update(outbox).where(outbox.c.id == letter_id, outbox.c.dead_at.is_not(None))
    values = {"dead_at": None, "due_at": tx.now, "tries": 0}
    if (await tx.execute(dead.values(values).returning(outbox.c.id))).one_or_none() is None:
        raise NotFound
    tx.posted = True


async def newest(reader: Reader, first: int) -> list[Letter]:
    """The latest messages that still hold what they say, the newest first."""
    query = select(outbox).where(outbox.c.content_key_id != "").order_by(outbox.c.id.desc()).limit(first)
    return [_opened(row, reader.keyring) for row in await reader.execute(query)]
