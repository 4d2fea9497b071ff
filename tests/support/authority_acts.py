"""The mutations of the authorization matrix on a nurse's entry in the register: what each needs to be taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from uuid_utils.compat import uuid7

from graph.schema.node import global_id, key_of
from rules.application import State
from rules.moment import SHANGHAI
from rules.people import Party, Role
from rules.proposal import VoidGround
from rules.registration import DeregistrationReason
from tests.support.authority_help import HELP_PROBES
from tests.support.authority_information import INFORMATION_PROBES
from tests.support.authority_looks import LOOK_PROBES
from tests.support.authority_photos import PHOTO_PROBES
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_roster import ROSTER_PROBES
from tests.support.authority_spans import SPAN_PROBES
from tests.support.authority_stage import put
from tests.support.authority_units import UNIT_PROBES
from tests.support.papers import PDF
from tests.support.world import TODAY, Cast, Person
from workflow.proposal import DeregistrationPropose, ProposalConfirm
from workflow.record_merge import RecordMergePropose
from workflow.step import take
from workflow.void import VoidPropose

NURSE: Final = "on a nurse of the hospital"
REPORT: Final = "on a report that the nurse has left the hospital"
DELIVERED: Final = "on a decision of the district that was delivered by mistake"
UNDELIVERED: Final = "on a decision of the district that is not delivered"
DISPUTED: Final = "on a report that she disputes"
OTHERS: Final = "on a deregistration that another decider of the district proposed"
OWN_PROPOSAL: Final = "on a deregistration that the decider herself proposed"
MERGING: Final = "on a merge that another admin of the province proposed"
UNDOING: Final = "on an undoing that another admin of the district proposed"
NUMBER: Final = "卫医罚〔2024〕17号"
_MERGE: Final = {"decisionNumber": NUMBER, "reason": "一人两份档案", "evidence": "居民身份证"}
_DECISION: Final = {"decisionNumber": NUMBER, "months": 6, "fraud": False}


async def _cast(ask: Ask) -> Cast:
    """A further nurse of the hospital; she is "the nurse" of the section."""
    return await ask.stage.nurse("in question", ask.stage.cast.hospital, ask.stage.cast.district)


async def _of(ask: Ask, **given: Any) -> dict[str, Any]:
    cast = await _cast(ask)
    return {"nurseId": global_id("Nurse", cast.nurse_id), "herself": cast.nurse, "key": cast.nurse_id, **given}


def _nurse(**given: Any) -> Probe:
    async def probe(ask: Ask) -> Input:
        return await _of(ask, **given)

    return probe


def _during(kind: str, **given: Any) -> Probe:
    """While a suspension or an interruption of hers runs."""

    async def probe(ask: Ask) -> Input:
        found = await _of(ask, **given)
        days = {"starts_on": TODAY - timedelta(days=30), "institution_id": ask.stage.cast.hospital}
        await ask.stage.world.insert("registration_span", id=uuid7(), nurse_id=found["key"], kind=kind, **days)
        return found

    return probe


async def _departure(ask: Ask) -> Input:
    """She has left by her institution's word, and is nowhere since."""
    found, cast, key = await _of(ask), ask.stage.cast, uuid7()
    row = {"nurse_id": found["key"], "institution_id": cast.hospital, "reported_by": cast.operator.account_id}
    await ask.stage.world.insert("departure", id=key, **row, reason="RESIGNED", left_on=TODAY)
    left = "update registration set institution_id = null where nurse_id = $1"
    await ask.stage.world.owner.execute(left, found["key"])
    return {"id": global_id("Departure", key), "herself": found["herself"], "text": "我没有离职"}


async def _disputed(ask: Ask) -> Input:
    given = await _departure(ask)
    sql = "update departure set dispute = '未离职', disputed_at = now() where id = $1"
    await ask.stage.world.owner.execute(sql, key_of("Departure", given["id"]))
    return given


async def _undelivered(ask: Ask) -> Input:
    """A refusal of hers that nobody has delivered; she consents to electronic delivery."""
    cast, key = await _cast(ask), uuid7()
    application = await put(ask.stage.world, cast, State.REJECTED)
    now = datetime.now(SHANGHAI)
    columns = {"application_id": application, "revision": 1, "stage": "AUTHORITY_DECISION", "outcome": "REFUSED"}
    await ask.stage.world.insert("review_decision", id=key, at=now, **columns)
    places = {"nurse_id": cast.nurse_id, "authority_id": cast.district}
    await ask.stage.world.insert("delivery", id=key, decided_at=now, **places)
    consents = "update nurse set delivery_consent_at = now() where id = $1"
    await ask.stage.world.owner.execute(consents, cast.nurse_id)
    return {"id": global_id("Delivery", key), "how": "COUNTER", "herself": cast.nurse}


async def _delivered(ask: Ask) -> Input:
    given = await _undelivered(ask)
    sql = "update delivery set how = 'COUNTER', at = now(), recorded_by = $2 where id = $1"
    reviewer = ask.stage.cast.reviewer.account_id
    await ask.stage.world.owner.execute(sql, key_of("Delivery", given["id"]), reviewer)
    return {**given, "reason": "登记错误"}


async def _consent(ask: Ask) -> Input:
    return {"consents": True}


async def _weekly(ask: Ask) -> Input:
    return {"wanted": False}


async def _decision(ask: Ask) -> Input:
    cast = await _cast(ask)
    key = await put(ask.stage.world, cast, State.REJECTED)
    given = {"ground": "PROCEDURE", "decisionNumber": NUMBER, "herself": cast.nurse}
    return {"applicationId": global_id("Application", key), **given}


