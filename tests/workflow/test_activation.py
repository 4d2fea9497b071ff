"""From a verified identity to an active account: certificates and codes, each tried at most five times."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

import pytest

from db import activation as activations
from db.store.engine import Database
from rules import activation as rules
from rules.activation import CodesSpent
from rules.conflict import Situation
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited
from rules.people import Party, Role
from tests.support import activation as given
from tests.support.activation import CERTIFIED, VERIFIED, Candidate, candidate, change
from tests.support.activation_steps import WRONG, issue, refused, submit
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.story import Clock
from tests.support.world import Cast, World
from workflow.activation_code import ActivationIssueCode, activate, issue_code


@pytest.mark.feature("N9")
async def test_a_registered_nurse_who_knows_her_number_waits_for_her_institution(
    timed: Database, world: World, cast: Cast
) -> None:
    nurse = await candidate(world, cast)
    await submit(timed, nurse, f" {(await nurse.number()).lower()} ")
    row = await nurse.account()
    assert (row["state"], row["certificate_verified"], row["activated_at"]) == ("INACTIVE", True, None)
    assert await nurse.sent() == []


@pytest.mark.feature("N9c")
async def test_a_deregistered_nurse_who_knows_her_number_is_active_at_once(
    timed: Database, world: World, cast: Cast, clock: Clock
) -> None:
    entry = {"status": "DEREGISTERED", "deregistration_reason": "OTHER", "institution": None}
    nurse = await candidate(world, cast, outcome="DEREGISTERED", **entry)
    await submit(timed, nurse, await nurse.number())
    row = await nurse.account()
    assert (row["state"], row["certificate_verified"], row["activated_at"]) == ("ACTIVE", True, clock.now)
    assert await nurse.sent() == [("ACCOUNT_ACTIVATED", {})]


@pytest.mark.feature("N9")
async def test_the_fifth_wrong_number_is_the_last_that_is_looked_at(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast)
    for tries in range(1, 6):
        await refused(nurse, submit(timed, nurse, WRONG), NotAllowed, "WRONG_CERTIFICATE")
        assert (await nurse.account())["certificate_tries"] == tries
    await refused(nurse, submit(timed, nurse, await nurse.number()), NotAllowed, "CERTIFICATE_TRIES_SPENT")
    assert (await nurse.account())["certificate_tries"] == 5


async def test_of_many_numbers_at_once_five_are_looked_at(timed: Database, world: World, cast: Cast) -> None:
    for _ in range(ROUNDS):
        nurse = await candidate(world, cast)
        answers = await at_once(*(submit(timed, nurse, WRONG) for _ in range(TASKS)))
        assert sorted(answer.reason for answer in answers) == [
            *["CERTIFICATE_TRIES_SPENT"] * 3,
            *["WRONG_CERTIFICATE"] * 5,
        ]


async def test_a_number_that_is_sent_again_with_its_key_is_not_judged_again(
    timed: Database, world: World, cast: Cast
) -> None:
    nurse = await candidate(world, cast)
    number = await nurse.number()
    await submit(timed, nurse, number, key="once-and-again")
    await submit(timed, nurse, number, key="once-and-again")
    assert (await nurse.account())["certificate_tries"] == 1
    await refused(nurse, submit(timed, nurse, WRONG, key="once-and-again"), Conflict, Situation.IDEMPOTENCY_KEY_REUSED)


@pytest.mark.parametrize(
    ("outcome", "verified", "reason"),
    [
        ("REGISTERED", {}, "STEP_NOT_OPEN"),
        ("REGISTERED", {"contact_verified": True}, "STEP_NOT_OPEN"),
        ("REGISTERED", {"identity_verified": True}, "STEP_NOT_OPEN"),
        ("REGISTERED", CERTIFIED, "STEP_DONE"),
        ("NO_MATCH", {"contact_verified": True}, "STEP_NOT_OPEN"),
        ("MILITARY_SOURCE", {"contact_verified": True}, "STEP_NOT_OPEN"),
        ("EXAM_PASSED", VERIFIED, "STEP_NOT_OPEN"),
    ],
)
async def test_a_certificate_number_out_of_turn_is_not_even_counted(
    timed: Database, world: World, cast: Cast, outcome: str, verified: dict[str, Any], reason: str
) -> None:
    nurse = await candidate(world, cast, outcome=outcome, verified=verified)
    number = await nurse.number() if nurse.nurse_id else WRONG
    await refused(nurse, submit(timed, nurse, number), NotAllowed, reason)
    assert (await nurse.account())["certificate_tries"] == 0


async def examined(world: World, cast: Cast, number: str, type: str = "RESIDENT_ID") -> Candidate:
    """Somebody who passed and was never registered."""
    nurse = await candidate(world, cast, outcome="EXAM_PASSED")
    await change(nurse, document_type=type, **given.sealed_number(world.keyring, number))
    return nurse


@pytest.mark.feature("N9b")
@pytest.mark.feature("X3")
async def test_the_latest_exam_certificate_makes_her_record_and_activates(
    timed: Database, world: World, cast: Cast, clock: Clock
) -> None:
    number = given.id_number(date(1995, 3, 15))
    nurse = await examined(world, cast, number)
    older = await given.exam(world, number, year=2021)
    latest = await given.exam(world, number, year=2023, passed_on=date(2023, 5, 20), ethnicity="满族", pool_linked=True)
    await refused(nurse, submit(timed, nurse, older, exam=True), NotAllowed, "WRONG_CERTIFICATE")
    await submit(timed, nurse, latest, exam=True)
    row = await nurse.account()
    assert (row["state"], row["certificate_verified"], row["activated_at"]) == ("ACTIVE", True, clock.now)
    record = await world.row("nurse", row["nurse_id"])
    assert (record["name"], record["sex"], record["birth_date"]) == ("李新护", "FEMALE", date(1995, 3, 15))
    assert (record["ethnicity"], record["exam_certificate_number"]) == ("满族", latest)
    assert (record["exam_year"], record["exam_passed_on"], record["exam_score"]) == (2023, date(2023, 5, 20), "合格")
    assert (record["id_number_index"], record["phone_index"]) == (row["id_number_index"], row["phone_index"])
    entry = await world.row("registration", row["nurse_id"], "nurse_id")
    assert (entry["status"], entry["certificate_number"], entry["institution_id"]) == ("NEVER", None, None)
    assert await nurse.sent() == [("ACCOUNT_ACTIVATED", {})]


@pytest.mark.feature("N9b")
async def test_a_record_that_was_left_by_a_revoked_account_is_hers_again(
    timed: Database, world: World, cast: Cast
) -> None:
    number = given.id_number()
    certificate = await given.exam(world, number)
    first = await examined(world, cast, number)
    await submit(timed, first, certificate, exam=True)
    await change(first, state="REVOKED")
    second = await examined(world, cast, number)
    await submit(timed, second, certificate, exam=True)
    assert (await second.account())["nurse_id"] == (await first.account())["nurse_id"]


@pytest.mark.parametrize("more", [{}, {"sex": "MALE"}, {"birth_date": date(1996, 1, 2)}])
async def test_an_exam_record_that_does_not_say_who_she_is_makes_no_record(
    timed: Database, world: World, cast: Cast, more: dict[str, Any]
) -> None:
    number = f"E{secrets.randbelow(10**8):08d}"
    nurse = await examined(world, cast, number, "PASSPORT")
    certificate = await given.exam(world, number, type="PASSPORT", **more)
    step = submit(timed, nurse, certificate, exam=True)
    await refused(nurse, step, NotAllowed, "EXAM_RECORD_INCOMPLETE")


async def test_whose_document_does_not_tell_is_known_by_the_exam_record(
    timed: Database, world: World, cast: Cast
) -> None:
    number = f"G{secrets.randbelow(10**8):08d}"
    nurse = await examined(world, cast, number, "PASSPORT")
    more = {"sex": "MALE", "birth_date": date(1996, 1, 2)}
    await submit(timed, nurse, await given.exam(world, number, type="PASSPORT", **more), exam=True)
    record = await world.row("nurse", (await nurse.account())["nurse_id"])
    assert (record["sex"], record["birth_date"], record["nationality"]) == ("MALE", date(1996, 1, 2), "未说明")


@pytest.mark.feature("I7")
@pytest.mark.feature("N10")
@pytest.mark.parametrize("by", ["operator", "manager"])
async def test_the_code_of_her_institution_activates(
    timed: Database, world: World, cast: Cast, clock: Clock, by: str
) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    code = await issue(timed, getattr(cast, by), nurse)
    hospital = (await world.row("institution", cast.hospital))["name"]
    assert await nurse.sent() == [("ACTIVATION_CODE", {"code": code, "institution": hospital, "days": "7"})]
    (row,) = await nurse.codes()
    assert (row["institution_id"], row["authority_id"]) == (cast.hospital, None)
    assert row["expires_at"] == clock.now + timedelta(days=7)
    assert code.encode() not in row["code_hash"]
    await activate(timed, nurse.person.session, f" {code.lower()[:5]} {code[5:]}")
    account, (used,) = await nurse.account(), await nurse.codes()
    assert (account["state"], account["activated_at"], used["used_at"]) == ("ACTIVE", clock.now, clock.now)
    assert (await nurse.sent())[1:] == [("ACCOUNT_ACTIVATED", {})]
    step = activate(timed, nurse.person.session, code)
    await refused(nurse, step, NotAllowed, "ACCOUNT_ACTIVE")


@pytest.mark.feature("I7")
async def test_a_code_that_is_issued_is_in_the_audit_trail(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    await issue(timed, cast.operator, nurse)
    row = await world.row("audit", nurse.nurse_id, "nurse_id")
    assert (row["action"], row["account_id"]) == ("activationIssueCode", cast.operator.account_id)


@pytest.mark.parametrize("state", ["PENDING", "SUSPENDED", "CLOSED", None])
async def test_where_the_institution_cannot_a_reviewer_of_the_registering_authority_issues(
    timed: Database, world: World, cast: Cast, state: str | None
) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED, **({} if state else {"institution": None}))
    if state:
        await world.owner.execute("update institution set state = $2 where id = $1", cast.hospital, state)
    code = await issue(timed, cast.reviewer, nurse)
    (row,) = await nurse.codes()
    assert (row["institution_id"], row["authority_id"]) == (None, cast.district)
    await activate(timed, nurse.person.session, code)
    assert (await nurse.account())["state"] == "ACTIVE"


async def test_who_does_not_vouch_for_her_issues_nothing(timed: Database, world: World, cast: Cast) -> None:
    nurse, elsewhere = await candidate(world, cast, verified=CERTIFIED), await world.cast()
    herself = await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER, self_nurse=nurse.nurse_id)
    for by, kind, reason in [
        (elsewhere.operator, NotFound, None),
        (cast.reviewer, NotFound, None),
        (cast.viewer, NotAllowed, "NOT_ALLOWED"),
        (cast.decider, NotAllowed, "NOT_ALLOWED"),
        (cast.nurse, NotAllowed, "NOT_ALLOWED"),
        (nurse.person, NotAllowed, "NOT_ALLOWED"),
        (herself, NotAllowed, "ABOUT_YOURSELF"),
    ]:
        await refused(nurse, issue(timed, by, nurse), kind, reason)


async def test_staff_are_no_candidates(timed: Database, cast: Cast) -> None:
    with pytest.raises(NotFound):
        await issue_code(timed, cast.manager.session, ActivationIssueCode(cast.operator.account_id))


@pytest.mark.parametrize("verified", [{}, {"identity_verified": True}, VERIFIED])
async def test_no_code_before_identity_contact_and_certificate_are_verified(
    timed: Database, world: World, cast: Cast, verified: dict[str, Any]
) -> None:
    nurse = await candidate(world, cast, verified=verified)
    await refused(nurse, issue(timed, cast.operator, nurse), NotAllowed, "NURSE_NOT_READY")


@pytest.mark.feature("I7")
async def test_a_new_code_ends_the_one_before(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    first, second = await issue(timed, cast.operator, nurse), await issue(timed, cast.manager, nurse)
    await refused(nurse, activate(timed, nurse.person.session, first), NotAllowed, "WRONG_CODE")
    await activate(timed, nurse.person.session, second)
    assert (await nurse.account())["state"] == "ACTIVE"


@pytest.mark.feature("I7")
async def test_three_codes_a_day(timed: Database, world: World, cast: Cast, clock: Clock) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    for _ in range(3):
        await issue(timed, cast.operator, nurse)
        clock.now += timedelta(hours=1)
    before = await nurse.everything()
    with pytest.raises(RateLimited) as refusal:
        await issue(timed, cast.operator, nurse)
    assert (refusal.value.retry_after, await nurse.everything()) == (21 * 3600, before)
    told = "24小时内最多为一名护士生成3个激活码，最后生成的一个仍可使用；再次生成请在21小时后"
    assert refusal.value.words.zh == told
    clock.now += timedelta(hours=21)
    await issue(timed, cast.operator, nurse)


async def test_a_code_is_never_told_again(timed: Database, world: World, cast: Cast) -> None:
    """A retry under its key is the same request: nothing is issued, and the secret is not replayed."""
    nurse = await candidate(world, cast, verified=CERTIFIED)
    await issue(timed, cast.operator, nurse, "once-and-again")
    before = await nurse.everything()
    again = ActivationIssueCode(nurse.person.account_id, idempotency_key="once-and-again")
    assert await issue_code(timed, cast.operator.session, again) is None
    assert await nurse.everything() == before


@pytest.mark.feature("N10")
async def test_the_fifth_wrong_code_ends_the_code(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    code = await issue(timed, cast.operator, nurse)
    for _ in range(4):
        await refused(nurse, activate(timed, nurse.person.session, WRONG), NotAllowed, "WRONG_CODE")
    with pytest.raises(NotAllowed):
        await activate(timed, nurse.person.session, WRONG)
    (row,) = await nurse.codes()
    assert (row["tries"], row["voided_at"] is not None) == (5, True)
    await refused(nurse, activate(timed, nurse.person.session, code), NotAllowed, "NO_CODE")
    await activate(timed, nurse.person.session, await issue(timed, cast.operator, nurse))
    assert (await nurse.account())["state"] == "ACTIVE"


@pytest.mark.feature("N10")
@pytest.mark.parametrize("text", ["", "ABC", "12345678901", "激活码激活码激活码激"])
async def test_what_cannot_be_a_code_costs_no_try(timed: Database, world: World, cast: Cast, text: str) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    code = await issue(timed, cast.operator, nurse)
    with pytest.raises(Invalid) as refusal:
        await activate(timed, nurse.person.session, text)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("code", "CODE_FORMAT")]
    assert [row["tries"] for row in await nurse.codes()] == [0]
    await activate(timed, nurse.person.session, code)
    assert (await nurse.account())["state"] == "ACTIVE"


@pytest.mark.feature("N9")
@pytest.mark.feature("N10")
async def test_each_wrong_try_says_how_many_are_left(timed: Database, world: World, cast: Cast) -> None:
    uncertified, certified = await candidate(world, cast), await candidate(world, cast, verified=CERTIFIED)
    await issue(timed, cast.operator, certified)
    said: dict[str, list[str]] = {"number": [], "code": []}
    for _ in range(5):
        for name, step in (
            ("number", submit(timed, uncertified, WRONG)),
            ("code", activate(timed, certified.person.session, WRONG)),
        ):
            with pytest.raises(NotAllowed) as refusal:
                await step
            said[name].append(refusal.value.words.zh.partition("；")[2])
    left = [f"还可输入{n}次" for n in (4, 3, 2, 1)]
    spent = "证书编号已输错五次，请联系执业机构或注册机关撤销账号后重新注册"
    assert said == {"number": [*left, spent], "code": [*left, "激活码已失效，请重新申领"]}


async def test_the_fifth_try_may_be_the_right_one(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    code = await issue(timed, cast.operator, nurse)
    for _ in range(4):
        await refused(nurse, activate(timed, nurse.person.session, WRONG), NotAllowed, "WRONG_CODE")
    await activate(timed, nurse.person.session, code)
    assert (await nurse.account())["state"] == "ACTIVE"


async def test_a_code_is_good_for_seven_days(timed: Database, world: World, cast: Cast, clock: Clock) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    code = await issue(timed, cast.operator, nurse)
    clock.now += timedelta(days=7)
    await refused(nurse, activate(timed, nurse.person.session, code), NotAllowed, "NO_CODE")
    clock.now -= timedelta(seconds=1)
    await activate(timed, nurse.person.session, code)


async def test_the_code_of_an_institution_that_she_has_left_is_void(timed: Database, world: World, cast: Cast) -> None:
    nurse, elsewhere = await candidate(world, cast, verified=CERTIFIED), await world.cast()
    code = await issue(timed, cast.operator, nurse)
    moved = "update registration set institution_id = $2, authority_id = $3 where nurse_id = $1"
    await world.owner.execute(moved, nurse.nurse_id, elsewhere.hospital, elsewhere.district)
    await refused(nurse, activate(timed, nurse.person.session, code), NotAllowed, "NO_CODE")
    await activate(timed, nurse.person.session, await issue(timed, elsewhere.operator, nurse))
    assert (await nurse.account())["state"] == "ACTIVE"


async def test_without_a_code_there_is_nothing_to_enter(timed: Database, world: World, cast: Cast) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    await refused(nurse, activate(timed, nurse.person.session, WRONG), NotAllowed, "NO_CODE")


async def test_of_codes_issued_at_once_one_is_good(timed: Database, world: World, cast: Cast) -> None:
    for _ in range(ROUNDS):
        nurse = await candidate(world, cast, verified=CERTIFIED)
        operators = [cast.operator, cast.manager] * (TASKS // 2)
        answers = await at_once(*(issue(timed, by, nurse) for by in operators))
        issued = [answer for answer in answers if isinstance(answer, str)]
        assert [type(answer) for answer in answers if answer not in issued] == [CodesSpent] * (TASKS - 3)
        good = [row for row in await nurse.codes() if row["voided_at"] is None]
        assert (len(issued), len(good), len(await nurse.sent())) == (3, 1, 3)
        entered = await at_once(*(activate(timed, nurse.person.session, code) for code in issued))
        assert entered.count(nurse.person.account_id) == 1


async def test_a_code_that_is_used_twice_at_once_is_used_once(timed: Database, world: World, cast: Cast) -> None:
    for _ in range(ROUNDS):
        nurse = await candidate(world, cast, verified=CERTIFIED)
        code = await issue(timed, cast.operator, nurse)
        answers = await at_once(*(activate(timed, nurse.person.session, code) for _ in range(TASKS)))
        losers = {answer.reason for answer in answers if isinstance(answer, NotAllowed)}
        assert answers.count(nurse.person.account_id) == 1
        assert losers <= {"ACCOUNT_ACTIVE", "NO_CODE"}
        assert [template for template, _ in await nurse.sent()] == ["ACTIVATION_CODE", "ACCOUNT_ACTIVATED"]


async def test_of_many_codes_at_once_five_are_looked_at(timed: Database, world: World, cast: Cast) -> None:
    for _ in range(ROUNDS):
        nurse = await candidate(world, cast, verified=CERTIFIED)
        await issue(timed, cast.operator, nurse)
        answers = await at_once(*(activate(timed, nurse.person.session, WRONG) for _ in range(TASKS)))
        assert {answer.reason for answer in answers} == {"WRONG_CODE", "NO_CODE"}
        (row,) = await nurse.codes()
        assert (row["tries"], row["voided_at"] is not None) == (5, True)


async def test_an_account_that_was_not_activated_in_ninety_days_is_freed(
    timed: Database, world: World, cast: Cast, clock: Clock
) -> None:
    old, fresh, active = [await candidate(world, cast, verified=CERTIFIED) for _ in range(3)]
    for one, age in ((old, 91), (fresh, 89), (active, 91)):
        await change(one, created_at=clock.now - timedelta(days=age))
    await change(active, state="ACTIVE")
    async with timed.begin() as tx:
        await tx.ask_time()
        await tx.run(activations.FREE_ABANDONED, {"before": tx.now - rules.ABANDONED, "most": 1_000})
    states = [(await one.account())["state"] for one in (old, fresh, active)]
    assert states == ["REVOKED", "INACTIVE", "ACTIVE"]
    again = await world.person(Party.NURSE, old.nurse_id, Role.NURSE, state="INACTIVE")
    assert again.account_id != old.person.account_id
