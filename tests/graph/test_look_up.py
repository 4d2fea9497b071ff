"""Looking one person up by the number of her document: counted and kept before anybody is looked for."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from db.store.url import asyncpg_dsn
from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.look_up import BY_ALL, BY_ONE
from rules.people import Party, Role
from tests.support import activation
from tests.support.filed_applications import put
from tests.support.live import Live
from tests.support.people import form, known, resident
from tests.support.statements import counted
from tests.support.world import Cast, Person, World
from workflow import look_up

LOOK_UP = """query($type: DocumentType! = RESIDENT_ID, $number: String!, $purpose: LookUpPurpose! = FILING) {
  nurseByDocument(documentType: $type, idNumber: $number, purpose: $purpose) {
    id name idNumberMasked registration { certificateNumber standing institution { id } } } }"""
KEPT = "select purpose, detail from audit where account_id = $1 and action = 'identity.looked_up' order by at"


async def looked_up(world: World, person: Person) -> list[tuple[str | None, str]]:
    """The purposes of somebody's look-ups, and what else was kept of them."""
    return [(row["purpose"], row["detail"]) for row in await world.owner.fetch(KEPT, person.account_id)]


async def numbered(world: World, cast: Cast) -> tuple[UUID, str]:
    """A nurse of the hospital, and her number."""
    given = form()
    return await known(world, cast, given), given.id_number


@pytest.mark.feature("A5", "A8")
async def test_an_authority_and_an_institution_find_a_nurse_of_theirs_by_her_document(
    live: Live, world: World, cast: Cast
) -> None:
    """The province reads her as the district does: A5, A8 and 作废 ask for the id that is found here."""
    nurse_id, number = await numbered(world, cast)
    above = await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)
    for person in (cast.operator, cast.manager, cast.reviewer, cast.decider, above):
        for typed in (number, f"{number[:6]} {number[6:]}"):
            found = (await live.as_(person).ask(LOOK_UP, number=typed))["nurseByDocument"]
            assert found["id"] == global_id("Nurse", nurse_id)
            assert found["registration"]["institution"] == {"id": global_id("Institution", cast.hospital)}
        assert await looked_up(world, person) == [("FILING", "{}")] * 2


async def test_a_nurse_of_others_is_one_of_nobody(live: Live, world: World, cast: Cast, services: Services) -> None:
    """The same answer by the same statements, and each is counted and kept."""
    _, number = await numbered(world, cast)
    far = await world.cast()
    for person in (far.operator, far.reviewer):
        asked = []
        for typed in (number, resident()):
            with counted(services.db) as statements:
                assert (await live.as_(person).ask(LOOK_UP, number=typed)) == {"nurseByDocument": None}
            asked.append(statements)
        assert asked[0] == asked[1]
        assert await looked_up(world, person) == [("FILING", "{}")] * 2


FOUND = "select nurse_id, purpose, detail from audit where account_id = $1 and action = 'identity.found' order by at"
LISTED = "query($where: {noun}Where) {{ {list}(where: $where) {{ totalCount nodes {{ id }} }} }}"


async def found(world: World, person: Person) -> list[tuple[UUID, str | None, str]]:
    """The nurses whom somebody has found, by the entries from which each learns it."""
    return [
        (row["nurse_id"], row["purpose"], row["detail"]) for row in await world.owner.fetch(FOUND, person.account_id)
    ]


@pytest.mark.feature("I11")
async def test_a_nurse_who_is_found_has_an_entry_of_her_own_and_nobody_else_has(
    live: Live, world: World, cast: Cast
) -> None:
    """By which she learns who looked at her; one who was not found leaves no trace of the number."""
    nurse_id, number = await numbered(world, cast)
    far = await world.cast()
    missing = resident()
    for person, typed in ((cast.reviewer, number), (cast.reviewer, missing), (far.reviewer, number)):
        await live.as_(person).ask(LOOK_UP, number=typed)
    assert await found(world, cast.reviewer) == [(nurse_id, "FILING", "{}")]
    assert await found(world, far.reviewer) == []
    sql = "select coalesce(string_agg(a::text, ' '), '') from audit a where account_id = any($1)"
    kept = await world.owner.fetchval(sql, [cast.reviewer.account_id, far.reviewer.account_id])
    assert kept.count("looked_up") == 3
    assert not [one for one in (number, missing, number[6:14], missing[6:14]) if one in kept]


