"""The parameters that the opening of a step finds by itself, for the reads that are asked for ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Integer, and_, case, cast, extract, func, null, or_, select
from sqlalchemy.dialects.postgresql import array

from db.store.ahead import KEY, NAMED, NAMES, NOW_SQL, TODAY_SQL, TOKEN, Opened, Sought
from db.store.tables import account, registration, session
from db.store.tables_application import application
from rules.deregistration import PROVEN
from rules.kinds import KINDS, Kind
from rules.moves import CLAIMED_KINDS

APPLICATION: Final = "application"
"""The name of the locked application's answer."""
_opening = application.alias("opening")
_acting = account.alias("acting")


def _column(name: str) -> Sought:
    """A column of the application that the step has locked."""
    found = select(_opening.c[name]).where(_opening.c.id == KEY).correlate(None).scalar_subquery()
    return Sought(found, lambda tx: tx.answered[APPLICATION][0][name])


def due(name: str) -> Sought:
    """A due date of it, as it was counted."""
    return Sought(_column(name).sql, lambda tx: tx.answered["due"][0][name])


THIS: Final = Sought(KEY, lambda tx: tx.given["opening_key"])
"""The application itself."""
SESSION: Final = Sought(TOKEN, lambda tx: tx.given["opening_token"])
"""The session of whoever asks."""
_MINE: Final = select(func.coalesce(_acting.c.nurse_id, _acting.c.institution_id, _acting.c.authority_id)).select_from(
    session.join(_acting, _acting.c.id == session.c.account_id)
)
PLACE: Final = Sought(
    _MINE.where(session.c.token_hash == TOKEN).correlate(None).scalar_subquery(),
    lambda tx: tx.answered["session"][0]["party_id"],
)
"""The nurse, institution or authority of whoever asks."""
ALONE: Final = Sought(array([KEY]), lambda tx: [tx.given["opening_key"]])
"""The application, as a list of one."""
NURSE, KIND = _column("nurse_id"), _column("kind")
INSTITUTION, AUTHORITY = _column("institution_id"), _column("authority_id")
REVISION: Final = _column("revision")
_THEIRS: Final = or_(
    *(_opening.c[name] == _acting.c[name] for name in ("nurse_id", "institution_id", "authority_id")),
)
_HER: Final[ColumnElement[Any]] = (
    select(_opening.c.nurse_id)
    .select_from(session.join(_acting, _acting.c.id == session.c.account_id).join(_opening, _THEIRS))
    .where(session.c.token_hash == TOKEN, _opening.c.id == KEY)
    .correlate(None)
    .scalar_subquery()
)
HER: Final = Sought(_HER, NURSE.of)
"""The nurse, where it is an application of those who ask: nobody locks a stranger's entry by asking."""


def _when(kinds: Iterable[Kind], found: Sought) -> Sought:
    """The same for applications of these kinds; of others nothing is asked."""
    wanted = sorted(kinds)
    return Sought(case((KIND.sql.in_(wanted), found.sql)), found.of, frozenset(wanted))


OF_ALL_BUT_RENEWALS: Final = _when(set(Kind) - {Kind.RENEWAL}, NURSE)
WHERE_SHE_COMES: Final = _when(CLAIMED_KINDS, INSTITUTION)
_registered: Final = registration.alias("opening_entry")
_HERE: Final[ColumnElement[Any]] = (
    select(_registered.c.institution_id).where(_registered.c.nurse_id == NURSE.sql).correlate(None).scalar_subquery()
)


REGISTERED_WITH: Final = Sought(
    select(_registered.c.authority_id).where(_registered.c.nurse_id == NURSE.sql).correlate(None).scalar_subquery(),
    lambda tx: tx.answered["entry"][0]["authority_id"],
)


def _filed_to(tx: Opened) -> object:
    """The institution to which a draft goes, as `workflow/filing.py` says."""
    found = tx.answered[APPLICATION][0]
    if found["kind"] in CLAIMED_KINDS:
        return tx.given["opening_named"] if tx.given["opening_names"] else found["institution_id"]
    return None if found["kind"] == Kind.REISSUE else tx.answered["entry"][0]["institution_id"]


