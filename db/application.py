"""Queries on applications: the steps' side."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from db.filed_record import on_record
from db.read import scope
from db.read.competence import in_force, places, places_of
from db.read.facts import facts_sql
from db.read.outlook import Seen, read_facts
from db.read.recusal import JUDGED_BY, stuck, unattended
from db.read.stranded import stranded
from db.read.unit import unit_of
from db.read.viewer import single
from db.store.engine import Reader, Tx
from db.store.later import LaterTx
from db.store.statement import ROWS, Statement, given, rows_of, updated
from db.store.tables import account, approval_setting, authority, institution
from db.store.tables_application import application, application_revision, delivery, receipt_counter, review_decision
from rules.application import OPEN, Application, State
from rules.conflict import Situation
from rules.delivery import DELIVERED
from rules.errors import Conflict, NotFound
from rules.kinds import Kind
from rules.people import Actor, Party

_HOLDER = account.alias("holder")
_MOVER = account.alias("mover")


def _select(which: FromClause) -> Select[Any]:
    """The columns of the applications in `which` that the rules need to judge a step."""
    mover_party = func.coalesce(_MOVER.c.institution_id, _MOVER.c.authority_id, _MOVER.c.nurse_id)
    return (
        select(
            which,
            func.now().label("now"),
            authority.c.two_persons,
            *places(which),
            stranded(which).label("stranded"),
            unattended(which).label("unattended"),
            unit_of(which).label("unit_id"),
            _HOLDER.c.display_name.label("holder_name"),
            _MOVER.c.display_name.label("moved_by_name"),
            mover_party.label("moved_by_party_id"),
        )
        .outerjoin(authority, authority.c.id == which.c.authority_id)
        .outerjoin(_HOLDER, _HOLDER.c.id == which.c.holder_id)
        .outerjoin(_MOVER, _MOVER.c.id == which.c.moved_by)
    )


async def judged(reader: Reader, ids: Sequence[UUID]) -> tuple[dict[UUID, Application], datetime]:
    """Applications as the rules see them, and the time it is: for the steps that are open, never for showing."""
    rows = (await reader.execute(_select(application).where(application.c.id.in_(ids)))).mappings().all()
    return {row["id"]: _noun(row) for row in rows}, rows[0]["now"] if rows else datetime.now(UTC)


async def seen(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Seen]:
    """Applications with all that their open steps hang on."""
    key: ColumnElement[UUID] = literal_column("asked.key", Uuid())
    asked = func.unnest(cast(list(ids), ARRAY(Uuid()))).table_valued("key").render_derived(name="asked")
    query = select(key.label("key"), facts_sql(key).label("facts")).select_from(asked)
    rows = (await reader.execute(query)).all()
    return {row.key: read_facts(row.facts) for row in rows if row.facts is not None}


async def shows(reader: Reader, viewer: Actor, key: UUID) -> bool:
    """True if a person may read an application."""
    query = select(application.c.id).where(application.c.id == key, scope.applications(single(viewer)))
    return (await reader.execute(query)).first() is not None


_KEY: Final[BindParameter[UUID]] = bindparam("key", type_=Uuid())
_OF_NURSE, _SENT_TO = bindparam("of_nurse", type_=Uuid()), bindparam("sent_to", type_=Uuid())
# Whoever waited for the lock has read the joined rows before: so the lock comes first, and the joins after it.
_LOCK: Final = Statement(
    _select(select(application).where(application.c.id == _KEY).with_for_update().cte("locked")), ["key"]
)


_KEYS: Final = bindparam("keys", type_=ARRAY(Uuid()))
_LOCK_ALL: Final = Statement(
    _select(
        select(application)
        .where(application.c.id == any_(_KEYS))
        .order_by(application.c.id)
        .with_for_update()
        .cte("locked")
    ),
    ["keys"],
)


async def lock_all(tx: Tx, keys: Sequence[UUID]) -> dict[UUID, Application]:
    """The ones of these applications that there are, held until the transaction ends, in the order of their keys."""
    return {row["id"]: _noun(row) for row in await tx.run(_LOCK_ALL, {"keys": list(keys)})}


_WHOSE: Final = Statement(
    select(application.c.id, application.c.nurse_id, application.c.kind).where(application.c.id == any_(_KEYS)),
    ["keys"],
)


async def whose(tx: Tx, keys: Sequence[UUID]) -> dict[UUID, tuple[UUID, Kind]]:
    """The nurse and the kind of each of these applications that there is; not locked, since neither changes."""
    return {row["id"]: (row["nurse_id"], Kind(row["kind"])) for row in await tx.run(_WHOSE, {"keys": list(keys)})}


async def lock(tx: Tx, application_id: UUID) -> Application:
    """The application, held until the transaction ends, so that two reviewers cannot both decide."""
    found = await tx.run(_LOCK, {"key": application_id})
    if not found:
        raise NotFound
    return _noun(found[0])


_REVIEWED: Final = and_(
    application.c.institution_id == bindparam("institution", type_=Uuid()),
    application.c.state.in_([State.INSTITUTION_REVIEW, State.RETURNED]),
)
_LOCK_REVIEWS: Final = Statement(
    _select(select(application).where(_REVIEWED).order_by(application.c.id).with_for_update().cte("locked")),
    ["institution"],
)


async def lock_reviews(tx: Tx, institution_id: UUID) -> list[Application]:
    """The applications that an institution reviews or has sent back, in the order of their keys.

    They are locked until the transaction ends.
    """
    found = [_noun(row) for row in await tx.run(_LOCK_REVIEWS, {"institution": institution_id})]
    return sorted(found, key=lambda one: one.id)


def _noun(row: asyncpg.Record | RowMapping) -> Application:
    plain = {name: row[name] for name in Application.__slots__ if name in row}
    typed = {"kind": Kind(row["kind"]), "state": State[row["state"]], "filed_by": Party(row["filed_by"])}
    more = {"marked_fields": tuple(row["marked_fields"]), "two_persons": bool(row["two_persons"])}
    return Application(**{**plain, **typed, **more, "places": places_of(row)})


_BESIDES: Final[BindParameter[UUID]] = bindparam("besides", type_=Uuid())
# Built once: what a step changes comes in as parameters.
_OTHER_OPEN: Final = Statement(
    select(application.c.kind).where(
        application.c.nurse_id == bindparam("nurse", type_=Uuid()),
        application.c.state.in_(sorted(OPEN)),
        application.c.id != _BESIDES,
        application.c.blocked_by_id.is_distinct_from(_BESIDES),
    ),
    ("nurse", "besides"),
)
_INSERT_REVISION: Final = Statement.insert(
    application_revision, "application_id", "revision", "form", "changed_fields", "account_id", "at"
)
_FIRST: Final = ("application_id", "revision", "form", "changed_fields", "account_id", "at")
_FIRSTS: Final = rows_of(
    {**{name: application_revision.c[name].type for name in _FIRST}, "of_nurse": Uuid(), "sent_to": Uuid()}
)
_INSERT_FIRST: Final = Statement(
    insert(application_revision).values(
        {**given(application_revision, _FIRST), "on_record": on_record(_OF_NURSE, _SENT_TO)}
    ),
    (*_FIRST, "of_nurse", "sent_to"),
    together=Statement(
        insert(application_revision).from_select(
            [*_FIRST, "on_record"],
            select(*(_FIRSTS.c[name] for name in _FIRST), on_record(_FIRSTS.c.of_nurse, _FIRSTS.c.sent_to)),
        ),
        (ROWS,),
    ),
)
_DECISION: Final = (
    *("application_id", "revision", "stage", "outcome", "reasons", "marked_fields", "opinion", "decider_id", "at"),
    "on_behalf_of_id",
)
_INSERT_DECISION: Final = Statement.insert(review_decision, *_DECISION)
_DECIDED: Final = (
    insert(review_decision)
    .values(given(review_decision, _DECISION))
    .returning(review_decision.c.id, review_decision.c.at)
    .cte("decided")
)
_ADDRESSEE: Final = given(delivery, ("nurse_id", "authority_id"))
_DELIVERED: Final = rows_of(
    {
        **{name: review_decision.c[name].type for name in _DECISION},
        **{name: delivery.c[name].type for name in _ADDRESSEE},
    }
)
_ALL_DECIDED: Final = (
    insert(review_decision)
    .from_select([*_DECISION], select(*(_DELIVERED.c[name] for name in _DECISION)))
    .returning(review_decision.c.id, review_decision.c.at, review_decision.c.application_id)
    .cte("decided")
)
_TO: Final = [_DELIVERED.c[name] for name in _ADDRESSEE]
_INSERT_DELIVERED: Final = Statement(
    insert(delivery).from_select(
        ["id", "decided_at", *_ADDRESSEE], select(_DECIDED.c.id, _DECIDED.c.at, *_ADDRESSEE.values())
    ),
    (*_DECISION, *_ADDRESSEE),
    together=Statement(
        insert(delivery).from_select(
            ["id", "decided_at", *_ADDRESSEE],
            select(_ALL_DECIDED.c.id, _ALL_DECIDED.c.at, *_TO).join_from(
                _ALL_DECIDED, _DELIVERED, _DELIVERED.c.application_id == _ALL_DECIDED.c.application_id
            ),
        ),
        (ROWS,),
    ),
)
_SETTING: Final = and_(
    approval_setting.c.institution_id == institution.c.id,
    approval_setting.c.kind == bindparam("wanted", type_=Text()),
    in_force(),
)
_ROUTE: Final = Statement(
    select(institution.c.state, approval_setting.c.authority_id)
    .select_from(institution)
    .outerjoin(approval_setting, _SETTING)
    .where(institution.c.id == bindparam("institution", type_=Uuid())),
    ("institution", "wanted"),
)


async def insert_draft(tx: Tx, values: Mapping[str, Any]) -> None:
    """A new draft; a second one of the same kind is refused by the database."""
    row = {**values, "moved_at": tx.now, "created_at": tx.now}
    await _only_open(tx.run(_draft(tuple(row)), row))


@cache
def _draft(names: tuple[str, ...]) -> Statement:
    """Writes a new application with these columns."""
    return Statement.insert(application, *names)


async def move(tx: Tx, locked: Application, state: State, by: UUID | None, values: Mapping[str, Any]) -> bool:
    """Write a locked application's new state; true where nobody may act on it where it is now (db/read/recusal.py).

    Where many are written together, that is not known before all of them are. A lease ends where the application
    leaves the holder's desk, a block with the application.
    """
    leaves = state is not locked.state or not {"institution_id", "authority_id"}.isdisjoint(values)
    ended = {"holder_id": None, "held_until": None} if leaves else {}
    if locked.blocked_by_id is not None and state not in OPEN:
        ended["blocked_by_id"] = None
    counted = {"due_counted_at": tx.now} if "due_on" in values else {}
    moved = {"state": state, "version": locked.version + 1, "moved_by": by, "moved_at": tx.now}
    fresh = {**moved, **ended, **counted, **values}
    written = await _only_open(tx.run(_move(tuple(fresh)), {"key": locked.id, **fresh}))
    return any(row["stuck"] for row in written)


@cache
def _move(names: tuple[str, ...]) -> Statement:
    """Writes these columns of an application; each step has its own."""
    moved = update(application).where(application.c.id == _KEY).values(given(application, names))
    written = moved.returning(*(application.c[name] for name in JUDGED_BY)).cte("written")
    return Statement(
        select(stuck(written).label("stuck")), ("key", *names), together=updated(application, "key", names)
    )


async def _only_open(writing: Awaitable[list[asyncpg.Record]]) -> list[asyncpg.Record]:
    """A nurse's second open application becomes a Conflict; any other error stays as it is."""
    try:
        return await writing
    except asyncpg.UniqueViolationError as error:
        if not (error.constraint_name or "").startswith("application_one_"):
            raise
        raise Conflict(Situation.APPLICATION_OPEN) from error


