"""The work of an office, counted for those who lead it or can act on it; and that they were written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Integer, Text, Uuid, bindparam, text, update
from sqlalchemy.dialects.postgresql import insert

from db.store.columns import listed
from db.store.engine import Tx
from db.store.keys import Sealed
from db.store.statement import Statement
from db.store.tables import account
from db.store.tables_application import reminder
from rules.application import PENDING
from rules.people import Party, Role
from rules.proposal import ROLE_OF
from rules.work_summary import LEADS

EVERYBODY: Final = UUID(int=0)
"""The subject of the mark that a round is through."""
LOCK: Final = 0x6875_7368_776B
_ALONE: Final = Statement(text(f"select pg_try_advisory_xact_lock({LOCK}) as alone"), [])
_KINDS: Final = "".join(f" or (d.kind = '{kind}' and '{role}' = any(a.roles))" for kind, role in ROLE_OF.items())
_SECOND: Final = f"d.authority_id = a.authority_id and d.state = 'PENDING' and d.account_id <> a.id and (false{_KINDS})"
_OFFICE: Final = """
  select a.id, a.email_key_id, a.email_sealed, coalesce(i.name, o.name) as place, counted.*
  from account a left join institution i on i.id = a.institution_id left join authority o on o.id = a.authority_id,
  lateral (select {counts}) counted
  where a.id > :after and a.party in ('INSTITUTION', 'AUTHORITY') and a.state = 'ACTIVE' and a.email_sealed is not null
    and {who} and not exists (select from reminder m where m.subject = a.id and m.what = :what)
  order by a.id limit :size
"""


def _entries(condition: str) -> str:
    """The number of entries of an office like this."""
    mine = "(select count(*) from registration r where r.{0}_id = a.{0}_id and " + condition + ")"
    return f"case a.party when 'INSTITUTION' then {mine.format('institution')} else {mine.format('authority')} end"


def _waiting() -> str:
    desks = {name: listed(PENDING[party]) for name, party in (("i", Party.INSTITUTION), ("a", Party.AUTHORITY))}
    count = "(select count(*) from application p where p.{0}_id = a.{0}_id and p.state in ({1}))"
    institution, authority = count.format("institution", desks["i"]), count.format("authority", desks["a"])
    return f"case a.party when 'INSTITUTION' then {institution} else {authority} end"


_SUSPENDED: Final = """r.status = 'VALID' and exists (select from registration_span s where s.nurse_id = r.nurse_id
  and s.kind = 'SUSPENSION' and s.starts_on <= :today and (s.ends_on is null or s.ends_on >= :today))"""
_HELD: Final = "(select count(*) from application p where p.authority_id = a.authority_id and p.on_hold"
_COUNTS: Final[Mapping[str, str]] = {
    "waiting": _waiting(),
    "expiring": _entries("r.status = 'VALID' and r.valid_until between :today and cast(:today as date) + 90"),
    "expired": _entries("r.status = 'VALID' and r.valid_until < :today"),
    "suspended": _entries(_SUSPENDED),
    "proposals": f"(select count(*) from desk_request d where {_SECOND})",
    "holds": f"{_HELD})",
    "bars": "(select count(*) from registration r where r.authority_id = a.authority_id and r.bar_until >= :today)",
}
_DUE: Final[Mapping[str, str]] = {
    "proposals": f"(select count(*) from desk_request d where {_SECOND}"
    " and cast(:today as date) - cast(d.created_at as date) in (1, 3, 7, 14, 30))",
    "holds": f"case when '{Role.REVIEWER}' = any(a.roles) then {_HELD} and cast(p.held_until as date) = :today) end",
    "bars": f"case when '{Role.SUPERVISOR}' = any(a.roles) then (select count(*) from registration r"
    " where r.authority_id = a.authority_id and r.bar_until = :today) end",
}


def _statement(counts: Mapping[str, str], who: str) -> Statement:
    columns = ", ".join(f"coalesce({sql}, 0) as {name}" for name, sql in counts.items())
    query = text(_OFFICE.format(counts=columns, who=who)).bindparams(
        bindparam("after", type_=Uuid()),
        bindparam("what", type_=Text()),
        bindparam("size", type_=Integer()),
        bindparam("today", type_=Date()),
    )
    return Statement(query, ["after", "what", "size", "today"])


_LEADS: Final = f"a.roles && array{[str(role) for role in LEADS]}"
WEEKLY: Final = _statement(_COUNTS, f"a.weekly_summary and cardinality(a.unit_ids) = 0 and {_LEADS}")
"""The work of a week: for managers, and those who oversee an authority, unless they have switched it off."""
DAILY: Final = _statement(_DUE, "a.party = 'AUTHORITY'")
"""The work that ends today or has waited for so many days, for each officer who can act on it."""


@dataclass(frozen=True, slots=True, repr=False)
class Office:
    """Somebody to be written to, and what waits in her office."""

    account_id: UUID
    mail: str
    place: str
    counts: Mapping[str, int]

    @property
    def idle(self) -> bool:
        """True if there is nothing to be said."""
        return not any(self.counts.values())


async def alone(tx: Tx) -> bool:
    """True if no other process writes to people at this moment; held until the transaction ends."""
    return bool((await tx.run(_ALONE, {}))[0]["alone"])


async def offices(tx: Tx, asked: Statement, what: str, after: UUID, size: int, today: date) -> list[Office]:
    """The next people of a round who were not written to, by the ids of their accounts."""
    rows = await tx.run(asked, {"after": after, "what": what, "size": size, "today": today})
    return [_office(tx, dict(row)) for row in rows]


def _office(tx: Tx, row: dict[str, Any]) -> Office:
    key, sealed = row.pop("id"), Sealed(row.pop("email_key_id"), row.pop("email_sealed"))
    return Office(key, tx.keyring.unseal(sealed, "email"), row.pop("place"), row)


async def through(tx: Tx, what: str) -> bool:
    """True if everybody of a round was written to."""
    mark = reminder.select().where(reminder.c.subject == EVERYBODY, reminder.c.what == what)
    return (await tx.execute(mark)).first() is not None


async def mark(tx: Tx, what: str, subjects: Sequence[UUID]) -> None:
    """Write down that these were written to, or had nothing to be told."""
    rows = [{"subject": one, "what": what, "at": tx.now} for one in subjects]
    if rows:
        await tx.execute(insert(reminder).on_conflict_do_nothing(), rows)


async def want(tx: Tx, account_id: UUID, wanted: bool) -> None:
    """Write to this account each week, or not."""
    await tx.execute(update(account).where(account.c.id == account_id).values(weekly_summary=wanted))
