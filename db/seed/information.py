"""Changes of nurses' information (信息修改): asked for, written by institutions, disputed, with history and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from db.blob import sealed
from db.seed.event_rows import event_row, nurse_events
from db.seed.forms import as_json
from db.seed.people import ACTIVE_PLACE, Nurse
from db.seed.random_source import CHINA, OPENED, Part, Row, Salt, identifier, key_of, part_key
from db.seed.stories import CYCLE
from db.store.keys import Keyring
from rules.information_change import OPEN, ChangeState
from rules.nurse import Department, Title
from rules.people import AccountState, Party, Role

_S = ChangeState
_TEN: Final = time(10, tzinfo=CHINA)
KEPT_DAYS: Final = 45
"""The age in days after which an event is not kept."""
RARELY: Final = 499
"""One nurse in so many, of those without an account, has had her work written by her institution."""
PAPER: Final = "职称证书.pdf"
_PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@dataclass(frozen=True, slots=True)
class _Plot:
    """A way that a change has gone: its state, who made it, how many days ago at least, and its events since."""

    state: ChangeState
    by: Party
    days: int
    events: tuple[str, ...]
    spread: int = 1
    paper: bool = False
    escalated: bool = False


_N, _I = Party.NURSE, Party.INSTITUTION
_PLOTS: Final = (
    _Plot(_S.PENDING, _N, 3, ("requested",), 6),
    _Plot(_S.RETURNED, _N, 5, ("requested", "returned"), 9),
    _Plot(_S.APPROVED, _N, 9, ("requested", "decided"), 300),
    _Plot(_S.ANNOUNCED, _I, 2, ("announced",), paper=True),
    _Plot(_S.DISPUTED, _I, 4, ("edited", "disputed"), 9),
    _Plot(_S.PENDING, _N, 22, ("requested", "requested"), 5, escalated=True),
    _Plot(_S.REJECTED, _N, 12, ("requested", "decided"), 200),
    _Plot(_S.APPROVED, _I, 3, ("edited",), 90),
    _Plot(_S.WITHDRAWN, _N, 9, ("requested", "withdrawn"), 100),
)
_BY: Final = {"requested": _N, "withdrawn": _N, "disputed": _N, "returned": _I, "decided": _I}
_OPINION: Final = {_S.RETURNED: "请上传职称证书后重新提交", _S.REJECTED: "与职称证书不符"}


@dataclass(frozen=True, slots=True)
class InformationRows:
    """The row of one change, what it changed of the record, and its events."""

    change: Row
    history: tuple[Row, ...]
    events: tuple[Row, ...]


def paper_row(seed: int, keyring: Keyring) -> Row:
    """The one proof paper that all seeded edits share."""
    return {"id": _paper(seed), **sealed(keyring, _PDF), "media_type": "application/pdf", "created_at": OPENED}


def _paper(seed: int) -> str:
    return identifier(key_of(seed, Salt.EXAM, -1))


def information(nurse: Nurse) -> Iterator[InformationRows]:
    """The change of this nurse's information, if there is one: of most who have an account, of a few others."""
    plot = _plot(nurse)
    if plot is not None:
        key = part_key(nurse.key, Part.INFORMATION)
        made = datetime.combine(nurse.register.today, _TEN) - timedelta(days=plot.days + key % plot.spread)
        last = made + timedelta(days=plot.days - 1 if len(plot.events) > 1 else 0)
        yield InformationRows(
            _change(nurse, plot, key, made, last),
            _history(nurse, plot, key, last),
            _events(nurse, plot, key, made, last),
        )


