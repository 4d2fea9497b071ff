"""What a seeded database holds: rows that agree with each other, and the stage set for the demonstration."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from argon2 import PasswordHasher

from db.information_change import all_seen
from db.seed import DEMO_ACCOUNTS, MORE_ACCOUNTS
from db.store.engine import Database
from db.store.keys import Sealed
from rules.application import PENDING, State
from rules.identity import DocumentType, identify
from rules.kinds import Kind
from rules.moment import SHANGHAI
from rules.people import Party
from tests.support.seeded_databases import KEYRING, NURSES, TODAY, Connection


async def test_the_sealed_numbers_open_and_are_valid(connection: Connection) -> None:
    rows = await connection.fetch("select * from nurse")
    assert len(rows) == NURSES
    for row in rows:
        number = KEYRING.unseal(Sealed(row["id_number_key_id"], row["id_number_sealed"]), "id_number")
        assert KEYRING.blind_index(number, "id_number") == row["id_number_index"]
        assert identify(DocumentType(row["document_type"]), number, TODAY).birth_date in (row["birth_date"], None)


async def test_every_state_is_there_and_at_most_one_is_open_a_nurse(connection: Connection) -> None:
    states = await connection.fetch("select distinct state from application")
    assert {row["state"] for row in states} == set(State)
    assert await connection.fetchval("select count(*) - count(distinct nurse_id) from application") == 0


async def test_each_application_agrees_with_what_it_left_behind(connection: Connection) -> None:
    wrong = await connection.fetch(
        "select id from application a where revision <> (select count(*) from application_revision where application_id = a.id)"
        " or (revision > 0 and form <> (select form from application_revision r where r.application_id = a.id"
        "   and r.revision = a.revision))"
        " or (accepted_at is null) <> (receipt_number is null) or (accepted_at is null) <> (due_on is null)"
        " or exists (select from registration_history where application_id = a.id) <> exists ("
        "   select from review_decision where application_id = a.id and stage = 'AUTHORITY_DECISION'"
        "   and outcome in ('AGREED', 'DEEMED'))"
        " or (recommender_id is not null and recommender_id = moved_by and state in ('APPROVED', 'REJECTED'))"
    )
    assert wrong == []


async def test_each_scope_counts_its_events_without_gaps_in_the_order_of_time(connection: Connection) -> None:
    rows = await connection.fetch("select scope, seq, at, id, previous_id from event order by scope, seq")
    counted: dict[object, list[tuple[int, object]]] = {}
    for row in rows:
        counted.setdefault(row["scope"], []).append((row["seq"], row["at"]))
    stand = await connection.fetch("select * from feed_scope")
    last = {row["scope"]: row["seq"] for row in stand}
    assert {scope: len(heard) for scope, heard in counted.items()} == last
    for heard in counted.values():
        assert [seq for seq, _ in heard] == list(range(1, len(heard) + 1))
        assert [at for _, at in heard] == sorted(at for _, at in heard)  # type: ignore[type-var]
    ids = {(row["scope"], row["seq"]): row["id"] for row in rows}
    assert [row["previous_id"] for row in rows] == [ids.get((row["scope"], row["seq"] - 1)) for row in rows]
    assert {row["scope"]: row["last_id"] for row in stand} == {one: ids.get((one, seq)) for one, seq in last.items()}


async def test_replaying_the_events_gives_the_pending_reviews(connection: Connection) -> None:
    queues: dict[object, set[object]] = {}
    for row in await connection.fetch("select scope, queue, application_id from event order by scope, seq"):
        queue = queues.setdefault(row["scope"], set())
        match row["queue"]:
            case "ADDED":
                assert row["application_id"] not in queue
                queue.add(row["application_id"])
            case "REMOVED":
                queue.remove(row["application_id"])
            case "CHANGED":
                assert row["application_id"] in queue
    pending: dict[object, set[object]] = {}
    for row in await connection.fetch("select id, state, institution_id, authority_id from application"):
        for party in (Party.INSTITUTION, Party.AUTHORITY):
            # What waits for a claim is on nobody's desk.
            if State(row["state"]) in PENDING[party] and row[f"{party.lower()}_id"]:
                pending.setdefault(row[f"{party.lower()}_id"], set()).add(row["id"])
    assert {scope: queue for scope, queue in queues.items() if queue} == pending


async def test_no_event_needs_the_partition_for_strays_and_none_lies_ahead(connection: Connection) -> None:
    assert await connection.fetchval("select count(*) from event_other") == 0
    assert await connection.fetchval("select max(at) < now() from event")


async def test_receipts_are_numbered_without_gaps_as_the_counter_says(connection: Connection) -> None:
    rows = await connection.fetch("select receipt_number from application where receipt_number is not null order by 1")
    counted: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        code, year, number = row["receipt_number"].split("-")
        counted.setdefault((code, int(year)), []).append(int(number))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in counted.values())
    last = await connection.fetch("select code, year, last from receipt_counter join authority on id = authority_id")
    assert {(row["code"], row["year"]): row["last"] for row in last} == {
        place: len(numbers) for place, numbers in counted.items()
    }


async def test_every_demo_account_signs_in_with_its_role(connection: Connection) -> None:
    names = [demo.user_name for demo in DEMO_ACCOUNTS]
    rows = await connection.fetch("select * from account where user_name = any($1)", names)
    found = {row["user_name"]: row for row in rows}
    assert {name: row["roles"] for name, row in found.items()} == {
        demo.user_name: [demo.role] for demo in DEMO_ACCOUNTS
    }
    assert [name for name, row in found.items() if row["state"] != "ACTIVE"] == ["nurse002"]
    (password_hash,) = {row["password_hash"] for row in rows}
    assert PasswordHasher().verify(password_hash, DEMO_ACCOUNTS[0].password)


async def test_the_stage_is_set_for_what_only_some_can_show(connection: Connection) -> None:
    """A code that is awaited, a claim, a ward head with nurses, contacts that are proved: at every size."""
    sql = "select * from account where user_name = any($1)"
    rows = await connection.fetch(sql, [demo.user_name for demo in MORE_ACCOUNTS])
    found = {row["user_name"]: row for row in rows}
    assert {name: row["roles"] for name, row in found.items()} == {
        demo.user_name: [demo.role] for demo in MORE_ACCOUNTS
    }
    waits, reached, claimable, head = (found[demo.user_name] for demo in MORE_ACCOUNTS)
    first = await connection.fetchval("select institution_id from account where user_name = 'operator01'")
    hers = "select institution_id from registration where nurse_id = $1"
    for one in (waits, reached):
        assert await connection.fetchval(hers, one["nurse_id"]) == first
    assert (waits["state"], waits["contact_verified"], waits["certificate_verified"]) == ("INACTIVE", True, True)
    assert await connection.fetchval("select count(*) from activation_code where account_id = $1", waits["id"]) == 0
    assert reached["phone_verified_at"] == reached["email_verified_at"] == reached["created_at"]
    assert (reached["state"], reached["phone_masked"]) == ("ACTIVE", "138****8005")
    filed = await connection.fetchrow(
        "select kind, state, institution_id, authority_id from application where nurse_id = $1", claimable["nurse_id"]
    )
    assert tuple(filed) == ("CHANGE", "INSTITUTION_REVIEW", None, None)
    (ward,) = head["unit_ids"]
    nurses = "select count(*) from registration where unit_id = $1 and institution_id = $2 and status = 'VALID'"
    assert head["institution_id"] == first
    assert await connection.fetchval(nurses, ward, first) > 0
    others = (
        "select count(*) from account where state = 'INACTIVE' and certificate_verified and user_name <> 'nurse004'"
    )
    assert await connection.fetchval(others) > 0


async def test_the_stage_is_set_for_a_renewal(connection: Connection) -> None:
    row = await connection.fetchrow(
        "select r.*, i.name, s.authority_id as route, (select count(*) from application where nurse_id = r.nurse_id) as filed"
        " from account a join registration r on r.nurse_id = a.nurse_id join institution i on i.id = r.institution_id"
        " join approval_setting s on s.institution_id = i.id and s.kind = 'RENEWAL' where user_name = 'nurse001'"
    )
    assert row is not None
    assert (row["status"], row["filed"]) == ("VALID", 0)
    assert row["valid_until"] == await connection.fetchval("select current_date + 85")
    staff = await connection.fetch(
        "select user_name, institution_id, authority_id from account where user_name = any($1)",
        ["manager01", "operator01", "operator02", "viewer001", "reviewer01", "decider001", "supervisor01"],
    )
    assert {member["institution_id"] or member["authority_id"] for member in staff} == {
        row["institution_id"],
        row["route"],
    }


async def test_the_stage_is_set_for_a_change(connection: Connection) -> None:
    row = await connection.fetchrow(
        "select r.*, a.state, (select count(*) from application where nurse_id = r.nurse_id) as filed,"
        " o.institution_id as other, f.institution_id as first"
        " from account a join registration r on r.nurse_id = a.nurse_id, account o, account f"
        " where a.user_name = 'nurse003' and o.user_name = 'operator03' and f.user_name = 'operator01'"
    )
    assert row is not None
    assert (row["status"], row["state"], row["filed"]) == ("VALID", "ACTIVE", 0)
    assert row["institution_id"] == row["other"] != row["first"]
    assert row["valid_until"] > await connection.fetchval("select current_date + 700")


async def test_every_valid_registration_has_its_certificate_in_force_and_nobody_else_has(
    connection: Connection,
) -> None:
    wrong = await connection.fetch(
        "select nurse_id, r.status, array_agg(c.number) as numbers from registration r"
        " left join certificate c using (nurse_id) where c.voided_at is null group by nurse_id, r.status"
        " having array_agg(c.number) <> array[case status when 'VALID' then min(r.certificate_number) end]"
    )
    assert wrong == []
    assert await connection.fetchval("select count(*) from certificate where voided_at is not null") > 0


async def test_all_kinds_are_there_and_the_first_hospital_has_what_comes_to_it(connection: Connection) -> None:
    kinds = await connection.fetch("select distinct kind from application")
    assert {row["kind"] for row in kinds} == set(Kind)
    first = await connection.fetchval("select institution_id from account where user_name = 'operator01'")
    coming = await connection.fetch(
        "select distinct a.kind from application a join registration r using (nurse_id)"
        " where a.institution_id = $1 and r.institution_id is distinct from $1 and state = 'INSTITUTION_REVIEW'",
        first,
    )
    assert "CHANGE" in {row["kind"] for row in coming}


async def test_whoever_left_has_been_reported_and_her_places_were_told(connection: Connection) -> None:
    wrong = await connection.fetch(
        "select r.nurse_id from registration r left join departure d using (nurse_id)"
        " where (r.status = 'VALID' and r.institution_id is null) <> (d.id is not null)"
        " or d.id is not null and not exists (select from registration_history h where h.nurse_id = r.nurse_id"
        "   and h.account_id = d.reported_by and h.reason like '离职报告%' || d.left_on)"
    )
    assert wrong == []
    counts = await connection.fetch(
        "select d.id, count(*) from departure d join event e on e.body->>'nurse' = d.nurse_id::text"
        " and e.scope in (d.nurse_id, d.institution_id) and e.type = 'registration.departed' group by d.id"
    )
    assert {row["count"] for row in counts} == {2}


async def test_what_waits_for_a_claim_is_at_no_institution_and_who_was_refused_is_kept(connection: Connection) -> None:
    waiting = await connection.fetchval(
        "select count(*) from application where state = 'INSTITUTION_REVIEW' and institution_id is null"
    )
    assert waiting > 0
    assert await connection.fetchval("select count(*) from claim_rejection") > 0


async def test_changes_of_information_stand_in_every_way_and_agree_with_record_history_and_events(
    connection: Connection,
) -> None:
    first = await connection.fetch(
        "select distinct c.state, c.filed_by, c.escalated_at is not null as up from information_change c"
        " join registration r using (nurse_id) join account o on o.institution_id = r.institution_id"
        " where o.user_name = 'operator01'"
    )
    assert {tuple(row) for row in first} >= {
        *(("PENDING", "NURSE", False), ("PENDING", "NURSE", True), ("RETURNED", "NURSE", False)),
        *(("APPROVED", "NURSE", False), ("APPROVED", "INSTITUTION", False), ("REJECTED", "NURSE", False)),
        *(("WITHDRAWN", "NURSE", False), ("ANNOUNCED", "INSTITUTION", False), ("DISPUTED", "INSTITUTION", True)),
    }
    wrong = await connection.fetch(
        "select c.id from information_change c join nurse n on n.id = c.nurse_id, jsonb_each_text(c.asked) wanted"
        " where wanted.key in ('title', 'department') and (c.state = 'APPROVED') <>"
        " (to_jsonb(n) ->> wanted.key = wanted.value)"
    )
    assert wrong == []
    changed = await connection.fetch(
        "select distinct h.nurse_id from nurse_change h join nurse n on n.id = h.nurse_id"
        " where h.id = (select id from nurse_change l where (l.nurse_id, l.field) = (h.nurse_id, h.field)"
        " order by id desc limit 1)"
        " and (to_jsonb(n) ->> h.field) is distinct from h.after"
    )
    assert changed == []
    untold = await connection.fetch(
        "select id from information_change c where created_at > $1 and not exists (select from event e"
        " where e.scope = c.nurse_id and e.type like 'information.%')",
        datetime.combine(TODAY - timedelta(days=40), time(), SHANGHAI),
    )
    assert untold == []


async def test_the_steps_on_the_seeded_changes_are_offered_to_the_demo_accounts(
    connection: Connection, seeded: str
) -> None:
    db = Database(seeded, KEYRING)
    keys = [row["id"] for row in await connection.fetch("select id from information_change")]
    async with db.read() as reader:
        seen = await all_seen(reader, keys)
    await db.close()
    assert len(seen) == len(keys) > 0
    offices = {one.around.office for one in seen.values()}
    at_home = {one.around.registration.authority_id for one in seen.values()}
    assert offices == at_home


@pytest.mark.feature("I7")
async def test_whoever_is_registered_and_active_used_a_code_of_her_own_hospital(connection: Connection) -> None:
    """The activation page of a new installation had neither 激活码生成时间 nor 激活时间."""
    (row,) = await connection.fetch(
        "select count(*) as codes, count(*) filter (where c.used_at = a.activated_at and c.issued_at < c.used_at"
        "  and c.used_at < c.expires_at and a.created_at < c.issued_at and o.institution_id = c.institution_id"
        "  and 'OPERATOR' = any(o.roles)) as right"
        " from activation_code c join account a on a.id = c.account_id join account o on o.id = c.issued_by"
    )
    assert row["codes"] == row["right"] > 20
    sql = "select count(*) from account where party = 'NURSE' and (activated_at is not null) <> (state = 'ACTIVE')"
    assert await connection.fetchval(sql) == 0