FILED_TO: Final = Sought(
    case(
        (KIND.sql == Kind.REISSUE, null()),
        (KIND.sql.not_in(sorted(CLAIMED_KINDS)), _HERE),
        (NAMES, NAMED),
        else_=INSTITUTION.sql,
    ),
    _filed_to,
)
"""The institution to which a draft is filed."""
STAYS_OR_NAMED: Final = Sought(
    case((NAMES, NAMED), else_=INSTITUTION.sql),
    lambda tx: tx.given["opening_named"] if tx.given["opening_names"] else INSTITUTION.of(tx),
)
"""The institution that a step names, or that has it."""
SENT_TO: Final = _when(CLAIMED_KINDS, STAYS_OR_NAMED)
"""The institution that has what was returned next, where she chooses it."""
_FORM: Final = select(_opening.c.form).where(_opening.c.id == KEY).correlate(None).scalar_subquery()
_FORWARDED: Final = _column("forwarded_at")
RECEIVED_ON: Final = Sought(
    cast(_FORWARDED.sql, Date()), lambda tx: tx.date_of(tx.answered[APPLICATION][0]["forwarded_at"])
)
"""The day on which its authority received it."""


def _days(tx: Opened) -> int:
    kind = Kind(tx.answered[APPLICATION][0]["kind"])
    received_on = tx.date_of(tx.answered[APPLICATION][0]["forwarded_at"])
    return 2 * KINDS[kind].period.days + (tx.today - received_on).days


_PERIODS: Final = case(*((KIND.sql == kind, 2 * one.period.days) for kind, one in KINDS.items()))
INTAKE_LENGTH: Final = Sought(_PERIODS + (TODAY_SQL - RECEIVED_ON.sql), _days)
"""So many days of the calendar are read for the periods of an application (`workflow/acceptance.py`)."""
YEAR: Final = Sought(cast(extract("year", NOW_SQL), Integer()), lambda tx: tx.today.year)
OFFICE: Final = Sought(
    select(_opening.c.authority_id)
    .select_from(session.join(_acting, _acting.c.id == session.c.account_id).join(_opening, _THEIRS))
    .where(session.c.token_hash == TOKEN, _opening.c.id == KEY)
    .correlate(None)
    .scalar_subquery(),
    AUTHORITY.of,
)
"""The authority, where it is an application of those who ask: a stranger holds no counter."""
DEREGISTERS: Final = _when({Kind.DEREGISTRATION}, THIS)
"""The application, where it is a deregistration; nothing is asked of others."""
NURSE_DEREGISTERED: Final = _when({Kind.DEREGISTRATION}, NURSE)
CHANGES: Final = _when({Kind.CHANGE}, NURSE)
"""The nurse of a change."""
TRANSFERS: Final = _when({Kind.MILITARY_TRANSFER}, HER)
REREGISTERS: Final = _when({Kind.REREGISTRATION}, NURSE)
ENTERS_FIRST: Final = _when({Kind.FIRST, Kind.MILITARY_TRANSFER}, NURSE)
"""The nurse who is entered for the first time."""
_PASSED: Final = _column("passed_up_from_id")
ENTERS_ANEW: Final = _when(
    {Kind.FIRST, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER},
    Sought(func.coalesce(_PASSED.sql, OFFICE.sql), lambda tx: _PASSED.of(tx) or AUTHORITY.of(tx)),
)
"""The authority that gives a number, where the kind gets one."""
QUEUED_ON: Final = Sought(
    cast(_column("queued_at").sql, Date()), lambda tx: tx.date_of(tx.answered[APPLICATION][0]["queued_at"])
)
"""The day since which it waits."""
PROVED_BY: Final = Sought(
    case((and_(KIND.sql == Kind.DEREGISTRATION, _FORM["reason"].astext.in_(sorted(PROVEN))), KEY)),
    THIS.of,
    frozenset({Kind.DEREGISTRATION}),
)
"""The application, where others have found the reason of it, and a material must show it."""
