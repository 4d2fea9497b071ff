"""The people of a test: each test makes its own cast, committed, so that tests share the database and not the data."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest_asyncio
from argon2 import PasswordHasher
from uuid_utils.compat import uuid7

from db.session import Session, digest
from db.store import known_law
from db.store.announced_days import fill
from db.store.keys import Keyring, new_keys
from db.store.name_order import named
from db.store.url import asyncpg_dsn
from graph.context import Services
from rules.institution import institution_code_check
from rules.kinds import Kind, RenewalForm
from rules.moment import SHANGHAI
from rules.nurse import Department, HealthStatus, Title
from rules.people import Actor, Party, Role
from rules.privacy import mask_id_number, mask_phone
from tests.support.until import UNHURRIED
from web.app import services_of
from web.settings import Settings
from workflow.password import Passwords

_numbers = itertools.count(1)
_institutions = itertools.count(secrets.randbelow(10**8))


def new_code() -> str:
    """A unified social credit code that nobody has: drawn once each, since thousands stand in one database."""
    body = f"12110102{next(_institutions):09d}"
    return body + institution_code_check(body)


TODAY = datetime.now(SHANGHAI).date()
SHE = {
    "nurse_name": "王护士",
    "nurse_sex": "FEMALE",
    "nurse_birth_date": date(1990, 1, 1),
    "document_type": "RESIDENT_ID",
}
"""Who a nurse is, as an application keeps it."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a session."""

    account_id: UUID
    token: str
    actor: Actor

    @property
    def session(self) -> Session:
        """Her session, as the door hands it on."""
        return Session(digest(self.token), self.actor, datetime.now(SHANGHAI) + timedelta(hours=1))


_AREA = """select path from authority where id = $1
union all select a.path || i.id || '/' from institution i join authority a on a.id = i.authority_id where i.id = $1
union all select a.path || i.id || '/' from registration r join institution i on i.id = r.institution_id
  join authority a on a.id = i.authority_id where r.nurse_id = $1"""
"""The area of an authority, an institution, or a nurse who works at one."""


