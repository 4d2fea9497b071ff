"""Blank certificates on the stage of the authorization matrix, and its mutations on them: what each needs to be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from graph.schema.node import global_id
from rules.hand_out import Collector
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import Stage
from tests.support.public_register import certified, published
from tests.support.receipts import signed
from tests.support.stock import Office
from tests.support.world import Cast

FREE: Final = "on free blanks of the district"
CERTIFICATE: Final = "on a certificate of the district that is printed"
BEARING: Final = "on a blank of the district with a certificate that nobody has taken"

TAKEN: Final = "on a certificate of the district that was recorded as taken"


def _office(stage: Stage) -> Office:
    return Office.of(stage.services.db, stage.world, stage.cast)


async def put_stock(stage: Stage) -> None:
    """A certificate of the nurse, which a proxy took, with what the register has signed of it."""
    office = _office(stage)
    await office.receive(1, 1)
    key = await office.issue(stage.cast, token=stage.certificate_token)
    serial, now = (await stage.world.row("certificate", key))["serial"], datetime.now(UTC)
    stage.receipt = signed(await published(stage.world, now), signed_at=now, serial=serial)
    await office.use(1, stage.cast)
    await office.hand_out(stage.cast, collector=Collector.PROXY, proxy_name="李代", proxy_last4="001X")


def _range(office: Office) -> dict[str, Any]:
    return {"first": office.number(1), "last": office.number(1), "number": office.number(1), "reason": "DAMAGED"}


async def _own_code(ask: Ask) -> Input:
    """Each nurse has a certificate of her own."""
    nurse_id = ask.person and ask.person.actor.nurse_id
    sql = "select exists (select from certificate where nurse_id = $1 and voided_at is null)"
    if nurse_id and not await ask.stage.world.owner.fetchval(sql, nurse_id):
        await certified(ask.stage.world, replace(ask.stage.cast, nurse_id=nurse_id))
    return {}


async def _to_come(ask: Ask) -> Input:
    return _range(_office(ask.stage))


async def _free(ask: Ask) -> Input:
    office = _office(ask.stage)
    await office.receive(1, 1)
    return _range(office)


async def _cast(ask: Ask, office: Office) -> Cast:
    """A further nurse of the hospital, with a certificate; she is "the nurse" of the section."""
    cast = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
    await office.issue(cast)
    return cast


def _of(nurse_id: UUID) -> dict[str, Any]:
    return {"ids": [global_id("Nurse", nurse_id)], "collector": "HERSELF"}


async def _to_print(ask: Ask) -> Input:
    office = _office(ask.stage)
    await office.receive(1, 1)
    cast = await _cast(ask, office)
    return {**_of(cast.nurse_id), "firstNumber": office.number(1), "herself": cast.nurse}


async def _bearing(ask: Ask) -> Input:
    office = _office(ask.stage)
    await office.receive(1, 1)
    cast = await _cast(ask, office)
    await office.use(1, cast)
    return {**_range(office), **_of(cast.nurse_id), "herself": cast.nurse}


async def _taken(ask: Ask) -> Input:
    office = _office(ask.stage)
    await office.receive(1, 1)
    cast = await _cast(ask, office)
    await office.use(1, cast)
    await office.hand_out(cast)
    return {**_of(cast.nurse_id), "reason": "登记错误", "herself": cast.nurse}


STOCK_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    ("on the code of her own certificate", "certificateTokenVoid"): _own_code,
    ("on blanks to come", "certificateBlanksReceive"): _to_come,
    (FREE, "certificateBlanksWithdraw"): _free,
    (CERTIFICATE, "certificateBlanksUse"): _to_print,
    (BEARING, "certificateBlanksRelease"): _bearing,
    (BEARING, "certificateBlankSpoil"): _bearing,
    (BEARING, "certificatesHandOut"): _bearing,
    (TAKEN, "certificatesHandOutWithdraw"): _taken,
}
"""By the section of the table and the mutation."""
