"""An institution files for the end of a registration (I21, I22); the nurse objects, and is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from graph.context import Services
from rules.application import State, Step
from rules.deregistration import PROVEN
from rules.errors import Conflict, NotFound, RegistryError, WrongState
from rules.form import form_to_json
from rules.forms import DeregistrationForm
from rules.kinds import Kind
from rules.nurse import DeregistrationReason
from tests.support.authority_stage import put
from tests.support.kinds import forms
from tests.support.orders import order_of, take_order
from tests.support.papers import hand_in
from tests.support.registration_acts import ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World, renewal
from workflow.deregistration import ApplicationFileDeregistration

RENEWAL = orjson.dumps(form_to_json(renewal())).decode()
CHANGE = orjson.dumps(form_to_json(forms(TODAY)[Kind.CHANGE])).decode()
OTHER = DeregistrationForm(DeregistrationReason.OTHER, "不再从事护理工作")
DEATH = DeregistrationForm(DeregistrationReason.DEATH, proof="死亡证明2026-118")
INCAPABLE = DeregistrationForm(DeregistrationReason.INCAPACITY, proof="法院宣告2026-7")


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def file(acts: Acts, who: Person | None = None, key: str | None = None, form: DeregistrationForm = DEATH) -> UUID:
    """File for the end of her registration."""
    return await acts.take(ApplicationFileDeregistration, who or acts.cast.operator, key, form=form)


async def states(acts: Acts) -> dict[UUID, str]:
    """How her applications stand."""
    return {row["id"]: row["state"] for row in await acts.rows("application")}


async def blocked(acts: Acts) -> set[UUID]:
    """Those of her applications that wait for the decision on another."""
    return {row["id"] for row in await acts.rows("application") if row["blocked_by_id"]}


async def accept(acts: Acts, key: UUID) -> None:
    """Accept what was filed, its proof handed in and seen."""
    await hand_in(acts.world, key, acts.cast.operator.account_id, "PROOF")
    await take(acts, key, Step.ACCEPT, acts.cast.reviewer, originals_seen=frozenset({"PROOF"}))


async def take(acts: Acts, key: UUID, step: Step, who: Person, **more: Any) -> UUID:
    """Take a step on what was filed."""
    version = (await acts.world.row("application", key))["version"]
    return await take_order(acts.db, order_of(who.session, step, key, version, **more))


@pytest.mark.feature("I21")
async def test_what_an_institution_files_goes_straight_to_the_authority(acts: Acts) -> None:
    key = await file(acts, key="filed-001")
    assert await file(acts, key="filed-001") == key
    row = await acts.world.row("application", key)
    expected = {
        "kind": "DEREGISTRATION",
        "state": "AUTHORITY_INTAKE",
        "version": 1,
        "revision": 1,
        "filed_by": "INSTITUTION",
    }
    of = {"institution_id": acts.cast.hospital, "authority_id": acts.cast.district, "nurse_name": "王护士"}
    assert {name: row[name] for name in (*expected, *of)} == {**expected, **of}
    assert row["forwarded_at"] == row["submitted_at"] == row["queued_at"] is not None
    assert await acts.all_heard() == [["application.submitted"]] * 3
    (revision,) = await acts.world.owner.fetch("select * from application_revision where application_id = $1", key)
    assert (revision["revision"], revision["account_id"]) == (1, acts.cast.operator.account_id)
    assert await acts.audited() == ["applicationFileDeregistration"]
    queued = await acts.world.owner.fetchval("select queue from event where scope = $1", acts.cast.district)
    assert queued == "ADDED"


@pytest.mark.feature("I21")
@pytest.mark.parametrize(
    ("form", "codes"),
    [
        (DeregistrationForm(DeregistrationReason.EXPIRED), {"REASON"}),
        (DeregistrationForm(DeregistrationReason.DEATH), {"FIELD_REQUIRED"}),
        (DeregistrationForm(DeregistrationReason.INCAPACITY), {"FIELD_REQUIRED"}),
        (DeregistrationForm(DeregistrationReason.LICENCE_REVOKED), {"FIELD_REQUIRED"}),
        (DeregistrationForm(DeregistrationReason.OTHER), {"FIELD_REQUIRED"}),
        (DeregistrationForm(DeregistrationReason.ANNULLED), {"REASON_NOT_FOR_INSTITUTION"}),
    ],
)
async def test_a_reason_must_hold_and_be_proven(acts: Acts, form: DeregistrationForm, codes: set[str]) -> None:
    assert codes_of(await acts.refused(file(acts, form=form))) == codes


@pytest.mark.feature("I21")
async def test_an_expired_nurse_is_filed_for_as_expired(acts: Acts) -> None:
    sql = "update registration set valid_until = $2 where nurse_id = $1"
    await acts.world.owner.execute(sql, acts.cast.nurse_id, TODAY - timedelta(days=1))
    assert await file(acts, form=DeregistrationForm(DeregistrationReason.EXPIRED))


async def test_only_her_institution_files_and_only_to_an_authority_that_is_set(acts: Acts, world: World) -> None:
    far = await world.cast()
    unset = "delete from approval_setting where institution_id = $1 and kind = 'DEREGISTRATION'"
    await world.owner.execute(unset, acts.cast.hospital)
    refusal = await acts.refused(file(acts))
    assert reason_of(refusal) == "AUTHORITY_NOT_SET"
    for stranger in (far.operator, acts.cast.nurse, acts.cast.reviewer):
        assert type(await acts.refused(file(acts, stranger))) is NotFound
    assert reason_of(await acts.refused(file(acts, acts.cast.viewer))) == "NOT_ALLOWED"


async def test_nothing_is_filed_beside_what_is_open(acts: Acts, world: World) -> None:
    await put(world, acts.cast, State.INSTITUTION_REVIEW)
    assert type(await acts.refused(file(acts, form=OTHER))) is Conflict


@pytest.mark.feature("I21")
@pytest.mark.parametrize("reason", sorted(PROVEN))
async def test_what_is_open_for_whom_others_found_dead_incapable_or_struck_off_waits_for_the_decision(
    acts: Acts, world: World, reason: DeregistrationReason
) -> None:
    """The change lies at another hospital, so that all who have to do with it hear, also that it goes on."""
    there = await world.cast()
    change = await put(
        world, acts.cast, State.INSTITUTION_REVIEW, kind="CHANGE", form="{}", institution_id=there.hospital
    )
    renewal = await put(world, acts.cast, State.ACCEPTED)
    draft = await put(world, acts.cast, State.DRAFT, kind="REISSUE", form="{}")
    key = await file(acts, form=DeregistrationForm(reason, proof="文号2026-7"))
    open_still = {change: "INSTITUTION_REVIEW", renewal: "ACCEPTED", draft: "DRAFT"}
    assert await states(acts) == {**open_still, key: "AUTHORITY_INTAKE"}
    assert await blocked(acts) == {change, renewal}
    filed = ["application.submitted", "application.blocked"]
    assert await acts.all_heard() == [[*filed, "application.blocked"], filed, filed]
    assert await acts.heard(there.hospital) == [("application.blocked", None)]
    assert sorted(await acts.audited()) == [*["application.block"] * 2, "applicationFileDeregistration"]
    await take(acts, key, Step.WITHDRAW, acts.cast.operator)
    assert await states(acts) == {**open_still, key: "WITHDRAWN"}
    assert await blocked(acts) == set()
    assert await acts.heard(there.hospital) == [("application.blocked", None), ("application.unblocked", None)]


async def test_a_filing_for_death_that_is_refused_ends_nothing(acts: Acts, world: World) -> None:
    await put(world, acts.cast, State.AUTHORITY_INTAKE)
    far = await world.cast()
    assert type(await acts.refused(file(acts, far.operator))) is NotFound
    unproven = DeregistrationForm(DeregistrationReason.DEATH)
    assert codes_of(await acts.refused(file(acts, form=unproven))) == {"FIELD_REQUIRED"}


async def test_of_what_others_found_the_first_filing_stays(acts: Acts) -> None:
    """A filing for another reason waits behind it; a second one of this sort would stand beside what she objected."""
    other = await file(acts, form=OTHER)
    first = await file(acts)
    assert await states(acts) == {other: "AUTHORITY_INTAKE", first: "AUTHORITY_INTAKE"}
    assert await blocked(acts) == {other}
    revoked = DeregistrationForm(DeregistrationReason.LICENCE_REVOKED, proof="处罚2026-7")
    assert type(await acts.refused(file(acts, form=revoked))) is Conflict


async def test_nothing_is_filed_for_whom_the_register_has_not(acts: Acts, world: World) -> None:
    ended = "update registration set status = 'DEREGISTERED', deregistration_reason = 'OTHER' where nurse_id = $1"
    await world.owner.execute(ended, acts.cast.nurse_id)
    assert codes_of(await acts.refused(file(acts))) == {"ON_REGISTER"}


@pytest.mark.feature("I21")
async def test_an_objection_must_be_answered_before_anybody_approves(acts: Acts, world: World) -> None:
    cast = acts.cast
    key = await file(acts)
    await accept(acts, key)
    assert reason_of(await acts.refused(take(acts, key, Step.ANSWER_OBJECTION, cast.reviewer, text="无"))) == (
        "NOTHING_OBJECTED"
    )
    assert codes_of(await acts.refused(take(acts, key, Step.OBJECT, cast.nurse, text=" "))) == {"FIELD_REQUIRED"}
    await take(acts, key, Step.OBJECT, cast.nurse, text="我健在")
    await take(acts, key, Step.RECOMMEND, cast.reviewer)
    assert reason_of(await acts.refused(take(acts, key, Step.APPROVE, cast.decider))) == "OBJECTION_UNANSWERED"
    again = take(acts, key, Step.OBJECT, cast.nurse, text="再说")
    assert reason_of(await acts.refused(again)) == "OBJECTED_ALREADY"
    await take(acts, key, Step.ANSWER_OBJECTION, cast.reviewer, text="已核实，系同名")
    row = await world.row("application", key)
    assert (row["objected"], row["objection"], row["objection_answer"]) == (False, "我健在", "已核实，系同名")
    heard = (await acts.all_heard())[0]
    assert heard[2] == "application.objected"
    assert heard[-1] == "application.objection_answered"
    await take(acts, key, Step.OBJECT, cast.nurse, text="仍不同意")
    assert (await world.row("application", key))["objection"] == "我健在\n仍不同意"


async def test_at_the_counter_a_reviewer_writes_down_what_she_or_her_guardian_says(acts: Acts, world: World) -> None:
    key, cast = await file(acts, form=INCAPABLE), acts.cast
    wrong = {"text": " ", "guardian_name": "王\x07父"}
    assert codes_of(await acts.refused(take(acts, key, Step.OBJECT, cast.reviewer, **wrong))) == {
        *("FIELD_REQUIRED", "IDENTITY_NOT_SEEN", "TEXT_HIDDEN_CHARACTER"),
    }
    hers = take(acts, key, Step.OBJECT, cast.nurse, text="不", guardian_name="王父")
    assert codes_of(await acts.refused(hers)) == {"NO_GUARDIAN"}
    seen = {"text": "她能自理", "identity_seen": True}
    await take(acts, key, Step.OBJECT, cast.reviewer, **seen, guardian_name=" 王父 ")
    row = await world.row("application", key)
    assert (row["objected"], row["objection"]) == (True, "（窗口登记，监护人王父到场）她能自理")
    assert reason_of(await acts.refused(take(acts, key, Step.OBJECT, cast.nurse, text="再说"))) == "OBJECTED_ALREADY"
    await take(acts, key, Step.ANSWER_OBJECTION, cast.reviewer, text="已核实")
    await take(acts, key, Step.OBJECT, cast.reviewer, text="我不同意", identity_seen=True)
    assert (await world.row("application", key))["objection"].endswith("\n（窗口登记，本人到场）我不同意")


async def test_of_whom_nobody_says_that_she_is_incapable_no_guardian_speaks(acts: Acts) -> None:
    key, given = await file(acts, form=OTHER), {"text": "不", "identity_seen": True}
    guardian = take(acts, key, Step.OBJECT, acts.cast.reviewer, **given, guardian_name="王父")
    assert codes_of(await acts.refused(guardian)) == {"NO_GUARDIAN"}


async def test_only_the_nurse_objects_and_the_counter_and_only_to_what_was_filed_for_her(
    acts: Acts, world: World
) -> None:
    key, given = await file(acts), {"text": "不"}
    for who in (acts.cast.operator, acts.cast.decider):
        assert reason_of(await acts.refused(take(acts, key, Step.OBJECT, who, **given))) == "NOT_ALLOWED"
    far = await world.cast()
    assert type(await acts.refused(take(acts, key, Step.OBJECT, far.nurse, **given))) is NotFound


@pytest.mark.feature("I22")
async def test_an_institution_takes_its_own_filing_back_and_no_other(acts: Acts, world: World) -> None:
    key, cast = await file(acts), acts.cast
    assert reason_of(await acts.refused(take(acts, key, Step.WITHDRAW, cast.nurse))) == "NOT_YOUR_FILING"
    await take(acts, key, Step.WITHDRAW, cast.operator)
    assert (await world.row("application", key))["state"] == "WITHDRAWN"
    hers = await put(world, cast, State.AUTHORITY_INTAKE)
    assert reason_of(await acts.refused(take(acts, hers, Step.WITHDRAW, cast.operator))) == "NOT_YOUR_FILING"
    assert type(await acts.refused(take(acts, key, Step.WITHDRAW, cast.operator))) is WrongState


@pytest.mark.feature("I21")
async def test_an_approved_filing_ends_the_registration(acts: Acts) -> None:
    key, cast = await file(acts), acts.cast
    await accept(acts, key)
    await take(acts, key, Step.RECOMMEND, cast.reviewer)
    await take(acts, key, Step.APPROVE, cast.decider)
    row = await acts.row()
    assert (row["status"], row["deregistration_reason"], row["institution_id"]) == ("DEREGISTERED", "DEATH", None)
    assert "registration.deregistered" in (await acts.all_heard())[1]


async def test_of_filings_at_once_one_is_kept(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        answers = await race(lambda acts=acts: file(acts), lambda acts=acts: file(acts, acts.cast.manager))
        (kept,) = [answer for answer in answers if isinstance(answer, UUID)]
        assert [type(answer) for answer in answers if answer != kept] == [Conflict] * 7
        assert [row["id"] for row in await acts.rows("application")] == [kept]
        assert await acts.all_heard() == [["application.submitted"]] * 3


async def test_of_her_death_and_the_approval_of_her_renewal_each_is_whole(services: Services, world: World) -> None:
    """Her change is under way beside it, which an approval moves along: they do not deadlock, and one end is left."""
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        cast, there = acts.cast, await world.cast()
        officer = cast.reviewer.account_id
        renewal = await put(world, cast, State.ACCEPTED, form=RENEWAL, recommender_id=officer)
        to = {"kind": "CHANGE", "form": CHANGE, "institution_id": there.hospital, "recommender_id": officer}
        change = await put(world, cast, State.ACCEPTED, **to)
        renew, move = (order_of(cast.decider.session, Step.APPROVE, one, 1) for one in (renewal, change))
        answers = await race(
            lambda acts=acts: file(acts),
            lambda order=renew: take_order(services.db, order),
            lambda order=move: take_order(services.db, order),
        )
        refusals = [answer for answer in answers if not isinstance(answer, UUID)]
        assert all(isinstance(refusal, RegistryError) for refusal in refusals), refusals
        ended = await states(acts)
        filed = {*ended} - {renewal, change}
        entered = [row["application_id"] for row in await acts.rows("registration_history")]
        assert {*entered} == {one for one in (renewal, change) if ended[one] == "APPROVED"}
        if filed:
            assert {ended[renewal], ended[change]} <= {"APPROVED", "ACCEPTED"}
            assert await blocked(acts) == {one for one in (renewal, change) if ended[one] == "ACCEPTED"}
            assert len(filed) == 1
        else:
            # Her move came first: it is no hospital of hers any more that would file.
            assert ended[change] == "APPROVED"


async def test_of_an_objection_and_an_approval_at_once_one_is_first(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        key, cast = await file(acts), acts.cast
        await accept(acts, key)
        await take(acts, key, Step.RECOMMEND, cast.reviewer)
        version = (await world.row("application", key))["version"]
        approve = order_of(cast.decider.session, Step.APPROVE, key, version)
        objection = order_of(cast.nurse.session, Step.OBJECT, key, version, text="不同意")
        answers = await race(
            lambda order=approve: take_order(services.db, order),
            lambda order=objection: take_order(services.db, order),
        )
        assert [type(answer) for answer in answers].count(UUID) == 1
        assert [type(answer) for answer in answers].count(Conflict) == 7
        row = await world.row("application", key)
        assert (row["state"], row["objected"]) in {("APPROVED", False), ("ACCEPTED", True)}
        assert len(await acts.rows("registration_history")) == (row["state"] == "APPROVED")