@dataclass
class World:
    """Makes places and people straight in the tables."""

    owner: asyncpg.Connection[asyncpg.Record]
    keyring: Keyring
    nation: UUID = field(init=False)

    async def insert(self, table: str, **values: Any) -> None:
        """One row."""
        names, places = ", ".join(values), ", ".join(f"${n + 1}" for n in range(len(values)))
        await self.owner.execute(f"insert into {table} ({names}) values ({places})", *values.values())

    async def authority(self, parent: UUID | None = None, **values: Any) -> UUID:
        """An authority below another one, or a nation of its own."""
        key = uuid7()
        above = await self.owner.fetchval("select path from authority where id = $1", parent) if parent else "/"
        level = "DISTRICT" if parent else "NATION"
        row = {
            "id": key,
            "code": f"T{next(_numbers)}-{secrets.token_hex(4)}",
            "name": "西城区卫生健康委员会",
            "level": level,
        }
        await self.insert("authority", **row, parent_id=parent, path=f"{above}{key}/", **values)
        return key

    async def division(self) -> str:
        """A division's code that no authority has; never a whole province's, which tests name themselves."""
        used = {row["code"] for row in await self.owner.fetch("select code from authority")}
        return next(code for n in range(100, 1000) if n % 10 and (code := f"{n}000") not in used)

    async def institution(self, authority: UUID, *, route: bool = True, **values: Any) -> UUID:
        """A hospital that forwards everything to this authority."""
        key, name = uuid7(), f"示范医院{secrets.token_hex(8)}"
        row = {"id": key, "code": new_code(), "name": name, "state": "ACTIVE"}
        await self.insert("institution", **{**row, "division": "110102", "authority_id": authority, **values})
        for kind in Kind if route else ():
            await self.insert("approval_setting", institution_id=key, kind=kind, authority_id=authority)
        return key

    async def nurse(self, institution: UUID | None, authority: UUID, **registration: Any) -> UUID:
        """A nurse whose registration runs out in 60 days."""
        key = uuid7()
        digits = f"110102199001{secrets.randbelow(10**5):05d}"
        number, phone = f"{digits}X", f"138{secrets.randbelow(10**8):08d}"
        sealed, sealed_phone = self.keyring.seal(number, "id_number"), self.keyring.seal(phone, "phone")
        await self.insert(
            "nurse",
            id=key,
            **named("王护士"),
            document_type="RESIDENT_ID",
            id_number_key_id=sealed.key_id,
            id_number_sealed=sealed.ciphertext,
            id_number_index=self.keyring.blind_index(f"{number}{key}", "id_number"),
            id_number_masked=mask_id_number(number),
            phone_key_id=sealed_phone.key_id,
            phone_sealed=sealed_phone.ciphertext,
            phone_index=self.keyring.blind_index(phone, "phone"),
            phone_masked=mask_phone(phone),
            sex="FEMALE",
            birth_date=date(1990, 1, 1),
            ethnicity="汉族",
            health_status="GOOD",
            education="COLLEGE",
            degree="NONE",
            department="WARD",
            title="NURSE",
        )
        entry = {
            "status": "VALID",
            "certificate_number": f"20{secrets.token_hex(6).upper()}",
            "first_registered_on": date(2016, 1, 1),
            "valid_until": TODAY + timedelta(days=60),
            "institution_id": institution,
            "authority_id": authority,
            "last_kind": "RENEWAL",
        }
        await self.insert("registration", nurse_id=key, **{**entry, **registration})
        return key

    async def rename(self, nurse_id: UUID, name: str) -> None:
        """Call a nurse so."""
        await self.owner.execute(
            "update nurse set name = $2, name_order = $3 where id = $1", nurse_id, *named(name).values()
        )

    async def person(
        self, party: Party, of: UUID | None, *roles: Role, state: str = "ACTIVE", self_nurse: UUID | None = None
    ) -> Person:
        """An account with a live session."""
        key, token = uuid7(), secrets.token_urlsafe(32)
        owner = {f"{party.lower()}_id": of} if of and party in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY) else {}
        name = f"{roles[0].lower()}{next(_numbers)}"
        await self.insert(
            "account",
            id=key,
            party=party,
            user_name=f"t{secrets.token_hex(5)}",
            display_name=name,
            password_hash="-",
            state=state,
            roles=list(roles),
            self_nurse_id=self_nurse,
            **owner,
        )
        expires = datetime.now(SHANGHAI) + timedelta(hours=1)
        await self.insert("session", token_hash=digest(token), account_id=key, expires_at=expires)
        path = await self.owner.fetchval("select path from authority where id = $1", of) if of else None
        active = state == "ACTIVE"
        party_id = of if active or party is not Party.NURSE else None
        nurse_id = of if party is Party.NURSE else self_nurse
        area = await self.owner.fetchval(_AREA, of) if of else None
        actor = Actor(key, party, party_id, frozenset(roles), active, nurse_id, path, name, area=area)
        return Person(key, token, actor)

    async def cast(self) -> Cast:
        """A nurse, the people of her hospital, and the officers of the district that decides."""
        nation = await self.authority()
        district = await self.authority(nation)
        hospital = await self.institution(district)
        nurse_id = await self.nurse(hospital, district)
        return Cast(
            nation,
            district,
            hospital,
            nurse_id,
            nurse=await self.person(Party.NURSE, nurse_id, Role.NURSE),
            operator=await self.person(Party.INSTITUTION, hospital, Role.OPERATOR),
            manager=await self.person(Party.INSTITUTION, hospital, Role.MANAGER),
            viewer=await self.person(Party.INSTITUTION, hospital, Role.VIEWER),
            reviewer=await self.person(Party.AUTHORITY, district, Role.REVIEWER),
            decider=await self.person(Party.AUTHORITY, district, Role.DECIDER),
        )

    async def row(self, table: str, key: UUID, column: str = "id") -> dict[str, Any]:
        """A row as it stands."""
        return dict(await self.owner.fetchrow(f"select * from {table} where {column} = $1", key))

    async def said_of(
        self, nurse_id: UUID, by: str, may: bool | None = None, since: date | None = None
    ) -> dict[str, Any]:
        """The body of an event about a nurse, by her record as it stands, and whether she may practise, where told."""
        nurse, entry = await self.row("nurse", nurse_id), await self.row("registration", nurse_id, "nurse_id")
        numbers = {"certificate": entry["certificate_number"], "idNumber": nurse["id_number_masked"]}
        announced = {} if may is None else {"may": may, "since": str(since or TODAY)}
        return {"nurse": str(nurse_id), "name": nurse["name"], **numbers, "by": by, **announced}

    async def traces(self, cast: Cast) -> dict[str, Any]:
        """Everything a step could have changed for this cast; equal before and after a refusal."""
        tables = {
            "application": "select * from application where nurse_id = $1 order by id",
            "revision": "select r.* from application_revision r join application a on a.id = application_id"
            " where nurse_id = $1 order by 1, 2",
            "decision": "select d.* from review_decision d join application a on a.id = application_id"
            " where nurse_id = $1 order by 1",
            "registration": "select * from registration where nurse_id = $1",
            "history": "select * from registration_history where nurse_id = $1 order by id",
        }
        found = {
            name: [dict(row) for row in await self.owner.fetch(sql, cast.nurse_id)] for name, sql in tables.items()
        }
        scopes = [cast.nurse_id, cast.hospital, cast.district]
        events = await self.owner.fetch("select * from event where scope = any($1) order by scope, seq", scopes)
        return {**found, "events": [dict(row) for row in events]}


