"""A filing for her death, incapacity or revocation blocks what she has open: nothing else changes until it is decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from db.store.engine import Database
from rules.application import State, Step
from rules.errors import NotAllowed
from rules.form import form_to_json
from rules.forms import DeregistrationForm
from rules.marks import MaterialMark
from rules.nurse import DeregistrationReason
from rules.reasons import Reason
from tests.support.authority_stage import put
from tests.support.orders import order_of, take_order
from tests.support.papers import hand_in
from tests.support.registration_acts import Acts
from tests.support.story import NOW, Clock, codes_of, reason_of
from tests.support.world import Person, World, renewal
from workflow.counter import ApplicationFileAtCounter
from workflow.deregistration import ApplicationFileDeregistration
from workflow.scheduler import run

TODAY = NOW.date()
RENEWAL = orjson.dumps(form_to_json(renewal(health_examined_on=TODAY))).decode()
DEATH = DeregistrationForm(DeregistrationReason.DEATH, proof="死亡证明2026-118")
EARLY = NOW - timedelta(days=40)


@pytest.fixture
async def acts(timed: Database, world: World, clock: Clock) -> Acts:
    """A nurse whose registration has ten days left; nobody asks for a second person."""
    acts = Acts(timed, world, await world.cast())
    await world.owner.execute("update authority set two_persons = false where id = $1", acts.cast.district)
    await valid_for(acts, 10)
    return acts


async def valid_for(acts: Acts, days: int) -> None:
    """Her registration has so many days left."""
    until = TODAY + timedelta(days=days)
    await acts.world.owner.execute(
        "update registration set valid_until = $2 where nurse_id = $1", acts.cast.nurse_id, until
    )


async def her_renewal(acts: Acts, state: State = State.ACCEPTED, **more: Any) -> UUID:
    """Her renewal, filed in time."""
    early = {"submitted_at": EARLY, "queued_at": EARLY, "moved_at": EARLY, **({"forwarded_at": EARLY})}
    officer = {"recommender_id": acts.cast.reviewer.account_id}
    return await put(acts.world, acts.cast, state, **{"form": RENEWAL, **early, **officer, **more})


async def file(acts: Acts) -> UUID:
    """Her hospital files that she has died."""
    return await acts.take(ApplicationFileDeregistration, acts.cast.operator, None, form=DEATH)


async def take(acts: Acts, key: UUID, step: Step, who: Person, **more: Any) -> UUID:
    """A step on an application as it stands."""
    version = (await acts.world.row("application", key))["version"]
    return await take_order(acts.db, order_of(who.session, step, key, version, **more))


async def stands(acts: Acts, key: UUID) -> tuple[str, UUID | None]:
    """The state of an application, and what blocks it."""
    row = await acts.world.row("application", key)
    return row["state"], row["blocked_by_id"]


async def proven(acts: Acts, key: UUID) -> None:
    """The proof is handed in and its original seen: the filing is accepted."""
    await hand_in(acts.world, key, acts.cast.operator.account_id, "PROOF")
    await take(acts, key, Step.ACCEPT, acts.cast.reviewer, originals_seen=frozenset({"PROOF"}))


@pytest.mark.feature("I21")
@pytest.mark.parametrize("state", [State.INSTITUTION_REVIEW, State.RETURNED, State.AUTHORITY_INTAKE, State.ACCEPTED])
async def test_what_is_open_for_a_nurse_filed_for_as_dead_is_blocked_and_stays_where_it_is(
    acts: Acts, state: State
) -> None:
    key = await her_renewal(acts, state)
    draft = await put(acts.world, acts.cast, State.DRAFT, kind="REISSUE", form="{}")
    before = await acts.world.row("application", key)
    death = await file(acts)
    assert await stands(acts, key) == (state, death)
    after = await acts.world.row("application", key)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"blocked_by_id", "version", "row_version", "moved_by"}
    assert await stands(acts, draft) == ("DRAFT", None)
    types = ["application.submitted", "application.blocked"]
    reached = state in (State.AUTHORITY_INTAKE, State.ACCEPTED)
    assert await acts.all_heard() == [types, types, types if reached else types[:1]]
    assert sorted(await acts.audited()) == ["application.block", "applicationFileDeregistration"]


async def test_what_is_filed_at_the_counter_for_her_death_blocks_too(acts: Acts) -> None:
    key = await her_renewal(acts)
    given = {"form": DEATH, "identity_seen": True}
    death = await acts.take(ApplicationFileAtCounter, acts.cast.reviewer, None, **given)
    assert await stands(acts, key) == ("ACCEPTED", death)


async def test_a_blocked_renewal_is_not_approved_and_the_refusal_names_what_blocks_it(acts: Acts) -> None:
    key = await her_renewal(acts)
    death = await file(acts)
    refusal = await acts.refused(take(acts, key, Step.APPROVE, acts.cast.decider))
    assert isinstance(refusal, NotAllowed)
    assert (refusal.reason, refusal.application_id) == ("BLOCKED_BY_DEREGISTRATION", death)


async def test_a_blocked_renewal_goes_on_in_every_other_way(acts: Acts) -> None:
    key = await her_renewal(acts, State.AUTHORITY_INTAKE)
    death = await file(acts)
    await take(acts, key, Step.ACCEPT, acts.cast.reviewer)
    await take(acts, key, Step.RECOMMEND, acts.cast.reviewer, agrees=True)
    assert await stands(acts, key) == ("ACCEPTED", death)
    await take(acts, key, Step.REJECT, acts.cast.decider, reasons=(Reason.NOT_VERIFIABLE,))
    assert await stands(acts, key) == ("REJECTED", None)


async def test_a_blocked_renewal_is_not_deemed_while_it_is_blocked(acts: Acts, clock: Clock) -> None:
    key = await her_renewal(acts)
    death = await file(acts)
    await valid_for(acts, -1)
    done = await run(acts.db)
    assert (done["FAILED"], await stands(acts, key)) == (0, ("ACCEPTED", death))


@pytest.mark.parametrize("end", ["withdrawn", "not accepted", "rejected", "lapsed"])
async def test_a_renewal_whose_expiry_passed_while_it_was_blocked_is_deemed_as_of_that_day(
    acts: Acts, clock: Clock, end: str
) -> None:
    """Whatever ends the filing but its approval frees what it blocked."""
    cast, key = acts.cast, await her_renewal(acts)
    death = await file(acts)
    await valid_for(acts, -1)
    match end:
        case "withdrawn":
            await take(acts, death, Step.WITHDRAW, cast.operator)
        case "not accepted":
            reasons = (Reason.OUT_OF_COMPETENCE,)
            await take(acts, death, Step.REFUSE_INTAKE, cast.reviewer, reasons=reasons)
        case "rejected":
            await proven(acts, death)
            await take(acts, death, Step.REJECT, cast.decider, reasons=(Reason.NOT_VERIFIABLE,))
        case "lapsed":
            marked = {"reasons": (), "marked_materials": (MaterialMark("PROOF", Reason.MATERIAL_MISSING),)}
            await take(acts, death, Step.REQUIRE_CORRECTION, cast.reviewer, **marked)
            clock.now = NOW + timedelta(days=32)
            await run(acts.db)
    if end != "lapsed":
        assert await stands(acts, key) == ("ACCEPTED", None)
        assert (await acts.heard(cast.nurse_id))[-1] == ("application.unblocked", None)
    await run(acts.db)
    assert await stands(acts, key) == ("APPROVED", None)
    until = TODAY - timedelta(days=1)
    assert (await acts.row())["valid_until"] == until.replace(year=until.year + 5)
    assert (await acts.world.row("application", key))["deemed"]


async def test_the_approval_of_the_filing_voids_what_it_blocked(acts: Acts) -> None:
    key = await her_renewal(acts)
    death = await file(acts)
    await proven(acts, death)
    await take(acts, death, Step.APPROVE, acts.cast.decider)
    assert await stands(acts, key) == ("VOIDED", None)
    assert (await acts.row())["status"] == "DEREGISTERED"


async def test_nothing_new_is_begun_beside_the_filing(acts: Acts) -> None:
    """Neither by her nor by another filing that would block as well."""
    await her_renewal(acts)
    death = await file(acts)
    revoked = DeregistrationForm(DeregistrationReason.LICENCE_REVOKED, proof="处罚2026-7")
    again = acts.take(ApplicationFileDeregistration, acts.cast.operator, None, form=revoked)
    assert type(await acts.refused(again)).__name__ == "Conflict"
    assert (await stands(acts, death))[0] == "AUTHORITY_INTAKE"


@pytest.mark.feature("N18")
async def test_death_is_not_accepted_before_its_proof_is_there_and_its_original_seen(acts: Acts) -> None:
    death, cast = await file(acts), acts.cast
    unproven = await acts.refused(take(acts, death, Step.ACCEPT, cast.reviewer, originals_seen=frozenset({"PROOF"})))
    assert codes_of(unproven) == {"MATERIAL_MISSING"}
    await hand_in(acts.world, death, cast.operator.account_id, "PROOF")
    assert codes_of(await acts.refused(take(acts, death, Step.ACCEPT, cast.reviewer))) == {"ORIGINALS_NOT_SEEN"}
    await take(acts, death, Step.ACCEPT, cast.reviewer, originals_seen=frozenset({"PROOF"}))


async def test_death_accepted_by_silence_is_not_approved_before_its_proof_is_seen(acts: Acts, clock: Clock) -> None:
    death, cast = await file(acts), acts.cast
    clock.now = NOW + timedelta(days=20)
    assert (await run(acts.db))["ACCEPT"] >= 1
    assert (await stands(acts, death))[0] == "ACCEPTED"
    found = codes_of(await acts.refused(take(acts, death, Step.APPROVE, cast.decider)))
    assert found == {"MATERIAL_MISSING"}


async def test_who_is_filed_for_as_dead_objects_by_one_step_also_while_papers_are_asked_for(acts: Acts) -> None:
    death, cast = await file(acts), acts.cast
    marked = {"reasons": (), "marked_materials": (MaterialMark("PROOF", Reason.MATERIAL_MISSING),)}
    await take(acts, death, Step.REQUIRE_CORRECTION, cast.reviewer, **marked)
    await take(acts, death, Step.OBJECT, cast.nurse, text="我健在")
    assert (await acts.world.row("application", death))["objected"]


async def test_who_objected_cannot_be_approved_as_dead(acts: Acts) -> None:
    death, cast = await file(acts), acts.cast
    await proven(acts, death)
    await take(acts, death, Step.OBJECT, cast.nurse, text="我健在")
    assert reason_of(await acts.refused(take(acts, death, Step.APPROVE, cast.decider))) == "OBJECTION_UNANSWERED"