async def other_open_kinds(tx: Tx, nurse_id: UUID, besides: UUID) -> frozenset[Kind]:
    """The kinds of a nurse's other open applications, but for those that this one blocks: they stand behind it."""
    found = await tx.run(_OTHER_OPEN, {"nurse": nurse_id, "besides": besides})
    return frozenset(Kind(row["kind"]) for row in found)


_OTHERS: Final = rows_of({"nurse": Uuid(), "besides": Uuid()})
_OTHERS_OPEN: Final = Statement(
    select(_OTHERS.c.besides, application.c.kind).where(
        application.c.nurse_id == _OTHERS.c.nurse,
        application.c.state.in_(sorted(OPEN)),
        application.c.id != _OTHERS.c.besides,
        application.c.blocked_by_id.is_distinct_from(_OTHERS.c.besides),
    ),
    (ROWS,),
)


async def all_other_open_kinds(tx: Tx, nurses: Mapping[UUID, UUID]) -> dict[UUID, frozenset[Kind]]:
    """The same for many: by the application that each nurse is asked about besides."""
    rows = [{"besides": str(besides), "nurse": str(nurse)} for besides, nurse in nurses.items()]
    found: dict[UUID, set[Kind]] = {besides: set() for besides in nurses}
    for row in await tx.run(_OTHERS_OPEN, {ROWS: orjson.dumps(rows).decode()}):
        found[row["besides"]].add(Kind(row["kind"]))
    return {besides: frozenset(kinds) for besides, kinds in found.items()}


