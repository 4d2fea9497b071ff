"""Units of an institution in the authorization matrix: those that stand there, and what each step needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from uuid_utils.compat import uuid7

from graph.schema.node import global_id
from rules.application import State
from rules.people import Party, Role
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import Stage, put
from tests.support.units import belong, put_unit

UNITS: Final = "on the units of the hospital"


async def put_units(stage: Stage) -> None:
    """A campus with the ward of the nurse, another with somebody whose application waits, and who is limited to it."""
    world, cast = stage.world, stage.cast
    campus = await put_unit(world, cast.hospital, kind="CAMPUS", name="东院区", department=None)
    other = {"department": "OTHER", "other_department": "体检中心"}
    await belong(world, cast.nurse_id, await put_unit(world, cast.hospital, parent_id=campus, **other))
    ward = stage.ids["ward"] = await put_unit(world, cast.hospital)
    own = await stage.nurse("in a ward", cast.hospital, cast.district)
    filled = "department = 'WARD', post = 'HEAD_NURSE', title = 'SENIOR_NURSE', work_category = 'CLINICAL_NURSING'"
    await world.owner.execute(f"update nurse set {filled} where id = $1", own.nurse_id)
    await belong(world, own.nurse_id, ward)
    key = await put(world, own, State.INSTITUTION_REVIEW)
    for application_id in (key, stage.ids["under decision"]):
        said = {"revision": 1, "confirmed": False, "note": "科室有误", "account_id": cast.viewer.account_id}
        await world.insert("pre_review", id=uuid7(), application_id=application_id, **said)
    limited = await world.person(Party.INSTITUTION, cast.hospital, Role.VIEWER)
    await world.owner.execute("update account set unit_ids = array[$2::uuid] where id = $1", limited.account_id, ward)
    stage.ids["limited"] = limited.account_id


async def _new(ask: Ask) -> Input:
    return {"name": f"新病区{uuid7()}"[:40], "kind": "WARD", "department": "WARD"}


async def _unit(ask: Ask) -> Input:
    key = await put_unit(ask.stage.world, ask.stage.cast.hospital)
    return {"id": global_id("Unit", key), "expectedVersion": 1, "name": f"改名{uuid7()}"[:40], "department": "WARD"}


async def _nurse(ask: Ask) -> Input:
    cast = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
    to = global_id("Unit", ask.stage.ids["ward"])
    return {"ids": [global_id("Nurse", cast.nurse_id)], "unit": to, "herself": cast.nurse}


UNIT_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (UNITS, "unitCreate"): _new,
    (UNITS, "unitChange"): _unit,
    (UNITS, "unitClose"): _unit,
    (UNITS, "unitAssign"): _nurse,
}
"""By the section of the table and the mutation."""
