"""Queries on announcements (公告): made, corrected with each version kept, and marked as read."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.read import scope
from db.read.unit import area_of
from db.read.viewer import single
from db.store.engine import Tx
from db.store.tables import authority, institution
from db.store.tables_help import announcement, announcement_read, announcement_version
from rules.announcement import Announcement, AnnouncementState, AnnouncementText
from rules.errors import NotFound
from rules.people import Actor, Party

_c: Final = announcement.c
_NAMES: Final = ("id", "state", "version", "authority_id", "institution_id", "reach", "audience", "starts_at")
_NOUN: Final = select(*(_c[name] for name in _NAMES), _c.told_at.is_not(None).label("begun"))
_KEPT: Final = ("state", "version", "audience", "title", "text", "starts_at", "ends_at")


async def path_of(tx: Tx, authority_id: UUID) -> str:
    """The place of an authority in the tree; NotFound where there is none."""
    found = (await tx.execute(select(authority.c.path).where(authority.c.id == authority_id))).scalar_one_or_none()
    if found is None:
        raise NotFound
    return str(found)


async def reach_of(tx: Tx, institution_id: UUID) -> str:
    """The place of an institution and its people in the tree."""
    joined = institution.join(authority, authority.c.id == institution.c.authority_id)
    query = select(area_of(authority.c.path, institution.c.id)).select_from(joined)
    return str((await tx.execute(query.where(institution.c.id == institution_id))).scalar_one())


async def insert(tx: Tx, key: UUID, by: UUID, text: AnnouncementText, **place: Any) -> Announcement:
    """A new announcement."""
    row = {"id": key, "state": AnnouncementState.PUBLISHED, "account_id": by, "created_at": tx.now, **place}
    await tx.execute(announcement.insert().values({**row, "changed_at": tx.now, **_columns(text)}))
    await _keep(tx, key, by)
    return await lock(tx, key)


def _columns(text: AnnouncementText) -> dict[str, Any]:
    said = {"title": text.title, "text": text.text, "audience": [*text.audience]}
    return {**said, "starts_at": text.starts_at, "ends_at": text.ends_at}


async def lock(tx: Tx, key: UUID) -> Announcement:
    """An announcement, held until the commit; whether somebody may touch it the rules say."""
    row = (await tx.execute(_NOUN.where(_c.id == key).with_for_update())).mappings().one_or_none()
    if row is None:
        raise NotFound
    return _announcement(row)


def _announcement(row: Any) -> Announcement:
    lists = {"state": AnnouncementState(row["state"]), "audience": tuple(map(Party, row["audience"]))}
    return Announcement(**{**row, **lists})


async def write(tx: Tx, one: Announcement, by: UUID, text: AnnouncementText | None = None, **values: Any) -> None:
    """A locked announcement as it is from now on."""
    changed = {"version": one.version + 1, "changed_at": tx.now, **({} if text is None else _columns(text)), **values}
    await tx.execute(update(announcement).where(_c.id == one.id).values(changed))
    await _keep(tx, one.id, by)


async def _keep(tx: Tx, key: UUID, by: UUID) -> None:
    row = (await tx.execute(select(*(_c[name] for name in _KEPT)).where(_c.id == key))).mappings().one()
    times = {name: row[name] and row[name].isoformat() for name in ("starts_at", "ends_at")}
    kept = {
        "announcement_id": key,
        "version": row["version"],
        "content": {**{name: row[name] for name in _KEPT}, **times},
    }
    await tx.execute(announcement_version.insert().values({**kept, "changed_by": by, "at": tx.now}))


async def mark_begun(tx: Tx, key: UUID) -> None:
    """Write that those whom a locked announcement is for were told."""
    await tx.execute(update(announcement).where(_c.id == key).values(told_at=tx.now))


async def begun(tx: Tx, size: int) -> list[Announcement]:
    """The announcements that have begun since, and of which nobody was told, locked."""
    due = (_c.told_at.is_(None), _c.state == AnnouncementState.PUBLISHED, _c.starts_at <= tx.now)
    query = _NOUN.where(*due).order_by(_c.starts_at).limit(size).with_for_update(skip_locked=True)
    return [_announcement(row) for row in (await tx.execute(query)).mappings()]


async def mark(tx: Tx, actor: Actor, key: UUID) -> None:
    """Mark an announcement that somebody may read as read, in the version that stands; NotFound for any other."""
    version = select(_c.version).where(_c.id == key, scope.announced(single(actor)))
    found = (await tx.execute(version)).scalar_one_or_none()
    if found is None:
        raise NotFound
    row = {"account_id": actor.account_id, "announcement_id": key, "version": found, "at": tx.now}
    made = upsert(announcement_read).values(row)
    newer = {"version": func.greatest(announcement_read.c.version, found), "at": tx.now}
    await tx.execute(made.on_conflict_do_update(index_elements=["account_id", "announcement_id"], set_=newer))