async def read_ahead(tx: LaterTx, nurses: Mapping[UUID, UUID], institution_id: UUID, kind: Kind) -> None:
    """Read for many what is asked for each: what else is open for her, and which authority decides."""
    kinds = await all_other_open_kinds(tx, nurses)
    for besides, nurse_id in nurses.items():
        rows = [{"kind": one} for one in kinds[besides]]
        tx.answer(_OTHER_OPEN, {"nurse": nurse_id, "besides": besides}, rows)
    place = {"institution": institution_id, "wanted": kind}
    tx.answer(_ROUTE, place, await tx.run(_ROUTE, place))


async def open_renewal(tx: Tx, nurse_id: UUID) -> UUID | None:
    """The nurse's open renewal, if there is one."""
    mine = and_(application.c.nurse_id == nurse_id, application.c.kind == Kind.RENEWAL)
    query = select(application.c.id).where(mine, application.c.state.in_(sorted(OPEN)))
    return (await tx.execute(query)).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Filing:
    """A revision of an application: what was filed, and which fields differ from the one before.

    The first keeps what was on record that day of the nurse, and where it goes.
    """

    application_id: UUID
    revision: int
    form: Mapping[str, Any]
    account_id: UUID
    changed_fields: tuple[str, ...] = ()
    of_nurse: UUID | None = None
    sent_to: UUID | None = None


