"""Something sealed in every table that has such columns, and all of it opened again."""

from __future__ import annotations

from typing import Any

import asyncpg
from uuid_utils.compat import uuid7

from db import key_fact, message, rekey
from db import question as questions
from db import recovery as recoveries
from db.rekey import SEALED
from db.store.engine import Database
from db.store.keys import Keyring, Sealed, verify
from rules.key_fact import KeyFacts
from rules.message import Template
from rules.verification import Channel
from tests.support import activation as given
from tests.support.activation import candidate
from tests.support.contacts import new_mail, new_phone, reach
from tests.support.papers import PDF, a_blob
from tests.support.world import Cast, World

NUMBER = "110199199105120249"


async def filled(url: str, owner: asyncpg.Connection[asyncpg.Record], keyring: Keyring) -> Cast:
    """Something sealed in every table that has such columns."""
    await verify(owner, keyring)
    world = World(owner, keyring)
    cast = await world.cast()
    nurse = await candidate(world, cast)
    await reach(world, nurse.person.account_id, Channel.MAIL, new_mail(), verified=True)
    await given.exam(world, NUMBER)
    db = Database(url, keyring)
    async with db.begin() as tx:
        await tx.ask_time()
        for channel, to in ((Channel.SMS, new_phone()), (Channel.MAIL, new_mail())):
            await message.send(tx, channel=channel, to=to, template=Template.PASSWORD_CHANGED, values={})
        await recoveries.insert(tx, uuid7(), {"name": "王丽", "phone": new_phone()}, None)
        facts, asked = KeyFacts("身份证", "王红"), {"nurse_id": cast.nurse_id, "authority_id": cast.district}
        await key_fact.insert(tx, cast.hospital, **asked, by=cast.nurse.account_id, facts=facts)
        to, what = new_phone(), {"topic": "OTHER", "title": "问题"}
        contact = questions.contact_columns(keyring, Channel.SMS, to, "1****", "token")
        await questions.insert(tx, uuid7(), **what, **contact)
        await questions.insert(tx, uuid7(), **what, account_id=cast.nurse.account_id, asker_party="NURSE")
    await db.close()
    await a_blob(world, PDF)
    await owner.execute(
        "update outbox set sent_at = now(), content_key_id = '', content_sealed = '', recipient_key_id = '', "
        "recipient_sealed = '' where channel = 'MAIL'"
    )
    return cast


async def opened(owner: asyncpg.Connection[asyncpg.Record], keyring: Keyring) -> dict[str, list[Any]]:
    """Everything that is sealed, opened, with the ids and indexes it has."""
    found: dict[str, list[Any]] = {}
    for table in SEALED:
        rows = await owner.fetch(f"select * from {table.name} order by id")
        for column in table.columns:
            values = [(row["id"], row.get(f"{column}_index"), _open(keyring, table, column, row)) for row in rows]
            found[f"{table.name}.{column}"] = values
    return found


def _open(keyring: Keyring, table: rekey.SealedTable, column: str, row: asyncpg.Record) -> bytes | None:
    if not row[f"{column}_key_id"]:
        return None
    closed = Sealed(row[f"{column}_key_id"], row[f"{column}_sealed"])
    return keyring.unseal_bytes(closed, table.purpose(column, row))
