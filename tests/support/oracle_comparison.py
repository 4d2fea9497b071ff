"""Whether the database and the oracle say the same, after each act."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from tests.support.oracle import DESKS, App, Nurse
from tests.support.oracle_walk import PARTIES, Country

APPLICATIONS: Final = """
select a.*, (select count(*) from review_decision d where d.application_id = a.id) as decisions from application a"""
ENTRIES: Final = """
select r.*, (select count(*) from certificate c where c.nurse_id = r.nurse_id and c.voided_at is null) as certificates,
  (select count(*) from registration_history h where h.nurse_id = r.nurse_id) as past,
  (select application_id from registration_history h where h.nurse_id = r.nurse_id order by id desc limit 1) as by
from registration r"""
EVENTS: Final = "select scope, seq, type, body from event where at >= $1 order by scope, seq"
SCOPES: Final = "select scope, seq from feed_scope"


@dataclass
class Comparison:
    """Reads the database after each act; keeps what the feeds have said so far."""

    country: Country
    seen: dict[str, int] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    async def divergences(self) -> list[str]:
        """What differs, in words; empty where all is well."""
        names = {key: name for name, key in self.country.ids.items()}
        people = {person.account_id: name for name, person in self.country.persons.items()}
        found = await self._applications(names, people)
        return [*found, *await self._entries(names), *await self._events(names), *self._desks()]

    async def _applications(self, names: dict[Any, str], people: dict[Any, str]) -> list[str]:
        rows = await self.country.world.owner.fetch(APPLICATIONS)
        shown = {names.get(row["id"], "?"): _row(row, names, people) for row in rows}
        return _differ("application", shown, {app.key: _app(app) for app in self.country.r.apps.values()})

    async def _entries(self, names: dict[Any, str]) -> list[str]:
        rows = await self.country.world.owner.fetch(ENTRIES)
        shown = {names[row["nurse_id"]]: _entry(row, names) for row in rows}
        return _differ("entry", shown, {nurse.key: _nurse(nurse) for nurse in self.country.r.nurses.values()})

    async def _events(self, names: dict[Any, str]) -> list[str]:
        """Every scope hears what the oracle says, numbered without a gap; the clock's warnings have tests of their own."""
        owner, heard, found = self.country.world.owner, Counter[tuple[str, str]](), list[str]()
        for row in await owner.fetch(EVENTS, self.country.clock.now):
            scope, body = names[row["scope"]], orjson.loads(row["body"])
            if row["seq"] != self.seen.get(scope, 0) + 1:
                found.append(f"{scope} hears event {row['seq']} after {self.seen.get(scope, 0)}")
            self.seen[scope] = row["seq"]
            self.counts[scope].update(_moved(body))
            if not row["type"].startswith("deadline."):
                heard[scope, row["type"]] += 1
        if {names[row["scope"]]: row["seq"] for row in await owner.fetch(SCOPES)} != self.seen:
            found.append("a scope's counter is not at its last event")
        if heard != self.country.r.events:
            found.append(
                f"events: {dict(heard - self.country.r.events)} too many, {dict(self.country.r.events - heard)} missing"
            )
        return found

    def _desks(self) -> list[str]:
        """What the feeds' `left` and `entered` add up to is what lies on each desk."""
        lie: dict[str, Counter[str]] = defaultdict(Counter)
        for app in self.country.r.apps.values():
            place = getattr(app, DESKS[app.state]) if app.state in DESKS else None
            if place:
                lie[place][app.state] += 1
        scopes = {*lie, *self.counts}
        return _differ("desk", {s: +self.counts[s] for s in scopes}, {s: lie[s] for s in scopes})


def _moved(body: dict[str, Any]) -> dict[str, int]:
    counted = ((body.get("left"), -1), (body.get("entered"), 1))
    return {state: change for state, change in counted if state}


def _differ(what: str, shown: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    keys = sorted({*shown, *wanted})
    return [
        f"{what} {key}: {_part(shown.get(key), wanted.get(key))}" for key in keys if shown.get(key) != wanted.get(key)
    ]


def _part(shown: Any, wanted: Any) -> str:
    if not isinstance(shown, dict) or not isinstance(wanted, dict):
        return f"is {shown}, should be {wanted}"
    names = [name for name in {**shown, **wanted} if shown.get(name) != wanted.get(name)]
    return "; ".join(f"{name} is {shown.get(name)}, should be {wanted.get(name)}" for name in names)


def _row(row: Any, names: dict[Any, str], people: dict[Any, str]) -> dict[str, Any]:
    plain = (
        "kind",
        "state",
        "version",
        "revision",
        "held_until",
        "on_hold",
        "objected",
        "extended",
        "due_on",
        "decisions",
    )
    of = {
        "nurse": names[row["nurse_id"]],
        "inst": names.get(row["institution_id"]),
        "auth": names.get(row["authority_id"]),
        "blocked": names.get(row["blocked_by_id"]),
    }
    who = {"holder": people.get(row["holder_id"]), "recommender": people.get(row["recommender_id"])}
    return {**{name: row[name] for name in plain}, **of, **who, "filer": row["filed_by"]}


def _app(app: App) -> dict[str, Any]:
    names = (
        "kind",
        "state",
        "version",
        "revision",
        "held_until",
        "on_hold",
        "objected",
        "extended",
        "due_on",
        "decisions",
    )
    more = ("nurse", "inst", "auth", "blocked", "holder", "recommender")
    return {**{name: getattr(app, name) for name in (*names, *more)}, "filer": PARTIES[app.filer]}


def _entry(row: Any, names: dict[Any, str]) -> dict[str, Any]:
    plain = {"status": row["status"], "until": row["valid_until"], "kind": row["last_kind"], "bar": row["bar_until"]}
    of = {"inst": names.get(row["institution_id"]), "auth": names.get(row["authority_id"])}
    kept = {"certificates": row["certificates"], "past": row["past"], "by": names.get(row["by"])}
    return {**plain, **of, **kept, "reason": row["deregistration_reason"]}


def _nurse(nurse: Nurse) -> dict[str, Any]:
    names = ("status", "until", "kind", "bar", "inst", "auth", "certificates", "reason")
    by = nurse.past[-1].app if nurse.past else None
    return {**{name: getattr(nurse, name) for name in names}, "past": len(nurse.past), "by": by}