async def insert_revision(tx: Tx, filed: Filing) -> None:
    """Keep what was filed; never changed afterwards."""
    statement = _INSERT_FIRST if filed.revision == 1 else _INSERT_REVISION
    await tx.run(statement, {**asdict(filed), "changed_fields": list(filed.changed_fields), "at": tx.now})


async def insert_decision(
    tx: Tx, locked: Application, decider: UUID | None, values: Mapping[str, Any], on_behalf_of: UUID | None = None
) -> None:
    """Keep who decided what, for whom, on which revision, and why; never changed afterwards.

    What is to be delivered (送达) waits for it from now on.
    """
    common = {"application_id": locked.id, "revision": locked.revision, "decider_id": decider, "at": tx.now}
    common["on_behalf_of_id"] = on_behalf_of
    if (values["stage"], values["outcome"]) not in DELIVERED:
        await tx.run(_INSERT_DECISION, {**common, **values})
        return
    to = {"nurse_id": locked.nurse_id, "authority_id": locked.authority_id}
    await tx.run(_INSERT_DELIVERED, {**common, **to, **values})


async def approval_route(tx: Tx, institution_id: UUID, kind: Kind) -> tuple[str, UUID | None]:
    """The institution's state, and the authority it has set for this kind (审批机关设置), if any that may decide."""
    (row,) = await tx.run(_ROUTE, {"institution": institution_id, "wanted": kind})
    return row["state"], row["authority_id"]


async def next_receipt_number(tx: Tx, authority_id: UUID, year: int) -> str:
    """The next number of this authority and year, without gaps: the counter's row is held until the commit."""
    counted = (
        upsert(receipt_counter)
        .values(authority_id=authority_id, year=year, last=1)
        .on_conflict_do_update(index_elements=["authority_id", "year"], set_={"last": receipt_counter.c.last + 1})
        .returning(receipt_counter.c.authority_id, receipt_counter.c.last)
        .cte("counted")
    )
    query = select(authority.c.code, counted.c.last).join(counted, counted.c.authority_id == authority.c.id)
    found = (await tx.execute(query)).one()
    return f"{found.code}-{year}-{found.last:06d}"
