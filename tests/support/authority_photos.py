"""Photos in the authorization matrix: those that lie there, and what each step needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graph.schema.node import global_id
from tests.support.authority_information import OWN
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import Stage
from tests.support.people import form, known, resident
from tests.support.photos import a_photo, packed
from tests.support.pictures import drawn, saved
from tests.support.story import NOW

HANDED_IN: Final = "on a picture of hers that was not filed"
ARCHIVE: Final = "on an archive of photos"
WAITING: Final = "on a photo of hers that waits for her institution"


async def put_photos(stage: Stage) -> None:
    """A photo of each state that others see; with nothing of the refused one empty."""
    for seed, state in enumerate(("CURRENT", "PENDING")):
        await a_photo(stage.world, stage.cast, state, seed)
    said = {"opinion": "背景杂乱", "reasons": ["BACKGROUND"], "warnings": ["BACKGROUND_NOT_WHITE"]}
    await a_photo(stage.world, stage.cast, "REJECTED", 2, **said, decided_at=NOW, escalated_at=NOW)


def _on(state: str, **given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        her = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
        key = await a_photo(ask.stage.world, her, state)
        if given.get("long_ago"):
            sql = "update photo set queued_at = queued_at - interval '60 days' where id = $1"
            await ask.stage.world.owner.execute(sql, key)
        shown = global_id("Photo", key)
        more = {name: value for name, value in given.items() if name != "long_ago"}
        return {"id": shown, "ids": [shown], "file": "PHOTO", "expectedVersion": 1, "herself": her.nurse, **more}

    return probe


async def _picture(ask: Ask) -> Input:
    return {"file": saved(drawn())}


async def _archive(ask: Ask) -> Input:
    """An archive with a nurse of whoever asks."""
    far = ask.person is not None and ask.person.actor.party_id == ask.stage.far.hospital
    cast, given = ask.stage.far if far else ask.stage.cast, form(id_number=resident())
    await known(ask.stage.world, cast, given)
    return {"archive": packed({"a.jpg": saved(drawn())}, [(given.id_number, "a.jpg")])}


PHOTO_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (OWN, "photoUpload"): _picture,
    (ARCHIVE, "photoArchiveFile"): _archive,
    (HANDED_IN, "photoFile"): _on("UPLOADED"),
    (HANDED_IN, "downloadTicketCreate"): _on("UPLOADED"),
    (WAITING, "photoApprove"): _on("PENDING"),
    (WAITING, "photoReject"): _on("PENDING", reasons=["NOT_RECENT"]),
    (WAITING, "photoWithdraw"): _on("PENDING"),
    (WAITING, "photoEscalate"): _on("PENDING", long_ago=True),
    (WAITING, "downloadTicketCreate"): _on("PENDING"),
}
"""By the section of the table and the mutation."""