@pytest.mark.feature("I11")
@pytest.mark.parametrize("listing", ["nurses", "applications"])
async def test_a_list_that_is_searched_by_a_number_leaves_the_same_entry(
    live: Live, world: World, cast: Cast, listing: str
) -> None:
    nurse_id, number = await numbered(world, cast)
    await put(world, replace(cast, nurse_id=nurse_id), State.AUTHORITY_INTAKE)
    query = LISTED.format(noun=listing[:-1].title(), list=listing)
    far = await world.cast()
    for person, count in ((cast.operator, 1), (cast.reviewer, 1), (far.operator, 0), (far.reviewer, 0)):
        for typed in (number, resident()):
            answer = (await live.as_(person).ask(query, where={"idNumber": {"eq": typed}}))[listing]
            assert answer["totalCount"] == (count if typed == number else 0)
        assert await found(world, person) == [(nurse_id, None, f'{{"list": "{listing}"}}')] * count


@pytest.mark.feature("I10")
@pytest.mark.parametrize("listing", ["nurses", "applications"])
async def test_the_number_of_a_merged_record_finds_the_one_that_stands_for_it(
    live: Live, world: World, cast: Cast, listing: str
) -> None:
    kept, number = await numbered(world, cast)
    merged, old = await numbered(world, cast)
    shown = await put(world, replace(cast, nurse_id=kept), State.AUTHORITY_INTAKE)
    await world.owner.execute("update nurse set merged_into = $2 where id = $1", merged, kept)
    text = LISTED.format(noun="Nurse" if listing == "nurses" else "Application", list=listing)
    hers = global_id("Nurse", kept) if listing == "nurses" else global_id("Application", shown)
    for typed in (old, number):
        found = (await live.as_(cast.operator).ask(text, where={"idNumber": {"eq": typed}}))[listing]
        assert found == {"totalCount": 1, "nodes": [{"id": hers}]}
    entries = await world.owner.fetch(FOUND, cast.operator.account_id)
    assert [row["nurse_id"] for row in entries] == [kept, kept]


@pytest.mark.feature("I11")
async def test_the_counter_that_finds_her_leaves_it_too(live: Live, world: World, cast: Cast) -> None:
    nurse_id, number = await numbered(world, await world.cast())
    await live.as_(cast.reviewer).ask(COUNTER, input=moving(cast, idNumber=number))
    assert await found(world, cast.reviewer) == [(nurse_id, "FILING", "{}")]


@pytest.mark.feature("I11")
@pytest.mark.parametrize("step", ["applicationClaimByIdNumber", "nurseSettleExamName"])
async def test_a_step_that_names_a_number_is_kept_before_anybody_is_looked_for(
    live: Live, world: World, cast: Cast, step: str
) -> None:
    """Though it is refused: nobody has this number."""
    person = cast.operator
    given: dict[str, Any] = {"documentType": "RESIDENT_ID", "idNumber": resident()}
    if step == "nurseSettleExamName":
        province = await world.authority(cast.nation)
        await world.owner.execute("update authority set level = 'PROVINCE' where id = $1", province)
        person = await world.person(Party.AUTHORITY, province, Role.PROVINCIAL_ADMIN)
        given |= {"name": "张三", "evidence": "身份证原件及考试合格证明"}
    else:
        given |= {"kind": "FIRST"}
    title = f"{step[0].upper()}{step[1:]}"
    text = f"mutation($input: {title}Input!) {{ {step}(input: $input) {{ __typename }} }}"
    assert (await live.as_(person).ask(text, input=given))[step]["__typename"] == "NotFoundProblem"
    purpose = "CORRECTION" if step == "nurseSettleExamName" else "FILING"
    assert await looked_up(world, person) == [(purpose, f'{{"step": "{step}"}}')]
    assert await found(world, person) == []


async def test_another_document_with_the_same_number_is_another_person(live: Live, world: World, cast: Cast) -> None:
    await numbered(world, cast)
    given = {"type": "PASSPORT", "number": "E12345678"}
    assert (await live.as_(cast.reviewer).ask(LOOK_UP, **given)) == {"nurseByDocument": None}


