"""The end of a step: its events, and the notices (告知) that go with them to nurses with a proved contact."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from db import message
from db.feed import event
from db.feed.event import Addressed
from db.store.engine import Tx
from db.store.keys import Sealed
from rules.notice import Notice, by_day, notice_of
from rules.verification import Channel


async def tell(tx: Tx, addressed: Sequence[Addressed], unwritten: Collection[UUID] = ()) -> None:
    """Everybody hears of a step in a feed; nurses with a proved phone or mail box are written to as well.

    Those of `unwritten` are not. The contacts come with the statement that records the events; only where there is one
    is there a second.
    """
    written = [one for one in reversed(addressed) if one.scope not in unwritten]
    notices = {one.scope: notice for one in written if (notice := notice_of(one.type, one.body, tx.today))}
    contacts = await event.record(tx, addressed, notices)
    posts = [_post(tx, row, notices[row["nurse_id"]]) for row in contacts]
    await message.post(tx, posts, by_day(tx.now))


def _post(tx: Tx, row: asyncpg.Record, notice: Notice) -> message.Post:
    name, channel = ("phone", Channel.SMS) if row["by_phone"] else ("email", Channel.MAIL)
    to = tx.keyring.unseal(Sealed(row[f"{name}_key_id"], row[f"{name}_sealed"]), name)
    return message.Post(channel, to, *notice)
