"""The good and bad records (良好记录、不良记录) of seeded nurses: of each suspension, and what hospitals propose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from db.seed.entry import span_rows
from db.seed.people import Nurse
from db.seed.random_source import CHINA, Part, Row, identifier, part_key
from rules.conduct import ConductKind, ConductSource, ConductState

_NINE: Final = time(9, tzinfo=CHINA)
_CYCLE: Final = 500
_PROPOSED: Final = {83: ConductState.RECORDED, 183: ConductState.PROPOSED}
"""Of each five hundred nurses one has a good record, and one waits for hers."""


def conduct_rows(nurse: Nurse) -> Iterator[Row]:
    """The records of one nurse; a suspension's has the id of its span, as the register writes it."""
    last = nurse.career.last
    for span in span_rows(nurse):
        if span["kind"] == "SUSPENSION" and last is not None:
            began = span["starts_on"]
            assert isinstance(began, date)
            at = datetime.combine(began, _NINE)
            said = {"text": "暂停执业", "decision_number": span["decision_number"], "decided_on": began}
            yield _row(nurse, ConductKind.BAD, ConductState.RECORDED, ConductSource.SUSPENSION, at) | {
                **{"id": span["id"], "institution_id": None, "issuer": last.decided_by.name},
                **said,
            }
    state = _PROPOSED.get(nurse.index % _CYCLE)
    if state is None or last is None or last.institution is None:
        return
    at = datetime.combine(nurse.register.today - timedelta(days=1 + nurse.key % 90), _NINE)
    yield _row(nurse, ConductKind.GOOD, state, ConductSource.INSTITUTION, at)


def _row(nurse: Nurse, kind: ConductKind, state: ConductState, source: ConductSource, at: datetime) -> Row:
    last = nurse.career.last
    assert last is not None
    return {
        "id": identifier(part_key(nurse.key, Part.CONDUCT), at),
        "nurse_id": nurse.id,
        "kind": kind,
        "state": state,
        "source": source,
        "text": f"{at.year}年度省级优秀护士",
        "decision_number": None,
        "decided_on": None,
        "issuer": None,
        "institution_id": last.institution and last.institution.id,
        "authority_id": last.decided_by.id,
        "created_at": at,
        "recorded_at": at if state is ConductState.RECORDED else None,
    }