async def test_the_look_up_is_kept_before_anybody_is_looked_for(
    live: Live, world: World, cast: Cast, owner_url: str
) -> None:
    """While the table of nurses cannot be read, the entry is there already."""
    _, number = await numbered(world, cast)
    holder = await asyncpg.connect(asyncpg_dsn(owner_url))
    try:
        async with holder.transaction():
            await holder.execute("lock table nurse in access exclusive mode")
            asking = asyncio.create_task(live.as_(cast.reviewer).post(LOOK_UP, {"number": number}))
            async with asyncio.timeout(20):
                while not await looked_up(world, cast.reviewer):
                    await world.owner.execute("select 1")
            assert not asking.done()
    finally:
        await holder.close()
    assert (await asking).json()["data"]["nurseByDocument"]["name"]


@pytest.mark.parametrize(
    ("who", "code"),
    [("viewer", "NOT_FOR_VIEWERS"), ("nurse", "NOT_ALLOWED"), ("help desk", "NOT_ALLOWED"), ("analyst", "NOT_ALLOWED"),
     ("inactive", "NOT_ALLOWED")],
)  # fmt: skip
async def test_who_looks_nobody_up(live: Live, world: World, cast: Cast, who: str, code: str) -> None:
    person = {
        "help desk": await world.person(Party.HELP_DESK, None, Role.HELP_DESK),
        "analyst": await world.person(Party.ANALYST, None, Role.ANALYST),
        "inactive": await world.person(Party.NURSE, None, Role.NURSE, state="INACTIVE"),
        "viewer": cast.viewer,
        "nurse": cast.nurse,
    }[who]
    _, number = await numbered(world, cast)
    assert await live.as_(person).refused(LOOK_UP, number=number) == [code]
    assert await looked_up(world, person) == []
    assert await live.as_(None).refused(LOOK_UP, number=number) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(("typed", "code"), [("110", "FORMAT"), ("1.10199E+17", "ROUNDED"), ("", "FORMAT")])
async def test_a_number_that_cannot_be_one_is_refused_and_costs_nothing(
    live: Live, world: World, cast: Cast, typed: str, code: str
) -> None:
    body = (await live.as_(cast.reviewer).post(LOOK_UP, {"number": typed})).json()
    (error,) = body["errors"]
    problems = [(one["path"], one["code"]) for one in error["extensions"]["fields"]]
    assert problems == [("idNumber", f"ID_NUMBER_{code}")]
    assert await looked_up(world, cast.reviewer) == []


async def test_one_number_a_request(live: Live, world: World, cast: Cast) -> None:
    one, other = (f'nurseByDocument(documentType: RESIDENT_ID, idNumber: "{resident()}", purpose: FILING) {{ id }}'
                  for _ in range(2))  # fmt: skip
    assert await live.as_(cast.reviewer).refused(f"{{ a: {one} b: {other} }}") == ["QUERY_TOO_COMPLEX"]
    beside = f'nurses(where: {{idNumber: {{eq: "{resident()}"}}}}) {{ totalCount }}'
    body = (await live.as_(cast.reviewer).post(f"{{ {one} {beside} }}")).json()
    assert [one["extensions"]["fields"][0]["code"] for one in body["errors"]] == ["ID_NUMBER_ALONE"]
    assert len(await looked_up(world, cast.reviewer)) == 1


