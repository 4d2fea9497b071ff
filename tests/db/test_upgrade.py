"""A register of before the everyday floors (0037) is migrated to this release, and answers right."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db.read import batch
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from rules.people import Party, Role
from tests.support.institution_people import new_code
from tests.support.old_register import OldRegister
from tests.support.world import TODAY, Person, World

ILLNESS: Final = "产后抑郁，在家休养"
NUMBER: Final = "卫医罚〔2024〕17号"
SHOWN: Final = ("kind", "starts_on", "ends_on", "reason", "decision_number")


async def hospital(old: OldRegister) -> UUID:
    """An institution of then."""
    key, code = uuid7(), new_code()
    row = {"id": key, "code": code, "name": f"医院{code}", "state": "ACTIVE", "authority_id": old.authority}
    await old.insert("institution", **row, division="110102")
    return key


async def spans_of(db: Database, who: Person, nurse_id: UUID) -> list[tuple[object, ...]]:
    """Her spans as somebody reads them, the newest first."""
    found = await batch.of_owners(db, who.actor, "RegistrationSpan", [nurse_id], 9)
    return [tuple(row[name] for name in SHOWN) for row in found.get(nurse_id, [])]


@pytest.mark.feature("I23")
async def test_the_words_of_an_old_interruption_are_gone_and_old_penalties_are_on_record(
    empty_url: str, keyring: Keyring
) -> None:
    old = await OldRegister.at(empty_url, "0037")
    here = await hospital(old)
    nurse_id = await old.nurse("VALID", "2011", institution_id=here)
    await old.owner.execute("update nurse set good_record = '援鄂', bad_record = '旧记录' where id = $1", nurse_id)
    began, ended = TODAY - timedelta(days=60), TODAY - timedelta(days=30)
    whose = {"nurse_id": nurse_id}
    await old.insert("registration_span", **whose, kind="INTERRUPTION", starts_on=began, reason=ILLNESS)
    days = {"starts_on": began, "ends_on": ended}
    await old.insert("registration_span", **whose, **days, kind="DISPATCH", reason="援疆")
    penalty = {"decision_number": NUMBER, "reason": "违规"}
    await old.insert("registration_span", **whose, **days, kind="SUSPENSION", **penalty)
    await old.owner.close()
    await migrate(empty_url)
    old = await OldRegister.opened(empty_url)
    world, db = World(old.owner, keyring), Database(empty_url, keyring)
    await db.open()
    her = await world.person(Party.NURSE, nurse_id, Role.NURSE)
    boss = await world.person(Party.INSTITUTION, here, Role.OPERATOR)
    suspension = ("SUSPENSION", began, ended, "违规", NUMBER)
    dispatch = ("DISPATCH", began, ended, "援疆", None)
    interruption = ("INTERRUPTION", began, None, None, None)
    for person in (her, boss):
        assert sorted(await spans_of(db, person, nurse_id), key=str) == [dispatch, interruption, suspension]
    (kept,) = await old.owner.fetch("select * from conduct_record")
    stands = ("BAD", "RECORDED", "SUSPENSION", NUMBER, began)
    assert tuple(kept[name] for name in ("kind", "state", "source", "decision_number", "decided_on")) == stands
    record = (await batch.by_ids(db, her.actor, "Nurse", [nurse_id]))[nurse_id]
    both = ("援鄂", f"旧记录；暂停执业（{NUMBER}）")
    assert (record["good_record"], record["bad_record"]) == both
    # Nowhere in the database are the words that named an illness.
    texts = "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    for table, column in await old.owner.fetch(f"{texts} and data_type in ('text', 'jsonb')"):
        found = f'select count(*) from "{table}" where cast("{column}" as text) like $1'
        assert await old.owner.fetchval(found, f"%{ILLNESS}%") == 0, (table, column)
    await db.close()
    await old.owner.close()
