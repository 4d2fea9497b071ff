"""Queries on questions (提问): locked, moved, said something to; who asks, and which time has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row, Select, and_, case, exists, func, select, update
from uuid_utils.compat import uuid7

from db import blob as blobs
from db.read import scope
from db.read.viewer import single
from db.session import digest
from db.store.engine import Reader, Tx
from db.store.keys import Keyring, Sealed
from db.store.tables import account, authority, blob, institution, registration
from db.store.tables_application import application
from db.store.tables_help import question, question_file, question_message
from rules.errors import NotFound
from rules.people import AccountState, Actor, Party
from rules.question import CLOSES_AFTER, WAITING, Question, QuestionState, QuestionTopic, Said
from rules.verification import Channel

CONTACT: Final = "question contact"
_c: Final = question.c
_FEED: Final = case(
    (and_(account.c.party == Party.NURSE, account.c.state == AccountState.INACTIVE), account.c.id),
    else_=func.coalesce(account.c.nurse_id, account.c.institution_id, account.c.authority_id),
)
"""The asker's feed, as `Actor.feed` says it."""
_COMPETENT: Final = func.coalesce(registration.c.authority_id, institution.c.authority_id, authority.c.parent_id)
_NOUN: Final = (
    select(
        *(_c[name] for name in ("id", "state", "version", "topic", "account_id")),
        func.coalesce(account.c.nurse_id, account.c.self_nurse_id).label("nurse_id"),
        _FEED.label("feed"),
        account.c.unit_ids.label("units"),
        _COMPETENT.label("competent_id"),
        *(_c[name] for name in ("authority_id", "holder_id", "held_until")),
    )
    .select_from(question)
    .outerjoin(account, account.c.id == _c.account_id)
    .outerjoin(institution, institution.c.id == account.c.institution_id)
    .outerjoin(authority, authority.c.id == account.c.authority_id)
    .outerjoin(registration, registration.c.nurse_id == account.c.nurse_id)
)


async def lock(tx: Tx, key: UUID) -> Question:
    """A question, held until the commit; whether somebody may see it the rules say."""
    return await _one(tx, _NOUN.where(_c.id == key))


async def lock_by_token(tx: Tx, token: str) -> Question:
    """The question of a link; NotFound for any other."""
    return await _one(tx, _NOUN.where(_c.token_hash == digest(token)))


async def _one(tx: Tx, query: Select[Any]) -> Question:
    row = (await tx.execute(query.with_for_update(of=question))).mappings().one_or_none()
    if row is None:
        raise NotFound
    return _question(row)


def _question(row: Mapping[Any, Any]) -> Question:
    lists = {"state": QuestionState(row["state"]), "topic": QuestionTopic(row["topic"])}
    return Question(**{**row, **lists, "units": tuple(row["units"] or ())})


async def insert(tx: Tx, key: UUID, **values: Any) -> None:
    """A new question."""
    row = {"id": key, "state": QuestionState.OPEN, "created_at": tx.now, "queued_at": tx.now, **values}
    await tx.execute(question.insert().values(row))


def contact_columns(keyring: Keyring, channel: Channel, to: str, masked: str, token: str) -> dict[str, Any]:
    """The columns of somebody without an account: where she is reached, and the token by which she comes back."""
    sealed = keyring.seal(orjson.dumps([to, token]).decode(), CONTACT)
    kept = {"contact_key_id": sealed.key_id, "contact_sealed": sealed.ciphertext, "contact_masked": masked}
    return {"channel": channel, **kept, "token_hash": digest(token)}


async def contact_of(tx: Tx, key: UUID) -> tuple[Channel, str, str]:
    """The contact of somebody without an account for a locked question, and her token."""
    query = select(_c.channel, _c.contact_key_id, _c.contact_sealed).where(_c.id == key)
    row = (await tx.execute(query)).one()
    to, token = orjson.loads(tx.keyring.unseal(Sealed(row.contact_key_id, row.contact_sealed), CONTACT))
    return Channel(row.channel), to, token


