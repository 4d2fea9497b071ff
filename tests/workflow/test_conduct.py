"""Good and bad records (良好记录、不良记录, 条例 11): who writes them, and what she can do."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from rules.conduct import ConductKind, Decided, WithdrawalGround
from rules.errors import NotFound, WrongState
from tests.support.registration_acts import NUMBER, ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World
from workflow.conduct import ConductConfirm, ConductDecline, ConductEnter, ConductPropose
from workflow.conduct_answer import ConductAskCorrection, ConductCorrect, ConductMakeStatement, ConductWithdraw
from workflow.step import Command, take
from workflow.suspension import RegistrationLift, RegistrationRevoke, RegistrationSuspend

SERVED: Final = Decided("卫医罚〔2026〕18号", TODAY - timedelta(days=9), TODAY - timedelta(days=2), "示范区卫生健康委")
NOTHING: Final = Decided()
BAD, GOOD = ConductKind.BAD, ConductKind.GOOD


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


def by(acts: Acts, who: Person, command: Command) -> Awaitable[UUID]:
    """Somebody takes a step."""
    return take(acts.db, who.session, command)


async def propose(acts: Acts, kind: ConductKind = GOOD, who: Person | None = None) -> UUID:
    """Her institution proposes a record."""
    return await acts.take(ConductPropose, who or acts.cast.operator, kind=kind, text="省级优秀护士")


async def enter(acts: Acts, who: Person | None = None, decided: Decided = SERVED, kind: ConductKind = BAD) -> UUID:
    """Her authority writes a record."""
    given = {"kind": kind, "text": "违反护士条例第三十一条", "decided": decided}
    return await acts.take(ConductEnter, who or acts.cast.decider, **given)


async def only(acts: Acts) -> dict[str, Any]:
    """Her one record."""
    (found,) = await acts.rows("conduct_record")
    return found


async def test_a_good_record_is_proposed_by_her_institution_and_confirmed_by_her_authority(acts: Acts) -> None:
    key = await propose(acts)
    assert (await only(acts))["state"] == "PROPOSED"
    for stranger in (acts.cast.operator, acts.cast.nurse):
        assert type(await acts.refused(by(acts, stranger, ConductConfirm(key, NOTHING)))) is NotFound
    assert reason_of(await acts.refused(by(acts, acts.cast.reviewer, ConductConfirm(key, NOTHING)))) == "NOT_ALLOWED"
    await by(acts, acts.cast.decider, ConductConfirm(key, NOTHING))
    found = await only(acts)
    assert (found["state"], found["recorded_at"] is None, found["row_version"]) == ("RECORDED", False, 2)
    assert await acts.all_heard() == [["conduct.proposed", "conduct.changed"]] * 3
    assert await acts.audited() == ["conductPropose", "conductConfirm"]
    assert type(await acts.refused(by(acts, acts.cast.decider, ConductConfirm(key, NOTHING)))) is WrongState


async def test_the_same_record_waits_once_and_stands_once(acts: Acts) -> None:
    """A double click left two equal proposals with the authority."""
    key = await propose(acts)
    assert reason_of(await acts.refused(propose(acts))) == "PROPOSED_ALREADY"
    other = await propose(acts, BAD)
    await by(acts, acts.cast.decider, ConductConfirm(key, NOTHING))
    again = await propose(acts)
    assert len({key, other, again}) == 3
    await enter(acts)
    assert reason_of(await acts.refused(enter(acts))) == "RECORDED_ALREADY"
    await enter(acts, decided=Decided("卫医罚〔2026〕19号", SERVED.decided_on, SERVED.served_on, SERVED.issuer))


async def test_a_bad_record_is_only_reported_by_her_institution_and_needs_a_served_decision(acts: Acts) -> None:
    key = await propose(acts, BAD)
    decider = acts.cast.decider
    missing = await acts.refused(by(acts, decider, ConductConfirm(key, NOTHING)))
    assert {one.path for one in missing.problems} == {  # type: ignore[attr-defined]
        *("decided.decisionNumber", "decided.decidedOn", "decided.servedOn", "decided.issuer")
    }
    early = Decided(NUMBER, TODAY, TODAY - timedelta(days=1), "示范区卫生健康委")
    assert codes_of(await acts.refused(by(acts, decider, ConductConfirm(key, early)))) == {"SERVED_BEFORE"}
    late = Decided(NUMBER, TODAY, TODAY + timedelta(days=1), "示范区卫生健康委")
    assert codes_of(await acts.refused(by(acts, decider, ConductConfirm(key, late)))) == {"DATE_IN_FUTURE"}
    await by(acts, decider, ConductConfirm(key, SERVED))
    found = await only(acts)
    assert (found["decision_number"], found["issuer"]) == (SERVED.decision_number, SERVED.issuer)


async def test_what_is_not_taken_up_is_no_record_and_says_why(acts: Acts) -> None:
    key = await propose(acts, BAD)
    await by(acts, acts.cast.decider, ConductDecline(key, "没有送达的处罚决定"))
    found = await only(acts)
    assert (found["state"], found["declined_why"], found["recorded_at"]) == ("DECLINED", "没有送达的处罚决定", None)
    for wish in (ConductDecline(key, "再次"), ConductConfirm(key, SERVED), ConductWithdraw(key, _MISTAKE, NUMBER)):
        assert type(await acts.refused(by(acts, acts.cast.decider, wish))) is WrongState


async def test_only_her_own_institution_and_the_deciders_of_her_authority_write(acts: Acts, world: World) -> None:
    far = await world.cast()
    for stranger in (far.operator, acts.cast.nurse, acts.cast.decider):
        assert type(await acts.refused(propose(acts, who=stranger))) is NotFound
    for stranger in (far.decider, acts.cast.nurse, acts.cast.operator):
        assert type(await acts.refused(enter(acts, stranger))) is NotFound
    assert reason_of(await acts.refused(propose(acts, who=acts.cast.viewer))) == "NOT_ALLOWED"
    assert reason_of(await acts.refused(enter(acts, acts.cast.reviewer))) == "NOT_ALLOWED"


async def test_she_states_once_and_her_request_is_answered_once(acts: Acts, world: World) -> None:
    key, far = await enter(acts), await world.cast()
    nurse, decider = acts.cast.nurse, acts.cast.decider
    for wish in (ConductMakeStatement(key, "非本人过错"), ConductAskCorrection(key, "日期有误")):
        for stranger in (far.nurse, acts.cast.operator, decider):
            assert type(await acts.refused(by(acts, stranger, wish))) is NotFound
        await by(acts, nurse, wish)
    assert reason_of(await acts.refused(by(acts, nurse, ConductMakeStatement(key, "再说")))) == "STATED_ALREADY"
    assert reason_of(await acts.refused(by(acts, nurse, ConductAskCorrection(key, "再说")))) == "CORRECTION_WAITS"
    right = ConductCorrect(key, "违反护士条例第三十二条", SERVED, "日期已更正")
    assert type(await acts.refused(by(acts, far.decider, right))) is NotFound
    await by(acts, decider, right)
    found = await only(acts)
    assert (found["text"], found["answer"], found["statement"]) == (right.text, "日期已更正", "非本人过错")
    assert reason_of(await acts.refused(by(acts, decider, right))) == "NO_CORRECTION_ASKED"
    await by(acts, nurse, ConductAskCorrection(key, "仍有误"))
    assert (await only(acts))["answered_at"] is None
    answered = ["conduct.changed", "conduct.answered", "conduct.answered", "conduct.changed", "conduct.answered"]
    assert await acts.all_heard() == [answered] * 3


async def test_a_record_whose_decision_was_annulled_is_withdrawn_with_a_trace(acts: Acts) -> None:
    key = await enter(acts)
    await by(acts, acts.cast.decider, ConductWithdraw(key, WithdrawalGround.COURT, "（2026）行终12号"))
    found = await only(acts)
    assert (found["state"], found["withdrawal_ground"]) == ("WITHDRAWN", "COURT")
    assert (found["withdrawal_number"], found["text"]) == ("（2026）行终12号", "违反护士条例第三十一条")
    assert type(await acts.refused(by(acts, acts.cast.nurse, ConductMakeStatement(key, "晚了")))) is WrongState


@pytest.mark.feature("A4")
async def test_a_suspension_writes_its_record_which_goes_when_the_decision_is_undone(acts: Acts) -> None:
    key = await acts.take(RegistrationSuspend, acts.cast.decider, months=6, decision_number=NUMBER)
    found = await only(acts)
    assert (found["id"], found["kind"], found["state"], found["source"]) == (key, "BAD", "RECORDED", "SUSPENSION")
    assert (found["decision_number"], found["decided_on"]) == (NUMBER, TODAY)
    assert found["issuer"] == (await acts.world.row("authority", acts.cast.district, "id"))["name"]
    how = {"decision_number": "行复〔2026〕3号", "annulled": WithdrawalGround.RECONSIDERATION}
    await acts.take(RegistrationLift, acts.cast.decider, **how)
    found = await only(acts)
    assert (found["state"], found["withdrawal_number"]) == ("WITHDRAWN", "行复〔2026〕3号")


async def test_a_suspension_that_is_only_lifted_stays_on_record(acts: Acts) -> None:
    await acts.take(RegistrationSuspend, acts.cast.decider, months=6, decision_number=NUMBER)
    await acts.take(RegistrationLift, acts.cast.decider, decision_number=NUMBER)
    assert (await only(acts))["state"] == "RECORDED"


async def test_a_revocation_writes_its_record(acts: Acts) -> None:
    await acts.take(RegistrationRevoke, acts.cast.decider, decision_number=NUMBER)
    found = await only(acts)
    assert (found["kind"], found["source"], found["decision_number"]) == ("BAD", "REVOCATION", NUMBER)


async def test_of_two_who_decide_at_once_one_does(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        key = await propose(acts)
        answers = await race(
            lambda acts=acts, key=key: by(acts, acts.cast.decider, ConductConfirm(key, NOTHING)),
            lambda acts=acts, key=key: by(acts, acts.cast.decider, ConductDecline(key, "不予采纳")),
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["UUID"] + [WrongState.__name__] * 7


async def test_no_record_is_found_by_a_strange_id(acts: Acts) -> None:
    for wish in (ConductMakeStatement(uuid7(), "不是"), ConductDecline(uuid7(), "不是")):
        assert type(await acts.refused(by(acts, acts.cast.decider, wish))) is NotFound


_MISTAKE: Final = WithdrawalGround.MISTAKE
