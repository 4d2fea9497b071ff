"""Whatever file is downloaded or printed leaves one entry that names whom it is about; a new kind fails here first."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db import ticket as tickets
from db.read.shapes.desk import PURPOSE_OF
from graph.context import Services
from rules.application import State
from rules.kinds import Kind
from rules.ticket import Downloaded, FileKind, RecordFile
from rules.verification import RequestKind
from tests.support.filed_applications import put
from tests.support.papers import PDF, a_blob
from tests.support.photos import a_photo
from tests.support.world import Cast, Person, World
from web.download import MAKERS
from workflow.ticket import redeem

pytestmark = pytest.mark.feature("I18", "N11")
MOMENT: Final = datetime(2025, 9, 26, 8, tzinfo=UTC)
Make = Callable[[World, Cast], Awaitable[tuple[Person, UUID]]]


def _decided(stage: str, outcome: str, state: State, who: str = "reviewer") -> Make:
    async def make(world: World, cast: Cast) -> tuple[Person, UUID]:
        key = await put(world, cast, state, Kind.CHANGE)
        row = {"application_id": key, "revision": 1, "stage": stage, "outcome": outcome, "reasons": []}
        await world.insert("review_decision", **row, decider_id=cast.reviewer.account_id)
        person: Person = getattr(cast, who)
        return person, key

    return make


async def _extended(world: World, cast: Cast) -> tuple[Person, UUID]:
    columns = {"extended": True, "extended_at": MOMENT, "extended_until": MOMENT.date(), "extension_reason": "材料复杂"}
    return cast.nurse, await put(world, cast, State.ACCEPTED, **columns)


async def _paused(world: World, cast: Cast) -> tuple[Person, UUID]:
    key = await put(world, cast, State.ACCEPTED, on_hold=True)
    await world.insert("application_pause", application_id=key, kind="HEARING", reason="听证", started_at=MOMENT)
    return cast.nurse, key


async def _struck(world: World, cast: Cast) -> tuple[Person, UUID]:
    given = {"number": "西卫注〔2025〕7号", "reason": "OTHER", "remarks": "移居境外", "fraud": False}
    content = world.keyring.seal(json.dumps(given), PURPOSE_OF[RequestKind.DEREGISTRATION])
    row = {"kind": "DEREGISTRATION", "state": "APPROVED", "nurse_id": cast.nurse_id, "authority_id": cast.district}
    sealed = {"content_key_id": content.key_id, "content_sealed": content.ciphertext}
    await world.insert("desk_request", id=uuid7(), **row, **sealed, decided_at=MOMENT)
    return cast.nurse, cast.nurse_id


async def _form(world: World, cast: Cast) -> tuple[Person, UUID]:
    return cast.operator, await put(world, cast, State.AUTHORITY_INTAKE)


async def _certificate(world: World, cast: Cast) -> tuple[Person, UUID]:
    row = {"nurse_id": cast.nurse_id, "number": "1", "serial": f"S{cast.nurse_id.hex}", "authority_id": cast.district}
    today = await world.owner.fetchval("select current_date")
    await world.insert("certificate", **row, issued_on=today)
    return cast.viewer, cast.nurse_id


async def _material(world: World, cast: Cast) -> tuple[Person, UUID]:
    application, blob, key = await put(world, cast, State.AUTHORITY_INTAKE), uuid7(), uuid7()
    await world.insert("blob", id=blob, media_type="application/pdf", plain=b"%PDF-")
    row = {"code": "HEALTH", "file_name": "体检.pdf", "media_type": "application/pdf", "size": 5, "blob_id": blob}
    await world.insert("material", id=key, application_id=application, **row, uploaded_by=cast.nurse.account_id)
    return cast.reviewer, key


async def _proof(world: World, cast: Cast) -> tuple[Person, UUID]:
    blob, key = uuid7(), uuid7()
    await world.insert("blob", id=blob, media_type="application/pdf", plain=b"%PDF-")
    asked = {"asked": "{}", "recorded": "{}", "proof_id": blob, "proof_file_name": "毕业证书.pdf"}
    row = {"id": key, "nurse_id": cast.nurse_id, "state": "PENDING", "filed_by": "NURSE", **asked}
    await world.insert("information_change", **row, account_id=cast.nurse.account_id)
    return cast.operator, key


async def _photo(world: World, cast: Cast) -> tuple[Person, UUID]:
    return cast.operator, await a_photo(world, cast)


async def _question_file(world: World, cast: Cast) -> tuple[Person, UUID]:
    key, file = uuid7(), uuid7()
    row = {"id": key, "state": "OPEN", "topic": "OTHER", "title": "问题", "asker_party": "NURSE"}
    await world.insert("question", **row, account_id=cast.nurse.account_id)
    kept = {"file_name": "截图.pdf", "media_type": "application/pdf", "size": len(PDF)}
    await world.insert("question_file", id=file, question_id=key, **kept, blob_id=await a_blob(world, PDF))
    return cast.nurse, file


async def _herself(_: World, cast: Cast) -> tuple[Person, UUID]:
    return cast.nurse, cast.nurse_id


async def _reviewer(_: World, cast: Cast) -> tuple[Person, UUID]:
    return cast.reviewer, cast.nurse_id


MADE: Final[Mapping[Downloaded, Make]] = {
    FileKind.APPLICATION_FORM: _form,
    FileKind.ACCEPTANCE_NOTICE: _decided("AUTHORITY_REVIEW", "ACCEPTED", State.ACCEPTED),
    FileKind.CORRECTION_NOTICE: _decided("AUTHORITY_REVIEW", "CORRECTION_REQUIRED", State.CORRECTION_REQUIRED),
    FileKind.INTAKE_REFUSAL: _decided("AUTHORITY_REVIEW", "NOT_ACCEPTED", State.NOT_ACCEPTED),
    FileKind.DECISION_LETTER: _decided("AUTHORITY_DECISION", "REFUSED", State.REJECTED, "nurse"),
    FileKind.CERTIFICATE: _certificate,
    FileKind.HAND_OUT_LIST: _reviewer,
    FileKind.EXPIRY_NOTICE: _reviewer,
    FileKind.EXTENSION_NOTICE: _extended,
    FileKind.PAUSE_NOTICE: _paused,
    FileKind.DEREGISTRATION_LETTER: _struck,
    FileKind.MATERIAL: _material,
    FileKind.INFORMATION_PROOF: _proof,
    FileKind.PHOTO: _photo,
    FileKind.QUESTION_FILE: _question_file,
    RecordFile.OWN_PDF: _herself,
    RecordFile.OWN_DATA: _herself,
    RecordFile.RELATIVE_PDF: _reviewer,
}
"""Who gets each kind of file, and of what."""
OF_NOBODY: Final = {FileKind.MANUAL}
"""The kinds that are about nobody: who downloaded one is written down all the same."""


def test_every_kind_of_file_is_asked_here() -> None:
    assert MADE.keys() | OF_NOBODY == MAKERS.keys() == {*FileKind, *RecordFile}


@pytest.mark.parametrize("file", MADE)
async def test_a_ticket_that_is_used_leaves_one_entry_with_its_subject_and_the_place(
    services: Services, world: World, cast: Cast, file: Downloaded
) -> None:
    person, subject = await MADE[file](world, cast)
    token, session = uuid7().hex, person.session.token_hash
    async with services.db.begin() as tx:
        await tx.ask_time()
        by = person.account_id
        await tickets.insert(tx, token, session=session, by=by, file=file, subjects=[subject])
    assert (await redeem(services.db, token)).file is file
    sql = "select account_id, party, place_id, nurse_id, detail from audit where action = 'file.download' and nurse_id = $1"
    (entry,) = await world.owner.fetch(sql, cast.nurse_id)
    place = None if person is cast.nurse else person.actor.party_id
    assert tuple(entry) == (
        person.account_id,
        str(person.actor.party),
        place,
        cast.nurse_id,
        f'{{"id": "{subject}", "file": "{file}"}}',
    )


@pytest.mark.feature("I26")
@pytest.mark.parametrize("signed_in", [True, False])
async def test_a_manual_that_is_downloaded_leaves_an_entry_about_nobody(
    services: Services, world: World, cast: Cast, signed_in: bool
) -> None:
    key, token = uuid7(), uuid7().hex
    what = {"audience": "EVERYBODY", "language": "ZH", "title": f"手册{key}", "version": "1", "sha256": "0" * 64}
    file = {"file_name": "手册.pdf", "size": len(PDF), "blob_id": await a_blob(world, PDF)}
    today = await world.owner.fetchval("select current_date")
    await world.insert("manual", id=key, **what, **file, dated=today, account_id=cast.reviewer.account_id)
    session, by = (cast.nurse.session.token_hash, cast.nurse.account_id) if signed_in else (None, None)
    async with services.db.begin() as tx:
        await tx.ask_time()
        await tickets.insert(tx, token, session=session, by=by, file=FileKind.MANUAL, subjects=[key])
    await redeem(services.db, token)
    sql = "select account_id, nurse_id from audit where action = 'file.download' and detail->>'id' = $1"
    (entry,) = await world.owner.fetch(sql, str(key))
    assert tuple(entry) == (by, None)
