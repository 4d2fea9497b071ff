"""What institutions and authorities do about a nurse's registration, through HTTP, and what she reads of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.schema.node import global_id
from rules.people import Party, Role
from rules.working_days import add_years
from tests.support.live import Live
from tests.support.mutation_by_name import do
from tests.support.world import TODAY, Cast, World

SPANS = "registration { standing mayPractise spans { kind startsOn endsOn decisionNumber reason } }"
DEPARTURE = "departure { id nurseName reason leftOn remarks dispute withdrawnAt nurse { name } institution { name } }"
PROPOSAL = "proposal { id state reason fraud ground decisionNumber note nurse { name } application { state } }"
APPLICATION = "application { id kind state version filedBy objected objection objectionAnswer form { __typename } }"
NUMBER = "卫医罚〔2024〕17号"


def her(cast: Cast) -> str:
    """The nurse's global id."""
    return global_id("Nurse", cast.nurse_id)


async def test_a_suspended_nurse_reads_why_she_may_not_practise(live: Live, cast: Cast) -> None:
    decider = live.as_(cast.decider)
    given = {"nurseId": her(cast), "months": 6, "decisionNumber": NUMBER, "reason": "违反操作规程"}
    done = await do(decider, "registrationSuspend", SPANS, **given)
    (span,) = done["registration"]["spans"]
    assert (done["registration"]["standing"], done["registration"]["mayPractise"]) == ("SUSPENDED", False)
    assert (span["kind"], span["startsOn"], span["decisionNumber"]) == ("SUSPENSION", str(TODAY), NUMBER)
    own = await live.as_(cast.nurse).ask(f"{{ viewer {{ nurse {{ {SPANS} }} }} }}")
    assert own["viewer"]["nurse"] == {"registration": done["registration"]}
    lifted = await do(decider, "registrationLift", SPANS, nurseId=her(cast), decisionNumber="卫医解〔2024〕3号")
    assert lifted["registration"]["spans"][0]["endsOn"] == str(TODAY)
    refused = await do(live.as_(cast.reviewer), "registrationSuspend", SPANS, **given)
    assert (refused["__typename"], refused["code"]) == ("NotAllowedProblem", "NOT_ALLOWED")


async def test_who_was_struck_off_reads_until_when(live: Live, cast: Cast) -> None:
    decider, given = live.as_(cast.decider), {"nurseId": her(cast), "decisionNumber": NUMBER}
    done = await do(decider, "registrationRevoke", "registration { status deregistrationReason barUntil }", **given)
    ended = {"status": "DEREGISTERED", "deregistrationReason": "LICENCE_REVOKED", "barUntil": str(add_years(TODAY, 2))}
    assert done["registration"] == ended
    wrong = "registration { status } } ... on WrongStateProblem { state standing openSteps message"
    again = await do(decider, "registrationRevoke", wrong, **given)
    assert (again["__typename"], again["state"], again["standing"]) == ("WrongStateProblem", None, "DEREGISTERED")
    assert (again["openSteps"], again["message"]) == ([], "当前为“注销”，不能进行此操作")


@pytest.mark.feature("I23")
async def test_an_interruption_is_on_the_nurses_record(live: Live, cast: Cast) -> None:
    operator, began = live.as_(cast.operator), TODAY - timedelta(days=40)
    given = {"nurseId": her(cast), "startsOn": str(began), "reason": "LEAVE"}
    done = await do(operator, "interruptionStart", SPANS, **given)
    expected = {
        "kind": "INTERRUPTION",
        "startsOn": str(began),
        "endsOn": None,
        "decisionNumber": None,
        "reason": None,
    }
    assert done["registration"]["spans"] == [expected]
    listed = (
        "query($yes: Boolean) { interruptions(where: { running: { eq: $yes } }) { nodes { nurse { id } reason } } }"
    )
    row = {"nurse": {"id": her(cast)}, "reason": "LEAVE"}
    assert (await operator.ask(listed, yes=True))["interruptions"]["nodes"] == [row]
    assert (await operator.ask(listed, yes=False))["interruptions"]["nodes"] == []
    ended = await do(operator, "interruptionEnd", SPANS, nurseId=her(cast), endsOn=str(TODAY))
    assert ended["registration"]["spans"] == [expected | {"endsOn": str(TODAY)}]
    refused = await do(operator, "interruptionEnd", SPANS, nurseId=her(cast), endsOn=str(TODAY))
    assert refused["code"] == "NOT_INTERRUPTED"


