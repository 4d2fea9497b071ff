"""Materials (申请材料): handed in, taken back, their originals seen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from PIL import Image
from uuid_utils.compat import uuid7

from db import application as applications
from db import audit, blob, idempotency
from db import material as materials
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Application
from rules.errors import RateLimited
from rules.material import (
    BROKEN,
    MediaType,
    UploadedFile,
    clean_name,
    media_type_of,
    require_checks,
    require_complete,
    require_hands_in,
    require_known,
    require_originals,
    require_room,
    unreadable,
)
from rules.people import Actor, Party, Role
from workflow import applicant
from workflow.case import Case

PIXELS: Final = 40_000_000
"""A page of A3 at 400 dots an inch is 31 million."""
SCANS: Final = 200
"""A progressive JPEG has ten or so; each is a pass over the whole picture, and 45 bytes are enough for one."""
WINDOW: Final = timedelta(hours=1)
BY_NURSE, BY_STAFF = 60, 600
"""So many files one account may hand in within the window."""
_FORMATS: Final = {MediaType.JPEG: "JPEG", MediaType.PNG: "PNG"}
_ONE_AT_A_TIME: Final = asyncio.Semaphore(1)


@dataclass(frozen=True, slots=True)
class Upload:
    """A wish to hand in a file for one of the materials asked for."""

    session: Session
    application_id: UUID
    code: str
    file: UploadedFile
    idempotency_key: str | None = None


async def upload(db: Database, wish: Upload) -> tuple[UUID, UUID]:
    """Hand in a material (上传材料): checked by what is inside; gives the application and the new material."""
    await _count(db, wish.session)
    media = media_type_of(wish.file.content)
    await _require_decodable(media, wish.file.content)
    key, digest = uuid7(), sha256(wish.file.content).hexdigest()
    async with db.begin() as tx:
        actor = await sessions.require(tx, wish.session)
        retry = idempotency.Key(actor.account_id, "materialUpload", wish.idempotency_key)
        content = [wish.application_id, wish.code, wish.file.name, digest]
        if not await idempotency.first_time(tx, retry, content, key):
            return wish.application_id, await idempotency.result(tx, retry)
        application = await _locked(tx, actor, wish.application_id)
        require_known(await materials.checklist(tx, application.id), [wish.code], "code")
        require_room(*await materials.counts(tx, application.id, wish.code))
        name, size = clean_name(wish.file.name, media, wish.code), len(wish.file.content)
        row = {"application_id": application.id, "code": wish.code, "file_name": name, "media_type": media}
        kept = await blob.keep(tx, wish.file.content, media)
        await materials.insert(tx, key, {**row, "size": size, "sha256": kept, "uploaded_by": actor.account_id})
        await _changed(tx, actor, application, "material.upload", {"material": key, "code": wish.code})
    return wish.application_id, key


async def _count(db: Database, session: Session) -> None:
    """Count a file that somebody hands in, whatever comes of it: what is taken back is kept all the same."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        allowed = BY_NURSE if actor.party is Party.NURSE else BY_STAFF
        subject = tx.keyring.blind_index(str(actor.account_id), "material")
        wait = await sessions.count_attempt(tx, subject, WINDOW, allowed)
    if wait:
        raise RateLimited(wait)


@dataclass(frozen=True, slots=True)
class Removal:
    """A wish to take a material back."""

    session: Session
    material_id: UUID
    idempotency_key: str | None = None


async def remove(db: Database, wish: Removal) -> UUID:
    """Take a material back (删除材料), while the materials are open; gives its application."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, wish.session)
        retry = idempotency.Key(actor.account_id, "materialRemove", wish.idempotency_key)
        if await idempotency.seen(tx, retry, wish.material_id):
            return await idempotency.result(tx, retry)
        application_id = await materials.application_of(tx, wish.material_id)
        if not await idempotency.first_time(tx, retry, wish.material_id, application_id):
            return application_id
        application = await _locked(tx, actor, application_id)
        code = await materials.remove(tx, wish.material_id)
        await _changed(tx, actor, application, "material.remove", {"material": wish.material_id, "code": code})
    return application_id


async def _locked(tx: Tx, actor: Actor, application_id: UUID) -> Application:
    """The application, where this person may change its materials now."""
    application = await applications.lock(tx, application_id)
    require_hands_in(await applicant.acting(tx, actor, application), application, tx.now)
    return application


async def _changed(tx: Tx, actor: Actor, application: Application, action: str, detail: dict[str, Any]) -> None:
    """What an application says has changed, though it stays where it is."""
    await applications.move(tx, application, application.state, actor.account_id, {})
    told = {"application": application.id, **detail}
    await audit.record(tx, action, actor.account_id, told, nurse_id=application.nurse_id)


async def _require_decodable(media: MediaType, content: bytes) -> None:
    if media in _FORMATS:
        async with _ONE_AT_A_TIME:
            await asyncio.to_thread(_decode, _FORMATS[media], content)


def _decode(kind: str, content: bytes) -> None:
    """Read every pixel, of a JPEG at an eighth of its size; refuses what is broken, or too large to try."""
    if kind == "JPEG" and content.count(b"\xff\xda") > SCANS:
        raise unreadable("PICTURE", BROKEN)
    try:
        with Image.open(BytesIO(content), formats=(kind,)) as picture:
            if picture.width * picture.height > PIXELS:
                raise unreadable("PICTURE", BROKEN)
            picture.draft("L", (picture.width // 8, picture.height // 8))
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise unreadable("PICTURE", BROKEN) from None


@dataclass(frozen=True, slots=True)
class Check:
    """A reviewer's word that she has seen the originals of these materials."""

    session: Session
    application_id: UUID
    codes: tuple[str, ...]
    idempotency_key: str | None = None


async def check(db: Database, wish: Check) -> UUID:
    """Tick originals (核对原件, N18); gives the application."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, wish.session)
        retry = idempotency.Key(actor.account_id, "materialCheck", wish.idempotency_key)
        content = [wish.application_id, sorted(wish.codes)]
        if not await idempotency.first_time(tx, retry, content, wish.application_id):
            return wish.application_id
        application = await applications.lock(tx, wish.application_id)
        require_checks(actor, application, tx.now)
        items = await materials.checklist(tx, application.id)
        require_known(items, wish.codes, "codes")
        await materials.check(tx, application.id, wish.codes, actor.account_id)
        detail = {"codes": ",".join(sorted(wish.codes))}
        await _changed(tx, actor, application, "material.check", detail)
    return wish.application_id


async def require_handed_in(case: Case, institution_id: UUID | None = None) -> None:
    """Filing needs the whole list (材料齐全) of where it goes: what must be handed in has been."""
    items = await materials.checklist(case.tx, case.application.id, institution_id)
    require_complete(items, case.application.filed_by)


async def see_originals(case: Case) -> None:
    """Taking in needs the originals where paper is asked, and sight of what others filed for her without a copy.

    Ticks those seen now, refuses where one is missing.
    Where the authority was silent, the law takes the application in, whatever has been seen.
    """
    if case.actor.has(Role.SYSTEM):
        return
    codes: tuple[str, ...] = case.order.given.get("originals_seen", ())
    items = await materials.checklist(case.tx, case.application.id)
    require_known(items, codes, "originalsSeen")
    require_originals((item for item in items if item.code not in codes), case.application.filed_by)
    await materials.check(case.tx, case.application.id, codes, case.actor.account_id)