def _plot(nurse: Nurse) -> _Plot | None:
    if nurse.index % CYCLE != ACTIVE_PLACE and nurse.index % RARELY:
        return None  # nearly all, at once
    last = nurse.career.last
    if last is None or last.institution is None or nurse.story is not None or nurse.index in (0, nurse.register.mover):
        return None
    if nurse.account_state is AccountState.ACTIVE:
        return _PLOTS[(nurse.index // CYCLE + nurse.index // (9 * CYCLE)) % len(_PLOTS)]
    written = nurse.account_state is None and nurse.index % RARELY == 0
    return next(one for one in _PLOTS if one.by is _I and not one.events[1:] and not one.paper) if written else None


def _change(nurse: Nurse, plot: _Plot, key: int, made: datetime, last: datetime) -> Row:
    wanted, recorded = _values(nurse, plot)
    staff = nurse.register.staff_id(Role.OPERATOR, nurse.home.number)
    agreed, over = plot.state is _S.APPROVED, plot.state not in OPEN
    return {
        "id": identifier(key, made),
        "nurse_id": nurse.id,
        "state": plot.state,
        "filed_by": plot.by,
        "account_id": nurse.account_id if plot.by is _N else staff,
        "asked": as_json(dict(wanted)),
        "recorded": as_json(dict(recorded)),
        "accepted_fields": [*wanted] if agreed else [],
        "marked_fields": ["title"] if plot.state is _S.RETURNED else [],
        "opinion": _OPINION.get(plot.state),
        "originals_seen": agreed and plot.by is _N,
        "version": len(plot.events),
        "created_at": made,
        "queued_at": last if plot.state in OPEN else made,
        "escalated_at": last if plot.escalated or plot.state is _S.DISPUTED else None,
        "decided_at": last if over else None,
        "decided_by": (nurse.account_id if plot.state is _S.WITHDRAWN else staff) if over else None,
        "objection": "我未调离原科室" if plot.state is _S.DISPUTED else None,
        "objected_at": last if plot.state is _S.DISPUTED else None,
        "proof_id": _paper(nurse.register.seed) if plot.paper else None,
        "proof_file_name": PAPER if plot.paper else None,
    }


def _values(nurse: Nurse, plot: _Plot) -> tuple[Mapping[str, str | None], Mapping[str, str | None]]:
    """The wanted values and those on record: what was agreed to stands in the record by now, the rest does not."""
    if plot.by is _I and not plot.paper:
        elsewhere = Department.EMERGENCY if nurse.department is not Department.EMERGENCY else Department.WARD
        hers, other = (
            {"department": nurse.department, "otherDepartment": nurse.other_department},
            {
                "department": elsewhere,
                "otherDepartment": None,
            },
        )
        wanted, recorded = (hers, other) if plot.state is _S.APPROVED else (other, hers)
        return {name: value for name, value in wanted.items() if value is not None}, recorded
    titles = list(Title)
    other_title = titles[(titles.index(nurse.title) + 1) % len(titles)]
    titled = (nurse.title, other_title) if plot.state is _S.APPROVED else (other_title, nurse.title)
    return {"title": titled[0]}, {"title": titled[1]}


_COLUMNS: Final = {"title": "title", "department": "department", "otherDepartment": "other_department"}


def _history(nurse: Nurse, plot: _Plot, key: int, at: datetime) -> tuple[Row, ...]:
    """The rows of what was agreed to; of what she objects to, there and back."""
    wanted, recorded = _values(nurse, plot)
    there = [(name, recorded[name], wanted.get(name)) for name in recorded if recorded[name] != wanted.get(name)]
    back = [(name, after, before) for name, before, after in there] if plot.state is _S.DISPUTED else []
    steps = [*there, *back] if plot.state is _S.APPROVED or back else []
    return tuple(
        {
            "id": identifier(part_key(key, Part.HISTORY, nth), at, later=nth),
            "nurse_id": nurse.id,
            "field": _COLUMNS[name],
            "before": before,
            "after": after,
            "valid_from": at.date(),
            "recorded_at": at,
        }
        for nth, (name, before, after) in enumerate(steps)
    )


def _events(nurse: Nurse, plot: _Plot, key: int, made: datetime, last: datetime) -> tuple[Row, ...]:
    """The events of each step, for her and whoever has it."""
    if nurse.register.today - made.date() > timedelta(days=KEPT_DAYS):
        return ()
    staff, authority = nurse.register.staff_id(Role.OPERATOR, nurse.home.number), _authority(nurse)
    rows: list[Row] = []
    for nth, (what, at) in enumerate(zip(plot.events, (made, last), strict=False)):
        by = _BY.get(what, plot.by)
        above = [authority] if nth == 1 and (plot.escalated or plot.state is _S.DISPUTED) else []
        # What she has taken on to her authority is not at her institution any more.
        at_home = [] if nth == 1 and plot.escalated else [nurse.home.id]
        heard = nurse_events(nurse, f"information.{what}", by, (nurse.id, *at_home, *above))
        account = nurse.account_id if by is _N else staff
        event_id = identifier(part_key(key, Part.TRACES, nth), at, later=nth)
        rows += [event_row(one, event_id, at, account) for one in heard]
    return tuple(rows)


def _authority(nurse: Nurse) -> str:
    last = nurse.career.last
    assert last is not None
    return last.decided_by.id