async def move(tx: Tx, one: Question, state: QuestionState, **values: Any) -> None:
    """Write where a locked question stands now."""
    moved = {"state": state, "version": one.version + 1, **values}
    await tx.execute(update(question).where(_c.id == one.id).values(moved))


async def hold(tx: Tx, key: UUID, holder_id: UUID | None, until: datetime | None) -> None:
    """Write who works on a locked question; its version stays."""
    await tx.execute(update(question).where(_c.id == key).values(holder_id=holder_id, held_until=until))


async def say(tx: Tx, key: UUID, said: Said, text: str, by: UUID | None) -> None:
    """Something said to a locked question."""
    row = {"id": uuid7(), "question_id": key, "said": said, "text": text, "account_id": by, "at": tx.now}
    await tx.execute(question_message.insert().values(row))


async def own_application(tx: Tx, actor: Actor, key: UUID) -> bool:
    """True if the asker reads this application."""
    query = select(application.c.id).where(application.c.id == key, scope.applications(single(actor)))
    return (await tx.execute(query)).first() is not None


async def authority_there(tx: Tx, key: UUID) -> bool:
    """True if there is this authority."""
    return bool((await tx.execute(select(exists().where(authority.c.id == key)))).scalar_one())


async def files(tx: Tx, key: UUID) -> int:
    """The number of files of a locked question."""
    query = select(func.count()).where(question_file.c.question_id == key)
    return int((await tx.execute(query)).scalar_one())


async def add_file(tx: Tx, key: UUID, **values: Any) -> None:
    """A file of a locked question."""
    await tx.execute(question_file.insert().values(question_id=key, id=uuid7(), at=tx.now, **values))


async def file(reader: Reader, viewer: Actor, key: UUID) -> tuple[str, str, bytes] | None:
    """The name, type and content of a file of a question that somebody reads; None where it is erased or not hers."""
    its = question_file.c
    joined = question_file.join(question, _c.id == its.question_id).join(blob, blob.c.id == its.blob_id)
    query = select(its.file_name, its.media_type, *blobs.CONTENT).select_from(joined)
    row = (await reader.execute(query.where(its.id == key, scope.questions(single(viewer))))).mappings().one_or_none()
    content = None if row is None else blobs.content_of(reader.keyring, dict(row))
    return None if row is None or content is None else (row["file_name"], row["media_type"], content)


async def by_token(reader: Reader, token: str) -> Row[Any] | None:
    """The question of a link, to be shown."""
    query = select(question, authority.c.name.label("authority")).outerjoin(
        authority, authority.c.id == _c.authority_id
    )
    return (await reader.execute(query.where(_c.token_hash == digest(token)))).one_or_none()


async def thread(reader: Reader, key: UUID) -> list[Row[Any]]:
    """The messages of a question, the oldest first."""
    query = select(question_message).where(question_message.c.question_id == key)
    return list(await reader.execute(query.order_by(question_message.c.id)))


async def to_close(tx: Tx, size: int) -> list[Question]:
    """The answered questions that nobody has come back to, locked; what another works on is passed over."""
    due = and_(_c.state == QuestionState.ANSWERED, _c.answered_at <= tx.now - CLOSES_AFTER)
    return await _batch(tx, due, size)


async def run_out(tx: Tx, size: int) -> list[Question]:
    """The questions whose lease has run out, locked."""
    return await _batch(tx, _c.held_until <= tx.now, size)


async def overdue(tx: Tx, size: int) -> list[Question]:
    """The questions whose last day has gone by without an answer and without a word about it, locked."""
    waits = and_(_c.state.in_(sorted(WAITING)), _c.overdue_at.is_(None), _c.due_on <= tx.today - timedelta(days=1))
    return await _batch(tx, waits, size)


async def _batch(tx: Tx, due: Any, size: int) -> list[Question]:
    query = _NOUN.where(due).order_by(_c.id).limit(size).with_for_update(of=question, skip_locked=True)
    return [_question(row) for row in (await tx.execute(query)).mappings()]


async def tell_overdue(tx: Tx, one: Question) -> None:
    """Write that it was said that nobody has answered a locked question."""
    await tx.execute(update(question).where(_c.id == one.id).values(overdue_at=tx.now))
