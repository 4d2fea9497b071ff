"""Queries on the law as it holds (法规设定): each process reads it once a day, for what holds does not change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Row, Select, Uuid, and_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from db.store.ahead import Ahead, Source, always
from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import authority, institution
from db.store.tables_application import law_setting
from rules.law import Law, LawSubject, Setting, SettingShown
from rules.moment import SHANGHAI

_s = law_setting.c
_LAW: Final = "law"


@dataclass(frozen=True, slots=True)
class Book:
    """The settings that had begun by a day, and whether any is a province's own."""

    until: date
    settings: tuple[Setting, ...]

    @property
    def local(self) -> bool:
        """True if the law is not the same everywhere."""
        return any(one.place for one in self.settings)


_SETTINGS: Final = (
    select(_s.subject, _s.from_day, _s.value, func.coalesce(authority.c.path, "").label("place"))
    .select_from(law_setting.outerjoin(authority, authority.c.id == _s.authority_id))
    .where(_s.from_day <= bindparam("today", type_=Date()))
)
_BEGUN: Final = Statement(_SETTINGS, ["today"])
_PLACE: Final = (
    select(authority.c.path)
    .select_from(authority.outerjoin(institution, institution.c.authority_id == authority.c.id))
    .where(
        case(
            (bindparam("institution", type_=Uuid()).is_(None), authority.c.id == bindparam("authority", type_=Uuid())),
            else_=institution.c.id == bindparam("institution", type_=Uuid()),
        )
    )
    .limit(1)
)
_PATH: Final = Statement(_PLACE, ["institution", "authority"])


def there_ahead(institution: Source, authority: Source, when: Callable[[Any], bool] = always) -> Ahead:
    """The place of an institution, else of an authority, asked for with the opening where the law is local."""
    return Ahead(_PATH, when=when, known=_is_local, institution=institution, authority=authority)


def _is_local(kept: Mapping[str, Any]) -> bool:
    known: Book | None = kept.get(_LAW)
    return known is not None and known.local


async def book(tx: Tx) -> Book:
    """The settings that have begun by today; read once a day, because each is set before its day begins."""
    kept: Book | None = tx.kept.get(_LAW)
    if kept is None or kept.until < tx.today:
        rows = await tx.run(_BEGUN, {"today": tx.today})
        settings = (Setting(LawSubject(r["subject"]), r["from_day"], tuple(r["value"]), r["place"]) for r in rows)
        tx.kept[_LAW] = kept = Book(tx.today, tuple(settings))
    return kept


async def on(tx: Tx, day: date, *, institution_id: UUID | None = None, authority_id: UUID | None = None) -> Law:
    """The law of a day that has begun: the nation's, or that of the place of an institution, else of an authority."""
    known = await book(tx)
    if not known.local or (institution_id is None and authority_id is None):
        return Law.of(known.settings, day)
    rows = await tx.run(_PATH, {"institution": institution_id, "authority": authority_id})
    return Law.of(known.settings, day, rows[0]["path"] if rows else "")


async def here(reader: Reader, institution_id: UUID | None, authority_id: UUID | None) -> Law:
    """The law of today where an institution is, else an authority, to be shown; the nation's without either."""
    place = {"institution": institution_id, "authority": authority_id}
    path = (await reader.execute(_PLACE, place)).scalar_one_or_none()
    today = (await reader.execute(select(func.current_date()))).scalar_one()
    rows = (await reader.execute(_SETTINGS, {"today": today})).all()
    settings = [Setting(LawSubject(row.subject), row.from_day, tuple(row.value), row.place) for row in rows]
    return Law.of(settings, today, path or "")


async def history(reader: Reader) -> list[Setting]:
    """The nation's settings that have begun, to be shown."""
    query = select(_s.subject, _s.from_day, _s.value)
    rows = await reader.execute(query.where(_s.from_day <= func.current_date(), _s.authority_id.is_(None)))
    return [Setting(LawSubject(row.subject), row.from_day, tuple(row.value)) for row in rows]


def of_moment(settings: Sequence[Setting], moment: datetime) -> Law:
    """The nation's law of the day of a moment in China."""
    return Law.of(settings, moment.astimezone(SHANGHAI).date())


async def shown(reader: Reader) -> Law:
    """The nation's law of today, to be shown."""
    return Law.of(await history(reader), date.max)


def _shown() -> Select[tuple[object, ...]]:
    following = func.lead(_s.from_day).over(partition_by=(_s.subject, _s.authority_id), order_by=_s.from_day)
    today = func.current_date()
    holds = and_(_s.from_day <= today, or_(following.is_(None), following > today))
    return select(
        *(_s.id, _s.subject, authority.c.name.label("place"), _s.from_day, _s.value, _s.set_at),
        (following - 1).label("until"),
        holds.label("holds"),
    ).select_from(law_setting.outerjoin(authority, authority.c.id == _s.authority_id))


async def settings(reader: Reader, subject: LawSubject | None, first: int) -> list[SettingShown]:
    """The settings of all days, so many: by subject, the nation's first, the newest before the older ones."""
    found = _shown().subquery()
    query = select(found).order_by(found.c.subject, found.c.place.nulls_first(), found.c.from_day.desc()).limit(first)
    rows = await reader.execute(query if subject is None else query.where(found.c.subject == subject))
    return [_row(row) for row in rows]


async def setting(reader: Reader, key: UUID) -> SettingShown:
    """One setting."""
    found = _shown().subquery()
    return _row((await reader.execute(select(found).where(found.c.id == key))).one())


def _row(row: Row[tuple[object, ...]]) -> SettingShown:
    days = {"from_day": row.from_day, "until": row.until, "set_at": row.set_at}
    return SettingShown(row.id, LawSubject(row.subject), row.place, value=list(row.value), holds=row.holds, **days)


async def put(tx: Tx, key: UUID, authority_id: UUID | None, setting: Setting, by: UUID) -> UUID:
    """Write a value; one that was to begin that very day has never held, and gives way. Gives the id of the row."""
    facts = {"from_day": setting.from_day, "value": list(setting.value), "set_by": by, "set_at": tx.now}
    row = insert(law_setting).values(id=key, subject=setting.subject, authority_id=authority_id, **facts)
    new = {name: row.excluded[name] for name in ("value", "set_by", "set_at")}
    written = row.on_conflict_do_update(index_elements=["subject", "authority_id", "from_day"], set_=new)
    found: UUID = (await tx.execute(written.returning(_s.id))).scalar_one()
    return found