async def _colleague(ask: Ask, role: Role) -> Person:
    return await ask.stage.world.person(Party.AUTHORITY, ask.stage.cast.district, role)


async def _deregistration(ask: Ask, proposer: Person) -> Input:
    found = await _of(ask)
    proposal = DeregistrationPropose(found["key"], DeregistrationReason.INCAPACITY, NUMBER)
    key = await take(ask.stage.services.db, proposer.session, proposal)
    return {"id": global_id("Proposal", key), "herself": found["herself"]}


async def _anothers(ask: Ask) -> Input:
    return await _deregistration(ask, await _colleague(ask, Role.DECIDER))


async def _own(ask: Ask) -> Input:
    return await _deregistration(ask, ask.stage.cast.decider)


async def _undoing(ask: Ask) -> Input:
    cast, admin = await _cast(ask), await _colleague(ask, Role.PROVINCIAL_ADMIN)
    rejected = await put(ask.stage.world, cast, State.REJECTED)
    key = await take(ask.stage.services.db, admin.session, VoidPropose(rejected, VoidGround.PROCEDURE, NUMBER))
    return {"id": global_id("Proposal", key), "herself": cast.nurse}


async def _records(ask: Ask) -> Input:
    """Another record of hers, which was deregistered."""
    found, cast = await _of(ask), ask.stage.cast
    ended = {"status": "DEREGISTERED", "deregistration_reason": "OTHER"}
    other = await ask.stage.world.nurse(None, cast.district, **ended)
    return {**found, **_MERGE, "mergedId": global_id("Nurse", other), "other": other}


async def _merging(ask: Ask) -> Input:
    found = await _records(ask)
    admin = await ask.stage.world.person(Party.AUTHORITY, ask.stage.cast.nation, Role.PROVINCIAL_ADMIN)
    given = (NUMBER, _MERGE["reason"], _MERGE["evidence"])
    wish = RecordMergePropose(found["key"], *given, found["other"])
    key = await take(ask.stage.services.db, admin.session, wish)
    over = "update desk_request set objections_until = $2 where id = $1"
    await ask.stage.world.owner.execute(over, key, TODAY - timedelta(days=1))
    return {**found, "id": global_id("Proposal", key), "proposal": key}


async def _merged(ask: Ask) -> Input:
    found = await _merging(ask)
    second = await ask.stage.world.person(Party.AUTHORITY, ask.stage.cast.nation, Role.PROVINCIAL_ADMIN)
    await take(ask.stage.services.db, second.session, ProposalConfirm(found["proposal"]))
    return found


async def _objecting(ask: Ask) -> Input:
    return {**await _merging(ask), "text": "那不是我的档案"}


async def _day(ask: Ask) -> Input:
    return {"day": (TODAY + timedelta(days=30)).isoformat(), "working": False, "note": "调休"}


_TODAY: Final = TODAY.isoformat()
_COUNTER: Final = {"form": {"deregistration": {"reason": "OTHER", "remarks": "出国定居"}}, "identitySeen": True}
ACT_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    **INFORMATION_PROBES,
    **UNIT_PROBES,
    **ROSTER_PROBES,
    **LOOK_PROBES,
    **PHOTO_PROBES,
    **HELP_PROBES,
    **SPAN_PROBES,
    (NURSE, "applicationFileDeregistration"): _nurse(reason="DEATH", proof="死亡证明2026-118"),
    (NURSE, "departureReport"): _nurse(reason="RESIGNED", leftOn=_TODAY),
    (NURSE, "informationEdit"): _nurse(form={"workHistory": "北京"}),
    (NURSE, "informationEditWithProof"): _nurse(form={"title": "CHIEF_NURSE"}, file=PDF),
    (NURSE, "interruptionStart"): _nurse(startsOn=_TODAY, reason="LEAVE"),
    (NURSE, "interruptionEnd"): _during("INTERRUPTION", endsOn=_TODAY),
    (NURSE, "applicationFileAtCounter"): _nurse(**_COUNTER),
    (NURSE, "registrationSuspend"): _nurse(**_DECISION, reason="执业过错"),
    (NURSE, "registrationLift"): _during("SUSPENSION", **_DECISION),
    (NURSE, "registrationRevoke"): _nurse(**_DECISION, reason="执业过错"),
    (NURSE, "deregistrationPropose"): _nurse(**_DECISION, reason="INCAPACITY"),
    ("on her consent to electronic delivery", "deliveryConsentSet"): _consent,
    ("on one's own weekly summary", "accountSetWeeklySummary"): _weekly,
    (UNDELIVERED, "decisionAcknowledge"): _undelivered,
    (UNDELIVERED, "decisionDeliver"): _undelivered,
    (DELIVERED, "deliveryWithdraw"): _delivered,
    (REPORT, "departureDispute"): _departure,
    (REPORT, "departureWithdraw"): _departure,
    (DISPUTED, "departureWithdraw"): _disputed,
    ("on a decision of the district", "voidPropose"): _decision,
    (OTHERS, "proposalConfirm"): _anothers,
    (OTHERS, "proposalReject"): _anothers,
    (OWN_PROPOSAL, "proposalConfirm"): _own,
    (OWN_PROPOSAL, "proposalReject"): _own,
    (UNDOING, "proposalConfirm"): _undoing,
    (UNDOING, "proposalReject"): _undoing,
    ("on two records in the province", "recordMergePropose"): _records,
    ("on a record that another one was merged into", "recordUnmergePropose"): _merged,
    (MERGING, "proposalConfirm"): _merging,
    (MERGING, "proposalReject"): _merging,
    ("on a merge of her record that is proposed", "recordMergeObject"): _objecting,
    ("on a day of the working calendar", "calendarSetDay"): _day,
}
"""By the section of the table and the mutation."""
