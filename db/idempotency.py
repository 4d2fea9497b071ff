"""Retries: a key that a client gives to a mutation, and the id of the row that the mutation made or moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from db.store.ahead import NOW, Ahead, Said
from db.store.engine import Tx
from db.store.statement import Statement, given
from db.store.tables import idempotency
from rules.conflict import Situation
from rules.errors import Conflict


@dataclass(frozen=True, slots=True)
class Key:
    """A client's own name for one request; without `text` nothing is kept."""

    client: UUID
    mutation: str
    text: str | None


_ROW: Final = ("client", "mutation", "key", "input_hash", "result_id", "created_at")
_WRITE: Final = Statement(
    insert(idempotency).values(given(idempotency, _ROW)).on_conflict_do_nothing().returning(idempotency.c.key), _ROW
)


_OF: Final = ("client", "mutation", "key")
_KEPT: Final = Statement(
    select(idempotency.c.input_hash, idempotency.c.result_id).where(
        *(idempotency.c[name] == bindparam(name, type_=idempotency.c[name].type) for name in _OF)
    ),
    _OF,
)
_RETRY: Final = Ahead(
    _WRITE, created_at=NOW, more={name: Said(itemgetter(name)) for name in _ROW if name != "created_at"}
)


def ahead(tx: Tx, key: Key, content: bytes, result_id: UUID) -> list[tuple[Ahead, Mapping[str, object]]]:
    """The key, written down with the opening of a step; nothing without one."""
    return [] if key.text is None else [(_RETRY, _row(tx, key, content, result_id))]


def _row(tx: Tx, key: Key, content: bytes, result_id: UUID) -> dict[str, object]:
    kept = {"client": str(key.client), "mutation": key.mutation, "key": key.text}
    return {**kept, "input_hash": _digest(tx, content), "result_id": result_id}


async def earlier(tx: Tx, key: Key, content: bytes, result_id: UUID) -> UUID | None:
    """Write the key down before anything else; the first request's result where it was carried out before.

    A second one at the same moment waits here for the first to end. Raises Conflict where the key came with
    another input.
    """
    if key.text is None:
        return None
    if await tx.run(_WRITE, {**_row(tx, key, content, result_id), "created_at": tx.now}):
        return None
    (kept,) = await tx.run(_KEPT, {"client": str(key.client), "mutation": key.mutation, "key": key.text})
    if not _is_digest(tx, kept["input_hash"], content):
        raise Conflict(Situation.IDEMPOTENCY_KEY_REUSED)
    found: UUID = kept["result_id"]
    return found


async def seen(tx: Tx, key: Key, content: bytes) -> bool:
    """True if this very request was carried out before; writes nothing, for a check outside of the step.

    Raises Conflict if the key came with another input.
    """
    if key.text is None:
        return False
    kept = (await tx.execute(_kept(key, idempotency.c.input_hash))).scalar_one_or_none()
    if kept is not None and not _is_digest(tx, kept, content):
        raise Conflict(Situation.IDEMPOTENCY_KEY_REUSED)
    return kept is not None


def _digest(tx: Tx, content: bytes) -> bytes:
    """A keyed digest, since a request may hold a password or a number that could be guessed from a plain one."""
    return tx.keyring.blind_index(content.hex(), "retry key")


def _is_digest(tx: Tx, kept: bytes, content: bytes) -> bool:
    return tx.keyring.made_index(kept, content.hex(), "retry key")


async def result(tx: Tx, key: Key) -> UUID:
    """The id that the first request made."""
    found: UUID = (await tx.execute(_kept(key, idempotency.c.result_id))).scalar_one()
    return found


async def settle(tx: Tx, key: Key, result_id: UUID) -> None:
    """Keep another result than the one that was written down first: the step found what it moves by other means."""
    if key.text is not None:
        await tx.execute(update(idempotency).where(*_of(key)).values(result_id=result_id))


def _kept(key: Key, *columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).where(*_of(key))


def _of(key: Key) -> tuple[ColumnElement[bool], ...]:
    row = idempotency.c
    return row.client == str(key.client), row.mutation == key.mutation, row.key == key.text
