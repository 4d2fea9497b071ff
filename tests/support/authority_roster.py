"""Rosters beside lists in the authorization matrix: one that lies there, and what each step on it needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from graph.schema.node import global_id
from rules.moment import SHANGHAI
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import Stage
from tests.support.world import TODAY

LIST: Final = "on a list of the nurses of an institution"
ROSTER: Final = "on the roster that the operator of the hospital compared"
_PROBLEM: Final = {"path": "department", "code": "FIELD_UNREADABLE", "zh": "没有这一项", "en": "There is none."}


async def _comparison(stage: Stage) -> UUID:
    """The operator's comparison, or a new one."""
    by = stage.cast.operator.account_id
    found: UUID | None = await stage.world.owner.fetchval("select id from roster_check where account_id = $1", by)
    if found is None:
        found, notes = uuid7(), orjson.dumps([{**_PROBLEM, "path": "csv"}]).decode()
        row = {"id": found, "institution_id": stage.cast.hospital, "account_id": by, "notes": notes}
        await stage.world.insert("roster_check", **row)
    return found


async def _row(stage: Stage, nurse_id: UUID, finding: str, **more: Any) -> tuple[UUID, int]:
    """One more row of it."""
    key = await _comparison(stage)
    last = "select coalesce(max(place), 0) + 1 from roster_check_row where roster_check_id = $1"
    place = await stage.world.owner.fetchval(last, key)
    row = {"roster_check_id": key, "place": place, "line": place + 1, "finding": finding, "nurse_id": nurse_id}
    empty = {"recorded": "{}", "wanted": "{}", "problems": "[]"}
    await stage.world.insert("roster_check_row", **{**row, **empty, **more})
    return key, place


async def put_roster(stage: Stage) -> None:
    """A row that differs and was done, and one that cannot be read."""
    values = {
        "recorded": '{"title": "NURSE"}',
        "wanted": '{"title": "SENIOR_NURSE"}',
        "done_at": datetime.now(SHANGHAI),
    }
    await _row(stage, stage.cast.nurse_id, "DIFFERENT", **values)
    await _row(stage, stage.cast.nurse_id, "UNREADABLE", problems=orjson.dumps([_PROBLEM]).decode())


async def _compare(ask: Ask) -> Input:
    return {"csv": "身份证号\n110101199003070038\n".encode()}


def _on(finding: str, **given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        cast = await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)
        values: dict[str, Any] = {"wanted": '{"department": "EMERGENCY"}', "recorded": '{"department": "OUTPATIENT"}'}
        if given.get("done"):  # she is in the ward that she was moved to
            values = {**values, "wanted": '{"department": "WARD"}', "done_at": datetime.now(SHANGHAI)}
        key, place = await _row(ask.stage, cast.nurse_id, finding, **values)
        return {"id": global_id("RosterCheck", key), "places": [place], "herself": cast.nurse, **given}

    return probe


ROSTER_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (LIST, "rosterCompare"): _compare,
    (ROSTER, "rosterEdit"): _on("DIFFERENT"),
    (ROSTER, "rosterUndo"): _on("DIFFERENT", done=True),
    (ROSTER, "rosterReportDepartures"): _on("NOT_LISTED", reason="RESIGNED", leftOn=TODAY.isoformat()),
}
"""By the section of the table and the mutation."""