async def test_look_ups_are_counted_for_each_account_and_for_each_place(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    """An account has sixty an hour, all of a district three hundred; what is over is not kept, as nothing is read."""
    for _ in range(BY_ALL // BY_ONE):
        person = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER)
        async with services.db.begin() as tx:
            await tx.ask_time()
            assert await look_up.count(tx, person.actor, BY_ONE - 1) == 0
        assert (await live.as_(person).ask(LOOK_UP, number=resident()))["nurseByDocument"] is None
        assert await live.as_(person).refused(LOOK_UP, number=resident()) == ["RATE_LIMITED"]
        assert len(await looked_up(world, person)) == 1
    assert await live.as_(cast.reviewer).refused(LOOK_UP, number=resident()) == ["RATE_LIMITED"]
    assert (await live.as_(cast.operator).ask(LOOK_UP, number=resident()))["nurseByDocument"] is None


COUNTER = """mutation($input: ApplicationFileAtCounterInput!) { applicationFileAtCounter(input: $input) {
  __typename ... on Problem { code } ... on ValidationProblem { fields { path code } }
  ... on ApplicationPayload { application { state nurseName institution { id } } } } }"""


def moving(cast: Cast, **given: Any) -> dict[str, Any]:
    """A nurse of elsewhere who wants to come to this hospital."""
    form = {"change": {"department": "WARD", "changeReason": "搬家"}}
    return {"form": form, "identitySeen": True, "institutionId": global_id("Institution", cast.hospital), **given}


async def test_a_counter_files_for_whom_it_cannot_read_only_by_her_document(
    live: Live, world: World, cast: Cast
) -> None:
    """Of another province: her id alone is answered as an id of nobody is."""
    far = await world.cast()
    nurse_id, number = await numbered(world, far)
    client = live.as_(cast.reviewer)
    for key in (nurse_id, uuid7()):
        answer = await client.ask(COUNTER, input=moving(cast, nurseId=global_id("Nurse", key)))
        assert answer["applicationFileAtCounter"]["__typename"] == "NotFoundProblem"
    unseen = moving(cast, nurseId=global_id("Nurse", nurse_id), identitySeen=False)
    assert (await client.ask(COUNTER, input=unseen))["applicationFileAtCounter"]["__typename"] == "NotFoundProblem"
    assert await world.owner.fetchval("select count(*) from application where nurse_id = $1", nurse_id) == 0
    answer = (await client.ask(COUNTER, input=moving(cast, idNumber=number)))["applicationFileAtCounter"]
    assert answer["application"] == {
        "state": "AUTHORITY_INTAKE",
        "nurseName": "张秀兰",
        "institution": {"id": global_id("Institution", cast.hospital)},
    }
    assert await looked_up(world, cast.reviewer) == [("FILING", "{}")]


async def test_a_nurse_at_the_counter_is_named_once(live: Live, world: World, cast: Cast) -> None:
    nurse_id, number = await numbered(world, cast)
    for named in ({}, {"nurseId": global_id("Nurse", nurse_id), "idNumber": number}):
        answer = (await live.as_(cast.reviewer).ask(COUNTER, input=moving(cast, **named)))["applicationFileAtCounter"]
        assert answer["fields"] == [{"path": "nurseId", "code": "ONE_NURSE"}]
    answer = await live.as_(cast.reviewer).ask(COUNTER, input=moving(cast, idNumber=resident()))
    assert answer["applicationFileAtCounter"]["__typename"] == "NotFoundProblem"
    answer = await live.as_(cast.operator).ask(COUNTER, input=moving(cast, idNumber=number))
    assert answer["applicationFileAtCounter"]["code"] == "NOT_ALLOWED"


BLIND = ("activationIssueCode", "accountRevoke")


@pytest.mark.parametrize("mutation", BLIND)
@pytest.mark.parametrize("who", ["far operator", "far viewer", "far reviewer", "viewer", "decider", "nurse", "analyst"])
async def test_an_account_of_others_is_answered_as_one_of_nobody(
    live: Live, world: World, cast: Cast, mutation: str, who: str
) -> None:
    """NOT_ALLOWED here and NOT_FOUND there would say which ids are accounts."""
    far = await world.cast()
    waiting = await activation.candidate(world, cast, verified=activation.CERTIFIED)
    person = {
        **{f"far {name}": getattr(far, name) for name in ("operator", "viewer", "reviewer")},
        **{name: getattr(cast, name) for name in ("viewer", "decider", "nurse")},
        "analyst": await world.person(Party.ANALYST, None, Role.ANALYST),
    }[who]
    more = {"reason": "离职"} if mutation == "accountRevoke" else {}
    title = f"{mutation[0].upper()}{mutation[1:]}"
    text = f"mutation($input: {title}Input!) {{ {mutation}(input: $input) {{ __typename ... on Problem {{ code }} }} }}"
    answers = []
    for key in (waiting.person.account_id, cast.manager.account_id, uuid7()):
        given = {"accountId": global_id("Account", key), **more, "idempotencyKey": secrets.token_hex(8)}
        answers.append((await live.as_(person).ask(text, input=given))[mutation])
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["__typename"] in ("NotFoundProblem", "NotAllowedProblem")