@pytest.mark.feature("I9")
async def test_a_departure_from_report_to_withdrawal(live: Live, world: World, cast: Cast) -> None:
    operator, nurse = live.as_(cast.operator), live.as_(cast.nurse)
    given = {"nurseId": her(cast), "reason": "RESIGNED", "leftOn": str(TODAY), "remarks": "合同到期"}
    name = await world.owner.fetchval("select name from institution where id = $1", cast.hospital)
    made = (await do(operator, "departureReport", DEPARTURE, **given))["departure"]
    expected = {"nurseName": "王护士", "reason": "RESIGNED", "leftOn": str(TODAY), "remarks": "合同到期"}
    assert made == {
        **expected,
        **{"id": made["id"], "dispute": None, "withdrawnAt": None, "institution": {"name": name}, "nurse": None},
    }
    for client, count in ((operator, 1), (nurse, 1), (live.as_(cast.decider), 1), (live.as_(cast.manager), 1)):
        listed = (await client.ask("{ departures { nodes { id } pageInfo { hasNextPage endCursor } } }"))["departures"]
        end = listed["pageInfo"].pop("endCursor")
        assert listed == {"nodes": [{"id": made["id"]}] * count, "pageInfo": {"hasNextPage": False}}
    far = await world.cast()
    for stranger in (far.operator, far.nurse, far.decider):
        assert (await live.as_(stranger).ask("{ departures { nodes { id } } }"))["departures"] == {"nodes": []}
    after = await nurse.ask("query($after: String) { departures(after: $after) { nodes { id } } }", after=end)
    assert after["departures"]["nodes"] == []
    disputed = await do(nurse, "departureDispute", DEPARTURE, id=made["id"], text="我仍在岗")
    assert (disputed["departure"]["dispute"], disputed["departure"]["nurse"]) == ("我仍在岗", {"name": "王护士"})
    back = await do(operator, "departureWithdraw", DEPARTURE, id=made["id"])
    assert (back["departure"]["withdrawnAt"] is None, back["departure"]["nurse"]) == (False, {"name": "王护士"})


@pytest.mark.feature("A8")
async def test_a_deregistration_by_office_takes_two(live: Live, world: World, cast: Cast) -> None:
    decider = live.as_(cast.decider)
    given = {"nurseId": her(cast), "reason": "ANNULLED", "fraud": True, "decisionNumber": NUMBER}
    made = (await do(decider, "deregistrationPropose", PROPOSAL, **given))["proposal"]
    expected = {"state": "PENDING", "reason": "ANNULLED", "fraud": True, "ground": None, "decisionNumber": NUMBER}
    assert made == {**expected, "id": made["id"], "note": None, "nurse": {"name": "王护士"}, "application": None}
    alone = await do(decider, "proposalConfirm", PROPOSAL, id=made["id"])
    assert alone["code"] == "TWO_PERSONS_REQUIRED"
    second = live.as_(await world.person(Party.AUTHORITY, cast.district, Role.DECIDER))
    waiting = (await second.ask("{ proposals { nodes { id } pageInfo { hasNextPage } } }"))["proposals"]
    assert waiting == {"nodes": [{"id": made["id"]}], "pageInfo": {"hasNextPage": False}}
    herself = await world.person(Party.AUTHORITY, cast.district, Role.DECIDER, self_nurse=cast.nurse_id)
    for other in (cast.reviewer, cast.nurse, cast.manager, herself):
        assert (await live.as_(other).ask("{ proposals { nodes { id } } }"))["proposals"] == {"nodes": []}
    done = await do(second, "proposalConfirm", PROPOSAL, id=made["id"], note="属实")
    assert (done["proposal"]["state"], done["proposal"]["note"]) == ("APPROVED", "属实")
    own = await live.as_(cast.nurse).ask("{ viewer { nurse { registration { status barUntil } } } }")
    assert own["viewer"]["nurse"]["registration"] == {"status": "DEREGISTERED", "barUntil": str(add_years(TODAY, 3))}
    assert (await second.ask("{ proposals { nodes { id } } }"))["proposals"] == {"nodes": []}


