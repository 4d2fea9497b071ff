"""Back on the register (恢复注册) after a 吊销 that was annulled by 复议 or a court."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from graph.context import Services
from rules.application import State
from rules.conduct import Decided, WithdrawalGround
from rules.conflict import Situation
from rules.errors import Conflict, NotFound, WrongState
from rules.people import Party, Role
from rules.registration import DeregistrationReason
from rules.working_days import add_years
from tests.support.authority_stage import put
from tests.support.proposals import decide
from tests.support.registration_acts import NUMBER, ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.suspensions import revoke, suspend
from tests.support.world import TODAY, Cast, Person, World
from workflow.proposal import DeregistrationPropose
from workflow.reinstatement import ReinstatementPropose

SERVED: Final = Decided("京复决〔2024〕8号", TODAY - timedelta(days=2), TODAY - timedelta(days=1), "北京市人民政府")
WHY: Final = f"恢复注册（行政复议决定），北京市人民政府{SERVED.decided_on}作出、{SERVED.served_on}送达的决定，文号：{SERVED.decision_number}"


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def propose(acts: Acts, who: Person | None = None, key: str | None = None, **changes: Any) -> UUID:
    """Propose that she is put back."""
    given = {"annulled": WithdrawalGround.RECONSIDERATION, "decided": SERVED, **changes}
    return await acts.take(ReinstatementPropose, who or acts.cast.decider, key, **given)


async def entered(acts: Acts) -> dict[str, Any]:
    """Her entry, with what the register has had of it from the first: its row of history, and her certificate."""
    row = await acts.row()
    names = ("nurse_id", "status", "certificate_number", "valid_until", "institution_id", "authority_id")
    await acts.world.insert("registration_history", kind="FIRST", **{name: row[name] for name in names})
    number = row["certificate_number"]
    whose = {"nurse_id": row["nurse_id"], "number": number, "serial": f"{number}-{uuid4()}"}
    await acts.world.insert("certificate", **whose, issued_on=TODAY, authority_id=acts.cast.district)
    return row


@pytest.mark.feature("A8")
async def test_an_annulled_revocation_is_as_if_it_had_not_been(acts: Acts, world: World) -> None:
    before = await entered(acts)
    await put(world, acts.cast, State.INSTITUTION_REVIEW)
    await revoke(acts)
    struck = await acts.row()
    key = await propose(acts, key="reinstate-1")
    assert await propose(acts, key="reinstate-1") == key
    assert await acts.row() == struck
    assert reason_of(await acts.refused(decide(acts, key, acts.cast.decider))) == "TWO_PERSONS_REQUIRED"
    second = await acts.officer(Role.DECIDER)
    heard = [len(one) for one in await acts.all_heard()]
    assert await decide(acts, key, second, retry="reinstated-2") == key
    assert await decide(acts, key, second, retry="reinstated-2") == key
    after = await acts.row()
    assert {**after, "version": before["version"]} == {**before, "last_kind": "FIRST"}
    (certificate,) = await acts.rows("certificate")
    assert (certificate["voided_at"], certificate["void_reason"]) == (None, None)
    (record,) = await acts.rows("conduct_record")
    trace = ("WITHDRAWN", "RECONSIDERATION", SERVED.decision_number)
    assert (record["state"], record["withdrawal_ground"], record["withdrawal_number"]) == trace
    *_, ended, back = await acts.rows("registration_history")
    assert (back["kind"], back["reason"], back["account_id"], back["undoes_id"]) == (
        None,
        WHY,
        second.account_id,
        ended["id"],
    )
    now = [one[n:] for one, n in zip(await acts.all_heard(), heard, strict=True)]
    assert now == [["registration.reinstated"]] * 3
    assert (await acts.audited()).count("reinstatementPropose") == 1
    assert getattr(await acts.refused(decide(acts, key, second)), "situation", None) is Situation.PROPOSAL_DECIDED
    # Nothing stands in the way of what she would do now, nor of another revocation.
    await revoke(acts)


@pytest.mark.parametrize(
    ("reason", "fraud"),
    [
        (DeregistrationReason.LICENCE_REVOKED, False),
        (DeregistrationReason.DEATH, False),
        (DeregistrationReason.ANNULLED, True),
    ],
)
async def test_what_two_had_ended_by_office_is_undone_too(
    acts: Acts, reason: DeregistrationReason, fraud: bool
) -> None:
    before = await entered(acts)
    given = {"reason": reason, "decision_number": NUMBER, "fraud": fraud}
    ended = await acts.take(DeregistrationPropose, acts.cast.decider, **given)
    second = await acts.officer(Role.DECIDER)
    await decide(acts, ended, second)
    await decide(acts, await propose(acts, annulled=WithdrawalGround.COURT), second)
    after = await acts.row()
    assert (after["status"], after["bar_until"], after["deregistration_reason"]) == ("VALID", None, None)
    assert (after["institution_id"], after["valid_until"]) == (before["institution_id"], before["valid_until"])


async def test_a_bar_of_a_refusal_stays_and_a_closed_institution_is_none(acts: Acts, world: World) -> None:
    await entered(acts)
    refused = await put(world, acts.cast, State.REJECTED)
    decision = {"application_id": refused, "revision": 1, "stage": "AUTHORITY_DECISION", "outcome": "REFUSED"}
    await world.insert("review_decision", **decision, reasons=["FALSE_MATERIAL"])
    await revoke(acts)
    closed = "update institution set state = 'CLOSED', closed_at = now() where id = $1"
    await world.owner.execute(closed, acts.cast.hospital)
    await decide(acts, await propose(acts), await acts.officer(Role.DECIDER))
    row = await acts.row()
    assert (row["status"], row["institution_id"], row["bar_until"]) == ("VALID", None, add_years(TODAY, 1))
    assert (await acts.heard(acts.cast.hospital))[-1][0] == "registration.reinstated"


async def test_where_her_hospital_was_merged_since_she_is_with_the_other(acts: Acts, world: World) -> None:
    await entered(acts)
    await revoke(acts)
    middle, last = (await world.cast()).hospital, (await world.cast()).hospital
    merged = "update institution set state = 'CLOSED', closed_at = now(), merged_into = $2 where id = $1"
    await world.owner.execute(merged, acts.cast.hospital, middle)
    await world.owner.execute(merged, middle, last)
    await decide(acts, await propose(acts), await acts.officer(Role.DECIDER))
    assert (await acts.row())["institution_id"] == last
    assert [heard[0] for heard in await acts.heard(last)] == ["registration.reinstated"]


async def test_an_authority_above_puts_her_back_and_a_stranger_does_not(acts: Acts, world: World) -> None:
    await entered(acts)
    await revoke(acts)
    far = await world.cast()
    for stranger in (far.decider, acts.cast.manager, acts.cast.nurse):
        assert type(await acts.refused(propose(acts, stranger))) is NotFound
    assert reason_of(await acts.refused(propose(acts, acts.cast.reviewer))) == "NOT_ALLOWED"
    herself = await world.person(Party.AUTHORITY, acts.cast.district, Role.DECIDER, self_nurse=acts.cast.nurse_id)
    assert reason_of(await acts.refused(propose(acts, herself))) == "ABOUT_YOURSELF"
    one, other = [await acts.officer(Role.DECIDER, of=acts.cast.nation) for _ in "12"]
    key = await propose(acts, one)
    assert type(await acts.refused(decide(acts, key, await acts.officer(Role.DECIDER)))) is NotFound
    await decide(acts, key, other)
    assert (await acts.row())["status"] == "VALID"


async def test_only_what_was_ended_by_office_and_nothing_since_is_undone(acts: Acts) -> None:
    assert type(await acts.refused(propose(acts))) is WrongState
    await entered(acts)
    filed = await put(acts.world, acts.cast, State.APPROVED, kind="DEREGISTRATION", form="{}")
    off = {"status": "DEREGISTERED", "nurse_id": acts.cast.nurse_id, "authority_id": acts.cast.district}
    await acts.world.insert("registration_history", **off, kind="DEREGISTRATION", application_id=filed)
    ended = "update registration set status = 'DEREGISTERED', institution_id = null, deregistration_reason = 'OTHER' where nurse_id = $1"
    await acts.world.owner.execute(ended, acts.cast.nurse_id)
    assert reason_of(await acts.refused(propose(acts))) == "ENDED_BY_APPLICATION"


async def test_an_entry_without_a_history_takes_a_new_decision(acts: Acts) -> None:
    await revoke(acts)
    assert reason_of(await acts.refused(propose(acts))) == "NEW_DECISION_NEEDED"


async def test_all_that_is_wrong_with_the_decision_is_said_at_once(acts: Acts) -> None:
    await entered(acts)
    await revoke(acts)
    tomorrow = Decided("", TODAY, TODAY + timedelta(days=1), None)
    refusal = await acts.refused(propose(acts, decided=tomorrow, remarks="字" * 501))
    assert codes_of(refusal) == {"FIELD_REQUIRED", "DATE_IN_FUTURE", "TEXT_TOO_LONG"}
    paths = {problem.path for problem in refusal.problems}  # type: ignore[attr-defined]
    assert paths == {"decided.decisionNumber", "decided.issuer", "decided.servedOn", "remarks"}


async def test_a_suspension_that_runs_still_runs_once_she_is_back(acts: Acts) -> None:
    await entered(acts)
    await suspend(acts)
    await revoke(acts)
    await decide(acts, await propose(acts), await acts.officer(Role.DECIDER))
    event = "select body from event where scope = $1 and type = 'registration.reinstated'"
    assert '"may": false' in await acts.world.owner.fetchval(event, acts.cast.hospital)


async def test_of_officers_who_put_her_back_at_once_one_does(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        await entered(acts)
        await revoke(acts)
        key, one, other = await propose(acts), await acts.officer(Role.DECIDER), await acts.officer(Role.DECIDER)
        answers = await race(
            lambda acts=acts, key=key, who=one: decide(acts, key, who),
            lambda acts=acts, key=key, who=other: decide(acts, key, who),
        )
        assert [type(answer) for answer in answers].count(UUID) == 1
        assert [type(answer) for answer in answers].count(Conflict) == 7
        assert (await acts.all_heard())[0].count("registration.reinstated") == 1