@dataclass
class Cast:
    """The people of one story."""

    nation: UUID
    district: UUID
    hospital: UUID
    nurse_id: UUID
    nurse: Person
    operator: Person
    manager: Person
    viewer: Person
    reviewer: Person
    decider: Person


def renewal(**changes: Any) -> RenewalForm:
    """A renewal as a healthy nurse fills it in."""
    values = {
        "health_status": HealthStatus.GOOD,
        "health_examined_on": TODAY - timedelta(days=10),
        "department": Department.EMERGENCY,
        "title": Title.SENIOR_NURSE,
    }
    return RenewalForm(**{**values, **changes})


@pytest_asyncio.fixture(scope="session")
async def keyring() -> Keyring:
    """The keys of this run."""
    return Keyring.parse(new_keys())


@pytest_asyncio.fixture(scope="session")
async def world(owner_url: str, keyring: Keyring) -> AsyncIterator[World]:
    """The register of this run, empty but for what tests put there."""
    owner = await asyncpg.connect(asyncpg_dsn(owner_url))
    await fill(owner)
    await known_law.fill(owner)
    yield World(owner, keyring)
    await owner.close()


@pytest_asyncio.fixture(scope="session")
async def services(owner_url: str, keyring: Keyring, world: World) -> AsyncIterator[Services]:
    """What one process shares, open."""
    shared = services_of(Settings(limits=UNHURRIED), owner_url, keyring)
    # As many passwords are hashed in these tests as elsewhere in a month, so each is cheap.
    shared = replace(shared, passwords=Passwords(shared.passwords.policy, PasswordHasher(1, 8, 1)))
    await shared.db.open()
    await shared.feed.open()
    await shared.sessions.open(shared.limits.session_seconds / 2)
    yield shared
    await shared.sessions.close()
    await shared.feed.close()
    await shared.db.close()


@pytest_asyncio.fixture
async def cast(world: World) -> Cast:
    """The people of this test."""
    return await world.cast()