async def test_a_decision_that_is_no_decision_is_not_undone(live: Live, world: World, cast: Cast) -> None:
    admin = live.as_(await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN))
    filed = await do(live.as_(cast.operator), "applicationFileDeregistration", APPLICATION, **death(cast))
    given = {"applicationId": filed["application"]["id"], "ground": "ABUSE", "decisionNumber": NUMBER}
    refused = await do(admin, "voidPropose", PROPOSAL, **given)
    assert refused["__typename"] == "WrongStateProblem"


def death(cast: Cast) -> dict[str, Any]:
    """What an institution says of a nurse who has died."""
    return {"nurseId": her(cast), "reason": "DEATH", "proof": "死亡证明2026-118"}


@pytest.mark.feature("I21")
@pytest.mark.feature("I22")
async def test_a_filed_deregistration_is_objected_to_and_answered(live: Live, cast: Cast) -> None:
    operator, nurse, reviewer = live.as_(cast.operator), live.as_(cast.nurse), live.as_(cast.reviewer)
    filed = (await do(operator, "applicationFileDeregistration", APPLICATION, **death(cast)))["application"]
    expected = {"kind": "DEREGISTRATION", "state": "AUTHORITY_INTAKE", "version": 1, "filedBy": "INSTITUTION"}
    quiet = {"objected": False, "objection": None, "objectionAnswer": None}
    assert filed == {**expected, **quiet, "id": filed["id"], "form": {"__typename": "DeregistrationForm"}}
    given = {"id": filed["id"], "expectedVersion": 1, "text": "我健在"}
    objected = (await do(nurse, "applicationObject", APPLICATION, **given))["application"]
    assert (objected["objected"], objected["objection"]) == (True, "我健在")
    reply = {"id": filed["id"], "expectedVersion": 2, "text": "已更正"}
    answered = (await do(reviewer, "applicationAnswerObjection", APPLICATION, **reply))["application"]
    assert (answered["objected"], answered["objectionAnswer"]) == (False, "已更正")
    version = {"id": filed["id"], "expectedVersion": 3}
    withdrawn = await do(operator, "applicationWithdraw", APPLICATION, **version)
    assert withdrawn["application"]["state"] == "WITHDRAWN"


async def test_a_nurse_without_an_account_is_helped_at_the_counter(live: Live, world: World, cast: Cast) -> None:
    nurse_id = await world.nurse(cast.hospital, cast.district)
    form = {"deregistration": {"reason": "OTHER", "remarks": "出国定居"}}
    given = {"nurseId": global_id("Nurse", nurse_id), "form": form, "identitySeen": True}
    filed = (await do(live.as_(cast.reviewer), "applicationFileAtCounter", APPLICATION, **given))["application"]
    assert (filed["state"], filed["filedBy"]) == ("AUTHORITY_INTAKE", "AUTHORITY")
    unseen = await do(
        live.as_(cast.reviewer), "applicationFileAtCounter", APPLICATION, **given | {"identitySeen": False}
    )
    assert unseen["fields"] == [{"path": "identitySeen", "code": "IDENTITY_NOT_SEEN"}]
    refused = await do(live.as_(cast.operator), "applicationFileAtCounter", APPLICATION, **given)
    assert refused["__typename"] == "NotFoundProblem"
